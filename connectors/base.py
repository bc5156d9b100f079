"""The contract of a connector: a source yields changes, a sink takes writes, a check tells what is missing; none sees Kafka."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from mappings.table import EntityMap
from schemas.messages import ChangeKind, Write

STREAM = ""  # the entity of a slot that belongs to the whole source


@dataclass(frozen=True, slots=True)
class Change:
    """One change as a source saw it. `row` holds the vendor's fields that the mapping names; None where it is gone.

    `version` orders the changes of one record (epoch ms of the vendor's stamp where it has one). After this change
    was published, `cursor` is the value to resume from in `slot` of `cursor_of` (an entity, or `STREAM` where one cursor
    serves all; None: the change's own entity); None forgets the slot (a row that is gone).

    `transaction` names what the system did at once: the runner keeps changes that follow each other with the same name
    together. A merge is one change of each loser (`MERGED`, with `merged_into`) and one of the winner (with `absorbed`).
    `party` is whose record it is, where one system tells of several parties; None: the connection's.
    """

    entity: str
    record_id: str
    kind: ChangeKind
    version: int
    row: Mapping[str, object] | None
    occurred_at: datetime
    cursor: str | None
    slot: str = ""
    cursor_of: str | None = None
    actor: str | None = None
    own: bool = False
    origin: str | None = None
    transaction: str | None = None
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()
    party: str | None = None

    @property
    def place(self) -> str:
        """Where its cursor is kept."""
        return place(self.entity if self.cursor_of is None else self.cursor_of, self.slot)


@dataclass(frozen=True, slots=True)
class Progress:
    """The cursor moved though there is no change to publish; `note` says how far a long walk has come."""

    entity: str
    cursor: str | None
    slot: str = ""
    note: str = ""

    @property
    def place(self) -> str:
        """Where the cursor is kept."""
        return place(self.entity, self.slot)


def place(entity: str, slot: str) -> str:
    """The key of a cursor: `entity/slot`."""
    return f"{entity}/{slot}"


def slots_of(entity: str, cursors: Mapping[str, str]) -> dict[str, str]:
    """The slots of one entity (or of `STREAM`) among all cursors of a source."""
    head = place(entity, "")
    return {key.removeprefix(head): value for key, value in cursors.items() if key.startswith(head)}


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


@dataclass(frozen=True, slots=True)
class Budget:
    """What a vendor's quota stands at: calls used, allowed, and left to others for good."""

    used: int
    quota: int
    reserve: int


class Source(Protocol):
    """Where changes come from."""

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """Everything after the cursors, oldest first; returns when caught up (a stream: when nothing more has come).

        `tables` are the entities to read, `cursors` the saved values by `place` (empty at the first start). Reads only
        the fields that the tables name. The caller publishes each event before it asks for the next, and saves the
        cursor in the same transaction: what was yielded and not committed is asked for again. A stream may stay open
        between two calls as long as the cursors that come in are those that it minted last.
        Raises the errors of `connectors.errors`.
        """

    def budget(self) -> Budget | None:
        """The quota as of the last answer that told it; None where there is none or it is not known yet."""

    def close(self) -> None:
        """Let go of what is open (a stream, a listener); what was not committed is asked for again."""


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


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Not written, because the record is no longer what the decision took it to be; `found` says what stands there."""

    found: str


Outcome = Applied | Retry | Rejected | Overtaken


class Sink(Protocol):
    """Where writes go."""

    @property
    def batch_size(self) -> int:
        """How many writes one call takes at most."""

    def write(self, tables: Mapping[str, EntityMap], batch: Sequence[Write]) -> Sequence[Outcome]:
        """One outcome per write, in order; at most `batch_size` writes of one entity, at most one per record.

        `tables` are all that the connection may write, for the parents that a write brings along. A write with
        `expected` goes only where each of those fields is as expected or already as wanted, else it is `Overtaken`.
        An archive of what is gone already is applied, unchanged.
        Raises the errors of `connectors.errors`, and only if nothing of the batch was sent, or if sending it again
        is harmless.
        """

    def look(self, table: EntityMap, batch: Sequence[Write]) -> Sequence[Mapping[str, JsonValue] | None]:
        """What stands now in the fields of each write, canonical; None where there is no such record. Writes nothing."""

    def budget(self) -> Budget | None:
        """As for a source."""


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
