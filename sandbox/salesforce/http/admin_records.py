"""`/__sandbox__/`: what users and admins of the org do: edits, merges, conversions, undeletes, automation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any

import orjson
from aiohttp import web

from .. import ids
from ..errors import SalesforceError
from ..metadata.model import ObjectDef
from ..org import Org
from ..platform import Conversion, Platform
from ..pubsub import origin
from ..triggers import TriggerError, from_rules
from .wire import answer, org_of

Body = dict[str, Any]
Door = Callable[[Org, Body, str], Any]
CONVERSION = frozenset(one.name for one in fields(Conversion)) | {"user", "origin"}


def edit(org: Org, body: Body, user_id: str) -> Any:
    """{"user", "object", "id", "fields"}, or "delete": true; or "edits": a list of such, as one transaction.

    `origin` is the changeOrigin of the events; without it they have none, as a write of the org's own automation.
    """
    if "edits" not in body:
        return {"id": _edit(org, body, user_id)}
    with org.store.savepoint():
        return {"ids": [_edit(org, one, user_id) for one in body["edits"]]}


def _edit(org: Org, body: Body, user_id: str) -> Any:
    sobject, record_id = sobject_of(org, body.get("object")), body.get("id")
    if body.get("delete") is True:
        org.dml.delete(sobject, str(record_id), user_id)
    elif record_id:
        org.dml.update(sobject, str(record_id), body.get("fields") or {}, user_id)
    else:
        return org.dml.create(sobject, body.get("fields") or {}, user_id)
    return record_id


def merge(org: Org, body: Body, user_id: str) -> Any:
    """{"user", "object", "master", "losers": [...], "fields"}: as the SOAP call merge() does; it has no REST form."""
    losers = [str(one) for one in body.get("losers") or []]
    sobject = sobject_of(org, body.get("object"))
    Platform(org.dml, org.clock).merge(sobject, str(body.get("master")), losers, body.get("fields") or {}, user_id)
    return {"id": ids.normalise(body.get("master"))}


def undelete(org: Org, body: Body, user_id: str) -> Any:
    """{"user", "object", "id"} or "ids": as the SOAP call undelete() does."""
    sobject = sobject_of(org, body.get("object"))
    found = [ids.normalise(one) or str(one) for one in body.get("ids") or [body.get("id")]]
    with org.store.savepoint():
        for one in found:
            Platform(org.dml, org.clock).undelete(sobject, one, user_id)
    return {"ids": found}


def convert(org: Org, body: Body, user_id: str) -> Any:
    """{"user", "lead_id", "status", "account_id", "contact_id", "opportunity": false, "opportunity_name"}."""
    unknown = set(body) - CONVERSION
    if unknown or "lead_id" not in body:
        raise SalesforceError("MISSING_ARGUMENT", f"a conversion has lead_id and, if need be, {sorted(CONVERSION)}")
    given = {name: value for name, value in body.items() if name not in ("user", "origin")}
    return Platform(org.dml, org.clock).convert(Conversion(**given), user_id)


async def triggers(request: web.Request) -> web.Response:
    """PUT a list of rules {"object", "on", "moment", "set", "upper"}; DELETE ends them. GET tells how many there are."""
    org = org_of(request)
    try:
        if request.method == "PUT":
            org.dml.triggers[:] = from_rules(orjson.loads(await request.read()), org.schema)
        elif request.method == "DELETE":
            org.dml.triggers.clear()
    except (TriggerError, orjson.JSONDecodeError) as refused:
        return answer({"error": str(refused)}, 400)
    return answer({"triggers": len(org.dml.triggers)})


def sobject_of(org: Org, name: Any) -> ObjectDef:
    found = org.schema.get(str(name))
    if found is None:
        raise SalesforceError("INVALID_TYPE", f"object {name!r} is not an object of this org; give ?object=Account")
    return found


def _door(act: Door) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler that finds the user of the body; a refusal is a 400 that says why."""

    async def handler(request: web.Request) -> web.Response:
        org, body = org_of(request), orjson.loads(await request.read() or b"{}")
        try:
            user_id = org.user_id(str(body["user"]))
        except KeyError as unknown:
            return answer(
                {"error": f"{unknown.args[0]!r} is missing or not a known user; give a Username or a user id"}, 400
            )
        try:
            with origin.made_by(str(body.get("origin", ""))):
                return answer(act(org, body, user_id))
        except SalesforceError as refused:
            return answer({"error": f"{refused.message} ({refused.code})"}, 400)

    return handler


def add_routes(app: web.Application, prefix: str) -> None:
    for path, act in (("edit", edit), ("merge", merge), ("undelete", undelete), ("convert-lead", convert)):
        app.router.add_route("POST", f"{prefix}/{path}", _door(act))
    for method in ("GET", "PUT", "DELETE"):
        app.router.add_route(method, f"{prefix}/triggers", triggers)
