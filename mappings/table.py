"""A mapping table as data: a vendor's rows to canonical records and canonical values back; it never calls anybody."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

from pydantic import JsonValue, ValidationError

from mappings.columns import Columns, Wanted, match
from mappings.conditions import Condition, fields_of, takes
from mappings.converters import Converter, is_blank
from mappings.errors import MappingError, RowError, UnconvertibleError, nearest
from schemas.entities import Entity

__all__ = ["Columns", "EntityMap", "Example", "FieldMap", "MappingError", "RowError"]
ID = "id"
Value: TypeAlias = object
Row: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class FieldMap:
    """One canonical field (or one entry of a canonical dictionary, as `registration_ids.duns`) and its vendor field."""

    name: str
    vendor: str
    converter: Converter
    aliases: tuple[str, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        """The way through nested objects to a value that is read only, as `Owner.Name`."""
        return tuple(self.vendor.split("."))


@dataclass(frozen=True, slots=True)
class Example:
    """A vendor's row and the canonical values that it stands for."""

    vendor: Row
    canonical: Mapping[str, JsonValue]


@dataclass(frozen=True, eq=False)
class EntityMap:
    """How one canonical entity stands in one system. `id_field` and `external_id` are vendor fields beside `fields`.

    The same vendor object can stand for several entities: `when` and `unless` say which of its rows stand for this one.
    """

    system: str
    entity: str
    model: type[Entity]
    object: str
    id_field: str | None = None
    id_aliases: tuple[str, ...] = ()
    external_id: str | None = None
    reads: bool = False
    writes: bool = False
    fields: Mapping[str, FieldMap] = field(default_factory=lambda: MappingProxyType({}))
    examples: tuple[Example, ...] = ()
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()

    @cached_property
    def vendor_fields(self) -> tuple[str, ...]:
        """What a source asks for besides the id, sorted; `Owner.Name` is a path through nested objects."""
        return tuple(sorted({each.vendor for each in self.fields.values()} | self.asked))

    @cached_property
    def asked(self) -> frozenset[str]:
        """The vendor fields that say whether a row stands for this entity."""
        return fields_of(self.when, self.unless)

    def takes(self, row: Row) -> bool:
        """Whether a row of the object stands for this entity."""
        return takes(self.when, self.unless, row)

    @cached_property
    def writable(self) -> tuple[str, ...]:
        """The canonical fields that can be written: those that are the record's own and not a parent's."""
        return tuple(name for name, each in self.fields.items() if len(each.path) == 1)

    def held(self, name: str, value: JsonValue) -> JsonValue:
        """A canonical value as the system would hold it after a write: cut, rounded or spelt its way. Raises `RowError`."""
        return self.to_fields(self.to_vendor({name: value}))[name]

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The canonical fields that no record can do without."""
        known = self.model.model_fields
        return tuple(name for name in known if known[name].is_required() and name in self.fields)

    @cached_property
    def digest(self) -> str:
        """Changes whenever the meaning of a row does: another field, vendor field, converter, option or condition."""
        meaning = sorted(
            (each.name, each.vendor, each.converter.NAME, each.converter.model_dump_json())
            for each in self.fields.values()
        )
        told = repr((meaning, self.when, self.unless) if self.asked else meaning)
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()

    def to_canonical(self, row: Row) -> Entity:
        """The record of a row; blank values are None (a converter's default where it has one). Raises `RowError`."""
        values: dict[str, JsonValue] = {}
        for each in self.fields.values():
            raw = self._raw(each, row)
            value = each.converter.when_blank if is_blank(raw) else self._read(each, raw)
            if value is not None:
                values[each.name] = value
        try:
            return self.model.model_validate(nested(values))
        except ValidationError as error:
            raise self._invalid(error, values) from error

    def to_fields(self, row: Row) -> dict[str, JsonValue]:
        """The canonical JSON values of the mapped fields that the row has; a blank is None. Raises `RowError`."""
        found: dict[str, JsonValue] = {}
        for each in self.fields.values():
            if each.vendor in row or each.path[0] in row:
                raw = self._raw(each, row)
                found[each.name] = None if is_blank(raw) else self._read(each, raw)
        return found

    def to_vendor(self, fields: Mapping[str, JsonValue]) -> dict[str, Value]:
        """Canonical JSON values as the vendor takes them; None stays None and is really written. Raises `RowError`."""
        return {self._writable(name, value).vendor: self._written(name, value) for name, value in fields.items()}

    def differing(self, fields: Mapping[str, JsonValue], row: Row) -> tuple[str, ...]:
        """The fields whose write would change the row; what a write cuts or rounds counts not. Raises `RowError`."""
        there, wanted = self.to_fields(row), self.to_fields(self.to_vendor(fields))
        return tuple(name for name in fields if name not in there or there[name] != wanted[name])

    def match_columns(self, columns: Sequence[str], named: Mapping[str, str] | None = None) -> Columns:
        """Which column of a list serves which field; `named` is field (or `id`) to column. Raises `ColumnError`."""
        mapped = self.fields.values()
        wanted = [Wanted(each.name, each.vendor, each.aliases, each.name in self.required) for each in mapped]
        if self.id_field is not None:
            wanted.insert(0, Wanted(ID, self.id_field, self.id_aliases, required=True))
        return match(wanted, columns, named or {})

    def _raw(self, each: FieldMap, row: Row) -> Value:
        if each.vendor in row:
            return row[each.vendor]
        value: Value = row
        for step in each.path:
            if value is None:
                return None
            if not isinstance(value, Mapping):
                reason = f"{value!r} has no {step!r}."
                raise RowError(each.name, each.vendor, value, reason, "ask for the nested object")
            value = value.get(step)
        return value

    def _read(self, each: FieldMap, raw: Value) -> JsonValue:
        try:
            return each.converter.to_canonical(raw)
        except UnconvertibleError as error:
            raise RowError(each.name, each.vendor, raw, error.reason, error.remedy) from error

    def _writable(self, name: str, value: JsonValue) -> FieldMap:
        each = self.fields.get(name)
        if each is None:
            reason = f"{self.system} has no field for {name!r} of {self.entity}."
            raise RowError(name, "", value, reason, nearest(name, self.fields))
        if len(each.path) > 1:
            raise RowError(name, each.vendor, value, f"{each.vendor} is read only.", "leave the field out of the write")
        return each

    def _written(self, name: str, value: JsonValue) -> Value:
        each = self.fields[name]
        try:
            return None if value is None else each.converter.to_vendor(value)
        except UnconvertibleError as error:
            raise RowError(name, each.vendor, value, error.reason, error.remedy) from error

    def _invalid(self, error: ValidationError, values: Mapping[str, JsonValue]) -> RowError:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else self.entity
        vendor = self.fields[name].vendor if name in self.fields else ""
        if first["type"] == "missing":
            remedy = f"fill in {vendor or name!r}: no {self.entity} can do without"
            return RowError(name, vendor, None, "there is no value.", remedy)
        return RowError(name, vendor, values.get(name), f"{first['msg']}.", "correct the value, or the mapping")


def nested(values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Values with the entries of dictionaries (`registration_ids.duns`) put into their dictionary."""
    found: dict[str, JsonValue] = {}
    for name, value in values.items():
        head, _, entry = name.partition(".")
        if entry:
            inner = found.setdefault(head, {})
            assert isinstance(inner, dict)  # noqa: S101 - the loader lets no field be both
            inner[entry] = value
        else:
            found[head] = value
    return found
