"""`/__sandbox__/rules` and `/__sandbox__/jobs`: an admin's rules, and the pace of bulk jobs; no part of the API."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from ..bulk.jobs import Pace
from ..rules.model import RuleError, parse_rules
from .wire import answer, org_of

_PACES = ("by_poll", "at_once", "held")


async def rules(request: web.Request) -> web.Response:
    """GET the rules, PUT a list of them in place of the old ones, DELETE them all."""
    gate = org_of(request).gate
    try:
        if request.method == "PUT":
            gate.arm(parse_rules(orjson.loads(await request.read())))
        elif request.method == "DELETE":
            gate.arm(())
    except (RuleError, orjson.JSONDecodeError) as refused:
        return answer({"error": str(refused)}, 400)
    return answer([one.model_dump() for one in gate.armed.rules])


async def jobs(request: web.Request) -> web.Response:
    """GET the states; PUT {"pace": "held", "rows": 3}; POST takes every waiting or held job to its end."""
    known = org_of(request).jobs
    if request.method == "PUT":
        body: dict[str, Any] = orjson.loads(await request.read())
        pace, rows = body.get("pace"), body.get("rows", 0)
        if pace not in _PACES or not isinstance(rows, int):
            return answer({"error": f"give pace as one of {', '.join(_PACES)}, and rows as a number"}, 400)
        known.pace = Pace(pace, rows)
    elif request.method == "POST":
        known.run_all()
    infos = [job.info for kind in ("ingest", "query") for job in known.all(kind)]
    return answer({"pace": known.pace.kind, "rows": known.pace.rows, "jobs": {one.id: one.state for one in infos}})


def add_routes(app: web.Application, prefix: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        app.router.add_route(method, f"{prefix}/rules", rules)
    for method in ("GET", "PUT", "POST"):
        app.router.add_route(method, f"{prefix}/jobs", jobs)
