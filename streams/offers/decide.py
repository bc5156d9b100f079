"""From one change, outcome, ruling or hour to links, writes and facts: puts the parts in order and decides nothing itself."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from schemas.messages import Changed, RulingGiven, TimePassed, WriteFinished, identity
from streams.decision import Decision, KeyState
from streams.offers import matching
from streams.offers.book import Book
from streams.offers.finishing import finish
from streams.offers.linking import take
from streams.offers.parts import Setup
from streams.offers.reading import take_in
from streams.offers.referrals import bring, note
from streams.offers.ruling import invite, rule
from streams.offers.settling import due, settle
from streams.offers.showing import tell_offer
from streams.offers.state import META

ROUNDS = 5000  # far more deals than one event can concern; a loop among them ends here, and the next event goes on

Event = Changed | WriteFinished | RulingGiven | TimePassed


@dataclass(frozen=True)
class Offers:
    """The decision, for one deployment."""

    setup: Setup

    def decide(self, state: KeyState[BaseModel], event: Event) -> Decision:
        """What follows from one event."""
        book = self._book(state, event)
        _take(book, event)
        _settle(book)
        for ref in book.offers:
            tell_offer(book, ref)
        return book.decision()

    def _book(self, state: KeyState[BaseModel], event: Event) -> Book:
        match event:
            case WriteFinished():
                return Book(state, event.write_id, event.finished_at, setup=self.setup)
            case RulingGiven():
                return Book(state, event.id, event.at, setup=self.setup)
            case TimePassed():
                cause = identity(event.connection, "time", event.at.isoformat())
                return Book(state, cause, event.at, setup=self.setup)
            case _:
                return Book(state, event.id, event.occurred_at, setup=self.setup)


def _take(book: Book, event: Event) -> None:
    match event:
        case WriteFinished():
            _clock(book, event.finished_at)
            finish(book, event)
        case RulingGiven():
            _clock(book, event.at)
            rule(book, event)
        case TimePassed():
            _clock(book, event.at)
            _looked(book, event)
            if book.ready:
                due(book)
        case _:
            _clock(book, event.seen_at)
            take_in(book, event)
            _brought(book, event)
    bring(book)


def _brought(book: Book, event: Changed) -> None:
    if event.ENTITY == "cosell":
        row = book.cosell(event.ref)
        if row is not None and book.owner(row.ref) is None:
            note(book, row)
    if event.ENTITY == "cosell_invitation":
        invite(book, event.ref)


def _clock(book: Book, at: datetime | None) -> None:
    """Tandem's own clock goes on by what it said last; it never goes back."""
    meta = book.meta
    if at is not None and (meta.now is None or at > meta.now):
        book.put(META, meta.model_copy(update={"now": at}))


def _looked(book: Book, event: TimePassed) -> None:
    """A connection was looked at from end to end: what is not known of it is not there."""
    meta = book.meta
    update: dict[str, object] = {}
    if event.connection not in meta.looked:
        update["looked"] = tuple(sorted({*meta.looked, event.connection}))
    if event.connection == book.setup.marketplace and (meta.read is None or event.at > meta.read):
        update["read"] = event.at
    if update:
        book.put(META, meta.model_copy(update=update))


def _settle(book: Book) -> None:
    """Look at every deal that was touched, until none is any more; links that have become certain touch further ones."""
    for _ in range(ROUNDS):
        ref = next(iter(book.touched), None)
        if ref is not None:
            del book.touched[ref]
            settle(book, ref)
        elif not book.ready or not _match(book):
            return


def _match(book: Book) -> bool:
    found = matching.settle(book, book.setup.rules.match, book.day)
    for offer, deal in found.items():
        link = book.link(deal)
        if link.offer is None and offer not in link.apart and book.owner(offer) is None:
            book.keep_link(take(book, link, offer, book.matched(offer), ruled=None))
        book.touch(deal)
    return bool(found)
