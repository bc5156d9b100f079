"""`/__sandbox__/`: what a test or a demo does behind the platform's back; no part of the emulated API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from sandbox import door

from . import seeding
from .errors import MoodleError
from .faults import parse_rules
from .hooks import TEMPLATE, Hooks
from .site import Site
from .wire import SERVER, answer

PREFIX = "/__sandbox__"
Handler = Callable[[web.Request], Awaitable[web.Response]]
Act = Callable[[Site, dict[str, Any]], Any]


async def health(request: web.Request) -> web.Response:
    site = request.app[SERVER].site
    counts = {name: len(getattr(site.data, name)) for name in ("courses", "cohorts", "badges", "issues", "enrolments")}
    return answer({"ok": True, "now": site.clock().isoformat(), "users": len(site.living()), **counts})


async def reset(request: web.Request) -> web.Response:
    """Back to the state of the start."""
    server = request.app[SERVER]
    server.site, server.hooks.sent = seeding.build(server.site.settings), 0
    return await health(request)


async def clock(request: web.Request) -> web.Response:
    site = request.app[SERVER].site
    site.shift += timedelta(seconds=float((await _body(request))["seconds"]))
    return await health(request)


async def dump(request: web.Request) -> web.Response:
    """GET ?kind=users|courses|cohorts|badges|issues|enrolments: JSON lines."""
    found = getattr(request.app[SERVER].site.data, request.query.get("kind", "users"), {})
    lines = [orjson.dumps(asdict(each), default=sorted) + b"\n" for each in found.values()]
    return web.Response(body=b"".join(lines), content_type="application/x-ndjson")


async def calls(request: web.Request) -> web.Response:
    """GET the number of calls by function; DELETE starts anew."""
    counted = request.app[SERVER].site.calls
    if request.method == "DELETE":
        counted.clear()
    return answer({"total": counted.total(), "by_function": dict(counted)})


async def faults(request: web.Request) -> web.Response:
    """GET the armed rules with their counters, PUT a list of rules, DELETE them all."""
    try:
        return answer(await door.arm(request, request.app[SERVER].site.faults, parse_rules))
    except door.REFUSED as refused:
        return answer({"error": str(refused)}, 400)


async def hooks(request: web.Request) -> web.Response:
    """PUT {"target_url", "template"?, "headers"?}: events from now on go there when they are delivered."""
    server, body = request.app[SERVER], await _body(request)
    server.hooks = Hooks(
        body["target_url"], body.get("template", TEMPLATE), body.get("headers", {}), sent=len(server.site.events)
    )
    return answer({"ok": True})


async def deliver(request: web.Request) -> web.Response:
    """POST: post each event that waits; the answers' statuses."""
    server = request.app[SERVER]
    waiting, server.hooks.sent = server.site.events[server.hooks.sent :], len(server.site.events)
    statuses = []
    async with aiohttp.ClientSession() as session:
        for event in waiting if server.hooks.target_url else []:
            body = server.hooks.body(event).encode()
            async with session.post(server.hooks.target_url, data=body, headers=server.hooks.headers) as told:
                statuses.append(told.status)
    return answer({"statuses": statuses})


def _add_user(site: Site, body: dict[str, Any]) -> Any:
    return {"id": site.add_user(username=body["email"].lower(), **body).id}


def _edit_user(site: Site, body: dict[str, Any]) -> Any:
    user = site.user(int(body.pop("id")))
    if body.pop("delete", False):
        site.delete_user(user.id)
    for name, value in body.items():
        setattr(user, name, value)
    return {"id": user.id}


def _award(site: Site, body: dict[str, Any]) -> Any:
    return asdict(site.award(int(body["user"]), int(body["badge"])))


def _issue(site: Site, body: dict[str, Any]) -> Any:
    """`revoke`, `hide`, or `expires`: epoch seconds (now without a value)."""
    issue = site.data.issues[int(body["id"])]
    if body.get("revoke"):
        del site.data.issues[issue.id]
    elif "hide" in body:
        issue.visible = not body["hide"]
    else:
        issue.expires = int(body.get("expires") or site.now())
    return asdict(issue)


def _complete(site: Site, body: dict[str, Any]) -> Any:
    site.complete(int(body["user"]), int(body["course"]))
    return {"ok": True}


def _enrol(site: Site, body: dict[str, Any]) -> Any:
    act = site.unenrol if body.get("remove") else site.enrol
    act(int(body["user"]), int(body["course"]))
    return {"ok": True}


def _member(site: Site, body: dict[str, Any]) -> Any:
    cohort = next(each for each in site.data.cohorts.values() if each.idnumber == body["cohort"])
    (site.remove_member if body.get("remove") else site.add_member)(cohort, int(body["user"]))
    return {"ok": True}


def _make(site: Site, body: dict[str, Any]) -> Any:
    """`course`, `cohort` or `badge`: a new one by that name."""
    if "course" in body:
        return asdict(seeding.add_course(site, body.get("short", body["course"]), body["course"]))
    if "badge" in body:
        return asdict(seeding.add_badge(site, body["badge"], body.get("lasts_s")))
    made = seeding.add_cohort(site, body["cohort"], body["cohort"], tuple(body.get("courses", ())))
    return {"id": made.id, "idnumber": made.idnumber}


ACTS: dict[str, Act] = {
    "users": _add_user, "edit": _edit_user, "award": _award, "issue": _issue, "complete": _complete, "enrol": _enrol,
    "member": _member, "make": _make,
}  # fmt: skip


def _act(act: Act) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        try:
            return answer(act(request.app[SERVER].site, await _body(request)))
        except (MoodleError, KeyError, ValueError, StopIteration, TypeError) as wrong:
            return answer({"error": f"{type(wrong).__name__}: {wrong}"}, 400)

    return handler


async def _body(request: web.Request) -> dict[str, Any]:
    text = await request.read()
    return dict(orjson.loads(text)) if text else {}


def add_routes(app: web.Application) -> None:
    for method, path, handler in (
        ("GET", "health", health), ("POST", "reset", reset), ("POST", "clock", clock), ("GET", "dump", dump),
        ("*", "calls", calls), ("*", "faults", faults), ("PUT", "hooks", hooks), ("POST", "hooks/deliver", deliver),
    ):  # fmt: skip
        app.router.add_route(method, f"{PREFIX}/{path}", handler)
    for name, act in ACTS.items():
        app.router.add_route("POST", f"{PREFIX}/{name}", _act(act))
