"""Whether a write has to be made and whether it still may be; pure, it reads and writes nothing."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from connectors.base import Overtaken
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import Write

ABSENT = "there is no such record any more"


def agrees(table: EntityMap, fields: Mapping[str, JsonValue], stored: Mapping[str, Any]) -> bool:
    """Whether the record holds the values already."""
    try:
        return not table.differing(fields, stored)
    except RowError:
        # What stands there is no value that Tandem would write: it differs.
        return False


def overtaken(table: EntityMap, write: Write, stored: Mapping[str, Any] | None) -> Overtaken | None:
    """Says what stands there where a field is neither as expected nor as wanted; a record that is absent has nulls."""
    if not write.expected:
        return None
    if stored is None:
        full = any(value is not None and write.fields.get(name) != value for name, value in write.expected.items())
        return Overtaken(ABSENT) if full else None
    stands = standing(table, stored)
    odd = [
        f"{name} is {stands.get(name)!r}, expected was {value!r}"
        for name, value in write.expected.items()
        if not _is(table, name, stands.get(name), value)
        and not (name in write.fields and _is(table, name, stands.get(name), write.fields[name]))
    ]
    return Overtaken("; ".join(odd)) if odd else None


def standing(table: EntityMap, stored: Mapping[str, Any]) -> dict[str, JsonValue]:
    """The canonical values of a record; one that the mapping cannot read stands as the system gave it."""
    found: dict[str, JsonValue] = {}
    for name, each in table.fields.items():
        row = {key: stored[key] for key in (each.vendor, each.path[0]) if key in stored}
        try:
            found |= {key: value for key, value in table.to_fields(row).items() if key == name}
        except RowError as error:
            if error.field == name:
                found[name] = str(error.value)
    return found


def _is(table: EntityMap, name: str, stands: JsonValue, value: JsonValue) -> bool:
    """Whether a standing value is the other one, or what the system makes of it, or what a blank is taken for."""
    if stands == value or name not in table.fields:
        return stands == value
    if stands is None and table.fields[name].converter.when_blank == value:
        return True
    try:
        return name in table.writable and stands == table.held(name, value)
    except RowError:
        return False
