"""Create, update, delete and upsert of one row as one user; it knows nothing of HTTP and nothing of batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import ids, rows
from .errors import (
    SalesforceError,
    entity_is_deleted,
    field_not_allowed_in_body,
    invalid_cross_reference,
    no_such_external_id,
    row_locked,
)
from .metadata.model import FieldDef, ObjectDef, Row, Value
from .store import Store, Write
from .times import Clock, to_second
from .values import coerce


class Dml:
    """The platform's writes over a store. `locked(id)` tells whether a row cannot be had just now (a fault)."""

    def __init__(self, store: Store, clock: Clock, locked: Callable[[str | None], bool]) -> None:
        self.store, self._clock, self._locked = store, clock, locked

    def create(self, sobject: ObjectDef, body: Mapping[str, Any], user_id: str) -> str:
        """The new id; raises SalesforceError."""
        if not sobject.createable:
            raise SalesforceError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {sobject.label}", []
            )
        given = rows.read_body(self.store, sobject, body, "create")
        self._lock(None)
        return self.insert(sobject, given, user_id)

    def insert(self, sobject: ObjectDef, given: Row, user_id: str, record_id: str | None = None) -> str:
        """Stores checked values with defaults and system fields; `given` may set the system dates (seeding only)."""
        now = to_second(self._clock())
        row: Row = {one.name: one.default for one in sobject.fields}
        row.update({one.name: bool(one.default) for one in sobject.fields if one.type == "boolean"})
        row.update(CreatedDate=now, LastModifiedDate=now, SystemModstamp=now)
        row.update(CreatedById=user_id, LastModifiedById=user_id)
        row.update({name: value for name, value in given.items() if value is not None or name != "OwnerId"})
        if sobject.has("OwnerId") and row["OwnerId"] is None:
            row["OwnerId"] = user_id
        rows.check_required(sobject, row, "create")
        rows.check_unique(self.store, sobject, row, None)
        row["Id"] = record_id or self.store.next_id(sobject.name)
        self._name(sobject, row)
        _derive(sobject.name, row)
        changed = tuple(sorted(name for name, value in given.items() if value is not None))
        self.store.put(sobject.name, row, Write("create", user_id, now, changed))
        return str(row["Id"])

    def update(self, sobject: ObjectDef, record_id: str, body: Mapping[str, Any], user_id: str) -> None:
        """Every accepted update moves LastModifiedDate and SystemModstamp, also one that changes no value."""
        old = self.live(sobject, record_id)
        if not sobject.updateable:
            raise SalesforceError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be updated: {sobject.label}", []
            )
        given = rows.read_body(self.store, sobject, body, "update")
        rows.check_required(sobject, given, "update")
        rows.check_unique(self.store, sobject, given, str(old["Id"]))
        self._lock(str(old["Id"]))
        new = {**old, **given}
        if sobject.has("OwnerId") and new["OwnerId"] is None:
            new["OwnerId"] = old["OwnerId"]
        self._name(sobject, new)
        _derive(sobject.name, new)
        changed = tuple(sorted(name for name in given if old.get(name) != new.get(name)))
        now = to_second(self._clock())
        new.update(LastModifiedDate=now, LastModifiedById=user_id, SystemModstamp=now)
        self.store.put(sobject.name, new, Write("update", user_id, now, changed))

    def delete(self, sobject: ObjectDef, record_id: str, user_id: str) -> None:
        """To the recycle bin: IsDeleted is set, SystemModstamp moves, children follow their delete rule."""
        row = self.live(sobject, record_id)
        if not sobject.deletable:
            raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "entity type cannot be deleted", [])
        self._lock(str(row["Id"]))
        with self.store.savepoint():
            self._delete(sobject, row, user_id)

    def upsert(
        self, sobject: ObjectDef, key: FieldDef, raw: Any, body: Mapping[str, Any], user_id: str
    ) -> tuple[str, bool]:
        """(id, created) by external id; raises DUPLICATE_EXTERNAL_ID where several rows match."""
        if any(name.lower() == key.name.lower() for name in body):
            raise field_not_allowed_in_body(key.name)
        value = self.key_value(key, raw)
        found = self.store.find(sobject.name, key, value)
        if len(found) > 1:
            raise rows.several_found(key, found)
        if found:
            self.update(sobject, found[0], body, user_id)
            return found[0], False
        if key.type == "id":
            raise invalid_cross_reference(status=404)
        return self.create(sobject, {**body, key.name: raw}, user_id), True

    def key_value(self, key: FieldDef, raw: Any) -> Value:
        if key.type == "id":
            found = ids.normalise(raw)
            if found is None:
                raise SalesforceError("MALFORMED_ID", f"{key.label}: id value of incorrect type: {raw}", ["Id"])
            return found
        return coerce(key, raw)

    def live(self, sobject: ObjectDef, record_id: str) -> Row:
        """The row to write to; raises what a live org answers for an id that is none, unknown, or deleted."""
        full = ids.normalise(record_id)
        if full is None or full[:3] != sobject.key_prefix:
            raise no_such_external_id(record_id)
        row = self.store.get(sobject.name, full)
        if row is None:
            raise invalid_cross_reference(status=404)
        if row["IsDeleted"]:
            raise entity_is_deleted()
        return row

    def _lock(self, record_id: str | None) -> None:
        if self._locked(record_id):
            raise row_locked(record_id)

    def _delete(self, sobject: ObjectDef, row: Row, user_id: str) -> None:
        record_id = str(row["Id"])
        for child, link in self.store.schema.children_of(sobject):
            for child_id in self.store.find(child.name, link, record_id):
                self._leave(child, link, child_id, sobject, user_id)
        now = to_second(self._clock())
        gone: Row = {**row, "IsDeleted": True, "SystemModstamp": now, "LastModifiedDate": now}
        gone["LastModifiedById"] = user_id
        self.store.put(sobject.name, gone, Write("delete", user_id, now, ("IsDeleted",)))

    def _leave(self, child: ObjectDef, link: FieldDef, child_id: str, parent: ObjectDef, user_id: str) -> None:
        row = self.store.get(child.name, child_id)
        assert row is not None
        if link.on_delete == "Restrict":
            raise SalesforceError(
                "DELETE_FAILED",
                f"Your attempt to delete {parent.label} could not be completed because it is associated with the "
                f"following {child.plural}.: {child_id}",
                [],
            )
        if link.on_delete == "Cascade":
            self._delete(child, row, user_id)
            return
        now = to_second(self._clock())
        self.store.put(
            child.name, {**row, link.name: None, "SystemModstamp": now}, Write("update", user_id, now, (link.name,))
        )

    def _name(self, sobject: ObjectDef, row: Row) -> None:
        for one in sobject.fields:
            if one.auto_number is not None and row.get(one.name) is None:
                row[one.name] = _auto_number(one.auto_number, self.store.next_number(f"{sobject.name}.{one.name}"))
        if sobject.custom and row.get("Name") is None:
            row["Name"] = row["Id"]


def _auto_number(pattern: str, number: int) -> str:
    """`PO-{0000}` and 7 give PO-0007."""
    head, _, rest = pattern.partition("{")
    zeros, _, tail = rest.partition("}")
    return f"{head}{number:0{len(zeros)}d}{tail}"


def _derive(sobject: str, row: Row) -> None:
    """The few values that the platform computes from others."""
    if sobject in ("Contact", "Lead", "User"):
        row["Name"] = " ".join(str(part) for part in (row.get("FirstName"), row.get("LastName")) if part)
    if sobject == "Opportunity":
        row["IsWon"] = row.get("StageName") == "Closed Won"
        row["IsClosed"] = row["IsWon"] or row.get("StageName") == "Closed Lost"
