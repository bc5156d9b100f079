"""The SOQL evaluator agrees with a plain Python filter on whatever rows and conditions come up."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.salesforce.metadata.model import Row
from sandbox.salesforce.metadata.standard import standard_schema
from sandbox.salesforce.soql import engine
from sandbox.salesforce.store import Store, Write

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
TEXTS = ["Acme", "acme", "ACME Ltd", "O'Neil", "100%", "a_b", "back\\slash", "Ünïcode", "tab\there"]
Test = Callable[[Row], bool]
Case = tuple[str, Test]

rows = st.fixed_dictionaries({
    "Name": st.sampled_from(TEXTS),
    "BillingCity": st.none() | st.sampled_from(TEXTS),
    "NumberOfEmployees": st.none() | st.integers(-3, 3),
    "SystemModstamp": st.integers(0, 5).map(lambda number: NOW + timedelta(seconds=number)),
    "IsDeleted": st.booleans(),
})  # fmt: skip


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\t", "\\t") + "'"


def like(text: str) -> str:
    return quoted(text).replace("%", "\\%").replace("_", "\\_")


def fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def compared(field: str, operator: str, value: Any, literal: str) -> Case:
    """A comparison as SOQL text and as a Python test: null fails all of them but `!=`."""

    def test(row: Row) -> bool:
        if operator in ("=", "!="):
            return bool((fold(row[field]) == fold(value)) == (operator == "="))
        return row[field] is not None and ORDERED[operator](fold(row[field]), fold(value))

    return f"{field} {operator} {literal}", test


def among(field: str, values: list[str], negated: bool) -> Case:
    folded = [fold(one) for one in values]
    word = "NOT IN" if negated else "IN"
    return f"{field} {word} ({', '.join(map(quoted, values))})", lambda row: (fold(row[field]) in folded) != negated


def prefixed(field: str, text: str) -> Case:
    pattern = f"{like(text)[:-1]}%'"
    return f"{field} LIKE {pattern}", lambda row: row[field] is not None and fold(row[field]).startswith(fold(text))


operators = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
texts = st.sampled_from(TEXTS)
text_fields = st.sampled_from(["Name", "BillingCity"])
leaves: st.SearchStrategy[Case] = st.one_of(
    st.builds(lambda field, op, text: compared(field, op, text, quoted(text)), text_fields, operators, texts),
    st.builds(lambda op, number: compared("NumberOfEmployees", op, number, str(number)), operators, st.integers(-3, 3)),
    st.builds(
        lambda op, number: compared(
            "SystemModstamp", op, NOW + timedelta(seconds=number), f"2026-11-22T10:00:0{number}Z"
        ),
        operators,
        st.integers(0, 5),
    ),
    st.builds(lambda field, op: compared(field, op, None, "null"), text_fields, st.sampled_from(["=", "!="])),
    st.builds(among, text_fields, st.lists(texts, min_size=1, max_size=3), st.booleans()),
    st.builds(prefixed, text_fields, texts),
)


def joined(cases: list[Case], word: str) -> Case:
    together = all if word == "AND" else any
    return f" {word} ".join(f"({text})" for text, _ in cases), lambda row: together(test(row) for _, test in cases)


def negated(case: Case) -> Case:
    return f"NOT ({case[0]})", lambda row: not case[1](row)


conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(joined, st.lists(inner, min_size=2, max_size=3), st.sampled_from(["AND", "OR"])),
        st.builds(negated, inner),
    ),
    max_leaves=6,
)


def filled(given_rows: list[dict[str, Any]]) -> Store:
    store = Store(standard_schema())
    for one in given_rows:
        store.put("Account", {**one, "Id": store.next_id("Account")}, Write("create", "005", NOW, ()))
    return store


def found(store: Store, soql: str, with_deleted: bool = False) -> list[Any]:
    result = engine.run(store, soql, NOW, with_deleted)
    return [one["Id"] for one in result.page(0, result.size, "v59.0")]


@settings(max_examples=150, deadline=None)
@given(given_rows=st.lists(rows, max_size=8), condition=conditions, with_deleted=st.booleans())
def test_a_query_finds_what_a_plain_filter_finds(
    given_rows: list[dict[str, Any]], condition: Case, with_deleted: bool
) -> None:
    store = filled(given_rows)
    text, test = condition
    expected = [row["Id"] for row in store.rows("Account") if (with_deleted or not row["IsDeleted"]) and test(row)]
    assert found(store, f"SELECT Id FROM Account WHERE {text}", with_deleted) == expected


@settings(max_examples=60, deadline=None)
@given(
    given_rows=st.lists(rows, max_size=8), descending=st.booleans(), first=st.booleans(), limit=st.integers(0, 9),
    offset=st.integers(0, 3),
)  # fmt: skip
def test_an_order_with_a_cut_is_a_stable_sort_with_the_nulls_at_one_end(
    given_rows: list[dict[str, Any]], descending: bool, first: bool, limit: int, offset: int
) -> None:
    store = filled([{**one, "IsDeleted": False} for one in given_rows])
    every = store.rows("Account")
    nulls = [row["Id"] for row in every if row["NumberOfEmployees"] is None]
    rest = [row for row in every if row["NumberOfEmployees"] is not None]
    rest.sort(key=lambda row: row["NumberOfEmployees"], reverse=descending)  # type: ignore[arg-type, return-value]
    numbers = [row["Id"] for row in rest]
    expected = (nulls + numbers if first else numbers + nulls)[offset : offset + limit]
    soql = (
        f"SELECT Id FROM Account ORDER BY NumberOfEmployees {'DESC' if descending else 'ASC'} "
        f"NULLS {'FIRST' if first else 'LAST'} LIMIT {limit} OFFSET {offset}"
    )
    assert found(store, soql) == expected


@settings(max_examples=60, deadline=None)
@given(given_rows=st.lists(rows, max_size=12), size=st.integers(1, 4))
def test_a_keyset_walk_over_tied_time_stamps_meets_every_row_once(given_rows: list[dict[str, Any]], size: int) -> None:
    store = filled([{**one, "IsDeleted": False} for one in given_rows])
    seen: list[Any] = []
    where = ""
    while True:
        soql = f"SELECT Id, SystemModstamp FROM Account{where} ORDER BY SystemModstamp, Id LIMIT {size}"
        page = engine.run(store, soql, NOW).page(0, size, "v59.0")
        seen += [one["Id"] for one in page]
        if not page:
            break
        last, stamp = page[-1]["Id"], re.sub(r"\+0000$", "Z", page[-1]["SystemModstamp"])
        where = f" WHERE SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '{last}')"
    assert sorted(seen) == sorted(str(row["Id"]) for row in store.rows("Account"))
    assert len(seen) == len(set(seen))
