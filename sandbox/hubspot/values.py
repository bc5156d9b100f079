"""Reads the text of a property value into its stored form, or says why not; it writes nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from . import times
from .errors import BadValue, HubSpotError, invalid_input, missing_property
from .model import ObjectType, PropertyDef
from .reference import external_options

_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_MAX_TEXT = 65536


def read_properties(
    type_: ObjectType, given: Any, owners: Collection[str], *, known: Mapping[str, str] | None = None
) -> tuple[dict[str, str], list[BadValue]]:
    """The stored texts and the values that are refused; "" clears. Raises 400 when a value is not a text.

    `known` are read-only properties that may be given as they are already (an id of the record itself).
    """
    if not isinstance(given, Mapping):
        raise invalid_input("properties must be an object")
    stored: dict[str, str] = {}
    bad: list[BadValue] = []
    for name, value in given.items():
        if not isinstance(value, str):
            kind = "null" if value is None else type(value).__name__
            raise invalid_input(f'the value of property {name} must be a string, not {kind}; send "" to clear it')
        if known is not None and known.get(name) == value:
            continue
        read = _read(type_, name, value, owners)
        if isinstance(read, BadValue):
            bad.append(read)
        else:
            stored[name] = read
    return stored, bad


def _read(type_: ObjectType, name: str, value: str, owners: Collection[str]) -> str | BadValue:
    definition = type_.properties.get(name)
    if definition is None:
        return missing_property(name)
    if definition.read_only:
        return BadValue(name, "READ_ONLY_VALUE", f'"{name}" is a calculated property; its value cannot be set.')
    if value == "":
        return ""
    if definition.type == "enumeration":
        return _choice(type_, definition, value, owners)
    reader = _email if (type_.id, name) == ("0-1", "email") else _READERS[definition.type]
    return reader(definition, value)


def _text(definition: PropertyDef, value: str) -> str | BadValue:
    if len(value) > _MAX_TEXT:
        words = f"{definition.name} is longer than {_MAX_TEXT} characters"
        return BadValue(definition.name, "PROPERTY_VALUE_TOO_LONG", words)
    return value


def _email(definition: PropertyDef, value: str) -> str | BadValue:
    if not _EMAIL.fullmatch(value):
        return BadValue(definition.name, "INVALID_EMAIL", f"Email address {value} is invalid")
    return value.lower()


def _choice(type_: ObjectType, definition: PropertyDef, value: str, owners: Collection[str]) -> str | BadValue:
    allowed: Collection[str] | None = definition.options
    if definition.external:
        allowed = owners if definition.name == "hubspot_owner_id" else external_options(type_.id, definition.name)
    # Several values, joined by semicolons, belong to check boxes only; ";a" appends to what is there.
    parts = value.split(";") if definition.field_type == "checkbox" else [value]
    if allowed is not None and any(part not in allowed for part in parts):
        listed = ", ".join(allowed)
        words = f"{value} was not one of the allowed options: [{listed}]"
        return BadValue(definition.name, "INVALID_OPTION", words)
    return value


def _number(definition: PropertyDef, value: str) -> str | BadValue:
    if not _NUMBER.fullmatch(value):  # no thousands separators, one point at most
        return BadValue(definition.name, "INVALID_DOUBLE", f"{value} was not a valid number.")
    return value


def _bool(definition: PropertyDef, value: str) -> str | BadValue:
    if value not in ("true", "false"):
        return BadValue(definition.name, "INVALID_BOOLEAN", f"{value} was not a valid boolean.")
    return value


def _date(definition: PropertyDef, value: str) -> str | BadValue:
    found = times.parse_date(value)
    if found is None:
        return BadValue(definition.name, "INVALID_DATE", f"{value} is not a valid date: a day, or midnight UTC")
    return found.isoformat()


def _datetime(definition: PropertyDef, value: str) -> str | BadValue:
    found = times.parse(value)
    if found is None:
        return BadValue(definition.name, "INVALID_LONG", f"{value} was not a valid long.")
    return times.iso(found)


_READERS = {"string": _text, "number": _number, "bool": _bool, "date": _date, "datetime": _datetime}


def taken(name: str, value: str, object_id: str, holder: str, portal_id: int, type_id: str) -> HubSpotError:
    """400: another record has the value of a property that must be unique."""
    where = f"portalId={portal_id}, objectTypeId={type_id}, objectId={object_id}, propertyName={name}, value={value}"
    words = f"Cannot set PropertyValueCoordinates{{{where}}} on {object_id}. {holder} already has that value."
    detail = {"message": words, "code": "CONFLICTING_UNIQUE_VALUE", "context": {"propertyName": [name]}}
    return HubSpotError(400, words, errors=[detail])
