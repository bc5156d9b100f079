"""Which records of a vendor's object stand for an entity whose table names conditions; it never asks the vendor.

The same object can stand for several entities (a lead or a registration, an account and a partner). A source tells each
record of the object for each of them; here the ones that do not stand for an entity are left out, and one that no longer
stands for it is told as deleted. What stands for an entity by `when` is remembered, because most records of the object
never did, and a deletion of those would only be noise. The slots of the cursor, beside those of the source:

    "members"        they are remembered from the first reading on
    "member:<id>"    this record was told as one

A table that has `unless` only takes almost every record: nothing is remembered, and each change of a record that does
not stand for the entity is told as its deletion. Whoever takes changes in ignores the deletion of what it never had.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Protocol

from connectors.base import Change, Event, Progress, slots_of
from mappings.table import EntityMap
from schemas.messages import ChangeKind

MARK, MEMBER = "members", "member:"


class _Events(Iterator[Event], Protocol):
    def close(self) -> None: ...


def standing(
    tables: Mapping[str, EntityMap], cursors: Mapping[str, str], changes: Callable[[Mapping[str, str]], Iterator[Event]]
) -> Iterator[Event]:
    """The events of a source, each change only for the entities that its record stands for, or stood for.

    `changes` is asked with the cursors that are the source's own.
    """
    asked = {entity: _Members(table, cursors) for entity, table in tables.items() if table.asked}
    for each in asked.values():
        yield from each.begun()
    events: _Events = changes({key: value for key, value in cursors.items() if not _is_ours(key)})  # type: ignore[assignment]
    with closing(events):
        for event in events:
            members = asked.get(event.entity) if isinstance(event, Change) else None
            if members is None or not isinstance(event, Change):
                yield event
            else:
                yield from members.told(event)


def _is_ours(key: str) -> bool:
    slot = key.partition("/")[2]
    return slot == MARK or slot.startswith(MEMBER)


class _Members:
    """The records that stand for one entity; without a mark in a cursor that is not new, some are not known."""

    def __init__(self, table: EntityMap, cursors: Mapping[str, str]) -> None:
        self._table, slots = table, slots_of(table.entity, cursors)
        self._known = {slot.removeprefix(MEMBER) for slot in slots if slot.startswith(MEMBER)}
        self._new, self._remembers = not slots, bool(table.when)
        self._all_known = self._new or (self._remembers and MARK in slots)

    def begun(self) -> Iterator[Progress]:
        """At the first reading: what is told from now on is remembered."""
        if self._new and self._remembers:
            yield Progress(self._table.entity, "1", MARK)

    def told(self, change: Change) -> Iterator[Event]:
        """The change, or the deletion that it means here, or only its cursor."""
        if change.row is not None and self._table.takes(change.row):
            # Before the change: a slot without a change costs a needless deletion, the other way round one is lost.
            yield from self._remember(change.record_id)
            yield change
        elif self._all_known and change.record_id not in self._known:
            entity = change.entity if change.cursor_of is None else change.cursor_of
            yield Progress(entity, change.cursor, change.slot)
        else:
            gone = replace(change, kind=ChangeKind.DELETED, row=None, absorbed=())
            yield change if change.row is None else gone
            yield from self._forget(change.record_id)

    def _remember(self, record_id: str) -> Iterator[Progress]:
        if record_id not in self._known:
            self._known.add(record_id)
            if self._remembers:
                yield Progress(self._table.entity, "1", MEMBER + record_id)

    def _forget(self, record_id: str) -> Iterator[Progress]:
        if record_id in self._known:
            self._known.discard(record_id)
            if self._remembers:
                yield Progress(self._table.entity, None, MEMBER + record_id)
