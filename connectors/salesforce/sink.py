"""Writes records to one org, one outcome each; it never writes what Salesforce already holds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue

from connectors.base import Budget, Outcome, Rejected, Retry
from connectors.errors import PauseConnection
from connectors.judging import standing
from connectors.salesforce.client import Client, Mismatch
from connectors.salesforce.drift import explain
from connectors.salesforce.errors import Failure, Recovery, disposition
from connectors.salesforce.settings import Settings
from connectors.salesforce.writing.collections import COLLECTION
from connectors.salesforce.writing.ingest import JOB, Ingest
from connectors.salesforce.writing.mending import settle
from connectors.salesforce.writing.reading import Reader
from connectors.salesforce.writing.rows import Item, Result, combined, converted
from connectors.salesforce.writing.ways import Archiving, Saving, Way, WithParent
from mappings.table import EntityMap
from schemas.messages import Write, WriteAction

AGAIN = frozenset({Recovery.RETRY, Recovery.ALONE, Recovery.CONFLICT, Recovery.REAUTHENTICATE})


class SalesforceSink:
    """A `connectors.base.Sink`. It upserts by external id or updates by id: sending a write twice is harmless.

    Bulk jobs that it began are remembered until their end; `write` raises `RetryLater` as long as one runs.
    """

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client = Client(settings, clock)
        # As many as one bulk job takes, or one collection where there are no bulk jobs.
        self.batch_size = JOB if settings.bulk_rows else COLLECTION
        self._ingest = Ingest(self._client, settings.bulk_rows, settings.bulk_poll_s)
        self._saving = Saving(self._client, settings, self._ingest)
        self._archiving = Archiving(self._client, self._ingest)
        self._with_parent = WithParent(self._client, settings)

    def budget(self) -> Budget | None:
        """The org's API calls."""
        return self._client.budget()

    def look(self, table: EntityMap, batch: Sequence[Write]) -> Sequence[Mapping[str, JsonValue] | None]:
        """See `connectors.base.Sink.look`. What the mapping cannot read stands as Salesforce gives it."""
        items = [_looked_for(table, index, write) for index, write in enumerate(batch)]
        try:
            stored = Reader(self._client).stored(table, items)
        except Mismatch as mismatch:
            raise explain(self._client, table, mismatch) from mismatch
        return [
            {name: value for name, value in standing(table, stored[index]).items() if name in write.fields}
            if index in stored
            else None
            for index, write in enumerate(batch)
        ]

    def write(self, tables: Mapping[str, EntityMap], batch: Sequence[Write]) -> Sequence[Outcome]:
        """See `connectors.base.Sink.write`."""
        if not batch:
            return []
        self._client.breathe()
        table = tables[batch[0].entity]
        unique, places = combined(batch)
        items, refused = converted(tables, table, unique)
        outcomes: dict[int, Outcome] = dict(refused)
        results: dict[int, Result] = {}
        try:
            known = self._ingest.results(table, items)
            for above in {item.above.table.entity: item.above.table for item in items if item.above}.values():
                self._ingest.results(above, [])
            for way, chosen in self._by_way(items):
                own = {item.index: known[item.index] for item in chosen if item.index in known}
                results |= settle(self._client, table, way, chosen, own)
            # Before the results are judged: one that pauses the connection must not be found again after the pause.
            self._ingest.forget(table)
            outcomes |= {index: _outcome(result) for index, result in results.items()}
        except Mismatch as mismatch:
            raise explain(self._client, table, mismatch) from mismatch
        return [outcomes[place] for place in places]

    def _by_way(self, items: Sequence[Item]) -> list[tuple[Way, list[Item]]]:
        archived = [item for item in items if item.write.action is WriteAction.ARCHIVE]
        saved = [item for item in items if item.write.action is WriteAction.SET]
        ways: list[tuple[Way, list[Item]]] = [
            (self._saving, [item for item in saved if item.above is None]),
            (self._with_parent, [item for item in saved if item.above is not None]),
            (self._archiving, archived),
        ]
        return [(way, chosen) for way, chosen in ways if chosen]


def _looked_for(table: EntityMap, index: int, write: Write) -> Item:
    names = [table.fields[name].vendor for name in write.fields if name in table.fields]
    bare = write.model_copy(update={"expected": None})
    return Item(index, bare, write.match_by, write.key, write.fields, dict.fromkeys(names))


def _outcome(result: Result) -> Outcome:
    """What a row's result means for it, or, raised, for all."""
    if not isinstance(result, Failure):
        return result
    known = disposition(result)
    if known.recovery is Recovery.PAUSE:
        raise PauseConnection(f"Salesforce refuses writes: {result.reason}", known.remedy)
    if known.recovery is Recovery.STOP:
        raise Mismatch(result, known.remedy)
    if known.recovery in AGAIN:
        return Retry(result.reason)
    return Rejected(result.code, result.reason, known.remedy, next(iter(result.fields), None))
