"""Faults by plan: before the write, after it, and in the middle of a batch; skewed clocks and workflows."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.hubspot.faults import FaultPlanError, PortalFault, parse_rules
from sandbox.hubspot.testing import Emulator, emulator, standing_still

from .conftest import Api, unique_key


def arm(api: Api, **rule: Any) -> None:
    api.sandbox("PUT", "faults", [{"nth": [1], **rule}])


def names(api: Api) -> list[str]:
    return [
        one["properties"]["name"] for one in api.objects("GET", "companies", params={"limit": "100"}).json()["results"]
    ]


@pytest.mark.parametrize(
    ("kind", "status", "policy"),
    [
        ("too_many_requests", 429, "TEN_SECONDLY_ROLLING"),
        ("daily_limit", 429, "DAILY"),
        ("unavailable", 503, None),
    ],
)
def test_an_overload_comes_before_the_write(api: Api, kind: str, status: int, policy: str | None) -> None:
    arm(api, kind=kind, retry_after=3)
    refused = api.objects("POST", "companies", {"properties": {"name": "A"}})
    assert (refused.status_code, refused.json().get("policyName"), refused.headers["Retry-After"]) == (
        status,
        policy,
        "3",
    )
    assert names(api) == []


def test_a_gateway_may_give_up_after_the_write_was_done(api: Api) -> None:
    arm(api, kind="timeout_after")
    assert api.objects("POST", "companies", {"properties": {"name": "A"}}).status_code == 504
    assert names(api) == ["A"]


@pytest.mark.parametrize(("kind", "written"), [("reset_before", []), ("reset_after", ["A"])])
def test_a_connection_may_break_before_or_after_the_write(api: Api, kind: str, written: list[str]) -> None:
    arm(api, kind=kind, method="POST")
    with pytest.raises(requests.ConnectionError):
        api.objects("POST", "companies", {"properties": {"name": "A"}})
    assert names(api) == written


def test_a_slow_answer_is_late_and_the_write_is_not(api: Api) -> None:
    arm(api, kind="slow", seconds=5, method="POST")
    with pytest.raises(requests.Timeout):
        url = f"{api.running.base_url}/crm/v3/objects/companies"
        requests.post(url, json={"properties": {"name": "A"}}, headers=api.http.headers, timeout=0.2)
    assert names(api) == ["A"]


def test_a_batch_may_be_half_applied_when_the_connection_breaks(api: Api) -> None:
    arm(api, kind="half_reset", rows=2, path="batch/create")
    with pytest.raises(requests.ConnectionError):
        api.batch("companies", "create", *[{"properties": {"name": one}} for one in "ABC"])
    assert names(api) == ["A", "B"]


def test_a_batch_may_be_half_applied_and_say_so(api: Api) -> None:
    key = unique_key(api)
    arm(api, kind="half_207", rows=1, path="batch/upsert")
    inputs = [{"id": one, "idProperty": key, "properties": {"name": one}, "objectWriteTraceId": one} for one in "AB"]
    done = api.batch("companies", "upsert", *inputs)
    assert (done.status_code, [one["objectWriteTraceId"] for one in done.json()["results"]]) == (207, ["A"])
    assert done.json()["errors"][0]["context"]["objectWriteTraceId"] == ["B"]
    assert names(api) == ["A"]


def test_a_token_may_end_in_mid_stream(hubspot: Emulator) -> None:
    api = Api(hubspot, hubspot.oauth_token())
    arm(api, kind="expired_token", nth=[2])
    assert [api.objects("GET", "companies").status_code for _ in range(3)] == [200, 401, 401]
    assert Api(hubspot, hubspot.oauth_token()).objects("GET", "companies").status_code == 200


def test_the_same_seed_makes_the_same_faults() -> None:
    def statuses() -> list[int]:
        rules = (PortalFault(kind="unavailable", probability=0.3),)
        with emulator(standing_still(seed=5, faults=rules)) as running:
            api = Api(running)
            return [api.objects("GET", "companies").status_code for _ in range(20)]

    first = statuses()
    assert first == statuses()
    assert {200, 503} == set(first)


def test_a_rule_that_cannot_be_names_its_key() -> None:
    with pytest.raises(FaultPlanError, match="fault 1, kind"):
        parse_rules([{"kind": "lock_row"}])


def test_servers_with_skewed_clocks_stamp_around_the_time() -> None:
    with emulator(standing_still(clock_skew=2.0, seed=1)) as running:
        api = Api(running)
        stamps = [api.get("companies", api.create("companies", name=str(one)))["updatedAt"] for one in range(20)]
        assert min(stamps) < "2026-11-22T10:00:00" < max(stamps)
        assert min(stamps) >= "2026-11-22T09:59:58" <= max(stamps) <= "2026-11-22T10:00:02.000Z"
        assert stamps != sorted(stamps)


def test_a_workflow_answers_a_change_with_another_one_in_its_own_name(api: Api) -> None:
    rule = {
        "object": "companies",
        "when": "lifecyclestage",
        "equals": "customer",
        "then": "description",
        "to": "is {upper}",
    }
    api.sandbox("PUT", "workflows", [rule])
    record_id = api.create("companies", name="A", lifecyclestage="lead")
    changed = api.objects("PATCH", f"companies/{record_id}", {"properties": {"lifecyclestage": "customer"}}).json()
    assert "description" not in changed["properties"]
    assert api.get("companies", record_id, "description")["properties"]["description"] == "is CUSTOMER"
    counted = api.sandbox("GET", f"writes?object=companies&id={record_id}")[record_id]
    assert counted["by_source"] == {"INTEGRATION": 2, "AUTOMATION_PLATFORM": 1}


def test_two_workflows_do_not_drive_each_other(api: Api) -> None:
    there = {"object": "companies", "when": "city", "then": "state", "to": "{value}!"}
    back = {"object": "companies", "when": "state", "then": "city", "to": "{value}!"}
    api.sandbox("PUT", "workflows", [there, back])
    record_id = api.create("companies", name="A", city="Bonn")
    shown = api.get("companies", record_id, "city", "state")["properties"]
    assert (shown["city"], shown["state"]) == ("Bonn", "Bonn!")
