"""Counts calls against the ten-second, the per-second search and the daily limit, on the portal's clock."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Literal

from . import times
from .errors import rate_limited

Kind = Literal["private", "oauth", "client"]
INTERVAL = timedelta(seconds=10)
_SECOND = timedelta(seconds=1)


class Limits:
    """`burst` is per kind of token and ten seconds; None is no limit. A refused call does not count."""

    def __init__(
        self, clock: times.Clock, private: int | None, oauth: int | None, search: int | None, daily: int | None,
        journal: int | None = None,
    ) -> None:  # fmt: skip
        self.burst: dict[Kind, int | None] = {"private": private, "oauth": oauth, "client": None}
        self.search, self.daily, self.journal, self.used = search, daily, journal, 0
        self._clock = clock
        self._calls: dict[Kind, deque[datetime]] = {"private": deque(), "oauth": deque(), "client": deque()}
        self._searches: deque[datetime] = deque()
        self._journal_calls: deque[datetime] = deque()
        self._day = clock().date()

    def spend(self, kind: Kind) -> None:
        """Counts one call; raises 429 TEN_SECONDLY_ROLLING or DAILY."""
        now = self._clock()
        self._new_day(now)
        calls, maximum = self._window(kind, now), self.burst[kind]
        if kind == "private" and self.daily is not None and self.used >= self.daily:
            raise rate_limited("DAILY")
        if maximum is not None and len(calls) >= maximum:
            raise rate_limited("TEN_SECONDLY_ROLLING")
        calls.append(now)
        self.used += kind == "private"

    def spend_search(self, kind: Kind) -> None:
        """Searches have a limit of their own, per account and second; they count for the day."""
        now = self._clock()
        self._new_day(now)
        if kind == "private" and self.daily is not None and self.used >= self.daily:
            raise rate_limited("DAILY")
        _drop(self._searches, now - _SECOND)
        if self.search is not None and len(self._searches) >= self.search:
            raise rate_limited("SECONDLY")
        self._searches.append(now)
        self.used += kind == "private"

    def spend_journal(self) -> None:
        """The journal has a limit per app and second, apart from every other one."""
        now = self._clock()
        _drop(self._journal_calls, now - _SECOND)
        if self.journal is not None and len(self._journal_calls) >= self.journal:
            raise rate_limited("SECONDLY")
        self._journal_calls.append(now)

    def headers(self, kind: Kind) -> dict[str, str]:
        """The daily pair is sent for private apps only."""
        maximum = self.burst[kind]
        if maximum is None:
            return {}
        calls = self._window(kind, self._clock())
        last_second = sum(one > self._clock() - _SECOND for one in calls)
        secondly = maximum // 10
        made = {
            "X-HubSpot-RateLimit-Max": str(maximum),
            "X-HubSpot-RateLimit-Remaining": str(max(0, maximum - len(calls))),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(INTERVAL // timedelta(milliseconds=1)),
            "X-HubSpot-RateLimit-Secondly": str(secondly),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(max(0, secondly - last_second)),
        }
        if kind == "private" and self.daily is not None:
            made["X-HubSpot-RateLimit-Daily"] = str(self.daily)
            made["X-HubSpot-RateLimit-Daily-Remaining"] = str(max(0, self.daily - self.used))
        return made

    def resets_at(self) -> datetime:
        """Midnight in the portal's time zone, which is UTC here."""
        now = self._clock()
        return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

    def _window(self, kind: Kind, now: datetime) -> deque[datetime]:
        calls = self._calls[kind]
        _drop(calls, now - INTERVAL)
        return calls

    def _new_day(self, now: datetime) -> None:
        if now.date() != self._day:
            self._day, self.used = now.date(), 0


def _drop(calls: deque[datetime], until: datetime) -> None:
    while calls and calls[0] <= until:
        calls.popleft()
