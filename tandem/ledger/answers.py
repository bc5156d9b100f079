"""What the ledger answers, as plain values: the command line shows them, and a web console can; they hold no query."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class RoleStatus:
    """One process of one connection. `waiting` counts writes without an outcome; the day is that of UTC."""

    connection: str
    role: str
    party: str
    state: str
    reason: str = ""
    remedy: str = ""
    until: datetime | None = None
    reported_at: datetime | None = None
    used: int | None = None
    quota: int | None = None
    reserve: int | None = None
    last_change_at: datetime | None = None
    changes_today: int = 0
    waiting: int = 0
    outcomes_today: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LedgerStatus:
    """The ledger itself. `behind` counts what the topics hold and it does not; none where no broker answers."""

    place: str
    fed_at: datetime | None
    feeding: bool
    behind: int | None
    gaps: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Status:
    """How the whole deployment is. `needs` says what needs a person, each with its remedy."""

    ok: bool
    as_of: datetime
    ledger: LedgerStatus
    connections: list[RoleStatus]
    dead_letters: dict[str, int]
    conflicts: dict[str, int]
    needs: list[str]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: a change, a decision, a write, an outcome, a conflict or a dead letter."""

    at: datetime
    kind: str
    id: str
    subject: str
    what: str
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)  # name to before and after
    reasons: list[str] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    own: bool = False
    offset: int = 0  # in its topic: of what happened at one time the order in which it was said


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several things that are called so."""

    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Trace:
    """All that is known of one thing, oldest first. `more` says that older events were left out."""

    asked: str
    title: str
    key: str | None
    members: list[str]
    events: list[Event]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter as it stands: open, retried or discarded."""

    id: str
    stage: str
    subject: str
    field: str | None
    code: str
    reason: str
    remedy: str
    origin: str | None
    payload: str | None
    event_id: str | None
    first_parked_at: datetime
    parked_at: datetime
    times: int
    status: str
    resolved_by: str | None
    resolved_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A conflict as it stands."""

    id: str
    kind: str
    entity: str
    key: str | None
    refs: list[str]
    field: str | None
    kept: Any
    lost: Any
    open: bool
    reason: str
    remedy: str
    causes: list[str]
    found_at: datetime
