"""Emulated systems woven together by the real connectors and the real decisions in one process, with one clock for all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from connectors.base import Sink
from connectors.errors import PauseConnection, RetryLater
from connectors.pull import Pull
from connectors.push import Push
from mappings.loader import load
from mappings.table import EntityMap
from schemas import topics
from schemas.codec import decode, encode
from schemas.messages import DeadLetter, Ruling, RulingGiven, Write
from schemas.topics import Topic
from streams.decision import Step
from streams.lane import Lane
from streams.state import in_memory
from tandem.ledger.answers import Trace
from tandem.ledger.feed import fed
from tandem.ledger.follow import Follower
from tandem.ledger.store import Store
from tandem.ledger.tracing import trace
from tests.support.memory_feed import MemoryFeed
from tests.support.memory_log import MemoryBroker, MemoryLog
from tests.unit.tandem.ledger.world import opened_at

ROUNDS = 40  # of pull, decide and push: by then nothing may be left to do
STEP_S = 2  # seconds of every clock between two rounds


@dataclass(frozen=True)
class System:
    """One connected system: its connector and settings, what is read of it, and how its clock goes on by seconds."""

    connector: ModuleType
    settings: Any
    advance: Callable[[float], None]
    reads: tuple[str, ...] | None = None
    party: str = "us"

    @property
    def tables(self) -> Mapping[str, EntityMap]:
        return load(self.connector.__name__.rpartition(".")[2])


class Woven:
    """Systems with Tandem between them; `runs` brings everything to rest."""

    def __init__(
        self, systems: Mapping[str, System], steps: Sequence[Step], feeds: Sequence[Topic], start: datetime
    ) -> None:
        self.systems, self.steps, self.feeds, self.at = systems, steps, feeds, start
        self.broker = MemoryBroker(partitions=1)
        self.start()

    def start(self) -> None:
        """Every process anew, as after a crash: what is not on a topic is gone."""
        self.pulls = {name: self._pull(name, it) for name, it in self.systems.items()}
        self.pushes = {name: self._push(name, it) for name, it in self.systems.items() if hasattr(it.connector, "sink")}
        self.lanes = [self._lane(step) for step in self.steps]

    def _lane(self, step: Step) -> Lane:
        log = MemoryLog(self.broker, step.name, step.topic.name)
        lane = Lane(step, log, in_memory)
        log.start(lane)
        return lane

    def _pull(self, name: str, it: System) -> Pull:
        source = it.connector.source(it.settings, self.now, name)
        tables = {entity: table for entity, table in it.tables.items() if table.reads}
        tables = {entity: table for entity, table in tables.items() if it.reads is None or entity in it.reads}
        log = MemoryLog(self.broker, f"source.{name}", "none")
        return Pull(name, it.party, tables, source, log, self.now, feeds=self.feeds if it.party == "us" else [])

    def _push(self, name: str, it: System) -> Push:
        log = MemoryLog(self.broker, f"sink.{name}", topics.writes(name).name)
        writable = {entity: table for entity, table in it.tables.items() if table.writes}
        push = Push(name, writable, self.sink(name), log, self.now, feeds=self.feeds)
        log.start(push)
        return push

    def sink(self, name: str) -> Sink:
        it = self.systems[name]
        made: Sink = it.connector.sink(it.settings, self.now, name)
        return made

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        for it in self.systems.values():
            it.advance(seconds)

    def runs(self, rounds: int = ROUNDS) -> int:
        """Read, decide and write until nothing is left to do for three rounds; returns how many writes there were."""
        before, quiet = len(self.writes()), 0
        for _ in range(rounds):
            quiet = 0 if self.round() else quiet + 1
            if quiet == 3:
                return len(self.writes()) - before
            self.wait(STEP_S)
        raise AssertionError(f"after {rounds} rounds there is still something to do: {self.writes()[-3:]}")

    def round(self) -> int:
        """Each process once; returns how much was done."""
        return self.looks() + self.decides() + self.sends()

    def looks(self) -> int:
        return sum(map(self._read, self.pulls.values()))

    def decides(self) -> int:
        decided = 0
        while count := sum(lane.turn(0) for lane in self.lanes):
            decided += count
        return decided

    def sends(self) -> int:
        return sum(push.turn(0) + push.waiting for push in self.pushes.values())

    def _read(self, pull: Pull) -> int:
        try:
            return pull.once()
        except (RetryLater, PauseConnection):
            return 1  # it is tried again in the next round

    def rules(self, ruling: Ruling, *refs: str, by: str = "dana@borealis.example", **more: Any) -> None:
        """A person rules."""
        given = RulingGiven(id=f"{ruling}{self.at}", ruling=ruling, refs=tuple(refs), by=by, at=self.at, **more)
        for feed in self.feeds:
            if RulingGiven in feed.messages:
                self.broker.append(encode(feed, topics.ONE_ORDER, given, source="test", event_id=given.id, trace=None))

    def told(self, topic: Topic) -> list[Any]:
        """Everything that was said on a topic, in order."""
        return [decode(record) for record in self.broker.read(topic.name) if record.value is not None]

    def last(self, topic: Topic) -> dict[str, Any]:
        """The last word on each key."""
        found = self.broker.read(topic.name)
        return {(record.key or b"").decode(): decode(record) for record in found if record.value is not None}

    def writes(self) -> list[Write]:
        return [write for name in self.systems for write in self.told(topics.writes(name))]

    def dead_letters(self) -> list[DeadLetter]:
        return [each for each in self.told(topics.DEADLETTERS) if isinstance(each, DeadLetter)]

    def ledger(self, folder: Path) -> Store:
        """A ledger that is fed with all that is on the topics."""
        store = opened_at(folder / "ledger.db")
        feed = MemoryFeed(self.broker, [topic.name for topic in fed(list(self.systems))])
        follower = Follower(store, feed, self.now, 1000)
        follower.start()
        while follower.turn(0):
            pass
        return store

    def timeline(self, folder: Path, ref: str) -> Trace:
        """What `tandem trace` tells of a record."""
        with self.ledger(folder).reading() as asked:
            found = trace(asked, ref)
        assert isinstance(found, Trace)
        return found
