"""SOQL text to syntax tree by an LALR grammar; it knows no schema."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from .. import times
from ..errors import SalesforceError
from . import ast
from .errors import malformed

# AND and OR do not mix without parentheses: the platform refuses `a AND b OR c`.
_GRAMMAR = r"""
query: SELECT select_item ("," select_item)* FROM PATH [PATH] [where] [group] [order] [limit] [offset]
select_item: PATH [PATH] -> field
    | aggregate [PATH] -> aggregated
    | FIELDS "(" PATH ")" -> fields_of
    | "(" query ")" -> child
aggregate: AGGREGATE "(" [PATH] ")"
where: WHERE condition
?condition: both | either | unary
both: unary (AND unary)+
either: unary (OR unary)+
?unary: NOT unary -> negation
    | "(" condition ")"
    | PATH OPERATOR literal -> comparison
    | PATH LIKE STRING -> like
    | PATH [NOT] IN "(" literal ("," literal)* ")" -> membership
    | PATH [NOT] IN "(" query ")" -> semi_join
literal: STRING -> string
    | NUMBER -> number
    | DATETIME -> datetime
    | DATE -> date
    | RELATIVE -> relative
    | TRUE -> true
    | FALSE -> false
    | NULL -> null
group: GROUP_BY PATH ("," PATH)*
order: ORDER_BY order_item ("," order_item)*
order_item: (PATH | aggregate) [DIRECTION] [NULLS]
limit: LIMIT NUMBER
offset: OFFSET NUMBER

SELECT.3: /SELECT\b/i
FROM.3: /FROM\b/i
WHERE.3: /WHERE\b/i
AND.3: /AND\b/i
OR.3: /OR\b/i
NOT.3: /NOT\b/i
IN.3: /IN\b/i
LIKE.3: /LIKE\b/i
LIMIT.3: /LIMIT\b/i
OFFSET.3: /OFFSET\b/i
GROUP_BY.3: /GROUP\s+BY\b/i
ORDER_BY.3: /ORDER\s+BY\b/i
DIRECTION.3: /(?:ASC|DESC)\b/i
NULLS.3: /NULLS\s+(?:FIRST|LAST)\b/i
TRUE.3: /TRUE\b/i
FALSE.3: /FALSE\b/i
NULL.3: /NULL\b/i
FIELDS.3: /FIELDS(?=\s*\()/i
AGGREGATE.3: /(?:COUNT_DISTINCT|COUNT|SUM|AVG|MIN|MAX)(?=\s*\()/i
RELATIVE.3: /(?:TODAY|YESTERDAY|TOMORROW|(?:LAST|THIS|NEXT)_(?:MONTH|YEAR)|(?:LAST|NEXT)_N_DAYS:\d+)\b/i
OPERATOR: /!=|<>|<=|>=|=|<|>/
STRING: /'(?:[^'\\]|\\.)*'/s
DATETIME.3: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/i
DATE.2: /\d{4}-\d\d-\d\d/
NUMBER.1: /[+-]?\d+(?:\.\d+)?/
PATH: /(?!(?:SELECT|FROM|WHERE|AND|OR|NOT|IN|LIKE|LIMIT|NULL|USING|WITH|HAVING)\b)[A-Za-z]\w*(?:\.[A-Za-z]\w*)*/i
%ignore /\s+/
"""
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\", "_": "_", "%": "%"}


def parse(text: str) -> ast.Query:
    """The syntax tree; raises MALFORMED_QUERY with a caret at the first token that does not fit."""
    if not text.strip():
        raise SalesforceError("MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    try:
        tree = _parser().parse(text)
        query: ast.Query = _Builder(text).transform(tree)
    except VisitError as wrapped:
        if isinstance(wrapped.orig_exc, SalesforceError):
            raise wrapped.orig_exc from None
        raise
    except UnexpectedInput as unexpected:
        raise _unexpected(text, unexpected) from None
    return query


def unescape(raw: str, text: str, pos: int) -> str:
    """A string literal's value; raises MALFORMED_QUERY for an escape that SOQL does not have."""

    def one(match: re.Match[str]) -> str:
        escape = match.group(1)
        if escape.startswith("u") and len(escape) == 5:
            return chr(int(escape[1:], 16))
        if escape.lower() not in _ESCAPES:
            raise malformed(text, pos, f"Illegal character sequence '\\{escape[0]}' in string literal")
        return _ESCAPES[escape.lower()]

    return re.sub(r"\\(u[0-9A-Fa-f]{4}|.)", one, raw, flags=re.DOTALL)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, start="query", parser="lalr", maybe_placeholders=True)


def _unexpected(text: str, error: UnexpectedInput) -> SalesforceError:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return malformed(text, len(text), "unexpected token: '<EOF>'")
    pos = error.pos_in_stream or 0
    if isinstance(error, UnexpectedCharacters):
        rest = re.match(r"\w+|.", text[pos:], re.DOTALL)
        return malformed(text, pos, f"unexpected token: '{rest.group() if rest else '<EOF>'}'")
    return malformed(text, pos, f"unexpected token: '{getattr(error, 'token', '')}'")


def _path(token: Token) -> ast.Path:
    return ast.Path(tuple(token.split(".")), token.start_pos or 0)


class _Builder(Transformer[Token, Any]):
    """Turns grammar nodes into syntax tree parts; each method is named after its rule."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def field(self, items: list[Any]) -> ast.FieldItem:
        return ast.FieldItem(_path(items[0]), str(items[1]) if items[1] else None)

    def aggregate(self, items: list[Any]) -> ast.Aggregate:
        function, path = items
        return ast.Aggregate(function.upper(), _path(path) if path else None, None, function.start_pos)

    def aggregated(self, items: list[Any]) -> ast.Aggregate:
        found, alias = items
        return ast.Aggregate(found.function, found.path, str(alias) if alias else None, found.pos)

    def fields_of(self, items: list[Any]) -> ast.FieldsOf:
        return ast.FieldsOf(items[1].upper(), items[0].start_pos)

    def child(self, items: list[Any]) -> ast.ChildQuery:
        return ast.ChildQuery(items[0], items[0].source.pos)

    def where(self, items: list[Any]) -> Any:
        return items[1]

    def both(self, items: list[Any]) -> ast.Both:
        return ast.Both(tuple(one for one in items if not isinstance(one, Token)))

    def either(self, items: list[Any]) -> ast.Either:
        return ast.Either(tuple(one for one in items if not isinstance(one, Token)))

    def negation(self, items: list[Any]) -> ast.Negation:
        return ast.Negation(items[1])

    def comparison(self, items: list[Any]) -> ast.Comparison:
        path, operator, literal = items
        return ast.Comparison(_path(path), "!=" if operator == "<>" else str(operator), literal, path.start_pos)

    def like(self, items: list[Any]) -> ast.Comparison:
        path, _, pattern = items
        return ast.Comparison(_path(path), "LIKE", self.string([pattern]), path.start_pos)

    def membership(self, items: list[Any]) -> ast.Membership:
        path, negated, _, *literals = items
        return ast.Membership(_path(path), negated is not None, tuple(literals), None, path.start_pos)

    def semi_join(self, items: list[Any]) -> ast.Membership:
        path, negated, _, query = items
        return ast.Membership(_path(path), negated is not None, (), query, path.start_pos)

    def string(self, items: list[Any]) -> ast.Literal:
        raw, pos = str(items[0])[1:-1], items[0].start_pos
        return ast.Literal("string", unescape(raw, self._text, pos), raw, pos)

    def number(self, items: list[Any]) -> ast.Literal:
        raw = str(items[0])
        return ast.Literal("number", float(raw) if "." in raw else int(raw), raw, items[0].start_pos)

    def datetime(self, items: list[Any]) -> ast.Literal:
        raw, pos = str(items[0]), items[0].start_pos
        value = times.parse_datetime(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", raw.upper()))
        if value is None:
            raise malformed(self._text, pos, f"Invalid datetime: {raw}")
        return ast.Literal("datetime", value, raw, pos)

    def date(self, items: list[Any]) -> ast.Literal:
        raw, pos = str(items[0]), items[0].start_pos
        value = times.parse_date(raw)
        if value is None:
            raise malformed(self._text, pos, f"Invalid date: {raw}")
        return ast.Literal("date", value, raw, pos)

    def relative(self, items: list[Any]) -> ast.Literal:
        return ast.Literal("relative", str(items[0]).upper(), str(items[0]), items[0].start_pos)

    def true(self, items: list[Any]) -> ast.Literal:
        return ast.Literal("boolean", True, str(items[0]), items[0].start_pos)

    def false(self, items: list[Any]) -> ast.Literal:
        return ast.Literal("boolean", False, str(items[0]), items[0].start_pos)

    def null(self, items: list[Any]) -> ast.Literal:
        return ast.Literal("null", None, str(items[0]), items[0].start_pos)

    def group(self, items: list[Any]) -> tuple[ast.Path, ...]:
        return tuple(_path(one) for one in items[1:])

    def order(self, items: list[Any]) -> tuple[ast.OrderItem, ...]:
        return tuple(items[1:])

    def order_item(self, items: list[Any]) -> ast.OrderItem:
        target, direction, nulls = items
        # Nulls sort first in both directions unless NULLS LAST is said (SOQL guide, ORDER BY).
        return ast.OrderItem(
            target if isinstance(target, ast.Aggregate) else _path(target),
            direction is not None and direction.upper() == "DESC",
            nulls is None or nulls.upper().endswith("FIRST"),
        )

    def limit(self, items: list[Any]) -> int:
        return self._count(items[1])

    def offset(self, items: list[Any]) -> int:
        return self._count(items[1])

    def query(self, items: list[Any]) -> ast.Query:
        split = next(place for place, one in enumerate(items) if isinstance(one, Token) and one.type == "FROM")
        source, alias, where, group, order, limit, offset = items[split + 1 :]
        return ast.Query(
            tuple(items[1:split]), _path(source), str(alias) if alias else None, where, group or (), order or (),
            limit, offset or 0,
        )  # fmt: skip

    def _count(self, token: Token) -> int:
        if not token.isdigit():
            raise malformed(self._text, token.start_pos or 0, f"unexpected token: '{token}'")
        return int(token)
