"""Asks the ledger for leads and for what a rehearsal of the routing needs; it changes and prints nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from schemas.entities import Overlap, OverlapStatus
from schemas.messages import LeadRouted, PartnerDecided, RegistrationDecided, RouteState
from tandem.ledger.queries import Unknown
from tandem.ledger.tables import Base

T = Base.metadata.tables
FIRST = frozenset({RouteState.OFFERED, RouteState.ACCEPTED, RouteState.DIRECT})  # how a lead first sets out
LIVE = ("approved", "converted")


@dataclass(frozen=True, slots=True)
class Step:
    """What was decided once."""

    at: datetime
    state: str
    partner: str | None
    reasons: list[str]


def routes(asked: Connection, states: Collection[str] = (), partner: str | None = None) -> list[LeadRouted]:
    """Where leads are, the latest first."""
    row = T["lead_route"].c
    conditions: list[ColumnElement[bool]] = [row.state.in_(list(states))] if states else []
    conditions += [row.partner == partner] if partner is not None else []
    wanted = select(row.content).where(*conditions).order_by(row.decided_at.desc(), row.lead)
    return [LeadRouted.model_validate(each) for each in asked.scalars(wanted)]


def route(asked: Connection, name: str) -> LeadRouted:
    """One lead, by its id or as connection/lead/id. Raises `Unknown`."""
    row = T["lead_route"].c
    which = row.lead == name if name.count("/") >= 2 else row.lead.endswith(f"/{name}", autoescape=True)
    found = asked.execute(select(row.lead, row.content).where(which).order_by(row.lead)).all()
    if len(found) == 1:
        return LeadRouted.model_validate(found[0].content)
    if found:
        several = ", ".join(each.lead for each in found)
        raise Unknown(f"{name!r} is the id of several: {several}. Remedy: name one of them.")
    raise Unknown(
        f"no lead {name!r} was routed. Remedy: name it by its id or as connection/lead/id; `tandem leads list` shows what "
        "there is. A lead that is not for routing ([intake] in routing.toml) is in none of them."
    )


def steps(asked: Connection, lead: str, limit: int = 20) -> list[Step]:
    """What was decided of a lead, the latest last."""
    row = T["decision"].c
    wanted = select(row.decided_at, row.content).where(row.subject == lead, row.kind == "lead")
    rows = asked.execute(wanted.order_by(row.decided_at.desc(), row.at_offset.desc()).limit(limit)).all()
    told = ((each.decided_at, LeadRouted.model_validate(each.content)) for each in reversed(rows))
    return [Step(at, fact.state.value, fact.partner_name, list(fact.reasons)) for at, fact in told]


def first_routed(asked: Connection, since: datetime) -> list[LeadRouted]:
    """How each lead first set out, of those that did since then, the earliest first."""
    row = T["decision"].c
    wanted = select(row.subject, row.content).where(row.kind == "lead", row.decided_at >= since)
    found: dict[str, LeadRouted] = {}
    for each in asked.execute(wanted.order_by(row.decided_at, row.at_offset)):
        fact = LeadRouted.model_validate(each.content)
        if fact.lead not in found and fact.state in FIRST and fact.assignment <= 1 and fact.inputs is not None:
            found[fact.lead] = fact
    return list(found.values())


def partners(asked: Connection) -> list[PartnerDecided]:
    """Every partner as it stands."""
    row = T["partner"].c
    return [PartnerDecided.model_validate(each) for each in asked.scalars(select(row.content).order_by(row.partner))]


def partner(asked: Connection, key: str) -> PartnerDecided:
    """One partner by its key. Raises `Unknown`."""
    row = T["partner"].c
    found: dict[str, Any] | None = asked.scalar(select(row.content).where(row.partner == key))
    if found is None:
        raise Unknown(f"no partner has the key {key!r}. Remedy: `tandem partners list` shows the keys.")
    return PartnerDecided.model_validate(found)


def registrations(asked: Connection) -> list[RegistrationDecided]:
    """Those that protect their partner."""
    row = T["registration"].c
    wanted = select(row.content).where(row.status.in_(LIVE)).order_by(row.registration)
    return [RegistrationDecided.model_validate(each) for each in asked.scalars(wanted)]


def overlaps(asked: Connection) -> list[Overlap]:
    """Those that are active."""
    row = T["overlap"].c
    wanted = select(row.content).where(row.status == OverlapStatus.ACTIVE.value).order_by(row.key)
    return [Overlap.model_validate(each) for each in asked.scalars(wanted)]
