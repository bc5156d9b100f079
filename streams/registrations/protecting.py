"""What time does to a registration: expiry, notices ahead of it, stagnation, reclamation into the pool, and extension."""

from datetime import UTC, date, datetime, time, timedelta

from schemas.partners import RegistrationStatus as S
from streams.registrations.book import Book
from streams.registrations.notices import give
from streams.registrations.parts import DealCard, Reading
from streams.registrations.standing import move
from streams.registrations.state import Case


def advance(book: Book, case: Case, reading: Reading, active: datetime | None) -> Case:
    """The case as it is at this hour. `active`: when anybody last worked on it."""
    if case.status is S.RETURNED and case.since is not None:
        last = case.since + timedelta(days=book.rules.returned.expire_days)
        return move(book, case, S.EXPIRED, "It was not completed in time.") if book.now >= last else case
    if case.status is S.EXPIRED:
        return _reclaimed(book, case)
    if case.status is not S.APPROVED or case.protected_until is None:
        return case
    if book.today > case.protected_until:
        expired = move(book, case, S.EXPIRED, f"Its protection ended on {case.protected_until}.")
        return _reclaimed(book, expired)
    return _stale(book, _ending(book, case, reading), reading, active)


def wake(book: Book, case: Case, reading: Reading, active: datetime | None) -> datetime | None:
    """When it has to be looked at again, for the sake of time alone."""
    rules, ahead = book.rules, []
    if case.status is S.IN_REVIEW and case.approvals and not case.approvals[-1].escalated:
        ahead.append(case.approvals[-1].due_at)
    if case.status is S.SUBMITTED and book.partner(case.partner) is None:
        ahead.append(reading.first_at + timedelta(hours=rules.quality.partner_within_hours))
    if case.status is S.RETURNED and case.since is not None:
        ahead.append(case.since + timedelta(days=rules.returned.expire_days))
    if case.protected_until is not None and case.status is S.APPROVED:
        last, days = case.protected_until, rules.notices.before_expiry_days
        ahead += [_begin(last + timedelta(days=1)), *(_begin(last - timedelta(days=each)) for each in days)]
        if active is not None:
            ahead.append(_noticed(book, case, active))
    if case.protected_until is not None and case.status is S.EXPIRED:
        ahead.append(_pool(book, case))
    return min((each for each in ahead if each > book.now), default=None)


def extend(book: Book, case: Case, until: date | None, by: str) -> Case:
    """Protected until another day, as often and as far as the rules say; else the case as it is, with a note."""
    rules, last = book.rules.extension, case.protected_until
    refused = None
    if last is None or case.status not in {S.APPROVED, S.EXPIRED}:
        refused = "only an approved registration, or one that has just expired, can be extended."
    elif until is None or until <= max(last, book.today):
        refused = f"name a day after {max(last, book.today)}."
    elif case.extensions >= rules.times:
        refused = f"it was extended {case.extensions} times, and the rules of engagement allow {rules.times}."
    elif until > max(last, book.today) + timedelta(days=rules.days):
        refused = f"the rules of engagement allow {rules.days} days at once, until {last + timedelta(days=rules.days)}."
    if refused is not None:
        return case.model_copy(update={"note": f"{by} cannot extend it: {refused}"})
    why = f"{by} has extended its protection to {until}."
    again = move(book, case, S.APPROVED, why)
    if again.status is not S.APPROVED:
        return again
    return again.model_copy(
        update={
            "protected_until": until, "extensions": case.extensions + 1, "reasons": (why,), "words": (why,), "note": None,
            "expiry_told": None, "expiry_days": None, "stale_on": None,
        }
    )  # fmt: skip


def active_at(case: Case, reading: Reading, deal: DealCard | None) -> datetime | None:
    """When anybody last worked on it: the partner on the registration, or people on its deal."""
    found = [reading.record.active_at, case.approved_at, deal.active_at if deal is not None else None]
    if case.approved_at is None or reading.content_at > case.approved_at:
        found.append(reading.content_at)
    return max((each for each in found if each is not None), default=None)


def _reclaimed(book: Book, case: Case) -> Case:
    """An expired registration goes into the pool once it can no longer be extended."""
    if case.status is not S.EXPIRED or case.protected_until is None or book.now < _pool(book, case):
        return case
    return move(book, case, S.RECLAIMED, "Nobody has extended it: the company is in the pool, others may register it.")


def _pool(book: Book, case: Case) -> datetime:
    ended = _begin((case.protected_until or book.today) + timedelta(days=1))
    began = ended if case.since is None else min(ended, case.since)  # it can have expired before its day
    return began + timedelta(days=book.rules.reclaim.after_expiry_days)


def _ending(book: Book, case: Case, reading: Reading) -> Case:
    last = case.protected_until
    if last is None:
        return case
    left = (last - book.today).days
    reached = [days for days in book.rules.notices.before_expiry_days if left <= days]
    if not reached:
        return case
    nearest = min(reached)
    if case.expiry_told == last and case.expiry_days is not None and case.expiry_days <= nearest:
        return case
    words = f"The protection of {reading.record.company} ends on {last}: convert it, or ask for an extension."
    give(book, case, reading, f"expiry {nearest}", last, words)
    return case.model_copy(update={"expiry_told": last, "expiry_days": nearest})


def _stale(book: Book, case: Case, reading: Reading, active: datetime | None) -> Case:
    rules = book.rules.stagnation
    if active is None or book.now < active + timedelta(days=rules.notice_after_days):
        return case if case.stale_on is None else case.model_copy(update={"stale_on": None})
    if case.stale_on is None:
        due = book.today + timedelta(days=rules.reclaim_after_days)
        words = (
            f"Nobody has worked on the registration of {reading.record.company} since {active.date()}: without any work "
            f"on it until {due}, it goes back into the pool."
        )
        give(book, case, reading, "stagnation", due, words)
        return case.model_copy(update={"stale_on": book.today})
    if book.today < case.stale_on + timedelta(days=rules.reclaim_after_days):
        return case
    why = f"Nobody has worked on it since {active.date()}, and the notice of {case.stale_on} did not change that."
    return move(book, case, S.RECLAIMED, f"{why} The company is in the pool, others may register it.")


def _noticed(book: Book, case: Case, active: datetime) -> datetime:
    rules = book.rules.stagnation
    if case.stale_on is not None:
        return _begin(case.stale_on + timedelta(days=rules.reclaim_after_days))
    return active + timedelta(days=rules.notice_after_days)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
