"""Follows the webhooks journal: which records events touch, read as they are now; it never trusts an event's values.

An event says that something happened to a record. The record is then read whole, many at once, so that a change carries
every mapped field and no field that is only unknown. The slots of the cursor, of the whole source:

    "journal"   the offset up to which all was told, and when we read it (epoch ms)
    "pending"   the same while a search catches up: from there the journal goes on afterwards
    "again"     when the journal's end was taken (epoch ms): what the search did not show yet then, another one finds
"""

import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.base import STREAM, Event, Progress, slots_of
from connectors.dispositions import Recovery
from connectors.errors import StopMapping
from connectors.hubspot.client import Client, Mismatch
from connectors.hubspot.errors import disposition
from connectors.hubspot.events import Happening, tell
from connectors.hubspot.polling import Polling
from connectors.hubspot.records import Records
from connectors.hubspot.window import Window, millis
from mappings.table import EntityMap

log = logging.getLogger(__name__)
JOURNAL, PENDING, AGAIN = "journal", "pending", "again"
START = "-"  # the offset before the first entry of an empty journal
RETENTION = timedelta(days=3)


class Journal:
    """One app's journal. It catches up by search at the first start and when its place is lost."""

    def __init__(
        self, client: Client, records: Records, polling: Polling, clock: Callable[[], datetime], overlap_s: int
    ) -> None:
        self._client, self._records, self._polling, self._clock = client, records, polling, clock
        self._overlap = overlap_s * 1000
        self._subscribed = False

    def changes(
        self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str], windows: Mapping[str, Window]
    ) -> Iterator[Event]:
        """Everything after the cursors; returns when the journal has nothing newer."""
        self._check_subscriptions(tables)
        slots = slots_of(STREAM, cursors)
        place, pending, again = slots.get(JOURNAL), slots.get(PENDING), slots.get(AGAIN)
        while True:
            if place is not None and again is not None and self._now() - int(again) >= self._overlap:
                yield from self._searched(tables, windows)
                yield Progress(STREAM, None, AGAIN)
                again = None
            if place is None:
                if pending is None:
                    # The journal's end comes first: what changes during the search is told by the journal afterwards.
                    pending = self._latest()
                    said = "searching for all changes; then the journal is followed"
                    yield Progress(STREAM, pending, PENDING, note=said)
                yield from self._searched(tables, windows)
                read_at = pending.partition(" ")[2]
                if again != read_at:
                    again = read_at
                    yield Progress(STREAM, again, AGAIN)
                yield Progress(STREAM, pending, JOURNAL)
                yield Progress(STREAM, None, PENDING)
                place, pending = pending, None
            lost = yield from self._followed(tables, windows, place, hold=again is not None)
            if not lost:
                return
            said = "the journal no longer knows our place (it keeps three days); catching up by search"
            log.warning("%s: %s", ", ".join(tables), said)
            yield Progress(STREAM, None, JOURNAL, note=said)
            place = None

    def _searched(self, tables: Mapping[str, EntityMap], windows: Mapping[str, Window]) -> Iterator[Event]:
        for table in tables.values():
            yield from self._polling.poll(table, windows[table.entity], thorough=True)

    def _followed(
        self, tables: Mapping[str, EntityMap], windows: Mapping[str, Window], place: str, *, hold: bool
    ) -> Generator[Event, None, bool]:
        """Entry after entry; whether the place turned out to be lost. With `hold` the floors stay for a search."""
        while True:
            offset, _, read_at = place.partition(" ")
            if offset == START and self._now() - int(read_at) >= RETENTION // timedelta(milliseconds=1):
                return True  # entries may have come and gone since
            try:
                entry = self._client.journal("earliest" if offset == START else f"offset/{offset}/next")
            except Mismatch as refused:
                if disposition(refused.failure).recovery is Recovery.RESOLVE:
                    return True
                raise
            if not entry:
                return False
            happenings = _read(self._client.journal_file(entry["url"])["journalEvents"])
            yield from tell(self._records, tables, windows, happenings)
            if happenings and not hold:
                yield from _raised(windows, max(each.ms for each in happenings))
            place = f"{entry['currentOffset']} {self._now()}"
            yield Progress(STREAM, place, JOURNAL)

    def _latest(self) -> str:
        entry = self._client.journal("latest")
        return f"{entry['currentOffset'] if entry else START} {self._now()}"

    def _now(self) -> int:
        return millis(self._clock().isoformat())

    def _check_subscriptions(self, tables: Mapping[str, EntityMap]) -> None:
        """Without a subscription the journal stays silent, which would look as if nothing happened."""
        if self._subscribed:
            return
        told = {each["objectTypeId"] for each in self._client.subscriptions()}
        for table in tables.values():
            if self._records.objects.type_id(table.object) not in told:
                reason = f"the journal does not tell of {table.object}: there is no subscription"
                raise StopMapping(reason, 'run `tandem prepare CONNECTION`, or set changes = "search"')
        self._subscribed = True


def _raised(windows: Mapping[str, Window], horizon: int) -> Iterator[Event]:
    for window in windows.values():
        yield from window.advance(horizon)
        yield from window.archived_up_to(horizon)


def _read(events: Sequence[Mapping[str, Any]]) -> list[Happening]:
    return [Happening.of_journal(each) for each in events if each.get("objectId") is not None]
