"""Decisions that take what several connections say in one order are fed by them: changes, outcomes, the time."""

from dataclasses import replace
from datetime import timedelta

from connectors.pull import Pull
from connectors.push import Push
from mappings.loader import load
from schemas import topics
from schemas.codec import decode
from schemas.messages import AccountChanged, CaughtUp, ContactChanged, TimePassed, WriteFinished
from tests.support.memory_log import MemoryBroker, MemoryLog
from tests.unit.connectors.pull_world import AT, CURSORS, TABLE, Script, broker, pull_on, upsert
from tests.unit.connectors.push_world import GROUP, TABLES, TOPIC, World

CONTACTS = load("salesforce")["contact"]
BOTH = (topics.OUR_CHANGES, topics.OFFER_CHANGES)


def told(where: MemoryBroker, topic: topics.Topic) -> list[type]:
    return [type(decode(record)) for record in where.read(topic.name)]


def test_each_feed_gets_what_it_takes_and_no_more():
    where = broker()
    ada = replace(upsert(2), entity="contact", row={"LastName": "Okafor", "Owner": None})
    pull_on(where, Script([upsert(1), ada]), tables=(TABLE, CONTACTS), feeds=BOTH).once()
    assert told(where, topics.OUR_CHANGES) == [AccountChanged, ContactChanged, CaughtUp]
    assert told(where, topics.OFFER_CHANGES) == [AccountChanged, TimePassed]
    assert {record.key for record in where.read(topics.OFFER_CHANGES.name)} == {topics.ONE_ORDER.encode()}


def test_the_time_is_told_at_the_end_of_a_pass_but_not_more_than_once_a_minute():
    where, at = broker(), [AT]
    journal = MemoryLog(where, "", CURSORS.name)
    source = Script(*([] for _ in range(4)))
    pull = Pull("acme-list", "us", {}, source, journal, lambda: at[0], feeds=[topics.OFFER_CHANGES])
    for seconds in (0, 30, 30, 59):
        at[0] += timedelta(seconds=seconds)
        pull.once()
    hours = [decode(record).at for record in where.read(topics.OFFER_CHANGES.name)]
    assert hours == [AT, AT + timedelta(seconds=60)]


def test_nobody_who_takes_part_in_nothing_tells_the_time():
    where = broker()
    pull_on(where, Script([upsert(1)])).once()
    assert (where.read(topics.OFFER_CHANGES.name), where.read(topics.OUR_CHANGES.name)) == ([], [])


def test_what_became_of_a_write_goes_to_the_decision_that_waits_for_it_and_to_no_other():
    world = World()
    log = MemoryLog(world.broker, GROUP, TOPIC.name)
    waits = replace(topics.OFFER_CHANGES, outcomes_of=frozenset({"account_summary"}))
    push = Push("our-crm", TABLES, world.target, log, lambda: AT, feeds=[waits, topics.REGISTRATION_CHANGES])
    log.start(push)
    world.ask("001A", partner_count=2)
    push.turn(0)
    [outcome], [fed] = world.broker.read(topics.OUTCOMES.name), world.broker.read(waits.name)
    assert (fed.key, fed.value, fed.headers) == (b"ours", outcome.value, outcome.headers)
    assert told(world.broker, waits) == [WriteFinished]
    assert told(world.broker, topics.REGISTRATION_CHANGES) == []
