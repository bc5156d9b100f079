"""What the doors `/__sandbox__/` of all emulators do alike; no part of an emulated API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson
from aiohttp import web

from .salesforce.faults import FaultPlanError, FaultRule, Faults

REFUSED = (FaultPlanError, orjson.JSONDecodeError)
Rule = TypeVar("Rule", bound=FaultRule)


async def arm(
    request: web.Request, faults: Faults, parse: Callable[[object], Sequence[Rule]]
) -> list[dict[str, object]]:
    """The armed rules with their counters, after PUT of a list of rules or DELETE of them all. Raises `REFUSED`."""
    if request.method == "PUT":
        faults.arm(parse(orjson.loads(await request.read())))
    elif request.method == "DELETE":
        faults.arm(())
    return faults.report()


async def body(request: web.Request) -> dict[str, Any]:
    """The object that was sent; empty where it is no object."""
    sent = orjson.loads(await request.read() or b"{}")
    return sent if isinstance(sent, dict) else {}
