"""The parts of a parsed SOQL query; positions are offsets into the text, for the caret of an error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Path:
    parts: tuple[str, ...]
    pos: int


@dataclass(frozen=True, slots=True)
class Literal:
    """`kind` is string, number, boolean, null, date, datetime or relative; `raw` is the source text without quotes."""

    kind: str
    value: str | int | float | bool | date | datetime | None
    raw: str
    pos: int


@dataclass(frozen=True, slots=True)
class FieldItem:
    path: Path
    alias: str | None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """COUNT() has no path; functions are upper case."""

    function: str
    path: Path | None
    alias: str | None
    pos: int


@dataclass(frozen=True, slots=True)
class FieldsOf:
    kind: str
    pos: int


@dataclass(frozen=True, slots=True)
class ChildQuery:
    query: Query
    pos: int


SelectItem = FieldItem | Aggregate | FieldsOf | ChildQuery


@dataclass(frozen=True, slots=True)
class Comparison:
    path: Path
    operator: str
    literal: Literal
    pos: int


@dataclass(frozen=True, slots=True)
class Membership:
    path: Path
    negated: bool
    literals: tuple[Literal, ...]
    query: Query | None
    pos: int


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    part: Condition


Condition = Comparison | Membership | Both | Either | Negation


@dataclass(frozen=True, slots=True)
class OrderItem:
    target: Path | Aggregate
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Query:
    select: tuple[SelectItem, ...]
    source: Path
    alias: str | None
    where: Condition | None
    group_by: tuple[Path, ...]
    order_by: tuple[OrderItem, ...]
    limit: int | None
    offset: int
