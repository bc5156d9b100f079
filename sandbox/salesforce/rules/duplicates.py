"""Finds duplicates of a row and words the refusal, misspelt key and all; it never saves."""

from __future__ import annotations

from typing import Any

from .. import render
from ..errors import SalesforceError
from ..metadata.model import FieldDef, ObjectDef, Row
from ..store import Store, index_key
from .model import Duplicate
from .options import SaveOptions


class DuplicatesDetectedError(SalesforceError):
    """A whole-request error carries what was matched under the key `duplicateResut`, as the platform spells it.

    A row of a collection is not on record with it, so it has the code and the words only.
    """

    def __init__(self, message: str, result: dict[str, Any]) -> None:
        super().__init__("DUPLICATES_DETECTED", message)
        self._result = result

    def as_request_error(self) -> dict[str, Any]:
        return {"duplicateResut": self._result, **super().as_request_error()}


def matches(store: Store, sobject: ObjectDef, rule: Duplicate, row: Row) -> list[Row]:
    """Other live rows with the same values in every field of the rule."""
    fields = [_field(sobject, name) for name in rule.fields]
    wanted = [index_key(one, row.get(one.name)) for one in fields]
    if any(value is None for value in wanted):
        return []
    found = [store.get(sobject.name, one) for one in store.find(sobject.name, fields[0], row[fields[0].name])]
    return [
        one
        for one in found
        if one is not None
        and one["Id"] != row.get("Id")
        and [index_key(field, one.get(field.name)) for field in fields] == wanted
    ]


def refusal(sobject: ObjectDef, rule: Duplicate, found: list[Row], options: SaveOptions) -> DuplicatesDetectedError:
    """The shape is recorded from a live org (v50.0)."""
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100,
            "record": _record(sobject, rule, row, options),
        }
        for row in found
    ]
    matched = {
        "entityType": sobject.name, "errors": [], "matchEngine": "ExactMatchEngine", "matchRecords": records,
        "rule": f"{rule.name}_MR", "size": len(records), "success": True,
    }  # fmt: skip
    return DuplicatesDetectedError(
        rule.message,
        {
            "allowSave": rule.action == "alert",
            "duplicateRule": rule.name,
            "duplicateRuleEntityType": sobject.name,
            "errorMessage": rule.message,
            "matchResults": [matched],
        },
    )


def _record(sobject: ObjectDef, rule: Duplicate, row: Row, options: SaveOptions) -> dict[str, Any]:
    fields = [_field(sobject, name) for name in rule.fields] if options.record_details else []
    return render.record(sobject, row, fields, options.version)


def _field(sobject: ObjectDef, name: str) -> FieldDef:
    found = sobject.field(name)
    assert found is not None, f"{sobject.name}.{name}: the gate lets no rule in that names an unknown field"
    return found
