"""The associations resources (v4 and dated): batches, one pair, labels."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from ..associations import Associations, End
from ..batches import Outcome, read_inputs
from ..errors import HubSpotError, invalid_input
from ..model import ObjectType
from ..rows import Input
from .wire import allow, answer, batch_answer, json_object, no_content, portal_of, type_of, version_of

MAX_CREATE, MAX_ARCHIVE, MAX_TO = 2000, 100, 500


async def batch_create(request: web.Request) -> web.Response:
    """201, or 207 where some of the pairs cannot be."""
    book, start, end = _start(request, "write")
    outcome = Outcome()
    for one in read_inputs(await json_object(request), need_id=False, maximum=MAX_CREATE):
        try:
            pair = _ends(one, start, end)
            labels = book.add(*pair, book.types_from(start, end, one.get("types")), portal_of(request).integration)
        except HubSpotError as refused:
            outcome.errors.append(refused.row(None))
        else:
            outcome.results.append(_created(request, pair, labels))
    return batch_answer(request, outcome, 201)


async def batch_default(request: web.Request) -> web.Response:
    """Both directions of the most general type, per pair."""
    book, start, end = _start(request, "write")
    outcome = Outcome()
    for one in read_inputs(await json_object(request), need_id=False, maximum=MAX_CREATE):
        try:
            outcome.results += _default(request, book, _ends(one, start, end))
        except HubSpotError as refused:
            outcome.errors.append(refused.row(None))
    return batch_answer(request, outcome)


async def batch_read(request: web.Request) -> web.Response:
    """Per id what it is associated with; an id without associations is an error of a 207."""
    book, start, end = _start(request, "read")
    maximum = portal_of(request).settings.association_reads
    outcome = Outcome()
    for one in read_inputs(await json_object(request), need_id=True, maximum=maximum):
        found = _page(request, book.of(start, str(one["id"]), end), str(one.get("after") or ""))
        if found["to"]:
            outcome.results.append({"from": {"id": str(one["id"])}, **found})
        else:
            words = f"No {end.singular} is associated with {start.singular} {one['id']}."
            refused = HubSpotError(
                404, words, "OBJECT_NOT_FOUND", context={"fromObjectId": [str(one["id"])]},
                sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
            )  # fmt: skip
            outcome.errors.append(refused.row(None))
    return batch_answer(request, outcome)


async def batch_archive(request: web.Request) -> web.Response:
    """Everything between each `from` and its list of `to`."""
    book, start, end = _start(request, "write")
    for one in read_inputs(await json_object(request), need_id=False, maximum=MAX_ARCHIVE):
        targets = one.get("to")
        if not isinstance(targets, list):
            raise invalid_input("to must be a list of objects with an id")
        for target in targets:
            pair = _ends({"from": one.get("from"), "to": target}, start, end)
            book.remove(*pair, None, portal_of(request).integration)
    return no_content()


async def batch_archive_labels(request: web.Request) -> web.Response:
    book, start, end = _start(request, "write")
    for one in read_inputs(await json_object(request), need_id=False, maximum=MAX_CREATE):
        types = [type_.id for type_ in book.types_from(start, end, one.get("types"))]
        book.remove(*_ends(one, start, end), types, portal_of(request).integration)
    return no_content()


async def list_labels(request: web.Request) -> web.Response:
    book, start, end = _start(request, "read")
    return answer({"results": [one.body() for one in book.types.between(start.id, end.id)]})


async def create_label(request: web.Request) -> web.Response:
    book, start, end = _start(request, "write")
    made = book.types.add_label(start, end, await json_object(request))
    return answer({"results": [one.body() for one in made]})


async def read_one(request: web.Request) -> web.Response:
    book, start, end = _start(request, "read")
    found = book.of(start, request.match_info["id"], end)
    page = _page(request, found, request.query.get("after", ""))
    return answer({"results": page["to"], **({"paging": page["paging"]} if "paging" in page else {})})


async def put_one(request: web.Request) -> web.Response:
    """The body is the list of types."""
    book, start, end = _start(request, "write")
    try:
        specs = orjson.loads(await request.read())
    except orjson.JSONDecodeError as broken:
        raise invalid_input(broken.msg) from None
    pair = (start, request.match_info["id"]), (end, request.match_info["to_id"])
    labels = book.add(*pair, book.types_from(start, end, specs), portal_of(request).integration)
    return answer(_created(request, pair, labels), 201)


async def put_default(request: web.Request) -> web.Response:
    book, start, end = _start(request, "write")
    pair = (start, request.match_info["id"]), (end, request.match_info["to_id"])
    return batch_answer(request, Outcome(_default(request, book, pair)))


async def delete_one(request: web.Request) -> web.Response:
    book, start, end = _start(request, "write")
    pair = (start, request.match_info["id"]), (end, request.match_info["to_id"])
    book.remove(*pair, None, portal_of(request).integration)
    return no_content()


async def read_v3(request: web.Request) -> web.Response:
    """The older shape: ids with the name of the type."""
    book, start, end = _start(request, "read")
    kind = f"{start.singular}_to_{end.singular}"
    found = book.of(start, request.match_info["id"], end)
    return answer({"results": [{"id": other, "type": kind} for other, _ in found]})


def _start(request: web.Request, right: str) -> tuple[Associations, ObjectType, ObjectType]:
    start, end = type_of(request, "type"), type_of(request, "to")
    allow(request, start, right)
    return portal_of(request).associations, start, end


def _ends(one: Input, start: ObjectType, end: ObjectType) -> tuple[End, End]:
    found = []
    for key in ("from", "to"):
        given = one.get(key)
        if not isinstance(given, dict) or not isinstance(given.get("id"), str | int) or isinstance(given["id"], bool):
            raise invalid_input(f"{key} must be an object with an id")
        found.append(str(given["id"]))
    return (start, found[0]), (end, found[1])


def _default(request: web.Request, book: Associations, pair: tuple[End, End]) -> list[dict[str, Any]]:
    book.add(*pair, [], portal_of(request).integration)
    there = book.types.default(pair[0][0], pair[1][0])
    made = []
    for type_id, start, end in ((there.id, pair[0], pair[1]), (there.inverse, pair[1], pair[0])):
        spec = {"associationCategory": there.category, "associationTypeId": type_id}
        made.append({"from": {"id": start[1]}, "to": {"id": end[1]}, "associationSpec": spec})
    return made


def _created(request: web.Request, pair: tuple[End, End], labels: list[str]) -> dict[str, Any]:
    (start, from_id), (end, to_id) = pair
    return {
        "fromObjectTypeId": start.id, "fromObjectId": _number(request, from_id), "toObjectTypeId": end.id,
        "toObjectId": _number(request, to_id), "labels": labels,
    }  # fmt: skip


def _number(request: web.Request, record_id: str) -> int | str:
    """v4 shows ids as numbers, the dated versions as texts."""
    return record_id if version_of(request) else int(record_id)


def _page(request: web.Request, found: list[tuple[str, Any]], after: str) -> dict[str, Any]:
    rest = [one for one in found if not after or int(one[0]) >= int(after)]
    shown = [
        {"toObjectId": _number(request, other), "associationTypes": [one.body() for one in types]}
        for other, types in rest[:MAX_TO]
    ]
    return {"to": shown, **({"paging": {"next": {"after": rest[MAX_TO][0]}}} if len(rest) > MAX_TO else {})}
