"""`/__sandbox__/`: what a test or a demo does behind the platform's back; no part of the emulated API."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
from aiohttp import web

from sandbox import door

from .. import ids, render, seeding
from ..faults import parse_rules
from ..org import Org
from . import admin_pubsub, admin_records
from .admin_records import sobject_of
from .wire import SERVER, answer, org_of

PREFIX = "/__sandbox__"


async def health(request: web.Request) -> web.Response:
    org = org_of(request)
    counts = {one.name: len(org.store.rows(one.name)) for one in org.schema}
    return answer({"ok": True, "now": org.clock().isoformat(), "api_usage": org.usage.header(), "records": counts})


async def reset(request: web.Request) -> web.Response:
    """Back to the state of the start: same seed, same records, fresh counters; tokens are void."""
    server = request.app[SERVER]
    before, server.org = server.org, seeding.build(server.org.settings)
    before.changes.notify()  # its subscriptions end
    return await health(request)


async def load(request: web.Request) -> web.Response:
    """POST JSON lines to ?object=Account; answers the generated ids in order."""
    lines = (await request.read()).splitlines()
    try:
        created = seeding.load_lines(org_of(request), lines, request.query.get("object"), "body")
    except seeding.SeedError as refused:
        return _problem(str(refused))
    return answer({"loaded": len(created), "ids": created})


async def writes(request: web.Request) -> web.Response:
    """GET ?object=Account[&id=]: per record, the writes applied and those that changed a value, by user."""
    org = org_of(request)
    sobject = sobject_of(org, request.query.get("object"))
    only = ids.normalise(request.query.get("id")) if "id" in request.query else None
    found = [str(row["Id"]) for row in org.store.rows(sobject.name) if only in (None, row["Id"])]
    return answer({record_id: write_counts(org, record_id) for record_id in found})


def write_counts(org: Org, record_id: str) -> dict[str, Any]:
    """`applied` counts every accepted write, `effective` those that changed at least one value (creation is one)."""
    ledger = org.store.writes(record_id)
    effective = [one for one in ledger if one.changed]
    return {
        "applied": len(ledger),
        "effective": len(effective),
        "by_user": dict(Counter(one.user_id for one in effective)),
        "last_changed": list(effective[-1].changed) if effective else [],
    }


async def dump(request: web.Request) -> web.Response:
    """GET ?object=Account: every row as JSON lines, deleted ones too."""
    org = org_of(request)
    sobject = sobject_of(org, request.query.get("object"))
    printed = (render.record(sobject, row, sobject.fields, "v59.0") for row in org.store.rows(sobject.name))
    return web.Response(
        body=b"".join(orjson.dumps(one) + b"\n" for one in printed), content_type="application/x-ndjson"
    )


async def faults(request: web.Request) -> web.Response:
    """GET the armed rules with their counters, PUT a list of rules, DELETE them all."""
    try:
        return answer(await door.arm(request, org_of(request).faults, parse_rules))
    except door.REFUSED as refused:
        return _problem(str(refused))


async def limits(request: web.Request) -> web.Response:
    """PUT {"used": n, "max": n}; either may be left out."""
    usage, body = org_of(request).usage, await door.body(request)
    usage.used, usage.maximum = int(body.get("used", usage.used)), int(body.get("max", usage.maximum))
    return answer({"api_usage": usage.header()})


async def expire_tokens(request: web.Request) -> web.Response:
    """Void every token; a subscription that was opened with one ends."""
    org = org_of(request)
    count = org.auth.expire_all()
    org.changes.notify()
    return answer({"expired": count})


async def advance_clock(request: web.Request) -> web.Response:
    """POST {"seconds": n} moves the org's time forward; a negative number sets it back."""
    clock, body = org_of(request).clock, await door.body(request)
    clock.advance(float(body.get("seconds", 0)))
    return answer({"now": clock().isoformat()})


def add_routes(app: web.Application) -> None:
    for method, path, handler in (
        ("GET", "health", health), ("POST", "reset", reset), ("POST", "load", load),
        ("GET", "writes", writes), ("GET", "dump", dump), ("GET", "faults", faults), ("PUT", "faults", faults),
        ("DELETE", "faults", faults), ("PUT", "limits", limits), ("POST", "expire-tokens", expire_tokens),
        ("POST", "clock", advance_clock),
    ):  # fmt: skip
        app.router.add_route(method, f"{PREFIX}/{path}", handler)
    admin_records.add_routes(app, PREFIX)
    admin_pubsub.add_routes(app, PREFIX)


def _problem(message: str) -> web.Response:
    return answer({"error": message}, 400)
