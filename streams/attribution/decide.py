"""From one change, fact or hour to touches, attributions and writes: puts the parts in order and decides nothing itself."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from schemas.messages import (
    CertificationDecided,
    DealChanged,
    LeadRouted,
    OfferLinkDecided,
    OverlapDecided,
    PartnerDecided,
    RegistrationDecided,
    SignalChanged,
    TimePassed,
    identity,
)
from streams.attribution import proofs
from streams.attribution.book import Book, Setup
from streams.attribution.reading import read_deal, read_partner
from streams.attribution.settling import settle
from streams.attribution.state import Proof
from streams.attribution.touching import prove
from streams.decision import Decision, KeyState

Event = (
    DealChanged | SignalChanged | PartnerDecided | OverlapDecided | LeadRouted | RegistrationDecided | OfferLinkDecided
    | CertificationDecided | TimePassed
)  # fmt: skip


@dataclass(frozen=True)
class Attribution:
    """The decision, for one deployment."""

    setup: Setup

    def decide(self, state: KeyState[BaseModel], event: Event) -> Decision:
        """What follows from one event. An hour only has what was left over looked at."""
        cause, at = _frame(event)
        book = Book(state, cause, at, setup=self.setup)
        _take(book, event)
        settle(book)
        return book.decision()


def _frame(event: Event) -> tuple[str, datetime]:
    match event:
        case TimePassed():
            return identity(event.connection, "time", event.at.isoformat()), event.at
        case DealChanged() | SignalChanged():
            return event.id, event.occurred_at
        case _:
            return event.id, event.decided_at


def _take(book: Book, event: Event) -> None:
    match event:
        case DealChanged():
            read_deal(book, event)
        case PartnerDecided():
            read_partner(book, event)
        case SignalChanged():
            _signal(book, event)
        case OverlapDecided():
            prove(book, f"overlap/{event.overlap.key}", proofs.of_overlap(event))
        case LeadRouted():
            prove(book, event.lead, proofs.of_lead(event))
        case RegistrationDecided():
            prove(book, event.registration, proofs.of_registration(event))
        case OfferLinkDecided():
            prove(book, f"offer_link/{event.deal}", proofs.of_offer_link(event, book.setup))
        case CertificationDecided():
            prove(book, f"certification/{event.email}/{event.program}", proofs.of_certification(event))
        case TimePassed():
            pass


def _signal(book: Book, event: SignalChanged) -> None:
    before = book.get(f"proof/{event.ref}", Proof)
    if before is None or before.version is None or event.version >= before.version:
        prove(book, event.ref, proofs.of_signal(event, book.setup), event.version)
