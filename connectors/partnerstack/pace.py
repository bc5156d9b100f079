"""How long to wait before the next call, so that the limit of a minute is not met; it never calls anybody.

PartnerStack allows 4,000 calls a minute to one address (Airbyte's page on its PartnerStack source); nobody has written
of headers that tell what is left, and so calls are counted here.
"""

from collections import deque

MINUTE = 60.0


class Pace:
    """Times are seconds of a clock that only goes forward."""

    def __init__(self, calls_per_minute: int) -> None:
        self._most = calls_per_minute
        self._calls: deque[float] = deque()

    def delay(self, now: float) -> float:
        """Seconds until a call may go out; one that may go out is counted."""
        while self._calls and self._calls[0] + MINUTE - now <= 0:
            self._calls.popleft()
        if len(self._calls) >= self._most:
            return self._calls[0] + MINUTE - now
        self._calls.append(now)
        return 0.0
