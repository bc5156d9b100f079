"""Reads what a store has got since the last time, page by page; it never tells a statement twice."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from connectors.base import Event
from connectors.xapi.settings import Settings
from connectors.xapi.statements import moment
from connectors.xapi.store import Store
from connectors.xapi.telling import Telling
from connectors.xapi.window import Window
from mappings.table import EntityMap

SMALLEST = timedelta(milliseconds=1)  # what stores tell apart


class Walking:
    """The readings of one store."""

    def __init__(self, settings: Settings, telling: Telling, clock: Callable[[], datetime]) -> None:
        self._settings, self._telling, self._clock = settings, telling, clock
        self._store = Store(settings)
        self._begun: datetime | None = None
        self._newest: datetime | None = None

    def due(self) -> bool:
        """Whether it is time for a reading."""
        return self._begun is None or self._clock() - self._begun >= timedelta(seconds=self._settings.poll_s)

    def changes(self, table: EntityMap, window: Window) -> Iterator[Event]:
        """All that was stored since the floor; raises the floor to the last `stored`, and not beyond what is settled."""
        begun, counted, newest = self._clock(), self._newest, window.floor
        page = self._store.first(window.floor or self._settings.start)
        consistent, in_order = page.consistent, True
        while True:
            for raw in page.statements:
                stored = _stored(raw)
                in_order = in_order and (stored is None or newest is None or stored >= newest)
                # A later statement may share its time with this one, and be on the next page.
                if in_order and stored is not None and newest is not None and stored > newest:
                    yield from window.raise_to(self._settled(newest, consistent))
                newest = max(filter(None, (newest, stored)), default=None)
                again = counted is not None and stored is not None and stored <= counted
                yield from self._telling.stored(raw, table, window, again=again)
            yield from self._forgotten(window)
            if page.more is None:
                break
            page = self._store.following(page.more)
        if newest is not None:
            yield from window.raise_to(self._settled(newest, consistent))
            yield from self._forgotten(window)
        self._begun, self._newest = begun, newest

    def _settled(self, newest: datetime, consistent: datetime | None) -> datetime:
        """Before which nothing more can turn up."""
        if consistent is None:
            return newest - timedelta(seconds=self._settings.overlap_s)
        # What is stored at that very time may still turn up, and a reading begins behind the floor.
        return min(newest, consistent - SMALLEST)

    def _forgotten(self, window: Window) -> Iterator[Event]:
        if window.floor is None:
            return
        receiver = self._settings.receiver
        known = window.floor if receiver is None else self._clock() - timedelta(days=receiver.remember_days)
        yield from window.forget(min(window.floor, known))


def _stored(raw: object) -> datetime | None:
    """None where the store does not say; such a statement moves no floor."""
    try:
        found = moment(raw.get("stored")) if isinstance(raw, dict) else None
    except ValueError:
        return None
    return found if isinstance(found, datetime) else None
