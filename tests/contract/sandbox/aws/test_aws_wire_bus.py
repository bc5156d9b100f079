"""Events go through EventBridge's rules into the queues, as AWS delivers them: late, twice, in disorder, or never."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.aws.core import BusEvent
from sandbox.aws.delivery import Delivery
from sandbox.aws.testing import START, Emulator
from tests.contract.sandbox.aws.conftest import Door

CENTRAL, MARKETPLACE = "aws.partnercentral-selling", "aws.marketplacecatalog"


def emit(aws: Emulator, number: int = 1, source: str = CENTRAL) -> None:
    event = BusEvent(source, "Opportunity Updated", ("arn:aws:x",), {"catalog": "AWS", "number": number})
    aws.call(lambda: aws.world.emit(event))


def faulty(aws: Emulator, **faults: float) -> None:
    aws.platform.bus.faults = Delivery(**faults)


def numbers(events: list[dict[str, Any]]) -> list[int]:
    return [one["detail"]["number"] for one in events]


def test_an_event_arrives_with_everything_that_eventbridge_puts_around_it(aws: Emulator) -> None:
    emit(aws)
    (event,) = aws.events()
    assert len(event.pop("id")) == 36
    assert event == {
        "version": "0", "detail-type": "Opportunity Updated", "source": CENTRAL, "account": aws.world.account,
        "time": "2026-11-22T10:00:00Z", "region": "us-east-1", "resources": ["arn:aws:x"],
        "detail": {"catalog": "AWS", "number": 1},
    }  # fmt: skip


def waiting(aws: Emulator, url: str) -> list[str]:
    given = aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(one["Body"])["source"] for one in given.get("Messages", [])]


def test_each_connection_gets_the_events_of_its_own_sources_and_nobody_others(aws: Emulator) -> None:
    for source in (CENTRAL, MARKETPLACE, "aws.agreement-marketplace", "aws.ec2"):
        emit(aws, source=source)
    assert waiting(aws, aws.places.partner_central_url) == [CENTRAL]
    assert waiting(aws, aws.places.marketplace_url) == [MARKETPLACE, "aws.agreement-marketplace"]


class Template(yaml.SafeLoader):
    """Reads CloudFormation with its short functions as plain values."""


def plain(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


Template.add_multi_constructor("!", plain)


def test_queues_and_rules_are_those_of_the_deployment(aws: Emulator) -> None:
    text = Path(__file__).parents[4].joinpath("deploy/aws/tandem.yaml").read_text()
    resources = yaml.load(text, Template)["Resources"].values()
    queues = [one["Properties"] for one in resources if one["Type"] == "AWS::SQS::Queue"]
    rules = [one["Properties"] for one in resources if one["Type"] == "AWS::Events::Rule"]
    sqs, events = aws.client("sqs"), aws.client("events")
    urls = [aws.places.marketplace_url, aws.places.partner_central_url, *aws.places.dead_urls]
    assert {one["QueueName"].replace("${Prefix}", "tandem") for one in queues} == {url.split("/")[-1] for url in urls}
    live = [one for one in queues if "RedrivePolicy" in one]
    for one, url in zip(live, urls, strict=False):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert json.loads(found["RedrivePolicy"])["maxReceiveCount"] == one["RedrivePolicy"]["maxReceiveCount"]
        assert int(found["VisibilityTimeout"]) == one["VisibilityTimeout"]
    ours = {one["Name"]: json.loads(one["EventPattern"])["source"] for one in events.list_rules()["Rules"]}
    assert ours == {one["Name"].replace("${Prefix}", "tandem"): one["EventPattern"]["source"] for one in rules}


def test_an_event_that_comes_twice_has_one_id(aws: Emulator) -> None:
    faulty(aws, twice=1.0)
    emit(aws)
    first, second = aws.events()
    assert first == second


def test_a_lost_event_never_comes_unless_it_is_sent_again(aws: Emulator, door: Door) -> None:
    faulty(aws, drop=1.0)
    emit(aws)
    aws.advance(86400)
    assert aws.events() == []
    (lost,) = door("GET", "dump?kind=event").json()
    assert lost["deliveries"] == 0
    assert door("POST", "redeliver", {"id": lost["event"]["id"]}).status_code == 200
    assert numbers(aws.events()) == [1]


def test_a_late_event_comes_when_the_clock_has_moved(aws: Emulator) -> None:
    faulty(aws, late=1.0, late_by=60.0)
    emit(aws)
    assert aws.events() == []
    assert aws.platform.bus.held == 1
    aws.advance(60)
    (event,) = aws.events()
    assert event["time"] == "2026-11-22T10:00:00Z"


def test_neighbours_change_places(aws: Emulator) -> None:
    faulty(aws, shuffle=5.0)
    for number in range(20):
        emit(aws, number)
    aws.advance(5)
    found = numbers(aws.events())
    assert found != sorted(found)
    assert sorted(found) == list(range(20))


def test_the_same_seed_loses_the_same_events(aws: Emulator, door: Door) -> None:
    found = []
    for _ in range(2):
        assert door("POST", "reset").status_code == 200
        assert door("PUT", "delivery", {"drop": 0.5}).status_code == 200
        for number in range(20):
            emit(aws, number)
        found.append(numbers(aws.events()))
    assert found[0] == found[1]
    assert 0 < len(found[0]) < 20


def test_a_delivery_that_cannot_be_is_refused_in_words(door: Door) -> None:
    answer = door("PUT", "delivery", {"drop": 1.5})
    assert (answer.status_code, answer.json()["error"]) == (400, "drop is a chance from 0 to 1, not 1.5")
    with pytest.raises(ValueError, match="late_by is a time of 0 or more seconds"):
        Delivery(late_by=-1)


def test_a_message_that_is_never_done_ends_among_the_dead_letters(aws: Emulator) -> None:
    emit(aws)
    sqs = aws.client("sqs")
    for _ in range(11):
        sqs.receive_message(QueueUrl=aws.places.partner_central_url, VisibilityTimeout=0)
    assert [waiting(aws, url) for url in aws.places.dead_urls] == [[], [CENTRAL]]


def test_the_older_saas_notification_comes_by_sns_with_text_in_its_envelope(aws: Emulator, door: Door) -> None:
    told = {
        "action": "subscribe-success", "customer-identifier": "X01EXAMPLEX", "product-code": "n0123EXAMPLEXXXX",
        "offer-identifier": "offer-abcexample123", "isFreeTrialTermPresent": "false",
    }  # fmt: skip
    assert door("POST", "notify", told).status_code == 200
    (envelope,) = aws.events()
    assert envelope["Type"] == "Notification"
    assert "aws-mp-subscription-notification-" in envelope["TopicArn"]
    assert json.loads(envelope["Message"]) == told
    assert door("POST", "notify", {}).status_code == 400


def test_the_clock_stands_until_it_is_moved(aws: Emulator, door: Door) -> None:
    assert aws.world.clock() == START
    assert door("POST", "clock/advance", {"seconds": 90}).json()["now"] == "2026-11-22T10:01:30+00:00"
