"""Asks the co-sell part what Partner Central has to be told of a deal, and sends it; it decides nothing of it itself."""

from schemas.messages import MatchBy
from streams.offers import cosell
from streams.offers.book import Book
from streams.offers.chain import Chain
from streams.offers.linking import share
from streams.offers.observing import Observed
from streams.offers.parts import Command, CosellNext, CosellWanted, DealCard, Sent
from streams.offers.showing import span
from streams.offers.state import Link

PAIRED = "cosell"  # what the names of the entities of an opportunity begin with


def advance(book: Book, link: Link, card: DealCard, seen: Observed, chain: Chain) -> tuple[Link, CosellNext]:
    """The link after its co-sell commands were sent, and what is said of them."""
    link = share(book, link, card)
    found = cosell.advance(_wanted(book, link, card, seen, chain), book.setup, book.now)
    for command in found.commands:
        if _known(book, command) and not _flying(link, command):
            link = _send(book, link, command)
    return link, found


def _known(book: Book, command: Command) -> bool:
    """Whether everything has been read by which it could turn out to be there already, where it is something new."""
    return book.ready or command.match_by is not MatchBy.EXTERNAL_ID


def _send(book: Book, link: Link, command: Command) -> Link:
    link = book.send(link, command)
    row = book.cosell(link.cosell)
    decided_on = cosell.stamp(row.record if row is not None else None)
    sent = link.sent[command.name].model_copy(update={"seen": decided_on})
    return link.model_copy(update={"sent": {**link.sent, command.name: sent}})


def _flying(link: Link, command: Command) -> bool:
    sent = link.sent.get(command.name)
    return sent is not None and sent.status == "sent" and sent.fields == command.fields


def based(link: Link, name: str, sent: Sent) -> Link:
    """The link after a write to its opportunity has landed: that is the base of the next merge."""
    if name.split("/", 2)[1] != PAIRED:
        return link
    return link.model_copy(update={"base": {**link.base, **sent.fields}})


def _wanted(book: Book, link: Link, card: DealCard, seen: Observed, chain: Chain) -> CosellWanted:
    row, opportunity = chain.current, book.cosell(link.cosell)
    offer_set = book.offer_set(link.offer) if link.offer else None
    starts, ends = span(row)
    active = row is not None and row.active
    return CosellWanted(
        card=card,
        state=seen.state,
        offer_arn=chain.offer.offer.arn if chain.offer is not None else None,
        offer_set_arn=offer_set.record.arn if offer_set is not None and offer_set.record.released else None,
        agreement_active=active,
        agreement_amount=str(row.record.amount) if row is not None and row.record.amount is not None else None,
        agreement_currency=row.record.currency if row is not None else None,
        agreement_from=starts,
        agreement_until=ends,
        cosell_ref=link.cosell,
        seen=opportunity.record if opportunity is not None else None,
        base=link.base,
        sent=link.sent,
    )
