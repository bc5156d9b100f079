"""Times as the platform reads and writes them: UTC, to the second; it never reads the machine's clock by itself."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from sandbox.clocks import AdjustableClock, Clock, wall_clock

__all__ = [
    "AdjustableClock", "Clock", "format_datetime", "parse_date", "parse_datetime", "to_second", "wall_clock",
]  # fmt: skip

# The colon-less offset is read only with a fraction of a second: "2013-08-12T15:20:00+0000" is on record as refused
# (JSON_PARSER_ERROR "Cannot deserialize instance of datetime"), while ".000+0000" is the platform's own form.
_DATETIME = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:(?:\.(\d+))?(Z|[+-]\d\d:\d\d)|\.(\d+)([+-]\d\d\d\d))", re.ASCII
)


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
