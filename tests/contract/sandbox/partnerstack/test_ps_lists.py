"""Lists: pages, order, filters, keys and the limit of a minute."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.partnerstack.testing import emulator, standing_still

from .conftest import PARTNER, Api


@pytest.fixture
def deals(api: Api) -> list[str]:
    """Five deals a minute apart, the oldest first."""
    made = []
    for number in range(5):
        made.append(api.running.act("submit_deal", PARTNER, f"Company {number}")["key"])
        api.running.advance(60)
    return made


def test_a_list_is_newest_first_and_ten_long_unless_told_otherwise(api: Api, deals: list[str]) -> None:
    assert api.keys("deals") == deals[::-1]
    for number in range(6):
        api.running.act("submit_deal", PARTNER, f"More {number}")
    found = api.data("GET", "deals")
    assert (len(found["items"]), found["has_more"]) == (10, True)


def test_pages_go_on_after_a_key_and_back_before_one(api: Api, deals: list[str]) -> None:
    first = api.data("GET", "deals", limit=2)
    assert ([each["key"] for each in first["items"]], first["has_more"]) == ([deals[4], deals[3]], True)
    assert api.keys("deals", limit=2, starting_after=deals[3]) == [deals[2], deals[1]]
    last = api.data("GET", "deals", limit=2, starting_after=deals[1])
    assert ([each["key"] for each in last["items"]], last["has_more"]) == ([deals[0]], False)
    assert api.keys("deals", limit=2, ending_before=deals[1]) == [deals[3], deals[2]]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"limit": 0}, "between 1 and 250"),
        ({"limit": 251}, "between 1 and 250"),
        ({"starting_after": "a", "ending_before": "b"}, "mutually exclusive"),
        ({"starting_after": "deal_0"}, "not in the list"),
        ({"min_updated": "yesterday"}, "Not a valid integer"),
    ],
)
def test_a_list_that_cannot_be_had_is_refused(api: Api, query: dict[str, Any], words: str) -> None:
    status, message = api.refused("GET", "deals", **query)
    assert (status, words in message) == (400, True)


def test_deals_are_narrowed_by_both_stamps_and_transactions_by_their_creation_only(api: Api, deals: list[str]) -> None:
    updated = api.running.act("edit", "deals", deals[0], lost_reason="price")["updated_at"]
    assert api.keys("deals", min_updated=updated) == [deals[0]]
    created = api.data("GET", f"deals/{deals[3]}")["created_at"]
    assert api.keys("deals", min_created=created) == [deals[4], deals[3]]
    customer = api.running.act("customer", PARTNER, "Acme", "a@acme.com")["key"]
    paid = api.running.act("transaction", customer, 500)["key"]
    assert api.keys("transactions", min_updated=updated + 10**9) == [paid]
    assert api.keys("transactions", min_created=updated + 10**9) == []


def test_archived_records_are_not_listed(api: Api, deals: list[str]) -> None:
    assert api("DELETE", f"deals/{deals[2]}").status_code == 200
    assert api.keys("deals") == [deals[4], deals[3], deals[1], deals[0]]
    assert api.refused("GET", f"deals/{deals[2]}")[0] == 404


def test_a_list_of_partnerships_shows_other_members_than_the_partnership_itself(api: Api) -> None:
    (listed,) = api.data("GET", "partnerships")["items"]
    itself = api.data("GET", f"partnerships/{PARTNER}")
    assert {"joined_at", "manager", "stats"} <= set(listed) - set(itself)
    assert {"tier", "fields"} <= set(itself) - set(listed)


@pytest.mark.parametrize("auth", [None, ("pk_sandbox", "sk_other"), ("pk_other", "sk_sandbox")])
def test_without_the_right_keys_there_is_401(api: Api, auth: tuple[str, str] | None) -> None:
    answer = requests.get(f"{api.running.base_url}/api/v2/deals", auth=auth, timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (401, 401)


def test_the_calls_of_a_minute_are_counted(api: Api) -> None:
    with emulator(standing_still(per_minute=3)) as running:
        other = Api(running)
        assert [other("GET", "deals").status_code for _ in range(4)] == [200, 200, 200, 429]
        running.advance(61)
        assert other("GET", "deals").status_code == 200


def test_what_is_no_resource_is_not_found(api: Api) -> None:
    assert api.refused("GET", "robots")[0] == 404
    assert api.refused("PATCH", "rewards/rew_1", {})[0] == 405
