"""The Avro schema of an object's change events and the places of fields in it; pure.

Compound fields are records of their own: `Name` of a person (on Account: a text or a person's name), and every
address. What an event does not carry has no place: Id, IsDeleted, SystemModstamp, MasterRecordId and formulas.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import fastavro

from ..metadata.compounds import ADDRESS, PERSON, compound_of, has_person
from ..metadata.model import FieldDef, ObjectDef, Row, Value

NAMESPACE = "com.sforce.eventbus"
CHANGE_TYPES = ("CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE",
                "GAP_OVERFLOW", "SNAPSHOT")  # fmt: skip
_LEFT_OUT = frozenset({"Id", "IsDeleted", "SystemModstamp", "MasterRecordId"})
_AVRO = {"boolean": "boolean", "int": "int", "double": "double", "currency": "double", "percent": "double",
         "date": "long", "datetime": "long"}  # fmt: skip
_DOC = {"reference": "EntityId", "boolean": "Boolean", "int": "Integer", "double": "Double", "currency": "Currency",
        "percent": "Percent", "date": "DateOnly", "datetime": "DateTime", "email": "Email", "phone": "Phone",
        "url": "Url", "picklist": "DynamicEnum", "multipicklist": "MultiEnum"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventSchema:
    """`places` tells, per field of the object, its position in the event and, in a compound field, the one inside."""

    id: str
    json: str
    parsed: Any
    places: dict[str, tuple[int, int | None]]
    compounds: dict[int, tuple[str, tuple[str, ...]]]

    def encode(self, header: dict[str, Any], values: Row) -> bytes:
        """The Avro binary of an event; a field that is not among `values` is null."""
        record: dict[str, Any] = {"ChangeEventHeader": header}
        for name, value in values.items():
            position, inside = self.places[name]
            if inside is None:
                record[name] = _avro_value(value)
            elif value is not None:
                compound, parts = self.compounds[position]
                record.setdefault(compound, dict.fromkeys(parts))[parts[inside]] = _avro_value(value)
        out = BytesIO()
        fastavro.schemaless_writer(out, self.parsed, record)
        return out.getvalue()

    def bitmaps(self, names: Iterable[str]) -> list[str]:
        """Fields as the header names them: bit n, lowest first, is the n-th field; `4-0x06` is inside the 4th one."""
        top, nested = 0, dict[int, int]()
        for name in names:
            position, inside = self.places[name]
            if inside is None:
                top |= 1 << position
            else:
                nested[position] = nested.get(position, 0) | 1 << inside
        found = [_hex(top)] if top else []
        return found + [f"{position}-{_hex(bits)}" for position, bits in sorted(nested.items())]


def event_name(sobject: str) -> str:
    """AccountChangeEvent, Partner_Overlap__ChangeEvent."""
    return f"{sobject[:-1]}ChangeEvent" if sobject.endswith("__c") else f"{sobject}ChangeEvent"


def build(sobject: ObjectDef) -> EventSchema:
    builder = _Builder(sobject)
    for one in sobject.fields:
        if one.name not in _LEFT_OUT and not one.calculated:
            builder.add(one)
    document = {"type": "record", "name": event_name(sobject.name), "namespace": NAMESPACE, "fields": builder.fields}
    text = json.dumps(document, separators=(",", ":"))
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    schema_id = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    parsed = fastavro.parse_schema(json.loads(text))
    return EventSchema(schema_id, text, parsed, builder.places, builder.compounds)


class _Builder:
    def __init__(self, sobject: ObjectDef) -> None:
        self.sobject = sobject
        self.fields: list[dict[str, Any]] = [{"name": "ChangeEventHeader", "type": _header()}]
        self.places: dict[str, tuple[int, int | None]] = {}
        self.compounds: dict[int, tuple[str, tuple[str, ...]]] = {}
        self._positions: dict[str, int] = {}
        self._defined: set[str] = set()

    def add(self, one: FieldDef) -> None:
        compound = compound_of(self.sobject, one)
        if compound is not None:
            name, part = compound
            record, parts = ("PersonName", PERSON) if name == "Name" else ("Address", ADDRESS)
            position = self._position(name, ["null", self._record(record, parts)], f"Data:{record}")
            self.compounds[position] = (name, parts)
            self.places[one.name] = (position, parts.index(part))
        elif has_person(self.sobject) and one.name == "Name":
            return  # the person's name is carried in its parts
        elif one.name == "Name" and self.sobject.name == "Account":
            record = "Switchable_PersonName"
            kind = ["null", "string", self._record(record, PERSON)]
            self.places["Name"] = (self._position("Name", kind, f"Data:{record}"), None)
        else:
            kind = ["null", _AVRO.get(one.type, "string")]
            self.places[one.name] = (self._position(one.name, kind, f"Data:{_DOC.get(one.type, 'Text')}"), None)

    def _record(self, name: str, parts: tuple[str, ...]) -> Any:
        if name in self._defined:
            return name
        self._defined.add(name)
        numbers = ("Latitude", "Longitude")
        fields = [{"name": one, "type": ["null", "double" if one in numbers else "string"], "default": None}
                  for one in parts]  # fmt: skip
        return {"type": "record", "name": name, "fields": fields}

    def _position(self, name: str, kind: Any, doc: str) -> int:
        if name not in self._positions:
            self._positions[name] = len(self.fields)
            self.fields.append({"name": name, "type": kind, "doc": doc, "default": None})
        return self._positions[name]


def _header() -> dict[str, Any]:
    texts = {"type": "array", "items": "string"}
    kind = {"type": "enum", "name": "ChangeType", "symbols": list(CHANGE_TYPES)}
    fields = [
        ("entityName", "string"), ("recordIds", texts), ("changeType", kind), ("changeOrigin", "string"),
        ("transactionKey", "string"), ("sequenceNumber", "int"), ("commitTimestamp", "long"), ("commitNumber", "long"),
        ("commitUser", "string"), ("nulledFields", texts), ("diffFields", texts), ("changedFields", texts),
    ]  # fmt: skip
    return {"type": "record", "name": "ChangeEventHeader", "fields": [{"name": n, "type": t} for n, t in fields]}


def _hex(bits: int) -> str:
    text = f"{bits:X}"
    return "0x" + text.zfill(len(text) + len(text) % 2)


def _avro_value(value: Value) -> Any:
    """Dates are epoch milliseconds, in UTC."""
    if isinstance(value, datetime):
        return epoch_ms(value)
    if isinstance(value, date):
        return epoch_ms(datetime(value.year, value.month, value.day, tzinfo=UTC))
    return value


def epoch_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
