"""What the follower needs of a broker, and what tells one topic from a later one of the same name; it reads nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from schemas.log import Partition
from tandem.kafka.following import Batch, Extent


class Feed(Protocol):
    """The records of the ledger's topics, from positions that the ledger keeps. Errors: `schemas.log.LogError`."""

    def extents(self) -> Mapping[Partition, Extent]:
        """What there is to read of every partition now."""

    def identities(self) -> Mapping[str, str]:
        """What each topic is called by its broker: another one means that it was made anew."""

    def assign(self, positions: Mapping[Partition, int]) -> None:
        """Read on from these offsets."""

    def poll(self, limit: int, timeout: float) -> Batch:
        """At most `limit` records, waiting at most `timeout` seconds."""

    def close(self) -> None:
        """Let go of it."""


def of_one_life(port_file: Path) -> Callable[[str], str]:
    """The identity of topics in the embedded broker, which gives them none: it is empty at each start.

    It writes its port file anew at each start; that moment is the same for every process that asks.
    """

    def identity(topic: str) -> str:
        return f"embedded-{port_file.stat().st_mtime_ns}"

    return identity
