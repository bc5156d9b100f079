"""Both APIs on one address, with limits and faults around them; it decides nothing that a request means."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.wires import reset

from . import admin, v1, v2
from .academy import Academy
from .errors import Refusal, second
from .faults import AcademyFault
from .wire import SERVER, Server, academy_of, answer, spend

_D = "/v1/domains/{domain}"
_PATH = f"{_D}/published-paths/{{path}}/published-path-enrollments"
_ID = re.compile(r"/[0-9a-f]{13}(?=/|$)")
Route = Callable[[web.Request], Awaitable[web.StreamResponse]]
ROUTES: tuple[tuple[str, str, Route], ...] = (
    ("GET", "/v1/ping", v1.ping),
    ("GET", f"{_D}/users", v1.list_users),
    ("POST", f"{_D}/users", v1.add_user),
    ("PATCH", f"{_D}/users/{{user}}", v1.change_user),
    ("GET", f"{_D}/published-paths", v1.list_paths),
    ("GET", _PATH, v1.list_path_enrollments),
    ("POST", _PATH, v1.enroll),
    ("POST", "/v2/auth/token", v2.token),
    ("PATCH", "/v2/students/", v2.patch_students),
    ("GET", "/v2/enrollments/", v2.list_enrollments),
    ("POST", "/v2/enrollments/", v2.enroll),
    ("GET", "/v2/certificates/", v2.list_certificates),
    ("GET", "/v2/published-courses/", v2.list_published),
)


def build_app(academy: Academy, verbose: bool = False) -> web.Application:
    app = web.Application(middlewares=[_words, _faults], client_max_size=50 * 1024 * 1024)
    app[SERVER] = Server(academy, verbose)
    for method, path, handler in ROUTES:
        app.router.add_route(method, path, handler)
    admin.add_routes(app)
    return app


@web.middleware
async def _words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal becomes the API's error body; calls are counted, and each spends of the limits."""
    if request.path.startswith(admin.PREFIX):
        return await handler(request)
    academy = academy_of(request)
    academy.calls[f"{request.method} {_ID.sub('/{id}', request.path)}"] += 1
    try:
        spend(request)
        response = await handler(request)
    except Refusal as refused:
        response = answer(refused.body, refused.status)
    except web.HTTPNotFound:
        response = answer({"detail": "Not found."}, 404)
    if request.app[SERVER].verbose:
        print(f"{request.method} {request.path_qs} {response.status}", file=sys.stderr, flush=True)
    return response


@web.middleware
async def _faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith(admin.PREFIX):
        return await handler(request)
    academy = academy_of(request)
    rule = cast("AcademyFault | None", academy.faults.for_request(request.method, request.path))
    if rule is None:
        return await handler(request)
    if rule.kind == "expired_token":
        academy.tokens.clear()
    if rule.kind == "refuse":
        raise second(rule.status or 400, str(rule.code), rule.message or str(rule.code))
    if rule.kind in {"too_many_requests", "unavailable"}:
        response = answer({"detail": "Request was throttled."}, 429 if rule.kind == "too_many_requests" else 503)
        if rule.retry_after is not None:
            response.headers["Retry-After"] = str(rule.retry_after)
        return response
    if rule.kind == "reset_before":
        return reset(request)
    done = await handler(request)
    if rule.kind == "slow":
        await asyncio.sleep(rule.seconds)
    return reset(request) if rule.kind == "reset_after" else done
