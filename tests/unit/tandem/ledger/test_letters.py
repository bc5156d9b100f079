"""Dead letters are tried again or given up: the input and the word of it are published together."""

import json
from typing import Any

import pytest

from schemas import topics
from schemas.codec import decode
from schemas.deadletters import MAX_PAYLOAD, RETRY_OF, from_record
from schemas.log import Output, Record
from schemas.messages import DeadLetterResolved, Write
from tandem.ledger import letters, queries
from tandem.ledger.answers import Letter
from tandem.ledger.letters import Done, Person
from tests.support.memory_log import MemoryLog
from tests.unit.tandem.ledger.world import T0, World, changed, finished, letter, resolved, told, write

DANA = Person("dana", T0, "the rule is gone")


@pytest.fixture
def world(file: World) -> World:
    return file


def parked(world: World, output: Output, stage: str = "sink:our-crm") -> Record:
    """Publish an input, park it, and let the ledger know."""
    world.broker.publish([output])
    record = world.broker.read(output.topic)[-1]
    world.broker.publish([from_record(stage, record, "LOCKED", "the row is locked", "unlock it")])
    world.catch_up()
    return record


def open_letters(world: World, which: str | None = "open") -> list[Letter]:
    with world.store.reading() as connection:
        return queries.letters(connection, which)


def retried(world: World, **more: bool) -> list[Done]:
    journal = MemoryLog(world.broker, "letters", "deadletters")
    with world.store.reading() as connection:
        return letters.retry(queries.letters(connection), journal, DANA, connection, **more)


def refusal(world: World) -> str:
    before = sum(map(len, world.broker.topics.values()))
    (only,) = retried(world)
    assert not only.done
    assert sum(map(len, world.broker.topics.values())) == before
    return only.why


def test_a_write_is_published_again_as_it_was(world: World):
    record = parked(world, told(write("1")))
    assert retried(world) == [Done(open_letters(world)[0].id, done=True)]
    again = world.broker.read(record.topic)[-1]
    assert (again.key, again.value, again.partition) == (record.key, record.value, record.partition)
    assert again.headers[:-1] == record.headers
    assert again.headers[-1] == (RETRY_OF, open_letters(world)[0].id.encode())


def test_the_ledger_knows_who_retried_it_and_why(world: World):
    parked(world, told(write("1")))
    retried(world)
    world.catch_up()
    (it,) = open_letters(world, "retried")
    assert (it.resolved_by, it.resolved_at, it.note) == ("dana", T0, "the rule is gone")


def test_what_is_tried_again_and_fails_again_is_the_same_letter_open_again(world: World):
    record = parked(world, told(write("1")))
    for _ in range(2):
        retried(world)
        again = world.broker.read(record.topic)[-1]
        world.broker.publish([from_record("sink:our-crm", again, "LOCKED", "still", "unlock it")])
        world.catch_up()
    (it,) = open_letters(world, None)
    assert (it.status, it.times, it.reason) == ("open", 3, "still")
    assert [name for name, _ in again.headers].count(RETRY_OF) == 1


def test_a_retry_and_the_word_of_it_are_there_together_or_not_at_all(world: World):
    parked(world, told(write("1")))
    world.broker.faults = ["abort"]
    before = sum(map(len, world.broker.topics.values()))
    with pytest.raises(Exception, match="as the test asked"):
        retried(world)
    assert sum(map(len, world.broker.topics.values())) == before


def test_an_input_whose_topic_has_dropped_it_is_published_from_the_dead_letter(world: World):
    record = parked(world, told(write("1")))
    spot = next(spot for spot in world.broker.topics if spot.topic == record.topic and world.broker.topics[spot])
    world.broker.topics[spot].clear()
    assert retried(world)[0].done
    again = world.broker.read(record.topic)[-1]
    assert decode(again) == decode(record)
    assert again.key == record.key


def test_another_record_at_the_same_offset_is_not_taken_for_it(world: World):
    record = parked(world, told(write("1")))
    spot = next(spot for spot in world.broker.topics if spot.topic == record.topic and world.broker.topics[spot])
    world.broker.topics[spot][0] = record._replace(value=told(write("2")).value)
    retried(world)
    again: Any = decode(world.broker.read(record.topic)[-1])
    assert (again.key, type(again)) == ("1", Write)


def test_an_input_that_is_gone_and_was_too_long_to_keep_is_refused_with_the_remedy(world: World):
    record = parked(world, told(write("1", fields={"description": "x" * MAX_PAYLOAD})))
    spot = next(spot for spot in world.broker.topics if spot.topic == record.topic and world.broker.topics[spot])
    world.broker.topics[spot].clear()
    assert refusal(world) == (
        f"{record.position} is gone from its topic, and what the dead letter kept of it is cut off or is no message of "
        "writes.our-crm. Remedy: unlock it, and discard this one"
    )


def test_a_row_of_a_list_is_mended_where_it_is(world: World):
    world.tell(letter("17"))
    world.catch_up()
    assert "Remedy: fill in 'Name'; the source tells it again" in refusal(world)


def test_records_between_the_steps_of_account_mapping_are_not_told_again(world: World):
    output = Output(topics.MATCH_KEYS.name, b"domain:acme.com", b"{}", [("ce_type", b"tandem.key.presence")])
    parked(world, output, "stream:accounts.pairs")
    assert "change the account that it came from" in refusal(world)


def test_a_write_that_a_newer_one_has_overtaken_is_refused_unless_forced(world: World):
    newer = write("1", 2)
    parked(world, told(write("1", 1)))
    world.tell(newer, finished(newer))
    world.catch_up()
    assert f"a newer write ({newer.id}) has reached that record" in refusal(world)
    assert retried(world, force=True)[0].done


def test_a_newer_write_that_was_refused_does_not_stand_in_the_way(world: World):
    newer = write("1", 2)
    parked(world, told(write("1", 1)))
    world.tell(newer, finished(newer, "rejected"))
    world.catch_up()
    assert retried(world)[0].done


def test_a_letter_that_was_dealt_with_is_left_alone(world: World):
    world.tell(letter("1"), resolved(letter("1")))
    world.catch_up()
    journal = MemoryLog(world.broker, "letters", "deadletters")
    (only,) = letters.discard(open_letters(world, None), journal, DANA)
    assert "it was discarded by dana" in only.why


def test_a_discarded_letter_stays_known(world: World):
    world.tell(letter("1"), changed("1"))
    world.catch_up()
    journal = MemoryLog(world.broker, "letters", "deadletters")
    assert letters.discard(open_letters(world), journal, DANA)[0].done
    said: Any = decode(world.broker.read("deadletters")[-1])
    assert (type(said), said.how, said.by) == (DeadLetterResolved, "discarded", "dana")
    world.catch_up()
    assert [it.status for it in open_letters(world, None)] == ["discarded"]


def test_one_that_cannot_be_tried_again_does_not_stop_the_others(world: World):
    world.tell(letter("17"))
    parked(world, told(write("1")))
    assert sorted(it.done for it in retried(world)) == [False, True]


def test_what_was_parked_keeps_the_bytes_that_a_reader_could_not_use(world: World):
    record = parked(
        world, Output("changes.account", b"k", b"\xff{", [("ce_type", b"tandem.account.changed")]), "stream:x"
    )
    assert retried(world)[0].done
    assert world.broker.read("changes.account")[-1].value == record.value
    assert json.loads(world.broker.read("deadletters")[0].value or b"")["payload"] == "\\xff{"
