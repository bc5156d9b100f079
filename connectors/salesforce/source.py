"""Reads the changes of one object by keyset polling on (SystemModstamp, Id); it never writes to Salesforce.

Limits that polling has: a change of a parent (the owner's new name) shows only when the record itself changes, a formula
only likewise, and a deletion only while the record is in the recycle bin (15 days).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Event
from connectors.salesforce import soql
from connectors.salesforce.client import Client, Mismatch, Page, Row
from connectors.salesforce.drift import explain
from connectors.salesforce.settings import Settings
from connectors.salesforce.soql import Position
from connectors.salesforce.window import Record, Window
from mappings.table import EntityMap

SYSTEM = ("Id", "SystemModstamp", "LastModifiedById", "IsDeleted")
ID_LENGTH = 15


class SalesforceSource:
    """A `connectors.base.Source`. The first start walks the whole object; what was told twice within the window is dropped.

    `clock` measures only how long nothing new has come, so that a quiet org is not read again and again.
    """

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = Client(settings), clock
        self._overlap, self._page_size = timedelta(seconds=settings.overlap_s), settings.page_size
        self._newest: dict[str, tuple[datetime, datetime]] = {}

    def changes(self, table: EntityMap, cursors: Mapping[str, str]) -> Iterator[Event]:
        """See `connectors.base.Source.changes`; the slots of the cursor are told in `connectors.salesforce.window`."""
        try:
            yield from self._poll(table, Window(cursors, self._overlap))
        except Mismatch as mismatch:
            raise explain(self._client, table, mismatch) from mismatch

    def _poll(self, table: EntityMap, window: Window) -> Iterator[Event]:
        started, user = self._clock(), self._client.user()
        position, horizon, last = window.floor, None, None
        while True:
            page = self._page(table, position)
            records = [_record(row, table, user) for row in page.rows]
            full = len(records) == self._page_size or not page.whole
            if not records:
                break
            position = last = Position(records[-1].at, records[-1].id)
            horizon = horizon or (self._org_newest(table) if full else records[-1].at)
            for record in records:
                yield from window.observe(record, horizon)
            if not full:
                break
        if last is not None:
            yield from window.advance(last.stamp)
            if self._quiet(table, last.stamp, started):
                yield from window.settle(last)

    def _page(self, table: EntityMap, position: Position | None) -> Page:
        fields = (*SYSTEM, *(each for each in table.vendor_fields if each not in SYSTEM))
        return self._client.query(soql.page(table.object, fields, position, self._page_size), deleted=True)

    def _org_newest(self, table: EntityMap) -> datetime:
        rows = self._client.query(soql.newest(table.object), deleted=True).rows
        return soql.parsed(rows[0]["SystemModstamp"])

    def _quiet(self, table: EntityMap, newest: datetime, started: datetime) -> bool:
        """Whether `newest` was known longer than the overlap before this poll began: a duration, so no clock is compared."""
        known, since = self._newest.get(table.object, (None, started))
        if known != newest:
            self._newest[table.object] = (newest, self._clock())
            return False
        return started - since >= self._overlap


def _record(row: Row, table: EntityMap, user: str) -> Record:
    actor = row.get("LastModifiedById")
    return Record(
        id=row["Id"],
        at=soql.parsed(row["SystemModstamp"]),
        row=None if row["IsDeleted"] else _mapped(row, table.vendor_fields),
        actor=actor,
        # An id has 15 characters, or 18 with a checksum of their case.
        own=actor is not None and actor[:ID_LENGTH] == user[:ID_LENGTH],
    )


def _mapped(row: Row, fields: Sequence[str]) -> dict[str, Any]:
    """The mapped fields, parents as nested objects; the `attributes` of the wire are left out."""
    wanted = {field.partition(".")[0] for field in fields}
    return {name: _bare(value) for name, value in row.items() if name in wanted}


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bare(inner) for name, inner in value.items() if name != "attributes"}
    return value
