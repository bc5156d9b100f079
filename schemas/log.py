"""What a loop needs of a broker and no more; it never says which broker."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

Headers = list[tuple[str, bytes]]


class Partition(NamedTuple):
    """One partition of one topic."""

    topic: str
    number: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.number}]"


class Record(NamedTuple):
    """One record as read. `timestamp_ms` is the broker's or producer's stamp in epoch milliseconds."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int

    @property
    def position(self) -> str:
        """Where it stands: `topic[partition]@offset`."""
        return f"{self.topic}[{self.partition}]@{self.offset}"


class Output(NamedTuple):
    """One record to write. Without a partition the key decides; a None value is a tombstone."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers | None = None
    partition: int | None = None


class Listener(Protocol):
    """Who wants to know which partitions are ours. Called from within `Log.poll`, never during a commit."""

    def assigned(self, partitions: Sequence[Partition]) -> None:
        """These are ours from now on; restore what belongs to them before returning."""

    def revoked(self, partitions: Sequence[Partition]) -> None:
        """These are no longer ours; everything polled from them and not committed will be read by another."""


class Journal(Protocol):
    """A transactional producer with a memory: all that a source needs. Errors as for `Log`."""

    def commit(self, outputs: Sequence[Output], positions: Mapping[Partition, int]) -> Mapping[Partition, int]:
        """Write the outputs and move the group to the positions (the next offset to read), all or nothing.

        Returns for each partition that was written with an explicit number the offset after its last output.
        """

    def restore(self, partition: Partition, start: int = 0) -> Iterator[Record]:
        """The committed records of a partition from `start` (or the oldest kept) up to its end as of this call."""

    def close(self) -> None:
        """Let go of it; nothing uncommitted is kept."""


class Log(Journal, Protocol):
    """A consumer group member and a transactional producer behind one small face.

    Errors: `Fenced` when another instance has taken over (exit), `Aborted` when a commit left no trace and the
    log has gone back to the last committed positions (drop the batch, poll again).
    """

    def start(self, listener: Listener) -> None:
        """Join the group; the listener hears of partitions from now on."""

    def poll(self, limit: int, timeout: float) -> Sequence[Record]:
        """At most `limit` committed records, waiting at most `timeout` seconds for the first.

        A limit of 0 reads nothing and only keeps the membership alive: what a slow target needs.
        """

    def identity(self, topic: str) -> str:
        """The broker's own id of the topic: another one means that the topic was deleted and made anew."""


class LogError(Exception):
    """The root of what a log raises."""


class Aborted(LogError):
    """The commit did not happen and left no trace; the log reads on from the last committed positions."""


class Fenced(LogError):
    """Another instance has taken over; this one must stop at once and write nothing more."""


class Unreachable(LogError):
    """The broker does not answer; the message names its address and what to check."""


class WrongTopic(LogError):
    """A topic is there but not as it must be; the message says what to do."""
