"""Counts API calls against the daily allowance and words the header about it; it never delays a call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .errors import SalesforceError
from .times import Clock

_WINDOW = timedelta(hours=24)
MAX_QUERY_JOBS = 10_000  # per 24 hours (Bulk API 2.0 guide, limits of query jobs)


class ApiUsage:
    """Used and allowed calls in 24 hours. The platform's window rolls; this one starts anew after 24 hours."""

    def __init__(self, maximum: int, used: int, clock: Clock) -> None:
        self.maximum, self.used, self.query_jobs = maximum, used, 0
        self._clock, self._since = clock, clock()

    def spend(self) -> None:
        """Counts one call; raises REQUEST_LIMIT_EXCEEDED (403) when the allowance is used up."""
        self._roll(self._clock())
        if self.used >= self.maximum:
            raise SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self.used += 1

    def header(self) -> str:
        return f"api-usage={self.used}/{self.maximum}"

    def resource(self) -> dict[str, Any]:
        """The part of the limits resource that is known here."""
        left = max(0, self.maximum - self.used)
        return {
            "DailyApiRequests": {"Max": self.maximum, "Remaining": left},
            "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000},
            "DailyBulkV2QueryJobs": {"Max": MAX_QUERY_JOBS, "Remaining": max(0, MAX_QUERY_JOBS - self.query_jobs)},
            "DataStorageMB": {"Max": 1024, "Remaining": 1024},
        }

    def _roll(self, now: datetime) -> None:
        if now - self._since >= _WINDOW:
            self._since, self.used, self.query_jobs = now, 0, 0
