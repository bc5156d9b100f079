"""Asks the ledger for deal registrations: where each stands, whom it protects, who has to decide; it changes nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from schemas.partners import RegistrationStatus
from tandem.ledger.queries import Unknown
from tandem.ledger.tables import Base

T = Base.metadata.tables
Answer = TypeVar("Answer")
IN_REVIEW = RegistrationStatus.IN_REVIEW.value
LIVE = tuple(
    each.value
    for each in (
        RegistrationStatus.IN_REVIEW,
        RegistrationStatus.SUBMITTED,
        RegistrationStatus.RETURNED,
        RegistrationStatus.APPROVED,
        RegistrationStatus.EXPIRED,
    )
)


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration as it stands; records are named connection/entity/id, days and moments are text."""

    registration: str
    twins: list[str]
    name: str
    status: str
    partner: str
    partner_name: str
    account: str | None
    deal: str | None
    submitted_at: str | None
    approved_at: str | None
    approved_by: str | None
    protected_until: str | None
    margin_percent: str | None
    missing: list[str]
    conflict_with: str | None
    rule: str | None
    approvals: list[dict[str, Any]]
    reasons: list[str]
    next_step: str | None
    decided_at: str


@dataclass(frozen=True, slots=True)
class Due:
    """What a partner is due for the deal of a registration."""

    deal: str
    partner: str
    kind: str
    amount: str
    currency: str
    basis: str


@dataclass(frozen=True, slots=True)
class Step:
    """Where it stood at one time, and why."""

    at: datetime
    status: str
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is known of one registration: how it stands, what it earned, and the latest steps, oldest first."""

    registration: Registered
    fees: list[Due]
    steps: list[Step]


def standing(
    asked: Connection, statuses: Collection[str] = (), *, partner: str | None = None, every: bool = False
) -> list[Registered]:
    """Those of these statuses, or those that are not over, or all; the ones that wait for a person first, then the latest."""
    row = T["registration"].c
    wanted = tuple(statuses) or (() if every else LIVE)
    conditions: list[Any] = [row.status.in_(wanted)] if wanted else []
    conditions += [row.partner == partner] if partner is not None else []
    found = [_of(Registered, content) for content in asked.scalars(select(row.content).where(*conditions))]
    found.sort(key=lambda it: (it.decided_at, it.registration), reverse=True)
    return sorted(found, key=lambda it: it.status != IN_REVIEW)


def shown(asked: Connection, name: str, limit: int = 10) -> Shown:
    """One by its whole name, its id in any of its systems, or the id of its deal. Raises `Unknown`."""
    row, fee = T["registration"].c, T["fee"].c
    ref = named(asked, name)
    content = asked.scalars(select(row.content).where(row.registration == ref)).first()
    if content is None:
        raise _unknown(name)
    fees = asked.scalars(select(fee.content).where(fee.registration == ref).order_by(fee.deal, fee.partner))
    return Shown(_of(Registered, content), [_of(Due, each) for each in fees], _steps(asked, ref, limit))


def named(asked: Connection, name: str, connections: Collection[str] | None = None) -> str:
    """The registration that a person means; of one that stands in several systems the record that leads. Raises `Unknown`.

    `connections`: only of these; a record that was read and not decided yet is found as well.
    """
    row, record, known = T["registration"].c, T["registration_record"].c, T["record"].c
    conditions = (record.ref == name,) if name.count("/") >= 2 else (record.ref.endswith(f"/{name}", autoescape=True),)
    refs = list(asked.scalars(select(record.registration).where(*conditions).distinct().order_by(record.registration)))
    if not refs:
        deal = row.deal == name if name.count("/") >= 2 else row.deal.endswith(f"/{name}", autoescape=True)
        refs = list(asked.scalars(select(row.registration).where(deal).order_by(row.registration)))
    if not refs:
        read = known.ref == name if name.count("/") >= 2 else known.record_id == name
        refs = list(asked.scalars(select(known.ref).where(read, known.entity == "registration").order_by(known.ref)))
    leading = [ref for ref in _leading(asked, refs) if connections is None or ref.split("/")[0] in connections]
    if len(leading) == 1:
        return leading[0]
    if leading:
        raise Unknown(f"{name!r} may be any of several: {', '.join(leading)}. Remedy: name one of them.")
    raise _unknown(name)


def _leading(asked: Connection, refs: Collection[str]) -> list[str]:
    """Without those that have become twins of another one: their last word names the one that leads."""
    row = T["registration"].c
    rows = asked.execute(select(row.registration, row.content).where(row.registration.in_(refs)))
    twins = {twin for each in rows for twin in each.content["twins"]}
    return [ref for ref in dict.fromkeys(refs) if ref not in twins]


def _steps(asked: Connection, ref: str, limit: int) -> list[Step]:
    it = T["decision"].c
    wanted = select(it.decided_at, it.reasons, it.content).where(it.subject == ref, it.kind == "registration")
    rows = asked.execute(wanted.order_by(it.decided_at.desc(), it.at_offset.desc()).limit(limit)).all()
    return [Step(row.decided_at, row.content["status"], list(row.reasons)) for row in reversed(rows)]


def _unknown(name: str) -> Unknown:
    return Unknown(
        f"the ledger knows no registration {name!r}. Remedy: name it by its id, by the id of its deal, or as "
        "connection/registration/id; `tandem registrations list --all` shows what there is."
    )


def _of(kind: type[Answer], content: Mapping[str, Any]) -> Answer:
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: content.get(name) for name in names})
