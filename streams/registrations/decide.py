"""From one change, fact, ruling or hour to where registrations stand: puts the parts in order and decides nothing itself."""

from dataclasses import dataclass

from pydantic import BaseModel

from schemas.messages import Changed, OfferLinkDecided, PartnerDecided, RulingGiven, TimePassed, WriteFinished, identity
from streams import agenda
from streams.decision import Decision, KeyState
from streams.registrations import reading
from streams.registrations.book import Book
from streams.registrations.finishing import finish
from streams.registrations.parts import Setup
from streams.registrations.ruling import rule
from streams.registrations.settling import order, settle

LINE = 100  # so many that have waited are looked at with each look, so that one decision stays small
ROUNDS = 5000  # far more than one event can concern; a loop among them ends here, and the next event goes on

Event = Changed | PartnerDecided | OfferLinkDecided | WriteFinished | RulingGiven | TimePassed


@dataclass(frozen=True)
class Registrations:
    """The decision, for one deployment."""

    setup: Setup
    version: str

    def decide(self, state: KeyState[BaseModel], event: Event) -> Decision:
        """What follows from one event."""
        book = self._book(state, event)
        agenda.tick(book, event)
        _take(book, event)
        _settle(book)
        return book.decision()

    def _book(self, state: KeyState[BaseModel], event: Event) -> Book:
        match event:
            case WriteFinished():
                cause, at = event.write_id, event.finished_at
            case RulingGiven():
                cause, at = event.id, event.at
            case TimePassed():
                cause, at = identity(event.connection, "time", event.at.isoformat()), event.at
            case PartnerDecided() | OfferLinkDecided():
                cause, at = event.id, event.decided_at
            case _:
                cause, at = event.id, event.occurred_at
        return Book(state, cause, at, setup=self.setup, version=self.version)


def _take(book: Book, event: Event) -> None:
    match event:
        case WriteFinished():
            finish(book, event)
        case RulingGiven():
            rule(book, event)
        case TimePassed():
            _hour(book)
        case PartnerDecided():
            reading.partner(book, event)
        case OfferLinkDecided():
            reading.offer(book, event)
        case _:
            _changed(book, event)


def _changed(book: Book, event: Changed) -> None:
    if event.connection not in book.setup.connections:
        return
    match event.ENTITY:
        case "registration":
            reading.registration(book, event)
        case "account":
            reading.account(book, event)
        case "deal":
            reading.deal(book, event)


def _hour(book: Book) -> None:
    """What has come due, and what has waited for everything to be read, the earliest first."""
    if not book.ready:
        return
    book.touch(*agenda.due(book))
    book.touch(*(name.partition("|")[2] for name in book.below("unready/", LINE)))


def _settle(book: Book) -> None:
    """Look at each registration that was touched, that submitted first before the others, until none is any more."""
    for _ in range(ROUNDS):
        if not book.touched:
            return
        ref = min(book.touched, key=lambda it: order(book, it))
        book.touched.discard(ref)
        settle(book, ref)
