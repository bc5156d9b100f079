"""The door behind AWS's back, and `python -m sandbox.aws` from its ready line to its end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
import requests

from sandbox.aws import cli
from sandbox.aws.testing import Emulator
from tests.contract.sandbox.aws.conftest import ACE, Door, Partner

ROOT = Path(__file__).parents[4]


def test_the_door_says_what_is_there(aws: Emulator, door: Door) -> None:
    health = door("GET", "health").json()
    assert health["ready"] is True
    assert health["services"] == ["marketplace-agreement", "marketplace-catalog", ACE]
    assert (health["account"], health["base_url"]) == (aws.world.account, aws.base_url)


def test_an_act_is_done_by_the_service_that_has_it(ace: Partner, door: Door) -> None:
    number = ace.submitted()
    asked = {"service": ACE, "act": "review", "args": {"opportunity": number}}
    assert door("POST", "act", asked).json() == {"result": {"opportunity": number, "review": "In review"}}
    assert "approve" in door("GET", "act").json()[ACE]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"service": "s3", "act": "review"}, "service 's3' is unknown; known are"),
        ({"service": ACE, "act": "dance"}, "has no act 'dance'; it has approve,"),
        ({"service": ACE, "act": "review", "args": {"colour": "red"}}, "colour"),
        ({"service": ACE, "act": "review", "args": {"opportunity": "O1"}}, "Opportunity with identifier O1 not found"),
        ({"service": ACE, "act": "invite", "args": {"title": "a", "company": "b", "sky": 1}}, "'sky' is unknown"),
    ],
)
def test_an_act_that_cannot_be_done_says_why(door: Door, asked: dict[str, object], words: str) -> None:
    answer = door("POST", "act", asked)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


def test_entities_are_dumped_by_kind(ace: Partner, door: Door) -> None:
    number = ace.create()
    (found,) = door("GET", "dump?kind=opportunity").json()
    assert (found["id"], found["origin"]) == (number, "Partner Referral")
    answer = door("GET", "dump?kind=cloud")
    assert (answer.status_code, "agreement, cancellation_request" in answer.json()["error"]) == (400, True)


def test_a_reset_starts_anew_with_empty_queues(aws: Emulator, ace: Partner, door: Door) -> None:
    ace.create()
    aws.advance(60)
    assert door("POST", "reset").json() == {"ok": True}
    assert aws.events() == []
    assert door("GET", "dump?kind=opportunity").json() == []
    assert door("GET", "health").json()["now"] == "2026-11-22T10:01:00+00:00"
    ace.create()
    assert [one["detail-type"] for one in aws.events()] == ["Opportunity Created"]


def test_a_body_that_is_no_json_object_is_refused(aws: Emulator, door: Door) -> None:
    answer = requests.post(f"{aws.base_url}/__sandbox__/act", data=b"{", timeout=10)
    assert (answer.status_code, answer.json()["error"][:20]) == (400, "the body is not JSON")
    assert door("POST", "act", [1]).json() == {"error": "the body must be a JSON object"}


def test_the_command_prints_one_ready_line_answers_and_stops_on_sigterm() -> None:
    command = [sys.executable, "-m", "sandbox.aws", "--seed", "3", "--review", "0", "--approve", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["ready"] is True
        session = boto3.Session(ready["access_key"], ready["secret_key"], region_name=ready["region"])
        sqs = session.client("sqs", endpoint_url=ready["base_url"])
        attributes = sqs.get_queue_attributes(QueueUrl=ready["marketplace_queue"], AttributeNames=["QueueArn"])
        arn = f"arn:aws:sqs:{ready['region']}:{ready['account']}:tandem-marketplace"
        assert attributes["Attributes"]["QueueArn"] == arn
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == ""
    assert process.returncode == 0


def test_options_that_cannot_be_used_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('[[fault]]\nkind = "earthquake"\n')
    assert cli.main(["--faults", str(plan)]) == 2
    assert "fault 1, kind" in capsys.readouterr().err
    assert cli.main(["--drop", "7"]) == 2
    assert "drop is a chance from 0 to 1" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["--now", "noon"])
