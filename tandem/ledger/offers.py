"""Asks the ledger for private offers: chains of deals, offers without a deal, invitations; it changes and prints nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from tandem.ledger.chains import chain_of
from tandem.ledger.queries import Unknown
from tandem.ledger.tables import Base

T = Base.metadata.tables
WAITING = "waiting"
PENDING = "pending"
NONE = "none"  # how `--state` names deals without an offer
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Chain:
    """A deal, its private offer and co-sell opportunity as they stand; records are named connection/entity/id."""

    deal: str
    deal_name: str | None
    twins: list[str]
    state: str | None
    step: str
    reasons: list[str]
    cosell: str | None
    cosell_status: str | None
    cosell_stage: str | None
    change_set: str | None
    offer: str | None
    offer_set: str | None
    agreements: list[str]
    licenses: list[str]
    amount: str | None
    currency: str | None
    accept_by: str | None
    ends_on: str | None
    next_step: str | None
    problem: str | None
    approval: str | None
    decided_at: str


@dataclass(frozen=True, slots=True)
class Match:
    """An offer that Tandem did not make, and the deals that it may be for, the best one first."""

    offer: str
    offer_name: str
    status: str
    deal: str | None
    confidence: float
    reasons: list[str]
    candidates: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Invitation:
    """The cloud vendor invites us into a deal of its own."""

    ref: str
    title: str | None
    company: str | None
    country: str | None
    status: str | None
    invited_at: str | None
    expires_at: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """What has happened once, and what the state was after it."""

    at: datetime
    step: str
    state: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is known of one deal or offer: its chain, or how it was matched, or both; the latest steps, oldest first."""

    chain: Chain | None
    match: Match | None
    steps: list[Step]


def chains(
    asked: Connection, states: Collection[str] = (), *, problem: bool = False, waiting: bool = False
) -> list[Chain]:
    """The chains that fit every filter, those that need somebody first, then the latest."""
    link = T["offer_link"].c
    named = link.state.in_([each for each in states if each != NONE])
    conditions = [or_(named, link.state.is_(None)) if NONE in states else named] if states else []
    conditions += [link.problem.is_not(None)] if problem else []
    conditions += [link.approval == WAITING] if waiting else []
    found = [_of(Chain, row.content) for row in asked.execute(select(link.content).where(*conditions))]
    found.sort(key=lambda it: (it.decided_at, it.deal), reverse=True)
    return sorted(found, key=lambda it: (it.approval != WAITING, it.problem is None))


def shown(asked: Connection, name: str, limit: int = 10) -> Shown:
    """Of a deal, an offer, an agreement, a change set or an opportunity. Raises `Unknown`."""
    for ref in _refs(asked, name):
        chain, match = chain_of(asked, ref), T["offer_match"].c
        matched = asked.execute(select(match.content).where(match.offer == ref)).first()
        if chain is not None or matched is not None:
            subject = ref if chain is None else str(chain["deal"])
            return Shown(
                None if chain is None else _of(Chain, chain),
                None if matched is None else _of(Match, matched.content),
                _steps(asked, subject, limit),
            )
    raise Unknown(
        f"nothing is known of a private offer of {name!r}. Remedy: name a deal, an offer, an agreement or an opportunity "
        "by its id or as connection/entity/id; `tandem offers list` and `tandem offers unlinked` show what there is."
    )


def unlinked(asked: Connection) -> list[Match]:
    """Offers that are no deal's: those with a proposal first, the surest one at the top."""
    match = T["offer_match"].c
    rows = asked.execute(select(match.content).where(match.status != "linked"))
    found = [_of(Match, row.content) for row in rows]
    return sorted(found, key=lambda it: (it.status != "proposed", -it.confidence, it.offer_name))


def invitations(asked: Connection, *, every: bool = False) -> list[Invitation]:
    """Those that wait for an answer, or all, the one that expires first at the top."""
    record, change = T["record"].c, T["change"].c
    wanted = select(record.ref, change.fields).join(T["change"], change.id == record.change_id)
    rows = asked.execute(wanted.where(record.entity == "cosell_invitation", record.kind == "upserted"))
    found = [_of(Invitation, {"ref": row.ref, **(row.fields or {})}) for row in rows]
    waiting = [it for it in found if every or it.status == PENDING]
    return sorted(waiting, key=lambda it: (it.expires_at or "9", it.ref))


def named(asked: Connection, name: str, entity: str, connections: Collection[str]) -> str:
    """The record that a person means: by its whole name, its id, or for a deal by anything in its chain.

    Of a deal in several CRMs the one that leads. Raises `Unknown`.
    """
    found = [ref for ref in _refs(asked, name) if ref.split("/")[0] in connections]
    if entity == "deal":
        leading = [chain["deal"] if (chain := chain_of(asked, ref)) else ref for ref in found]
        found = list(dict.fromkeys(leading))
    fitting = [ref for ref in found if ref.split("/")[1] == entity]
    if len(fitting) == 1:
        return fitting[0]
    what, several = entity.replace("_", " "), ", ".join(fitting)
    if fitting:
        raise Unknown(f"{name!r} is the id of several: {several}. Remedy: name one of them.")
    raise Unknown(
        f"the ledger knows no {what} {name!r}. Remedy: name it as connection/{entity}/id; "
        "`tandem status` says whether the ledger is up to date."
    )


def _refs(asked: Connection, name: str) -> list[str]:
    """The records that a name may mean, those that are in a chain first."""
    if name.count("/") >= 2:
        return [name]
    record, of, match = T["record"].c, T["offer_link_record"].c, T["offer_match"].c
    found: list[str] = []
    for column, condition in (
        (of.ref, _ends(of.ref, name)),
        (match.offer, _ends(match.offer, name)),
        (record.ref, and_(record.record_id == name)),
    ):
        found += asked.scalars(select(column).where(condition).distinct().order_by(column))
    return list(dict.fromkeys(found))


def _ends(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    return column.endswith(f"/{name}", autoescape=True)


def _steps(asked: Connection, subject: str, limit: int) -> list[Step]:
    decision = T["decision"].c
    wanted = select(decision.decided_at, decision.content).where(decision.subject == subject, decision.kind == "offer")
    rows = asked.execute(wanted.order_by(decision.decided_at.desc(), decision.at_offset.desc()).limit(limit)).all()
    return [Step(row.decided_at, row.content["step"], row.content.get("state")) for row in reversed(rows)]


def _of(kind: type[Answer], content: Mapping[str, Any]) -> Answer:
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: content.get(name) for name in names})
