"""`/__sandbox__/`: what a test or a demo does behind the platform's back; no part of the emulated API."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import orjson
from aiohttp import web

from sandbox import door

from .. import rows, seeding
from ..automation import Workflow
from ..errors import no_such_type
from ..faults import parse_rules
from ..model import ObjectType
from ..portal import USER, Portal
from ..store import Actor, Record
from .delivery import deliver
from .guards import PREFIX
from .wire import SERVER, answer, portal_of


async def health(request: web.Request) -> web.Response:
    portal = portal_of(request)
    counts = {one.plural: portal.store.count(one.id) for one in portal.schema}
    used = {"used": portal.limits.used, "daily": portal.limits.daily}
    return answer({"ok": True, "now": portal.clock().isoformat(), "api_usage": used, "records": counts})


async def reset(request: web.Request) -> web.Response:
    """Back to the state of the start: same seed, same records, fresh counters; OAuth tokens are void."""
    server = request.app[SERVER]
    server.portal = seeding.build(server.portal.settings)
    return await health(request)


async def edit(request: web.Request) -> web.Response:
    """POST {"object", "id"?, "properties", "associations"?, "source"?, "source_id"?}: a write by a user in the UI.

    Without an id it creates. `"delete": true`, `"restore": true`, `"gdpr": true` or `"merge": id` do that instead.
    """
    portal, body = portal_of(request), await door.body(request)
    type_, actor = _type(portal, body), _actor(body)
    if body.get("id") is None:
        return answer({"id": rows.create(portal, type_, body, actor).id})
    record = portal.store.get(type_.id, str(body["id"]))
    if record is None:
        return _problem(f"{type_.plural} has no record {body['id']}")
    return answer({"id": _act(portal, type_, record, body, actor)})


async def associate(request: web.Request) -> web.Response:
    """POST {"from": [object, id], "to": [object, id], "types"?: [ids], "remove"?: true}, as a user."""
    portal, body = portal_of(request), await door.body(request)
    ends = [(portal.schema.require(str(name)), str(record_id)) for name, record_id in (body["from"], body["to"])]
    start, end = ends
    if body.get("remove") is True:
        portal.associations.remove(start, end, body.get("types"), _actor(body))
        return answer({"ok": True})
    specs = [{"associationTypeId": one} for one in body.get("types") or ()]
    types = portal.associations.types_from(start[0], end[0], specs) if specs else []
    return answer({"labels": portal.associations.add(start, end, types, _actor(body))})


async def writes(request: web.Request) -> web.Response:
    """GET ?object=companies[&id=]: per record, the writes applied and those that changed a value, by source."""
    portal = portal_of(request)
    type_ = _type(portal, request.query)
    only = request.query.get("id")
    found = [one for one in portal.store.written(type_.id) if only in (None, one)]
    return answer({one: write_counts(portal, type_, one) for one in found})


def write_counts(portal: Portal, type_: ObjectType, record_id: str) -> dict[str, Any]:
    """`applied` counts every accepted write, `effective` those that changed at least one value (creation is one)."""
    ledger = portal.store.writes(type_.id, record_id)
    effective = [one for one in ledger if one.changed]
    return {
        "applied": len(ledger),
        "effective": len(effective),
        "by_source": dict(Counter(one.actor.source for one in effective)),
        "last_changed": list(effective[-1].changed) if effective else [],
    }


async def dump(request: web.Request) -> web.Response:
    """GET ?object=companies: every record as JSON lines, archived ones too."""
    portal = portal_of(request)
    type_ = _type(portal, request.query)
    lines = (orjson.dumps(rows.render(portal, type_, one)) + b"\n" for one in portal.store.rows(type_.id))
    return web.Response(body=b"".join(lines), content_type="application/x-ndjson")


async def calls(request: web.Request) -> web.Response:
    """GET the number of calls by endpoint (ids left out); DELETE starts anew."""
    counted = portal_of(request).calls
    if request.method == "DELETE":
        counted.clear()
    return answer({"total": counted.total(), "by_endpoint": dict(counted)})


async def faults(request: web.Request) -> web.Response:
    """GET the armed rules with their counters, PUT a list of rules, DELETE them all."""
    try:
        return answer(await door.arm(request, portal_of(request).faults, parse_rules))
    except door.REFUSED as refused:
        return _problem(str(refused))


async def conditions(request: web.Request) -> web.Response:
    """PUT any of {"private_burst", "oauth_burst", "daily", "used", "search", "index_lag", "clock_skew",
    "journal_delay", "journal_page", "short_pages"}; a limit of null is none."""
    portal, body = portal_of(request), await door.body(request)
    places: dict[str, tuple[Any, str]] = {
        "daily": (portal.limits, "daily"), "used": (portal.limits, "used"), "search": (portal.limits, "search"),
        "index_lag": (portal.index, "lag"), "clock_skew": (portal.crm, "skew"),
        "journal_delay": (portal.journal, "delay"), "journal_page": (portal.journal, "page_size"),
        "short_pages": (portal.searcher, "short_pages"),
    }  # fmt: skip
    bursts: dict[str, Any] = {"private_burst": "private", "oauth_burst": "oauth"}
    unknown = set(body) - set(places) - set(bursts)
    if unknown:
        return _problem(f"{sorted(unknown)[0]!r} is unknown; known are {', '.join([*places, *bursts])}")
    for name, value in body.items():
        if name in bursts:
            portal.limits.burst[bursts[name]] = value
        else:
            setattr(*places[name], value)
    return answer({"ok": True})


async def workflows(request: web.Request) -> web.Response:
    """GET, PUT a list of {"object", "when", "then", "to", "equals"?}, or DELETE the workflows."""
    automation = portal_of(request).automation
    if request.method == "PUT":
        given = orjson.loads(await request.read())
        automation.workflows = [Workflow.read(one, portal_of(request).crm) for one in given]
    elif request.method == "DELETE":
        automation.workflows = []
    return answer({"workflows": len(automation.workflows)})


async def webhooks(request: web.Request) -> web.Response:
    """GET the queue's state; PUT {"target_url", "subscriptions": [{"eventType", "propertyName"?, ...}]}."""
    push = portal_of(request).push
    if request.method == "PUT":
        push.configure(await door.body(request))
    state = {"queued": len(push.queue), "sent": len(push.sent), "given_up": len(push.given_up)}
    return answer({"target_url": push.target_url, "subscriptions": len(push.subscriptions), **state})


async def deliver_webhooks(request: web.Request) -> web.Response:
    """POST {"shuffle"?, "duplicates"?, "everything"?, "timestamp_offset"?}: sends now what is due."""
    return answer(await deliver(portal_of(request), await door.body(request)))


async def drop_journal(request: web.Request) -> web.Response:
    """POST: every journal page is gone, as if three days had passed."""
    return answer({"dropped": portal_of(request).journal.drop_all()})


async def expire_tokens(request: web.Request) -> web.Response:
    return answer({"expired": portal_of(request).auth.expire_all()})


async def advance_clock(request: web.Request) -> web.Response:
    """POST {"seconds": n} moves the portal's time forward."""
    clock, body = portal_of(request).clock, await door.body(request)
    clock.advance(float(body.get("seconds", 0)))
    return answer({"now": clock().isoformat()})


def add_routes(app: web.Application) -> None:
    for method, path, handler in (
        ("GET", "health", health), ("POST", "reset", reset), ("POST", "edit", edit), ("POST", "associate", associate),
        ("GET", "writes", writes), ("GET", "dump", dump), ("GET", "calls", calls), ("DELETE", "calls", calls),
        ("GET", "faults", faults), ("PUT", "faults", faults), ("DELETE", "faults", faults),
        ("PUT", "conditions", conditions), ("GET", "workflows", workflows), ("PUT", "workflows", workflows),
        ("DELETE", "workflows", workflows), ("GET", "webhooks", webhooks), ("PUT", "webhooks", webhooks),
        ("POST", "webhooks/deliver", deliver_webhooks), ("POST", "journal/drop", drop_journal),
        ("POST", "expire-tokens", expire_tokens), ("POST", "clock", advance_clock),
    ):  # fmt: skip
        app.router.add_route(method, f"{PREFIX}/{path}", handler)


def _act(portal: Portal, type_: ObjectType, record: Record, body: dict[str, Any], actor: Actor) -> str:
    crm = portal.crm
    if body.get("delete") is True:
        crm.archive(type_, record, actor)
    elif body.get("restore") is True:
        crm.restore(type_, record, actor)
    elif body.get("gdpr") is True:
        crm.gdpr_delete(type_, record, actor)
    elif body.get("merge") is not None:
        return crm.merge(type_, record.id, str(body["merge"]), actor, portal.settings.merge_makes_new_record).id
    else:
        crm.update(type_, record, cast("dict[str, Any]", body.get("properties")), actor)
    return record.id


def _type(portal: Portal, given: Any) -> ObjectType:
    found = portal.schema.get(str(given.get("object")))
    if found is None:
        raise no_such_type(str(given.get("object")))
    return found


def _actor(body: dict[str, Any]) -> Actor:
    return Actor(str(body.get("source", USER.source)), str(body.get("source_id", USER.source_id)))


def _problem(message: str) -> web.Response:
    return answer({"error": message}, 400)
