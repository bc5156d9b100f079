"""Allowances and faults: what happens to a call, what is left behind, and that a seed repeats it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.salesforce.faults import FaultPlanError, FaultRule, parse_rules, read_plan
from sandbox.salesforce.testing import Emulator, emulator

from .conftest import Api, settings


def test_every_answer_tells_the_usage_errors_too(api: Api) -> None:
    assert api("GET", "limits").headers["Sforce-Limit-Info"] == "api-usage=1/15000"
    assert api("GET", "query", params={"q": "nonsense"}).headers["Sforce-Limit-Info"] == "api-usage=2/15000"
    assert "api-usage=2/15000" in api("GET", "limits", headers={"Authorization": "x"}).headers["Sforce-Limit-Info"]


def test_a_used_up_allowance_refuses_every_call_until_the_next_day(api: Api, salesforce: Emulator) -> None:
    api.sandbox("PUT", "limits", json={"used": 17, "max": 18})
    assert api("GET", "limits").json()["DailyApiRequests"] == {"Max": 18, "Remaining": 0}
    refused = api("GET", "limits")
    assert refused.status_code == 403
    assert refused.json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    assert refused.headers["Sforce-Limit-Info"] == "api-usage=18/18"
    salesforce.org.clock.advance(86400)
    assert api("GET", "limits").status_code == 200


def arm(api: Api, **rule: Any) -> None:
    assert api.sandbox("PUT", "faults", json=[rule]).status_code == 200


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("too_many_requests", 429, "REQUEST_LIMIT_EXCEEDED"), ("unavailable", 503, "SERVER_UNAVAILABLE")],
)
def test_an_overloaded_server_says_when_to_come_back(api: Api, kind: str, status: int, code: str) -> None:
    arm(api, kind=kind, nth=[2], retry_after=7)
    assert api("GET", "limits").status_code == 200
    refused = api("POST", "sobjects/Account", json={"Name": "A"})
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (status, code)
    assert refused.headers["Retry-After"] == "7"
    assert api.names("SELECT Name FROM Account") == []


@pytest.mark.parametrize(("kind", "left"), [("reset_before", []), ("reset_after", ["A"])])
def test_a_torn_connection_leaves_the_write_undone_or_done(api: Api, kind: str, left: list[str]) -> None:
    arm(api, kind=kind, nth=[1], method="POST")
    with pytest.raises(requests.ConnectionError):
        api("POST", "sobjects/Account", json={"Name": "A"})
    assert api.names("SELECT Name FROM Account") == left


def test_a_slow_answer_comes_after_the_write_has_been_applied(api: Api) -> None:
    arm(api, kind="slow", nth=[1], seconds=0.3, method="POST")
    with pytest.raises(requests.ReadTimeout):
        api.http.post(f"{api.root}/sobjects/Account", json={"Name": "A"}, timeout=0.05)
    assert api.names("SELECT Name FROM Account") == ["A"]


def test_a_locked_row_fails_alone(api: Api) -> None:
    arm(api, kind="lock_row", nth=[2])
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in "ABC"]
    results = api("POST", "composite/sobjects", json={"records": records}).json()
    assert [one["success"] for one in results] == [True, False, True]
    assert results[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert api.names("SELECT Name FROM Account") == ["A", "C"]


def test_a_token_can_expire_in_the_middle_of_work(api: Api) -> None:
    arm(api, kind="expired_token", nth=[1], path="sobjects")
    assert api("GET", "limits").status_code == 200
    assert api.refusal("GET", "sobjects")[:2] == (401, "INVALID_SESSION_ID")
    assert api.refusal("GET", "limits")[:2] == (401, "INVALID_SESSION_ID")


def test_a_cursor_can_be_lost_between_two_pages(api: Api) -> None:
    with emulator(settings(page_size=1)) as running:
        api = Api(running)
        for name in "ABC":
            api.create("Account", Name=name)
        page = api.query("SELECT Name FROM Account")
        arm(api, kind="lost_cursor", path="/query/", nth=[1])
        assert api.refusal("GET", page["nextRecordsUrl"])[1] == "INVALID_QUERY_LOCATOR"


def outcomes(seed: int) -> list[int]:
    rules = (FaultRule(kind="unavailable", probability=0.3), FaultRule(kind="too_many_requests", nth=(4,)))
    with emulator(settings(seed=seed, faults=rules)) as running:
        api = Api(running)
        return [api("GET", "limits").status_code for _ in range(20)]


def test_the_same_seed_gives_the_same_faults_and_another_seed_others() -> None:
    assert outcomes(1) == outcomes(1)
    assert set(outcomes(1)) == {200, 429, 503}
    assert outcomes(1) != outcomes(2)


def test_a_rule_fires_no_more_often_than_it_may_and_reports_its_counts(api: Api) -> None:
    arm(api, kind="unavailable", probability=1, times=2)
    assert [api("GET", "limits").status_code for _ in range(4)] == [503, 503, 200, 200]
    (report,) = api.sandbox("GET", "faults").json()
    assert (report["calls"], report["fired"]) == (4, 2)
    api.sandbox("DELETE", "faults")
    assert api.sandbox("GET", "faults").json() == []


def test_a_plan_with_an_unknown_key_is_refused_and_names_it(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('[[fault]]\nkind = "slow"\nprobabilty = 0.5\n')
    with pytest.raises(FaultPlanError, match=r"fault 1, probabilty: .*the keys are kind, probability"):
        read_plan(plan)
    with pytest.raises(FaultPlanError, match="fault 1, kind"):
        parse_rules([{"kind": "meteor"}])


def test_the_plan_in_the_help_is_a_plan(tmp_path: Path) -> None:
    from sandbox.salesforce.cli import parser

    text = parser().format_help()
    start, end = text.index("[[fault]]"), text.index("behind the platform")
    plan = tmp_path / "plan.toml"
    plan.write_text(text[start:end])
    assert [one.kind for one in read_plan(plan)] == ["reset_after", "unavailable"]
