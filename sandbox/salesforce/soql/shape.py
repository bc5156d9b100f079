"""What a query prints of a row: fields, nested parents, child lists; it never filters or sorts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import render
from ..metadata.model import FieldDef, ObjectDef, Row
from ..store import Store
from ..values import to_json
from . import ast
from .errors import malformed
from .scope import Column, Scope

Children = Callable[[Row, str], Any]
MAX_FIELDS_LIMIT = 200


@dataclass(slots=True)
class Node:
    """The parts printed of one object, in the order of the SELECT; `parents` by relationship name."""

    sobject: ObjectDef
    parts: list[str] = field(default_factory=list)
    fields: dict[str, FieldDef] = field(default_factory=dict)
    parents: dict[str, tuple[FieldDef, Node]] = field(default_factory=dict)
    children: dict[str, Children] = field(default_factory=dict)

    def add(self, column: Column) -> bool:
        """False if the very same field is there already."""
        node = self
        for link, parent in column.links:
            name = str(link.relationship)
            if name not in node.parents:
                node.parents[name] = (link, Node(parent))
                node.parts.append(name)
            node = node.parents[name][1]
        if column.field.name in node.fields:
            return False
        node.fields[column.field.name] = column.field
        node.parts.append(column.field.name)
        return True

    def print(self, row: Row, store: Store, version: str) -> dict[str, Any]:
        out: dict[str, Any] = {"attributes": render.attributes(self.sobject, str(row["Id"]), version)}
        for name in self.parts:
            if name in self.fields:
                out[name] = to_json(row.get(name))
            elif name in self.children:
                out[name] = self.children[name](row, version)
            else:
                link, node = self.parents[name]
                parent = store.get(node.sobject.name, str(row.get(link.name)))
                out[name] = None if parent is None else node.print(parent, store, version)
        return out


def build(scope: Scope, query: ast.Query, children: Callable[[ast.ChildQuery], tuple[str, Children]]) -> Node:
    """The shape of a SELECT without aggregates; raises INVALID_FIELD for unknown and repeated fields."""
    node = Node(scope.sobject)
    for item in query.select:
        if isinstance(item, ast.FieldItem):
            _add_field(scope, node, item)
        elif isinstance(item, ast.FieldsOf):
            for one in _fields_of(scope, item, query.limit):
                node.add(Column((), one, scope.store))
        elif isinstance(item, ast.ChildQuery):
            name, printer = children(item)
            node.children[name] = printer
            node.parts.append(name)
    return node


def _add_field(scope: Scope, node: Node, item: ast.FieldItem) -> None:
    if item.alias is not None:
        raise malformed(scope.text, item.path.pos, "only aggregate expressions use field aliasing")
    column = scope.column(item.path)
    if not node.add(column):
        raise scope.refuse("INVALID_FIELD", item.path.pos, f"duplicate field selected: {column.name}")


def _fields_of(scope: Scope, item: ast.FieldsOf, limit: int | None) -> Sequence[FieldDef]:
    if item.kind not in ("ALL", "CUSTOM", "STANDARD"):
        raise malformed(scope.text, item.pos, f"unexpected token: '{item.kind}'")
    if item.kind != "STANDARD" and (limit is None or limit > MAX_FIELDS_LIMIT):
        reason = f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_LIMIT}"
        raise malformed(scope.text, item.pos, reason)
    return [one for one in scope.sobject.fields if item.kind == "ALL" or one.custom == (item.kind == "CUSTOM")]
