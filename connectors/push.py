"""The loop that brings writes to a system, each to its end: applied, unchanged or parked; it never knows the vendor.

Order is kept per record: while a write waits to be tried again, later writes to the same record wait behind it. Several
that wait for one record go as one (later values win); if that is refused or overtaken they go without the last one, and
so on, so that a bad write takes no good one with it, and a value that was written before a crash is not undone by an
older one. An archive never goes together with values.
Outcomes, dead letters and positions are committed together, and a position never passes a write that has no outcome:
after a crash such a write is sent again, which a sink must make harmless.
"""

import logging
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice, takewhile

from connectors.base import Applied, Outcome, Overtaken, Rejected, Retry, Sink
from connectors.combining import combined
from connectors.errors import ConnectorError, PauseConnection, RetryLater
from connectors.reporting import Reporter
from mappings.table import EntityMap, RowError
from schemas import topics
from schemas.codec import Poison, decode, encode, trace_of
from schemas.deadletters import Limit, from_record
from schemas.log import Aborted, Log, Output, Partition, Record
from schemas.messages import Write, WriteFinished, WriteStatus, identity, record_ref

log = logging.getLogger(__name__)

MAX_WAITING = 10_000  # so many writes are held in memory before reading stops: the largest batch that a sink takes
SENDING = timedelta(seconds=60)  # so long one turn sends: what a slow vendor took is committed before the rest goes
RETRY_BUDGET = 8  # tries of one record before it is parked


@dataclass(slots=True)
class PushStats:
    """What a sink has done since it started, in counts."""

    applied: int = 0
    unchanged: int = 0
    rejected: int = 0
    overtaken: int = 0
    retried: int = 0
    calls: int = 0


@dataclass(slots=True)
class _Queue:
    """The writes that wait for one record, oldest first."""

    writes: deque[tuple[Write, Record]] = field(default_factory=deque)
    tries: int = 0
    not_before: datetime | None = None
    together: int | None = None  # so many go as one; None: all

    def next(self) -> list[tuple[Write, Record]]:
        action = self.writes[0][0].action
        return list(takewhile(lambda one: one[0].action is action, islice(self.writes, self.together)))


class Push:
    """Pushes to one connection. `tables` are its mapping tables by entity, `now` the clock.

    `feeds` are the topics of decisions that go on when they know what became of a write.
    """

    def __init__(
        self,
        connection: str,
        tables: Mapping[str, EntityMap],
        sink: Sink,
        journal: Log,
        now: Callable[[], datetime],
        *,
        feeds: Sequence[topics.Topic] = (),
    ) -> None:
        self.stats = PushStats()
        self._connection, self._tables, self._sink = connection, tables, sink
        self._log, self._now, self._feeds = journal, now, feeds
        self._stage = f"sink:{connection}"
        self._limit = Limit(self._stage)
        self._reporter = Reporter(connection, "sink", now)
        self._drop_everything()

    def _drop_everything(self) -> None:
        self._queues: dict[str, _Queue] = {}
        self._open: dict[Partition, set[int]] = defaultdict(set)
        self._read: dict[Partition, int] = {}
        self._committed: dict[Partition, int] = {}
        self._outputs: list[Output] = []
        self._paused_until: datetime | None = None
        self._pauses = 0

    def run(self, stop: threading.Event) -> None:
        """Turn until told to stop; anything that needs a person is raised."""
        try:
            self._log.start(self)
            while not stop.is_set():
                self.turn(timeout=0.1)
        except ConnectorError as error:
            self._stopped(error)
            raise
        finally:
            self._log.close()

    @property
    def waiting(self) -> int:
        """How many writes have no outcome yet."""
        return sum(map(len, self._open.values()))

    def turn(self, timeout: float) -> int:
        """Read, send what may be sent, commit; returns how many writes came to an end."""
        room = max(0, MAX_WAITING - self.waiting)
        for record in self._log.poll(room, timeout):
            self._take(record)
        if self._paused_until is None or self._paused_until <= self._now():
            self._send_all()
        if self._paused_until is None or self._paused_until <= self._now():
            self._outputs += self._reporter.running(self._sink.budget())
        outputs, positions = self._outputs, self._positions()
        if not positions and not outputs:
            return 0
        try:
            self._log.commit(outputs, positions)
        except Aborted as reason:
            log.warning("%s: outcomes were not committed, going back: %s", self._stage, reason)
            self._drop_everything()
            return 0
        self._outputs = []
        self._committed |= positions
        return sum(output.topic == topics.OUTCOMES.name for output in outputs)

    def _take(self, record: Record) -> None:
        partition = Partition(record.topic, record.partition)
        self._read[partition] = record.offset + 1
        try:
            write = decode(record)
            if not isinstance(write, Write) or write.entity not in self._tables:
                known = ", ".join(sorted(self._tables))
                found = write.entity if isinstance(write, Write) else write.TYPE
                raise Poison("NOT_WRITABLE", f"{self._connection} takes only writes of {known}, not {found}", "entity")
        except Poison as error:
            self._park(
                record, error.code, str(error), "correct the producer, or add the entity to the mapping", error.field
            )
            return
        self._open[partition].add(record.offset)
        self._queues.setdefault(write.record, _Queue()).writes.append((write, record))

    def _send_all(self) -> None:
        now = self._now()
        until = now + SENDING
        ready = [queue for queue in self._queues.values() if queue.not_before is None or queue.not_before <= now]
        by_entity: dict[str, list[_Queue]] = defaultdict(list)
        for queue in ready:
            by_entity[queue.writes[0][0].entity].append(queue)
        for entity, queues in by_entity.items():
            for batch in _chunks(queues, self._sink.batch_size):
                if self._now() > until or not self._send(self._tables[entity], batch):
                    return

    def _send(self, table: EntityMap, queues: Sequence[_Queue]) -> bool:
        """Send one batch; False when the whole connection has to wait."""
        groups = [queue.next() for queue in queues]
        sendable = []
        for queue, group in zip(queues, groups, strict=True):
            write = combined([write for write, _ in group])
            refusal = _refused(table, write)
            if refusal is None:
                sendable.append((queue, group, write))
            else:
                self._settle(queue, group, refusal)
        if not sendable:
            return True
        try:
            self.stats.calls += 1
            outcomes = self._sink.write(self._tables, [write for _, _, write in sendable])
        except (RetryLater, PauseConnection) as error:
            self._pause(error)
            return False
        self._pauses = 0
        for (queue, group, _), outcome in zip(sendable, outcomes, strict=True):
            self._settle(queue, group, outcome)
        return True

    def _pause(self, error: RetryLater | PauseConnection) -> None:
        self._pauses += 1
        after = error.after if error.after is not None else _backoff(self._pauses)
        self._paused_until = self._now() + timedelta(seconds=after)
        self._outputs += self._reporter.failed(error, after, self._sink.budget())
        log.warning("%s: waiting %.1f s: %s", self._stage, after, error)

    def _stopped(self, error: ConnectorError) -> None:
        try:
            self._log.commit(self._reporter.failed(error, None, self._sink.budget()), {})
        except Aborted as reason:
            log.warning("%s: the report was not committed: %s", self._stage, reason)

    def _settle(self, queue: _Queue, group: list[tuple[Write, Record]], outcome: Outcome) -> None:
        """What an outcome means for the writes that it was for."""
        if isinstance(outcome, Retry) and queue.tries + 1 < RETRY_BUDGET:
            queue.tries += 1
            self.stats.retried += 1
            after = outcome.after if outcome.after is not None else _backoff(queue.tries)
            queue.not_before = self._now() + timedelta(seconds=after)
            return
        if isinstance(outcome, Retry):
            outcome = Rejected(
                "RETRIES_EXHAUSTED",
                f"still refused after {RETRY_BUDGET} tries: {outcome.reason}",
                "see why the target stays busy, then retry the dead letter",
            )
        # After a crash what stands may be the value of a write in the middle, which the first of them did not expect.
        if isinstance(outcome, Rejected | Overtaken) and len(group) > 1:
            queue.together = len(group) - 1
            return
        for write, record in group:
            self._finish(write, record, outcome)
            queue.writes.popleft()
        queue.tries, queue.not_before, queue.together = 0, None, None
        if not queue.writes:
            del self._queues[group[0][0].record]

    def _finish(self, write: Write, record: Record, outcome: Applied | Rejected | Overtaken) -> None:
        status, target_id, code, reason = _told(outcome)
        if isinstance(outcome, Rejected):
            self._park(record, outcome.code, f"{write.record}: {reason}", outcome.remedy, outcome.field)
        else:
            self._limit.passed()
        finished = WriteFinished(
            write_id=write.id,
            connection=write.connection,
            entity=write.entity,
            key=write.key,
            status=status,
            target_id=target_id,
            code=code,
            reason=reason,
            decided_at=write.decided_at,
            finished_at=self._now(),
        )
        setattr(self.stats, status.value, getattr(self.stats, status.value) + 1)
        key, event_id = record_ref(write.connection, write.entity, write.key), identity(write.id, record.position)
        told = encode(topics.OUTCOMES, key, finished, source=self._stage, event_id=event_id, trace=trace_of(record))
        takers = [feed for feed in self._feeds if write.entity in feed.outcomes_of]
        fed = [told._replace(topic=feed.name, key=topics.ONE_ORDER.encode()) for feed in takers]
        self._outputs += [told, *fed]
        self._open[Partition(record.topic, record.partition)].discard(record.offset)

    def _park(self, record: Record, code: str, reason: str, remedy: str, field: str | None) -> None:
        log.warning("%s: parked %s: %s (%s)", self._stage, record.position, reason, remedy)
        self._outputs.append(from_record(self._stage, record, code, reason, remedy, field))
        self._limit.parked(reason)

    def _positions(self) -> dict[Partition, int]:
        """Where a partition has moved on to: its oldest write without an outcome, or else the next record to read."""
        now = {partition: min(self._open[partition], default=end) for partition, end in self._read.items()}
        return {partition: end for partition, end in now.items() if self._committed.get(partition) != end}

    def assigned(self, partitions: Sequence[Partition]) -> None:
        """Nothing to prepare: a sink has no state."""

    def revoked(self, partitions: Sequence[Partition]) -> None:
        """Forget what waits there; whoever gets the partitions reads it again."""
        lost = set(partitions)
        for record, queue in list(self._queues.items()):
            queue.writes = deque(
                (write, read) for write, read in queue.writes if Partition(read.topic, read.partition) not in lost
            )
            if not queue.writes:
                del self._queues[record]
        for partition in lost:
            for kept in (self._open, self._read, self._committed):
                kept.pop(partition, None)


def _backoff(tries: int) -> float:
    """Seconds to wait after so many tries: doubling from one second, at most five minutes."""
    return float(min(300, 2 ** (tries - 1)))


def _told(outcome: Applied | Rejected | Overtaken) -> tuple[WriteStatus, str | None, str | None, str | None]:
    """Status, target id, code and reason of an outcome."""
    match outcome:
        case Applied(target_id, changed):
            return (WriteStatus.APPLIED if changed else WriteStatus.UNCHANGED), target_id, None, None
        case Overtaken(found):
            return WriteStatus.OVERTAKEN, None, None, found
        case Rejected():
            return WriteStatus.REJECTED, None, outcome.code, outcome.reason


def _refused(table: EntityMap, write: Write) -> Rejected | None:
    """Whether the mapping cannot express the write; its neighbours go on without it."""
    try:
        table.to_vendor(write.fields)
    except RowError as error:
        return Rejected("INVALID_VALUE", error.reason, error.remedy, error.field)
    return None


def _chunks(queues: Sequence[_Queue], size: int) -> Iterator[list[_Queue]]:
    rest = iter(queues)
    while chunk := list(islice(rest, size)):
        yield chunk
