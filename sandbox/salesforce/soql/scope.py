"""Binds the names of a query to objects and fields, and walks a row to its parents; it never filters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..errors import SalesforceError
from ..metadata.model import FieldDef, ObjectDef, Row, Schema, Value
from ..store import Store
from . import ast
from .errors import located, no_such_column, no_such_object, no_such_relationship


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the row itself or, over `links`, of a parent of it."""

    links: tuple[tuple[FieldDef, ObjectDef], ...]
    field: FieldDef
    store: Store

    @property
    def name(self) -> str:
        return ".".join([*(str(link.relationship) for link, _ in self.links), self.field.name])

    def get(self, row: Row) -> Value:
        """The value, or None where a parent is not set."""
        for link, parent in self.links:
            up = self.store.get(parent.name, str(row.get(link.name)))
            if up is None:
                return None
            row = up
        return row.get(self.field.name)


@dataclass(frozen=True, slots=True)
class Scope:
    """One FROM: the object, its alias, and what is needed to read rows and word errors."""

    store: Store
    sobject: ObjectDef
    alias: str | None
    text: str
    now: datetime
    with_deleted: bool

    @property
    def schema(self) -> Schema:
        return self.store.schema

    def column(self, path: ast.Path) -> Column:
        """Raises INVALID_FIELD with a caret for an unknown field or relationship."""
        parts = list(path.parts)
        owner, links = self.sobject, []
        own_names = {self.sobject.name.lower(), (self.alias or self.sobject.name).lower()}
        if len(parts) > 1 and parts[0].lower() in own_names and owner.relationship(parts[0]) is None:
            parts = parts[1:]
        for name in parts[:-1]:
            link = owner.relationship(name)
            if link is None:
                raise no_such_relationship(self.text, path.pos, name)
            owner = self.schema.require(link.reference_to[0])
            links.append((link, owner))
        field = owner.field(parts[-1])
        if field is None:
            raise no_such_column(self.text, path.pos, parts[-1], owner.name)
        return Column(tuple(links), field, self.store)

    def refuse(self, code: str, pos: int, reason: str) -> SalesforceError:
        return located(code, self.text, pos, reason)


def open_scope(store: Store, query: ast.Query, text: str, now: datetime, with_deleted: bool) -> Scope:
    name = ".".join(query.source.parts)
    sobject = store.schema.get(name)
    if sobject is None:
        raise no_such_object(text, query.source.pos, name)
    return Scope(store, sobject, query.alias, text, now, with_deleted)
