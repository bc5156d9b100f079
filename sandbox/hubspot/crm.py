"""Creates, changes, archives, restores and merges records under the platform's rules; it knows no HTTP."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from . import times, values
from .changes import Change, Feed, Merged
from .errors import BadValue, HubSpotError, already_exists, invalid_properties, not_found
from .model import ObjectType
from .reference import stage_defaults
from .schema import Schema
from .store import Actor, Record, Store, Write

Properties = Mapping[str, Any]


class Crm:
    """The write side of a portal. `owners` are the ids that hubspot_owner_id may take.

    `skew` is the bound in seconds by which the clocks of the platform's servers differ from each other: the stamp
    of a write lies that much around the portal's time, by seed.
    """

    def __init__(self, schema: Schema, store: Store, clock: times.Clock, portal_id: int, seed: int) -> None:
        self.schema, self.store, self.clock, self.portal_id = schema, store, clock, portal_id
        self.feed, self.owners = Feed(), dict[str, str]()
        self.skew = 0.0
        self.required: Mapping[str, tuple[str, ...]] = {}
        self._random = random.Random(f"{seed}:skew")

    def now(self) -> datetime:
        shift = self._random.uniform(-self.skew, self.skew) if self.skew else 0.0
        return times.to_milli(self.clock() + timedelta(seconds=shift))

    def find(self, type_: ObjectType, key: str, id_property: str | None, archived: bool = False) -> Record | None:
        """By id or by a unique property; only live records, or only archived ones."""
        if id_property in (None, "", "hs_object_id"):
            found = self.store.get(type_.id, key)
        else:
            assert id_property is not None
            self.check_key(type_, id_property)
            holder = self.store.holder(type_.id, id_property, self.key_value(type_, id_property, key))
            found = self.store.get(type_.id, holder) if holder is not None else None
        return found if found is not None and found.archived == archived else None

    def check_key(self, type_: ObjectType, id_property: str) -> None:
        if id_property not in type_.unique_keys():
            words = f"Unable to perform update/upsert by non-unique {type_.id} property {id_property} in portal ID"
            raise HubSpotError(400, f"{words} {self.portal_id}")

    def key_value(self, type_: ObjectType, id_property: str, key: str) -> str:
        return key.lower() if (type_.id, id_property) == ("0-1", "email") else key

    def checked(self, type_: ObjectType, given: Any, enforce: bool) -> tuple[dict[str, str], list[BadValue]]:
        """What a creation would store, or the values that are refused; raises for what is missing or taken."""
        stored, bad = values.read_properties(type_, given, self.owners)
        stored = {name: value for name, value in {**stage_defaults(type_.id, stored), **stored}.items() if value != ""}
        if not bad:
            self._check_required(type_, stored, enforce)
            self._check_unique(type_, stored, None)
        return stored, bad

    def create(
        self, type_: ObjectType, given: Properties, actor: Actor, at: datetime | None = None, *, enforce: bool = False
    ) -> Record:
        """The new record; raises 400 for bad values and 409 for a contact that exists."""
        stored, bad = self.checked(type_, given, enforce)
        if bad:
            raise invalid_properties(bad)
        record_id, moment = self.store.new_id(type_.id), at or self.now()
        system = {
            "hs_object_id": record_id, type_.created: times.iso(moment), type_.modified: times.iso(moment),
            "hs_object_source": actor.source, "hs_object_source_id": actor.source_id,
            "hs_object_source_label": actor.source,
        }  # fmt: skip
        record = Record(type_.id, record_id, {**stored, **system}, moment, moment)
        self._put(type_, record, actor, "CREATE", tuple(sorted(stored)))
        self.feed.tell(Change("CREATE", type_.id, record_id, actor, moment, {**stored, **system}))
        return record

    def update(
        self, type_: ObjectType, record: Record, given: Properties, actor: Actor, *, enforce: bool = False
    ) -> Record:
        """The record afterwards. A write that changes no value moves no time and makes no event."""
        stored, bad = self.checked_update(type_, record, given, enforce)
        if bad:
            raise invalid_properties(bad)
        changed = {name: value for name, value in stored.items() if record.properties.get(name, "") != value}
        at = self.now()
        if not changed:
            self._put(type_, record, actor, "UPDATE", ())
            return record
        after = record.with_changes({**changed, type_.modified: times.iso(at)}, at)
        self._put(type_, after, actor, "UPDATE", tuple(sorted(changed)))
        self.feed.tell(Change("UPDATE", type_.id, record.id, actor, at, changed))
        return after  # a workflow may have written again: as on the platform, the answer does not show it yet

    def checked_update(
        self, type_: ObjectType, record: Record, given: Any, enforce: bool
    ) -> tuple[dict[str, str], list[BadValue]]:
        """What an update would store, or the values that are refused; raises for what is cleared or taken."""
        stored, bad = values.read_properties(type_, given, self.owners, known={"hs_object_id": record.id})
        if not stored and not bad and not given:
            words = "No properties found to update, please provide at least one."
            raise HubSpotError(400, words, context={"properties": ["{}"]})
        cleared = [name for name in self.required.get(type_.id, ()) if enforce and stored.get(name) == ""]
        if cleared:
            raise HubSpotError(400, "Some required properties were not set.", context={"properties": cleared})
        if not bad:
            self._check_unique(type_, stored, record.id)
        return stored, bad

    def archive(self, type_: ObjectType, record: Record, actor: Actor) -> None:
        at = self.now()
        self._put(type_, replace(record, archived_at=at), actor, "DELETE", ("archived",))
        self.feed.tell(Change("DELETE", type_.id, record.id, actor, at))

    def restore(self, type_: ObjectType, record: Record, actor: Actor) -> Record:
        """Out of the recycle bin; raises 400 if a unique value has been taken meanwhile."""
        if not record.archived:
            raise HubSpotError(400, f"{record.id} is not archived")
        self._check_unique(type_, record.properties, record.id)
        at = self.now()
        after = replace(record.with_changes({type_.modified: times.iso(at)}, at), archived_at=None)
        self._put(type_, after, actor, "RESTORE", ("archived",))
        self.feed.tell(Change("RESTORE", type_.id, record.id, actor, at))
        return after

    def gdpr_delete(self, type_: ObjectType, record: Record, actor: Actor) -> None:
        """Gone for good: no recycle bin, no restore."""
        at = self.now()
        self.store.forget(type_.id, record.id, Write(actor, "GDPR_DELETE", ("archived",), at), _unique(type_))
        self.feed.tell(Change("GDPR_DELETE", type_.id, record.id, actor, at))

    def merge(self, type_: ObjectType, primary_id: str, other_id: str, actor: Actor, new_record: bool = True) -> Record:
        """The winner's values stay, the other's fill the gaps; both old ids lead to the result from now on."""
        primary, other = self.find(type_, primary_id, None), self.find(type_, other_id, None)
        if primary is None or other is None:
            raise not_found()
        if primary.id == other.id:
            raise HubSpotError(400, f"Cannot merge an object with itself: {primary.id}")
        at = self.now()
        gaps = {n: v for n, v in other.properties.items() if n not in primary.properties and not n.startswith("hs_")}
        final_id = self.store.new_id(type_.id) if new_record else primary.id
        gone = (primary, other) if new_record else (other,)
        write = Write(actor, "MERGE", tuple(sorted(gaps)) or ("hs_merged_object_ids",), at)
        for one in gone:
            self.store.forget(type_.id, one.id, Write(actor, "MERGED_AWAY", ("archived",), at), _unique(type_))
            self.store.forward(type_.id, one.id, final_id)
        if type_.id == "0-1" and primary.properties.get("email") and other.properties.get("email"):
            gaps["hs_additional_emails"] = other.properties["email"]
        earlier = [one.properties.get("hs_merged_object_ids", "") for one in (primary, other)]
        merged_ids = ";".join([part for part in earlier if part] + [one.id for one in gone])
        system = {"hs_object_id": final_id, "hs_merged_object_ids": merged_ids, type_.modified: times.iso(at)}
        after = replace(primary.with_changes({**gaps, **system}, at), id=final_id)
        self.store.put(after, write, _unique(type_))
        merged = Merged(primary.id, (other.id,), final_id, len(gaps))
        self.feed.tell(Change("MERGE", type_.id, final_id, actor, at, gaps, merged=merged))
        return after

    def _check_required(self, type_: ObjectType, stored: Mapping[str, str], enforce: bool) -> None:
        needed = list((type_.custom or {}).get("requiredProperties") or ())
        needed += self.required.get(type_.id, ()) if enforce else ()
        missing = [name for name in needed if not stored.get(name)]
        if type_.needs_one_of and not any(stored.get(name) for name in type_.needs_one_of):
            missing.append(f"one of {', '.join(type_.needs_one_of)}")
        if missing:
            words = f"Error creating {type_.singular.upper()}. Some required properties were not set."
            raise HubSpotError(400, words, context={"properties": [f"[{', '.join(missing)}]"]})

    def _check_unique(self, type_: ObjectType, stored: Mapping[str, str], own_id: str | None) -> None:
        for name in type_.unique_keys() & set(stored):
            holder = self.store.holder(type_.id, name, stored[name]) if stored[name] else None
            if holder in (None, own_id):
                continue
            assert holder is not None
            if (type_.id, name) == ("0-1", "email"):
                raise already_exists(type_.singular, holder)
            raise values.taken(name, stored[name], own_id or "0", holder, self.portal_id, type_.id)

    def _put(self, type_: ObjectType, record: Record, actor: Actor, action: str, changed: tuple[str, ...]) -> None:
        self.store.put(record, Write(actor, action, changed, record.updated_at), _unique(type_))


def _unique(type_: ObjectType) -> frozenset[str]:
    return frozenset(type_.unique_keys())
