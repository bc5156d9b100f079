"""Rows in memory with indexes, a write ledger, transactions and rollback; it applies no rule of the platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from . import ids
from .metadata.model import FieldDef, ObjectDef, Row, Schema, Value


@dataclass(frozen=True, slots=True)
class Write:
    """One applied write. `changed` names the fields whose value differs after it; empty for a write without effect.

    `kind` is create, update, delete, undelete, or relink: the platform itself pointed a child elsewhere, which moves
    SystemModstamp but not LastModifiedDate.
    """

    kind: str
    user_id: str
    at: datetime
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """What one committed write did to one row; `before` is None for a row that it created."""

    sobject: str
    before: Row | None
    after: Row
    write: Write


class _Table:
    def __init__(self, definition: ObjectDef) -> None:
        self.definition = definition
        self.rows: dict[str, Row] = {}
        self.indexes: dict[str, dict[Value, set[str]]] = {}

    def index(self, field: FieldDef) -> dict[Value, set[str]]:
        """Live record ids by value; built on first use, kept up to date by `place`."""
        if field.name not in self.indexes:
            built: dict[Value, set[str]] = {}
            for record_id, row in self.rows.items():
                if not row["IsDeleted"]:
                    built.setdefault(index_key(field, row.get(field.name)), set()).add(record_id)
            self.indexes[field.name] = built
        return self.indexes[field.name]

    def place(self, record_id: str, row: Row | None) -> None:
        old = self.rows.get(record_id)
        for name, index in self.indexes.items():
            field = self.definition.field(name)
            assert field is not None
            if old is not None and not old["IsDeleted"]:
                index[index_key(field, old.get(name))].discard(record_id)
            if row is not None and not row["IsDeleted"]:
                index.setdefault(index_key(field, row.get(name)), set()).add(record_id)
        if row is None:
            del self.rows[record_id]
        else:
            self.rows[record_id] = row


def index_key(field: FieldDef, value: Value) -> Value:
    """What equality means for a field: text ignores case unless the field is case-sensitive."""
    if isinstance(value, str) and not field.case_sensitive and field.type not in ("id", "reference"):
        return value.casefold()
    return value


class Store:
    """Rows are never changed in place: a reader that holds a row holds a snapshot.

    `on_commit` gets the writes of each transaction when its outermost savepoint ends well; a write outside of any
    savepoint is a transaction of its own.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.on_commit: Callable[[list[Applied]], None] | None = None
        self._tables = {one.name: _Table(one) for one in schema}
        self._ledger: dict[str, list[Write]] = {}
        self._journal: list[Applied] | None = None
        self._sequences: dict[str, int] = {}

    def get(self, sobject: str, record_id: str) -> Row | None:
        return self._tables[sobject].rows.get(record_id)

    def rows(self, sobject: str) -> list[Row]:
        """Every row, deleted ones too, in the order of creation."""
        return list(self._tables[sobject].rows.values())

    def find(self, sobject: str, field: FieldDef, value: Value) -> list[str]:
        """Ids of live rows with the value, by index, oldest first."""
        return sorted(self._tables[sobject].index(field).get(index_key(field, value), ()))

    def next_number(self, sequence: str) -> int:
        """1, 2, 3 ... per sequence; a number is never used twice, not even after a rollback."""
        self._sequences[sequence] = self._sequences.get(sequence, 0) + 1
        return self._sequences[sequence]

    def next_id(self, sobject: str) -> str:
        return ids.make(self.schema.require(sobject).key_prefix, self.next_number(sobject))

    def put(self, sobject: str, row: Row, write: Write) -> None:
        """Inserts or replaces the row with its `Id`, and enters the write in the ledger."""
        record_id = str(row["Id"])
        applied = Applied(sobject, self.get(sobject, record_id), row, write)
        self._tables[sobject].place(record_id, row)
        self._ledger.setdefault(record_id, []).append(write)
        if self._journal is not None:
            self._journal.append(applied)
        else:
            self._commit([applied])

    def writes(self, record_id: str) -> list[Write]:
        return list(self._ledger.get(record_id, []))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """All or nothing: an exception undoes every write since the start and goes on to the caller."""
        outer, self._journal = self._journal, []
        try:
            yield
        except BaseException:
            for one in reversed(self._journal):
                record_id = str(one.after["Id"])
                self._tables[one.sobject].place(record_id, one.before)
                self._ledger[record_id].pop()
            self._journal = outer
            raise
        done, self._journal = self._journal, outer
        if outer is not None:
            outer.extend(done)
        else:
            self._commit(done)

    def _commit(self, applied: list[Applied]) -> None:
        if applied and self.on_commit is not None:
            self.on_commit(applied)
