"""What the push loop does with what is refused, cannot be read, or comes to an end."""

import threading

import pytest

from connectors import push as module
from connectors.base import Retry
from connectors.errors import BadCredentials, PauseConnection, StopMapping
from connectors.push import Push
from schemas.codec import decode, encode
from schemas.deadletters import TooManyDeadLetters
from schemas.log import Output, Partition
from schemas.messages import WriteFinished
from tests.support.memory_log import MemoryBroker, MemoryLog
from tests.unit.connectors.push_world import AT, GROUP, TABLES, TOPIC, World


@pytest.mark.parametrize("kind", [StopMapping, BadCredentials])
def test_what_needs_a_person_is_raised_and_commits_nothing(kind):
    world = World()
    world.target.raises = [("before", kind("no field Best_Partner__c", "deploy it"))]
    world.ask("a", partner_count=1)
    with pytest.raises(kind, match="no field Best_Partner__c Remedy: deploy it"):
        world.turn()
    assert (world.outcomes(), world.behind()) == ({}, 1)


def test_a_poison_record_is_parked_and_its_neighbours_go_on():
    world = World()
    headers = [("ce_type", b"tandem.write.requested")]
    world.ask("a", partner_count=1)
    world.broker.append(Output(TOPIC.name, b"k", b"{not json", headers))
    world.ask("b", partner_count=1)
    assert world.turn() == 2
    [letter] = world.letters()
    assert (letter.code, letter.origin, letter.payload) == ("INVALID_VALUE", "writes.our-crm[0]@1", "{not json")
    assert letter.remedy
    assert (world.behind(), world.outcomes().keys()) == (0, {"w1", "w2"})


def test_a_poison_record_alone_is_passed():
    world = World()
    world.broker.append(Output(TOPIC.name, b"k", None, None))
    assert world.turn() == 0
    assert ([letter.code for letter in world.letters()], world.behind()) == (["NO_EVENT_TYPE"], 0)


def test_a_write_of_an_entity_that_is_not_written_names_it_and_those_that_are():
    world = World()
    world.ask("a", "shoe", name="Acme")
    world.ask("b", partner_count=1)
    world.turn()
    [letter] = world.letters()
    assert letter.code == "NOT_WRITABLE"
    assert letter.reason == f"our-crm takes only writes of {', '.join(sorted(TABLES))}, not shoe"
    assert "add the entity to the mapping" in letter.remedy
    assert world.sent() == [["b"]]
    assert world.behind() == 0


def test_a_message_that_is_no_write_is_named():
    world = World()
    finished = WriteFinished(
        write_id="w", connection="our-crm", entity="overlap", key="k", status="applied", decided_at=AT, finished_at=AT
    )
    world.broker.append(encode(TOPIC, "k", finished, source="t", event_id="e", trace=None))
    world.turn()
    assert "not tandem.write.finished" in world.letters()[0].reason


def test_a_value_that_the_mapping_cannot_express_is_parked_and_its_neighbours_go():
    world = World()
    world.ask("a", shoe_size=43)
    world.ask("b", partner_count=1)
    world.ask("c", partner_count="many")
    assert world.turn() == 3
    assert world.sent() == [["b"]]
    assert {letter.field: letter.code for letter in world.letters()} == {
        "shoe_size": "INVALID_VALUE",
        "partner_count": "INVALID_VALUE",
    }
    assert {write: status for write, (status, _) in world.outcomes().items()} == {
        "w1": "rejected",
        "w2": "applied",
        "w3": "rejected",
    }


def test_a_batch_of_nothing_but_inexpressible_writes_is_not_sent():
    world = World()
    world.ask("a", shoe_size=43)
    world.turn()
    assert (world.target.calls, world.behind()) == ([], 0)


def test_an_inexpressible_write_takes_no_good_one_to_the_same_record_with_it():
    world = World()
    world.ask("a", partner_count=1)
    world.ask("a", shoe_size=43)
    while world.behind():
        world.turn()
    assert world.outcomes() == {"w1": ("applied", None), "w2": ("rejected", "INVALID_VALUE")}


def test_no_more_writes_are_held_than_fit(monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 5)
    world = World(partitions=2)
    world.target.raises = [("before", PauseConnection("quota", "buy", after=60))]
    for number in range(12):
        world.ask(f"k{number}", partner_count=1)
    for _ in range(3):
        world.turn()
        assert world.push.waiting == 5
    world.turn(later=60)
    assert len(world.outcomes()) == 5
    while world.behind():
        world.turn()
        assert world.push.waiting <= 5
    assert len(world.outcomes()) == 12


def test_what_waits_in_a_partition_that_went_to_another_is_forgotten():
    world = World(partitions=2)
    for number in range(8):
        world.ask(f"k{number}", partner_count=1)
        world.target.answers[f"k{number}"] = [Retry("locked", after=60)]
    world.turn()
    mine, lost = Partition(TOPIC.name, 0), Partition(TOPIC.name, 1)
    kept = {decode(record).key for record in world.broker.topics[mine]}
    assert 0 < len(kept) < 8
    world.push.revoked([lost])
    assert world.push.waiting == len(kept)
    world.target.calls.clear()
    world.turn(later=60)
    assert {key for call in world.sent() for key in call} == kept
    assert world.broker.committed[GROUP, mine] == len(kept)
    assert world.broker.committed[GROUP, lost] == 0
    world.start()
    world.turn()
    assert len(world.outcomes()) == 8


def test_too_many_refusals_stop_the_sink_and_are_sent_again_when_it_is_mended():
    world = World()
    world.target.refuses = "bad"
    for number in range(150):
        world.ask(f"k{number}", best_partner="bad")
    with pytest.raises(TooManyDeadLetters, match=r"sink:our-crm: 100 inputs in a row.*as the vendor says"):
        world.turn()
    assert (world.letters(), world.outcomes(), world.behind()) == ([], {}, 150)
    world.target.refuses = None
    world.start()
    world.turn()
    assert set(world.outcomes().values()) == {("applied", None)}


def test_refusals_between_successes_keep_the_sink_going():
    world = World()
    world.target.refuses = "bad"
    for number in range(300):
        world.ask(f"k{number}", best_partner="bad" if number % 3 == 0 else "Acme")
    world.turn()
    assert (len(world.letters()), world.push.stats.applied, world.behind()) == (100, 200, 0)


class Door(MemoryLog):
    """A log that says when it was closed, and tells the process to stop after so many polls."""

    def __init__(self, broker: MemoryBroker, stop: threading.Event, polls: int) -> None:
        super().__init__(broker, GROUP, TOPIC.name)
        self.closed, self._stop, self._left = False, stop, polls

    def poll(self, limit: int, timeout: float) -> list:
        self._left -= 1
        if self._left <= 0:
            self._stop.set()
        return super().poll(limit, timeout)

    def close(self) -> None:
        self.closed = True
        super().close()


def test_it_runs_until_it_is_told_to_stop_and_what_is_in_hand_ends():
    world, stop = World(), threading.Event()
    world.ask("a", partner_count=1)
    door = Door(world.broker, stop, polls=1)
    Push("our-crm", TABLES, world.target, door, lambda: AT).run(stop)
    assert (world.outcomes(), door.closed) == ({"w1": ("applied", None)}, True)


def test_it_leaves_the_group_when_it_ends_by_an_error():
    world, stop = World(), threading.Event()
    world.ask("a", partner_count=1)
    world.target.raises = [("before", BadCredentials("no", "log in"))]
    door = Door(world.broker, stop, polls=9)
    with pytest.raises(BadCredentials):
        Push("our-crm", TABLES, world.target, door, lambda: AT).run(stop)
    assert door.closed
