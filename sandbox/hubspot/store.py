"""Records, their unique values and a ledger of writes; it decides nothing about what may be written."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes a record, as webhooks name it: changeSource and sourceId."""

    source: str
    source_id: str

    @property
    def is_integration(self) -> bool:
        return self.source == "INTEGRATION"


@dataclass(frozen=True, slots=True)
class Record:
    """One record; never changed in place, so that a reader holds a snapshot."""

    type_id: str
    id: str
    properties: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    @property
    def archived(self) -> bool:
        return self.archived_at is not None

    def with_changes(self, properties: Mapping[str, str], at: datetime) -> Record:
        """Empty texts leave the property without a value."""
        merged = {**self.properties, **properties}
        return replace(self, properties={name: value for name, value in merged.items() if value != ""}, updated_at=at)


@dataclass(frozen=True, slots=True)
class Write:
    """One accepted write; `changed` are the properties whose value differs from before."""

    actor: Actor
    action: str
    changed: tuple[str, ...]
    at: datetime


@dataclass(slots=True)
class _Table:
    rows: dict[str, Record] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)  # every id ever given, ascending
    unique: dict[tuple[str, str], str] = field(default_factory=dict)
    forward: dict[str, str] = field(default_factory=dict)  # a merged id -> the id of the record that it became


class Store:
    """The records of one portal. Ids are unique within a type only, as on the platform."""

    def __init__(self, first_id: int) -> None:
        self._next: dict[str, int] = {}
        self._first_id = first_id
        self._tables: dict[str, _Table] = {}
        self._ledger: dict[tuple[str, str], list[Write]] = {}

    def new_id(self, type_id: str) -> str:
        number = self._next.get(type_id, self._first_id)
        self._next[type_id] = number + 1
        return str(number)

    def get(self, type_id: str, record_id: str) -> Record | None:
        """By id; the id of a merged record leads to the record that it became."""
        table = self._table(type_id)
        return table.rows.get(table.forward.get(record_id, record_id))

    def rows(self, type_id: str) -> Iterator[Record]:
        """Every record, archived ones too, in the order of creation."""
        return iter(self._table(type_id).rows.values())

    def rows_from(self, type_id: str, first: int) -> Iterator[Record]:
        """The records from an id on, by number, archived ones too."""
        table = self._table(type_id)
        for number in itertools.islice(table.numbers, bisect.bisect_left(table.numbers, first), None):
            record = table.rows.get(str(number))
            if record is not None:
                yield record

    def count(self, type_id: str) -> int:
        return sum(not one.archived for one in self.rows(type_id))

    def holder(self, type_id: str, name: str, value: str) -> str | None:
        """The id of the live record with this value of a unique property."""
        return self._table(type_id).unique.get((name, value))

    def put(self, record: Record, write: Write, unique: frozenset[str]) -> None:
        """Inserts or replaces; `unique` names the properties whose values are indexed."""
        table = self._table(record.type_id)
        self._unindex(table, record.id, unique)
        if record.id not in table.rows:
            bisect.insort(table.numbers, int(record.id))
        table.rows[record.id] = record
        if not record.archived:
            table.unique.update({(n, record.properties[n]): record.id for n in unique if n in record.properties})
        self._ledger.setdefault((record.type_id, record.id), []).append(write)

    def forget(self, type_id: str, record_id: str, write: Write, unique: frozenset[str]) -> None:
        """Removes a record for good (privacy deletion, or merged away)."""
        table = self._table(type_id)
        self._unindex(table, record_id, unique)
        del table.rows[record_id]
        self._ledger.setdefault((type_id, record_id), []).append(write)

    def forward(self, type_id: str, old_id: str, new_id: str) -> None:
        table = self._table(type_id)
        # Chains are shortened: an id that led to the old record leads to the new one now.
        table.forward.update({key: new_id for key, target in table.forward.items() if target == old_id})
        table.forward[old_id] = new_id

    def writes(self, type_id: str, record_id: str) -> list[Write]:
        return list(self._ledger.get((type_id, record_id), []))

    def written(self, type_id: str) -> list[str]:
        """The ids of every record that was ever written."""
        return [record_id for kind, record_id in self._ledger if kind == type_id]

    def _unindex(self, table: _Table, record_id: str, unique: frozenset[str]) -> None:
        old = table.rows.get(record_id)
        if old is not None:
            for name in unique:
                key = (name, old.properties.get(name, ""))
                if table.unique.get(key) == record_id:
                    del table.unique[key]

    def _table(self, type_id: str) -> _Table:
        return self._tables.setdefault(type_id, _Table())
