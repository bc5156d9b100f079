"""Finds the chain of a deal's private offer that a record is in, and says in words what was decided of it; it changes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.sql.elements import ColumnElement

from tandem.ledger.answers import Event
from tandem.ledger.offer_handlers import members
from tandem.ledger.tables import Base

T = Base.metadata.tables
Values = Mapping[str, Any]
# Of a write to a record, by the record's entity: the entities that such writes have.
WRITTEN_AS: Mapping[str, tuple[str, ...]] = {
    "account": ("account", "account_summary"),  # what overlaps add up to is written onto the account itself
    "deal": ("deal", "deal_offer", "deal_partner", "deal_attribution"),
    "lead": ("lead", "lead_assignment"),
    "partner": ("partner", "partner_standing"),
    "registration": ("registration", "registration_outcome"),
    "cosell": ("cosell", "cosell_submission", "cosell_solution", "cosell_offer"),
    "change_set": ("offer",),  # the marketplace answers a command about an offer with a change set
}
MARKETPLACES = ("aws", "azure", "google")
SHOWN = (
    "state", "cosell", "cosell_status", "cosell_stage", "change_set", "offer", "offer_set", "agreements", "amount",
    "currency", "accept_by", "ends_on", "approval", "next_step", "problem",
)  # fmt: skip
RULED = {
    "link": "links them",
    "unlink": "parts them, for good",
    "approve_offer": "approves the offer",
    "refuse_offer": "refuses the offer",
    "extend_offer": "extends the offer",
    "cancel_offer": "cancels the offer",
    "accept_invitation": "accepts the invitation",
    "reject_invitation": "rejects the invitation",
    "accept_lead": "accepts the lead",
    "decline_lead": "declines the lead",
    "assign_lead": "assigns the lead",
    "approve_registration": "approves the registration",
    "reject_registration": "rejects the registration",
    "return_registration": "returns the registration",
    "extend_registration": "extends the registration",
    "withdraw_registration": "withdraws the registration",
    "reassign_registration": "gives the registration to another partner",
}


def chain_of(asked: Connection, ref: str) -> Values | None:
    """The chain, as it stands, that a record is in now: of its deal, offer, agreement, change set or opportunity."""
    of, link = T["offer_link_record"].c, T["offer_link"].c
    deals = select(of.deal).where(of.ref == ref)
    rows = asked.execute(select(link.content).where(link.deal.in_(deals)).order_by(link.decided_at.desc()))
    return next((row.content for row in rows if ref in members(row.content)), None)


def chained(asked: Connection, ref: str) -> list[str]:
    """The record and all that is in one chain with it."""
    chain = chain_of(asked, ref)
    return [ref] if chain is None else list(dict.fromkeys((ref, *members(chain))))


def written_to(refs: Iterable[str]) -> Iterator[tuple[ColumnElement[bool], ColumnElement[bool]]]:
    """For each record: which writes name it, and which outcomes have reached it."""
    write, outcome = T["write"].c, T["outcome"].c
    for connection, entity, record_id in (ref.split("/", 2) for ref in refs):
        entities = WRITTEN_AS.get(entity, (entity,))
        named = and_(write.connection == connection, write.entity.in_(entities), write.key == record_id)
        if entity == "offer":  # a record of its own in a CRM
            keys = [f"{marketplace}/{record_id}" for marketplace in MARKETPLACES]
            named = or_(named, and_(write.entity == "private_offer", write.key.in_(keys)))
        if entity == "lead":  # what the PRM is told of it goes by the lead's whole name
            named = or_(named, and_(write.entity == "partner_lead", write.key == f"{connection}/lead/{record_id}"))
        yield (
            named,
            and_(outcome.connection == connection, outcome.entity.in_(entities), outcome.target_id == record_id),
        )


def ruled(asked: Connection, refs: Sequence[str]) -> list[Event]:
    """What people have ruled over the records."""
    table, of = T["ruling"], T["ruling_record"].c
    concerned = select(of.ruling_id).where(of.ref.in_(refs))
    return [
        Event(
            row.at,
            "ruling",
            row.id,
            ", ".join(row.refs),
            f"{row.by} {RULED.get(row.ruling, row.ruling)}",
            {name: (None, value) for name, value in (("until", row.until), ("partner", row.partner)) if value},
            [row.note] if row.note else [],
        )
        for row in asked.execute(select(table).where(table.c.id.in_(concerned)))
    ]


def offer_decisions(rows: Iterable[Any]) -> Iterator[Event]:
    """What was decided of private offers, with what it changed; rows of `decision`, of each subject as they were said.

    A decision has the time of its cause, which may have been learnt of late: it is never told before one that it follows.
    """
    before: dict[str, tuple[Any, Values]] = {}
    for row in rows:
        it: Values = row.content
        since, last = before.get(row.subject, (row.decided_at, {}))
        at = max(since, row.decided_at)
        before[row.subject] = (at, it)
        fields = {
            name: (last.get(name), it.get(name))
            for name in SHOWN
            if last.get(name) != it.get(name) and (last.get(name) or it.get(name))
        }
        said = it["step"]
        yield Event(at, "offer", row.id, row.subject, said, fields, row.reasons, row.causes, offset=row.at_offset)


def said_of_match(it: Values) -> str:
    """Which deal an offer of unknown origin is held to be for."""
    if it["status"] == "unlinked" or not it.get("deal"):
        return f"{it['offer_name']} is not linked to any deal"
    verb = "is linked to" if it["status"] == "linked" else "may be for"
    return f"{it['offer_name']} {verb} {it['deal']} (confidence {it['confidence']:.2f})"
