"""When something holds: spans of time and what follows from them; pure, it knows no record.

A span counts from its start to before its end; no end: for ever. Spans of a list are sorted and do not touch each other.
"""

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeVar

from schemas.messages import CertificationStatus
from streams.enablement.state import Proof

AWARD = timedelta(days=1)  # so near to each other, two systems tell of one award
Day = TypeVar("Day", bound=date)


class Span(NamedTuple):
    """From when to before when."""

    start: datetime
    end: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it counts then."""
        return self.start <= at and (self.end is None or at < self.end)

    @property
    def last_day(self) -> date | None:
        """The last day on which it counts, UTC."""
        return None if self.end is None else (self.end - timedelta(microseconds=1)).date()


class Judged(NamedTuple):
    """Whether a certification counts, and the span that says so."""

    status: CertificationStatus
    span: Span


def add_months(day: Day, months: int) -> Day:
    """The same day so many months on; the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def spans(proofs: Iterable[Proof], valid_months: int | None, *, withdrawn: bool = False) -> list[Span]:
    """When proofs of one need hold, each to its own last day or for as long as the program says.

    A badge that is polled and the same badge in a statement are one award: what a credential says of its last day, or that
    it was taken back, goes for everything that was told within a day of it. Of several awards the later end counts.
    `withdrawn`: as if nothing had been taken back.
    """
    told = list(proofs)
    credentials = [each for each in told if each.credential]
    alone = [
        each
        for each in told
        if each.credential or all(abs(each.issued - other.issued) > AWARD for other in credentials)
    ]
    return union(_span(each, valid_months) for each in alone if each.standing or withdrawn)


def _span(proof: Proof, valid_months: int | None) -> Span:
    if proof.expires is not None or valid_months is None:
        return Span(proof.issued, proof.expires)
    return Span(proof.issued, add_months(proof.issued, valid_months))


def union(found: Iterable[Span]) -> list[Span]:
    """What at least one of them covers."""
    joined: list[Span] = []
    for span in sorted((each for each in found if each.end is None or each.start < each.end), key=lambda it: it.start):
        last = joined[-1] if joined else None
        if last is not None and (last.end is None or span.start <= last.end):
            end = None if last.end is None or span.end is None else max(last.end, span.end)
            joined[-1] = Span(last.start, end)
        else:
            joined.append(span)
    return joined


def both(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """What both cover."""
    return union(
        Span(max(a.start, b.start), _earlier(a.end, b.end))
        for a in one
        for b in other
        if (a.end is None or b.start < a.end) and (b.end is None or a.start < b.end)
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)


def judge(live: Sequence[Span], ever: Sequence[Span], now: datetime, notice: timedelta) -> Judged | None:
    """Whether it counts now: `live` are the spans that hold, `ever` those with what was taken back. None: not yet."""
    for span in live:
        if span.holds(now):
            near = span.end is not None and span.end - notice <= now
            return Judged(CertificationStatus.LAPSING if near else CertificationStatus.IN_FORCE, span)
    begun = [span for span in ever if span.start <= now]
    if not begun:
        return None
    last, past = begun[-1], [span for span in live if span.end is not None and span.end <= now]
    if past and past[-1].end == last.end:
        return Judged(CertificationStatus.LAPSED, past[-1])
    return Judged(CertificationStatus.REVOKED, last)
