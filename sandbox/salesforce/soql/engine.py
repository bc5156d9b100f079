"""Runs a SOQL text over the store: bind, filter, sort, cut; the rows of a result are a snapshot. It never writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from ..errors import SalesforceError
from ..metadata.model import ID_TYPES, FieldDef, Row, Value
from ..store import Store
from . import aggregates, ast, shape
from .conditions import comparison_key, compile_where
from .errors import no_such_relationship
from .parser import parse
from .scope import Scope, open_scope

MAX_OFFSET = 2000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result:
    """`size` rows in all; `page(start, stop, version)` prints some of them, as the API version's URLs."""

    size: int
    printable: int
    page: Callable[[int, int, str], list[dict[str, Any]]]


def run(store: Store, text: str, now: datetime, with_deleted: bool = False) -> Result:
    """Raises SalesforceError with the platform's code and caret text for every query that it would refuse."""
    query = parse(text)
    if query.offset > MAX_OFFSET:
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    scope = open_scope(store, query, text, now, with_deleted)
    if aggregates.is_aggregate(query):
        return _aggregated(scope, query)
    node = _shape(scope, query)
    rows = _cut(query, _sorted(scope, query, _matching(scope, query)))
    return Result(
        len(rows),
        len(rows),
        lambda start, stop, version: [node.print(row, store, version) for row in rows[start:stop]],
    )


def select(store: Store, text: str, now: datetime, with_deleted: bool = False) -> tuple[Scope, ast.Query, list[Row]]:
    """The rows of a query without aggregates, not printed; raises SalesforceError as `run` does."""
    query = parse(text)
    scope = open_scope(store, query, text, now, with_deleted)
    _shape(scope, query)
    return scope, query, list(_cut(query, _sorted(scope, query, _matching(scope, query))))


def matcher(store: Store, sobject: str, where: str, now: datetime) -> Callable[[Row], bool]:
    """Whether a row, stored or not, meets the words after WHERE; raises SalesforceError for words that are no SOQL."""
    text = f"SELECT Id FROM {sobject} WHERE {where}"  # noqa: S608 - SOQL over rows in memory, from a test
    query = parse(text)
    scope = open_scope(store, query, text, now, with_deleted=True)
    return compile_where(scope, query.where, lambda inner: _values(scope, inner))


def _aggregated(scope: Scope, query: ast.Query) -> Result:
    only = query.select[0]
    bare = isinstance(only, ast.Aggregate) and only.path is None and only.function == "COUNT" and only.alias is None
    if bare and len(query.select) == 1 and not query.group_by:
        count = len(_cut(query, _matching(scope, query)))
        return Result(count, 0, lambda start, stop, version: [])
    for item in query.select:
        if isinstance(item, ast.Aggregate) and item.path is None:
            raise scope.refuse("MALFORMED_QUERY", item.pos, "Grouped query cannot use COUNT()")
    found = list(_cut(query, aggregates.run(scope, query, _matching(scope, query))))
    return Result(len(found), len(found), lambda start, stop, version: found[start:stop])


def _matching(scope: Scope, query: ast.Query) -> list[Row]:
    accepts = compile_where(scope, query.where, lambda inner: _values(scope, inner))
    rows = scope.store.rows(scope.sobject.name)
    return [row for row in rows if (scope.with_deleted or not row["IsDeleted"]) and accepts(row)]


def _values(scope: Scope, query: ast.Query) -> set[Value]:
    """The values of a semi-join: one id or reference field of another object."""
    inner = open_scope(scope.store, query, scope.text, scope.now, scope.with_deleted)
    item = query.select[0]
    if len(query.select) != 1 or not isinstance(item, ast.FieldItem):
        raise scope.refuse("MALFORMED_QUERY", query.source.pos, "The inner select must have exactly one field")
    column = inner.column(item.path)
    if column.field.type not in ID_TYPES:
        reason = f"The selected field '{column.field.name}' in the subquery must be an id or reference field"
        raise scope.refuse("MALFORMED_QUERY", item.path.pos, reason)
    return {column.get(row) for row in _matching(inner, query)}


def _sorted(scope: Scope, query: ast.Query, rows: list[Row]) -> list[Row]:
    for item in reversed(query.order_by):
        if isinstance(item.target, ast.Aggregate):
            raise scope.refuse("MALFORMED_QUERY", item.target.pos, "Grouped query must have a GROUP BY")
        column = scope.column(item.target)
        if not column.field.sortable:
            reason = f"field '{column.field.name}' can not be sorted in a query call"
            raise scope.refuse("MALFORMED_QUERY", item.target.pos, reason)
        rows = aggregates.sort_nulls(rows, _sort_key(column.get, comparison_key(column)), item.descending,
                                     item.nulls_first)  # fmt: skip
    return rows


def _sort_key(get: Callable[[Row], Value], key: Callable[[Value], Any]) -> Callable[[Row], Any]:
    return lambda row: key(get(row))


def _cut(query: ast.Query, rows: Sequence[T]) -> Sequence[T]:
    end = None if query.limit is None else query.offset + query.limit
    return rows[query.offset : end]


def _shape(scope: Scope, query: ast.Query) -> shape.Node:
    return shape.build(scope, query, lambda item: _children(scope, item))


def _children(scope: Scope, item: ast.ChildQuery) -> tuple[str, shape.Children]:
    """A child subquery: its name in the answer and the printer of the children of one row."""
    name = ".".join(item.query.source.parts)
    found = scope.schema.child_relationship(scope.sobject, name)
    if found is None:
        raise no_such_relationship(scope.text, item.pos, name, "FROM part of query call")
    child, link = found
    inner = replace(scope, sobject=child, alias=item.query.alias)
    node = _shape(inner, item.query)
    by_parent = _by_parent(inner, item.query, link)

    def printer(row: Row, version: str) -> Any:
        rows = _cut(item.query, by_parent.get(str(row["Id"]), []))
        if not rows:
            return None
        printed = [node.print(one, scope.store, version) for one in rows]
        return {"totalSize": len(rows), "done": True, "records": printed}

    return str(link.child_relationship), printer


def _by_parent(inner: Scope, query: ast.Query, link: FieldDef) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in _sorted(inner, query, _matching(inner, query)):
        groups.setdefault(str(row[link.name]), []).append(row)
    return groups
