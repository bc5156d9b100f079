"""`/__sandbox__/`: what a test or a demo does behind the platform's back; no part of the emulated APIs."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from sandbox import door

from . import seeding
from .academy import Academy
from .faults import parse_rules
from .wire import SERVER, Hook, answer

PREFIX = "/__sandbox__"
Act = Callable[[Academy, dict[str, Any]], Any]


async def health(request: web.Request) -> web.Response:
    academy = request.app[SERVER].academy
    counts = {name: len(rows) for name, rows in _kinds(academy).items()}
    return answer({"ok": True, "now": academy.now(), "domain": academy.settings.domain, **counts})


async def reset(request: web.Request) -> web.Response:
    """Back to the state of the start."""
    server = request.app[SERVER]
    server.academy = seeding.build(server.academy.settings)
    if server.hook is not None:
        server.hook.sent = 0
    return await health(request)


async def clock(request: web.Request) -> web.Response:
    request.app[SERVER].academy.shift += timedelta(seconds=float((await _body(request))["seconds"]))
    return await health(request)


async def dump(request: web.Request) -> web.Response:
    """GET ?kind=learners|courses|paths|enrollments|path_enrollments|certificates: JSON lines."""
    found = _kinds(request.app[SERVER].academy).get(request.query.get("kind", "learners"), {})
    lines = [orjson.dumps(asdict(each)) + b"\n" for each in found.values()]
    return web.Response(body=b"".join(lines), content_type="application/x-ndjson")


async def calls(request: web.Request) -> web.Response:
    """GET the number of calls by endpoint; DELETE starts anew."""
    counted = request.app[SERVER].academy.calls
    if request.method == "DELETE":
        counted.clear()
    return answer({"total": counted.total(), "by_endpoint": dict(counted)})


async def faults(request: web.Request) -> web.Response:
    """GET the armed rules with their counters, PUT a list of rules, DELETE them all."""
    try:
        return answer(await door.arm(request, request.app[SERVER].academy.faults, parse_rules))
    except door.REFUSED as refused:
        return answer({"error": str(refused)}, 400)


async def hook(request: web.Request) -> web.Response:
    """GET the webhook; PUT {"target_url", "headers"?, "basic"?: [user, password]} makes it."""
    server = request.app[SERVER]
    if request.method == "PUT":
        body = await _body(request)
        basic = tuple(body["basic"]) if body.get("basic") else None
        server.hook = Hook(body["target_url"], body.get("headers", {}), basic, sent=len(server.academy.events))
    return answer(None if server.hook is None else asdict(server.hook))


async def deliver(request: web.Request) -> web.Response:
    """POST: post each event that waits; one that fails is not sent again, and too many switch the webhook off."""
    server, statuses = request.app[SERVER], []
    made, academy = server.hook, server.academy
    if made is None or not made.active:
        return answer({"statuses": []})
    basic = (
        {} if made.basic is None else {"Authorization": f"Basic {b64encode(':'.join(made.basic).encode()).decode()}"}
    )
    async with aiohttp.ClientSession() as session:
        while made.sent < len(academy.events) and made.active:
            event, made.sent = academy.events[made.sent], made.sent + 1
            headers = {"Content-Type": "application/json", "User-Agent": "skilljar", **basic, **made.headers}
            body = orjson.dumps(event)
            async with session.post(made.target_url, data=body, headers=headers) as told:
                statuses.append(told.status)
            made.failures = 0 if told.status < 300 else made.failures + 1
            if made.failures >= academy.settings.failures:
                made.active, made.deactivate_reason = False, "too many delivery failures"
    return answer({"statuses": statuses})


def _add(academy: Academy, body: dict[str, Any]) -> Any:
    return asdict(academy.add(**body))


def _edit(academy: Academy, body: dict[str, Any]) -> Any:
    """{"kind", "id", "delete"?: true} or values."""
    rows = _kinds(academy)[body.pop("kind")]
    found = rows[body.pop("id")]
    if body.pop("delete", False):
        rows.pop(found.id)
    for name, value in body.items():
        setattr(found, name, value)
    return asdict(found)


def _enroll(academy: Academy, body: dict[str, Any]) -> Any:
    return asdict(academy.enroll(academy.data.learners[body["learner"]], body["published"]))


def _complete(academy: Academy, body: dict[str, Any]) -> Any:
    academy.complete(academy.data.enrollments[body["enrollment"]])
    return {"ok": True}


def _certify(academy: Academy, body: dict[str, Any]) -> Any:
    return asdict(academy.certify(academy.data.learners[body["learner"]], body["published"], body.get("lasts_s")))


def _make(academy: Academy, body: dict[str, Any]) -> Any:
    return asdict(academy.add_course(body["course"]) if "course" in body else academy.add_path(body["path"]))


ACTS: dict[str, Act] = {
    "learners": _add, "edit": _edit, "enroll": _enroll, "complete": _complete, "certify": _certify, "make": _make,
}  # fmt: skip


def _kinds(academy: Academy) -> dict[str, dict[str, Any]]:
    names = ("learners", "courses", "paths", "enrollments", "path_enrollments", "certificates")
    return {name: getattr(academy.data, name) for name in names}


def _act(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        try:
            return answer(act(request.app[SERVER].academy, await _body(request)))
        except (KeyError, TypeError, AttributeError) as wrong:
            return answer({"error": f"{type(wrong).__name__}: {wrong}"}, 400)

    return handler


async def _body(request: web.Request) -> dict[str, Any]:
    text = await request.read()
    return dict(orjson.loads(text)) if text else {}


def add_routes(app: web.Application) -> None:
    for method, path, handler in (
        ("GET", "health", health), ("POST", "reset", reset), ("POST", "clock", clock), ("GET", "dump", dump),
        ("*", "calls", calls), ("*", "faults", faults), ("*", "webhook", hook), ("POST", "webhook/deliver", deliver),
    ):  # fmt: skip
        app.router.add_route(method, f"{PREFIX}/{path}", handler)
    for name, act in ACTS.items():
        app.router.add_route("POST", f"{PREFIX}/{name}", _act(act))
