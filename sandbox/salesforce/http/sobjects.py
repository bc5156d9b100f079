"""The sObject resources of one row, describe, and the updated and deleted lists."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from .. import batches, ids, render, replication
from ..errors import entity_is_deleted, no_such_external_id, no_such_resource
from ..metadata import describe
from ..metadata.model import FieldDef, ObjectDef, Row
from . import conditional
from .saving import dml_of
from .wire import answer, json_object, org_of, sobject_of, user_of, version_of


async def describe_global(request: web.Request) -> web.Response:
    base = _base(request)
    listed = [describe.summary(one, base) for one in sorted(org_of(request).schema, key=lambda one: one.name)]
    return answer({"encoding": "UTF-8", "maxBatchSize": batches.MAX_ROWS, "sobjects": listed})


async def describe_one(request: web.Request) -> web.Response:
    org, sobject = org_of(request), sobject_of(request)
    record_types = {one.name: org.record_type(sobject.name, one.name) for one in sobject.record_types}
    return answer(describe.full(sobject, org.schema, _base(request), record_types))


async def basic(request: web.Request) -> web.Response:
    return answer({"objectDescribe": describe.summary(sobject_of(request), _base(request)), "recentItems": []})


async def create(request: web.Request) -> web.Response:
    sobject, body = sobject_of(request), await json_object(request)
    record_id = dml_of(request).create(sobject, body, user_of(request))
    return answer(
        {"id": record_id, "success": True, "errors": []},
        201,
        {"Location": f"{_base(request)}/{sobject.name}/{record_id}"},
    )


async def read(request: web.Request) -> web.Response:
    sobject, asked = sobject_of(request), request.match_info["id"]
    full = ids.normalise(asked)
    if full is None or full[:3] != sobject.key_prefix:
        raise no_such_external_id(asked)
    row = org_of(request).store.get(sobject.name, full)
    if row is None:
        raise no_such_resource()
    if row["IsDeleted"]:
        raise entity_is_deleted()
    return _print(request, sobject, row)


async def update(request: web.Request) -> web.Response:
    sobject, body = sobject_of(request), await json_object(request)
    dml = dml_of(request)
    conditional.check(request, sobject, dml.live(sobject, request.match_info["id"]))
    dml.update(sobject, request.match_info["id"], body, user_of(request))
    return web.Response(status=204)


async def delete(request: web.Request) -> web.Response:
    dml_of(request).delete(sobject_of(request), request.match_info["id"], user_of(request))
    return web.Response(status=204)


async def read_by_external_id(request: web.Request) -> web.Response:
    sobject, _, found = _by_external_id(request)
    if not found:
        raise no_such_resource()
    if len(found) > 1:
        return _several(request, sobject, found)
    row = org_of(request).store.get(sobject.name, found[0])
    assert row is not None
    return _print(request, sobject, row)


async def upsert(request: web.Request) -> web.Response:
    """201 with the new id, 200 with the id of the updated row (v46 and later), 300 with URLs of several rows."""
    sobject, key, found = _by_external_id(request)
    body = await json_object(request)
    if len(found) > 1:
        return _several(request, sobject, found)
    dml = dml_of(request)
    for one in found:
        conditional.check(request, sobject, dml.live(sobject, one))
    record_id, created = dml.upsert(sobject, key, _key_text(request, key), body, user_of(request))
    result = {"id": record_id, "success": True, "errors": [], "created": created}
    return answer(result, 201 if created else 200)


async def delete_by_external_id(request: web.Request) -> web.Response:
    sobject, _, found = _by_external_id(request)
    if not found:
        raise no_such_resource()
    if len(found) > 1:
        return _several(request, sobject, found)
    dml_of(request).delete(sobject, found[0], user_of(request))
    return web.Response(status=204)


async def updated(request: web.Request) -> web.Response:
    org, span = org_of(request), (request.query.get("start"), request.query.get("end"))
    return answer(replication.updated(org.store, sobject_of(request), *span, org.clock()))


async def deleted(request: web.Request) -> web.Response:
    org, span = org_of(request), (request.query.get("start"), request.query.get("end"))
    return answer(replication.deleted(org.store, sobject_of(request), *span, org.clock()))


def _by_external_id(request: web.Request) -> tuple[ObjectDef, FieldDef, list[str]]:
    org, sobject = org_of(request), sobject_of(request)
    key = batches.external_id_field(sobject, request.match_info["field"])
    return sobject, key, org.store.find(sobject.name, key, org.dml.key_value(key, _key_text(request, key)))


def _key_text(request: web.Request, key: FieldDef) -> Any:
    """The external id of the path, in the JSON type of its field."""
    text = request.match_info["value"]
    if key.type not in ("double", "int"):
        return text
    try:
        return float(text)
    except ValueError:
        raise no_such_resource() from None


def _several(request: web.Request, sobject: ObjectDef, found: list[str]) -> web.Response:
    return answer([f"{_base(request)}/{sobject.name}/{one}" for one in found], 300)


def _print(request: web.Request, sobject: ObjectDef, row: Row) -> web.Response:
    unchanged = conditional.check(request, sobject, row)
    if unchanged is not None:
        return unchanged
    names = [one for one in request.query.get("fields", "").split(",") if one.strip()]
    body = render.record(sobject, row, render.chosen_fields(sobject, names), version_of(request))
    return answer(body, headers=conditional.headers_of(sobject, row))


def _base(request: web.Request) -> str:
    return f"/services/data/{version_of(request)}/sobjects"
