"""Objects, fields and the schema that names them; it never reads files and never holds records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Value = str | int | float | bool | date | datetime | None
Row = dict[str, Value]
OnDelete = Literal["SetNull", "Cascade", "Restrict"]

TEXT_TYPES = frozenset({"string", "textarea", "picklist", "multipicklist", "url", "phone", "email", "encryptedstring"})
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})
ID_TYPES = frozenset({"id", "reference"})


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One field. `length` in characters; `precision` counts digits, of which `scale` after the point."""

    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    filterable: bool = True
    sortable: bool = True
    external_id: bool = False
    id_lookup: bool = False
    unique: bool = False
    case_sensitive: bool = False
    custom: bool = False
    calculated: bool = False
    name_field: bool = False
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    child_relationship: str | None = None
    on_delete: OnDelete = "SetNull"
    default: Value = None
    auto_number: str | None = None
    formula: str | None = None

    @property
    def required(self) -> bool:
        """Must be given on create: a writable field that takes no null and has nothing to fall back on."""
        return self.createable and not self.nillable and self.default is None and self.type != "boolean"


@dataclass(frozen=True, slots=True)
class RecordTypeDef:
    """A kind of record of one object; `name` is the API's, `label` people's."""

    name: str
    label: str
    active: bool


@dataclass(slots=True)
class ObjectDef:
    """One sObject; fields are found whatever the case of the name, as the platform does."""

    name: str
    label: str
    plural: str
    key_prefix: str
    custom: bool = False
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    _fields: dict[str, FieldDef] = field(default_factory=dict)
    _relationships: dict[str, FieldDef] = field(default_factory=dict)
    fields: tuple[FieldDef, ...] = ()
    required: tuple[FieldDef, ...] = ()
    unique: tuple[FieldDef, ...] = ()
    record_types: tuple[RecordTypeDef, ...] = ()

    def add(self, fields: Iterable[FieldDef]) -> ObjectDef:
        for one in fields:
            self._fields[one.name.lower()] = one
            if one.relationship:
                self._relationships[one.relationship.lower()] = one
        self.fields = tuple(self._fields.values())
        self.required = tuple(one for one in self.fields if one.required)
        self.unique = tuple(one for one in self.fields if one.unique)
        return self

    def field(self, name: str) -> FieldDef | None:
        return self._fields.get(name.lower())

    def relationship(self, name: str) -> FieldDef | None:
        return self._relationships.get(name.lower())

    def has(self, name: str) -> bool:
        return name.lower() in self._fields


class Schema:
    """Every object by name (any case) and by key prefix."""

    def __init__(self, objects: Iterable[ObjectDef]) -> None:
        self._objects: dict[str, ObjectDef] = {}
        for one in objects:
            self.add(one)

    def add(self, one: ObjectDef) -> None:
        self._objects[one.name.lower()] = one

    def get(self, name: str) -> ObjectDef | None:
        return self._objects.get(name.lower())

    def require(self, name: str) -> ObjectDef:
        """The object, where its absence is a mistake of ours rather than of a caller; raises KeyError."""
        return self._objects[name.lower()]

    def by_prefix(self, record_id: str) -> ObjectDef | None:
        return next((one for one in self if one.key_prefix == record_id[:3]), None)

    def __iter__(self) -> Iterator[ObjectDef]:
        return iter(self._objects.values())

    def children_of(self, parent: ObjectDef) -> list[tuple[ObjectDef, FieldDef]]:
        """Every field of any object that points at the parent."""
        return [(child, one) for child in self for one in child.fields if parent.name in one.reference_to]

    def child_relationship(self, parent: ObjectDef, name: str) -> tuple[ObjectDef, FieldDef] | None:
        wanted = name.lower()
        for child, one in self.children_of(parent):
            if one.child_relationship and one.child_relationship.lower() == wanted:
                return child, one
        return None
