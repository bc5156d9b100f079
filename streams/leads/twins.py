"""Which lead leads where one stands in several CRMs, and which are its twins; it changes nothing.

Leads of several CRMs with one `tandem_key` are one lead. The one that is on its way with a partner leads, of several the
one that was offered first; else the one in the CRM that is named first. Of a CRM that has two of them, each leads.
"""

from typing import NamedTuple

from streams.leads.book import Book
from streams.leads.state import connection_of


class Leading(NamedTuple):
    """The lead that leads, and its twins in further CRMs."""

    first: str
    twins: tuple[str, ...] = ()


def leading(book: Book, ref: str) -> Leading:
    """Who leads for a lead: another one, or the lead itself."""
    card = book.card(ref)
    if card is None or not card.alive or not card.lead.tandem_key:
        return Leading(ref)
    order = book.setup.connected.crms
    same = [each for each in book.refs(f"same/{card.lead.tandem_key}") if (it := book.card(each)) and it.alive]

    def rank(each: str) -> tuple[bool, str, int, str]:
        route = book.route(each)
        offered = route.offered_at.isoformat() if route.partner and route.offered_at else ""
        return route.partner is None, offered, order.index(connection_of(each)), each

    same.sort(key=rank)
    first = same[0] if same else ref
    home = connection_of(first)
    if ref != first and connection_of(ref) == home:
        return Leading(ref)
    return Leading(first, tuple(each for each in same if connection_of(each) != home))
