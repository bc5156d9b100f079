"""The exactly-once loop that runs one decision: poll, load, decide, commit; it never sees a Kafka client.

What holds, and why:

* One transaction holds a batch's messages, its state changes (to a compacted changelog) and its input positions. A crash
  at any point leaves all of it or none.
* State lives in a local store per partition, always a committed prefix of the changelog (`streams.state`). On assignment
  it is restored up to the end of the changelog *before* the first record of the partition is decided.
* A batch that is aborted (a rebalance, a broker that failed over) is forgotten, and polled again from the last committed
  positions. A lane that is fenced stops at once: another worker has its partitions.
* A record that cannot be read, or that its decision fails on, becomes a dead letter in the same transaction; the rest of
  its partition goes on. Too many of them stop the lane.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from schemas import deadletters, topics
from schemas.codec import Poison, decode, encode, trace_of
from schemas.log import Aborted, Log, Output, Partition, Record
from streams.decision import Decision, Step
from streams.state import OpenStore, Overlay

log = logging.getLogger(__name__)


@dataclass(slots=True)
class LaneStats:
    """What a lane has done since it started; counts, and seconds where it says so."""

    records: int = 0
    emitted: int = 0
    batches: int = 0
    aborted: int = 0
    dead_letters: int = 0
    hot_keys: int = 0
    restored_rows: int = 0
    restore_seconds: float = 0.0
    partitions: int = 0


class Lane:
    """Runs one step over a log; `batch` bounds the records of one transaction."""

    def __init__(self, step: Step, journal: Log, open_store: OpenStore, batch: int = 2000) -> None:
        self.step, self.stats = step, LaneStats()
        self._log, self._open_store, self._batch = journal, open_store, batch
        self._changelog = topics.changelog(step.name).name
        self._stage = f"stream:{step.name}"
        self._limit = deadletters.Limit(self._stage)
        self._states: dict[int, Overlay] = {}

    def run(self, stop: threading.Event) -> None:
        """Turn until told to stop; anything unexpected is raised, for the process to end and be started again."""
        try:
            self._log.start(self)
            while not stop.is_set():
                self.turn(timeout=0.2)
        finally:
            self._log.close()
            self.revoked([Partition(self.step.topic.name, number) for number in self._states])

    def turn(self, timeout: float) -> int:
        """One batch: returns how many records it committed (0 when there were none, or the batch was aborted)."""
        records = self._log.poll(self._batch, timeout)
        if not records:
            return 0
        outputs: list[Output] = []
        for record in records:
            self._decide(record, outputs)
        changes = {number: state.changes() for number, state in self._states.items()}
        outputs += [
            Output(self._changelog, key, row, None, n) for n, rows in changes.items() for key, row in rows.items()
        ]
        try:
            ends = self._log.commit(outputs, _positions(records))
        except Aborted as reason:
            log.warning("%s: batch of %d aborted, going back: %s", self._stage, len(records), reason)
            self.stats.aborted += 1
            for state in self._states.values():
                state.dropped()
            return 0
        for number, rows in changes.items():
            if rows:
                self._states[number].committed(rows, ends[Partition(self._changelog, number)])
        self.stats.batches += 1
        self.stats.records += len(records)
        self.stats.emitted += len(outputs)
        return len(records)

    def _decide(self, record: Record, outputs: list[Output]) -> None:
        """Decide one record; what it changes stays in the overlay, what it says goes to the outputs."""
        state, key = self._states[record.partition], record.key or b""
        try:
            decision = self.step.decide(state.view(key), decode(record))
            said = self._encoded(record, decision)
            state.set(key, decision.rows)
        except Poison as error:
            self._park(
                record, outputs, error.code, str(error), "correct the producer, then publish it again", error.field
            )
        except Exception as error:
            log.exception("%s: the decision failed on %s", self._stage, record.position)
            reason = f"{type(error).__name__}: {error}"
            self._park(record, outputs, "DECISION_FAILED", reason, "report it with this dead letter; then retry it")
        else:
            outputs += said
            self._limit.passed()

    def _encoded(self, record: Record, decision: Decision) -> list[Output]:
        if not decision.emissions:
            return []
        trace, cause = trace_of(record), record.position
        self.stats.hot_keys += sum(said.topic is topics.HOT_KEYS for said in decision.emissions)
        return [
            encode(topic, key, message, source=self._stage, event_id=given or f"{cause}/{nth}", trace=trace)
            for nth, (topic, key, message, given) in enumerate(decision.emissions)
        ]

    def _park(
        self, record: Record, outputs: list[Output], code: str, reason: str, remedy: str, field: str | None = None
    ) -> None:
        outputs.append(deadletters.from_record(self._stage, record, code, reason, remedy, field))
        self.stats.dead_letters += 1
        self._limit.parked(f"{record.position}: {reason}")

    def assigned(self, partitions: Sequence[Partition]) -> None:
        """Open and restore the state of each partition, up to the end of its changelog."""
        for partition in partitions:
            self._states[partition.number] = self._restored(Partition(self._changelog, partition.number))
        self.stats.partitions = len(self._states)

    def _restored(self, changelog: Partition) -> Overlay:
        started, restored = time.monotonic(), 0
        store = self._open_store(self.step.name, changelog.number, self._log.identity(changelog.topic))
        chunk: dict[bytes, bytes | None] = {}
        for record in self._log.restore(changelog, store.position):
            chunk[record.key or b""] = record.value
            restored += 1
            if len(chunk) >= self._batch:
                store.apply(chunk, record.offset + 1)
                chunk = {}
        if chunk:
            store.apply(chunk, record.offset + 1)
        self.stats.restored_rows += restored
        self.stats.restore_seconds += time.monotonic() - started
        log.info("%s: %s restored, %d rows", self._stage, changelog, restored)
        return Overlay(store, self.step.row)

    def revoked(self, partitions: Sequence[Partition]) -> None:
        """Let go of the state of each partition; another worker restores it."""
        for partition in partitions:
            state = self._states.pop(partition.number, None)
            if state is not None:
                state.store.close()
        self.stats.partitions = len(self._states)


def _positions(records: Sequence[Record]) -> dict[Partition, int]:
    """The next offset to read of each partition of the batch, whose records are all of one topic."""
    ends = {record.partition: record.offset + 1 for record in records}
    return {Partition(records[0].topic, number): end for number, end in ends.items()}
