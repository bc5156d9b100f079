"""The sandbox door, the faults, the seeding, and the process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

import sandbox
from sandbox.partnerstack.account import Account
from sandbox.partnerstack.cli import main
from sandbox.partnerstack.seeding import load_partners
from sandbox.partnerstack.testing import standing_still

from .conftest import PARTNER, Api

ROOT = Path(sandbox.__file__).parents[1]
CSV = "partner_key,name,email,group,tier,country\nacme,Acme Cloud,ada@acme.com,Resellers,Gold,DE\nbolt,Bolt,,,,\n"


def test_people_act_through_the_door_and_are_told_apart_from_the_api(api: Api) -> None:
    told = {"act": "submit_deal", "partner_key": PARTNER, "account_name": "Acme", "form": {"city": "Bonn"}}
    deal = api.sandbox("POST", "act", told)["key"]
    api.data("PATCH", f"deals/{deal}", {"stage": "Approved"})
    assert api.sandbox("GET", "writes?resource=deals") == {deal: {"user": 1, "api": 1}}
    dumped = requests.get(f"{api.running.base_url}/__sandbox__/dump?resource=deals", timeout=10).text.splitlines()
    assert [json.loads(each)["stage"] for each in dumped] == ["Approved"]


@pytest.mark.parametrize(
    ("word", "status"), [("accept", "closed"), ("decline", "dead"), ("win", "closed won"), ("lose", "closed lost")]
)
def test_a_lead_is_answered(api: Api, word: str, status: str) -> None:
    form = {"first_name": "Ada", "last_name": "Okafor"}
    lead = api.running.act("submit_lead", PARTNER, "ada@acme.com", form)["key"]
    answered = api.sandbox("POST", "act", {"act": "answer", "lead": lead, "word": word, "tandem_reason": "so it is"})
    assert (answered["status"], answered["meta"]["tandem_reason"]) == (status, "so it is")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"act": "fly"}, "no act is called 'fly'"),
        ({"act": "answer", "lead": "x", "word": "sing"}, "no answer"),
        ({"act": "submit_deal"}, "missing"),
        ({"act": "archive", "resource": "deals", "key": "deal_0"}, "No deal"),
    ],
)
def test_an_act_that_cannot_be_done_says_why(api: Api, body: dict[str, str], words: str) -> None:
    assert words in api.sandbox("POST", "act", body)["error"]


def test_time_and_state_are_in_the_doors_hand(api: Api) -> None:
    assert api.sandbox("POST", "clock", {"seconds": 60})["now"] == "2026-11-22T10:01:00+00:00"
    assert api.sandbox("GET", "health")["records"]["partnerships"] == 1
    assert api.sandbox("POST", "reset")["records"]["partnerships"] == 0


def test_calls_are_counted_by_endpoint_without_keys(api: Api) -> None:
    deal = api.running.act("submit_deal", PARTNER, "Acme")["key"]
    for _ in range(2):
        api.data("GET", f"deals/{deal}")
    assert api.sandbox("GET", "calls") == {"total": 2, "by_endpoint": {"GET /api/v2/deals/{key}": 2}}
    assert api.sandbox("DELETE", "calls")["total"] == 0


@pytest.mark.parametrize(("kind", "status"), [("unavailable", 503), ("too_many_requests", 429), ("timeout_after", 504)])
def test_a_fault_meets_the_calls_that_its_plan_names(api: Api, kind: str, status: int) -> None:
    api.sandbox("PUT", "faults", [{"kind": kind, "nth": [2], "retry_after": 3}])
    answers = [api("GET", "deals") for _ in range(3)]
    assert [each.status_code for each in answers] == [200, status, 200]
    assert answers[1].headers.get("Retry-After") == (None if kind == "timeout_after" else "3")


def test_a_fault_that_does_not_exist_is_refused(api: Api) -> None:
    assert "fault 1, kind" in api.sandbox("PUT", "faults", [{"kind": "earthquake"}])["error"]


@pytest.mark.parametrize(("kind", "made"), [("reset_before", 0), ("reset_after", 1)])
def test_a_connection_breaks_before_or_after_the_work_is_done(api: Api, kind: str, made: int) -> None:
    api.sandbox("PUT", "faults", [{"kind": kind, "nth": [1], "method": "POST"}])
    with pytest.raises(requests.ConnectionError):
        api("POST", "deals", {"partner_key": PARTNER, "account_name": "Acme"})
    assert len(api.keys("deals")) == made


def test_partners_come_from_a_list(tmp_path: Path) -> None:
    file = tmp_path / "partners.csv"
    file.write_text(CSV)
    account = Account(standing_still())
    assert load_partners(account, file) == 2
    assert (account.of_partner("acme")["tier"]["name"], account.of_partner("bolt")["group"]["name"]) == (
        "Gold",
        "Resellers",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [("partner_key,name\n", "column 'email' is missing"), (CSV.replace("Gold", "Gilt"), "line 2")],
)
def test_a_list_that_cannot_be_loaded_ends_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    file = tmp_path / "partners.csv"
    file.write_text(text)
    assert main(["--partners", str(file)]) == 2
    assert words in capsys.readouterr().err


def test_the_process_says_when_it_is_ready_and_stops_when_told() -> None:
    command = [sys.executable, "-m", "sandbox.partnerstack", "--now", "2026-11-22T10:00:00Z"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        health = requests.get(f"{told['base_url']}/__sandbox__/health", timeout=10).json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert (told["ready"], health["now"][:16]) == (True, "2026-11-22T10:00")
