"""Which leads are routed at all, and when: not before everything was read once; it chooses nobody."""

from dataclasses import fields
from datetime import datetime, timedelta

from schemas.messages import identity
from streams.leads import index
from streams.leads.book import Book
from streams.leads.choosing import claim
from streams.leads.policy import Traits
from streams.leads.state import LeadCard, Opened, Route, connection_of

COPY = timedelta(minutes=10)  # so long a copy waits between two looks; the lead itself is told within seconds
TRAITS = tuple(each.name for each in fields(Traits))


def refused(book: Book, card: LeadCard) -> str | None:
    """Why a lead is not for routing, if it is not."""
    intake, lead = book.policy.rules.intake, card.lead
    source = (lead.source or "").strip().casefold()
    if lead.status not in intake.statuses:
        return f"The lead stands at {lead.status.value}."
    if intake.sources and source not in {each.strip().casefold() for each in intake.sources}:
        return f"Leads from {lead.source or 'nowhere'} are not routed."
    if source and source in {each.strip().casefold() for each in intake.except_sources}:
        return f"Leads from {lead.source} are not routed."
    if lead.created_at is not None and book.now - lead.created_at > intake.max_age:
        return f"The lead is of {lead.created_at:%Y-%m-%d}, which is too long ago."
    return None


def may_route(book: Book) -> bool:
    """Whether everything was read once, partners are indexed, and others have had the time to tell of them."""
    opened = book.get("opened", Opened)
    return opened is not None and index.is_made(book) and book.now >= opened.at + book.policy.rules.intake.wait


def not_before(book: Book, card: LeadCard) -> datetime | None:
    """When to look at a lead again that cannot be routed yet.

    A copy that Tandem made is not routed by itself while the lead that it was made from is not known as the same.
    """
    if not may_route(book):
        opened = book.get("opened", Opened)
        return book.now if opened is None else max(book.now, opened.at + book.policy.rules.intake.wait)
    if card.copied and len(book.refs(f"same/{card.lead.tandem_key}")) < 2:
        return book.now + COPY
    return None


def basis(book: Book, card: LeadCard) -> str:
    """Changes whenever anything of the lead does that decides."""
    lead, traits = card.lead, book.traits(card)
    told = "|".join(str(getattr(traits, name)) for name in TRAITS)
    return identity(told, claim(lead).model_dump_json(), lead.partner or "", str(lead.no_partner))


def now_known(book: Book, card: LeadCard, route: Route) -> bool:
    """A lead that waits for its partner to be known waits no longer."""
    return bool(route.waits) and book.known_as(card.lead.partner, connection_of(card.ref)) is not None
