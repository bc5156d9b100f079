"""What a topic is: its name, key, values and retention; it names none."""

from dataclasses import dataclass
from enum import StrEnum

from schemas.messages import Message

DAY_MS = 24 * 3600 * 1000
FOREVER = -1


class Cleanup(StrEnum):
    """What Kafka does with old records: drop them by age, or keep the last of each key."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `key` says in words what its records are keyed and partitioned by."""

    name: str
    key: str
    about: str
    messages: tuple[type[Message], ...]
    cleanup: Cleanup = Cleanup.DELETE
    retention_ms: int = 7 * DAY_MS
    partitions: int | None = None  # None: as many as the deployment says
    outcomes_of: frozenset[str] = frozenset()  # the entities the fate of whose writes an input takes

    @property
    def config(self) -> dict[str, str]:
        """The topic-level settings that a broker needs.

        Compacted topics have no retention: an emptied changelog cannot be restored. They keep deletions for a month:
        cached state that was away for less learns of each.
        """
        if self.cleanup is Cleanup.COMPACT:
            kept = {"retention.ms": str(FOREVER), "delete.retention.ms": str(30 * DAY_MS)}
        else:
            kept = {"retention.ms": str(self.retention_ms)}
        return {"cleanup.policy": self.cleanup.value, **kept}
