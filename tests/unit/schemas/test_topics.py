import re

import pytest

from schemas.messages import CHANGED, CRM_ENTITIES, MESSAGES, CaughtUp, RulingGiven, TimePassed, WriteFinished
from schemas.topics import (
    FIXED,
    OFFER_CHANGES,
    OUR_CHANGES,
    PARTNER_FEEDS,
    Cleanup,
    Topic,
    changelog,
    cursors,
    every_topic,
    writes,
)

SOURCES, SINKS, LANES = ["our-crm", "a" * 41], ["our-crm", "a" * 41], ["accounts.keys", "accounts.pairs"]
EVERY = every_topic(SOURCES, SINKS, LANES)
COMPACTED = [topic for topic in EVERY if topic.cleanup is Cleanup.COMPACT]
OTHERS = [topic for topic in EVERY if topic not in COMPACTED]
# What the class Topic of Kafka's clients allows.
LEGAL = re.compile(r"(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}")


@pytest.mark.parametrize("topic", EVERY, ids=lambda topic: topic.name[:40])
def test_kafka_takes_the_name(topic: Topic) -> None:
    assert LEGAL.fullmatch(topic.name)


def test_no_two_names_are_the_same_to_kafka_s_metrics():
    # There a dot and an underscore are one, and Kafka refuses a topic whose name differs in that only.
    names = [topic.name.replace(".", "_") for topic in EVERY]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("topic", COMPACTED, ids=lambda topic: topic.name[:40])
def test_a_compacted_topic_never_forgets_by_age(topic: Topic) -> None:
    assert (topic.config["cleanup.policy"], topic.config["retention.ms"]) == ("compact", "-1")
    assert topic.config["delete.retention.ms"] == str(30 * 24 * 3600 * 1000)


@pytest.mark.parametrize("topic", OTHERS, ids=lambda topic: topic.name[:40])
def test_any_other_topic_forgets_after_at_least_a_week_and_the_audit_of_sharing_never(topic: Topic) -> None:
    kept = int(topic.config["retention.ms"])
    assert topic.config["cleanup.policy"] == "delete"
    assert kept == -1 if topic.name == "facts.sharing" else kept >= 7 * 24 * 3600 * 1000


def test_what_is_state_is_compacted():
    assert all(topic.cleanup is Cleanup.COMPACT for topic in (cursors("c"), changelog("l")))


def test_the_cursors_of_a_source_are_in_one_order():
    assert cursors("our-crm").partitions == 1


def test_a_deployment_has_the_fixed_topics_and_those_of_its_own_connections_and_lanes():
    names = {topic.name for topic in every_topic(["acme-list"], ["our-crm"], ["accounts.keys"])}
    own = {"state.source.acme-list", "writes.our-crm", "state.accounts.keys"}
    assert names == {topic.name for topic in FIXED} | own


def test_every_message_has_one_topic_besides_those_that_put_into_one_order():
    orders = (OUR_CHANGES, OFFER_CHANGES, *PARTNER_FEEDS)
    every = [topic for topic in every_topic(["s"], ["s"], ["l"]) if topic not in orders]
    told = [message for topic in every for message in topic.messages if message is not RulingGiven]
    carried = [*told, CaughtUp, RulingGiven, TimePassed]  # rulings stand wherever something is ruled
    assert sorted(message.TYPE for message in carried) == sorted(message.TYPE for message in MESSAGES)


def test_reconciliation_takes_what_crms_hold_and_the_link_of_offers_what_deals_and_clouds_do():
    crm = {CHANGED[entity] for entity in CRM_ENTITIES}
    assert set(OUR_CHANGES.messages) == {*crm, CaughtUp, RulingGiven}
    assert {CHANGED[entity] for entity in ("account", "deal", "offer", "agreement", "cosell")} < set(
        OFFER_CHANGES.messages
    )
    assert not {CHANGED[entity] for entity in ("contact", "lead", "partner")} & set(OFFER_CHANGES.messages)
    assert {WriteFinished, RulingGiven, TimePassed} < set(OFFER_CHANGES.messages)


def test_each_record_of_partner_management_reaches_a_decision_or_is_there_to_be_asked_for():
    taken = {message for feed in PARTNER_FEEDS for message in feed.messages}
    left = {entity for entity, message in CHANGED.items() if message not in taken | set(OFFER_CHANGES.messages)}
    assert left == {"contact", "reward"}  # a reward is what the PRM says of money: shown, and decided by nobody


def test_an_input_takes_outcomes_where_it_says_of_what():
    inputs = (OUR_CHANGES, OFFER_CHANGES, *PARTNER_FEEDS)
    assert all((WriteFinished in feed.messages) == bool(feed.outcomes_of) for feed in inputs)


def test_commands_of_one_connection_are_no_other_s():
    assert writes("our-crm").name != writes("their-crm").name
