"""The REST wire of the site: one address, a form in, JSON out, HTTP 200 for refusals; faults around it."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, cast

from aiohttp import web

from sandbox.wires import reset

from . import admin, functions
from .errors import MoodleError
from .faults import SiteFault
from .forms import nested
from .site import Site
from .wire import SERVER, Server, answer

REST = "/webservice/rest/server.php"
_CONTROL = {"wstoken", "wsfunction", "moodlewsrestformat"}


def build_app(site: Site, verbose: bool = False) -> web.Application:
    app = web.Application(client_max_size=50 * 1024 * 1024)
    app[SERVER] = Server(site, verbose)
    app.router.add_route("*", REST, _rest)
    admin.add_routes(app)
    return app


async def _rest(request: web.Request) -> web.Response:
    form = await request.post()
    pairs = [(key, str(value)) for key, value in [*request.query.items(), *form.items()]]
    control = dict(pair for pair in pairs if pair[0] in _CONTROL)
    server, name = request.app[SERVER], control.get("wsfunction", "")
    site = server.site
    site.calls[name] += 1
    if server.verbose:
        print(f"{request.method} {name}", file=sys.stderr, flush=True)
    rule = cast("SiteFault | None", site.faults.for_request(request.method, f"{REST}/{name}"))
    arguments = nested(pair for pair in pairs if pair[0] not in _CONTROL)
    return await _faulty(request, rule, control, arguments) if rule else _called(site, control, arguments)


def _called(site: Site, control: dict[str, str], arguments: dict[str, Any]) -> web.Response:
    try:
        found = functions.call(site, control.get("wstoken", ""), control.get("wsfunction", ""), arguments)
    except MoodleError as refused:
        found = refused.body()
    return answer(found)


class _Crash(Exception):
    pass


async def _faulty(
    request: web.Request, rule: SiteFault, control: dict[str, str], arguments: dict[str, Any]
) -> web.Response:
    site = request.app[SERVER].site
    if rule.kind == "refuse":
        return answer(MoodleError(str(rule.code), rule.message or str(rule.code)).body())
    if rule.kind == "disabled":
        return web.Response(status=200)
    if rule.kind == "unavailable":
        headers = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
        return web.Response(status=503, text="<html>Service Unavailable</html>", headers=headers)
    if rule.kind == "crash":
        try:
            with site.transaction():
                _called(site, control, arguments)
                raise _Crash  # an observer broke inside the request
        except _Crash:
            return web.Response(status=500)
    if rule.kind == "reset_before":
        return reset(request)
    response = _called(site, control, arguments)
    if rule.kind == "slow":
        await asyncio.sleep(rule.seconds)
    return reset(request) if rule.kind == "reset_after" else response
