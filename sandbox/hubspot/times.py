"""Times as HubSpot reads and writes them: UTC, to the millisecond; it never reads the machine's clock by itself."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sandbox.clocks import AdjustableClock, Clock, wall_clock

__all__ = ["AdjustableClock", "Clock", "from_millis", "iso", "millis", "parse", "parse_date", "to_milli", "wall_clock"]

_MILLIS = re.compile(r"-?\d{1,15}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_milli(moment: datetime) -> datetime:
    """The stored form: UTC, cut to the millisecond."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """`2026-11-22T10:00:00.000Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def millis(moment: datetime) -> int:
    return (to_milli(moment) - _EPOCH) // timedelta(milliseconds=1)


def from_millis(number: int) -> datetime | None:
    """None for a number that is no date."""
    try:
        return _EPOCH + timedelta(milliseconds=number)
    except OverflowError:
        return None


@lru_cache(maxsize=1 << 17)  # a search reads the times of every record again
def parse(text: str) -> datetime | None:
    """A moment from ISO 8601 with an offset, from a day (its midnight in UTC) or from milliseconds; else None."""
    if _MILLIS.fullmatch(text):
        return from_millis(int(text))
    if not (_MOMENT.fullmatch(text) or _DAY.fullmatch(text)):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:  # a month 13, an hour 25
        return None
    return to_milli(found if found.tzinfo else found.replace(tzinfo=UTC))


def parse_date(text: str) -> date | None:
    """A day from `YYYY-MM-DD`, or from a moment that is exactly midnight UTC; else None."""
    found = parse(text)
    if found is None or (found.hour, found.minute, found.second, found.microsecond) != (0, 0, 0, 0):
        return None
    return found.date()
