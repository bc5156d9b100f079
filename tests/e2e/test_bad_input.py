"""What a person sees of a deployment that was given something wrong: the commands as processes, a broker, an org, a list."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, Emulator, emulator
from schemas import topics
from schemas.codec import decode, encode
from schemas.log import Output
from schemas.messages import DeadLetter, MatchBy, Message, Write
from tandem.compose import Deployment
from tandem.kafka.admin import Admin
from tandem.kafka.log import KafkaJournal
from tandem.kafka.tail import Tail
from tandem.settings import load
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
LIST = """
[connections.acme-list]
connector = "partner_list"
party = "partner:acme"
path = "acme.csv"
max_removed_rows = 1
"""
ORG = """
[connections.our-crm]
connector = "salesforce"
base_url = "{}"
auth = {{ method = "client_credentials", client_id = "tandem-sandbox", client_secret = "{}" }}
"""


@dataclass
class Office:
    """A folder with a configuration and a list; `tandem` runs a command in it."""

    folder: Path

    def configure(self, *parts: str) -> None:
        (self.folder / "tandem.toml").write_text("\n".join(parts))

    def deliver(self, *rows: str) -> None:
        (self.folder / "acme.csv").write_text("\n".join(("id,name,city", *rows, "")))

    def popen(self, *arguments: str) -> "subprocess.Popen[str]":
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        return subprocess.Popen(
            [sys.executable, "-m", "tandem", *arguments],
            cwd=self.folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def tandem(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        process = self.popen(*arguments)
        out, err = process.communicate(timeout=PATIENCE_S)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def faults(self) -> dict[str, dict[str, str]]:
        said = json.loads(self.tandem("check", "--json").stdout)
        return {finding["subject"]: finding for finding in said["findings"] if not finding["ok"]}

    @property
    def deployment(self) -> Deployment:
        return Deployment(load(self.folder / "tandem.toml"))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.configure(LIST)
    made.deliver("b1,Acme Robotics,Berlin")
    return made


@pytest.fixture
def broker(office: Office) -> Iterator[None]:
    embedded = office.deployment.embedded
    assert embedded is not None
    embedded.start()
    yield
    embedded.stop()


@pytest.fixture
def org() -> Iterator[Emulator]:
    with emulator(OrgSettings(clock=lambda: START, sfdx=ROOT / "deploy" / "salesforce")) as running:
        yield running


def read_until(office: Office, names: list[str], enough: Callable[[list[Message]], bool]) -> list[Message]:
    """The messages of these topics, as soon as there are enough."""
    tail, found = Tail(office.deployment.conf, names), []
    try:
        for _ in range(PATIENCE_S):
            found += [decode(record) for record in tail.read(1.0)]
            if enough(found):
                return found
    finally:
        tail.close()
    raise AssertionError(f"only {found} came")


def letters(office: Office, count: int) -> list[DeadLetter]:
    found = read_until(office, [topics.DEADLETTERS.name], lambda found: len(found) >= count)
    return [letter for letter in found if isinstance(letter, DeadLetter)]


def test_a_broker_that_is_not_there_is_named_with_its_address_and_what_to_check(office):
    address = f"127.0.0.1:{free_port()}"
    office.configure(f'[kafka]\nbootstrap = "{address}"', LIST)
    done = office.tandem("source", "acme-list", "--once")
    assert done.returncode == 1
    assert f"no Kafka broker answers at {address}" in done.stderr
    assert "Remedy: start it (`tandem up` or `tandem broker` for the embedded one)" in done.stderr
    assert "Traceback" not in done.stderr
    fault = office.faults()["kafka: broker"]
    assert address in fault["detail"]
    assert "correct [kafka] in the configuration" in fault["remedy"]


def test_a_malformed_row_is_parked_and_the_others_are_published(office, broker):
    office.deliver("b1,Acme Robotics,Berlin", "b2,Bolt", "b3,,Bonn", "b4,Core,Bern")
    done = office.tandem("source", "acme-list", "--once")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"connection": "acme-list", "changes": 2})
    found = {letter.subject: letter for letter in letters(office, 2)}
    assert {subject: (it.code, it.field) for subject, it in found.items()} == {
        "acme.csv row 3": ("TOO_FEW_COLUMNS", None),
        "acme.csv row 4": ("REQUIRED_FIELD_MISSING", "name"),
    }
    assert found["acme.csv row 4"].remedy == "fill in 'name'"
    again = office.tandem("source", "acme-list", "--once")
    assert json.loads(again.stdout)["changes"] == 0


def test_a_list_without_a_known_column_stops_its_source_and_says_which_setting_names_it(office, broker):
    (office.folder / "acme.csv").write_text("Aktenzeichen,Mandant\nb1,Acme\n")
    done = office.tandem("source", "acme-list")
    assert done.returncode == 78
    assert "acme.csv has no column for 'id'; its columns are 'Aktenzeichen', 'Mandant'" in done.stderr
    assert 'columns = { id = "..." }' in done.stderr


def test_a_list_that_shrinks_waits_for_the_command_that_it_names(office, broker):
    office.deliver(*[f"b{number},Company {number},Berlin" for number in range(5)])
    office.tandem("source", "acme-list", "--once")
    office.deliver("b0,Company 0,Berlin")
    asked = office.tandem("source", "acme-list", "--once")
    assert asked.returncode == 78
    assert "lacks 4 of the 5 known ones" in asked.stderr
    command = asked.stderr.partition("`tandem ")[2].partition("`")[0]
    assert command == "source acme-list --confirm-removals 4"
    confirmed = office.tandem(*command.split(), "--once")
    assert (confirmed.returncode, json.loads(confirmed.stdout)["changes"]) == (0, 4)


def test_a_mapping_with_a_typo_is_told_by_check_and_stops_the_source(office, broker):
    (office.folder / "own").mkdir()
    (office.folder / "own" / "partner_list.toml").write_text('[account.fields]\nwebsit = "Web"\n')
    office.configure('mappings = "own"', LIST)
    fault = office.faults()["acme-list: mapping"]
    assert "partner_list.toml, line 2" in fault["detail"]
    assert fault["remedy"] == "did you mean 'website'?"
    done = office.tandem("source", "acme-list")
    assert done.returncode == 78
    assert "did you mean 'website'?" in done.stderr


def test_a_topic_with_too_few_partitions_is_told_by_check_and_stops_the_source(office, broker):
    Admin(office.deployment.conf, 2, 1).ensure([topics.ACCOUNT_CHANGES])
    fault = office.faults()["topic changes.account"]
    assert "has 2 partitions where 4 are needed" in fault["detail"]
    assert fault["remedy"].startswith("set [kafka] partitions = 2 if all topics have 2")
    done = office.tandem("source", "acme-list", "--once")
    assert done.returncode == 78
    assert "topic changes.account has 2 partitions where 4 are needed" in done.stderr


def test_a_wrong_secret_is_told_by_check_and_stops_the_sink(office, broker, org):
    office.configure(ORG.format(org.base_url, "wrong"))
    [(subject, fault)] = office.faults().items()
    assert subject == f"our-crm: sign-in at {org.base_url}"
    assert "invalid_client" in fault["detail"]
    assert "connected app" in fault["remedy"]
    done = office.tandem("source", "our-crm")
    assert done.returncode == 78
    assert "invalid_client" in done.stderr
    assert "wrong" not in done.stderr


def test_a_field_that_the_org_lacks_is_named_with_what_to_deploy(office):
    with emulator(OrgSettings(clock=lambda: START)) as bare:
        office.configure(ORG.format(bare.base_url, "sandbox-secret"))
        found = office.faults()
    fault = found["our-crm: account.population -> Account.Partner_Population__c"]
    assert "there is no field Partner_Population__c" in fault["detail"]
    assert "deploy deploy/salesforce" in fault["remedy"]
    assert "our-crm: overlap -> Partner_Overlap__c" in found


def test_a_poison_message_is_parked_and_the_sink_goes_on_until_it_is_stopped(office, broker, org):
    office.configure(ORG.format(org.base_url, "sandbox-secret"))
    account = org.call(lambda: org.org.dml.create(org.org.schema.require("Account"), {"Name": "A"}, org.org.admin_id))
    write = Write(
        id="w1",
        connection="our-crm",
        entity="account_summary",
        match_by=MatchBy.ID,
        key=account,
        fields={"partner_count": 2},
        decided_at=START,
    )
    deployment = office.deployment
    deployment.admin.ensure(deployment.topics)
    topic = topics.writes("our-crm")
    poison = Output(topic.name, write.record.encode(), b"{not json", [("ce_type", b"tandem.write.requested")])
    good = encode(topic, write.record, write, source="test", event_id="w1", trace=None)
    KafkaJournal(deployment.conf, "test", deployment.embedded.transactional_ids).commit([poison, good], {})
    sink = office.popen("sink", "our-crm")
    try:
        names = [topics.DEADLETTERS.name, topics.OUTCOMES.name]
        found = read_until(office, names, lambda found: len(found) >= 2)
    finally:
        sink.terminate()
        _, said = sink.communicate(timeout=PATIENCE_S)
    assert sink.returncode == 0
    assert sorted(message.TYPE for message in found) == ["tandem.deadletter.parked", "tandem.write.finished"]
    letter = next(message for message in found if isinstance(message, DeadLetter))
    assert (letter.code, letter.payload) == ("INVALID_VALUE", "{not json")
    assert letter.subject.startswith("record writes.our-crm[")
    assert f"parked {letter.origin}: " in said
    assert org.org.store.get("Account", account)["Partner_Count__c"] == 2
