"""The other half of benchmarks/accounts.py: the same changes over a broker, through the lanes of one worker process.

The worker is a process of its own with the lanes in threads, as `tandem up` starts it, without the web server. The seconds
of a kind run from its first change that is published to the last commit of any lane.
"""

import argparse
import multiprocessing as mp
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from benchmarks import account_world as world
from mappings import icp
from schemas import topics
from schemas.codec import encode
from schemas.messages import AccountChanged
from schemas.topics import every_topic
from streams.accounts import steps
from streams.accounts.mirror import Sharing
from streams.lane import Lane
from streams.state import rocks_in
from tandem.kafka.admin import Admin
from tandem.kafka.conf import PRODUCER
from tandem.kafka.log import KafkaLog
from tests.support.brokers import embedded, real_kafka

PARTITIONS, BATCH = 4, 2000
QUIET_S = 3.0  # nothing committed for so long: all is done
PARTNERS = {"acme": "Acme Cloud"}


def lanes() -> Any:
    """The steps of the deployment that is measured."""
    return steps(PARTNERS, Sharing(), icp.load())


def work(conf: dict[str, Any], folder: str, seen: Any, stop: Any) -> None:
    """One worker; keeps telling how many changes it has taken in, its last commit, and its seconds of the processor."""
    halt, threads, opened = threading.Event(), [], []
    for step in lanes():
        journal = KafkaLog(conf, step.name, step.topic.name, "stream-0")
        opened.append(Lane(step, journal, rocks_in(Path(folder)), BATCH))
        threads.append(threading.Thread(target=opened[-1].run, args=(halt,)))
    for thread in threads:
        thread.start()
    total = 0
    while not stop.is_set():
        records = sum(lane.stats.records for lane in opened)
        if records != total:
            total = records
            seen[0], seen[1], seen[2] = opened[0].stats.records, time.time(), time.process_time()
        seen[3] = sum(lane.stats.partitions for lane in opened)
        time.sleep(0.02)
    halt.set()
    for thread in threads:
        thread.join()


def streamed(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Loads ours and part of the partner's list, then one kind after the other."""
    broker = (real_kafka if options.broker == "kafka" else embedded)(folder / "broker")
    broker.start()
    try:
        conf = {"bootstrap.servers": broker.bootstrap}
        Admin(conf, PARTITIONS, 1).ensure(every_topic([], ["our-crm"], [step.name for step in lanes()]))
        return _measured(conf, options, folder)
    finally:
        broker.stop()


def _measured(conf: dict[str, Any], options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    theirs, ours = min(options.theirs, options.count), min(options.ours, options.count)
    edits, kinds = world.Edits("us", ours, theirs, options.seed), {}
    result: dict[str, Any] = {"broker": options.broker, "theirs": theirs, "ours": ours, "count": options.count}
    with _Worker(conf, folder / "worker") as worker:
        before = [*world.partners(theirs, options.seed)]
        before += [world.changed("us", number, 1, edits.base(number)) for number in range(ours)]
        result["load"] = worker.measured(before)
        for kind in options.kinds:
            mixed = edits.mixed(options.count) if kind == "mix" else (edits.make(kind) for _ in range(options.count))
            kinds[kind] = worker.measured(list(mixed))
    with _Worker(conf, folder / "anew") as worker:  # no local state: all is restored from the changelogs
        result["restore_s"] = round(worker.ready_after, 1)
    return result | {"kinds": kinds}


class _Worker:
    """The worker's process, while it is needed."""

    def __init__(self, conf: dict[str, Any], folder: Path) -> None:
        context = mp.get_context("spawn")
        folder.mkdir(exist_ok=True)
        self._conf, self._seen, self._stop = conf, context.Array("d", 4), context.Event()
        self._process = context.Process(target=work, args=(conf, str(folder), self._seen, self._stop))
        self._taken, self.ready_after = 0, 0.0

    def __enter__(self) -> "_Worker":
        self._process.start()
        started = time.time()
        while self._seen[3] < PARTITIONS * len(lanes()):
            time.sleep(0.05)
        self.ready_after = time.time() - started
        return self

    def measured(self, events: list[AccountChanged]) -> dict[str, float]:
        """Publishes them and waits until nothing follows any more; to its last commit, and of the processor."""
        self._taken += len(events)
        started, cpu = time.time(), self._seen[2]
        _publish(self._conf, events)
        while self._seen[0] < self._taken or time.time() - self._seen[1] < QUIET_S:
            time.sleep(0.05)
        took, used = self._seen[1] - started, self._seen[2] - cpu
        return {
            "per_second": round(len(events) / took),
            "worker_cpu_s_per_1000": round(used * 1000 / len(events), 3),
            "of_one_core": round(used / took, 2),
        }

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._process.join()


def _publish(conf: dict[str, Any], events: Iterable[AccountChanged]) -> None:
    producer = Producer(
        {**conf, "linger.ms": 20, "queue.buffering.max.messages": 1_000_000, "partitioner": PRODUCER["partitioner"]}
    )
    for event in events:
        output = encode(topics.ACCOUNT_CHANGES, event.ref, event, source="bench", event_id=event.id, trace=None)
        headers: Any = output.headers
        while True:
            try:
                producer.produce(output.topic, output.value, output.key, headers=headers)
            except BufferError:
                producer.poll(0.1)
            else:
                break
    producer.flush()
