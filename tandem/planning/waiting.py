"""The writes of a connection that no sink has taken yet, and a run of exactly these; it never takes more."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas import topics
from schemas.codec import Poison, decode
from schemas.log import Listener, Log, Output, Partition, Record
from schemas.messages import Write
from tandem.compose import Deployment
from tandem.kafka.log import group_id
from tandem.kafka.reader import Reader

Ends = Mapping[Partition, int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Writes without an outcome, oldest first within a record, and where they stand."""

    writes: Sequence[Write]
    starts: Ends
    ends: Ends


def waiting(deployment: Deployment, name: str, ends: Ends | None = None) -> Waiting:
    """What waits for a connection; with `ends` only what is before these positions.

    A record that is no write is left to the sink, which parks it.
    """
    topic = topics.writes(name).name
    deployment.admin.reachable()
    if topic not in deployment.admin.sizes():
        return Waiting([], {}, {})
    reader, starts = Reader(deployment.conf), deployment.admin.committed(group_id(f"sink.{name}"), topic)
    found: list[Write] = []
    reached = dict(starts)
    for partition, start in starts.items():
        for record in reader.read(partition, start):
            if ends is not None and record.offset >= ends.get(partition, 0):
                break
            reached[partition] = record.offset + 1
            found += _write(record)
    return Waiting(found, starts, reached)


def _write(record: Record) -> list[Write]:
    try:
        message = decode(record)
    except Poison:
        return []
    return [message] if isinstance(message, Write) else []


class Until(threading.Event):
    """A log that shows nothing at or after the given positions, and an event that is set once all before is done.

    `told` is called with how many positions are done. `stop` ends it early.
    """

    def __init__(
        self, inner: Log, starts: Ends, ends: Ends, stop: threading.Event, told: Callable[[int], None]
    ) -> None:
        super().__init__()
        self._inner, self._ends, self._stop, self._told = inner, ends, stop, told
        self._starts, self._reached = starts, dict(starts)

    def is_set(self) -> bool:
        """Whether every position is reached, or it was told to stop."""
        return self._stop.is_set() or self.done

    @property
    def done(self) -> bool:
        """Whether every position is reached."""
        return all(self._reached.get(partition, 0) >= end for partition, end in self._ends.items())

    def start(self, listener: Listener) -> None:
        """As the log does."""
        self._inner.start(listener)

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        """As the log does, without what came later."""
        return [
            record
            for record in self._inner.poll(limit, timeout)
            if record.offset < self._ends.get(Partition(record.topic, record.partition), 0)
        ]

    def commit(self, outputs: Sequence[Output], positions: Ends) -> Ends:
        """As the log does; remembers how far it has come."""
        written = self._inner.commit(outputs, positions)
        self._reached |= positions
        self._told(sum(end - self._starts.get(partition, 0) for partition, end in self._reached.items()))
        return written

    def restore(self, partition: Partition, start: int = 0) -> Iterator[Record]:
        """As the log does."""
        return self._inner.restore(partition, start)

    def identity(self, topic: str) -> str:
        """As the log does."""
        return self._inner.identity(topic)

    def close(self) -> None:
        """As the log does."""
        self._inner.close()
