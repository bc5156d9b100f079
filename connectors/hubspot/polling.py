"""Finds changes by searching, and deletions among the archived records; it never writes to HubSpot.

Limits that searching has: an association that changes alone does not touch a record's stamp and shows with the record's
next change, and a privacy deletion leaves nothing to find. The journal and the webhooks tell both.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from connectors.base import Event
from connectors.hubspot.records import Records
from connectors.hubspot.walk import Ask, Found, Page, walk
from connectors.hubspot.window import Window
from mappings.table import EntityMap


class Polling:
    """Reads what has changed of one object since the window's floors. `clock` measures how long nothing new came."""

    def __init__(self, records: Records, clock: Callable[[], datetime], overlap_s: int, deletions_every_s: int) -> None:
        self._records, self._clock = records, clock
        self._overlap, self._every = timedelta(seconds=overlap_s), timedelta(seconds=deletions_every_s)
        self._newest: dict[str, tuple[int, datetime]] = {}
        self._listed: dict[str, datetime] = {}

    def poll(self, table: EntityMap, window: Window, *, thorough: bool = False) -> Iterator[Event]:
        """All changes up to now; `thorough` reads the archived records though it is not their time yet."""
        started = self._clock()
        if window.archived is None:
            # Before the walk: what is archived while it runs lies behind this floor and is told afterwards.
            yield from window.archived_up_to(max((each.at for each in self._records.archived(table)), default=0))
        yield from self._changed(table, window, started)
        due = table.entity not in self._listed or started - self._listed[table.entity] >= self._every
        if thorough or due:
            yield from self._deleted(table, window)
            self._listed[table.entity] = started

    def _changed(self, table: EntityMap, window: Window, started: datetime) -> Iterator[Event]:
        def search(ask: Ask) -> Page:
            return self._records.page(table, ask)

        first = search(Ask(since=None if window.floor is None else window.floor.ms))
        horizon = None
        if first.after is not None:
            # Asked before the walk begins anew: what lies the overlap behind it is visible to that walk.
            horizon = self._records.newest(table)
        last = None
        for piece in walk(search, window.floor, None if first.after is not None else first):
            if piece:
                last = piece[-1].ms
                horizon = last if horizon is None else horizon
                yield from self._told(table, window, piece, horizon)
        if last is not None and horizon is not None:
            yield from window.advance(horizon)
            if self._quiet(table, last, started):
                yield from window.settle(last)

    def _told(self, table: EntityMap, window: Window, piece: list[Found], horizon: int) -> Iterator[Event]:
        doubtful = [each.id for each in piece if window.doubtful(each.id, each.ms)]
        reread = self._records.read(table, doubtful) if doubtful else {}
        sure = [each.row for each in piece if each.id not in set(doubtful)]
        known = {record.id: record for record in self._records.complete(table, sure)}
        for each in piece:
            if each.id in known:
                yield from window.tell(known[each.id], horizon)
            elif each.id in reread:
                yield from window.tell(reread[each.id], None)

    def _deleted(self, table: EntityMap, window: Window) -> Iterator[Event]:
        listed = sorted(self._records.archived(table), key=lambda each: each.at)
        for each in listed:
            if window.archived is None or not window.archived.passed(each.at, each.id):
                yield from window.gone(each.id, each.at, after=each.changed, absorbed=each.absorbed)
        yield from window.archived_up_to(listed[-1].at if listed else 0)

    def _quiet(self, table: EntityMap, newest: int, started: datetime) -> bool:
        """Whether `newest` was known for the overlap before this poll began: a duration, no clocks are compared."""
        known, since = self._newest.get(table.entity, (None, started))
        if known != newest:
            self._newest[table.entity] = (newest, self._clock())
            return False
        return started - since >= self._overlap
