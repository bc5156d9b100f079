"""The AsyncAPI document is one by AsyncAPI's own schema, and says what the code does."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from mappings.ownership import OnGone
from schemas.codec import encode, new_trace
from schemas.entities import Account
from schemas.messages import MESSAGES, CursorSaved, DeadLetter, Ruling
from schemas.topics import DEADLETTERS, Topic, cursors
from streams.accounts.mirror import Sharing
from streams.reconcile import Rules
from tandem.compose import Deployment
from tandem.generate import asyncapi, stages
from tandem.settings import load
from tests.support.memory_log import MemoryBroker
from tests.unit.streams.accounts.flow import Flow, changed, ruled
from tests.unit.streams.offers.world import World as Market
from tests.unit.streams.reconcile.world import World, owned

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "reference"
SPECIFICATION = ROOT / "tests" / "fixtures" / "asyncapi" / "3.0.0.json"
Node = dict[str, Any]
DEPLOYMENT = """
[reconcile]
connections = ["our-crm", "our-hubspot"]

[connections.our-crm]
connector = "salesforce"
base_url = "https://acme.my.salesforce.com"
auth = { method = "client_credentials", client_id = "1", client_secret = "2" }

[connections.our-hubspot]
connector = "hubspot"
auth = { method = "token", token = "pat" }

[offers]
deals = ["our-crm"]
marketplace = "our-aws"

[partners]
crms = ["our-crm"]

[connections.our-aws]
connector = "aws_marketplace"

[connections.acme-crm]
connector = "hubspot"
party = "partner:acme"
overlaps_from = "our-crm"
auth = { method = "token", token = "pat" }
"""


PARTNERS = {"enablement", "leads", "registrations", "attribution"}  # their journeys look at what they publish


@pytest.fixture(scope="module")
def document() -> Node:
    loaded: Node = yaml.safe_load(asyncapi.document_text("0.1.0"))
    return loaded


@pytest.fixture(scope="module")
def specification() -> Draft7Validator:
    return Draft7Validator(json.loads(SPECIFICATION.read_text("utf-8")))


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [node["$ref"]] if "$ref" in node else [ref for each in node.values() for ref in references(each)]
    return [ref for each in node for ref in references(each)] if isinstance(node, list) else []


def resolved(document: Node, ref: str) -> Any:
    node: Any = document
    for step in ref.removeprefix("#/").split("/"):
        node = node[step]
    return node


def test_it_is_a_document_by_asyncapi_s_own_schema(document: Node, specification: Draft7Validator) -> None:
    assert best_match(specification.iter_errors(document)) is None


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("operations", "sink.receive.writes", "action"), "reads"),
        (("channels", "outcomes", "bindings", "kafka", "topicConfiguration", "cleanup.policy"), "delete"),
        (("channels", "state.source", "bindings", "kafka", "partitions"), 0),
        (("components", "messages", "tandem.write.requested", "payloads"), {}),
    ],
)
def test_the_schema_would_find_a_mistake(
    path: tuple[str, ...], wrong: object, document: Node, specification: Draft7Validator
) -> None:
    broken = json.loads(json.dumps(document))
    *way, last = path
    resolved(broken, "/".join(way))[last] = wrong
    assert not specification.is_valid(broken)


def test_every_reference_leads_somewhere(document: Node) -> None:
    found = references(document)
    assert len(found) > 50
    for ref in found:
        if ref.startswith("#/"):
            assert resolved(document, ref)
        else:
            assert (FOLDER / ref).resolve().is_file(), ref


def test_each_topic_is_a_channel_as_the_broker_gets_it(document: Node) -> None:
    channels = {channel["address"]: channel for channel in document["channels"].values()}
    assert channels.keys() == {topic.name for topic in stages.all_topics()}
    for topic in stages.all_topics():
        binding = channels[topic.name]["bindings"]["kafka"]
        config = binding["topicConfiguration"]
        said = {name: str(value[0] if isinstance(value, list) else value) for name, value in config.items()}
        assert said == topic.config
        assert binding.get("partitions") == topic.partitions
        assert f"Key: {topic.key}." in channels[topic.name]["description"]


def test_each_parameter_of_an_address_is_explained(document: Node) -> None:
    for channel in document["channels"].values():
        named = {part.split("}")[0] for part in channel["address"].split("{")[1:]}
        assert channel.get("parameters", {}).keys() == named


def test_each_message_is_sent_by_somebody_and_received_or_final(document: Node) -> None:
    used: dict[str, set[str]] = defaultdict(set)
    for operation in document["operations"].values():
        for ref in references(operation.get("messages", [])):
            used[operation["action"]].add(ref.split("/")[-1])
    every = {message.TYPE for message in MESSAGES}
    assert used["send"] == every
    assert used["receive"] == every


def test_the_topics_are_those_of_a_deployment(tmp_path: Path) -> None:
    config = tmp_path / "tandem.toml"
    config.write_text(DEPLOYMENT, "utf-8")
    made = Deployment(load(config)).topics
    lanes = {
        stages.LANE: [step.name for step in stages.steps()],
        stages.CONNECTION: ["our-crm", "our-hubspot", "our-aws", "acme-crm"],
    }
    named = [
        topic.name.replace(placeholder, name) if placeholder in topic.name else topic.name
        for topic in stages.all_topics()
        for placeholder, names in lanes.items()
        for name in names
    ]
    assert {topic.name for topic in made} == {name for name in named if "{" not in name}


def test_a_message_of_several_topics_says_the_key_of_each(document: Node) -> None:
    node = document["components"]["messages"]["tandem.contact.changed"]
    said = node["bindings"]["kafka"]["key"]["description"]
    assert said == "connection/contact/record id in changes.contact; `ours` in reconcile.changes"


@pytest.mark.parametrize("trace", [None, new_trace()], ids=["untraced", "traced"])
def test_what_the_codec_writes_has_the_headers_that_the_document_promises(document: Node, trace: bytes | None) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    letter = DeadLetter(id="1", stage="sink:c", subject="s", code="C", reason="r", remedy="m", parked_at=now)
    saved = CursorSaved(connection="c", entity="account", slot="", value="1")
    for topic, message in ((DEADLETTERS, letter), (cursors("c"), saved)):
        output = encode(topic, "k", message, source="sink:c", event_id="1", trace=trace)
        headers = {name: value.decode() for name, value in output.headers or []}
        trait = document["components"]["messageTraits"]["cloudEvent"]["headers"]
        own = document["components"]["messages"][message.TYPE]["headers"]
        for schema in (trait, own):
            Draft7Validator(schema).validate(headers)
        assert not Draft7Validator(own).is_valid({**headers, "ce_type": "another"})
        assert not Draft7Validator(trait).is_valid({**headers, "traceparent": "00-1-2-01"})


def written_by_each_lane() -> dict[str, set[tuple[str, str]]]:
    """Stage to the topics and types that it wrote: accounts came, met, changed and went; two systems were reconciled."""
    ours = Account(name="Acme Robotics GmbH", website="https://acme-robotics.de", country="Germany", city="Berlin")
    theirs = Account(name="ACME ROBOTICS", website="www.acme-robotics.de", country="DE")
    flow = Flow(sharing=Sharing("Borealis", {"acme-list": "our-crm"}))
    flow.publish(changed("us", "A1", 1, ours), changed("partner:acme", "p1", 1, theirs))
    flow.settle()
    flow.publish(ruled(Ruling.SAME_COMPANY, "A1", "partner:acme", "p1", 1))
    flow.settle()
    moved = ours.model_copy(update={"city": "Hamburg", "postal_code": "20095"})
    flow.publish(changed("us", "A1", 2, moved))
    franchise = Account(name="Burger House")
    flow.publish(*(changed("partner:acme", f"f{nth}", 1, franchise) for nth in range(51)))
    flow.publish(changed("us", "B1", 1, franchise))
    flow.settle()
    flow.publish(changed("partner:acme", "p1", 2, None), changed("us", "A1", 3, None))
    flow.settle()
    offered = written(sold().broker, ["crm", "hs", "aws"])
    return written(flow.broker, ["our-crm", "acme-list"]) | written(reconciled().broker, ["ann", "bob"]) | offered


def reconciled() -> World:
    """Two systems with more accounts than one decision looks at, of which more are deleted than may be unasked."""
    values = [{"name": f"Company {number}", "website": f"company{number}.com"} for number in range(4)]
    rules = Rules(chunk=2, max_deleted=1, max_deleted_share=0.01)
    world = World(owned(account={"on_delete": OnGone.ARCHIVE}), rules=rules)
    found = [[crm.create("account", each) for each in values] for crm in world.crms.values()]
    world.start()
    world.tick()
    world.ann.edit("account", found[0][0], {"phone": "1"})
    world.settle()
    for record_id in found[0]:
        world.ann.delete("account", record_id)
    world.settle()
    return world.rule(Ruling.CONFIRM_DELETIONS, connection="ann")


def sold() -> Market:
    """A deal asked for an offer and has it; another offer was made by hand."""
    market = Market().start().deal().work()
    market.clouds.make_offer("offer-hand", name="Somebody's offer", product="prod-9", buyer_accounts=("999900009999",))
    return market.settle()


def written(broker: MemoryBroker, connections: list[str]) -> dict[str, set[tuple[str, str]]]:
    """Stage to the topics and types that it wrote."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    topics: list[Topic] = [topic for topic in stages.all_topics() if topic.messages]
    for topic, connection in product(topics, connections):
        told = (record for record in broker.read(topic.name.format(connection=connection)) if record.value is not None)
        for record in told:
            headers = dict(record.headers)
            stage = headers["ce_source"].decode().removeprefix("/tandem/")
            found[stage].add((topic.name, headers["ce_type"].decode()))
    return found


def test_each_lane_publishes_what_the_document_says() -> None:
    found = written_by_each_lane()
    assert found.keys() >= {f"stream:{lane}" for lane in stages.PUBLISHED.keys() - PARTNERS}
    for lane in stages.PUBLISHED.keys() - PARTNERS:
        assert found[f"stream:{lane}"] == published(lane)


def published(lane: str) -> set[tuple[str, str]]:
    """The topics and types that the document says of a lane."""
    return {(flow.topic.name, each.TYPE) for flow in stages.PUBLISHED[lane] for each in flow.messages}


def test_every_lane_is_in_the_document_with_its_group(document: Node) -> None:
    assert stages.PUBLISHED.keys() == {step.name for step in stages.steps()}
    for step in stages.steps():
        operation = document["operations"][f"stream.{step.name}.receive.{step.topic.name}"]
        assert operation["bindings"]["kafka"]["groupId"]["enum"] == [f"tandem.{step.name}"]
