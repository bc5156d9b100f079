"""From one change, outcome or hour to partners, certifications, notices and writes: puts the parts in order, decides nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from schemas.messages import (
    Changed,
    CredentialChanged,
    DealChanged,
    EnrollmentChanged,
    LeadRouted,
    LearnerChanged,
    PartnerChanged,
    PartnerUserChanged,
    RulingGiven,
    StatementChanged,
    TimePassed,
    TransactionChanged,
    WriteFinished,
    identity,
)
from streams import agenda
from streams.decision import Decision, KeyState
from streams.enablement import evidence, onboarding, partners, people, reading, roster, sales
from streams.enablement.book import BUCKETS, FIRST, Book
from streams.enablement.parts import Setup
from streams.enablement.state import Sweep

LOOK, PASSING = 500, 10  # so much of what has come due is looked at with each look, and with each other event
TAKES: Mapping[type, Callable[[Book, Any], None]] = {
    PartnerChanged: reading.take_partner,
    PartnerUserChanged: reading.take_user,
    LearnerChanged: evidence.take_learner,
    EnrollmentChanged: evidence.take_enrollment,
    CredentialChanged: evidence.take_credential,
    StatementChanged: evidence.take_statement,
    TransactionChanged: sales.take_transaction,
    DealChanged: sales.take_deal,
    LeadRouted: reading.take_lead,
    WriteFinished: onboarding.finish,
}
Event = Changed | LeadRouted | WriteFinished | RulingGiven | TimePassed


@dataclass(frozen=True)
class Enablement:
    """The decision, for one deployment."""

    setup: Setup
    version: str  # of the rules

    def decide(self, state: KeyState[BaseModel], event: Event) -> Decision:
        """What follows from one event."""
        book = self._book(state, event)
        agenda.tick(book, event)
        _take(book, event)
        if not book.ready:
            _wait(book)
            return book.decision()
        for what in agenda.due(book, LOOK if isinstance(event, TimePassed) else PASSING):
            _due(book, what)
        _sweep(book, self.version)
        _settle(book)
        return book.decision()

    def _book(self, state: KeyState[BaseModel], event: Event) -> Book:
        match event:
            case WriteFinished():
                return Book(state, event.write_id, event.finished_at, setup=self.setup)
            case RulingGiven():
                return Book(state, event.id, event.at, setup=self.setup)
            case LeadRouted():
                return Book(state, event.id, event.decided_at, setup=self.setup)
            case TimePassed():
                cause = identity(event.connection, "time", event.at.isoformat())
                return Book(state, cause, event.at, setup=self.setup)
            case _:
                return Book(state, event.id, event.occurred_at, setup=self.setup)


def _take(book: Book, event: Event) -> None:
    """Remember what is said; what a PRM says of customers, and rulings, change nothing here but the clock."""
    takes = TAKES.get(type(event))
    if takes is not None:
        takes(book, event)


def _wait(book: Book) -> None:
    """Nothing is decided of what is half read; it is looked at once everything was."""
    waiting = [("record", book.records), ("person", book.people), ("partner", book.partners)]
    for kind, names in waiting:
        for name in names:
            agenda.plan(book, f"first/{kind}/{name}", FIRST)


def _due(book: Book, what: str) -> None:
    kind, _, name = what.removeprefix("first/").partition("/")
    {"record": book.records, "person": book.people, "partner": book.partners}[kind][name] = None


def _sweep(book: Book, version: str) -> None:
    """Where the rules have changed, everybody is looked at again, a part with each event."""
    row = book.get("sweep", Sweep)
    if row is None:
        book.put("sweep", Sweep(version=version))
        return
    part = row.bucket if row.version == version else 0
    if part is None:
        return
    for what in book.below(f"all/{part:02x}|"):
        _due(book, what)
    book.put("sweep", Sweep(version=version, bucket=part + 1 if part + 1 < BUCKETS else None))


def _settle(book: Book) -> None:
    """Records before people before partners: each needs what the one before has found out. Each is looked at once."""
    for ref in list(book.records):
        roster.place(book, ref)
    for email in list(book.people):
        people.settle(book, email)
    for key in list(book.partners):
        partners.settle(book, key)
