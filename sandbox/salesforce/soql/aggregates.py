"""COUNT, SUM, AVG, MIN, MAX and GROUP BY over rows that have passed the WHERE; it never filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..metadata.model import NUMBER_TYPES, Row, Value
from ..values import to_json
from . import ast
from .conditions import comparison_key
from .scope import Column, Scope

Reducer = Callable[[Sequence[Row]], Value]
_NUMERIC = ("SUM", "AVG")


def is_aggregate(query: ast.Query) -> bool:
    return bool(query.group_by) or any(isinstance(one, ast.Aggregate) for one in query.select)


def run(scope: Scope, query: ast.Query, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """One AggregateResult per group, in the order of ORDER BY, else of the groups' keys."""
    grouping = [scope.column(path) for path in query.group_by]
    outputs = _outputs(scope, query, grouping)
    groups: dict[tuple[Any, ...], list[Row]] = {} if grouping else {(): list(rows)}
    for row in rows if grouping else ():
        groups.setdefault(tuple(comparison_key(one)(one.get(row)) for one in grouping), []).append(row)
    ordered = [groups[key] for key in sorted(groups, key=lambda key: [(value is not None, value) for value in key])]
    for item in reversed(query.order_by):
        reduce = _order_value(scope, item, grouping)
        ordered = sort_nulls(ordered, reduce, item.descending, item.nulls_first)
    return [
        {"attributes": {"type": "AggregateResult"}, **{name: to_json(reduce(group)) for name, reduce in outputs}}
        for group in ordered
    ]


def sort_nulls(items: list[Any], key: Callable[[Any], Any], descending: bool, nulls_first: bool) -> list[Any]:
    """A stable sort with the nulls at one end whatever the direction."""
    nulls = [one for one in items if key(one) is None]
    rest = sorted((one for one in items if key(one) is not None), key=key, reverse=descending)
    return nulls + rest if nulls_first else rest + nulls


def _outputs(scope: Scope, query: ast.Query, grouping: Sequence[Column]) -> list[tuple[str, Reducer]]:
    outputs: list[tuple[str, Reducer]] = []
    unnamed = 0
    grouped = {one.name for one in grouping}
    for item in query.select:
        if isinstance(item, ast.Aggregate):
            name = item.alias or f"expr{unnamed}"
            unnamed += item.alias is None
            outputs.append((name, reducer(scope, item)))
        elif isinstance(item, ast.FieldItem):
            column = scope.column(item.path)
            if column.name not in grouped:
                reason = f"Field must be grouped or aggregated: {column.name}"
                raise scope.refuse("MALFORMED_QUERY", item.path.pos, reason)
            outputs.append((item.alias or column.field.name, _first(column)))
        else:
            raise scope.refuse("MALFORMED_QUERY", item.pos, "Grouped query cannot use child relationships or FIELDS()")
    return outputs


def reducer(scope: Scope, item: ast.Aggregate) -> Reducer:
    if item.path is None:
        if item.function != "COUNT":
            raise scope.refuse("MALFORMED_QUERY", item.pos, "unexpected token: ')'")
        return len
    column = scope.column(item.path)
    if item.function in _NUMERIC and column.field.type not in NUMBER_TYPES:
        reason = f"field {column.field.name} does not support aggregate operator {item.function}"
        raise scope.refuse("INVALID_FIELD", item.pos, reason)
    key = comparison_key(column)

    def reduce(group: Sequence[Row]) -> Value:
        values: list[Value] = [value for row in group if (value := column.get(row)) is not None]
        return _reduce(item.function, values, key)

    return reduce


def _reduce(function: str, values: list[Value], key: Callable[[Value], Any]) -> Value:
    if function == "COUNT":
        return len(values)
    if function == "COUNT_DISTINCT":
        return len({key(one) for one in values})
    if not values:
        return None
    if function == "SUM":
        return float(sum(one for one in values if isinstance(one, int | float)))
    if function == "AVG":
        return float(sum(one for one in values if isinstance(one, int | float))) / len(values)
    return max(values, key=key) if function == "MAX" else min(values, key=key)


def _first(column: Column) -> Reducer:
    return lambda group: column.get(group[0])


def _order_value(scope: Scope, item: ast.OrderItem, grouping: Sequence[Column]) -> Reducer:
    if isinstance(item.target, ast.Aggregate):
        return reducer(scope, item.target)
    column = scope.column(item.target)
    if column.name not in {one.name for one in grouping}:
        reason = f"Ordered field must be grouped or aggregated: {column.name}"
        raise scope.refuse("MALFORMED_QUERY", item.target.pos, reason)
    return _first(column)
