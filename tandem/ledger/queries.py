"""Asks the ledger how things are: connections, dead letters, conflicts; it changes nothing and prints nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, exists, func, select

from schemas.log import Partition
from tandem.kafka.following import Extent
from tandem.ledger.answers import Disagreement, LedgerStatus, Letter, RoleStatus, Status
from tandem.ledger.tables import Base

T = Base.metadata.tables
ALIVE = timedelta(seconds=30)  # a feeder that has not been seen for so long is not running
UNKNOWN = "not reported"
OPEN = "open"


class Role(NamedTuple):
    """One process that the configuration names."""

    connection: str
    role: str
    party: str


class Unknown(LookupError):
    """The ledger knows nothing of that name; the message says what to try."""


def status(
    asked: Connection,
    place: str,
    roles: Iterable[Role],
    now: datetime,
    extents: Mapping[Partition, Extent] | None,
) -> Status:
    """How everything is now. `extents`: what the topics hold, where a broker answers."""
    ledger = _ledger(asked, place, now, extents)
    connections = [_role(asked, role, now) for role in roles]
    letters = _counted(asked, "dead_letter", "stage", T["dead_letter"].c.status == OPEN)
    conflicts = _counted(asked, "conflict", "kind", T["conflict"].c.open)
    waiting = _count(asked, "offer_link", T["offer_link"].c.approval == "waiting")
    needs = _needs(ledger, connections, letters, conflicts, waiting)
    return Status(not needs, now, ledger, connections, letters, conflicts, needs)


def nothing_yet(place: str, roles: Iterable[Role], now: datetime) -> Status:
    """How everything is where there is no ledger: nothing has been told."""
    ledger = LedgerStatus(place, None, feeding=False, behind=None, gaps=0, unreadable=0)
    named = [RoleStatus(it.connection, it.role, it.party, UNKNOWN) for it in roles]
    return Status(ok=True, as_of=now, ledger=ledger, connections=named, dead_letters={}, conflicts={}, needs=[])


def _ledger(asked: Connection, place: str, now: datetime, extents: Mapping[Partition, Extent] | None) -> LedgerStatus:
    seen = asked.scalar(select(T["feeder"].c.seen_at))
    return LedgerStatus(
        place=place,
        fed_at=seen,
        feeding=seen is not None and now - seen <= ALIVE,
        behind=None if extents is None else _behind(asked, extents),
        gaps=_count(asked, "gap"),
        unreadable=_count(asked, "unreadable"),
    )


def _behind(asked: Connection, extents: Mapping[Partition, Extent]) -> int:
    rows = asked.execute(select(T["position"]))
    known = {(row.topic, row.partition, row.identity): row.next for row in rows}
    reached = ((it, known.get((spot.topic, spot.number, it.identity), it.first)) for spot, it in extents.items())
    return sum(max(0, it.end - max(it.first, at)) for it, at in reached)


def _role(asked: Connection, role: Role, now: datetime) -> RoleStatus:
    table = T["connection"]
    row = asked.execute(select(table).where(table.c.connection == role.connection, table.c.role == role.role)).first()
    told = _told(row, ("reason", "remedy", "until", "used", "quota", "reserve"))
    told |= {"state": row.state if row else UNKNOWN, "reported_at": row.at if row else None}
    done = _read(asked, role.connection, now) if role.role == "source" else _written(asked, role.connection, now)
    return RoleStatus(role.connection, role.role, role.party, **told, **done)


def _told(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names} if row else {}


def _read(asked: Connection, connection: str, now: datetime) -> dict[str, Any]:
    change = T["change"].c
    ours = change.connection == connection
    return {
        "last_change_at": asked.scalar(select(func.max(change.told_at)).where(ours)),
        "changes_today": asked.scalar(select(func.count()).where(ours, change.told_at >= _midnight(now))) or 0,
    }


def _written(asked: Connection, connection: str, now: datetime) -> dict[str, Any]:
    write, outcome = T["write"].c, T["outcome"].c
    done = exists().where(outcome.write_id == write.id)
    waiting = asked.scalar(select(func.count()).where(write.connection == connection, ~done))
    today = and_(outcome.connection == connection, outcome.finished_at >= _midnight(now))
    return {"waiting": waiting or 0, "outcomes_today": _counted(asked, "outcome", "status", today)}


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _count(asked: Connection, table: str, *where: Any) -> int:
    return asked.scalar(select(func.count()).select_from(T[table]).where(*where)) or 0


def _counted(asked: Connection, table: str, by: str, where: Any) -> dict[str, int]:
    column = T[table].c[by]
    return {
        row[0]: row[1]
        for row in asked.execute(select(column, func.count()).where(where).group_by(column).order_by(column))
    }


def _needs(
    ledger: LedgerStatus,
    roles: Sequence[RoleStatus],
    letters: Mapping[str, int],
    conflicts: Mapping[str, int],
    approvals: int,
) -> list[str]:
    found = [
        f"{it.connection} {it.role} is stopped: {it.reason} {it.remedy}".strip()
        for it in roles
        if it.state == "stopped"
    ]
    if letters:
        found.append(f"{sum(letters.values())} dead letters are open: `tandem deadletters list`")
    if conflicts:
        found.append(f"{sum(conflicts.values())} conflicts wait for a person: `tandem conflicts list`")
    if approvals:
        found.append(f"{approvals} private offers wait for approval: `tandem offers list --waiting`")
    if ledger.fed_at is not None and not ledger.feeding:
        found.append(
            "the ledger is not being fed, all this may be out of date: start `tandem up` or `tandem ledger run`"
        )
    if ledger.gaps:
        found.append(
            f"{ledger.gaps} stretches of the topics were dropped before they were fed, so some history is missing: keep "
            "the feeder running"
        )
    if ledger.unreadable:
        found.append(
            f"{ledger.unreadable} records could not be read (table `unreadable`): after an update, `tandem ledger rebuild`"
        )
    return found


def letters(
    asked: Connection, which: str | None = OPEN, stage: str | None = None, code: str | None = None
) -> list[Letter]:
    """Dead letters of a status (none: of any), the oldest first."""
    table = T["dead_letter"]
    wanted = {"status": which, "stage": stage, "code": code}
    conditions = [table.c[name] == value for name, value in wanted.items() if value is not None]
    rows = asked.execute(select(table).where(*conditions).order_by(table.c.parked_at, table.c.id))
    return [_letter(row) for row in rows]


def letter(asked: Connection, name: str) -> Letter:
    """One dead letter by its id, or by the beginning of its id where that is enough."""
    table = T["dead_letter"]
    return _letter(_one(asked, table, name, "dead letter", "tandem deadletters list --all"))


def conflicts(asked: Connection, *, only_open: bool = True) -> list[Disagreement]:
    """Conflicts, the oldest first."""
    table = T["conflict"]
    condition = [table.c.open] if only_open else []
    rows = asked.execute(select(table).where(*condition).order_by(table.c.found_at, table.c.id))
    return [_disagreement(row) for row in rows]


def conflict(asked: Connection, name: str) -> Disagreement:
    """One conflict by its id, or by the beginning of its id where that is enough."""
    return _disagreement(_one(asked, T["conflict"], name, "conflict", "tandem conflicts list --all"))


def _one(asked: Connection, table: Any, name: str, what: str, where: str) -> Any:
    rows = asked.execute(select(table).where(table.c.id.startswith(name, autoescape=True)).limit(2)).all()
    if not name or len(rows) != 1:
        many = "several are called so" if rows else "there is none"
        raise Unknown(f"no one {what} is {name!r}: {many}. Remedy: `{where}` shows their ids.")
    return rows[0]


def _letter(row: Any) -> Letter:
    return Letter(**{name: getattr(row, name) for name in Letter.__slots__})


def _disagreement(row: Any) -> Disagreement:
    return Disagreement(**{name: getattr(row, name) for name in Disagreement.__slots__})
