"""Compiles a WHERE into a predicate over rows, with the type checks of the platform; it never sorts or prints."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .. import ids
from ..metadata.model import ID_TYPES, NUMBER_TYPES, TEXT_TYPES, Row, Value
from . import ast, relative
from .scope import Column, Scope

Predicate = Callable[[Row], bool]
SubSelect = Callable[[ast.Query], set[Value]]
_SOAP_NAMES = {"datetime": "dateTime", "int": "int", "date": "date", "boolean": "boolean"}
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


def compile_where(scope: Scope, condition: ast.Condition | None, sub_select: SubSelect) -> Predicate:
    """A predicate in two-valued logic: a null fails every comparison but `!=` and NOT IN, which it passes."""
    if condition is None:
        return lambda row: True
    if isinstance(condition, ast.Both):
        parts = [compile_where(scope, one, sub_select) for one in condition.parts]
        return lambda row: all(part(row) for part in parts)
    if isinstance(condition, ast.Either):
        parts = [compile_where(scope, one, sub_select) for one in condition.parts]
        return lambda row: any(part(row) for part in parts)
    if isinstance(condition, ast.Negation):
        inner = compile_where(scope, condition.part, sub_select)
        return lambda row: not inner(row)
    column = scope.column(condition.path)
    if not column.field.filterable:
        reason = f"field '{column.field.name}' can not be filtered in a query call"
        raise scope.refuse("INVALID_FIELD", condition.pos, reason)
    if isinstance(condition, ast.Membership):
        return _membership(scope, column, condition, sub_select)
    return _comparison(scope, column, condition)


def comparison_key(column: Column) -> Callable[[Value], Any]:
    """What two values are compared by: text without case, unless the field is case-sensitive."""
    if column.field.type in TEXT_TYPES and not column.field.case_sensitive:
        return lambda value: value.casefold() if isinstance(value, str) else value
    return lambda value: value


def _comparison(scope: Scope, column: Column, found: ast.Comparison) -> Predicate:
    operator, literal = found.operator, found.literal
    if operator == "LIKE":
        return _like(scope, column, found)
    target = _value(scope, column, literal)
    if literal.kind == "relative":
        return _relative(column, operator, str(literal.value), scope)
    key, get = comparison_key(column), column.get
    wanted = key(target)
    if operator == "=":
        return lambda row: bool(key(get(row)) == wanted)
    if operator == "!=":
        return lambda row: bool(key(get(row)) != wanted)
    if target is None:
        raise scope.refuse("MALFORMED_QUERY", literal.pos, f"unexpected token: '{literal.raw}'")
    if column.field.type in ("boolean", "multipicklist"):
        raise scope.refuse("INVALID_QUERY_FILTER_OPERATOR", found.pos, "invalid operator")
    compare = _ORDERED[operator]

    def ordered(row: Row) -> bool:
        value = get(row)
        return value is not None and compare(key(value), wanted)

    return ordered


def _like(scope: Scope, column: Column, found: ast.Comparison) -> Predicate:
    if column.field.type in ID_TYPES:
        raise scope.refuse("INVALID_QUERY_FILTER_OPERATOR", found.pos, "invalid operator on id field")
    if column.field.type not in TEXT_TYPES:
        raise scope.refuse("INVALID_QUERY_FILTER_OPERATOR", found.pos, "invalid operator")
    pattern = re.compile(_wildcards(found.literal.raw), re.IGNORECASE | re.DOTALL)
    get = column.get

    def matches(row: Row) -> bool:
        value = get(row)
        return isinstance(value, str) and pattern.fullmatch(value) is not None

    return matches


def _wildcards(raw: str) -> str:
    """`%` is any text, `_` any one character; both can be escaped with a backslash."""
    out = []
    for escape, char in re.findall(r"\\(u[0-9A-Fa-f]{4}|.)|(.)", raw, re.DOTALL):
        if char:
            out.append({"%": ".*", "_": "."}.get(char, re.escape(char)))
        elif len(escape) == 5:
            out.append(re.escape(chr(int(escape[1:], 16))))
        else:
            out.append(re.escape({"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}.get(escape.lower(), escape)))
    return "".join(out)


def _relative(column: Column, operator: str, literal: str, scope: Scope) -> Predicate:
    days = relative.span(literal, scope.now)
    start, end = relative.as_datetimes(*days) if column.field.type == "datetime" else days
    tests: dict[str, Callable[[Any], bool]] = {
        "=": lambda value: start <= value < end,
        "<": lambda value: value < start,
        "<=": lambda value: value < end,
        ">": lambda value: value >= end,
        ">=": lambda value: value >= start,
    }
    if operator == "!=":
        return lambda row: (value := column.get(row)) is None or not tests["="](value)
    test = tests[operator]
    return lambda row: (value := column.get(row)) is not None and test(value)


def _membership(scope: Scope, column: Column, found: ast.Membership, sub_select: SubSelect) -> Predicate:
    key, get = comparison_key(column), column.get
    if found.query is not None:
        if column.field.type not in ID_TYPES:
            reason = f"The left operand field in the where expression must be an id or reference: {column.field.name}"
            raise scope.refuse("MALFORMED_QUERY", found.pos, reason)
        wanted = sub_select(found.query)
    else:
        wanted = {key(_value(scope, column, one)) for one in found.literals}
    if found.negated:
        return lambda row: key(get(row)) not in wanted
    return lambda row: key(get(row)) in wanted


def _value(scope: Scope, column: Column, literal: ast.Literal) -> Value:
    """The literal in the type of the field; raises INVALID_FIELD where quotes are wrong for it."""
    kind = column.field.type
    if literal.kind == "null":
        # "If you run a query on a boolean field, null matches FALSE values" (SOQL guide, Use null in WHERE).
        return False if kind == "boolean" else None
    if kind in ID_TYPES or kind in TEXT_TYPES:
        if literal.kind != "string":
            raise _mistyped(scope, column, literal, "string", "should be enclosed in quotes")
        if literal.value == "":
            return None
        return _id(scope, literal) if kind in ID_TYPES else literal.value
    accepted = {"boolean": ("boolean",), "date": ("date", "relative"), "datetime": ("datetime", "relative")}
    if literal.kind not in accepted.get(kind, ("number",)):
        raise _mistyped(scope, column, literal, _SOAP_NAMES.get(kind, "double"), "should not be enclosed in quotes")
    if kind in NUMBER_TYPES and isinstance(literal.value, int):
        return float(literal.value)
    return literal.value


def _id(scope: Scope, literal: ast.Literal) -> str:
    found = ids.normalise(literal.value)
    if found is None:
        raise scope.refuse("INVALID_QUERY_FILTER_OPERATOR", literal.pos, f"invalid ID field: {literal.value}")
    return found


def _mistyped(scope: Scope, column: Column, literal: ast.Literal, kind: str, remedy: str) -> Exception:
    return scope.refuse(
        "INVALID_FIELD",
        literal.pos,
        f"value of filter criterion for field '{column.name}' must be of type {kind} and {remedy}",
    )
