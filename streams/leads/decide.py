"""From one change, fact, ruling or hour to owners, writes and facts: puts the parts in order and decides nothing itself."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from schemas.messages import (
    Changed,
    OverlapDecided,
    PartnerDecided,
    RegistrationDecided,
    RulingGiven,
    TimePassed,
    identity,
)
from streams import agenda
from streams.decision import Decision, KeyState
from streams.leads import index
from streams.leads.book import Book
from streams.leads.holding import reviewed
from streams.leads.policy import Setup
from streams.leads.reading import learn, take_in
from streams.leads.ruling import rule
from streams.leads.settling import settle
from streams.leads.state import Opened

ROUNDS = 5000  # far more leads than one event can concern; a loop among them ends here, and the next event goes on
DUE = 1000  # leads that are looked at in one decision because their time has come; the rest comes with the next

Event = Changed | PartnerDecided | OverlapDecided | RegistrationDecided | RulingGiven | TimePassed


@dataclass(frozen=True)
class Leads:
    """The decision, for one deployment."""

    setup: Setup

    def decide(self, state: KeyState[BaseModel], event: Event) -> Decision:
        """What follows from one event."""
        cause, at = _told_by(event)
        book = Book(state, cause, at, setup=self.setup)
        agenda.tick(book, event)
        index.make(book)
        _open(book)
        _take(book, event)
        for _ in range(ROUNDS):
            lead = next(iter(book.touched), None)
            if lead is None:
                break
            del book.touched[lead]
            settle(book, lead)
        return book.decision()


def _told_by(event: Event) -> tuple[str, datetime]:
    match event:
        case RulingGiven():
            return event.id, event.at
        case TimePassed():
            return identity(event.connection, "time", event.at.isoformat()), event.at
        case Changed():
            return event.id, event.occurred_at
        case _:
            return event.id, event.decided_at


def _open(book: Book) -> None:
    """From the moment when everything was read once, leads are routed, after a while in which partners are told."""
    if book.get("opened", Opened) is None and agenda.ready(book, book.setup.connections):
        book.put("opened", Opened(at=book.now))


def _take(book: Book, event: Event) -> None:
    match event:
        case RulingGiven():
            rule(book, event)
        case TimePassed():
            _due(book)
        case Changed():
            take_in(book, event)
        case _:
            learn(book, event)


def _due(book: Book) -> None:
    """What has come due: leads to look at, and parts of what a partner has."""
    for what in agenda.due(book, DUE) if book.get("opened", Opened) is not None else ():
        kind, _, rest = what.partition("/")
        if kind == "lead":
            book.touch(rest)
        else:
            reviewed(book, what)
