"""Decisions a second of one worker, exactly-once with state, beside a bare confluent-kafka transactional loop in the same run.

Both read the same records, count per key, write one message per record and the counts to a compacted changelog, and
commit messages, state and positions in one Kafka transaction. The bare loop is what one would write by hand: json and a
dict. Tandem's is the lane as it ships: CloudEvents, pydantic, RocksDB, dead letters.
"""

import argparse
import json
import multiprocessing as mp
import statistics
import tempfile
import threading
import time
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from confluent_kafka import Consumer, Producer, TopicPartition
from pydantic import BaseModel, TypeAdapter
from rich.console import Console
from rich.progress import track
from rich.table import Table

from schemas import topics
from schemas.codec import encode
from schemas.messages import Message, OursSeen
from schemas.topics import Cleanup, Topic
from streams.decision import Decision, Emission, Step
from streams.lane import Lane
from streams.state import rocks_in
from tandem.kafka.admin import Admin
from tandem.kafka.log import KafkaLog
from tests.support.brokers import embedded, real_kafka

KEYS, PARTITIONS, BATCH = 5000, 4, 2000
AT = datetime(2026, 1, 1, tzinfo=UTC)


class Count(BaseModel):
    """The state: how many events a key has had."""

    n: int = 0


class Counted(Message):
    """What both workers say of each event."""

    TYPE: ClassVar[str] = "bench.counted"
    ref: str
    n: int


def run_tandem(conf: dict[str, Any], run: str, count: int, results: "mp.Queue[float]") -> None:
    """One worker as it ships, until `count` records are decided; puts its seconds into the queue."""
    out = Topic(f"{run}.out", "key", "", (Counted,))

    def decide(state: Any, event: OursSeen) -> Decision:
        n = (state.get("") or Count()).n + 1
        return Decision({"": Count(n=n)}, [Emission(out, event.ref, Counted(ref=event.ref, n=n))])

    step = Step(run, Topic(f"{run}.in", "key", "", (OursSeen,)), TypeAdapter(Count), decide)
    journal = KafkaLog(conf, run, step.topic.name, "w0")
    lane = Lane(step, journal, rocks_in(Path(tempfile.mkdtemp())), BATCH)
    journal.start(lane)
    started = 0.0
    while lane.stats.records < count:
        if lane.turn(0.2) and not started:
            started, first = time.perf_counter(), lane.stats.records
    results.put((lane.stats.records - first) / (time.perf_counter() - started))
    journal.close()


def run_bare(conf: dict[str, Any], run: str, count: int, results: "mp.Queue[float]") -> None:
    """The same by hand."""
    consumer = Consumer(
        {**conf, "group.id": run, "enable.auto.commit": False, "auto.offset.reset": "earliest", "fetch.wait.max.ms": 50,
         "isolation.level": "read_committed"}
    )  # fmt: skip
    producer = Producer({**conf, "transactional.id": run, "linger.ms": 5, "queue.buffering.max.messages": 1_000_000})
    producer.init_transactions()
    consumer.subscribe([f"{run}.in"])
    counts: dict[bytes, int] = defaultdict(int)
    done, first, started = 0, 0, 0.0
    while done < count:
        messages = consumer.consume(BATCH, 0.2)
        if not messages:
            continue
        producer.begin_transaction()
        positions = {}
        for message in messages:
            event = json.loads(message.value())
            counts[message.key()] += 1
            n = counts[message.key()]
            producer.produce(f"{run}.out", json.dumps({"ref": event["ref"], "n": n}), message.key())
            row = json.dumps({"n": n})
            producer.produce(f"state.{run}", row, message.key(), partition=message.partition())
            positions[message.partition()] = message.offset() + 1
        producer.flush()
        offsets = [TopicPartition(f"{run}.in", number, offset) for number, offset in positions.items()]
        producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata())
        producer.commit_transaction()
        done += len(messages)
        if not started:
            started, first = time.perf_counter(), done
    results.put((done - first) / (time.perf_counter() - started))
    consumer.close()


RUNNERS = {"bare": run_bare, "tandem": run_tandem}


def prepare(conf: dict[str, Any]) -> str:
    """Fresh topics for one run; returns the run's name."""
    run = f"b{uuid.uuid4().hex[:8]}"
    needed = [Topic(f"{run}.{end}", "key", "", ()) for end in ("in", "out")]
    Admin(conf, PARTITIONS, 1).ensure([*needed, Topic(f"state.{run}", "key", "", (), Cleanup.COMPACT)])
    return run


def send(producer: Producer, run: str, number: int) -> None:
    """One event of about 400 bytes."""
    event = OursSeen(ref=f"our-crm/account/{number % KEYS:018d}", connection="our-crm", version=1, card=None,
                     cause="x" * 180, at=AT)  # fmt: skip
    output = encode(topics.MATCH_PAIRS, event.ref, event, source="bench", event_id=f"e{number}", trace=None)
    while True:
        try:
            producer.produce(f"{run}.in", output.value, output.key, headers=output.headers)
        except BufferError:
            producer.poll(0.1)
        else:
            return


def throughput(conf: dict[str, Any], kind: str, count: int) -> float:
    """Decisions a second over `count` records that wait in the topic."""
    run = prepare(conf)
    producer = Producer({**conf, "linger.ms": 20, "queue.buffering.max.messages": 1_000_000})
    for number in range(count):
        send(producer, run, number)
    producer.flush()
    return _in_process(kind, conf, run, count)


def _in_process(kind: str, conf: dict[str, Any], run: str, count: int) -> float:
    results: mp.Queue[float] = mp.get_context("spawn").Queue()
    worker = mp.get_context("spawn").Process(target=RUNNERS[kind], args=(conf, run, count, results))
    worker.start()
    rate = results.get(timeout=600)
    worker.join()
    return rate


def latency(conf: dict[str, Any], kind: str, per_second: int, seconds: int) -> tuple[float, float]:
    """p50 and p99 in ms from an event sent to its decision read by a reader of committed records."""
    run, count = prepare(conf), per_second * seconds
    reader = Consumer({**conf, "group.id": f"{run}.r", "isolation.level": "read_committed", "fetch.wait.max.ms": 10})
    reader.assign([TopicPartition(f"{run}.out", number, 0) for number in range(PARTITIONS)])
    pace = threading.Thread(target=_paced, args=(conf, run, count, per_second))
    results: mp.Queue[float] = mp.get_context("spawn").Queue()
    worker = mp.get_context("spawn").Process(target=RUNNERS[kind], args=(conf, run, count, results))
    worker.start()
    pace.start()
    found: list[float] = []
    sent: dict[tuple[bytes, int], float] = SENT
    while len(found) < count:
        for message in reader.consume(500, 0.1):
            seen = time.time()
            n = json.loads(message.value())["n"]
            found.append((seen - sent[message.key(), n]) * 1000)
    pace.join()
    worker.join()
    steady = sorted(found[count // 5 :])  # the first fifth warms up
    return statistics.median(steady), steady[int(len(steady) * 0.99)]


SENT: dict[tuple[bytes, int], float] = {}


def _paced(conf: dict[str, Any], run: str, count: int, per_second: int) -> None:
    time.sleep(4)  # the worker joins its group first
    producer = Producer({**conf, "linger.ms": 0})
    seen: dict[int, int] = defaultdict(int)
    begin = time.time()
    for number in range(count):
        while time.time() < begin + number / per_second:
            time.sleep(0.0005)
        seen[number % KEYS] += 1
        SENT[f"our-crm/account/{number % KEYS:018d}".encode(), seen[number % KEYS]] = time.time()
        send(producer, run, number)
        producer.poll(0)
    producer.flush()


def measure(conf: dict[str, Any], count: int, runs: int, seconds: int, quiet: bool) -> dict[str, dict[str, float]]:
    """Alternate the two, so that both see the same machine; medians."""
    rates: dict[str, list[float]] = defaultdict(list)
    plan = [kind for _ in range(runs) for kind in RUNNERS]
    for kind in track(plan, "throughput", console=Console(stderr=True), disable=quiet):
        rates[kind].append(throughput(conf, kind, count))
    result = {kind: {"per_second": round(statistics.median(found))} for kind, found in rates.items()}
    for kind in track(list(RUNNERS), "latency at 500/s", console=Console(stderr=True), disable=quiet):
        p50, p99 = latency(conf, kind, 500, seconds)
        result[kind] |= {"p50_ms": round(p50, 1), "p99_ms": round(p99, 1)}
    result["tandem"]["of_bare"] = round(result["tandem"]["per_second"] / result["bare"]["per_second"], 3)
    return result


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--broker", choices=["kafka", "embedded"], default="kafka", help="a real Kafka, or the bundled")
    parser.add_argument("--count", type=int, default=100_000, help="records per throughput run (default %(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="throughput runs of each kind (default %(default)s)")
    parser.add_argument("--seconds", type=int, default=20, help="length of a latency run (default %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        broker = (real_kafka if options.broker == "kafka" else embedded)(Path(folder) / "broker")
        broker.start()
        try:
            conf = {"bootstrap.servers": broker.bootstrap}
            result = measure(conf, options.count, options.runs, options.seconds, options.json)
        finally:
            broker.stop()
    if options.json:
        print(json.dumps(result))
        return
    table = Table("worker", "decisions/s", "p50 ms at 500/s", "p99 ms")
    for kind, row in result.items():
        table.add_row(kind, f"{row['per_second']:,}", str(row["p50_ms"]), str(row["p99_ms"]))
    Console().print(table)
    Console().print(f"Tandem reaches {result['tandem']['of_bare']:.0%} of the bare loop")


if __name__ == "__main__":
    main()
