"""Relative date literals (TODAY, LAST_N_DAYS:n ...) as spans of days in UTC; it never reads a clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta


def span(literal: str, now: datetime) -> tuple[date, date]:
    """First day and the day after the last; LAST_N_DAYS:n is the n days before today and today itself."""
    today = now.astimezone(UTC).date()
    word, _, number = literal.partition(":")
    if word in ("LAST_N_DAYS", "NEXT_N_DAYS"):
        days = timedelta(days=int(number))
        one = timedelta(days=1)
        return (today - days, today + one) if word == "LAST_N_DAYS" else (today + one, today + one + days)
    if word.endswith("MONTH"):
        first = today.replace(day=1)
        return _months(first, {"LAST": -1, "THIS": 0, "NEXT": 1}[word[:4]])
    if word.endswith("YEAR"):
        year = today.year + {"LAST": -1, "THIS": 0, "NEXT": 1}[word[:4]]
        return date(year, 1, 1), date(year + 1, 1, 1)
    start = today + timedelta(days={"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}[word])
    return start, start + timedelta(days=1)


def as_datetimes(start: date, end: date) -> tuple[datetime, datetime]:
    return datetime.combine(start, time(), UTC), datetime.combine(end, time(), UTC)


def _months(first: date, step: int) -> tuple[date, date]:
    def shifted(by: int) -> date:
        month = first.month - 1 + by
        return date(first.year + month // 12, month % 12 + 1, 1)

    return shifted(step), shifted(step + 1)
