"""How long to wait before the next call, so that no limit is met; it never calls anybody.

HubSpot tells in headers what is left of its ten-second window, its second and its day; of searches it tells nothing,
and so they are counted here (developers.hubspot.com, API usage guidelines and Search the CRM).
"""

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple


class Daily(NamedTuple):
    """Calls of the portal's day, as of the last answer that told them; OAuth apps are not told any."""

    limit: int
    left: int


class Pace:
    """Times are seconds of a clock that only goes forward."""

    def __init__(self, searches_per_s: int) -> None:
        self.daily: Daily | None = None
        self._per_s = searches_per_s
        self._searches: deque[float] = deque()
        self._free_at = 0.0

    def delay(self, now: float, *, search: bool) -> float:
        """Seconds until a call may go out; a search that may go out is counted."""
        if not search or self._free_at > now:
            return max(0.0, self._free_at - now)
        while self._searches and self._searches[0] <= now - 1:
            self._searches.popleft()
        if len(self._searches) >= self._per_s:
            return self._searches[0] + 1 - now
        self._searches.append(now)
        return 0.0

    def heard(self, headers: Mapping[str, str], now: float) -> None:
        """What an answer tells of the limits."""
        limit, left = _number(headers, "Daily"), _number(headers, "Daily-Remaining")
        if limit is not None and left is not None:
            self.daily = Daily(limit, left)
        if _number(headers, "Secondly-Remaining") == 0:
            self._free_at = max(self._free_at, now + 1)
        if _number(headers, "Remaining") == 0:
            interval = _number(headers, "Interval-Milliseconds")
            self._free_at = max(self._free_at, now + (10.0 if interval is None else interval / 1000))


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(f"X-HubSpot-RateLimit-{name}", "").strip()
    return int(value) if value.isdigit() else None
