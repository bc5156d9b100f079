"""The web application: every request passes signature, permission, quota and faults before it is worked on."""

from __future__ import annotations

import asyncio
import sys
import time
import traceback
from typing import cast

from aiohttp import web

from sandbox.wires import reset

from ..core import ServiceError
from ..messaging import Messaging
from ..platform import Platform
from . import meaning, proxy
from .admin import add_routes
from .encoding import AnswerError
from .faults import AwsFault
from .identity import Sent, Signed, signed
from .limits import throttled
from .meaning import Meaning
from .state import SERVER, Server, platform_of

MAX_BODY = 10 * 1024 * 1024


def build_app(platform: Platform, messaging: Messaging, verbose: bool = False) -> web.Application:
    app = web.Application(client_max_size=MAX_BODY)
    app[SERVER] = Server(platform, messaging)
    add_routes(app)
    app.router.add_route("*", "/{anything:.*}", _logged if verbose else receive)
    app.cleanup_ctx.append(proxy.client)
    return app


async def _logged(request: web.Request) -> web.StreamResponse:
    started = time.perf_counter()
    response = await receive(request)
    spent = (time.perf_counter() - started) * 1000
    named = request.headers.get("X-Amz-Target", request.path)
    print(f"{request.method} {named} {response.status} {spent:.1f}ms", file=sys.stderr, flush=True)
    return response


async def receive(request: web.Request) -> web.StreamResponse:
    """Any request that is not for the door `/__sandbox__/`."""
    platform, body = platform_of(request), await request.read()
    platform.tick()
    claim, refused = _claim(request)
    meant = meaning.of(platform, request, body, claim)
    platform.calls[f"{meant.service}/{meant.operation}"] += 1
    if claim is None:
        return meant.refuse(cast("ServiceError", refused))
    try:
        _admit(platform, request, body, claim, meant)
        return await _with_faults(platform, request, meant)
    except ServiceError as stopped:
        return meant.refuse(stopped)
    except AnswerError as broken:
        traceback.print_exc()
        return meant.refuse(ServiceError("InternalFailure", f"the emulator's own mistake: {broken}", 500))


def _claim(request: web.Request) -> tuple[Signed | None, ServiceError | None]:
    try:
        return signed(request.headers.get("Authorization")), None
    except ServiceError as refused:
        return None, refused


def _admit(platform: Platform, request: web.Request, body: bytes, claim: Signed, meant: Meaning) -> None:
    """Raises what the caller's signature, permissions or the quotas say against the call."""
    url = f"{request.scheme}://{request.host}{request.raw_path}"
    key = platform.keys.check(claim, Sent(request.method, url, request.headers, body))
    platform.keys.require(key, meant.action)
    platform.limits.spend(meant.service, meant.operation)


async def _with_faults(platform: Platform, request: web.Request, meant: Meaning) -> web.Response:
    rule = cast("AwsFault | None", platform.faults.for_request(request.method, f"{meant.service}/{meant.operation}"))
    if rule is None:
        return await meant.work()
    match rule.kind:
        case "throttled":
            raise throttled()
        case "refuse":
            raise ServiceError(str(rule.code), rule.message or str(rule.code), rule.status or 400)
        case "server_error":
            name = "InternalServiceException" if meant.service == "marketplace-catalog" else "InternalServerException"
            raise ServiceError(name, "We encountered an internal error. Please try again.", 500)
        case "unavailable":
            raise ServiceError("ServiceUnavailableException", "The service is unavailable. Please try again.", 503)
        case "reset_before":
            return reset(request)
    return await _after(rule, request, meant)


async def _after(rule: AwsFault, request: web.Request, meant: Meaning) -> web.Response:
    """The faults that come when the work is done."""
    try:
        response = await meant.work()
    except ServiceError as refused:
        response = meant.refuse(refused)
    if rule.kind == "slow":
        await asyncio.sleep(rule.seconds)
    if rule.kind == "timeout_after":
        raise ServiceError("RequestTimeoutException", "The request timed out", 504)
    return reset(request) if rule.kind == "reset_after" else response
