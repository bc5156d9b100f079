"""The contract of a connector: a source yields changes, a sink takes writes, a check tells what is missing; none sees Kafka."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mappings.table import EntityMap
from schemas.messages import ChangeKind, Write


@dataclass(frozen=True, slots=True)
class Change:
    """One change as a source saw it. `row` holds the vendor's fields that the mapping names; None for a deletion.

    `version` orders the changes of one record (epoch ms of the vendor's stamp where it has one). After this change
    was published, `cursor` is the value to resume from in `slot`; None forgets the slot (a row that is gone).
    """

    record_id: str
    kind: ChangeKind
    version: int
    row: Mapping[str, object] | None
    occurred_at: datetime
    cursor: str | None
    slot: str = ""
    actor: str | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """The cursor moved though there is no change to publish."""

    cursor: str | None
    slot: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that cannot become a change: it is parked as a dead letter and the rest goes on."""

    subject: str
    code: str
    reason: str
    remedy: str
    field: str | None = None
    payload: str | None = None


Event = Change | Progress | Unreadable


class Source(Protocol):
    """Where changes come from."""

    def changes(self, table: EntityMap, cursors: Mapping[str, str]) -> Iterator[Event]:
        """Everything after the cursors (slot to value; empty at the first start), oldest first; returns when caught up.

        Reads only the fields that the table names. The caller publishes each event before it asks for the next, and
        saves the cursor in the same transaction: what was yielded and not committed is asked for again.
        Raises the errors of `connectors.errors`.
        """


@dataclass(frozen=True, slots=True)
class Applied:
    """The target holds the values now; `changed` is False where it already did and nothing was sent."""

    target_id: str
    changed: bool = True


@dataclass(frozen=True, slots=True)
class Retry:
    """Not applied, and worth trying again after so many seconds (None: the runner's own backoff)."""

    reason: str
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Refused for good: the vendor's code and words, the field where it names one, and what to do."""

    code: str
    reason: str
    remedy: str
    field: str | None = None


Outcome = Applied | Retry | Rejected


class Sink(Protocol):
    """Where writes go."""

    batch_size: int

    def write(self, table: EntityMap, batch: Sequence[Write]) -> Sequence[Outcome]:
        """One outcome per write, in order; at most `batch_size` writes of one entity, at most one per record.

        Raises the errors of `connectors.errors`, and only if nothing of the batch was sent, or if sending it again
        is harmless.
        """


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `tandem check`: what was looked at, whether it is well, and the remedy if not."""

    subject: str
    ok: bool
    detail: str
    remedy: str = ""


class Checkable(Protocol):
    """What can be checked without changing anything."""

    def check(self, tables: Sequence[EntityMap]) -> Iterator[Finding]:
        """Reachability, credentials, objects, fields and permissions, one finding each."""
