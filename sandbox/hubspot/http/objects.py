"""The CRM objects resources: one record, lists, batches, search, merge and privacy deletion."""

from __future__ import annotations

import itertools
from typing import Any

from aiohttp import web

from sandbox.wires import reset

from .. import rows
from ..batches import Batch, Outcome, read_inputs
from ..errors import HubSpotError, not_found
from ..model import ObjectType
from ..portal import Portal
from ..store import Record
from .wire import FAULT, allow, answer, batch_answer, enforces, json_object, names_of, no_content, portal_of, type_of

MAX_LIST = 100


async def create(request: web.Request) -> web.Response:
    portal, type_ = _start(request, "write")
    record = rows.create(portal, type_, await json_object(request), portal.integration, enforce=enforces(request))
    return answer(rows.render(portal, type_, record), 201)


async def read(request: web.Request) -> web.Response:
    portal, type_ = _start(request, "read")
    archived = request.query.get("archived") == "true"
    record = _found(portal, type_, request.match_info["id"], request.query.get("idProperty"), archived)
    return answer(_with_associations(request, portal, type_, record))


async def update(request: web.Request) -> web.Response:
    portal, type_ = _start(request, "write")
    record = _found(portal, type_, request.match_info["id"], request.query.get("idProperty"))
    body = await json_object(request)
    after = rows.update(portal, type_, record, body, portal.integration, enforce=enforces(request))
    return answer(rows.render(portal, type_, after))


async def archive(request: web.Request) -> web.Response:
    """204 also for an id that does not exist."""
    portal, type_ = _start(request, "write")
    record = portal.crm.find(type_, request.match_info["id"], request.query.get("idProperty"))
    if record is not None:
        portal.crm.archive(type_, record, portal.integration)
    return no_content()


async def listing(request: web.Request) -> web.Response:
    """In the order of the numbers; `after` is the first id that is not shown yet."""
    portal, type_ = _start(request, "read")
    limit, after = request.query.get("limit", "10"), request.query.get("after", "0")
    if not limit.isdecimal() or not after.isdecimal() or not 1 <= int(limit) <= MAX_LIST:
        raise HubSpotError(400, f"limit must be a number from 1 to {MAX_LIST}, after the value of paging.next.after")
    archived = request.query.get("archived") == "true"
    every = (one for one in portal.store.rows_from(type_.id, int(after)) if one.archived == archived)
    found = list(itertools.islice(every, int(limit) + 1))
    page = found[: int(limit)]
    body: dict[str, Any] = {"results": [_with_associations(request, portal, type_, one) for one in page]}
    if len(found) > len(page):
        following = found[-1].id
        link = f"https://api.hubapi.com{request.rel_url.update_query(after=following)}"
        body["paging"] = {"next": {"after": following, "link": link}}
    return answer(body)


async def search(request: web.Request) -> web.Response:
    portal, type_ = _start(request, "read")
    body = await json_object(request)
    page = portal.searcher.run(type_, body)
    names = [str(one) for one in body.get("properties") or ()]
    found: dict[str, Any] = {
        "total": page.total, "results": [rows.render(portal, type_, one, names) for one in page.records],
    }  # fmt: skip
    if page.after is not None:
        found["paging"] = {"next": {"after": page.after}}
    return answer(found)


async def batch_read(request: web.Request) -> web.Response:
    portal, type_ = _start(request, "read")
    body = await json_object(request)
    inputs, names = read_inputs(body, need_id=True), [str(one) for one in body.get("properties") or ()]
    archived = request.query.get("archived") == "true"
    return batch_answer(request, Batch(portal, type_).read(inputs, names, body.get("idProperty"), archived))


async def batch_create(request: web.Request) -> web.Response:
    inputs = read_inputs(await json_object(request), need_id=False)
    return _written(request, _batch(request).create(inputs), 201)


async def batch_update(request: web.Request) -> web.Response:
    inputs = read_inputs(await json_object(request), need_id=True)
    return _written(request, _batch(request).update(inputs))


async def batch_upsert(request: web.Request) -> web.Response:
    inputs = read_inputs(await json_object(request), need_id=True)
    return _written(request, _batch(request).upsert(inputs))


async def batch_archive(request: web.Request) -> web.Response:
    inputs = read_inputs(await json_object(request), need_id=True)
    outcome = _batch(request).archive(inputs)
    return no_content() if not outcome.errors else _written(request, outcome)


async def merge(request: web.Request) -> web.Response:
    portal, type_ = _start(request, "write")
    body = await json_object(request)
    ids = [body.get("primaryObjectId"), body.get("objectIdToMerge")]
    if not all(isinstance(one, str) and one for one in ids):
        raise HubSpotError(400, "Some required fields were not set: [primaryObjectId, objectIdToMerge]")
    new = portal.settings.merge_makes_new_record
    merged = portal.crm.merge(type_, str(ids[0]), str(ids[1]), portal.integration, new)
    return answer(rows.render(portal, type_, merged))


async def gdpr_delete(request: web.Request) -> web.Response:
    """Contacts only. By id, or by email with idProperty."""
    portal, type_ = _start(request, "write")
    if type_.id != "0-1":
        raise not_found()
    body = await json_object(request)
    record = portal.crm.find(type_, str(body.get("objectId")), body.get("idProperty"))
    if record is not None:
        portal.crm.gdpr_delete(type_, record, portal.integration)
    return no_content()


def _start(request: web.Request, right: str) -> tuple[Portal, ObjectType]:
    type_ = type_of(request)
    allow(request, type_, right)
    return portal_of(request), type_


def _batch(request: web.Request) -> Batch:
    portal, type_ = _start(request, "write")
    fault = request.get(FAULT)
    half = fault if fault is not None and fault.kind.startswith("half_") else None
    return Batch(portal, type_, enforces(request), half)


def _written(request: web.Request, outcome: Outcome, good: int = 200) -> web.Response:
    return reset(request) if outcome.broken else batch_answer(request, outcome, good)


def _found(portal: Portal, type_: ObjectType, key: str, id_property: str | None, archived: bool = False) -> Record:
    record = portal.crm.find(type_, key, id_property, archived)
    if record is None:
        raise not_found()
    return record


def _with_associations(request: web.Request, portal: Portal, type_: ObjectType, record: Record) -> dict[str, Any]:
    body = rows.render(portal, type_, record, names_of(request))
    asked = names_of(request, "associations")
    shown = {}
    for name in asked:
        other = portal.schema.require(name)
        found = portal.associations.of(type_, record.id, other)
        kind = f"{type_.singular}_to_{other.singular}"
        if found:
            results = [
                {"id": other_id, "type": kind if one.primary else f"{kind}_unlabeled"}
                for other_id, types in found for one in types
            ]  # fmt: skip
            shown[other.plural] = {"results": results}
    return {**body, "associations": shown} if shown else body
