"""Leads that partners found themselves, as a PRM shows them: they stay where they are, and how they go on is told."""

from schemas.entities import Lead
from schemas.messages import LeadCandidate, RouteState
from schemas.partners import PartnerLead, PartnerLeadStatus
from streams.leads.book import Book
from streams.leads.holding import keep
from streams.leads.showing import say
from streams.leads.state import connection_of

S = PartnerLeadStatus
STATES = {
    S.OFFERED: RouteState.ACCEPTED,
    S.ACCEPTED: RouteState.ACCEPTED,
    S.WORKING: RouteState.WORKING,
    S.CONVERTED: RouteState.CONVERTED,
    S.WON: RouteState.WON,
    S.LOST: RouteState.LOST,
    S.DECLINED: RouteState.LOST,
    S.WITHDRAWN: RouteState.LOST,
}


def own_find(book: Book, ref: str) -> None:
    """A partner's own lead as it stands now."""
    row = book.partner_lead(ref)
    if row is None or row.record.lead is not None:
        return
    before, it = book.route(ref), row.record
    partner = book.known_as(it.partner, connection_of(ref))
    if partner is None and before.partner is None:
        return
    key = partner.key if partner is not None else before.partner
    state = STATES[it.status] if row.alive else RouteState.CLOSED
    if state is RouteState.CLOSED and before.state in {None, RouteState.CLOSED, RouteState.WON, RouteState.LOST}:
        return
    name = partner.name if partner is not None else str(key)
    reason = f"{name} found the lead itself." if row.alive else "The lead was deleted in the PRM."
    winner = LeadCandidate(partner=str(key), name=name, eligible=True, won=True, reasons=(reason,))
    after = before.now(
        state=state,
        partner=key if row.alive else None,
        assignment=1,
        settled=True,
        offered_at=before.offered_at or it.created_at or book.at,
        reasons=(reason,),
        candidates=(winner,),
        inputs=_lead(it),
    )
    keep(book, before, after)
    say(book, book.route(ref), _name(it), partner, after.inputs)


def _lead(it: PartnerLead) -> Lead | None:
    if not it.company or not it.last_name:
        return None
    shared = {
        "first_name",
        "last_name",
        "company",
        "email",
        "phone",
        "website",
        "country",
        "product",
        "amount",
        "currency",
    }
    return Lead.model_validate({**it.model_dump(include=shared), "partner": it.partner, "created_at": it.created_at})


def _name(it: PartnerLead) -> str:
    who = " ".join(filter(None, (it.first_name, it.last_name)))
    return ", ".join(filter(None, (who, it.company))) or "a lead without a name"
