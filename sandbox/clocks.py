"""The clocks of the emulators: the machine's own, one that starts elsewhere, one that can be moved; nothing is read at import."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


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


def from_moment(start: datetime | None) -> Clock:
    """The wall clock, or one that starts at the given time and runs on."""
    if start is None:
        return wall_clock
    shift = start - wall_clock()
    return lambda: wall_clock() + shift


def aware(text: str) -> datetime | None:
    """A time in ISO 8601 with an offset; else None."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def moment(parse: Callable[[str], datetime | None] = aware) -> Callable[[str], datetime]:
    """The `type` of an option that is a time, as the platform reads times."""

    def option(text: str) -> datetime:
        found = parse(text)
        if found is None:
            raise ArgumentTypeError(f"{text!r} is not a time such as 2026-11-22T10:00:00Z")
        return found

    return option
