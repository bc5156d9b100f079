"""Which deal leads where one stands in several CRMs, and which are its twins; it changes nothing.

Deals of several CRMs with one `tandem_key` are one deal. The one that has an offer or an opportunity already leads; else
the one in the CRM that is named first. The others are told what it is told. Of a CRM that has two of them, each leads.
"""

from typing import NamedTuple

from streams.offers.book import Book
from streams.offers.state import connection_of


class Leading(NamedTuple):
    """The deal that leads, and its twins in further CRMs."""

    first: str
    twins: tuple[str, ...] = ()


def leading(book: Book, ref: str) -> Leading:
    """Who leads for a deal: another one, or the deal itself."""
    card = book.deal(ref)
    if card is None or not card.alive or not card.deal.tandem_key:
        return Leading(ref)
    order = book.setup.deals
    same = [each for each in book.refs(f"same/{card.deal.tandem_key}") if (it := book.deal(each)) and it.alive]
    same.sort(key=lambda each: (not book.link(each).busy, order.index(connection_of(each)), each))
    first = same[0] if same else ref
    home = connection_of(first)
    if ref != first and (connection_of(ref) == home or book.link(ref).busy):
        return Leading(ref)
    twins = [each for each in same if connection_of(each) != home and not book.link(each).busy]
    return Leading(first, tuple(twins))
