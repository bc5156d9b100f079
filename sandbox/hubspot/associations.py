"""Associations between records, in both directions at once; it knows no HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .association_types import AssociationType, AssociationTypes
from .changes import Action, Change, Link
from .crm import Crm
from .errors import HubSpotError
from .model import ObjectType
from .store import Actor, Record

# The side that may have one primary company (or contact) only.
_ONE_PRIMARY = {("0-1", "0-2"), ("0-3", "0-2"), ("0-136", "0-1")}
End = tuple[ObjectType, str]


class Associations:
    """Which record is associated with which, by which types."""

    def __init__(self, crm: Crm) -> None:
        self.types = AssociationTypes()
        self._crm = crm
        self._edges: dict[tuple[str, str, str], dict[str, set[int]]] = {}

    def heard(self, change: Change) -> None:
        """A merge carries the associations over to the result."""
        if change.merged is not None:
            for old in (change.merged.primary, *change.merged.others):
                if old != change.merged.new_id:
                    self._move(change.type_id, old, change.merged.new_id)

    def types_from(self, from_type: ObjectType, to_type: ObjectType, specs: Any) -> list[AssociationType]:
        """The types that a request names; raises 400 for none, or one that does not exist in this direction."""
        if not isinstance(specs, list) or not specs:
            raise HubSpotError(400, "types must be a list of association types, and not empty")
        found = []
        for spec in specs:
            type_id = spec.get("associationTypeId") if isinstance(spec, dict) else None
            one = self.types.get(from_type.id, to_type.id, type_id) if isinstance(type_id, int) else None
            if one is None or spec.get("associationCategory", one.category) != one.category:
                words = f"{spec} is not an association type from {from_type.singular} to {to_type.singular}"
                raise HubSpotError(400, words, sub_category="crm.associations.INVALID_ASSOCIATION_TYPE")
            found.append(one)
        return found

    def check_ends(self, start: End, end: End) -> tuple[Record, Record]:
        """Both live records; the recorded refusals for an id that is none and for a record with itself."""
        found = []
        for type_, record_id in (start, end):
            if not record_id.isdecimal():
                raise HubSpotError(
                    400, f"{record_id} is not a valid ID", context={"id": [record_id]},
                    sub_category="crm.associations.INVALID_IDENTIFIER",
                )  # fmt: skip
            record = self._crm.find(type_, record_id, None)
            if record is None:
                words = f"The {type_.singular.upper()} with id {record_id} does not exist"
                raise HubSpotError(404, words, "OBJECT_NOT_FOUND", context={"id": [record_id]})
            found.append(record)
        if start[0].id == end[0].id and found[0].id == found[1].id:
            raise HubSpotError(400, f"Object {found[0].id} cannot be associated to itself ({found[0].id})")
        return found[0], found[1]

    def add(self, start: End, end: End, types: Sequence[AssociationType], actor: Actor) -> list[str]:
        """Adds the types and the default one; returns the labels that now hold in this direction."""
        first, second = self.check_ends(start, end)
        wanted = [self.types.default(start[0], end[0]), *types]
        for one in dict.fromkeys(wanted):
            self._add(first, second, one, actor)
        held = self._edges[(first.type_id, first.id, second.type_id)][second.id]
        known = [self.types.get(first.type_id, second.type_id, type_id) for type_id in sorted(held)]
        return [one.label for one in known if one is not None and one.label is not None]

    def remove(self, start: End, end: End, types: Iterable[int] | None, actor: Actor) -> None:
        """Removes the given types, or with None everything between the two; what is not there is no error."""
        there = self._resolved(start), self._resolved(end)
        key = (start[0].id, there[0], end[0].id)
        held = self._edges.get(key, {}).get(there[1], set())
        for type_id in held & set(types) if types is not None else set(held):
            one = self.types.get(start[0].id, end[0].id, type_id)
            assert one is not None
            self._take(there[0], there[1], one, actor)

    def of(self, type_: ObjectType, record_id: str, to_type: ObjectType) -> list[tuple[str, list[AssociationType]]]:
        """The live records associated with one, by number, with their types."""
        edges = self._edges.get((type_.id, self._resolved((type_, record_id)), to_type.id), {})
        found = []
        for other, held in sorted(edges.items(), key=lambda item: int(item[0])):
            types = [self.types.get(type_.id, to_type.id, one) for one in sorted(held, reverse=True)]
            if held and self._crm.find(to_type, other, None) is not None:
                found.append((other, [one for one in types if one is not None]))
        return found

    def _resolved(self, end: End) -> str:
        record = self._crm.store.get(end[0].id, end[1])
        return record.id if record is not None else end[1]

    def _add(self, first: Record, second: Record, one: AssociationType, actor: Actor) -> None:
        if one.primary:
            self._demote(first, second, one, actor)
        for start, end, type_id in ((first, second, one.id), (second, first, one.inverse)):
            held = self._edges.setdefault((start.type_id, start.id, end.type_id), {}).setdefault(end.id, set())
            if type_id not in held:
                held.add(type_id)
                self._tell("ASSOCIATION_ADDED", start.id, end.id, self._type(start, end, type_id), actor)

    def _demote(self, first: Record, second: Record, one: AssociationType, actor: Actor) -> None:
        """A new primary takes the place of the old one, whose association stays without the label."""
        if (one.from_type, one.to_type) in _ONE_PRIMARY:
            holder, other, type_id = first, second, one.id
        else:
            holder, other, type_id = second, first, one.inverse
        for old, held in self._edges.get((holder.type_id, holder.id, other.type_id), {}).items():
            if type_id in held and old != other.id:
                self._take(holder.id, old, self._type(holder, other, type_id), actor)

    def _take(self, start: str, end: str, one: AssociationType, actor: Actor) -> None:
        back = self.types.get(one.to_type, one.from_type, one.inverse)
        assert back is not None
        for from_id, to_id, type_ in ((start, end, one), (end, start, back)):
            held = self._edges.get((type_.from_type, from_id, type_.to_type), {}).get(to_id, set())
            if type_.id in held:
                held.discard(type_.id)
                self._tell("ASSOCIATION_REMOVED", from_id, to_id, type_, actor)

    def _type(self, start: Record, end: Record, type_id: int) -> AssociationType:
        found = self.types.get(start.type_id, end.type_id, type_id)
        assert found is not None
        return found

    def _tell(self, action: Action, start: str, end: str, one: AssociationType, actor: Actor) -> None:
        link = Link(one.from_type, start, one.to_type, end, one.id, one.category, one.primary)
        self._crm.feed.tell(Change(action, one.from_type, start, actor, self._crm.now(), link=link))

    def _move(self, type_id: str, old: str, new: str) -> None:
        for key in [one for one in self._edges if one[:2] == (type_id, old)]:
            for other, held in self._edges.pop(key).items():
                target = self._edges.setdefault((type_id, new, key[2]), {})
                target.setdefault(other, set()).update(held)
                back = self._edges.get((key[2], other, type_id), {})
                back.setdefault(new, set()).update(back.pop(old, set()))
