"""Takes in what was read and what others have decided: the newest of each; nothing follows from it here.

A change that is older than what is known of its record is ignored, and one that comes again changes nothing.
"""

from collections.abc import Callable, Mapping

from schemas.entities import Account, Deal, Lead, OverlapStatus
from schemas.messages import Changed, OverlapDecided, PartnerDecided, RegistrationDecided, record_ref
from schemas.partners import PartnerLead, RegistrationStatus
from streams import companies
from streams.leads import index
from streams.leads.book import Book
from streams.leads.holding import review
from streams.leads.state import (
    Around,
    DealRow,
    LeadCard,
    Number,
    PartnerLeadRow,
    PartnerRow,
    Points,
    RegistrationRow,
    Said,
)

LIVE = frozenset({RegistrationStatus.APPROVED, RegistrationStatus.CONVERTED})
CAPABILITY = {
    "status",
    "types",
    "places",
    "segments",
    "products",
    "languages",
    "no_leads",
    "tier_rank",
    "certifications",
}
Fact = PartnerDecided | OverlapDecided | RegistrationDecided


def take_in(book: Book, event: Changed) -> None:
    """Remember what was read, and note which leads have to be looked at."""
    reader = READERS.get(event.ENTITY)
    if reader is not None and event.connection in book.setup.connections:
        reader(book, event)


def _lead(book: Book, event: Changed) -> None:
    known = book.card(event.ref)
    if event.connection not in book.setup.connected.crms or (known is not None and event.version < known.version):
        return
    if isinstance(event.record, Lead):
        copied = known.copied if known is not None else event.own and event.record.tandem_key is not None
        card = LeadCard(ref=event.ref, version=event.version, lead=event.record, change=event.id, copied=copied)
    elif known is not None:
        merged = event.merged_into and record_ref(event.connection, "lead", event.merged_into)
        gone = {"version": event.version, "change": event.id, "alive": False, "merged_into": merged or None}
        card = known.model_copy(update=gone)
    else:
        return
    for each, there in ((known, False), (card, True)):
        if each is None:
            continue
        if each.lead.tandem_key:
            book.index(f"same/{each.lead.tandem_key}", each.ref, there)
        if each.lead.converted_deal:
            deal = record_ref(event.connection, "deal", each.lead.converted_deal)
            book.put(f"lead_of/{deal}", Points(ref=each.ref) if there else None)
    book.put(f"lead/{card.ref}", card)
    for each in filter(None, (known, card)):
        touch(book, each)


def touch(book: Book, card: LeadCard) -> None:
    """Look at a lead, and at all that are the same; those that stay behind first, so that nothing is had twice."""
    book.touch(card.ref)
    if card.lead.tandem_key:
        for ref in book.refs(f"same/{card.lead.tandem_key}"):
            book.touch(ref)


def _partner_lead(book: Book, event: Changed) -> None:
    known = book.partner_lead(event.ref)
    if known is not None and event.version < known.version:
        return
    if isinstance(event.record, PartnerLead):
        row = PartnerLeadRow(ref=event.ref, version=event.version, record=event.record, change=event.id)
    elif known is not None:
        row = known.model_copy(update={"version": event.version, "change": event.id, "alive": False})
    else:
        return
    for each, there in ((known, False), (row, row.alive)):
        if each is not None and each.record.lead:
            book.index(f"partner_leads/{each.record.lead}", each.ref, there)
        elif each is not None and each.record.email:
            book.index(f"found/{each.record.email.strip().casefold()}", each.ref, there)
    book.put(f"partner_lead/{row.ref}", row)
    book.touch(row.record.lead or row.ref)


def _account(book: Book, event: Changed) -> None:
    name = f"version/{event.ref}"
    known = book.get(name, Number)
    if event.connection not in book.setup.connected.crms or (known is not None and event.version < known.n):
        return
    book.put(name, Number(n=event.version))
    if isinstance(event.record, Account):
        companies.put(book, "account", event.ref, event.record)
    else:
        companies.drop(book, "account", event.ref)


def _deal(book: Book, event: Changed) -> None:
    name = f"deal/{event.ref}"
    known = book.get(name, DealRow)
    if event.connection not in book.setup.connected.crms or (known is not None and event.version < known.version):
        return
    row = DealRow(version=event.version, change=event.id)
    if isinstance(event.record, Deal):
        it = event.record
        account = record_ref(event.connection, "account", it.account) if it.account else None
        partner = f"{event.connection}|{it.partner}" if it.partner else None
        row = row.model_copy(update={"stage": it.stage.value, "account": account, "partner": partner})
    for each, more in ((known, -1), (row, 1)):
        if each is not None and each.account and each.partner:
            around = _around(book, each.account)
            deals = {**around.deals, each.partner: around.deals.get(each.partner, 0) + more}
            kept = {partner: n for partner, n in deals.items() if n > 0}
            _keep(book, each.account, around.model_copy(update={"deals": kept}))
    book.put(name, row)
    lead = book.points(f"lead_of/{event.ref}")
    if lead is not None:
        book.touch(lead)


READERS: Mapping[str, Callable[[Book, Changed], None]] = {
    "lead": _lead,
    "partner_lead": _partner_lead,
    "account": _account,
    "deal": _deal,
}


def learn(book: Book, fact: Fact) -> None:
    """Remember what another decision said."""
    match fact:
        case PartnerDecided():
            _partner(book, fact)
        case OverlapDecided():
            _overlap(book, fact)
        case RegistrationDecided():
            _registration(book, fact)


def _partner(book: Book, fact: PartnerDecided) -> None:
    before, known = book.get(f"said/{fact.partner}", Said), book.partner(fact.partner)
    kept = fact.model_copy(update={"reasons": (), "causes": (), "milestones": (), "users": (), "next_step": None})
    book.put(f"said/{fact.partner}", Said(fact=kept))
    for ref in sorted({*(before.fact.refs if before is not None else ())} - set(fact.refs)):
        if book.points(f"alias/{ref}") == fact.partner:
            book.put(f"alias/{ref}", None)
    for ref in fact.refs:
        book.put(f"alias/{ref}", Points(ref=fact.partner))
    index.put(book, fact.partner, index.partner_row(book, fact.partner))
    if known is not None and _capability(known) != _capability(book.partner(fact.partner)):
        review(book, fact.partner)


def _capability(partner: PartnerRow | None) -> object:
    return None if partner is None else partner.model_dump(include=CAPABILITY)


def _overlap(book: Book, fact: OverlapDecided) -> None:
    it = fact.overlap
    account = record_ref(fact.connection, "account", it.account)
    around = _around(book, account)
    overlaps = {key: held for key, held in around.overlaps.items() if key != it.key}
    if it.status is OverlapStatus.ACTIVE:
        overlaps[it.key] = (it.partner, it.partner_population)
    _keep(book, account, around.model_copy(update={"overlaps": overlaps}))


def _registration(book: Book, fact: RegistrationDecided) -> None:
    name = f"registration/{fact.registration}"
    known, live = book.get(name, RegistrationRow), fact.status in LIVE
    since = fact.submitted_at or fact.decided_at
    row = RegistrationRow(
        ref=fact.registration,
        partner=fact.partner,
        name=fact.inputs.company if fact.inputs is not None else fact.name,
        account=fact.account,
        live=live,
        until=fact.protected_until if fact.status is RegistrationStatus.APPROVED else None,
        since=since.isoformat(),
    )
    book.put(name, row)
    for each, there in ((known, False), (row, live)):
        if each is not None and each.account is not None:
            around = _around(book, each.account)
            refs = {*around.registrations, row.ref} if there else set(around.registrations) - {row.ref}
            _keep(book, each.account, around.model_copy(update={"registrations": tuple(sorted(refs))}))
    if live and fact.inputs is not None:
        it = fact.inputs
        company = Account(
            name=it.company, website=it.website, country=it.country, city=it.city, postal_code=it.postal_code
        )
        companies.put(book, "registration", row.ref, company)
    else:
        companies.drop(book, "registration", row.ref)


def _around(book: Book, account: str) -> Around:
    return book.get(f"around/{account}", Around) or Around()


def _keep(book: Book, account: str, around: Around) -> None:
    book.put(f"around/{account}", None if around == Around() else around)
