"""Days, moments and ISO 8601 durations as AWS Marketplace writes them; it knows no clock."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

DURATION = re.compile(r"P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
NEVER = "9999-01-01T00:00:00Z"  # what events give as the end of an agreement that has none


def stamp(moment: datetime) -> str:
    """To the second, 20 characters, as lists and change sets give it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fine_stamp(moment: datetime) -> str:
    """To the millisecond, as the details of an entity give it."""
    moment = moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def moment_of(text: str) -> datetime:
    """Reads a moment or a day; raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def day_of(text: object) -> date | None:
    """Reads YYYY-MM-DD and nothing else."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def end_of(day: date) -> datetime:
    return start_of(day) + timedelta(days=1, milliseconds=-1)


def later(moment: datetime, duration: str) -> datetime:
    """The moment after a duration such as "P12M"; months keep the day where the month has it."""
    found = DURATION.fullmatch(duration)
    if found is None:
        raise ValueError(f"{duration!r} is no ISO 8601 duration of days, weeks, months or years")
    years, months, weeks, days = (int(part or 0) for part in found.groups())
    ahead = moment.year * 12 + moment.month - 1 + years * 12 + months
    year, month = divmod(ahead, 12)
    last = monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last)) + timedelta(weeks=weeks, days=days)
