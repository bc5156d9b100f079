"""A run of exactly the planned writes: nothing before is left out, nothing that came later is taken."""

import threading

from connectors.push import Push
from schemas import topics
from schemas.codec import decode, encode
from schemas.log import Partition
from schemas.messages import MatchBy, Write
from tandem.planning.waiting import Until
from tests.support.memory_log import MemoryBroker, MemoryLog
from tests.unit.connectors.push_world import AT, GROUP, TABLES, TOPIC, Target

SPOT = Partition(TOPIC.name, 0)


def publish(where: MemoryBroker, *keys: str) -> None:
    for key in keys:
        write = Write(
            id=key, connection="our-crm", entity="account_summary", match_by=MatchBy.ID, key=key,
            fields={"partner_count": 1}, decided_at=AT,
        )  # fmt: skip
        where.append(encode(TOPIC, write.record, write, source="test", event_id=key, trace=None))


def run(where: MemoryBroker, target: Target, end: int, stop: threading.Event | None = None) -> tuple[Until, list[int]]:
    told: list[int] = []
    starts = {SPOT: where.committed.get((GROUP, SPOT), 0)}
    until = Until(MemoryLog(where, GROUP, TOPIC.name), starts, {SPOT: end}, stop or threading.Event(), told.append)
    Push("our-crm", TABLES, target, until, lambda: AT).run(until)
    return until, told


def outcomes(where: MemoryBroker) -> list[str]:
    return [decode(record).key for record in where.read(topics.OUTCOMES.name)]


def test_only_what_was_planned_is_written():
    where, target = MemoryBroker(partitions=1), Target()
    publish(where, "001A", "001B", "001C")
    until, told = run(where, target, end=2)
    assert until.done
    assert (outcomes(where), told[-1]) == (["001A", "001B"], 2)
    assert where.committed[GROUP, SPOT] == 2


def test_what_came_later_is_there_for_the_next_run():
    where, target = MemoryBroker(partitions=1), Target()
    publish(where, "001A", "001B", "001C")
    run(where, target, end=2)
    run(where, target, end=3)
    assert outcomes(where) == ["001A", "001B", "001C"]


def test_a_run_of_nothing_ends_at_once():
    where, target = MemoryBroker(partitions=1), Target()
    until, told = run(where, target, end=0)
    assert (until.done, told, target.calls) == (True, [], [])


def test_being_told_to_stop_ends_the_run_and_it_is_not_done():
    where, target, stop = MemoryBroker(partitions=1), Target(), threading.Event()
    publish(where, "001A")
    stop.set()
    until, _ = run(where, target, end=1, stop=stop)
    assert not until.done
    assert outcomes(where) == []
