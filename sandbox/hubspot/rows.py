"""One input of a write, single or in a batch: properties with the associations beside them; it knows no HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import times
from .association_types import AssociationType
from .associations import End
from .errors import HubSpotError, invalid_input
from .model import ObjectType
from .portal import Portal
from .store import Actor, Record

Input = Mapping[str, Any]
Wanted = list[tuple[End, list[AssociationType]]]


def create(portal: Portal, type_: ObjectType, given: Input, actor: Actor, *, enforce: bool = False) -> Record:
    """The new record with its associations; an association that cannot be is found before anything is written."""
    wanted = wanted_associations(portal, type_, given)
    record = portal.crm.create(type_, given.get("properties"), actor, enforce=enforce)  # type: ignore[arg-type]
    for end, types in wanted:
        portal.associations.add((type_, record.id), end, types, actor)
    return record


def wanted_associations(portal: Portal, type_: ObjectType, given: Input) -> Wanted:
    """The other ends and types that an input names; raises 400 for a type or record that does not exist."""
    specs = given.get("associations") or []
    if not isinstance(specs, list):
        raise invalid_input("associations must be a list")
    wanted: Wanted = []
    for spec in specs:
        types = [_association_type(portal, type_, one) for one in spec.get("types") or ()]
        other = portal.schema.require(types[0].to_type) if types else None
        other_id = str((spec.get("to") or {}).get("id", ""))
        if other is None:
            raise HubSpotError(400, "An association needs types")
        if portal.crm.find(other, other_id, None) is None:
            words = f"The {other.singular.upper()} with id {other_id} does not exist"
            raise HubSpotError(400, words, context={"id": [other_id]})
        wanted.append(((other, other_id), types))
    if type_.id == "0-136" and not any(end[0].id == "0-1" for end, _ in wanted):
        raise HubSpotError(400, "A lead must be associated with an existing contact")
    return wanted


def update(portal: Portal, type_: ObjectType, record: Record, given: Input, actor: Actor, *, enforce: bool) -> Record:
    return portal.crm.update(type_, record, given.get("properties"), actor, enforce=enforce)  # type: ignore[arg-type]


def render(portal: Portal, type_: ObjectType, record: Record, names: Sequence[str] | None = None) -> dict[str, Any]:
    """A record as answers show it. `names` None shows everything that has a value, an empty list the default ones.

    A name that is no property is left out; a property without a value is null.
    """
    if names is None:
        shown: Mapping[str, str | None] = dict(sorted(record.properties.items()))
    else:
        chosen = [*type_.always(), *(names or type_.default_properties)]
        shown = {name: record.properties.get(name) for name in sorted(set(chosen)) if name in type_.properties}
    body = {
        "id": record.id,
        "properties": shown,
        "createdAt": times.iso(record.created_at),
        "updatedAt": times.iso(record.updated_at),
        "archived": record.archived,
        "url": f"https://app.hubspot.com/contacts/{portal.id}/record/{type_.id}/{record.id}",
    }
    if record.archived_at is not None:
        body["archivedAt"] = times.iso(record.archived_at)
    return body


def _association_type(portal: Portal, type_: ObjectType, spec: Any) -> AssociationType:
    found = (
        portal.associations.types.from_id(type_.id, spec.get("associationTypeId")) if isinstance(spec, dict) else None
    )
    if found is None or spec.get("associationCategory", found.category) != found.category:
        raise HubSpotError(
            400, f"{spec} is not an association type from {type_.singular}",
            sub_category="crm.associations.INVALID_ASSOCIATION_TYPE",
        )  # fmt: skip
    return found
