"""Turns a JSON value into a stored one by the rules of its field, and back; pure, and knows no other row."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from . import ids, times
from .errors import SalesforceError, cannot_deserialize
from .metadata.model import TEXT_TYPES, FieldDef, Value

_EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>().]+")
_SELF_NAMED = frozenset({"datetime", "date", "boolean", "int", "double", "currency", "percent", "reference"})


def coerce(field: FieldDef, raw: Any) -> Value:
    """The stored value; raises SalesforceError with the code that a live org answers with.

    Text is trimmed and an empty text is null (Apex guide, "sObject String field values follow the same rules as in
    the SOAP API: they can never be empty, and never include leading and trailing whitespace").
    """
    if raw is None:
        return _null(field)
    if field.type in TEXT_TYPES:
        return _text(field, raw)
    if field.type == "boolean":
        if not isinstance(raw, bool):
            raise _wrong_token(field, raw)
        return raw
    if field.type in ("date", "datetime"):
        return _moment(field, raw)
    if field.type == "reference":
        return _reference(field, raw)
    return _number(field, raw)


def to_json(value: Value) -> Any:
    """A stored value as the REST resources print it; doubles keep their point, datetimes end in .000+0000."""
    if isinstance(value, datetime):
        return times.format_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _null(field: FieldDef) -> Value:
    if field.type == "boolean":
        raise SalesforceError(
            "INVALID_TYPE_ON_FIELD_IN_RECORD", f"{field.label}: value not of required type: ", [field.name]
        )
    return None


def _text(field: FieldDef, raw: Any) -> Value:
    if not isinstance(raw, str):
        raise _wrong_token(field, raw)
    text = raw.strip(" \t\r\n")
    if not text:
        return None
    if len(text) > field.length:
        raise SalesforceError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text} (max length={field.length})",
            [field.name],
        )
    if field.type == "email" and not _EMAIL.fullmatch(text):
        raise SalesforceError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", [field.name])
    return _picked(field, text) if field.picklist else text


def _picked(field: FieldDef, text: str) -> str:
    """Picklist values are matched whatever the case and stored as the metadata writes them."""
    known = {value.casefold(): value for value in field.picklist}
    chosen = text.split(";") if field.type == "multipicklist" else [text]
    for one in chosen:
        if field.restricted and one.casefold() not in known:
            raise SalesforceError(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{field.label}: bad value for restricted picklist field: {one}",
                [field.name],
            )
    return ";".join(known.get(one.casefold(), one) for one in chosen)


def _moment(field: FieldDef, raw: Any) -> Value:
    if not isinstance(raw, str):
        raise _wrong_token(field, raw)
    found: Value = times.parse_date(raw) if field.type == "date" else times.parse_datetime(raw)
    if found is None:
        raise _wrong_token(field, raw)
    return found


def _reference(field: FieldDef, raw: Any) -> Value:
    if not isinstance(raw, str):
        raise _wrong_token(field, raw)
    if not raw.strip():
        return None
    found = ids.normalise(raw)
    if found is None:
        raise SalesforceError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {raw}", [field.name])
    return found


def _number(field: FieldDef, raw: Any) -> Value:
    whole = field.type == "int"
    if isinstance(raw, bool) or not isinstance(raw, int if whole else int | float):
        raise _wrong_token(field, raw)
    # Without a precision in the metadata the platform's own limit of 18 digits holds.
    digits = (field.precision or 18) - field.scale
    if abs(raw) >= 10**digits:
        raise SalesforceError(
            "NUMBER_OUTSIDE_VALID_RANGE",
            f"{field.label}: value outside of valid range on numeric field: {raw}",
            [field.name],
        )
    return raw if whole else float(raw)


def _wrong_token(field: FieldDef, raw: Any) -> SalesforceError:
    kind = field.type if field.type in _SELF_NAMED else "string"
    if isinstance(raw, bool):
        return cannot_deserialize(kind, "VALUE_TRUE" if raw else "VALUE_FALSE", str(raw).lower())
    if isinstance(raw, str):
        return cannot_deserialize(kind, "VALUE_STRING", raw)
    if isinstance(raw, int):
        return cannot_deserialize(kind, "VALUE_NUMBER_INT", str(raw))
    if isinstance(raw, float):
        return cannot_deserialize(kind, "VALUE_NUMBER_FLOAT", str(raw))
    return cannot_deserialize(kind, *(("START_OBJECT", "{") if isinstance(raw, dict) else ("START_ARRAY", "[")))
