"""The search: operators, the window of ten thousand, ids as text, pages, and an index that is late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.hubspot.portal import USER
from sandbox.hubspot.seeding import build
from sandbox.hubspot.testing import Emulator, emulator, standing_still

from .conftest import Api, where


@pytest.fixture
def three(api: Api) -> list[str]:
    rows = [("Acme", "10", "customer"), ("Bolt", "9", "lead"), ("Cog", "", "lead")]
    return [api.create("companies", name=n, numberofemployees=e, lifecyclestage=s) for n, e, s in rows]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (where("name", "EQ", "acme"), [0]),
        (where("name", "NEQ", "Acme"), [1, 2]),
        (where("numberofemployees", "GT", "9"), [0]),
        (where("numberofemployees", "GTE", "9"), [0, 1]),
        (where("numberofemployees", "LT", "10"), [1]),
        (where("numberofemployees", "LTE", "10"), [0, 1]),
        (where("numberofemployees", "BETWEEN", "9", highValue="9.5"), [1]),
        (where("name", "IN", values=["acme", "cog"]), [0, 2]),
        (where("name", "IN", values=["Acme"]), []),
        (where("lifecyclestage", "NOT_IN", values=["lead"]), [0]),
        (where("lifecyclestage", "EQ", "LEAD"), []),
        (where("numberofemployees", "HAS_PROPERTY"), [0, 1]),
        (where("numberofemployees", "NOT_HAS_PROPERTY"), [2]),
        (where("name", "CONTAINS_TOKEN", "*o*"), [1, 2]),
        (where("createdate", "GTE", "2026-11-22T10:00:00Z"), [0, 1, 2]),
        (where("createdate", "GT", "1795341600000"), []),
    ],
)
def test_a_filter_finds_what_it_says(api: Api, three: list[str], asked: dict[str, Any], found: list[int]) -> None:
    assert api.ids("companies", asked) == [three[one] for one in found]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"limit": 201}, "limit must be a number from 0 to 200"),
        ({"filterGroups": [{"filters": []}] * 6}, "A maximum of 5 filterGroups"),
        ({"filterGroups": [{"filters": [where("name", "HAS_PROPERTY")] * 7}]}, "A maximum of 6 filters per group"),
        ({"filterGroups": [{"filters": [where("name", "HAS_PROPERTY")] * 5}] * 4}, "A maximum of 18 filters"),
        ({"filters": [where("nope", "EQ", "1")]}, "There was a problem with the request."),
        ({"filters": [where("name", "LIKE", "1")]}, "is not an operator"),
        ({"filters": [where("name", "NOT_HAS_PROPERTY", "1")]}, "takes no value"),
        ({"filters": [where("createdate", "GT", "soon")]}, "is not a valid datetime"),
        ({"sorts": ["name", "city"]}, "Only one sort"),
        ({"after": "10000"}, "beyond 10000"),
        ({"after": "x"}, "after must be"),
    ],
)
def test_a_search_that_cannot_be_is_refused(api: Api, body: dict[str, Any], words: str) -> None:
    refused = api.objects("POST", "companies/search", body)
    assert refused.status_code == 400
    assert words in refused.json()["message"]


def test_groups_are_alternatives_and_filters_of_a_group_hold_together(api: Api, three: list[str]) -> None:
    groups = [
        {"filters": [where("lifecyclestage", "EQ", "lead"), where("name", "EQ", "Bolt")]},
        {"filters": [where("name", "EQ", "Acme")]},
    ]
    found = api.objects("POST", "companies/search", {"filterGroups": groups, "sorts": ["-name"]}).json()
    assert [one["id"] for one in found["results"]] == [three[1], three[0]]
    assert found["total"] == 2


def test_an_unknown_type_is_refused_with_the_recorded_words(api: Api) -> None:
    assert api.search("butterflies").json()["message"] == "Unable to infer object type from: butterflies"


def test_ids_are_compared_as_text(api: Api) -> None:
    made = [api.create("companies", name=str(number)) for number in range(6)]
    assert made[3:5] == ["9999", "10000"]
    assert api.ids("companies", sorts=["hs_object_id"]) == sorted(made)
    assert api.ids("companies", where("hs_object_id", "GT", "9998"), sorts=["hs_object_id"]) == ["9999"]


def test_a_portal_can_compare_ids_as_numbers() -> None:
    with emulator(standing_still(ids_as_text=False)) as running:
        api = Api(running)
        made = [api.create("companies", name=str(number)) for number in range(6)]
        assert api.ids("companies", where("hs_object_id", "GT", "9998"), sorts=["hs_object_id"]) == made[3:]


@pytest.fixture(scope="module")
def crowded() -> Iterator[Emulator]:
    with emulator(standing_still()) as running:
        crm, companies = running.portal.crm, running.portal.schema.require("companies")

        def fill() -> None:
            for number in range(10_050):
                crm.create(companies, {"name": str(number)}, USER)

        running.call(fill)
        yield running


def test_the_window_ends_at_ten_thousand_and_the_total_does_not(crowded: Emulator) -> None:
    api = Api(crowded)
    page = api.search("companies", sorts=["hs_object_id"], limit=200, after="9900").json()
    assert (page["total"], len(page["results"]), page["paging"]["next"]["after"]) == (10_050, 100, "10000")
    assert api.search("companies", sorts=["hs_object_id"], limit=200, after="10000").status_code == 400


def test_a_walk_by_the_last_id_sees_every_record_once(crowded: Emulator) -> None:
    api, last, seen = Api(crowded), "", list[str]()
    while found := api.ids(
        "companies", *([where("hs_object_id", "GT", last)] if last else []), sorts=["hs_object_id"], limit=200
    ):
        seen, last = seen + found, found[-1]
    assert (len(seen), len(set(seen))) == (10_050, 10_050)


def test_pages_may_be_shorter_than_asked_for_although_more_follow() -> None:
    with emulator(standing_still(short_pages=True, seed=3)) as running:
        api = Api(running)
        made = {api.create("companies", name=str(number)) for number in range(40)}
        sizes, seen, after = [], set[str](), "0"
        while after:
            page = api.search("companies", sorts=["hs_object_id"], limit=10, after=after).json()
            sizes.append(len(page["results"]))
            seen |= {one["id"] for one in page["results"]}
            after = page.get("paging", {}).get("next", {}).get("after", "")
    assert seen == made
    assert min(sizes[:-1]) < 10


def test_the_index_is_late_for_new_for_changed_and_for_deleted_records() -> None:
    with emulator(standing_still(index_lag=30.0)) as running:
        api, clock = Api(running), running.portal.clock
        record_id = api.create("companies", name="Acme")
        assert api.ids("companies") == []
        clock.advance(30)
        assert api.ids("companies", where("name", "EQ", "Acme")) == [record_id]
        api.objects("PATCH", f"companies/{record_id}", {"properties": {"name": "Bolt"}})
        assert api.ids("companies", where("name", "EQ", "Acme")) == [record_id]
        clock.advance(30)
        assert api.ids("companies", where("name", "EQ", "Bolt")) == [record_id]
        api.objects("DELETE", f"companies/{record_id}")
        assert api.ids("companies") == [record_id]
        clock.advance(30)
        assert api.ids("companies") == []


def test_a_search_shows_no_associations_and_no_limits(api: Api, three: list[str]) -> None:
    found = api.search("companies", associations=["contacts"])
    assert "associations" not in found.json()["results"][0]
    assert not any(name.startswith("X-HubSpot-RateLimit") for name in found.headers)


@given(numbers=st.lists(st.integers(0, 99), max_size=30), low=st.integers(0, 99), high=st.integers(0, 99))
def test_between_is_both_bounds_included(numbers: list[int], low: int, high: int) -> None:
    portal = build(standing_still())
    companies = portal.schema.require("companies")
    for number in numbers:
        portal.crm.create(companies, {"name": "A", "numberofemployees": str(number)}, USER)
    asked = where("numberofemployees", "BETWEEN", str(low), highValue=str(high))
    page = portal.searcher.run(companies, {"filters": [asked], "limit": 200})
    found = sorted(int(one.properties["numberofemployees"]) for one in page.records)
    assert found == sorted(one for one in numbers if low <= one <= high)
