"""The documented quotas of the emulated services, counted on the emulated clock; refused calls do not count."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core import Clock, ServiceError

_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
# Requests per second of the catalog (facts 1.2); what is not named has no documented quota.
_CATALOG = {
    "ListEntities": 10, "DescribeEntity": 20, "StartChangeSet": 5, "ListChangeSets": 5, "DescribeChangeSet": 10,
    "CancelChangeSet": 5, "TagResource": 5, "UntagResource": 5, "ListTagsForResource": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quota:
    """Which calls share a quota, and how many of them a second and 24 hours take."""

    name: str
    second: int
    day: int | None = None


def quota_of(service: str, operation: str) -> Quota | None:
    """The quota that counts this call; None where none is documented."""
    if service == "partnercentral-selling":
        reads = operation.startswith(("Get", "List"))
        return Quota("ace reads", 10, 100_000) if reads else Quota("ace writes", 1, 10_000)
    if service == "marketplace-catalog" and operation in _CATALOG:
        return Quota(operation, _CATALOG[operation])
    return None


class Limits:
    """Counts in sliding windows. `enabled` may be changed while it runs."""

    def __init__(self, clock: Clock, enabled: bool) -> None:
        self.enabled = enabled
        self._clock = clock
        self._calls: dict[str, deque[datetime]] = defaultdict(deque)

    def spend(self, service: str, operation: str) -> None:
        """Counts one call; raises ThrottlingException."""
        quota = quota_of(service, operation)
        if quota is None or not self.enabled:
            return
        now, calls = self._clock(), self._calls[quota.name]
        while calls and calls[0] <= now - _DAY:
            calls.popleft()
        lately = _after(calls, now - _SECOND)
        if lately >= quota.second:
            raise throttled(f"Rate exceeded: {quota.second} a second")
        if quota.day is not None and len(calls) >= quota.day:
            raise throttled(f"Rate exceeded: {quota.day} in 24 hours")
        calls.append(now)


def throttled(message: str = "Rate exceeded") -> ServiceError:
    return ServiceError("ThrottlingException", message)


def _after(calls: deque[datetime], moment: datetime) -> int:
    found = 0
    for one in reversed(calls):
        if one <= moment:
            break
        found += 1
    return found
