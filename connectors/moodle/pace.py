"""How many calls reading may still make: a bucket that holds an hour's worth and fills evenly; it calls nobody."""

from collections.abc import Callable
from datetime import datetime

from connectors.base import Budget

HOUR_S = 3600.0


class Pace:
    """Moodle itself has no limit: this one is ours, so that a site stays quick for its learners."""

    def __init__(self, per_hour: int, clock: Callable[[], datetime]) -> None:
        self._per_hour, self._clock = per_hour, clock
        self._left, self._at = float(per_hour), clock()

    def spend(self) -> None:
        """One call."""
        self._fill()
        self._left -= 1

    def left(self) -> int:
        """Whole calls."""
        self._fill()
        return max(0, int(self._left))

    def wait_s(self, calls: int) -> float:
        """Seconds until there are so many."""
        self._fill()
        return max(0.0, min(calls, self._per_hour) - self._left) * HOUR_S / self._per_hour

    def budget(self) -> Budget:
        """The hour's worth, and what is gone of it."""
        return Budget(self._per_hour - self.left(), self._per_hour, 0)

    def _fill(self) -> None:
        now = self._clock()
        passed = max(0.0, (now - self._at).total_seconds())
        self._left, self._at = min(float(self._per_hour), self._left + passed * self._per_hour / HOUR_S), now
