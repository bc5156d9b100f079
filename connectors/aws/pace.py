"""How long to wait before a call, so that no limit of AWS is met, first come first served; it never calls anybody.

A limit is calls per second, some also calls per day ("Service quotas" of the Marketplace Catalog and Agreement APIs,
"Quotas" of the Partner Central API).
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.base import Budget
from connectors.errors import PauseConnection

DAY = 86_400.0
HOUR = 3600.0
READS = ("Get", "List", "Describe", "Search", "BatchDescribe", "BatchGet")


@dataclass(frozen=True, slots=True)
class Limit:
    """What AWS allows to one account: calls per second, and per 24 hours where it says so."""

    per_s: float
    per_day: int | None = None


RATES: Mapping[str, Mapping[str, Limit]] = {
    "marketplace-catalog": {
        "ListEntities": Limit(10), "DescribeEntity": Limit(20), "StartChangeSet": Limit(5), "ListChangeSets": Limit(5),
        "DescribeChangeSet": Limit(10), "CancelChangeSet": Limit(5),
        "*": Limit(5),  # not documented: as the slowest that is
    },
    "marketplace-agreement": {"*": Limit(5)},  # documented of all that is called here
    "partnercentral-selling": {"read": Limit(10, 100_000), "write": Limit(1, 10_000)},
}  # fmt: skip


@dataclass(slots=True)
class _Bucket:
    """Calls that were let go: `due` is when one more would have been earned, `hours` counts a day's calls."""

    limit: Limit
    due: float = 0.0
    hours: deque[tuple[float, int]] = field(default_factory=deque)

    def used(self, now: float) -> int:
        while self.hours and self.hours[0][0] <= now - DAY:
            self.hours.popleft()
        return sum(count for _, count in self.hours)

    def count(self, now: float) -> None:
        if self.hours and now - self.hours[-1][0] < HOUR:
            start, count = self.hours.pop()
            self.hours.append((start, count + 1))
        else:
            self.hours.append((now, 1))


class Pace:
    """`share` of each limit is taken. `now` gives seconds of a clock that only goes forward, `sleep` waits as many.

    May be used by several threads: whoever asks first goes first.
    """

    def __init__(
        self,
        share: float,
        now: Callable[[], float],
        sleep: Callable[[float], object],
        rates: Mapping[str, Mapping[str, Limit]] = RATES,
    ) -> None:
        self._share, self._now, self._sleep, self._rates = share, now, sleep, rates
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._lock = threading.Lock()

    def wait(self, service: str, operation: str) -> None:
        """Returns when the call may go. Raises `PauseConnection` when the day's calls are used up."""
        with self._lock:
            delay = self._reserved(service, operation)
        if delay > 0:
            self._sleep(delay)

    def slowed(self, service: str, operation: str) -> None:
        """AWS has refused a call as one too many: others use the account, too, and the next calls wait a second."""
        with self._lock:
            bucket = self._bucket(service, operation)
            if bucket is not None:
                bucket.due = max(bucket.due, self._now() + 1.0 + self._burst_s(bucket))

    def budget(self) -> Budget | None:
        """The day's calls of the limit that is nearest to its end, as this process counts them."""
        with self._lock:
            now = self._now()
            daily = [(bucket, bucket.limit.per_day) for bucket in self._buckets.values() if bucket.limit.per_day]
            found = [Budget(bucket.used(now), quota, quota - self._ours(quota)) for bucket, quota in daily]
        return max(found, key=lambda each: each.used / each.quota, default=None)

    def _reserved(self, service: str, operation: str) -> float:
        bucket = self._bucket(service, operation)
        if bucket is None:
            return 0.0
        now, quota = self._now(), bucket.limit.per_day
        if quota is not None and bucket.used(now) >= self._ours(quota):
            reason = f"{service}: Tandem's share of the {quota} calls in 24 hours is used up."
            raise PauseConnection(reason, "wait, raise `rate_share`, or ask AWS for a higher quota", HOUR)
        bucket.count(now)
        due = max(bucket.due, now)
        bucket.due = due + 1 / (bucket.limit.per_s * self._share)
        return due - now - self._burst_s(bucket)

    def _burst_s(self, bucket: _Bucket) -> float:
        """Seconds that calls may be ahead of their time: what a second earns may go at once."""
        earned = bucket.limit.per_s * self._share
        return max(0.0, 1 - 1 / earned)

    def _ours(self, quota: int) -> int:
        return int(quota * self._share)

    def _bucket(self, service: str, operation: str) -> _Bucket | None:
        limits = self._rates.get(service, {})
        kind = "read" if operation.startswith(READS) else "write"
        name = next((each for each in (operation, kind, "*") if each in limits), None)
        if name is None:
            return None
        # One bucket for each operation that falls under `*`: what is not documented is not known to be shared.
        return self._buckets.setdefault((service, operation if name == "*" else name), _Bucket(limits[name]))
