"""Times as the platform reads and writes them: UTC, to the second; it never reads the machine's clock by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

Clock = Callable[[], datetime]

# The colon-less offset is read only with a fraction of a second: "2013-08-12T15:20:00+0000" is on record as refused
# (JSON_PARSER_ERROR "Cannot deserialize instance of datetime"), while ".000+0000" is the platform's own form.
_DATETIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:(?:\.(\d+))?(Z|[+-]\d\d:\d\d)|\.(\d+)([+-]\d\d\d\d))", re.ASCII
)


class AdjustableClock:
    """Wraps a clock so that a test can move time forward; returns aware UTC datetimes."""

    def __init__(self, base: Clock) -> None:
        self._base, self._offset = base, timedelta(0)
        self.on_advance: Callable[[], None] | None = None

    def __call__(self) -> datetime:
        return self._base() + self._offset

    def advance(self, seconds: float) -> None:
        """Moves the time, forward or, with a negative number, back."""
        self._offset += timedelta(seconds=seconds)
        if self.on_advance is not None:
            self.on_advance()


def wall_clock() -> datetime:
    return datetime.now(UTC)


def to_second(moment: datetime) -> datetime:
    """The stored form: UTC without a fraction, as system timestamps have second precision."""
    return moment.astimezone(UTC).replace(microsecond=0)


def format_datetime(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def parse_datetime(text: str) -> datetime | None:
    """A UTC datetime from the forms that the platform accepts, or None."""
    match = _DATETIME.fullmatch(text)
    if match is None:
        return None
    zone = match.group(4) or match.group(6)
    offset = "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[-2:]}"
    try:
        return to_second(datetime.fromisoformat(f"{match.group(1)}T{match.group(2)}{offset}"))
    except ValueError:  # a month 13, an hour 25
        return None


def parse_date(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:  # a 31 February
        return None
