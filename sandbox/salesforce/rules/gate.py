"""Asks the rules and the faults about each save of a row: it refuses or lets pass, and never writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .. import ids
from ..errors import SalesforceError, row_locked
from ..faults import Faults
from ..metadata.model import ObjectDef, Row
from ..soql import engine
from ..store import Store
from ..times import Clock
from . import duplicates
from .model import Assignment, Duplicate, Lock, Rule, RuleError, Storage, Validation
from .options import SaveOptions


class _Armed:
    """The rules of an org, with their conditions read."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.conditions: dict[int, Callable[[Row], bool]] = {}


@dataclass(frozen=True, slots=True)
class Gate:
    """One call's view of the rules: `bound` gives a view with the options of another call."""

    store: Store
    clock: Clock
    faults: Faults
    options: SaveOptions
    armed: _Armed

    @classmethod
    def open(cls, store: Store, clock: Clock, faults: Faults) -> Gate:
        return cls(store, clock, faults, SaveOptions(), _Armed())

    def bound(self, options: SaveOptions) -> Gate:
        return replace(self, options=options)

    def arm(self, rules: Sequence[Rule]) -> None:
        """Replaces the rules; raises RuleError for an unknown object, field, owner or condition."""
        self.armed.conditions = {number: self._condition(rule) for number, rule in enumerate(rules)}
        self.armed.rules = list(rules)

    def assign(self, sobject: ObjectDef, given: Row) -> Row:
        """The values to save, with the owner that an assignment rule gives."""
        if self.options.auto_assign:
            for rule in self.armed.rules:
                if isinstance(rule, Assignment) and rule.object == sobject.name:
                    return {**given, "OwnerId": ids.normalise(rule.owner)}
        return given

    def attempt(self, sobject: ObjectDef, old: Row | None) -> None:
        """Before a row is created (no old row), changed or deleted."""
        refused = self.faults.for_row(sobject.name, None if old is None else str(old["Id"]))
        if refused is not None:
            raise refused
        for number, rule in enumerate(self.armed.rules):
            if isinstance(rule, Lock) and old is not None and self._meets(number, sobject, rule, old):
                raise _locked(rule, str(old["Id"]))
            if isinstance(rule, Storage) and old is None and self._count() >= rule.rows:
                raise SalesforceError("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", [], status=403)

    def saved(self, sobject: ObjectDef, old: Row | None, new: Row) -> None:
        """A row as it would be after the save; raises what keeps it from being so."""
        for number, rule in enumerate(self.armed.rules):
            if isinstance(rule, Validation) and self._meets(number, sobject, rule, new):
                fields = [rule.field] if rule.field else []
                raise SalesforceError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields)
        for rule in self.armed.rules:
            if isinstance(rule, Duplicate) and rule.object == sobject.name:
                self._check_duplicates(sobject, rule, new)

    def _check_duplicates(self, sobject: ObjectDef, rule: Duplicate, new: Row) -> None:
        if rule.action == "allow" or (rule.action == "alert" and self.options.allow_save):
            return
        found = duplicates.matches(self.store, sobject, rule, new)
        if found:
            raise duplicates.refusal(sobject, rule, found, self.options)

    def _meets(self, number: int, sobject: ObjectDef, rule: Validation | Lock, row: Row) -> bool:
        return rule.object == sobject.name and self.armed.conditions[number](row)

    def _condition(self, rule: Rule) -> Callable[[Row], bool]:
        if isinstance(rule, Storage):
            return _always
        sobject = self.store.schema.get(rule.object)
        if sobject is None or sobject.name != rule.object:
            raise RuleError(f"{rule.kind} rule: {rule.object!r} is not an object of this org")
        if isinstance(rule, Duplicate):
            unknown = [name for name in rule.fields if not sobject.has(name)]
            if unknown:
                raise RuleError(f"{rule.kind} rule: {rule.object} has no field {unknown[0]}")
        if isinstance(rule, Assignment) and self.store.get("User", ids.normalise(rule.owner) or "") is None:
            raise RuleError(f"{rule.kind} rule: {rule.owner!r} is not the id of a user")
        if not isinstance(rule, Validation | Lock):
            return _always
        try:
            return engine.matcher(self.store, rule.object, rule.when, self.clock())
        except SalesforceError as refused:
            raise RuleError(f"{rule.kind} rule: {refused.message}") from refused

    def _count(self) -> int:
        return sum(len(self.store.rows(one.name)) for one in self.store.schema if one.createable)


def _always(row: Row) -> bool:
    return True


def _locked(rule: Lock, record_id: str) -> SalesforceError:
    if rule.by == "row":
        return row_locked(record_id)
    return SalesforceError("ENTITY_IS_LOCKED", "the entity is locked for editing", [])
