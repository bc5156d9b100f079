"""One to four workers share a lane on a broker, come and go: each event is still decided exactly once."""

import threading
from collections import Counter
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, TypeAdapter

from schemas.codec import decode, encode
from schemas.log import Partition
from schemas.messages import OursSeen
from schemas.topics import Cleanup, Topic
from streams.decision import Decision, Emission, Step
from streams.lane import Lane
from streams.state import rocks_in
from tandem.broker import EmbeddedBroker
from tandem.kafka.admin import Admin
from tandem.kafka.log import KafkaJournal, KafkaLog
from tandem.kafka.reader import Reader

AT = datetime(2026, 1, 1, tzinfo=UTC)
PARTITIONS, KEYS = 4, 40


class Count(BaseModel):
    n: int = 0


class Worker:
    """A lane in a thread of its own, as in a process of its own."""

    def __init__(self, conf, step: Step, number: int, folder, ids) -> None:
        self._stop = threading.Event()
        journal = KafkaLog(conf, step.name, step.topic.name, f"stream-{number}", ids)
        self.lane = Lane(step, journal, rocks_in(folder / str(number)), batch=25)
        self._thread = threading.Thread(target=self.lane.run, args=(self._stop,))
        self._thread.start()

    def leave(self) -> None:
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()


class Scene:
    """A counting lane, its topics, and what it has said."""

    def __init__(self, conf, name: str, ids) -> None:
        self._conf, self._ids = conf, ids
        self.facts = Topic(f"{name}.facts", "key", "", (OursSeen,))
        self.step = Step(name, Topic(f"{name}.in", "key", "", (OursSeen,)), TypeAdapter(Count), self._decide)
        Admin(conf, PARTITIONS, 1).ensure(
            [self.step.topic, self.facts, Topic(f"state.{name}", "", "", (), Cleanup.COMPACT)]
        )
        self._journal, self.sent = KafkaJournal(conf, f"source.{name}", ids), 0

    def _decide(self, state, event: OursSeen) -> Decision:
        n = (state.get("") or Count()).n + 1
        return Decision({"": Count(n=n)}, [Emission(self.facts, event.ref, event.model_copy(update={"version": n}))])

    def publish(self, count: int) -> None:
        outputs = []
        for number in range(self.sent, self.sent + count):
            key = f"k{number % KEYS}"
            event = OursSeen(ref=key, connection="our-crm", version=1, card=None, cause=str(number), at=AT)
            outputs.append(encode(self.step.topic, key, event, source="test", event_id=str(number), trace=None))
        self._journal.commit(outputs, {})
        self.sent += count

    def said(self) -> list[OursSeen]:
        reader = Reader(self._conf)
        spots = (Partition(self.facts.name, number) for number in range(PARTITIONS))
        return [decode(record) for spot in spots for record in reader.read(spot)]

    def wait(self, share: float, patience: int = 600) -> None:
        """Until so much of what was sent is decided."""
        pause = threading.Event()
        while len(self.said()) < self.sent * share:
            patience -= 1
            assert patience, f"only {len(self.said())} of {self.sent} were decided"
            pause.wait(0.1)


def test_each_event_is_decided_once_while_one_to_four_workers_come_and_go(conf, name, ids, broker, tmp_path):
    if isinstance(broker, EmbeddedBroker):
        pytest.skip("the embedded broker does not share partitions; the settings refuse a second worker on it")
    scene = Scene(conf, name, ids)
    workers = {0: Worker(conf, scene.step, 0, tmp_path, ids)}
    for joining, leaving in ((1, None), (2, None), (3, 0), (0, 2), (None, 3), (None, 1)):
        scene.publish(400)
        if joining is not None:
            workers[joining] = Worker(conf, scene.step, joining, tmp_path, ids)
        scene.wait(0.8)
        if leaving is not None:
            workers.pop(leaving).leave()
    scene.wait(1.0)
    for worker in workers.values():
        worker.leave()
    found = Counter((event.ref, event.version) for event in scene.said())
    each = scene.sent // KEYS
    assert found == Counter({(f"k{key}", n): 1 for key in range(KEYS) for n in range(1, each + 1)})
