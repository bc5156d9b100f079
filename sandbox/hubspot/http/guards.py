"""What surrounds every request: URL length, faults, session, limits, error bodies, headers and the call counter."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Awaitable
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.wires import reset

from ..errors import HubSpotError, rate_limited
from ..faults import PortalFault
from .wire import FAULT, SESSION, VERSIONS, portal_of, refuse, version_of

PREFIX, FILES = "/__sandbox__", "/__journal__"
_FREE = (PREFIX, FILES, "/oauth/")
_ID = re.compile(r"/(\d+|[0-9a-f]{8}-[0-9a-f-]{27})(?=/|$)")


def middlewares(verbose: bool) -> list[Middleware]:
    return [_log(verbose), _words, _count, _url_length, _faults, _session]


def _log(verbose: bool) -> Middleware:
    @web.middleware
    async def log(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        response = await handler(request)
        if verbose:
            spent = (time.perf_counter() - started) * 1000
            print(f"{request.method} {request.path_qs} {response.status} {spent:.1f}ms", file=sys.stderr, flush=True)
        return response

    return log


@web.middleware
async def _words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal becomes the platform's error body; answers carry the limits, except searches."""
    try:
        response = await handler(request)
    except HubSpotError as refused:
        response = refuse(request, refused)
        if refused.status == 429 and is_journal(request):
            response.headers["Retry-After"] = "1"
    except web.HTTPMethodNotAllowed:
        response = refuse(request, HubSpotError(405, "HTTP 405 Method Not Allowed", None))
    except web.HTTPNotFound:
        response = refuse(request, HubSpotError(404, "resource not found", None))
    session = request.get(SESSION)
    if session is not None and not is_search(request) and not is_journal(request):
        response.headers.update(portal_of(request).limits.headers(session.kind))
    return response


@web.middleware
async def _count(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not request.path.startswith((PREFIX, FILES)):
        portal_of(request).calls[f"{request.method} {_ID.sub('/{id}', request.path)}"] += 1
    return await handler(request)


@web.middleware
async def _url_length(request: web.Request, handler: Handler) -> web.StreamResponse:
    if len(request.raw_path) > portal_of(request).settings.max_url:
        return web.Response(
            status=414, text="<html><head><title>414 Request-URI Too Large</title></head></html>",
            content_type="text/html",
        )  # fmt: skip
    return await handler(request)


@web.middleware
async def _faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith(PREFIX):
        return await handler(request)
    portal = portal_of(request)
    rule = cast("PortalFault | None", portal.faults.for_request(request.method, request.path))
    if rule is None:
        return await handler(request)
    request[FAULT] = rule
    if rule.kind == "expired_token":
        portal.auth.expire(request.headers.get("Authorization"))
    if rule.kind in ("too_many_requests", "daily_limit", "unavailable"):
        return _overloaded(request, rule)
    if rule.kind == "reset_before":
        return reset(request)
    return await _after(rule, request, handler(request))


async def _after(rule: PortalFault, request: web.Request, running: Awaitable[web.StreamResponse]) -> web.StreamResponse:
    """The faults that come after the write has been applied."""
    response = await running
    if rule.kind == "slow":
        await asyncio.sleep(rule.seconds)
    if rule.kind == "timeout_after":
        return refuse(request, HubSpotError(504, "The request timed out", None))
    return reset(request) if rule.kind == "reset_after" else response


@web.middleware
async def _session(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Session first, then the limits; the token endpoint, the files and the sandbox door need neither."""
    if request.path.startswith(_FREE):
        return await handler(request)
    version = version_of(request)
    if version is not None and version not in VERSIONS:
        raise HubSpotError(404, "resource not found", None)
    portal = portal_of(request)
    request[SESSION] = session = portal.auth.check(request.headers.get("Authorization"))
    if is_journal(request):
        portal.limits.spend_journal()
    elif is_search(request):
        portal.limits.spend_search(session.kind)
    else:
        portal.limits.spend(session.kind)
    return await handler(request)


def is_search(request: web.Request) -> bool:
    return request.path.endswith("/search")


def is_journal(request: web.Request) -> bool:
    return request.path.startswith("/webhooks-journal/")


def _overloaded(request: web.Request, rule: PortalFault) -> web.Response:
    if rule.kind == "unavailable":
        response = refuse(request, HubSpotError(503, "Service Unavailable", None))
    else:
        response = refuse(request, rate_limited("DAILY" if rule.kind == "daily_limit" else "TEN_SECONDLY_ROLLING"))
    if rule.retry_after is not None:
        response.headers["Retry-After"] = str(rule.retry_after)
    return response
