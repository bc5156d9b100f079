"""Makes one shape of what queries and bulk results answer: mapped fields, typed as in REST; it never asks anything."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.errors import StopMapping
from connectors.salesforce import soql
from connectors.salesforce.client import Row
from connectors.salesforce.window import Record
from mappings.errors import nearest
from mappings.table import EntityMap

SYSTEM = ("Id", "SystemModstamp", "LastModifiedById", "IsDeleted")
MASTER = "MasterRecordId"
ID_LENGTH = 15
_INTEGER = frozenset({"int", "long"})
_NUMBER = frozenset({"double", "currency", "percent"})


def same_id(one: str, other: str) -> bool:
    """An id has 15 characters, or 18 with a checksum of their case."""
    return one[:ID_LENGTH] == other[:ID_LENGTH]


def columns(table: EntityMap, *more: str) -> tuple[str, ...]:
    """What to ask for: the system's fields, those named, and the mapped ones."""
    first = (*SYSTEM, *more)
    return (*first, *(each for each in table.vendor_fields if each not in first))


def record(row: Row, table: EntityMap, user: str) -> Record:
    """A row as a query answers it; `user` is Tandem's own."""
    actor = row.get("LastModifiedById")
    return Record(
        id=row["Id"],
        at=soql.parsed(row["SystemModstamp"]),
        row=None if row["IsDeleted"] else mapped(row, table),
        actor=actor,
        own=actor is not None and same_id(actor, user),
        merged_into=(row.get(MASTER) or None) if row["IsDeleted"] else None,
    )


def mapped(row: Row, table: EntityMap) -> dict[str, Any]:
    """The mapped fields, parents as nested objects; the `attributes` of the wire are left out."""
    found = {}
    for name in dict.fromkeys(field.partition(".")[0] for field in table.vendor_fields):
        if name not in row:
            # A query takes any case, an answer has Salesforce's own: the value would read as absent.
            reason = f"Salesforce answers {table.object} without {name!r}"
            raise StopMapping(reason, f"in mappings/{table.system}.toml, {nearest(name, row)}")
        found[name] = _bare(row[name])
    return found


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bare(inner) for name, inner in value.items() if name != "attributes"}
    return value


def of_csv(cells: Mapping[str, str], types: Mapping[str, str]) -> Row:
    """A row of bulk results as a query would answer it: nested parents, numbers, booleans, None for an empty cell.

    `types` are the describe types of the object's own fields. A field of a parent stays text, as the converters read it.
    """
    row: Row = {}
    for path, cell in cells.items():
        *steps, name = path.split(".")
        inner = row
        for step in steps:
            inner = inner.setdefault(step, {})
        inner[name] = _typed(cell, "" if steps else types.get(name, ""))
    return row


def _typed(cell: str, kind: str) -> Any:
    if cell == "":
        return None
    if kind == "boolean":
        return cell.lower() == "true"
    if kind in _INTEGER:
        return int(cell)
    if kind in _NUMBER:
        return float(cell)
    return _stamp(cell) if kind == "datetime" else cell


def _stamp(cell: str) -> str:
    """2026-11-22T10:00:00.000Z as REST writes it: with +0000."""
    return datetime.fromisoformat(cell).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def digest(*parts: object) -> str:
    """Differs whenever one of the parts does, as JSON."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()
