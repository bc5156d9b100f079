"""The batch writes and reads: a hundred inputs, all or nothing or one outcome per row; it knows no HTTP.

Rows have outcomes of their own where every input carries an objectWriteTraceId. Without, one bad property refuses
the whole batch; only ids that do not exist leave the other rows their way (recorded of batch update).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import rows
from .errors import BadValue, HubSpotError, invalid_input, invalid_properties, rows_not_found
from .faults import PortalFault
from .model import ObjectType
from .portal import Portal
from .rows import Input
from .store import Record

MAX_INPUTS = 100


@dataclass(slots=True)
class Outcome:
    """What became of a batch. `broken` asks the wire to tear the connection down instead of answering."""

    results: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """The batch operations on one object type. `enforce` applies what admins require (from 2026-09 on)."""

    portal: Portal
    type: ObjectType
    enforce: bool = False
    fault: PortalFault | None = None

    def create(self, inputs: Sequence[Input]) -> Outcome:
        if not _traced(inputs):
            self._check_all(inputs)
        return self._each(inputs, self._create)

    def update(self, inputs: Sequence[Input]) -> Outcome:
        """Ids that do not exist are errors of a 207; duplicates refuse the whole batch."""
        found = [self._find(one) for one in inputs]
        self._check_distinct(
            [one.id if one is not None else _id(given) for one, given in zip(found, inputs, strict=True)]
        )
        known = [given for one, given in zip(found, inputs, strict=True) if one is not None or _traced(inputs)]
        lost = [_id(given) for one, given in zip(found, inputs, strict=True) if one is None]
        if not _traced(inputs):
            self._check_all(known, update=True)
        outcome = self._each(known, self._update)
        if lost and not _traced(inputs):
            outcome.errors.append(rows_not_found(self.type.singular.upper(), lost).row(None))
        return outcome

    def upsert(self, inputs: Sequence[Input]) -> Outcome:
        """By a unique property: every input names its idProperty and gives the value as its id."""
        for one in inputs:
            if not isinstance(one.get("idProperty"), str) or not one["idProperty"]:
                raise HubSpotError(400, "idProperty is required for every input of an upsert")
            self.portal.crm.check_key(self.type, one["idProperty"])
        keys = [self.portal.crm.key_value(self.type, one["idProperty"], _id(one)) for one in inputs]
        self._check_distinct(keys)
        prepared = [self._with_key(one, key) for one, key in zip(inputs, keys, strict=True)]
        if not _traced(inputs):
            self._check_all([one for one in prepared if self._find(one) is None])
            self._check_all([one for one in prepared if self._find(one) is not None], update=True)
        return self._each(prepared, self._upsert)

    def archive(self, inputs: Sequence[Input]) -> Outcome:
        """Ids that do not exist are archived already, as far as the platform is concerned."""
        return self._each(inputs, self._archive)

    def read(self, inputs: Sequence[Input], names: Sequence[str], id_property: str | None, archived: bool) -> Outcome:
        """The records that exist, each once; the others are one error with their ids."""
        ids = list(dict.fromkeys(_id(one) for one in inputs))
        found = {key: self.portal.crm.find(self.type, key, id_property, archived) for key in ids}
        outcome, shown = Outcome(), set()
        for record in found.values():
            if record is not None and record.id not in shown:
                shown.add(record.id)
                outcome.results.append(rows.render(self.portal, self.type, record, names))
        lost = [key for key, record in found.items() if record is None]
        if lost:
            outcome.errors.append(rows_not_found(self.type.singular.upper(), lost).row(None))
        return outcome

    def _each(self, inputs: Sequence[Input], write: Callable[[Input], dict[str, Any] | None]) -> Outcome:
        outcome, traced = Outcome(), _traced(inputs)
        for number, one in enumerate(inputs):
            if self.fault is not None and number >= self.fault.rows:
                outcome.broken = self.fault.kind == "half_reset"
                refused = HubSpotError(500, "Internal error", "INTERNAL_ERROR", context=_context(one))
                outcome.errors.append(refused.row(_trace(one)))
                continue
            try:
                result = write(one)
            except HubSpotError as refused:
                if not traced:
                    raise
                outcome.errors.append(refused.row(_trace(one)))
            else:
                outcome.results += [result] if result is not None else []
        return outcome

    def _create(self, one: Input) -> dict[str, Any]:
        record = rows.create(self.portal, self.type, one, self.portal.integration, enforce=self.enforce)
        return self._shown(record, one)

    def _update(self, one: Input) -> dict[str, Any]:
        record = self._find(one)
        if record is None:
            raise rows_not_found(self.type.singular.upper(), [_id(one)])
        after = rows.update(self.portal, self.type, record, one, self.portal.integration, enforce=self.enforce)
        return self._shown(after, one)

    def _upsert(self, one: Input) -> dict[str, Any]:
        new = self._find(one) is None
        return {**(self._create(one) if new else self._update(one)), "new": new}

    def _archive(self, one: Input) -> None:
        record = self.portal.crm.find(self.type, _id(one), None)
        if record is not None:
            self.portal.crm.archive(self.type, record, self.portal.integration)

    def _shown(self, record: Record, one: Input) -> dict[str, Any]:
        trace = {"objectWriteTraceId": _trace(one)} if _trace(one) is not None else {}
        return {**rows.render(self.portal, self.type, record), **trace}

    def _find(self, one: Input) -> Record | None:
        return self.portal.crm.find(self.type, _id(one), one.get("idProperty"))

    def _with_key(self, one: Input, key: str) -> Input:
        properties = one.get("properties")
        if not isinstance(properties, dict):
            raise invalid_input("properties must be an object")
        return {**one, "properties": {one["idProperty"]: key, **properties}}

    def _check_distinct(self, ids: Sequence[str]) -> None:
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            words = f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique"
            raise HubSpotError(400, words, context={"ids": twice})

    def _check_all(self, inputs: Sequence[Input], *, update: bool = False) -> None:
        """Refuses the whole batch before the first row is written; the message names the bad values of every row."""
        bad: list[BadValue] = []
        seen: set[tuple[str, str]] = set()
        for one in inputs:
            stored, refused = self._checked(one, update)
            bad += refused
            for name in self.type.unique_keys() & set(stored):
                if stored[name] and (name, stored[name]) in seen:
                    raise HubSpotError(400, f"Duplicate value {stored[name]} of {name} in batch input")
                seen.add((name, stored[name]))
        if bad:
            raise invalid_properties(bad)

    def _checked(self, one: Input, update: bool) -> tuple[dict[str, str], list[BadValue]]:
        crm, given = self.portal.crm, one.get("properties")
        record = self._find(one) if update else None
        if record is not None:
            return crm.checked_update(self.type, record, given, self.enforce)
        rows.wanted_associations(self.portal, self.type, one)
        try:
            return crm.checked(self.type, given, self.enforce)
        except HubSpotError as refused:
            if refused.status != 409:
                raise
            # Recorded: for a batch the platform does not say which one exists.
            raise HubSpotError(409, refused.message.partition(".")[0], refused.category) from None


def read_inputs(body: Any, *, need_id: bool, maximum: int = MAX_INPUTS) -> list[Input]:
    """The inputs of a batch; raises 400 for none, too many, or one that is no object."""
    inputs = body.get("inputs") if isinstance(body, dict) else None
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
        raise invalid_input("inputs must be a list of objects")
    if not inputs:
        raise HubSpotError(400, "inputs must not be empty")
    if len(inputs) > maximum:
        raise HubSpotError(400, f"The maximum number of inputs supported in a batch request is {maximum}")
    traces = [one["objectWriteTraceId"] for one in inputs if one.get("objectWriteTraceId") is not None]
    if len(set(map(str, traces))) < len(traces):
        raise HubSpotError(400, "objectWriteTraceId must be unique within a batch")
    if need_id and not all(isinstance(one.get("id"), str) and one["id"] for one in inputs):
        raise invalid_input("every input needs an id, a string")
    return inputs


def _traced(inputs: Sequence[Input]) -> bool:
    return bool(inputs) and all(one.get("objectWriteTraceId") is not None for one in inputs)


def _trace(one: Input) -> str | None:
    trace = one.get("objectWriteTraceId")
    return None if trace is None else str(trace)


def _id(one: Input) -> str:
    return str(one["id"])


def _context(one: Input) -> dict[str, list[str]]:
    return {"ids": [_id(one)]} if "id" in one else {}
