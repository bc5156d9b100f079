"""The three ways a write can go, each as: what is done already or may not be done, and how the rest is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from connectors.base import Applied
from connectors.judging import agrees, overtaken
from connectors.salesforce.client import Client, Mismatch
from connectors.salesforce.errors import Recovery, disposition
from connectors.salesforce.settings import Settings
from connectors.salesforce.writing.collections import Collections
from connectors.salesforce.writing.graph import Graphs
from connectors.salesforce.writing.ingest import Ingest
from connectors.salesforce.writing.reading import Reader
from connectors.salesforce.writing.rows import ID_LENGTH, Item, Result, known_above
from mappings.table import EntityMap
from schemas.messages import MatchBy

Judged = tuple[dict[int, Result], list[Item]]


class Way(Protocol):
    """One way; both methods answer by the items' indexes and raise the errors of `connectors.errors`."""

    def judged(self, table: EntityMap, items: Sequence[Item]) -> Judged:
        """What needs no write or may not be written, and the rest, as it is to be sent."""

    def send(self, table: EntityMap, items: Sequence[Item], *, again: bool = False) -> dict[int, Result]:
        """What became of each. What is sent again, otherwise than it was asked for, never goes as a job."""


class Saving:
    """Values into records: a single expected one under a condition, many in a bulk job, else in collections."""

    def __init__(self, client: Client, settings: Settings, ingest: Ingest) -> None:
        self._reader, self._collections, self._ingest = Reader(client), Collections(client), ingest
        self._compare = settings.compare

    def judged(self, table: EntityMap, items: Sequence[Item]) -> Judged:
        """See `Way`. Without `compare` only what expects something is read."""
        if len(items) == 1 and items[0].write.expected and not _paths(table, items[0]):
            return self._judged_alone(table, items[0])
        read = [item for item in items if self._compare or item.write.expected]
        stored = self._reader.stored(table, read) if read else {}
        done: dict[int, Result] = {}
        for item in read:
            found = self._judge(table, item, stored.get(item.index))
            if found is not None:
                done[item.index] = found
        return done, [item for item in items if item.index not in done]

    def _judged_alone(self, table: EntityMap, item: Item) -> Judged:
        try:
            read = self._reader.one(table, item)
        except Mismatch as mismatch:
            if disposition(mismatch.failure).recovery is Recovery.STOP:
                raise
            return {item.index: mismatch.failure}, []
        found = self._judge(table, item, read and read[0])
        if found is not None:
            return {item.index: found}, []
        return {}, [item if read is None else replace(item, target=read[0]["Id"], condition=read[1])]

    def _judge(self, table: EntityMap, item: Item, stored: Mapping[str, Any] | None) -> Result | None:
        if stored is None:
            # By id, the write itself tells whether the record is deleted, merged, or was never there.
            return overtaken(table, item.write, None) if item.match_by is MatchBy.EXTERNAL_ID else None
        if self._compare and agrees(table, item.fields, stored):
            return Applied(stored["Id"], changed=False)
        return overtaken(table, item.write, stored)

    def send(self, table: EntityMap, items: Sequence[Item], *, again: bool = False) -> dict[int, Result]:
        """See `Way`."""
        if len(items) == 1 and items[0].condition:
            return {items[0].index: self._collections.save_as_read(table, items[0])}
        results = None if again else self._ingest.save(table, items)
        return self._collections.save(table, items) if results is None else results


class Archiving:
    """Records into the recycle bin."""

    def __init__(self, client: Client, ingest: Ingest) -> None:
        self._reader, self._collections, self._ingest = Reader(client), Collections(client), ingest

    def judged(self, table: EntityMap, items: Sequence[Item]) -> Judged:
        """See `Way`. What is named by id and expects nothing is not read."""
        read = [item for item in items if item.match_by is MatchBy.EXTERNAL_ID or item.write.expected]
        stored = self._reader.stored(table, read) if read else {}
        done: dict[int, Result] = {}
        rest: list[Item] = []
        for item in items:
            row = stored.get(item.index)
            if row is None and item in read:
                done[item.index] = Applied(item.key, changed=False)
                continue
            late = overtaken(table, item.write, row) if row is not None else None
            if late is not None:
                done[item.index] = late
            else:
                rest.append(replace(item, target=item.key if row is None else row["Id"]))
        return done, rest

    def send(self, table: EntityMap, items: Sequence[Item], *, again: bool = False) -> dict[int, Result]:
        """See `Way`."""
        results = None if again else self._ingest.save(table, items)
        return self._collections.delete(items) if results is None else results


class WithParent:
    """Values into a record and its parent, both or neither."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._reader, self._graphs = Reader(client), Graphs(client, settings.api_version)
        self._compare = settings.compare

    def judged(self, table: EntityMap, items: Sequence[Item]) -> Judged:
        """See `Way`. Done is what agrees with its parent, and points to it; a parent that agrees is only looked at."""
        read = [item for item in items if self._compare or item.write.expected]
        stored = self._reader.stored(table, read) if read else {}
        parents = self._parents(read)
        done: dict[int, Result] = {}
        rest = [item for item in items if item not in read]
        for item in read:
            row, above = stored.get(item.index), known_above(item)
            parent = parents.get((above.table.entity, above.key))
            held = parent is not None and self._compare and agrees(above.table, above.fields, parent)
            if held and row and parent and _same(row.get(above.link), parent["Id"]) and agrees(table, item.fields, row):
                done[item.index] = Applied(row["Id"], changed=False)
                continue
            blind = row is None and item.match_by is MatchBy.ID
            late = None if blind else overtaken(table, item.write, row)
            if late is None:
                rest.append(replace(item, above=replace(above, held=held)))
            else:
                done[item.index] = late
        return done, rest

    def _parents(self, items: Sequence[Item]) -> dict[tuple[str, str], dict[str, Any]]:
        aboves = [known_above(item) for item in items]
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for table in {above.table.entity: above.table for above in aboves}.values():
            own = [above for above in aboves if above.table is table]
            fields = sorted({"Id"}.union(*(above.values for above in own)))
            rows = self._reader.by_key(table, [above.key for above in own], fields)
            found |= {(table.entity, key): row for key, row in rows.items()}
        return found

    def send(self, table: EntityMap, items: Sequence[Item], *, again: bool = False) -> dict[int, Result]:
        """See `Way`."""
        return self._graphs.save(table, items)


def _paths(table: EntityMap, item: Item) -> bool:
    return any("." in name for name in item.watched(table))


def _same(one: object, other: str) -> bool:
    return isinstance(one, str) and one[:ID_LENGTH] == other[:ID_LENGTH]
