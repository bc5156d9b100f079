"""The door `/__sandbox__/` behind the platform's back: state, acts, time, faults and deliveries, without keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from aiohttp import web

from sandbox import door

from ..build import build
from ..core import Service, ServiceError, acts_of, kinds_of
from ..delivery import Delivery
from ..messaging import prepare
from .faults import parse_rules
from .state import SERVER, platform_of

PREFIX = "/__sandbox__"


class _Problem(Exception):
    """What is wrong with a request at the door, with what would be right."""


def _answer(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body, default=_plain), status=status, content_type="application/json")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return asdict(value)


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError as broken:
        raise _Problem(f"the body is not JSON: {broken.msg}") from broken
    if not isinstance(body, dict):
        raise _Problem("the body must be a JSON object")
    return body


async def health(request: web.Request) -> Any:
    """GET: what is built and where it stands."""
    platform, server = platform_of(request), request.app[SERVER]
    return {
        "ready": server.places is not None, "services": sorted(platform.world.services), "now": platform.clock(),
        "account": platform.settings.account, "region": platform.settings.region, "base_url": server.base_url,
        "queues": server.places and [server.places.marketplace_url, server.places.partner_central_url],
    }  # fmt: skip


async def reset(request: web.Request) -> Any:
    """POST: everything as it was at the start, queues too; the time goes on."""
    server = request.app[SERVER]
    old = server.platform
    server.messaging.reset()
    server.platform = build(old.settings)
    server.platform.clock.advance((old.clock() - server.platform.clock()).total_seconds())
    settings = old.settings
    server.places = prepare(server.messaging.url, settings.account, settings.region, public=server.base_url)
    server.platform.bus.deliver = server.messaging.deliver
    return {"ok": True}


async def dump(request: web.Request) -> Any:
    """GET ?kind=offer: every entity of a kind, of whichever service has it; `event` is the bus's log."""
    platform, kind = platform_of(request), request.query.get("kind", "")
    kinds = {name: read for one in platform.world.services.values() for name, read in kinds_of(one).items()}
    kinds["event"] = lambda: platform.bus.log
    if kind not in kinds:
        raise _Problem(f"kind {kind!r} is unknown; known are {', '.join(sorted(kinds))}")
    return list(kinds[kind]())


async def act(request: web.Request) -> Any:
    """POST {"service", "act", "args": {...}}: does it and returns what it says; GET lists the acts."""
    services = platform_of(request).world.services
    if request.method == "GET":
        return {name: sorted(acts_of(one)) for name, one in services.items()}
    body = await _object(request)
    service = services.get(str(body.get("service")))
    if service is None:
        raise _Problem(f"service {body.get('service')!r} is unknown; known are {', '.join(sorted(services))}")
    found = _act(service, str(body.get("act")))
    platform_of(request).tick()
    try:
        return {"result": found(**body.get("args") or {})}
    except ServiceError as refused:
        raise _Problem(str(refused)) from refused
    except (TypeError, ValueError, LookupError) as refused:
        raise _Problem(f"{type(refused).__name__}: {refused}") from refused


def _act(service: Service, name: str) -> Callable[..., Any]:
    acts = acts_of(service)
    if name not in acts:
        raise _Problem(f"{service.name} has no act {name!r}; it has {', '.join(sorted(acts)) or 'none'}")
    return acts[name]


async def advance(request: web.Request) -> Any:
    """POST {"seconds": n}: time moves on and what has become due happens."""
    platform, body = platform_of(request), await _object(request)
    platform.clock.advance(float(body.get("seconds", 0)))
    platform.tick()
    return {"now": platform.clock(), "held": platform.bus.held}


async def faults(request: web.Request) -> Any:
    """GET the armed rules with their counters, PUT a list of rules, DELETE them all."""
    try:
        return await door.arm(request, platform_of(request).faults, parse_rules)
    except door.REFUSED as refused:
        raise _Problem(str(refused)) from refused


async def delivery(request: web.Request) -> Any:
    """GET or PUT how badly the bus delivers: {"drop", "twice", "late", "late_by", "shuffle"}; DELETE makes it good."""
    bus = platform_of(request).bus
    try:
        if request.method == "PUT":
            bus.faults = replace(bus.faults, **await _object(request))
        elif request.method == "DELETE":
            bus.faults = Delivery()
    except (TypeError, ValueError) as refused:
        raise _Problem(str(refused)) from refused
    return asdict(bus.faults)


async def redeliver(request: web.Request) -> Any:
    """POST {"id"}: the event with this id comes (once more)."""
    body = await _object(request)
    if not platform_of(request).bus.again(str(body.get("id"))):
        raise _Problem(f"no event has the id {body.get('id')!r}; see dump?kind=event")
    return {"ok": True}


async def notify(request: web.Request) -> Any:
    """POST {"action": "subscribe-success", "customer-identifier": ..., ...}: the older SaaS notification, by SNS."""
    server, body = request.app[SERVER], await _object(request)
    if server.places is None or not body.get("action"):
        raise _Problem('a notification needs at least "action", e.g. "subscribe-success"')
    server.messaging.publish(server.places.topic_arn, body)
    return {"topic_arn": server.places.topic_arn}


async def permissions(request: web.Request) -> Any:
    """PUT {"key", "allowed"?: [IAM actions with *], "denied"?: [...]}."""
    body = await _object(request)
    try:
        key = platform_of(request).keys.permit(str(body.get("key")), body.get("allowed"), body.get("denied"))
    except KeyError as unknown:
        raise _Problem(f"nobody has the key {unknown}") from unknown
    return {"key": key.access, "allowed": key.allowed, "denied": key.denied}


async def limits(request: web.Request) -> Any:
    """PUT {"enabled": true|false}: whether the quotas hold."""
    counted = platform_of(request).limits
    counted.enabled = bool((await _object(request)).get("enabled", counted.enabled))
    return {"enabled": counted.enabled}


async def calls(request: web.Request) -> Any:
    """GET the number of calls by operation; DELETE starts anew."""
    counted = platform_of(request).calls
    if request.method == "DELETE":
        counted.clear()
    return {"total": counted.total(), "by_operation": dict(counted)}


def add_routes(app: web.Application) -> None:
    for methods, path, handler in (
        ("GET", "health", health), ("POST", "reset", reset), ("GET", "dump", dump), ("GET POST", "act", act),
        ("POST", "clock/advance", advance), ("POST", "clock", advance), ("POST", "tick", advance),
        ("POST", "advance", advance), ("GET PUT DELETE", "faults", faults), ("GET PUT DELETE", "delivery", delivery),
        ("POST", "redeliver", redeliver), ("POST", "notify", notify), ("PUT", "permissions", permissions),
        ("PUT", "limits", limits), ("GET DELETE", "calls", calls),
    ):  # fmt: skip
        for method in methods.split():
            app.router.add_route(method, f"{PREFIX}/{path}", _guarded(handler))


def _guarded(handler: Callable[[web.Request], Awaitable[Any]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def guarded(request: web.Request) -> web.Response:
        try:
            return _answer(await handler(request))
        except _Problem as refused:
            return _answer({"error": str(refused)}, 400)

    return guarded
