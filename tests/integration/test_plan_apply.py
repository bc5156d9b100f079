"""A plan and its execution, on each broker: what waits is shown, exactly that is done, and what changed since is told."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sandbox.salesforce.org import Settings as OrgSettings
from sandbox.salesforce.testing import START, emulator
from schemas import topics
from schemas.codec import decode, encode
from schemas.messages import MatchBy, RulingGiven, Write
from tandem.cli import app
from tandem.compose import Deployment
from tandem.kafka.log import KafkaJournal
from tandem.kafka.tail import Tail
from tandem.planning.plan import Plan
from tandem.settings import load

CONFIG = """
data = "data"
log_level = "WARNING"
[kafka]
bootstrap = "{bootstrap}"
options = {{ "session.timeout.ms" = 6000, "heartbeat.interval.ms" = 1000 }}
partitions = 2
[reconcile]
connections = ["{name}"]
[connections.{name}]
connector = "salesforce"
base_url = "{base_url}"
changes = "poll"
hold = true
auth = {{ method = "client_credentials", client_id = "tandem-sandbox", client_secret = "sandbox-secret" }}
"""


class Desk:
    """An operator's desk: a configuration, the commands, an org with one account, and a hand in the topics."""

    def __init__(self, folder: Path, name: str, conf, ids, org, monkeypatch: pytest.MonkeyPatch) -> None:
        self.name, self.conf, self.org, self.ids = name, conf, org, ids
        text = CONFIG.format(bootstrap=conf["bootstrap.servers"], name=name, base_url=org.base_url)
        (folder / "tandem.toml").write_text(text)
        monkeypatch.chdir(folder)
        schema, dml = org.org.schema, org.org.dml
        fields = {"Name": "Acme Robotics", "Phone": "1"}
        self.account = org.call(lambda: dml.insert(schema.require("Account"), fields, org.org.admin_id))
        assert "no write waits" in self.run("plan", name).stdout
        deployment = Deployment(load(folder / "tandem.toml"))
        deployment.admin.ensure(deployment.topics)

    def run(self, *arguments: str, code: int = 0):
        done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert done.exit_code == code, done.output + done.stderr
        return done

    def decide(self, number: int, **fields: object) -> None:
        write = Write(
            id=f"w{number}", connection=self.name, entity="account", match_by=MatchBy.ID, key=self.account,
            fields=fields, reasons=("our-hubspot is newer",), decided_at=START,
        )  # fmt: skip
        journal = KafkaJournal(self.conf, f"{self.name}.test", self.ids)
        topic = topics.writes(self.name)
        journal.commit([encode(topic, write.record, write, source="test", event_id=write.id, trace=None)], {})

    def phone(self) -> str:
        return self.org.org.store.get("Account", self.account)["Phone"]

    def rep_calls(self, phone: str) -> None:
        org = self.org.org
        self.org.call(
            lambda: org.dml.update(org.schema.require("Account"), self.account, {"Phone": phone}, org.admin_id)
        )


@pytest.fixture
def desk(tmp_path, name, conf, ids, monkeypatch):
    with emulator(
        OrgSettings(sfdx=Path(__file__).parents[2] / "deploy/salesforce/force-app", clock=lambda: START)
    ) as org:
        yield Desk(tmp_path, name, conf, ids, org, monkeypatch)


def test_a_plan_shows_what_waits_writes_nothing_and_is_then_done_exactly(desk: Desk):
    desk.decide(1, phone="2")
    shown = desk.run("plan", desk.name, "--json", "--out", "plan.json")
    plan = Plan.model_validate_json(shown.stdout)
    [record] = plan.records
    assert [(each.field, each.before, each.after) for each in record.fields] == [("phone", "1", "2")]
    assert desk.phone() == "1"
    desk.decide(2, phone="3")  # decided after the plan: it waits for the next one
    assert '"applied":1' in desk.run("apply", "plan.json", "--json").stdout
    assert desk.phone() == "2"
    again = Plan.model_validate_json(desk.run("plan", desk.name, "--json").stdout)
    assert [(each.before, each.after) for each in again.records[0].fields] == [("2", "3")]


def test_a_plan_that_would_come_out_otherwise_now_is_not_done_and_says_why(desk: Desk):
    desk.decide(1, phone="2", city="Kassel")
    desk.run("plan", desk.name, "--out", "plan.json")
    desk.rep_calls("7")
    told = desk.run("apply", "plan.json", code=1)
    assert "Nothing was written: 1 records are no longer as the plan says." in told.stdout
    assert "phone: '7' -> '2'" in told.stdout
    assert desk.phone() == "7"


def test_a_plan_of_a_topic_that_was_made_anew_is_refused(desk: Desk, tmp_path):
    desk.decide(1, phone="2")
    plan = Plan.model_validate_json(desk.run("plan", desk.name, "--json").stdout)
    further = plan.model_copy(update={"ends": {spot: end + 100 for spot, end in plan.ends.items()}})
    (tmp_path / "plan.json").write_text(further.model_dump_json())
    assert "no longer on the topic" in desk.run("apply", "plan.json", code=78).stderr
    assert desk.phone() == "1"


def test_a_ruling_of_a_person_is_put_into_the_one_order_of_our_changes(desk: Desk):
    one, other = f"{desk.name}/account/{desk.account}", f"{desk.name}/account/001B"
    desk.run("rule", "link", one, other, "--by", "dana")
    tail, found = Tail(desk.conf, [topics.OUR_CHANGES.name]), []
    while not found:
        found = [it for it in map(decode, tail.read(5.0)) if isinstance(it, RulingGiven) and one in it.refs]
    tail.close()
    assert (found[0].ruling, found[0].by) == ("link", "dana")


def test_a_record_that_nobody_reconciles_cannot_be_ruled_over(desk: Desk):
    told = desk.run("rule", "link", "x/account/1", f"{desk.name}/account/2", code=78)
    assert "'x/account/1' is no record that can be meant here." in told.stderr
    assert f"[reconcile] connections has {desk.name}" in told.stderr
