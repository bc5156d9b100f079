"""A dead letter from its parking to the word of a person, by the commands, on the embedded broker."""

import json
import threading
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.deadletters import from_record
from schemas.log import Record
from tandem.compose import Deployment
from tandem.kafka.log import KafkaJournal
from tandem.ledger import command
from tandem.ledger.running import run_ledger
from tandem.settings import load
from tests.unit.tandem.ledger.world import letter, told, write

CONFIG = """
[connections.our-crm]
connector = "salesforce"
base_url = "http://127.0.0.1:9"
auth = { method = "client_credentials", client_id = "id", client_secret = "secret" }
"""


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tandem.toml").write_text(CONFIG)
    made = Deployment(load(tmp_path / "tandem.toml"))
    broker = made.needs_embedded()
    broker.start()
    made.admin.ensure(made.topics)
    yield made
    broker.stop()


@pytest.fixture
def following(deployment: Deployment):
    """The ledger is fed, as in `tandem up`."""
    stop = threading.Event()
    thread = threading.Thread(target=run_ledger, args=(deployment, stop))
    thread.start()
    yield
    stop.set()
    thread.join()


def asked(*arguments: str) -> tuple[int, dict]:
    ended = CliRunner().invoke(command.deadletters, [*arguments, "--json"], catch_exceptions=False)
    return ended.exit_code, json.loads(ended.stdout)


def eventually(count: int, *arguments: str) -> list[dict]:
    deadline, found = time.monotonic() + 30, []
    while len(found) != count or not found:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
        ended = CliRunner().invoke(command.deadletters, ["list", "--json", *arguments])
        found = json.loads(ended.stdout)["dead_letters"] if ended.exit_code == 0 else []
    return found


def test_a_dead_letter_is_retried_another_discarded_and_the_ledger_knows_both(deployment: Deployment, following: None):
    journal = KafkaJournal(deployment.conf, "stage", deployment.ids)
    sent = told(write("1"))
    journal.commit([sent], {})
    record = Record(sent.topic, 0, 999, sent.key, sent.value, sent.headers or [], 1_772_442_000_000)
    journal.commit([from_record("sink:our-crm", record, "LOCKED", "locked", "unlock it"), told(letter("17"))], {})
    eventually(2)
    code, said = asked("retry", "--stage", "sink:our-crm", "--by", "dana", "--note", "unlocked")
    assert (code, said["dead_letters"][0]["done"]) == (0, True)
    assert asked("discard", letter("17").id, "--by", "dana")[0] == 0
    found: list[dict] = []
    while {it["status"] for it in found} != {"retried", "discarded"}:
        found = eventually(2, "--all")
    assert {it["resolved_by"] for it in found} == {"dana"}
