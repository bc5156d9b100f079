"""Whatever a client sends, the emulator answers as the platform does and never stumbles over it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.salesforce.testing import emulator

from .conftest import Api
from .conftest import settings as org_settings

NAMES = [
    "attributes",
    "records",
    "ids",
    "fields",
    "Id",
    "Name",
    "Account__c",
    "Account__r",
    "Overlap_Key__c",
    "Score__c",
]
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)
rows = st.dictionaries(st.sampled_from(NAMES[4:]), values, max_size=4).map(
    lambda row: {"attributes": {"type": "Partner_Overlap__c"}, **row}
)
bodies = st.one_of(values, st.lists(rows, max_size=3).map(lambda some: {"records": some}))
PATHS = [
    ("POST", "sobjects/Account"),
    ("POST", "sobjects/Partner_Overlap__c"),
    ("PATCH", "sobjects/Partner_Overlap__c/Overlap_Key__c/k"),
    ("POST", "composite/sobjects"),
    ("PATCH", "composite/sobjects"),
    ("PATCH", "composite/sobjects/Partner_Overlap__c/Overlap_Key__c"),
    ("POST", "composite/sobjects/Account"),
]


@pytest.fixture(scope="module")
def shared() -> Iterator[Api]:
    with emulator(org_settings(api_limit=10**9)) as running:
        yield Api(running)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(target=st.sampled_from(PATHS), body=bodies)
def test_any_json_body_is_taken_or_refused_in_the_platforms_shape(
    shared: Api, target: tuple[str, str], body: Any
) -> None:
    answered = shared(*target, data=orjson.dumps(body), headers={"Content-Type": "application/json"})
    assert answered.status_code in (200, 201, 400, 404), answered.text
    if answered.status_code >= 400:
        assert {"message", "errorCode"} <= set(answered.json()[0])


@settings(max_examples=100, deadline=None)
@given(soql=st.text(max_size=40) | st.lists(st.sampled_from(
    "SELECT Id FROM Account WHERE Name = 'a' AND OR NOT ( ) , IN LIKE null 5 2026-01-01 COUNT() LIMIT GROUP BY".split()
), max_size=12).map(" ".join))  # fmt: skip
def test_any_text_is_a_query_or_is_refused_as_one(shared: Api, soql: str) -> None:
    answered = shared("GET", "query", params={"q": soql})
    assert answered.status_code in (200, 400), answered.text
