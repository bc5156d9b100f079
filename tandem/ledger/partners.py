"""Asks the ledger for partners: tier, certifications, leads, registrations, attribution, fees, notices; it changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, or_, select

from schemas.messages import RouteState
from tandem.ledger.queries import Unknown
from tandem.ledger.tables import Base

T = Base.metadata.tables
Values = dict[str, Any]
OPEN = (RouteState.OFFERED, RouteState.ACCEPTED, RouteState.WORKING)  # with a partner, and neither a deal nor over
ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Line:
    """A partner in one line. `certified` counts people; `next_lapse_on` is the first day on which anything of it lapses."""

    partner: str
    name: str
    status: str
    tier: str | None
    certified: int
    certifications: int
    open_leads: int
    onboarding: str
    next_lapse_on: str | None
    next_step: str | None


@dataclass(frozen=True, slots=True)
class Credit:
    """What a model gives a partner of all deals in one currency."""

    model: str
    currency: str | None
    amount: str
    deals: int


@dataclass(frozen=True, slots=True)
class Whole:
    """All that is known of one partner: rows as they were decided last, the latest first."""

    line: Line
    refs: list[str]
    people: list[str]
    reasons: list[str]
    tier_since: str | None
    tier_lapses_on: str | None
    revenue: str | None
    currency: str | None
    certifications: list[Values]
    milestones: list[Values]
    registrations: list[Values]
    leads: list[Values]
    sourced: int
    influenced: int
    attribution: list[Credit]
    fees: list[Values]


def lines(asked: Connection, *, every: bool = False) -> list[Line]:
    """The partners that are active, or all, by name."""
    row = T["partner"].c
    wanted = select(row.content) if every else select(row.content).where(row.status == ACTIVE)
    open_leads = _open_leads(asked)
    found = [_line(it, open_leads) for it in asked.scalars(wanted)]
    return sorted(found, key=lambda it: (it.name.casefold(), it.partner))


def whole(asked: Connection, name: str, limit: int = 20) -> Whole:
    """A partner by its key, its name, or one of its records; of its leads and so on the latest. Raises `Unknown`."""
    it = _named(asked, name)
    key = it["partner"]
    deals = _deals(asked, key)
    return Whole(
        line=_line(it, _open_leads(asked)),
        refs=it["refs"],
        people=it["users"],
        reasons=it["reasons"],
        tier_since=it["tier_since"],
        tier_lapses_on=it["tier_lapses_on"],
        revenue=it["revenue"],
        currency=it["currency"],
        certifications=_certifications(asked, key),
        milestones=it["milestones"],
        registrations=_latest(asked, "registration", key, ("registration", "name", "status", "protected_until"), limit),
        leads=_latest(asked, "lead_route", key, ("lead", "name", "state", "rule"), limit),
        sourced=sum(each["sourced_by"] == key for each in deals),
        influenced=len(deals),
        attribution=_credits(deals, key),
        fees=_latest(asked, "fee", key, ("deal", "kind", "amount", "currency"), limit),
    )


def notices(
    asked: Connection, today: date, *, every: bool = False, partner: str | None = None, about: str | None = None
) -> list[Values]:
    """What was said of days that are still to come, or of all, the first day at the top."""
    row = T["notice"].c
    columns = (row.partner, row.about, row.subject, row.due_on, row.to, row.words, row.decided_at)
    conditions = [] if every else [row.due_on >= today.isoformat()]
    conditions += [row[name] == value for name, value in (("partner", partner), ("about", about)) if value is not None]
    wanted = select(*columns).where(*conditions).order_by(row.due_on, row.partner, row.subject, row.id)
    return [dict(each) for each in asked.execute(wanted).mappings()]


def _named(asked: Connection, name: str) -> Values:
    row, record = T["partner"].c, T["partner_record"].c
    of = record.ref == name if name.count("/") >= 2 else record.ref.endswith(f"/partner/{name}", autoescape=True)
    called = or_(func.lower(row.name) == name.lower(), row.partner.in_(select(record.partner).where(of)))
    for condition in (row.partner == name, called):
        found = list(asked.scalars(select(row.content).where(condition).order_by(row.partner)))
        found = [it for it in found if condition is not called or _stands(it, name)]
        if len(found) == 1:
            return dict(found[0])
        if found:
            several = ", ".join(it["partner"] for it in found)
            raise Unknown(f"{name!r} is what several partners are called: {several}. Remedy: name one by its key.")
    raise Unknown(
        f"the ledger knows no partner {name!r}. Remedy: name it by its key, its name or one of its records; "
        "`tandem partners list --all` shows which there are."
    )


def _stands(it: Values, name: str) -> bool:
    """Whether a partner is called so now: it may once have had a record that it has no more."""
    return it["name"].lower() == name.lower() or any(ref == name or ref.endswith(f"/{name}") for ref in it["refs"])


def _line(it: Values, open_leads: Mapping[str, int]) -> Line:
    certified, key = it["certifications"], it["partner"]
    lapses = [*(each["expires_on"] for each in certified), it["tier_lapses_on"]]
    return Line(
        partner=key,
        name=it["name"],
        status=it["status"],
        tier=it["tier"],
        certified=len({each["email"] for each in certified}),
        certifications=len(certified),
        open_leads=open_leads.get(key, 0),
        onboarding=_onboarding(it["milestones"]),
        next_lapse_on=min(filter(None, lapses), default=None),
        next_step=it["next_step"],
    )


def _onboarding(milestones: Sequence[Values]) -> str:
    """Where it stands: the first milestone that is not done."""
    left = next((each for each in milestones if each["done_on"] is None), None)
    if left is None:
        return "done" if milestones else ""
    return f"{left['name']}: {'late, ' if left['late'] else ''}due on {left['due_on']}"


def _open_leads(asked: Connection) -> dict[str, int]:
    row = T["lead_route"].c
    counted = (
        select(row.partner, func.count()).where(row.state.in_([each.value for each in OPEN])).group_by(row.partner)
    )
    return {each[0]: each[1] for each in asked.execute(counted) if each[0] is not None}


def _certifications(asked: Connection, key: str) -> list[Values]:
    row = T["certification"].c
    names = ("email", "program", "name", "product", "level", "issued_on", "expires_on", "status")
    wanted = select(row.content).where(row.partner == key).order_by(row.status, row.expires_on, row.email, row.program)
    return [{name: it[name] for name in names} for it in asked.scalars(wanted)]


def _latest(asked: Connection, table: str, key: str, names: Iterable[str], limit: int) -> list[Values]:
    row = T[table].c
    wanted = select(*(row[name] for name in names), row.decided_at).where(row.partner == key)
    rows = asked.execute(wanted.order_by(row.decided_at.desc(), row.at_offset.desc()).limit(limit))
    return [dict(each) for each in rows.mappings()]


def _deals(asked: Connection, key: str) -> list[Values]:
    """The attributions of the deals in which a partner has a part now."""
    row, of = T["attribution"].c, T["attribution_partner"].c
    contents = asked.scalars(select(row.content).where(row.deal.in_(select(of.deal).where(of.partner == key))))
    return [it for it in contents if key in it["influenced_by"]]


def _credits(deals: Iterable[Values], key: str) -> list[Credit]:
    """Money of one currency is added up as decimals; of several it is not."""
    totals: dict[tuple[str, str | None], list[Decimal]] = {}
    for it in deals:
        for model, shares in it["models"].items():
            mine = [Decimal(share["amount"]) for share in shares if share["partner"] == key]
            totals.setdefault((model, it["currency"]), []).extend(mine)
    return [
        Credit(model, currency, f"{sum(amounts, Decimal(0)):f}", len(amounts))
        for (model, currency), amounts in sorted(totals.items(), key=lambda each: (each[0][1] or "", each[0][0]))
        if amounts
    ]
