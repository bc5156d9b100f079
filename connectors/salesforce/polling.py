"""Reads the changes of objects by keyset polling on (SystemModstamp, Id); it never writes to Salesforce.

Limits that polling has: a change of a parent (the owner's new name) or of a formula shows only when the record itself
changes, a deletion only while the record is in the recycle bin (15 days), and an undeletion looks like an edit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from connectors.base import Event, slots_of
from connectors.salesforce import soql
from connectors.salesforce.client import Client, Mismatch, Row
from connectors.salesforce.drift import explain
from connectors.salesforce.rows import MASTER, columns, record
from connectors.salesforce.settings import Settings
from connectors.salesforce.soql import Position
from connectors.salesforce.window import Record, Window
from mappings.table import EntityMap


class Polling:
    """The first poll of an object walks the whole of it; what comes twice is told once.

    `clock` measures how long nothing new has come, so that a quiet org is not read again and again.
    """

    def __init__(self, client: Client, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock
        self._overlap, self._page_size = timedelta(seconds=settings.overlap_s), settings.page_size
        self._newest: dict[str, tuple[datetime, datetime]] = {}
        self._merging: dict[str, bool] = {}

    def changes(self, table: EntityMap, cursors: Mapping[str, str]) -> Iterator[Event]:
        """What is new since the cursors of this entity, whose slots are told in `connectors.salesforce.window`."""
        window = Window(table.entity, slots_of(table.entity, cursors), self._overlap)
        try:
            yield from self._poll(table, window)
        except Mismatch as mismatch:
            raise explain(self._client, table, mismatch) from mismatch

    def _poll(self, table: EntityMap, window: Window) -> Iterator[Event]:
        started, user = self._clock(), self._client.user()
        page = self._page(table, window.floor)
        horizon = None
        if page.more:
            # Asked before the page is read again: what lies the overlap behind it is visible to that reading,
            # however long the walk then takes.
            horizon = self._org_newest(table)
            page = self._page(table, window.floor)
        last, winners = None, dict[str, tuple[str, ...]]()
        while page.rows:
            records = self._records(table, page.rows, user, winners)
            last = Position(records[-1].at, records[-1].id)
            horizon = horizon or last.stamp
            for each in records:
                yield from window.observe(each, horizon)
            if not page.more:
                break
            self._client.breathe()
            page = self._page(table, last)
        if last is not None and horizon is not None:
            yield from window.advance(horizon)
            if self._quiet(table, last.stamp, started):
                yield from window.settle(last)

    def _records(
        self, table: EntityMap, rows: Sequence[Row], user: str, winners: dict[str, tuple[str, ...]]
    ) -> list[Record]:
        """The rows of a page; merged ones know their winner, and the winner (from here on) its losers."""
        masters = self._masters(table, [row["Id"] for row in rows if row["IsDeleted"]])
        for loser, winner in masters.items():
            winners[winner] = (*winners.get(winner, ()), loser)
        records = [record({**row, MASTER: masters.get(row["Id"])}, table, user) for row in rows]
        return [each._replace(absorbed=winners.get(each.id, ())) if each.row is not None else each for each in records]

    def _masters(self, table: EntityMap, gone: Sequence[str]) -> Mapping[str, str]:
        """Loser to winner, among deleted records; most objects know no merge, and most deletions are none."""
        if not gone or not self._merges(table.object):
            return {}
        found = self._client.by_ids(table.object, ["Id", MASTER], gone)
        return {row["Id"]: row[MASTER] for row in found if row[MASTER]}

    def _merges(self, entity: str) -> bool:
        if entity not in self._merging:
            fields = self._client.describe(entity)["fields"]
            self._merging[entity] = any(each["name"] == MASTER for each in fields)
        return self._merging[entity]

    def _page(self, table: EntityMap, position: Position | None) -> "_Page":
        answer = self._client.query(soql.page(table.object, columns(table), position, self._page_size), deleted=True)
        return _Page(answer.rows, more=len(answer.rows) == self._page_size or not answer.whole)

    def _org_newest(self, table: EntityMap) -> datetime:
        rows = self._client.query(soql.newest(table.object), deleted=True).rows
        return soql.parsed(rows[0]["SystemModstamp"])

    def _quiet(self, table: EntityMap, newest: datetime, started: datetime) -> bool:
        """Whether `newest` was known for the overlap before this poll began: a duration, no clocks are compared."""
        known, since = self._newest.get(table.entity, (None, started))
        if known != newest:
            self._newest[table.entity] = (newest, self._clock())
            return False
        return started - since >= self._overlap


class _Page(NamedTuple):
    rows: Sequence[Row]
    more: bool
