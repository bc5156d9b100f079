"""Values of records: as canonical JSON, as another system would hold them, as ids of another system; pure."""

from dataclasses import dataclass

from pydantic import JsonValue

from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.entities import Entity
from schemas.messages import record_ref
from streams.reconcile.book import Book
from streams.reconcile.rules import KEY_FIELD, REFERENCES
from streams.reconcile.state import Known, Send


@dataclass(frozen=True, slots=True)
class No:
    """There is no such value in the other system, and why; with a remedy it is worth telling people."""

    reason: str
    remedy: str = ""


def of_record(record: Entity, table: EntityMap) -> dict[str, JsonValue]:
    """The mapped fields of a record as canonical JSON; what is empty is None."""
    dumped = record.model_dump(mode="json")
    found: dict[str, JsonValue] = {}
    for name in table.fields:
        head, _, entry = name.partition(".")
        value = dumped.get(head)
        if entry:
            value = value.get(entry) if isinstance(value, dict) else None
        found[name] = None if value in ("", [], {}) else value
    return found


def held(table: EntityMap, name: str, value: JsonValue) -> JsonValue | No:
    """What a system shows after this value was written."""
    if value is None:
        return table.fields[name].converter.when_blank
    try:
        return table.held(name, value)
    except RowError as error:
        return No(error.reason, error.remedy)


def localised(book: Book, source: Known, target: str, name: str) -> JsonValue | No:
    """A value of one record as it has to stand in another connection: ids become those of the counterparts there."""
    value = source.values.get(name)
    parent = REFERENCES.get(source.entity, {}).get(name)
    if parent is None or value is None or source.connection == target:
        return value
    known = book.record(record_ref(source.connection, parent, str(value)))
    group = None if known is None else book.group_of(known)
    ref = None if group is None or known is None or not known.alive else group.members.get(target)
    if ref is None:
        return No(f"{parent} {value} of {source.connection} has no counterpart in {target}")
    return ref.split("/", 2)[2]


def shows(known: Known, table: EntityMap, name: str, value: JsonValue) -> bool:
    """Whether a record holds a value, as far as it is known: plainly, as its system holds it, or as its org made it."""
    there = known.values.get(name)
    if there == value:
        return True
    send = known.sends.get(name)
    if send is not None and send.settled and send.last == value:
        return True
    return name in table.writable and held(table, name, value) == there


def on_its_way(send: Send | None, value: JsonValue) -> bool:
    """Whether just this value was sent and has not been heard of."""
    return send is not None and send.flight and send.last == value


def explicit_keys(known: Known) -> list[str]:
    """The keys by which a record says itself which thing it is."""
    found = (known.group, known.values.get(KEY_FIELD))
    return list(dict.fromkeys(str(key) for key in found if key))
