"""Writes records to one portal, one outcome each; it never writes what HubSpot already holds.

HubSpot has no transaction. A record and its parent are written one after the other, the record first: where it is
refused its parent stays away, and where the connection breaks between the two, the next try completes them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from connectors.base import Applied, Budget, Outcome, Overtaken, Rejected, Retry
from connectors.dispositions import Recovery
from connectors.errors import PauseConnection
from connectors.hubspot.batches import Batches, Link
from connectors.hubspot.client import Client, Mismatch, Row
from connectors.hubspot.drift import explained
from connectors.hubspot.errors import Failure, disposition
from connectors.hubspot.folding import Folding
from connectors.hubspot.objects import ASSOCIATION, ID, STANDARD, Fields
from connectors.hubspot.records import BATCH, Records, chunks
from connectors.hubspot.rows import Item, Result, converted, grouped
from connectors.hubspot.settings import Settings
from connectors.judging import ABSENT, agrees, overtaken, standing
from mappings.table import EntityMap
from schemas.messages import MatchBy, Write, WriteAction


class Stored(NamedTuple):
    """A record as HubSpot holds it: the vendor fields that are watched."""

    id: str
    row: Row


class HubSpotSink:
    """A `connectors.base.Sink`. It upserts by a unique property or updates by id: sending a write twice is harmless."""

    batch_size = 1000  # what must be written of ten batches that were read goes in as few as it fills

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client, self._compare = Client(settings, clock), settings.compare
        self._records = Records(self._client, settings.app_id, settings.page_size)
        self._batches = Batches(self._client, self._records)
        self._folding: Folding | None = None
        if settings.overlaps == "property":
            self._folding = Folding(self._client, self._records, self._batches, clock, settings.overlap_s)

    def budget(self) -> Budget | None:
        """The portal's API calls of the day."""
        return self._client.budget()

    def look(self, table: EntityMap, batch: Sequence[Write]) -> Sequence[Mapping[str, JsonValue] | None]:
        """See `connectors.base.Sink.look`. What the mapping cannot read stands as HubSpot gives it."""
        items = [Item(index, write, table, _bare(table, write)) for index, write in enumerate(batch)]
        with explained({table.entity: table}):
            stored = self._stored_or_folded(table, items)
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
        self._records.fresh()
        unique, places = grouped(batch)
        items, refused = converted(tables, tables[batch[0].entity], unique)
        outcomes: dict[int, Outcome] = dict(refused)
        with explained(tables):
            folding = self._folds(tables[batch[0].entity])
            results = self._results(items) if folding is None else folding.write(items)
            outcomes |= {index: _outcome(result) for index, result in results.items()}
        return [outcomes[place] for place in places]

    def _folds(self, table: EntityMap) -> Folding | None:
        """Who writes the records of an object that the portal has not: they become properties of the company."""
        return self._folding if table.object not in STANDARD else None

    def _stored_or_folded(self, table: EntityMap, items: Sequence[Item]) -> Mapping[int, Row]:
        folding = self._folds(table)
        if folding is not None:
            return folding.stored(items)
        return {index: stored.row for index, stored in self._stored(items).items()}

    def _results(self, items: Sequence[Item]) -> dict[int, Result]:
        stored = self._stored([item for item in items if self._must_read(item)])
        above = self._stored([item.above for item in items if item.above is not None])
        results: dict[int, Result] = {}
        for item in items:
            judged = self._judged(item, stored.get(item.index), above.get(item.index))
            if judged is not None:
                results[item.index] = judged
        rest = [item for item in items if item.index not in results]
        archived = {item.index: stored[item.index].id for item in rest if item.write.action is WriteAction.ARCHIVE}
        if archived:
            results |= self._batches.archive(self._records.objects.type_id(rest[0].table.object), archived)
        saved = [item for item in rest if item.index not in archived]
        if saved:
            results |= self._saved(saved, stored, above)
        return results

    def _must_read(self, item: Item) -> bool:
        archive = item.write.action is WriteAction.ARCHIVE
        return self._compare or archive or bool(item.write.expected or item.links or item.above)

    def _judged(self, item: Item, stored: Stored | None, above: Stored | None) -> Result | None:
        """The result of a write that need not or must not be made; None for one that is to be made."""
        write, row = item.write, None if stored is None else stored.row
        if stored is None and write.action is WriteAction.ARCHIVE:
            return Applied(write.key, changed=False)
        if stored is None and write.match_by is MatchBy.ID and self._must_read(item):
            if write.expected:  # decided before it was deleted; the deletion is decided next
                return Overtaken(ABSENT)
            return Failure("OBJECT_NOT_FOUND", f"there is no record {write.key} in {item.table.object}")
        if self._compare and stored is not None and write.action is WriteAction.SET and _holds(item, stored, above):
            return Applied(stored.id, changed=False)
        return overtaken(item.table, write, row)

    def _saved(
        self, items: Sequence[Item], stored: Mapping[int, Stored], above: Mapping[int, Stored]
    ) -> dict[int, Result]:
        """Records, then their parents, then the associations; each only for those whose record is there."""
        own = [item for item in items if item.index not in stored or not _own_held(item, stored[item.index])]
        results: dict[int, Result] = {
            item.index: Applied(stored[item.index].id) for item in items if item.index in stored
        }
        results |= self._batches.save(own)
        parents = self._parents([item for item in items if isinstance(results[item.index], Applied)], above)
        for item in items:
            parent = parents.get(item.index)
            if isinstance(parent, Failure):
                said = f"the record was written, its parent {item.above.write.key if item.above else ''} was not: "
                results[item.index] = Failure(parent.code, said + parent.message, parent.properties)
        results |= self._linked(items, stored, results, parents)
        return results

    def _parents(self, items: Sequence[Item], above: Mapping[int, Stored]) -> dict[int, Result]:
        """The parents of the items, each written once; by the index of the item."""
        found: dict[int, Result] = {}
        missing: dict[str, list[Item]] = {}
        for item in items:
            if item.above is not None and item.index in above and _own_held(item.above, above[item.index]):
                found[item.index] = Applied(above[item.index].id, changed=False)
            elif item.above is not None:
                missing.setdefault(item.above.write.key, []).append(item.above)
        written = self._batches.save([wanted[-1] for wanted in missing.values()])
        for wanted in missing.values():
            found |= {each.index: written[wanted[-1].index] for each in wanted}
        return found

    def _linked(
        self,
        items: Sequence[Item],
        stored: Mapping[int, Stored],
        results: Mapping[int, Result],
        parents: Mapping[int, Result],
    ) -> dict[int, Result]:
        """What becomes of a result where its record could not be associated as it should be."""
        changed: dict[int, Result] = {}
        wanted = list(_wanted_links(items, stored, results, parents))
        for other in dict.fromkeys(each.other for each in wanted):
            mine = [each for each in wanted if each.other == other]
            new: list[Link] = [(each.item, each.id, each.target) for each in mine if each.target is not None]
            failures = self._batches.link(other, new)
            failed = {
                link[0].index: failure for link, failure in zip(new, failures, strict=True) if failure is not None
            }
            gone = self._archived(other, [link[2] for link in new if link[0].index in failed]) if failed else set()
            for item, _, target in new:
                # HubSpot itself takes a record apart from one that is deleted: that is where this write ends, too.
                if item.index in failed and target not in gone:
                    failure = failed[item.index]
                    said = f"the record was written, its association with {other} {target} was not: {failure.message}"
                    changed[item.index] = Failure(failure.code, said)
            old = [(each.item, each.id, each.old) for each in mine if each.old and each.item.index not in failed]
            self._batches.unlink(other, old)
        return changed

    def _archived(self, other: str, ids: Sequence[str]) -> set[str]:
        path = self._client.paths.objects(self._records.objects.type_id(other), "batch/read")
        body = {"inputs": [{"id": id_} for id_ in dict.fromkeys(ids) if id_.isdigit()], "properties": [ID]}
        if not body["inputs"]:
            return set()
        return {str(row["id"]) for row in self._client.post(f"{path}?archived=true", body)["results"]}

    def _stored(self, items: Sequence[Item]) -> dict[int, Stored]:
        """The records as they are, by the index of the item. An unknown or archived one is absent."""
        found: dict[int, Stored] = {}
        for table in {item.table.entity: item.table for item in items}.values():
            for match_by in MatchBy:
                chosen = [
                    each for each in items if each.table.entity == table.entity and each.write.match_by is match_by
                ]
                for chunk in chunks([each for each in chosen if _can_be(each)], BATCH):
                    found |= self._read(table, chunk)
        return found

    def _read(self, table: EntityMap, items: Sequence[Item]) -> dict[int, Stored]:
        type_id, key = self._records.objects.type_id(table.object), items[0].key_property
        fields = Fields.of(sorted({name for item in items for name in item.watched}))
        keys = list(dict.fromkeys(item.write.key for item in items))
        rows = self._records.raw(type_id, keys, sorted({*fields.properties, key}), None if key == ID else key)
        known: dict[str, Stored] = {}
        for row, mapped in zip(rows, self._records.mapped(type_id, fields, rows), strict=True):
            id_ = str(row["id"])
            known[id_ if key == ID else str(row["properties"].get(key))] = Stored(id_, mapped)
        return {item.index: known[item.write.key] for item in items if item.write.key in known}


class _Wanted(NamedTuple):
    """One association that is to change: from the record `id` to `target` (None: to nothing) instead of `old`."""

    item: Item
    id: str
    other: str
    target: str | None
    old: str | None


def _wanted_links(
    items: Sequence[Item],
    stored: Mapping[int, Stored],
    results: Mapping[int, Result],
    parents: Mapping[int, Result],
) -> Iterator[_Wanted]:
    for item in items:
        result, parent = results[item.index], parents.get(item.index)
        if not isinstance(result, Applied):
            continue
        links = dict(item.links)
        if isinstance(parent, Applied):
            links[item.link.removeprefix(ASSOCIATION)] = parent.target_id
        there = stored[item.index].row if item.index in stored else {}
        for other, target in links.items():
            old = there.get(f"{ASSOCIATION}{other}")
            if target != old:
                yield _Wanted(item, result.target_id, other, target, old)


def _bare(table: EntityMap, write: Write) -> Row:
    return dict.fromkeys(table.fields[name].vendor for name in write.fields if name in table.fields)


def _can_be(item: Item) -> bool:
    """Whether the key can name a record: one id that is none would refuse the reading of all."""
    return item.write.match_by is not MatchBy.ID or (item.write.key.isascii() and item.write.key.isdigit())


def _own_held(item: Item, stored: Stored) -> bool:
    """Whether the properties hold the values already, whatever the associations are."""
    own = {name: value for name, value in item.fields.items() if not _is_link(item, name)}
    return agrees(item.table, own, stored.row)


def _holds(item: Item, stored: Stored, above: Stored | None) -> bool:
    if not agrees(item.table, item.fields, stored.row):
        return False
    if item.above is None:
        return True
    return above is not None and _own_held(item.above, above) and stored.row.get(item.link) == above.id


def _is_link(item: Item, name: str) -> bool:
    return item.table.fields[name].vendor.startswith(ASSOCIATION)


def _outcome(result: Result | Outcome) -> Outcome:
    """What a record's result means for it, or, raised, for all."""
    if not isinstance(result, Failure):
        return result
    known = disposition(result)
    if known.recovery is Recovery.PAUSE:
        raise PauseConnection(f"HubSpot refuses writes: {result.reason}", known.remedy)
    if known.recovery is Recovery.STOP:
        raise Mismatch(result, known.remedy)
    if known.recovery in {Recovery.RETRY, Recovery.REAUTHENTICATE}:
        return Retry(result.reason)
    return Rejected(result.code, result.reason, known.remedy, next(iter(result.properties), None))
