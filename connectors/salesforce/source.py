"""Reads the changes of one object by keyset polling on (SystemModstamp, Id); it never writes to Salesforce.

Limits that polling has: a change of a parent (the owner's new name) or of a formula shows only when the record itself
changes, and a deletion only while the record is in the recycle bin (15 days).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from connectors.base import Event
from connectors.errors import StopMapping
from connectors.salesforce import soql
from connectors.salesforce.client import Client, Mismatch, Row
from connectors.salesforce.drift import explain
from connectors.salesforce.settings import Settings
from connectors.salesforce.soql import Position
from connectors.salesforce.window import Record, Window
from mappings.errors import nearest
from mappings.table import EntityMap

SYSTEM = ("Id", "SystemModstamp", "LastModifiedById", "IsDeleted")
ID_LENGTH = 15


class SalesforceSource:
    """A `connectors.base.Source`. The first start walks the whole object; what comes twice is told once.

    `clock` measures how long nothing new has come, so that a quiet org is not read again and again.
    """

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = Client(settings, clock), clock
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
        page = self._page(table, window.floor)
        horizon = None
        if page.more:
            # Asked before the page is read again: what lies the overlap behind it is visible to that reading,
            # however long the walk then takes.
            horizon = self._org_newest(table)
            page = self._page(table, window.floor)
        last = None
        while page.rows:
            records = [_record(row, table, user) for row in page.rows]
            last = Position(records[-1].at, records[-1].id)
            horizon = horizon or last.stamp
            for record in records:
                yield from window.observe(record, horizon)
            if not page.more:
                break
            page = self._page(table, last)
        if last is not None and horizon is not None:
            yield from window.advance(horizon)
            if self._quiet(table, last.stamp, started):
                yield from window.settle(last)

    def _page(self, table: EntityMap, position: Position | None) -> "_Page":
        fields = (*SYSTEM, *(each for each in table.vendor_fields if each not in SYSTEM))
        answer = self._client.query(soql.page(table.object, fields, position, self._page_size), deleted=True)
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


def _record(row: Row, table: EntityMap, user: str) -> Record:
    actor = row.get("LastModifiedById")
    return Record(
        id=row["Id"],
        at=soql.parsed(row["SystemModstamp"]),
        row=None if row["IsDeleted"] else _mapped(row, table),
        actor=actor,
        # An id has 15 characters, or 18 with a checksum of their case.
        own=actor is not None and actor[:ID_LENGTH] == user[:ID_LENGTH],
    )


def _mapped(row: Row, table: EntityMap) -> dict[str, Any]:
    """The mapped fields, parents as nested objects; the `attributes` of the wire are left out."""
    found = {}
    for name in dict.fromkeys(field.partition(".")[0] for field in table.vendor_fields):
        if name not in row:
            # A query takes any case, an answer has Salesforce's own: the value would read as absent.
            reason = f"Salesforce answers {table.object} without {name!r}"
            raise StopMapping(reason, f"in mappings/{table.system}.toml, {nearest(name, row)}")
        found[name] = _bare(row[name])
    return found


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bare(inner) for name, inner in value.items() if name != "attributes"}
    return value
