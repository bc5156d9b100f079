"""The CRM search: reads a request, filters, sorts and cuts a page; it sees the index, never the store."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from . import times
from .errors import HubSpotError, invalid_input
from .index import Index
from .model import ObjectType, PropertyDef
from .store import Record

WINDOW, MAX_PAGE, DEFAULT_PAGE = 10_000, 200, 10
MAX_GROUPS, MAX_PER_GROUP, MAX_FILTERS = 5, 6, 18
MAX_QUERY = 3000
_ALONE = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
_LISTS = ("IN", "NOT_IN")
_COMPARISONS = ("EQ", "NEQ", "GT", "GTE", "LT", "LTE")
OPERATORS = (*_COMPARISONS, "BETWEEN", *_LISTS, *_ALONE, "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")

Test = Callable[[Record], bool]
Key = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Page:
    total: int
    records: list[Record]
    after: str | None


@dataclass(slots=True)
class Searcher:
    """`ids_as_text` compares hs_object_id as text, so that "10000" comes before "9999".

    `short_pages` gives fewer records than asked for although more follow, by seed.
    """

    index: Index
    seed: int
    ids_as_text: bool = True
    short_pages: bool = False

    def run(self, type_: ObjectType, body: Mapping[str, Any]) -> Page:
        limit, after = _limit(body), _after(body)
        groups = [self._group(type_, one) for one in _groups(body)]
        words = _query(body)
        order, backwards = self._order(type_, body.get("sorts"))

        def select(rows: list[Record]) -> list[Record]:
            found = [one for one in rows if _passes(one, groups) and _contains(type_, one, words)]
            return sorted(found, key=order, reverse=backwards)

        asked = {key: value for key, value in body.items() if key not in ("limit", "after", "properties")}
        key = (self.ids_as_text, orjson.dumps(asked, option=orjson.OPT_SORT_KEYS))
        found = self.index.matching(type_.id, key, select)
        size = self._size(limit, after)
        page = found[after : min(after + size, WINDOW)]
        last = after + len(page)
        return Page(len(found), page, str(last) if page and last < len(found) else None)

    def _size(self, limit: int, after: int) -> int:
        if not self.short_pages or limit < 2:
            return limit
        return random.Random(f"{self.seed}:page:{after}:{limit}").randint(max(1, limit // 2), limit)

    def _order(self, type_: ObjectType, sorts: Any) -> tuple[Callable[[Record], Any], bool]:
        if sorts in (None, []):
            return (lambda record: (record.created_at, int(record.id))), False
        if not isinstance(sorts, list) or len(sorts) > 1:
            raise HubSpotError(400, "Only one sort is allowed in a search")
        name, backwards = _sort(sorts[0])
        definition = _property(type_, name)
        key = self._key(definition)

        def order(record: Record) -> Any:
            value = record.properties.get(name)
            if name == "hs_object_id":
                return key(record.id)
            # Records without a value come last in ascending order.
            return (1, "", record.created_at) if value is None else (0, key(value), record.created_at)

        return order, backwards

    def _key(self, definition: PropertyDef) -> Key:
        """Makes the text of a value comparable; raises ValueError for a text that is none of its type."""
        if definition.name == "hs_object_id":
            return str if self.ids_as_text else int
        if definition.type == "number":
            return float
        if definition.type in ("date", "datetime"):
            return _moment
        return str if definition.type == "enumeration" else str.casefold

    def _group(self, type_: ObjectType, filters: list[Any]) -> list[Test]:
        return [self._test(type_, one) for one in filters]

    def _test(self, type_: ObjectType, given: Any) -> Test:
        if not isinstance(given, Mapping) or not isinstance(given.get("propertyName"), str):
            raise invalid_input("a filter is an object with propertyName and operator")
        definition, operator = _property(type_, given["propertyName"]), given.get("operator")
        if operator not in OPERATORS:
            raise invalid_input(f"{operator!r} is not an operator; known are {', '.join(OPERATORS)}")
        if operator in _ALONE:
            return _presence(definition.name, given, operator == "HAS_PROPERTY")
        if operator.endswith("CONTAINS_TOKEN"):
            return _tokens(definition.name, _operand(given, "value"), operator == "CONTAINS_TOKEN")
        if operator in _LISTS:
            return _membership(definition, given, operator == "IN")
        return self._comparison(definition, given, operator)

    def _comparison(self, definition: PropertyDef, given: Mapping[str, Any], operator: str) -> Test:
        key, name = self._key(definition), definition.name
        try:
            low = key(_operand(given, "value"))
            high = key(_operand(given, "highValue")) if operator == "BETWEEN" else low
        except ValueError:
            raise HubSpotError(400, f"{given.get('value')} is not a valid {definition.type} for {name}") from None
        compare: Callable[[Any], bool] = {
            "EQ": lambda value: value == low,
            "NEQ": lambda value: value != low,
            "GT": lambda value: value > low,
            "GTE": lambda value: value >= low,
            "LT": lambda value: value < low,
            "LTE": lambda value: value <= low,
            "BETWEEN": lambda value: low <= value <= high,
        }[operator]

        def test(record: Record) -> bool:
            value = record.properties.get(name)
            return compare(key(value)) if value is not None else False

        return test


def _passes(record: Record, groups: list[list[Test]]) -> bool:
    return not groups or any(all(test(record) for test in group) for group in groups)


def _contains(type_: ObjectType, record: Record, words: list[str]) -> bool:
    if not words:
        return True
    text = " ".join(record.properties.get(name, "") for name in type_.searchable).casefold()
    return all(word in text for word in words)


def _presence(name: str, given: Mapping[str, Any], wanted: bool) -> Test:
    if given.keys() & {"value", "values", "highValue"}:
        raise HubSpotError(400, f"{given['operator']} takes no value")
    return lambda record: (name in record.properties) == wanted


def _membership(definition: PropertyDef, given: Mapping[str, Any], wanted: bool) -> Test:
    values = given.get("values")
    if not isinstance(values, list) or not values or not all(isinstance(one, str) for one in values):
        raise HubSpotError(400, f"{given['operator']} needs values, a list of strings")
    if definition.type == "string":
        # The index holds texts in lower case, and lists are looked up as they are: a capital letter finds nothing.
        chosen = set(values)
        return lambda record: (record.properties.get(definition.name, "").casefold() in chosen) == wanted
    chosen = set(values)
    return lambda record: (record.properties.get(definition.name, "") in chosen) == wanted


def _tokens(name: str, wanted_text: str, wanted: bool) -> Test:
    pattern = ".*".join(re.escape(part) for part in wanted_text.casefold().split("*"))
    token = re.compile(pattern)

    def test(record: Record) -> bool:
        parts = re.findall(r"\w+", record.properties.get(name, "").casefold())
        return any(token.fullmatch(part) for part in parts) == wanted

    return test


def _property(type_: ObjectType, name: str) -> PropertyDef:
    found = type_.properties.get(name)
    if found is None:
        detail = {"message": f'Property "{name}" does not exist', "code": "PROPERTY_DOESNT_EXIST",
                  "context": {"propertyName": [name]}}  # fmt: skip
        raise HubSpotError(400, "There was a problem with the request.", errors=[detail])
    return found


def _moment(text: str) -> Any:
    found = times.parse(text)
    if found is None:
        raise ValueError(text)
    return found


def _operand(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    if not isinstance(value, str):
        raise HubSpotError(400, f"{given['operator']} needs {key}, a string")
    return value


def _sort(given: Any) -> tuple[str, bool]:
    """A sort is a text, "-" in front for descending, or an object with propertyName and direction."""
    if isinstance(given, str):
        return given.removeprefix("-"), given.startswith("-")
    if isinstance(given, Mapping) and isinstance(given.get("propertyName"), str):
        direction = given.get("direction", "ASCENDING")
        if direction in ("ASCENDING", "DESCENDING"):
            return given["propertyName"], direction == "DESCENDING"
    raise invalid_input("a sort is a property name, or an object with propertyName and direction")


def _groups(body: Mapping[str, Any]) -> list[list[Any]]:
    groups = body.get("filterGroups", [])
    if "filters" in body:  # one group without its brackets
        groups = [*groups, {"filters": body["filters"]}]
    if not isinstance(groups, list) or not all(
        isinstance(one, Mapping) and isinstance(one.get("filters"), list) for one in groups
    ):
        raise invalid_input("filterGroups is a list of objects with filters")
    filters: list[list[Any]] = [one["filters"] for one in groups]
    if len(filters) > MAX_GROUPS:
        raise HubSpotError(400, f"A maximum of {MAX_GROUPS} filterGroups is allowed")
    if any(len(one) > MAX_PER_GROUP for one in filters):
        raise HubSpotError(400, f"A maximum of {MAX_PER_GROUP} filters per group is allowed")
    if sum(map(len, filters)) > MAX_FILTERS:
        raise HubSpotError(400, f"A maximum of {MAX_FILTERS} filters is allowed")
    return filters


def _query(body: Mapping[str, Any]) -> list[str]:
    query = body.get("query") or ""
    if not isinstance(query, str) or len(query) > MAX_QUERY:
        raise HubSpotError(400, f"query is a string of at most {MAX_QUERY} characters")
    return query.casefold().split()


def _limit(body: Mapping[str, Any]) -> int:
    limit = body.get("limit", DEFAULT_PAGE)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 <= limit <= MAX_PAGE:
        raise HubSpotError(400, f"limit must be a number from 0 to {MAX_PAGE}")
    return limit


def _after(body: Mapping[str, Any]) -> int:
    after = body.get("after")
    if after in (None, ""):
        return 0
    if not isinstance(after, int | str) or not str(after).isascii() or not str(after).isdecimal():
        raise HubSpotError(400, "after must be the value of paging.next.after")
    if int(after) >= WINDOW:
        raise HubSpotError(400, f"Paging beyond {WINDOW} results is not supported; narrow the search down")
    return int(after)
