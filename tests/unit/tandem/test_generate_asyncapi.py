"""The AsyncAPI document is one by AsyncAPI's own schema, and says what the code does."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from schemas.codec import encode, new_trace
from schemas.entities import Account
from schemas.messages import MESSAGES, CursorSaved, DeadLetter
from schemas.topics import DEADLETTERS, Topic, cursors
from streams.accounts import steps
from tandem.generate import asyncapi, stages
from tests.unit.streams.accounts.flow import Flow, changed

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "reference"
SPECIFICATION = ROOT / "tests" / "fixtures" / "asyncapi" / "3.0.0.json"
Node = dict[str, Any]


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
    assert every - used["receive"] == {"tandem.overlap.decided", "tandem.write.finished", "tandem.deadletter.parked"}


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
    """Stage to the topics and types that it wrote, while accounts came, met, changed and went."""
    ours = Account(name="Acme Robotics GmbH", website="https://acme-robotics.de", country="Germany", city="Berlin")
    theirs = Account(name="ACME ROBOTICS", website="www.acme-robotics.de", country="DE")
    flow = Flow()
    flow.publish(changed("us", "A1", 1, ours), changed("partner:acme", "p1", 1, theirs))
    flow.settle()
    flow.publish(changed("partner:acme", "p1", 2, None), changed("us", "A1", 2, None))
    flow.settle()
    topics: list[Topic] = [topic for topic in stages.all_topics() if topic.messages]
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for topic in topics:
        for record in flow.broker.read(topic.name.format(connection="our-crm")):
            headers = dict(record.headers)
            stage = headers["ce_source"].decode().removeprefix("/tandem/")
            found[stage].add((topic.name, headers["ce_type"].decode()))
    return found


def test_each_lane_publishes_what_the_document_says() -> None:
    written = written_by_each_lane()
    for stage in stages.stages():
        lane = stage.name.removeprefix("stream:")
        if lane != stage.name:
            flows = stages.PUBLISHED[lane]
            assert written[stage.name] == {(flow.topic.name, each.TYPE) for flow in flows for each in flow.messages}


def test_every_lane_is_in_the_document_with_its_group(document: Node) -> None:
    assert stages.PUBLISHED.keys() == {step.name for step in steps({})}
    for step in steps({}):
        operation = document["operations"][f"stream.{step.name}.receive.{step.topic.name}"]
        assert operation["bindings"]["kafka"]["groupId"]["enum"] == [f"tandem.{step.name}"]
