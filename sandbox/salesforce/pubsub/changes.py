"""What the writes of one transaction say to a subscriber: events with their changed fields; pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from ..metadata.model import ObjectDef, Row, Value
from ..store import Applied
from .schema import EventSchema

# Ids of an overflow event: "000000000000000AAA" names no record (vendor, ChangeEventHeader fields).
NO_RECORD = "000000000000000AAA"
# A text shorter than this is never sent as a difference; nor is one whose length or lines changed too much
# (vendor, "Sending Data Differences for Fields of Updated Records").
DIFF_FROM = 1000
_MAX_LENGTH_CHANGE, _MAX_LINES_CHANGED = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class Change:
    """One event before it has a place in the stream. `changed`, `nulled` and `diffed` are empty but for an update."""

    sobject: ObjectDef
    kind: str
    record_ids: tuple[str, ...]
    user_id: str
    values: Row = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    nulled: tuple[str, ...] = ()
    diffed: tuple[str, ...] = ()

    def gap(self) -> Change:
        """The event that the platform sends where it could not make this one: a header, and no body."""
        return Change(self.sobject, f"GAP_{self.kind}", self.record_ids, self.user_id)


def changes_of(
    applied: Iterable[Applied],
    object_of: Callable[[str], ObjectDef],
    schema_of: Callable[[ObjectDef], EventSchema],
    limit: int,
) -> list[Change]:
    """The events of a transaction in their order.

    After `limit` changes (each changed field of an update counts, any other write is one) the platform sends one
    GAP_OVERFLOW for each object that goes on changing.
    """
    found: list[Change] = []
    count, overflowed = 0, set[str]()
    for one in applied:
        sobject = object_of(one.sobject)
        change = _change(one, sobject, schema_of(sobject))
        if change is None:
            continue
        count += max(1, len(change.changed))
        if count <= limit:
            found.append(change)
        elif sobject.name not in overflowed:
            overflowed.add(sobject.name)
            found.append(Change(sobject, "GAP_OVERFLOW", (NO_RECORD,), change.user_id))
    return _merged(found)


def _change(one: Applied, sobject: ObjectDef, schema: EventSchema) -> Change | None:
    kind, after, before = one.write.kind, one.after, one.before or {}
    ids = (str(after["Id"]),)
    if kind == "delete":
        return Change(sobject, "DELETE", ids, one.write.user_id)
    if kind in ("create", "undelete"):
        values = {name: after[name] for name in schema.places if after.get(name) is not None}
        return Change(sobject, kind.upper(), ids, one.write.user_id, values)
    changed = [name for name in schema.places if before.get(name) != after.get(name)]
    if kind == "update" and "LastModifiedDate" not in changed:
        changed.append("LastModifiedDate")  # moved within the same second
    if not changed:
        return None
    values, diffed = {name: after.get(name) for name in changed}, []
    for name in changed:
        difference = _difference(sobject, name, before.get(name), after.get(name))
        if difference is not None:
            values[name] = difference
            diffed.append(name)
    nulled = tuple(name for name in changed if after.get(name) is None)
    return Change(sobject, "UPDATE", ids, one.write.user_id, values, tuple(changed), nulled, tuple(diffed))


def _merged(changes: list[Change]) -> list[Change]:
    """The same change of several records is one event with all their ids.

    A record that the transaction writes more than once keeps events of its own, in their order.
    """
    times = Counter(one.record_ids[0] for one in changes)
    merged: dict[object, Change] = {}
    for number, one in enumerate(changes):
        alike: object = number
        if one.kind in ("UPDATE", "DELETE") and times[one.record_ids[0]] == 1:
            alike = (one.sobject.name, one.kind, one.user_id, tuple(sorted(one.values.items())), one.diffed)
        first = merged.get(alike)
        merged[alike] = one if first is None else replace(first, record_ids=first.record_ids + one.record_ids)
    return list(merged.values())


def _difference(sobject: ObjectDef, name: str, old: Value, new: Value) -> str | None:
    """The unified diff, without context, that is sent in place of a long text; None where the text itself is sent."""
    definition = sobject.field(name)
    if definition is None or definition.type != "textarea" or not isinstance(old, str) or not isinstance(new, str):
        return None
    if min(len(old), len(new)) < DIFF_FROM or abs(len(new) - len(old)) > _MAX_LENGTH_CHANGE * len(old):
        return None
    before, after = old.split("\n"), new.split("\n")
    lines = [f"--- \n+++ {hashlib.sha256(new.encode()).hexdigest()}"]
    touched = 0
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        touched += (b - a) + (d - c)
        lines.append(f"@@ -{a + 1},{b - a} +{c + 1},{d - c} @@")
        lines += [f"-{line}" for line in before[a:b]] + [f"+{line}" for line in after[c:d]]
    text = "\n".join(lines)
    if touched > _MAX_LINES_CHANGED * (len(before) + len(after)) or len(text) > len(new):
        return None
    return text
