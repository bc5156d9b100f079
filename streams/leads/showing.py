"""What CRMs and PRMs are told of a lead, and the fact that is said of it: only what is not told or said already."""

from collections.abc import Sequence

from pydantic import JsonValue

from schemas import topics
from schemas.entities import Lead, LeadStatus
from schemas.messages import LeadRouted, RouteState, identity
from schemas.partners import LeadAssignment, PartnerLead, PartnerLeadStatus
from streams.leads.book import Book
from streams.leads.holding import keep
from streams.leads.state import LeadCard, PartnerRow, Route, Told, connection_of, id_of

S = RouteState
OTHERS = 5  # candidates that did not win, as a rep sees them on the lead
STATUS = {
    S.OFFERED: PartnerLeadStatus.OFFERED,
    S.ACCEPTED: PartnerLeadStatus.ACCEPTED,
    S.WORKING: PartnerLeadStatus.WORKING,
    S.CONVERTED: PartnerLeadStatus.CONVERTED,
    S.WON: PartnerLeadStatus.WON,
    S.LOST: PartnerLeadStatus.LOST,
}


def show(book: Book, card: LeadCard, twins: Sequence[str] | None) -> None:
    """Tell what has changed. `twins` are told the same; None: another lead leads, and tells this one's record.

    A lead that was converted is told nothing more: Salesforce lets nobody write to it (CANNOT_UPDATE_CONVERTED_LEAD).
    """
    route = book.route(card.ref)
    if route.state is None:
        return
    partner = book.partner(route.partner) if route.partner is not None else None
    say(book, route, card.name, partner, card.lead)
    for ref in (card.ref, *twins) if twins is not None else ():
        there = book.card(ref)
        if there is not None and there.alive and there.lead.status is not LeadStatus.CONVERTED:
            _on_lead(book, ref, route, partner)
    for prm in book.setup.connected.takers("partner_lead"):
        _in_prm(book, prm, card, route, partner)


def say(book: Book, route: Route, name: str, partner: PartnerRow | None, lead: Lead | None) -> None:
    """Publish where a lead is, unless that was said."""
    assert route.state is not None  # noqa: S101  who asks knows that it has set out
    fact = LeadRouted(
        id="",
        lead=route.lead,
        name=name,
        state=route.state,
        previous=route.was,
        partner=route.partner,
        partner_name=partner.name if partner is not None else None,
        assignment=route.assignment,
        rule=route.rule,
        rules_version=book.policy.rules.version,
        offered_at=route.offered_at if route.partner is not None else None,
        respond_by=route.respond_by,
        candidates=route.candidates,
        further=route.further,
        account=route.account,
        deal=route.deal,
        inputs=route.inputs or lead,
        related=route.related,
        next_step=next_step(route, partner),
        reasons=(*route.reasons, *route.notes),
        causes=(book.cause,),
        decided_at=book.at,
    )
    said = identity(fact.model_dump_json(exclude={"id", "previous", "causes", "decided_at", "rules_version"}))
    if said == route.said:
        return
    seq = route.seq + 1
    fact = fact.model_copy(update={"id": identity("lead", route.lead, str(seq))})
    keep(book, route, route.now(said=said, seq=seq, was=route.state))
    book.say(topics.LEADS, route.lead, fact, fact.id)


def next_step(route: Route, partner: PartnerRow | None) -> str | None:
    """What has to be done next, and by whom."""
    name = partner.name if partner is not None else route.partner
    match route.state:
        case S.OFFERED if route.respond_by is not None:
            return f"{name} answers by {route.respond_by:%Y-%m-%d %H:%M} UTC; else the next one is asked."
        case S.ACCEPTED:
            return f"{name} gets in touch with the customer."
        case S.WAITING:
            return route.waits or None
        case S.DIRECT:
            return "Direct sales takes it up."
        case _:
            return None


def _on_lead(book: Book, ref: str, route: Route, partner: PartnerRow | None) -> None:
    connection = connection_of(ref)
    if connection not in book.setup.connected.takers("lead_assignment"):
        return
    others = [each for each in route.candidates if not each.won][:OTHERS]
    reasons = (*route.reasons, *route.notes, *(f"{it.name}: {', '.join(it.reasons)}" for it in others))
    shown = LeadAssignment(
        route_state=route.state.value if route.state is not None else None,
        partner=route.partner,
        partner_name=partner.name if partner is not None else None,
        partner_account=_record_of(partner, connection),
        offered_at=route.offered_at if route.partner is not None else None,
        respond_by=route.respond_by,
        rule=route.rule,
        reasons=reasons,
        main_reason=(route.reasons[-1 if route.partner is not None else 0] if route.reasons else None),
        next_step=next_step(route, partner),
    )
    book.tell(connection, "lead_assignment", id_of(ref), shown.model_dump(mode="json"), shown.reasons)


def _in_prm(book: Book, prm: str, card: LeadCard, route: Route, partner: PartnerRow | None) -> None:
    held, status = _record_of(partner, prm), STATUS.get(route.state) if route.state is not None else None
    if held is None or status is None:
        _withdraw(book, prm, card.ref, route)
        return
    it = card.lead
    shown = PartnerLead(
        partner=held,
        lead=card.ref,
        last_name=it.last_name,
        first_name=it.first_name,
        company=it.company,
        email=it.email,
        phone=it.phone,
        website=it.website,
        country=it.country,
        product=it.product,
        amount=it.amount,
        currency=it.currency,
        status=status,
        respond_by=route.respond_by,
        reason=route.reasons[-1] if route.reasons else None,
    )
    _tell(book, prm, card.ref, shown.model_dump(mode="json", exclude={"created_at"}), route.reasons)


def _withdraw(book: Book, prm: str, lead: str, route: Route) -> None:
    told = book.get(f"told/{prm}/partner_lead/{lead}", Told)
    if told is None or told.fields.get("status") == PartnerLeadStatus.WITHDRAWN.value:
        return
    why = route.reasons[0] if route.reasons else "The lead has passed on."
    fields: dict[str, JsonValue] = {"lead": lead, "status": "withdrawn", "respond_by": None, "reason": why}
    _tell(book, prm, lead, fields, route.reasons)


def _tell(book: Book, prm: str, lead: str, fields: dict[str, JsonValue], reasons: tuple[str, ...]) -> None:
    """A PRM that shows all that already, because the partner said so there, is not told."""
    for ref in book.refs(f"partner_leads/{lead}"):
        row = book.partner_lead(ref)
        if row is not None and row.alive and connection_of(ref) == prm and fields["status"] != "offered":
            there = row.record.model_dump(mode="json", include={"partner", "status"})
            if all(there[name] == fields.get(name, there[name]) for name in there):
                _knows(book, prm, lead, fields)
                return
    book.tell(prm, "partner_lead", lead, fields, reasons)


def _knows(book: Book, prm: str, lead: str, fields: dict[str, JsonValue]) -> None:
    name = f"told/{prm}/partner_lead/{lead}"
    told = book.get(name, Told) or Told()
    book.put(name, told.model_copy(update={"fields": fields}))


def again(book: Book, prm: str, lead: str) -> None:
    """What a PRM was told of a lead stands there no longer: tell it once more."""
    name = f"told/{prm}/partner_lead/{lead}"
    told = book.get(name, Told)
    if told is not None:
        book.put(name, told.model_copy(update={"fields": {}}))


def _record_of(partner: PartnerRow | None, connection: str) -> str | None:
    """The id of the partner's own record in a system."""
    prefix = f"{connection}/partner/"
    refs = partner.refs if partner is not None else ()
    return next((id_of(ref) for ref in refs if ref.startswith(prefix)), None)
