"""Avro schemas of change events by their id, and what their bitmaps name; it never guesses a schema."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

import fastavro

EVERYTHING = "*"  # a bit that names no field of the schema: whatever is mapped may have changed
_SCHEMAS = 200  # more than the objects of a channel, with every version that lives through its 72 hours


@dataclass(frozen=True)
class EventSchema:
    """One version of one object's change event, as GetSchema gives it."""

    text: str

    @cached_property
    def _document(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.text)
        return found

    @cached_property
    def _parsed(self) -> Any:
        return fastavro.parse_schema(json.loads(self.text))

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields in their order: bit n is the n-th."""
        return tuple(field["name"] for field in self._document["fields"])

    @cached_property
    def parts(self) -> Mapping[int, tuple[str, ...]]:
        """The fields of the compound fields, by position; a record that was defined before stands there by its name."""
        known: dict[str, tuple[str, ...]] = {}
        found = {}
        for position, field in enumerate(self._document["fields"]):
            for member in _members(field["type"]):
                name = member
                if isinstance(member, Mapping) and member.get("type") == "record":
                    name = member["name"]
                    known[name] = tuple(each["name"] for each in member["fields"])
                if isinstance(name, str) and name.rpartition(".")[2] in known:
                    found[position] = known[name.rpartition(".")[2]]
        return found

    def read(self, payload: bytes) -> Mapping[str, Any]:
        """An event's fields. Raises ValueError where the bytes are no event of this schema."""
        try:
            found = fastavro.schemaless_reader(BytesIO(payload), self._parsed, None)
        except (EOFError, IndexError, KeyError, TypeError, UnicodeDecodeError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error
        return dict(found) if isinstance(found, Mapping) else {}

    def named(self, bitmaps: Iterable[str]) -> frozenset[str]:
        """The fields that bitmaps name: `Website`, and `BillingAddress.City` for a part of a compound field.

        `0x..` has bits for the event's own fields, `7-0x..` for the parts of the compound field at position 7; bit 0
        is the lowest (vendor, "Deserialize Change Event Header Bitmap Fields"). An unchanged field is in no bitmap.
        """
        return frozenset(name for bitmap in bitmaps for name in self._named(bitmap))

    def _named(self, bitmap: str) -> Iterator[str]:
        place, _, digits = bitmap.rpartition("-")
        if not place:
            for bit in _bits(digits):
                yield self.fields[bit] if bit < len(self.fields) else EVERYTHING
            return
        position = int(place)
        parts = self.parts.get(position, ())
        for bit in _bits(digits):
            yield f"{self.fields[position]}.{parts[bit]}" if bit < len(parts) else EVERYTHING


class SchemaCache:
    """Schemas by id. `fetch` asks for the JSON text of one; an id never changes its meaning, so nothing is asked twice."""

    def __init__(self, fetch: Callable[[str], str]) -> None:
        self._fetch, self._known = fetch, dict[str, EventSchema]()

    def get(self, schema_id: str) -> EventSchema:
        """The schema with this id; raises what `fetch` raises."""
        if schema_id not in self._known:
            found = EventSchema(self._fetch(schema_id))
            if len(self._known) >= _SCHEMAS:
                del self._known[next(iter(self._known))]
            self._known[schema_id] = found
        return self._known[schema_id]


def _members(kind: Any) -> list[Any]:
    return kind if isinstance(kind, list) else [kind]


def _bits(digits: str) -> Iterator[int]:
    value = int(digits, 16)
    return (bit for bit in range(value.bit_length()) if value >> bit & 1)
