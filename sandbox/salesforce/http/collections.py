"""The sObject collections resources: many rows in one call, HTTP 200 whatever becomes of them."""

from __future__ import annotations

from aiohttp import web

from .. import batches
from ..errors import SalesforceError
from .saving import dml_of, stop_after
from .wire import answer, json_body, json_object, org_of, sobject_of, user_of, version_of


async def create(request: web.Request) -> web.Response:
    records, all_or_none = batches.read_request(await json_body(request))
    return answer(batches.create(dml_of(request), records, all_or_none, user_of(request), stop_after(request)))


async def update(request: web.Request) -> web.Response:
    records, all_or_none = batches.read_request(await json_body(request))
    return answer(batches.update(dml_of(request), records, all_or_none, user_of(request), stop_after(request)))


async def upsert(request: web.Request) -> web.Response:
    sobject = sobject_of(request)
    key = batches.external_id_field(sobject, request.match_info["field"])
    records, all_or_none = batches.read_request(await json_body(request))
    target = (sobject, key)
    done = batches.upsert(dml_of(request), target, records, all_or_none, user_of(request), stop_after(request))
    return answer(done)


async def delete(request: web.Request) -> web.Response:
    record_ids = _ids(request)
    all_or_none = request.query.get("allOrNone", "").lower() == "true"
    return answer(batches.delete(dml_of(request), record_ids, all_or_none, user_of(request), stop_after(request)))


async def retrieve(request: web.Request) -> web.Response:
    """POST {"ids": [...], "fields": [...]}, or GET ?ids=&fields= with comma-separated lists."""
    if request.method == "GET":
        record_ids, names = _ids(request), request.query.get("fields", "").split(",")
    else:
        body = await json_object(request)
        record_ids, names = body.get("ids", []), body.get("fields", [])
    for name, given in (("ids", record_ids), ("fields", names)):
        if not isinstance(given, list) or not all(isinstance(one, str) and one for one in given) or not given:
            raise SalesforceError("JSON_PARSER_ERROR", f"'{name}' must be a list of texts, and not empty")
    return answer(batches.retrieve(org_of(request).dml, sobject_of(request), record_ids, names, version_of(request)))


def _ids(request: web.Request) -> list[str]:
    given = [one.strip() for one in request.query.get("ids", "").split(",") if one.strip()]
    if not given:
        raise SalesforceError("MISSING_ARGUMENT", "The ids parameter is required")
    return given
