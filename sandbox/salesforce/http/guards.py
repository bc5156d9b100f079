"""What surrounds every request: size limits, faults, session, allowance, error bodies and the limit header."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.wires import reset

from ..errors import SalesforceError, no_such_resource
from ..faults import FaultRule
from .saving import STOP_AFTER
from .wire import USER, org_of, refuse

# "The maximum length for the combined URI and headers is 16,384 bytes. A request exceeding this limit returns a 431
# error. If the URI itself exceeds this limit, the request returns a 414" (help.salesforce.com, article 000386264).
MAX_REQUEST_HEAD = 16384
DATA, TOKENS = "/services/data/", "/services/"
MIN_VERSION, MAX_VERSION = 46, 67
_STATUSES = {"too_many_requests": 429, "unavailable": 503}


def middlewares(verbose: bool) -> list[Middleware]:
    return [_log(verbose), _words, _head_size, _faults, _session]


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
    """Every refusal becomes the platform's list of errors; every REST answer carries the usage."""
    try:
        response = await handler(request)
    except SalesforceError as refused:
        response = refuse(refused)
    except web.HTTPMethodNotAllowed as wrong:
        allowed = ",".join(sorted(wrong.allowed_methods))
        message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
        response = refuse(SalesforceError("METHOD_NOT_ALLOWED", message, status=405))
    except web.HTTPNotFound:
        response = refuse(no_such_resource())
    if request.path.startswith(DATA):
        response.headers["Sforce-Limit-Info"] = org_of(request).usage.header()
    return response


@web.middleware
async def _head_size(request: web.Request, handler: Handler) -> web.StreamResponse:
    uri = len(request.raw_path)
    headers = sum(len(name) + len(value) + 4 for name, value in request.raw_headers)
    if uri > MAX_REQUEST_HEAD:
        return _bad_message(414, "URI Too Long")
    if uri + headers > MAX_REQUEST_HEAD:
        return _bad_message(431, "Request Header Fields Too Large")
    return await handler(request)


@web.middleware
async def _faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not request.path.startswith(TOKENS):
        return await handler(request)
    org = org_of(request)
    rule = org.faults.for_request(request.method, request.path)
    if rule is None:
        return await handler(request)
    if rule.kind == "expired_token":
        org.auth.expire(request.headers.get("Authorization"))
    if rule.kind == "lost_cursor":
        org.cursors.drop_all()
    if rule.kind == "refuse":
        raise rule.refusal()
    if rule.kind in _STATUSES:
        return _overloaded(rule)
    if rule.kind == "reset_before":
        return reset(request)
    if rule.kind == "clock_skew":
        return await _skewed(rule, request, handler)
    if rule.kind == "half_batch":
        request[STOP_AFTER] = rule.rows
    return await _after(rule, request, handler(request))


async def _skewed(rule: FaultRule, request: web.Request, handler: Handler) -> web.StreamResponse:
    """The org's clock goes wrong for this one call; its body is read first, so that no other call comes between."""
    await request.read()
    clock = org_of(request).clock
    clock.advance(rule.seconds)
    try:
        return await handler(request)
    finally:
        clock.advance(-rule.seconds)


async def _after(rule: FaultRule, request: web.Request, running: Awaitable[web.StreamResponse]) -> web.StreamResponse:
    """The faults that come after the write has been applied."""
    try:
        return await running
    finally:
        if rule.kind == "slow":
            await asyncio.sleep(rule.seconds)
        if rule.kind in ("reset_after", "half_batch"):
            reset(request)


@web.middleware
async def _session(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Session first, then the allowance; the list of versions needs neither."""
    if not request.path.startswith(DATA) or request.path == DATA:
        return await handler(request)
    org = org_of(request)
    request[USER] = org.auth.check(request.headers.get("Authorization")).user_id
    org.usage.spend()
    version = request.match_info.get("version")
    if version is not None and not MIN_VERSION <= int(version[1:].partition(".")[0]) <= MAX_VERSION:
        raise no_such_resource()
    return await handler(request)


def _overloaded(rule: FaultRule) -> web.Response:
    code = "REQUEST_LIMIT_EXCEEDED" if rule.kind == "too_many_requests" else "SERVER_UNAVAILABLE"
    words = "Too many requests" if rule.kind == "too_many_requests" else "The server is temporarily unavailable"
    response = refuse(SalesforceError(code, words, status=_STATUSES[rule.kind]))
    if rule.retry_after is not None:
        response.headers["Retry-After"] = str(rule.retry_after)
    return response


def _bad_message(status: int, reason: str) -> web.Response:
    return web.Response(
        status=status, text=f"<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>", content_type="text/html"
    )
