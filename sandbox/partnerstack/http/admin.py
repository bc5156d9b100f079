"""`/__sandbox__/`: what a test or a demo does behind the platform's back; no part of the emulated API."""

from __future__ import annotations

import inspect

import orjson
from aiohttp import web

from sandbox import door

from ..account import Account
from ..acts import Acts
from ..errors import PartnerStackError
from ..faults import parse_rules
from ..model import KINDS
from .delivery import deliver
from .guards import PREFIX
from .wire import SERVER, account_of, answer


async def health(request: web.Request) -> web.Response:
    account = account_of(request)
    counts = {name: sum(not each.archived for each in rows.values()) for name, rows in account.rows.items()}
    return answer({"ok": True, "now": account.clock().isoformat(), "records": counts})


async def reset(request: web.Request) -> web.Response:
    """An empty account with the same settings."""
    server = request.app[SERVER]
    server.account = Account(server.account.settings)
    return await health(request)


async def act(request: web.Request) -> web.Response:
    """POST {"act": name, ...arguments}: what people do by hand; the record as the API shows it."""
    body = await door.body(request)
    name = str(body.pop("act", ""))
    acts = Acts(account_of(request))
    known = sorted(each for each, _ in inspect.getmembers(Acts, inspect.isfunction) if not each.startswith("_"))
    if name not in known:
        return _problem(f"no act is called {name!r}; known are {', '.join(known)}")
    try:
        return answer(getattr(acts, name)(**body))
    except (PartnerStackError, TypeError, KeyError) as refused:
        return _problem(str(refused))


async def writes(request: web.Request) -> web.Response:
    """GET ?resource=deals: per record, who has changed it how often (`api` or `user`)."""
    rows = account_of(request).rows[_resource(request)]
    return answer({key: {who: each.writes.count(who) for who in each.writes} for key, each in rows.items()})


async def dump(request: web.Request) -> web.Response:
    """GET ?resource=deals: every record as JSON lines, archived ones too."""
    account, kind = account_of(request), KINDS[_resource(request)]
    lines = (orjson.dumps(account.show(kind, each)) + b"\n" for each in account.rows[kind.name].values())
    return web.Response(body=b"".join(lines), content_type="application/x-ndjson")


async def calls(request: web.Request) -> web.Response:
    """GET the number of calls by endpoint (keys left out); DELETE starts anew."""
    counted = account_of(request).calls
    if request.method == "DELETE":
        counted.clear()
    return answer({"total": counted.total(), "by_endpoint": dict(counted)})


async def faults(request: web.Request) -> web.Response:
    """GET the armed rules with their counters, PUT a list of rules, DELETE them all."""
    try:
        return answer(await door.arm(request, account_of(request).faults, parse_rules))
    except door.REFUSED as refused:
        return _problem(str(refused))


async def webhooks(request: web.Request) -> web.Response:
    push = account_of(request).push
    return answer({"hooks": len(push.hooks), "queued": len(push.queue), "sent": push.sent})


async def deliver_webhooks(request: web.Request) -> web.Response:
    """POST {"shuffle"?, "duplicates"?, "lose"?}: sends now what waits."""
    return answer(await deliver(account_of(request), await door.body(request)))


async def advance_clock(request: web.Request) -> web.Response:
    """POST {"seconds": n} moves the account's time forward."""
    clock, body = account_of(request).clock, await door.body(request)
    clock.advance(float(body.get("seconds", 0)))
    return answer({"now": clock().isoformat()})


def add_routes(app: web.Application) -> None:
    for method, path, handler in (
        ("GET", "health", health), ("POST", "reset", reset), ("POST", "act", act), ("GET", "writes", writes),
        ("GET", "dump", dump), ("GET", "calls", calls), ("DELETE", "calls", calls), ("GET", "faults", faults),
        ("PUT", "faults", faults), ("DELETE", "faults", faults), ("GET", "webhooks", webhooks),
        ("POST", "webhooks/deliver", deliver_webhooks), ("POST", "clock", advance_clock),
    ):  # fmt: skip
        app.router.add_route(method, f"{PREFIX}/{path}", handler)


def _resource(request: web.Request) -> str:
    name = request.query.get("resource", "")
    if name not in KINDS:
        raise PartnerStackError(400, f"no resource is called {name!r}; known are {', '.join(KINDS)}")
    return name


def _problem(message: str) -> web.Response:
    return answer({"error": message}, 400)
