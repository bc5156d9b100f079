"""`/__sandbox__/pubsub`: what goes wrong on the stream, and keepalives without waiting; no part of the emulated API."""

from __future__ import annotations

from typing import Any

import grpc
import orjson
from aiohttp import web

from ..org import Org
from ..pubsub.mischief import Refusal
from ..pubsub.schema import CHANGE_TYPES
from .wire import answer, org_of

Body = dict[str, Any]


async def show(request: web.Request) -> web.Response:
    """GET: the log, the open subscriptions and the orders in force."""
    org = org_of(request)
    streams = [{"topic": one.topic, "pending": one.pending} for one in org.streams]
    return answer({**org.changes.report(), "silent": org.mischief.silent, "streams": streams})


async def act(request: web.Request) -> web.Response:
    """POST to pubsub/{action} with the action's body; answers what GET does."""
    org, body = org_of(request), orjson.loads(await request.read() or b"{}")
    action = ACTIONS.get(request.match_info["action"])
    if action is None:
        return answer({"error": f"actions are {', '.join(ACTIONS)}"}, 400)
    try:
        action(org, body)
    except (KeyError, ValueError) as wrong:
        return answer({"error": f"{request.match_info['action']}: {wrong} is missing or cannot be used"}, 400)
    org.changes.notify()
    return await show(request)


def _drop(org: Org, body: Body) -> None:
    """Every stream ends with UNAVAILABLE, without an error code."""
    org.mischief.drops += 1


def _silence(org: Org, body: Body) -> None:
    """Streams stay open and say nothing, no keepalive either; {"silent": false} ends it."""
    org.mischief.silent = body.get("silent", True) is True


def _keepalive(org: Org, body: Body) -> None:
    """Every stream that owes events and has none sends its keepalive now."""
    org.mischief.keepalives += 1


def _corrupt(org: Org, body: Body) -> None:
    """Every replay id given out so far is refused from now on."""
    org.changes.corrupt()


def _age(org: Org, body: Body) -> None:
    """Everything so far leaves the retention window at once."""
    org.changes.age()


def _gap(org: Org, body: Body) -> None:
    """{"object": "Account", "times": 1}: the next events come as GAP_*; without times all do; 0 ends it."""
    times = body.get("times")
    org.changes.make_gaps(org.schema.require(str(body["object"])).name, None if times is None else int(times))


def _announce(org: Org, body: Body) -> None:
    """{"object": "Account", "type": "GAP_UPDATE", "ids": ["001*"]}: an event without a write."""
    kind, found = str(body["type"]), tuple(str(one) for one in body["ids"])
    if kind not in CHANGE_TYPES:
        raise ValueError(kind)
    org.changes.announce(org.schema.require(str(body["object"])), kind, found, org.admin_id)


def _overflow(org: Org, body: Body) -> None:
    """{"after": n}: changes of a transaction beyond n are told by GAP_OVERFLOW."""
    org.changes.overflow_at(int(body["after"]))


def _refuse(org: Org, body: Body) -> None:
    """{"rpc": "Subscribe", "status": "UNAVAILABLE", "code": "service.unavailable", "times": 1}."""
    status = grpc.StatusCode[str(body["status"])]
    org.mischief.refusals.append(Refusal(str(body["rpc"]), status, str(body.get("code", "")), body.get("times", 1)))


ACTIONS = {
    "drop": _drop, "silence": _silence, "keepalive": _keepalive, "corrupt": _corrupt, "age": _age, "gap": _gap,
    "announce": _announce, "overflow": _overflow, "refuse": _refuse,
}  # fmt: skip


def add_routes(app: web.Application, prefix: str) -> None:
    app.router.add_route("GET", f"{prefix}/pubsub", show)
    app.router.add_route("POST", f"{prefix}/pubsub/{{action}}", act)
