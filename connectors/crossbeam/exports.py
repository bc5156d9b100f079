"""How many records were read of those that the plan allows in a year; it reads none.

Crossbeam tells nobody how much is left: Tandem counts what it has got itself, by reading and by webhooks. The slot of the
whole source "exports" holds `<first day of the plan's year> <count>`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from connectors.base import STREAM, Budget, Progress, slots_of
from connectors.crossbeam.settings import Settings
from connectors.errors import PauseConnection

SLOT = "exports"
A_DAY = 86_400.0  # seconds: so often it is looked at again, since somebody may raise the plan


class Exports:
    """The record exports of one organization."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock
        self._year, self._used = self._begun(clock().astimezone(UTC).date()), 0

    def take(self, cursors: Mapping[str, str]) -> None:
        """What was counted before; of an earlier year nothing counts any more."""
        told = slots_of(STREAM, cursors).get(SLOT, "")
        year, _, used = told.partition(" ")
        self._year, self._used = self._begun(self._clock().astimezone(UTC).date()), 0
        if year == self._year.isoformat():
            self._used = int(used)

    def add(self, count: int) -> Iterator[Progress]:
        """So many records have come."""
        if count:
            self._used += count
            yield Progress(STREAM, f"{self._year.isoformat()} {self._used}", SLOT)

    @property
    def left(self) -> int:
        """How many may be read before the reserve begins."""
        budget = self.budget()
        return budget.quota - budget.reserve - budget.used

    def budget(self) -> Budget:
        """As of the last record that came."""
        quota = self._settings.exports
        return Budget(self._used, quota, round(quota * self._settings.export_reserve_share))

    def used_up(self) -> PauseConnection | None:
        """Why nothing more may be read this year."""
        if self.left > 0:
            return None
        renewed = self._begun(self._year + timedelta(days=366))
        budget = self.budget()
        return PauseConnection(
            f"{budget.used} of {budget.quota} record exports of the year are used, {budget.reserve} are left to others",
            f"wait until {renewed.isoformat()}, buy more and raise `exports`, or lower export_reserve_share",
            A_DAY,
        )

    def _begun(self, today: date) -> date:
        """The first day of the plan's year that a day lies in."""
        month, day = map(int, self._settings.exports_renew.split("-"))
        this = date(today.year, month, day)
        return this if this <= today else date(today.year - 1, month, day)
