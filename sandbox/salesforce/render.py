"""Prints one record as the REST resources do: attributes first, then the fields; it never follows parents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .errors import no_such_column
from .metadata.model import FieldDef, ObjectDef, Row
from .values import to_json


def attributes(sobject: ObjectDef, record_id: str, version: str) -> dict[str, str]:
    return {"type": sobject.name, "url": f"/services/data/{version}/sobjects/{sobject.name}/{record_id}"}


def chosen_fields(sobject: ObjectDef, names: Sequence[str]) -> tuple[FieldDef, ...]:
    """The named fields, or all of them for no names; raises INVALID_FIELD for an unknown one."""
    found = []
    for name in names:
        one = sobject.field(name.strip())
        if one is None:
            raise no_such_column(name.strip(), sobject.name)
        found.append(one)
    return tuple(found) or sobject.fields


def record(sobject: ObjectDef, row: Row, fields: Sequence[FieldDef], version: str) -> dict[str, Any]:
    """Id is printed whether asked for or not, as the sObject rows resource does."""
    printed: dict[str, Any] = {"attributes": attributes(sobject, str(row["Id"]), version)}
    printed.update({one.name: to_json(row.get(one.name)) for one in fields})
    printed.setdefault("Id", row["Id"])
    return printed
