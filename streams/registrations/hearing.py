"""Heeds what a registration's own systems say of its status, by the stated rule, and what partners submit again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from schemas.partners import PartnerStatus
from schemas.partners import RegistrationStatus as S
from streams.registrations.book import Book
from streams.registrations.parts import Hand, Reading
from streams.registrations.standing import approve, move, resubmit
from streams.registrations.state import Case
from streams.registrations.transitions import AGAIN, OPEN, named


def heed(book: Book, case: Case, readings: Sequence[Reading]) -> Case:
    """The case after all that was set by hand, in the order of its time; each counts once."""
    waiting = [reading for reading in readings if reading.hand is not None]
    for reading in sorted(waiting, key=lambda it: (it.hand.at if it.hand else it.at, it.ref)):
        assert reading.hand is not None  # noqa: S101
        case = _hand(book, case, reading, reading.hand)
        # While an answer of ours may still be on its way there, nobody knows what the record will show.
        book.shows(reading.ref, None if reading.expect else reading.hand.status)
        book.put(f"reading/{reading.ref}", reading.model_copy(update={"hand": None}))
    return _submitted_again(book, case, readings[0])


def _hand(book: Book, case: Case, reading: Reading, hand: Hand) -> Case:
    why = f"{hand.by} has set it to {named(hand.status)} in {reading.connection}."
    if hand.status in {case.status, S.IN_REVIEW}:
        return case
    if case.status is None and hand.status is not S.APPROVED:
        return _set(book, case, reading, hand.status, f"It was {named(hand.status)} when it was first read.")
    if hand.status is S.SUBMITTED:
        return _resubmitted(book, case, _time(case, reading), why) if case.status in AGAIN else case
    return _ruled(book, case, reading, hand, why)


def _ruled(book: Book, case: Case, reading: Reading, hand: Hand, why: str) -> Case:
    """By the rules of engagement; that a partner takes it back into a draft is its own affair."""
    match hand.status:
        case S.DRAFT:
            return _set(book, case, reading, S.DRAFT, why)
        case _ if not book.rules.by_hand.honours(hand.status):
            return case.model_copy(update={"note": f"{why} That does not count by the rules of engagement."})
        case S.APPROVED if (unfit := _unfit(book, case)) is not None:
            return case.model_copy(update={"note": f"{why} That does not count: {unfit}"})
        case S.APPROVED:
            after = approve(book, case, f"{hand.by}, in {reading.connection}", why, hand.at)
            return after if after.status is S.APPROVED else _refused(book, after, why)
        case _:
            return _set(book, case, reading, hand.status, why)


def _unfit(book: Book, case: Case) -> str | None:
    """Why nobody can approve it: its partner is not active, and it does not become another one's for that."""
    partner, outcome = book.partner(case.partner), book.rules.inactive.outcome
    if partner is None or partner.status is PartnerStatus.ACTIVE or outcome == "keep":
        return None
    if outcome == "reassign" and partner.status is PartnerStatus.INACTIVE:
        return None
    return f"{partner.name} is {partner.status.value}, and only an active partner's registration is approved."


def _set(book: Book, case: Case, reading: Reading, status: S, why: str) -> Case:
    after = move(book, case, status, why)
    if after.status is S.RETURNED and status is S.RETURNED:
        return after.model_copy(update={"missing": (why,), "returned_digest": reading.digest})
    return after


def _refused(book: Book, case: Case, why: str) -> Case:
    """Approved by hand beside another protection: a person has to say which of the two it is."""
    note = f"{why} {case.note}" if case.note else why
    opened = case
    if case.status not in OPEN and case.status is not None:
        opened = move(book, case, S.SUBMITTED, why)
    return opened.model_copy(update={"note": note})


def _submitted_again(book: Book, case: Case, reading: Reading) -> Case:
    stamp = reading.record.submitted_at
    newer = stamp is not None and case.submitted_at is not None and stamp > case.submitted_at
    if newer and case.status in AGAIN - {S.DRAFT} and (case.since is None or stamp is None or stamp > case.since):
        return _resubmitted(book, case, stamp or reading.at, "The partner has submitted it again.")
    return case


def _time(case: Case, reading: Reading) -> datetime:
    stamp = reading.record.submitted_at
    known = case.submitted_at
    return stamp if stamp is not None and (known is None or stamp > known) else reading.at


def completed(book: Book, case: Case, reading: Reading) -> Case:
    """A returned registration was corrected by the partner: it is submitted again by that."""
    return _resubmitted(book, case, reading.content_at, "The partner has completed it.")


def _resubmitted(book: Book, case: Case, at: datetime, why: str) -> Case:
    """A returned one keeps its time of submission within the days that the rules say; any other one begins anew."""
    within = timedelta(days=book.rules.returned.keep_days)
    kept = case.status is S.RETURNED and case.since is not None and at - case.since <= within
    first = case.submitted_at if kept and case.submitted_at is not None else at
    words = f"{why} It keeps its place." if kept else why
    return resubmit(book, case, first, words)
