"""Reads the members of a request by its shape and says what is wrong with them; it knows no service's rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import orjson
from botocore.model import Shape as Model
from botocore.utils import parse_timestamp

from ..core import ServiceError, Shape
from .models import Call

Kind = Literal["type", "unknown", "required", "enum", "length", "pattern", "range"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one member, e.g. ("LifeCycle.Stage", "enum", "...")."""

    path: str
    kind: Kind
    words: str


class Reader:
    """Turns JSON into what a service works with (timestamps become datetimes) and collects the flaws."""

    def __init__(self, patterns: bool) -> None:
        self.flaws: list[Flaw] = []
        self._patterns = patterns

    def read(self, shape: Model, value: Any, path: str = "") -> Any:
        if getattr(shape, "is_document_type", False):
            return value
        readers = {
            "structure": self._structure, "list": self._list, "map": self._map, "timestamp": self._timestamp,
            "string": self._text, "integer": self._number, "long": self._number, "boolean": self._boolean,
        }  # fmt: skip
        return readers[shape.type_name](shape, value, path)

    def _structure(self, shape: Any, value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            return self._wrong(path, value, "an object")
        names = {str(member.serialization.get("name", name)): name for name, member in shape.members.items()}
        for name in value:
            if name not in names:
                self._flaw(f"{path}.{name}", "unknown", "is not a member of the request")
        given = {names[name]: one for name, one in value.items() if name in names and one is not None}
        for name in shape.required_members:
            if name not in given:
                self._flaw(f"{path}.{name}", "required", "is required")
        if getattr(shape, "is_tagged_union", False) and len(given) != 1:
            self._flaw(path, "required", f"needs exactly one of {', '.join(shape.members)}")
        return {name: self.read(shape.members[name], one, f"{path}.{name}") for name, one in given.items()}

    def _list(self, shape: Any, value: Any, path: str) -> Any:
        if not isinstance(value, list):
            return self._wrong(path, value, "a list")
        self._bounds(shape, len(value), path, "length", "members")
        return [self.read(shape.member, one, f"{path}[{number}]") for number, one in enumerate(value)]

    def _map(self, shape: Any, value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            return self._wrong(path, value, "an object")
        return {name: self.read(shape.value, one, f"{path}.{name}") for name, one in value.items()}

    def _boolean(self, _: Any, value: Any, path: str) -> Any:
        return value if isinstance(value, bool) else self._wrong(path, value, "a boolean")

    def _timestamp(self, _: Any, value: Any, path: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return self._wrong(path, value, "a time")
        try:
            return parse_timestamp(value)  # type: ignore[arg-type]  # the stub says text; numbers are epoch seconds
        except (ValueError, OverflowError):
            return self._wrong(path, value, "a time")

    def _text(self, shape: Any, value: Any, path: str) -> Any:
        if not isinstance(value, str):
            return self._wrong(path, value, "a text")
        if shape.enum and value not in shape.enum:
            self._flaw(path, "enum", f"is {value!r}, which is none of {', '.join(shape.enum)}")
        self._bounds(shape, len(value), path, "length", "characters")
        pattern = _compiled(shape.metadata.get("pattern")) if self._patterns else None
        if pattern is not None and pattern.fullmatch(value) is None:
            self._flaw(path, "pattern", f"does not match the pattern {pattern.pattern}")
        return value

    def _number(self, shape: Any, value: Any, path: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            return self._wrong(path, value, "a whole number")
        self._bounds(shape, value, path, "range", "")
        return value

    def _bounds(self, shape: Any, size: int, path: str, kind: Kind, unit: str) -> None:
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if low is not None and size < low:
            self._flaw(path, kind, f"has {size} {unit}, at least {low} are needed".replace("  ", " "))
        if high is not None and size > high:
            self._flaw(path, kind, f"has {size} {unit}, at most {high} are allowed".replace("  ", " "))

    def _wrong(self, path: str, value: Any, wanted: str) -> Any:
        self._flaw(path, "type", f"is {type(value).__name__}, not {wanted}")
        return None

    def _flaw(self, path: str, kind: Kind, words: str) -> None:
        self.flaws.append(Flaw(path.lstrip("."), kind, words))


@cache
def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    r"""None for a pattern that Python's `re` cannot read (those with \p{L})."""
    if pattern is None or "\\p{" in pattern:
        return None
    return re.compile(pattern)


def members(call: Call, body: bytes, query: Mapping[str, str]) -> Shape:
    """The request's members; raises the service's own validation error.

    Patterns are checked for Partner Central only: the catalog's refuse what its own samples send (facts 0.6).
    """
    shape = call.model.input_shape
    if shape is None:
        return {}
    given = _json(body)
    for member in shape.members.values():
        if member.serialization.get("location") == "querystring" and member.serialization["name"] in query:
            given[str(member.serialization["name"])] = query[member.serialization["name"]]
    reader = Reader(patterns=call.service == "partnercentral-selling")
    read: Shape = reader.read(shape, given)
    if reader.flaws:
        raise refusal(call.service, reader.flaws)
    return read


def _json(body: bytes) -> dict[str, Any]:
    try:
        given = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as broken:
        raise ServiceError("SerializationException", f"The body is not JSON: {broken.msg}") from broken
    if not isinstance(given, dict):
        raise ServiceError("SerializationException", "The body is not a JSON object")
    return given


# The codes of Partner Central's error list, by what is wrong.
_CODES: dict[Kind, str] = {
    "unknown": "INVALID_VALUE", "required": "REQUIRED_FIELD_MISSING", "enum": "INVALID_ENUM_VALUE",
    "length": "INVALID_STRING_FORMAT", "pattern": "INVALID_STRING_FORMAT", "range": "VALUE_OUT_OF_RANGE",
}  # fmt: skip


def refusal(service: str, flaws: list[Flaw]) -> ServiceError:
    """The error of a request that does not fit its shape, as the service spells it."""
    words = "; ".join(f"{one.path or 'the request'} {one.words}" for one in flaws)
    if any(one.kind == "type" for one in flaws):
        return ServiceError("SerializationException", words)
    message = f"{len(flaws)} validation error{'s' * (len(flaws) > 1)} detected: {words}"
    if service == "partnercentral-selling":
        listed = [{"FieldName": one.path, "Message": one.words, "Code": _code(one)} for one in flaws]
        return ServiceError("ValidationException", message, Reason="REQUEST_VALIDATION_FAILED", ErrorList=listed)
    if service == "marketplace-agreement":
        named = [{"name": one.path, "message": one.words} for one in flaws]
        return ServiceError("ValidationException", message, reason="OTHER", fields=named)
    fields = [{"Reason": "FieldValidationFailed", "Field": one.path, "Message": one.words} for one in flaws]
    return ServiceError("ValidationException", message, ValidationExceptionFieldList=fields)


def _code(flaw: Flaw) -> str:
    if flaw.kind == "length" and "members" in flaw.words:
        return "TOO_MANY_VALUES" if "at most" in flaw.words else "NOT_ENOUGH_VALUES"
    return _CODES[flaw.kind]
