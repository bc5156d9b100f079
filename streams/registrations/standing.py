"""The one guard of a registration's status: no move that the table does not know, no approval beside another protection."""

from datetime import datetime, timedelta

from schemas.partners import RegistrationStatus as S
from streams.registrations import conflicts
from streams.registrations.book import Book
from streams.registrations.conflicts import Asked
from streams.registrations.state import Case
from streams.registrations.transitions import may, named

APPROVED = ("It is approved.",)  # who has approved it, and beside what, is not the partner's


def move(book: Book, case: Case, to: S, why: str, words: tuple[str, ...] = ()) -> Case:
    """The case in that status; where it may not be, the case as it is, with a note that says why in words."""
    if case.status is to:
        return case
    if not may(case.status, to):
        return case.model_copy(update={"note": f"It cannot become {named(to)}: it is {named(case.status)}. {why}"})
    if to is S.APPROVED and (refused := in_the_way(book, case)):
        return case.model_copy(update={"note": refused})
    update: dict[str, object] = {
        "status": to,
        "previous": case.status,
        "since": book.now,
        "reasons": (why,),
        "words": words or (why,),
        "by_deal": False,
        "note": None,
    }
    if to is S.APPROVED:
        update |= {"missing": (), "conflict_with": None, "conflict_words": None}
    return case.model_copy(update=update)


def in_the_way(book: Book, case: Case, partner: str | None = None) -> str | None:
    """Why it cannot be approved for its partner (or the given one), in words for a manager; none where it can."""
    if case.claim is None or case.submitted_at is None or (partner or case.partner) is None:
        return "It cannot be approved: it is not known whose it is."
    asked = Asked(case.ref, partner or case.partner, case.submitted_at, case.claim, case.deal)
    holders = conflicts.holders(book, asked)
    if not holders:
        return None
    return (
        f"It cannot be approved while {holders[0].ref} ({holders[0].name}) is protected for another partner: reject or "
        "withdraw that one first."
    )


def approve(book: Book, case: Case, by: str, why: str, at: datetime | None = None) -> Case:
    """Approved, with its protection window and margin as the verdict has them; not, where another one is protected.

    `at`: when that was, where it was before now.
    """
    since = book.now if at is None else min(at, book.now)
    moved = move(book, case, S.APPROVED, why, APPROVED)
    if moved.status is not S.APPROVED or moved is case:
        return moved
    verdict = case.verdict
    days = verdict.protection_days if verdict is not None else 0
    return moved.model_copy(
        update={
            "approved_at": since,
            "approved_by": by,
            "protected_until": since.date() + timedelta(days=days),
            "margin": verdict.margin if verdict is not None else None,
            "kind": verdict.kind if verdict is not None else None,
            "fixed": True,
            "extensions": 0,
            "expiry_told": None,
            "expiry_days": None,
            "stale_on": None,
        }
    )


def resubmit(book: Book, case: Case, at: object, why: str) -> Case:
    """Submitted again: it begins anew, with that time of submission."""
    moved = move(book, case, S.SUBMITTED, why)
    if moved is case or moved.status is not S.SUBMITTED:
        return moved
    fresh = {
        "submitted_at": at, "approvals": (), "course": None, "approved_at": None, "approved_by": None,
        "protected_until": None, "extensions": 0, "margin": None, "kind": None, "fixed": False, "missing": (),
        "returned_digest": None, "expiry_told": None, "expiry_days": None, "stale_on": None,
    }  # fmt: skip
    return moved.model_copy(update=fresh)
