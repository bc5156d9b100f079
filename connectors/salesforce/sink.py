"""Writes records in collections of 200, one outcome each; it never writes what Salesforce already holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.base import Applied, Outcome, Rejected, Retry
from connectors.errors import PauseConnection, RetryLater, StopMapping
from connectors.salesforce import soql
from connectors.salesforce.client import Client, Mismatch, Row
from connectors.salesforce.drift import explain
from connectors.salesforce.errors import Disposition, Failure, Recovery, disposition, of_row
from connectors.salesforce.resolve import Parents
from connectors.salesforce.settings import Settings
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import MatchBy, Write

# The most that one call of the collections resource takes (developer.salesforce.com, sObject Collections).
COLLECTION = 200
HEADERS = {
    # Assignment rules fire by default and would undo a decided owner.
    "Sforce-Auto-Assign": "FALSE",
    # An alert of a duplicate rule does not block; a rule that blocks still does.
    "Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One write on its way: `values` are vendor fields to vendor values."""

    index: int
    write: Write
    values: dict[str, Any]

    def record(self, table: EntityMap) -> Row:
        """As a collection takes it: `attributes` must be the first key."""
        key = _key_field(table, self.write.match_by)
        return {"attributes": {"type": table.object}, key: self.write.key, **self.values}


class SalesforceSink:
    """A `connectors.base.Sink`. It upserts by external id or updates by id: sending a write twice is harmless."""

    batch_size = COLLECTION

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client, self._compare = Client(settings, clock), settings.compare

    def write(self, table: EntityMap, batch: Sequence[Write]) -> Sequence[Outcome]:
        """See `connectors.base.Sink.write`."""
        outcomes: dict[int, Outcome] = {}
        rows = _converted(table, batch, outcomes)
        try:
            for match_by in MatchBy:
                chosen = [row for row in rows if row.write.match_by is match_by]
                if chosen:
                    outcomes |= self._write(table, chosen, match_by)
        except Mismatch as mismatch:
            raise explain(self._client, table, mismatch) from mismatch
        return [outcomes[index] for index in range(len(batch))]

    def _write(self, table: EntityMap, rows: Sequence[_Row], match_by: MatchBy) -> dict[int, Outcome]:
        done: dict[int, Outcome] = {}
        there = self._there(table, rows, match_by) if self._compare else {}
        for row in rows:
            stored = there.get(row.write.key)
            if stored is not None and _agrees(table, row, stored):
                done[row.index] = Applied(stored["Id"], changed=False)
        return done | self._send_all(table, [row for row in rows if row.index not in done], match_by)

    def _send_all(self, table: EntityMap, rows: Sequence[_Row], match_by: MatchBy) -> dict[int, Outcome]:
        """Send; then once more the rows that fell with a neighbour, each alone, and those whose parent is gone."""
        done, failed = self._send(table, rows, match_by)
        alone = [[row] for row, failure in failed if disposition(failure).recovery is Recovery.ALONE]
        for again in (*alone, self._with_living_parents(table, failed)):
            more, refused = self._send(table, again, match_by)
            done |= more
            failed += refused
        # The last word on a row counts: what was refused twice stands twice in the list.
        last = {row.index: failure for row, failure in failed if row.index not in done}
        return done | {index: _outcome(failure) for index, failure in last.items()}

    def _with_living_parents(self, table: EntityMap, failed: Sequence[tuple[_Row, Failure]]) -> list[_Row]:
        rows = [row for row, failure in failed if disposition(failure).recovery is Recovery.RESOLVE]
        if not rows:
            return []
        parents = Parents.look_up(self._client, table, [row.values for row in rows])
        return [replace(row, values=parents.replaced(row.values)) for row in rows if parents.concern(row.values)]

    def _send(
        self, table: EntityMap, rows: Sequence[_Row], match_by: MatchBy
    ) -> tuple[dict[int, Outcome], list[tuple[_Row, Failure]]]:
        """What became of each row: applied, or failed. Raises where Salesforce answers for another number of rows."""
        if not rows:
            return {}, []
        body = {"allOrNone": False, "records": [row.record(table) for row in rows]}
        results = self._client.rest("PATCH", _path(table, match_by), body, HEADERS) or []
        if len(results) != len(rows):
            raise RetryLater(f"Salesforce answered {len(results)} results for {len(rows)} records")
        done: dict[int, Outcome] = {}
        failed: list[tuple[_Row, Failure]] = []
        for row, result in zip(rows, results, strict=True):
            if result["success"]:
                done[row.index] = Applied(result["id"])
            else:
                failed.append((row, of_row(result["errors"])))
        return done, failed

    def _there(self, table: EntityMap, rows: Sequence[_Row], match_by: MatchBy) -> Mapping[str, Row]:
        try:
            return self._stored(table, rows, match_by)
        except Mismatch as mismatch:
            if disposition(mismatch.failure).recovery is Recovery.STOP:
                raise
            # One key that is no id refuses the reading of all; the write tells it for that row alone.
            return {}

    def _stored(self, table: EntityMap, rows: Sequence[_Row], match_by: MatchBy) -> Mapping[str, Row]:
        """The records as they are, by key. An unknown or deleted one is absent and left to the write to tell."""
        fields = sorted({"Id", *(name for row in rows for name in row.values)})
        keys = [row.write.key for row in rows]
        if match_by is MatchBy.EXTERNAL_ID:
            external_id = _key_field(table, match_by)
            queries = soql.lookups(table.object, [external_id, *fields], external_id, keys)
            return {row[external_id]: row for query in queries for row in self._client.query(query).rows}
        found = self._client.rest("POST", f"composite/sobjects/{table.object}", {"ids": keys, "fields": fields}) or []
        return {key: row for key, row in zip(keys, found, strict=True) if row is not None}


def _converted(table: EntityMap, batch: Sequence[Write], outcomes: dict[int, Outcome]) -> list[_Row]:
    """The writes in the vendor's terms; one that cannot be converted is rejected and its neighbours go on."""
    rows = []
    for index, write in enumerate(batch):
        try:
            rows.append(_Row(index, write, table.to_vendor(write.fields)))
        except RowError as error:
            outcomes[index] = Rejected("UNCONVERTIBLE", error.reason, error.remedy, error.field)
    return rows


def _key_field(table: EntityMap, match_by: MatchBy) -> str:
    if match_by is MatchBy.ID:
        return "Id"
    if table.external_id is None:
        reason = f"{table.entity} is to be written by external id, and mappings/{table.system}.toml names none"
        raise StopMapping(reason, f"add external_id to [{table.entity}]")
    return table.external_id


def _path(table: EntityMap, match_by: MatchBy) -> str:
    if match_by is MatchBy.ID:
        return "composite/sobjects"
    return f"composite/sobjects/{table.object}/{_key_field(table, match_by)}"


def _agrees(table: EntityMap, row: _Row, stored: Row) -> bool:
    try:
        return not table.differing(row.write.fields, stored)
    except RowError:
        # What stands there is no value that Tandem would write: it differs.
        return False


def _outcome(failure: Failure) -> Outcome:
    """What a row's failure means for it, or, raised, for all."""
    known: Disposition = disposition(failure)
    field = next(iter(failure.fields), None)
    if known.recovery is Recovery.PAUSE:
        raise PauseConnection(f"Salesforce refuses writes: {failure.reason}", known.remedy)
    if known.recovery is Recovery.STOP:
        raise Mismatch(failure, known.remedy)
    if known.recovery in {Recovery.RETRY, Recovery.ALONE, Recovery.REAUTHENTICATE}:
        return Retry(failure.reason)
    return Rejected(failure.code, failure.reason, known.remedy, field)
