"""Create, update, delete and upsert of one row as one user; it knows nothing of HTTP and nothing of batches."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from . import ids, rows
from .errors import (
    SalesforceError,
    entity_is_deleted,
    field_not_allowed_in_body,
    invalid_cross_reference,
    no_such_external_id,
)
from .metadata.model import FieldDef, ObjectDef, Row, Value
from .rules.gate import Gate
from .rules.options import SaveOptions
from .store import Store, Write
from .times import Clock, to_second
from .triggers import Trigger
from .values import coerce

# What a stage sets Probability to unless the writer gives one: the defaults of a fresh org's sales process.
PROBABILITIES: dict[Value, float] = {
    "Prospecting": 10, "Qualification": 10, "Needs Analysis": 20, "Value Proposition": 50, "Id. Decision Makers": 60,
    "Perception Analysis": 70, "Proposal/Price Quote": 75, "Negotiation/Review": 90, "Closed Won": 100, "Closed Lost": 0,
}  # fmt: skip


class Dml:
    """The platform's writes over a store, each of which the gate may refuse."""

    def __init__(self, store: Store, clock: Clock, gate: Gate) -> None:
        self.store, self._clock, self.gate = store, clock, gate
        self.triggers: list[Trigger] = []

    def bound(self, options: SaveOptions) -> Dml:
        """The same writes with the options of one call; store and triggers are shared."""
        made = copy(self)
        made.gate = self.gate.bound(options)
        return made

    def create(self, sobject: ObjectDef, body: Mapping[str, Any], user_id: str) -> str:
        """The new id; raises SalesforceError."""
        if not sobject.createable:
            raise SalesforceError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {sobject.label}", []
            )
        given = rows.read_body(self.store, sobject, body, "create")
        given = self.gate.assign(sobject, given)
        self.gate.attempt(sobject, None)
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
        given = {**given, **self._triggered(sobject, None, row, given)}
        rows.check_required(sobject, row, "create")
        rows.check_unique(self.store, sobject, row, None)
        row["Id"] = record_id or self.store.next_id(sobject.name)
        self._name(sobject, row)
        _derive(sobject.name, row)
        changed = tuple(sorted(name for name, value in given.items() if value is not None))
        self._save(sobject, None, row, Write("create", user_id, now, changed))
        return str(row["Id"])

    def update(self, sobject: ObjectDef, record_id: str, body: Mapping[str, Any], user_id: str) -> None:
        """Every accepted update moves LastModifiedDate and SystemModstamp, also one that changes no value."""
        old = self.live(sobject, record_id)
        if not sobject.updateable:
            raise SalesforceError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be updated: {sobject.label}", []
            )
        if old.get("IsConverted"):
            raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
        given = rows.read_body(self.store, sobject, body, "update")
        rows.check_required(sobject, given, "update")
        rows.check_unique(self.store, sobject, given, str(old["Id"]))
        given = self.gate.assign(sobject, given)
        self.gate.attempt(sobject, old)
        new = {**old, **given}
        if sobject.has("OwnerId") and new["OwnerId"] is None:
            new["OwnerId"] = old["OwnerId"]
        given = {**given, **self._triggered(sobject, old, new, given)}
        self._name(sobject, new)
        _derive(sobject.name, new)
        changed = tuple(sorted(name for name in given if old.get(name) != new.get(name)))
        now = to_second(self._clock())
        new.update(LastModifiedDate=now, LastModifiedById=user_id, SystemModstamp=now)
        self._save(sobject, old, new, Write("update", user_id, now, changed))

    def delete(self, sobject: ObjectDef, record_id: str, user_id: str) -> None:
        """To the recycle bin: IsDeleted is set, SystemModstamp moves, children follow their delete rule."""
        row = self.live(sobject, record_id)
        if not sobject.deletable:
            raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "entity type cannot be deleted", [])
        self.gate.attempt(sobject, row)
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
            child.name, {**row, link.name: None, "SystemModstamp": now}, Write("relink", user_id, now, (link.name,))
        )

    def _triggered(self, sobject: ObjectDef, old: Row | None, row: Row, given: Row) -> Row:
        """Lets the platform's defaults and the `before` triggers change the row; returns what they set."""
        set_values: Row = {}
        staged = sobject.name == "Opportunity" and (old is None or old["StageName"] != row["StageName"])
        if staged and "Probability" not in given and row["StageName"] in PROBABILITIES:
            set_values["Probability"] = PROBABILITIES[row["StageName"]]
        for one in self.triggers:
            if one.sobject == sobject.name and one.moment == "before":
                set_values.update(one.change(old, {**row, **set_values}))
        row.update(set_values)
        return set_values

    def _save(self, sobject: ObjectDef, old: Row | None, row: Row, write: Write) -> None:
        """Stores the row and, in the same transaction, what the `after` triggers make of it."""
        self.gate.saved(sobject, old, row)
        with self.store.savepoint():
            self.store.put(sobject.name, row, write)
            for one in self.triggers:
                if one.sobject != sobject.name or one.moment != "after":
                    continue
                values = {name: value for name, value in one.change(old, row).items() if row.get(name) != value}
                if values:
                    row = {**row, **values}
                    again = Write("update", write.user_id, write.at, tuple(sorted(values)))
                    self.store.put(sobject.name, row, again)

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
