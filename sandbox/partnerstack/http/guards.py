"""What surrounds every request: faults, keys, the limit of a minute, error bodies and the call counter."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.wires import reset

from ..errors import PartnerStackError
from ..faults import StackFault
from .wire import account_of, refuse

PREFIX = "/__sandbox__"
_KEY = re.compile(r"(?<=/)(part|deal|lead|cus|tran|rew)_[0-9a-f]+(?=/|$)")


def middlewares() -> list[Middleware]:
    return [_words, _count, _faults, _keys]


@web.middleware
async def _words(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except PartnerStackError as refused:
        return refuse(refused)
    except web.HTTPMethodNotAllowed:
        return refuse(PartnerStackError(405, "Method Not Allowed"))
    except web.HTTPNotFound:
        return refuse(PartnerStackError(404, "Not Found"))


@web.middleware
async def _count(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not request.path.startswith(PREFIX):
        account_of(request).calls[f"{request.method} {_KEY.sub('{key}', request.path)}"] += 1
    return await handler(request)


@web.middleware
async def _faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    rule = None
    if not request.path.startswith(PREFIX):
        rule = cast("StackFault | None", account_of(request).faults.for_request(request.method, request.path))
    if rule is None:
        return await handler(request)
    if rule.kind in ("too_many_requests", "unavailable", "status"):
        response = refuse(PartnerStackError(_status(rule), rule.message or "The request was not served"))
        if rule.retry_after is not None:
            response.headers["Retry-After"] = str(rule.retry_after)
        return response
    if rule.kind == "no_json":
        return web.Response(text="<html>maintenance</html>", content_type="text/html")
    if rule.kind == "reset_before":
        return reset(request)
    done = await handler(request)
    if rule.kind == "slow":
        await asyncio.sleep(rule.seconds)
    if rule.kind == "timeout_after":
        return refuse(PartnerStackError(504, "The request timed out"))
    return reset(request) if rule.kind == "reset_after" else done


@web.middleware
async def _keys(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith(PREFIX):
        return await handler(request)
    account = account_of(request)
    if _basic(request.headers.get("Authorization", "")) != (account.settings.public_key, account.settings.secret_key):
        raise PartnerStackError(401, "Unauthorized")
    account.spend()
    return await handler(request)


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, told = header.partition(" ")
    try:
        name, _, word = base64.b64decode(told, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, word) if scheme == "Basic" else None


def _status(rule: StackFault) -> int:
    return {"too_many_requests": 429, "unavailable": 503}.get(rule.kind, rule.status or 500)
