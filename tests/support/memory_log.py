"""`schemas.log.Log` in memory: partitions, groups and transactions as Kafka has them, faults on demand."""

import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.log import Aborted, Listener, Output, Partition, Record


class Crash(BaseException):
    """The process died at this point (no `except Exception` may catch it)."""


@dataclass
class MemoryBroker:
    """Topics of `partitions` partitions each; `faults` are taken by the next commits, in order.

    Fault "abort": the commit leaves no trace. "die-before": the process dies before it. "die-after": right after it.
    """

    partitions: int = 4
    topics: dict[Partition, list[Record]] = field(default_factory=lambda: defaultdict(list))
    committed: dict[tuple[str, Partition], int] = field(default_factory=dict)
    faults: list[str | None] = field(default_factory=list)

    def append(self, output: Output) -> int:
        number = output.partition
        if number is None:
            number = zlib.crc32(output.key or b"") % self.partitions
        spot = Partition(output.topic, number)
        offset = len(self.topics[spot])
        stamp = sum(map(len, self.topics.values()))
        self.topics[spot].append(
            Record(output.topic, number, offset, output.key, output.value, list(output.headers or []), stamp)
        )
        return offset + 1

    def read(self, topic: str) -> list[Record]:
        return [record for spot, records in self.topics.items() if spot.topic == topic for record in records]

    def behind(self, group: str, topic: str) -> int:
        """How many records of the topic the group has not committed."""
        spots = [spot for spot in self.topics if spot.topic == topic]
        return sum(len(self.topics[spot]) - self.committed.get((group, spot), 0) for spot in spots)

    def publish(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            self.append(output)


class MemoryLog:
    """One member that owns all partitions of its topic."""

    def __init__(self, broker: MemoryBroker, group: str, topic: str) -> None:
        self._broker, self._group, self._topic = broker, group, topic
        self._spots = [Partition(topic, number) for number in range(broker.partitions)]
        self._next: dict[Partition, int] = {}
        self._listener: Listener | None = None

    def start(self, listener: Listener) -> None:
        self._listener = listener

    def poll(self, limit: int, timeout: float) -> list[Record]:
        if not self._next:
            assert self._listener is not None
            self._listener.assigned(self._spots)
            self._next = {spot: self._broker.committed.get((self._group, spot), 0) for spot in self._spots}
        found: list[Record] = []
        for spot in self._spots:
            fresh = self._broker.topics[spot][self._next[spot] :][: limit - len(found)]
            self._next[spot] += len(fresh)
            found += fresh
        return found

    def commit(self, outputs: Sequence[Output], positions: Mapping[Partition, int]) -> dict[Partition, int]:
        fault = self._broker.faults.pop(0) if self._broker.faults else None
        if fault == "die-before":
            raise Crash
        if fault == "abort":
            self._next = {spot: self._broker.committed.get((self._group, spot), 0) for spot in self._spots}
            raise Aborted("as the test asked")
        ends = {}
        for output in outputs:
            end = self._broker.append(output)
            if output.partition is not None:
                ends[Partition(output.topic, output.partition)] = end
        for spot, position in positions.items():
            self._broker.committed[self._group, spot] = position
        if fault == "die-after":
            raise Crash
        return ends

    def restore(self, partition: Partition, start: int = 0) -> Iterator[Record]:
        return iter(self._broker.topics[partition][start:])

    def identity(self, topic: str) -> str:
        return topic

    def close(self) -> None:
        self._next = {}
