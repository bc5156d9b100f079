"""Keeps the index of companies that are asked for or protected, and how registrations are found; it decides nothing."""

from datetime import timedelta

from schemas.entities import Account
from schemas.partners import PartnerStatus
from streams import companies
from streams.registrations import conflicts
from streams.registrations.book import Book
from streams.registrations.parts import Reading
from streams.registrations.state import HELD_KIND, OPEN_KIND, Case
from streams.registrations.transitions import CLOSED, OPEN


def placed(book: Book, case: Case, before: Case) -> Case:
    """Keep in the index which companies are asked for and which are protected; look at those that wait for them."""
    place = HELD_KIND if case.protected else OPEN_KIND if _contends(book, case) else None
    if before.place is not None and before.place != place:
        companies.drop(book, before.place, case.ref)
    if place is not None and case.claim is not None:
        companies.put(book, place, case.ref, case.claim)
    case = case.model_copy(update={"place": place})
    same = ("place", "claim", "partner", "submitted_at", "protected_until")
    if any(getattr(case, name) != getattr(before, name) for name in same):
        old: Account | None = before.claim if before.place is not None else None
        mine = min((each.submitted_at for each in (case, before) if each.submitted_at is not None), default=None)
        for each in conflicts.neighbours(book, (old, case.claim)):
            at = book.case(each).submitted_at
            # One that is only asked for stands in the way of later ones; one that is protected, of all.
            later = at is None or mine is None or (at, each) > (mine, case.ref)
            if each != case.ref and (later or HELD_KIND in {place, before.place}):
                book.touch(each)
    return case


def _contends(book: Book, case: Case) -> bool:
    """Whether later registrations of its company have to wait for it: it is valid, or it may be once its partner is known."""
    if case.status not in OPEN or case.claim is None:
        return False
    partner = book.partner(case.partner)
    if partner is not None:
        return partner.status is PartnerStatus.ACTIVE or book.rules.inactive.outcome == "keep"
    reading = book.reading(case.ref)
    hours = timedelta(hours=book.rules.quality.partner_within_hours)
    return reading is not None and book.now < reading.first_at + hours


def listen(book: Book, case: Case, reading: Reading) -> None:
    """By which names of partners it is found; one that is over for good is no longer looked for."""
    listens = reading.alive and case.status not in CLOSED
    names = {reading.record.partner, f"{reading.connection}/partner/{reading.record.partner}", case.partner}
    for name in sorted(each for each in names if each):
        book.mark(f"says/{name}|{case.ref}", listens)
