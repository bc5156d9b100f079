"""How long to wait so that Skilljar's limits of a minute and an hour are not met; it calls nobody.

The limits are 600 calls in a minute and 5,000 in an hour (second-hand, facts, lms 3); no header tells what is left.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.base import Budget
from connectors.errors import RetryLater

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Pace:
    """Counts the calls of this process."""

    def __init__(self, per_minute: int, per_hour: int, clock: Callable[[], datetime]) -> None:
        self._per_minute, self._per_hour, self._clock = per_minute, per_hour, clock
        self._calls: deque[datetime] = deque()

    def spend(self) -> None:
        """One call; raises `RetryLater` where it would be one too many."""
        now = self._clock()
        while self._calls and now - self._calls[0] >= HOUR:
            self._calls.popleft()
        for most, window in ((self._per_hour, HOUR), (self._per_minute, MINUTE)):
            if len(self._calls) >= most and now - self._calls[-most] < window:
                after = (window - (now - self._calls[-most])).total_seconds()
                raise RetryLater(f"{most} calls were made in {window}", "none needed, it goes on by itself", after)
        self._calls.append(now)

    def budget(self) -> Budget:
        """The hour's calls."""
        now = self._clock()
        return Budget(sum(now - at < HOUR for at in self._calls), self._per_hour, 0)
