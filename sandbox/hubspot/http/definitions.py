"""Properties, property groups, custom object schemas, pipelines, owners and account information."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from .. import times
from ..auth import require
from ..errors import HubSpotError, not_found
from ..reference import pipelines
from ..schema import group_body, no_such_property, schema_body
from .wire import SESSION, allow, answer, json_object, portal_of, type_of


async def list_properties(request: web.Request) -> web.Response:
    type_ = type_of(request)
    allow(request, type_, "read", "schemas")
    return answer({"results": [one.body() for one in type_.properties.values()]})


async def read_property(request: web.Request) -> web.Response:
    type_, name = type_of(request), request.match_info["name"]
    allow(request, type_, "read", "schemas")
    if name not in type_.properties:
        raise no_such_property(name)
    return answer(type_.properties[name].body())


async def create_property(request: web.Request) -> web.Response:
    type_ = type_of(request)
    allow(request, type_, "write", "schemas")
    return answer(portal_of(request).schema.add_property(type_, await json_object(request)).body(), 201)


async def change_property(request: web.Request) -> web.Response:
    type_ = type_of(request)
    allow(request, type_, "write", "schemas")
    schema = portal_of(request).schema
    return answer(schema.change_property(type_, request.match_info["name"], await json_object(request)).body())


async def create_properties(request: web.Request) -> web.Response:
    """The batch of definitions: all or nothing up to the first that is refused."""
    type_ = type_of(request)
    allow(request, type_, "write", "schemas")
    inputs = (await json_object(request)).get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise HubSpotError(400, "inputs must not be empty")
    made = [portal_of(request).schema.add_property(type_, one).body() for one in inputs]
    now = times.iso(times.to_milli(portal_of(request).clock()))
    return answer({"completedAt": now, "status": "COMPLETE", "startedAt": now, "results": made}, 201)


async def list_groups(request: web.Request) -> web.Response:
    type_ = type_of(request)
    allow(request, type_, "read", "schemas")
    return answer({"results": [group_body(name, label) for name, label in type_.groups.items()]})


async def create_group(request: web.Request) -> web.Response:
    type_ = type_of(request)
    allow(request, type_, "write", "schemas")
    return answer(portal_of(request).schema.add_group(type_, await json_object(request)), 201)


async def list_schemas(request: web.Request) -> web.Response:
    require(request[SESSION], "crm.schemas.custom.read")
    return answer({"results": [_schema(request, one.id) for one in portal_of(request).schema.custom()]})


async def read_schema(request: web.Request) -> web.Response:
    require(request[SESSION], "crm.schemas.custom.read")
    found = portal_of(request).schema.get(request.match_info["type"])
    if found is None or found.custom is None:
        raise not_found()
    return answer(_schema(request, found.id))


async def create_schema(request: web.Request) -> web.Response:
    """With the custom object come its associations to the objects that it names."""
    require(request[SESSION], "crm.schemas.custom.write")
    portal, body = portal_of(request), await json_object(request)
    made = portal.schema.add_type(body)
    for name in body.get("associatedObjects") or ():
        portal.associations.types.define(made.id, portal.schema.require(str(name)).id, None, None)
    return answer(_schema(request, made.id), 201)


async def list_pipelines(request: web.Request) -> web.Response:
    type_ = type_of(request)
    allow(request, type_, "read", "schemas")
    return answer({"results": pipelines(type_.id)})


async def read_pipeline(request: web.Request) -> web.Response:
    type_ = type_of(request)
    allow(request, type_, "read", "schemas")
    found = [one for one in pipelines(type_.id) if one["id"] == request.match_info["pipeline"]]
    if not found:
        raise not_found()
    return answer(found[0])


async def list_owners(request: web.Request) -> web.Response:
    require(request[SESSION], "crm.objects.owners.read")
    wanted = request.query.get("email")
    found = [_owner(owner, mail) for owner, mail in portal_of(request).crm.owners.items() if wanted in (None, mail)]
    return answer({"results": found})


async def read_owner(request: web.Request) -> web.Response:
    require(request[SESSION], "crm.objects.owners.read")
    owners, owner = portal_of(request).crm.owners, request.match_info["owner"]
    if owner not in owners:
        raise not_found()
    return answer(_owner(owner, owners[owner]))


async def account_details(request: web.Request) -> web.Response:
    require(request[SESSION], "oauth")
    return answer({
        "portalId": portal_of(request).id, "accountType": "STANDARD", "timeZone": "UTC", "companyCurrency": "USD",
        "additionalCurrencies": [], "utcOffset": "+00:00", "utcOffsetMilliseconds": 0, "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    })  # fmt: skip


async def daily_usage(request: web.Request) -> web.Response:
    require(request[SESSION], "oauth")
    portal = portal_of(request)
    limits = portal.limits
    usage = {
        "name": "private-apps-api-calls-daily", "usageLimit": limits.daily, "currentUsage": limits.used,
        "collectedAt": times.iso(times.to_milli(portal.clock())), "fetchStatus": "SUCCESS",
        "resetsAt": times.iso(limits.resets_at()),
    }  # fmt: skip
    return answer({"results": [usage]})


def _owner(owner: str, mail: str) -> dict[str, Any]:
    first, _, last = mail.partition("@")[0].partition(".")
    at = "2026-01-01T00:00:00.000Z"
    return {
        "id": owner, "email": mail, "type": "PERSON", "firstName": first.title(), "lastName": last.title(),
        "userId": int(owner) % 1000, "userIdIncludingInactive": int(owner) % 1000, "createdAt": at, "updatedAt": at,
        "archived": False,
    }  # fmt: skip


def _schema(request: web.Request, type_id: str) -> dict[str, Any]:
    portal = portal_of(request)
    type_ = portal.schema.require(type_id)
    found = [
        {"fromObjectTypeId": type_id, "toObjectTypeId": other.id, "name": f"{type_.singular}_to_{other.singular}",
         "id": str(one.id)}
        for other in portal.schema for one in portal.associations.types.between(type_id, other.id)
    ]  # fmt: skip
    return schema_body(type_, found)
