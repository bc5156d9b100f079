"""Durations of agreements in ISO 8601, as `P12M`, and the day after so long; it knows no clock."""

import calendar
import re
from datetime import date, timedelta
from typing import NamedTuple

_SPAN = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?")


class Span(NamedTuple):
    """So many months and days."""

    months: int
    days: int

    @classmethod
    def read(cls, text: str) -> "Span | None":
        """The span of a text; None where it is none."""
        found = _SPAN.fullmatch(text)
        if found is None:
            return None
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        return cls(years * 12 + months, weeks * 7 + days)


def later(day: date, span: Span) -> date:
    """So long after a day; the last day of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + span.months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) + timedelta(days=span.days)
