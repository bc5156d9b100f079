"""The sObject collections: up to 200 rows in one call, one result each, in order; it bends no rule of a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from . import ids, render
from .dml import Dml
from .errors import (
    SalesforceError,
    attributes_not_first,
    field_not_allowed_in_body,
    no_such_external_id,
    rolled_back,
)
from .metadata.model import FieldDef, ObjectDef, Value
from .store import index_key

MAX_ROWS = 200
MAX_CHUNKS = 10
MAX_RETRIEVE = 2000
Step = Callable[[], dict[str, Any]]


class _RolledBackError(Exception):
    """Leaves the savepoint of an allOrNone call; never seen outside this module."""


def read_request(body: Any) -> tuple[list[dict[str, Any]], bool]:
    """(records, allOrNone) of a collections body; raises a whole-request error if it has no such shape."""
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise SalesforceError(
            "JSON_PARSER_ERROR", "The request body must be an object with a list 'records' of objects"
        )
    check_count(records)
    return records, body.get("allOrNone") is True


def check_count(rows: Sequence[Any]) -> None:
    if len(rows) > MAX_ROWS:
        raise SalesforceError(
            "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {MAX_ROWS} records into this call"
        )


def create(
    dml: Dml, records: Sequence[dict[str, Any]], all_or_none: bool, user_id: str, stop_after: int | None = None
) -> list[dict[str, Any]]:
    def one(record: dict[str, Any]) -> dict[str, Any]:
        sobject = _typed(dml, record, None)
        if "Id" in record or "id" in record:
            raise field_not_allowed_in_body("Id")
        return {"id": dml.create(sobject, record, user_id), "success": True, "errors": []}

    _check_chunks(records)
    return _run(dml, [partial(one, record) for record in records], (all_or_none, stop_after), {})


def update(
    dml: Dml, records: Sequence[dict[str, Any]], all_or_none: bool, user_id: str, stop_after: int | None = None
) -> list[dict[str, Any]]:
    def one(record: dict[str, Any]) -> dict[str, Any]:
        sobject = _typed(dml, record, None)
        record_id, rest = _split(record, "Id")
        if record_id is None:
            raise SalesforceError("MISSING_ARGUMENT", "Id not specified in an update call", [])
        full = ids.normalise(record_id)
        if full is None or full[:3] != sobject.key_prefix:
            raise SalesforceError(
                "MALFORMED_ID", f"{sobject.label} ID: id value of incorrect type: {record_id}", ["Id"]
            )
        dml.update(sobject, full, rest, user_id)
        return {"id": full, "success": True, "errors": []}

    _check_chunks(records)
    return _run(dml, [partial(one, record) for record in records], (all_or_none, stop_after), {})


def upsert(
    dml: Dml,
    key: tuple[ObjectDef, FieldDef],
    records: Sequence[dict[str, Any]],
    all_or_none: bool,
    user_id: str,
    stop_after: int | None = None,
) -> list[dict[str, Any]]:
    """Every row that shares its external id with another of the call is refused, and none of them is written."""
    sobject, by = key
    seen = Counter(_key(dml, by, record) for record in records)

    def one(record: dict[str, Any]) -> dict[str, Any]:
        _typed(dml, record, sobject)
        raw, rest = _split(record, by.name)
        if raw is None or raw == "":
            raise SalesforceError("MISSING_ARGUMENT", f"{by.name} not specified", [])
        if seen[_key(dml, by, record)] > 1:
            raise SalesforceError("DUPLICATE_VALUE", f"Duplicate external id specified: {raw}", [by.name])
        record_id, created = dml.upsert(sobject, by, raw, rest, user_id)
        return {"id": record_id, "success": True, "errors": [], "created": created}

    return _run(dml, [partial(one, record) for record in records], (all_or_none, stop_after), {"created": False})


def delete(
    dml: Dml, record_ids: Sequence[str], all_or_none: bool, user_id: str, stop_after: int | None = None
) -> list[dict[str, Any]]:
    check_count(record_ids)

    def one(record_id: str) -> dict[str, Any]:
        full = ids.normalise(record_id)
        sobject = dml.store.schema.by_prefix(full) if full else None
        if full is None or sobject is None:
            raise SalesforceError("MALFORMED_ID", f"malformed id {record_id}", [])
        dml.delete(sobject, full, user_id)
        return {"id": full, "success": True, "errors": []}

    return _run(dml, [partial(one, record_id) for record_id in record_ids], (all_or_none, stop_after), {})


def retrieve(
    dml: Dml, sobject: ObjectDef, record_ids: Sequence[str], names: Sequence[str], version: str
) -> list[dict[str, Any] | None]:
    """One record or null per id, in order; deleted and unknown rows are null."""
    if len(record_ids) > MAX_RETRIEVE:
        raise SalesforceError(
            "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {MAX_RETRIEVE} records into this call"
        )
    fields = render.chosen_fields(sobject, names)
    found: list[dict[str, Any] | None] = []
    for one in record_ids:
        full = ids.normalise(one)
        if full is None:
            raise SalesforceError("MALFORMED_ID", f"malformed id {one}")
        row = dml.store.get(sobject.name, full)
        found.append(None if row is None or row["IsDeleted"] else render.record(sobject, row, fields, version))
    return found


def external_id_field(sobject: ObjectDef, name: str) -> FieldDef:
    found = sobject.field(name)
    if found is None or not found.id_lookup:
        raise no_such_external_id(name)
    return found


def _run(
    dml: Dml, steps: Sequence[Step], how: tuple[bool, int | None], on_failure: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """`how` is allOrNone, and after how many rows the server breaks (None: it does not)."""
    all_or_none, stop_after = how
    results: list[dict[str, Any]] = []
    try:
        with dml.store.savepoint():
            results = [_attempt(dml, step, on_failure) for step in steps[:stop_after]]
            if all_or_none and stop_after is not None:
                raise _RolledBackError
            if all_or_none and not all(one["success"] for one in results):
                raise _RolledBackError
    except _RolledBackError:
        undone = {"success": False, "errors": [rolled_back().as_row_error()], **on_failure}
        return [undone if one["success"] else one for one in results]
    return results


def _attempt(dml: Dml, step: Step, on_failure: Mapping[str, Any]) -> dict[str, Any]:
    try:
        with dml.store.savepoint():
            return step()
    except SalesforceError as refused:
        return {"success": False, "errors": [refused.as_row_error()], **on_failure}


def _typed(dml: Dml, record: Mapping[str, Any], only: ObjectDef | None) -> ObjectDef:
    """The object that the row's `attributes` name; they must come first in the row."""
    attributes = record.get("attributes")
    if next(iter(record), None) != "attributes" or not isinstance(attributes, dict):
        raise attributes_not_first()
    name = attributes.get("type")
    sobject = dml.store.schema.get(name) if isinstance(name, str) else None
    if sobject is None:
        raise SalesforceError("INVALID_TYPE", f"sObject type '{name or 'null'}' is not supported.", [])
    if only is not None and sobject is not only:
        raise SalesforceError(
            "INVALID_TYPE", f"Record type {sobject.name} does not match the {only.name} of the request URI", []
        )
    return sobject


def _split(record: Mapping[str, Any], name: str) -> tuple[Any, dict[str, Any]]:
    """(the value under a name in any case, the other entries)."""
    wanted = name.lower()
    found = name if name in record else next((key for key in record if key.lower() == wanted), None)
    if found is None:
        return None, dict(record)
    return record[found], {key: value for key, value in record.items() if key != found}


def _key(dml: Dml, key: FieldDef, record: Mapping[str, Any]) -> Value:
    raw, _ = _split(record, key.name)
    try:
        return index_key(key, dml.key_value(key, raw)) if raw is not None else None
    except SalesforceError:
        return None  # a value that cannot be read is refused as such when its row is tried


def _check_chunks(records: Sequence[Mapping[str, Any]]) -> None:
    kinds = [
        str((one.get("attributes") or {}).get("type")) for one in records if isinstance(one.get("attributes"), dict)
    ]
    chunks = sum(1 for before, after in zip([None, *kinds], kinds, strict=False) if before != after)
    if chunks > MAX_CHUNKS:
        raise SalesforceError(
            "LIMIT_EXCEEDED",
            f"Cannot have more than {MAX_CHUNKS} chunks in a single operation. "
            "Please rearrange the data to reduce chunking.",
        )
