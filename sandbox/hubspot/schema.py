"""The object types and properties of one portal, and what may be added to them; it knows no records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from . import times
from .catalog import standard_types, system_properties
from .errors import HubSpotError, no_such_type
from .model import FIELD_TYPES, MAX_UNIQUE, ObjectType, PropertyDef

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_FIRST_CUSTOM = 1_000_001


class Schema:
    """Every object type of a portal, by any of its names."""

    def __init__(self, portal_id: int, clock: times.Clock, enterprise: bool) -> None:
        self.enterprise = enterprise
        self._portal_id, self._clock = portal_id, clock
        self._types = {one.id: one for one in standard_types()}
        self._names = {name: one.id for one in self._types.values() for name in one.names()}

    def __iter__(self) -> Iterator[ObjectType]:
        return iter(self._types.values())

    def get(self, name: str) -> ObjectType | None:
        """By id, name or plural; names are read in any case."""
        type_id = self._names.get(name.lower())
        return self._types[type_id] if type_id else None

    def require(self, name: str) -> ObjectType:
        found = self.get(name)
        if found is None:
            raise no_such_type(name)
        return found

    def custom(self) -> list[ObjectType]:
        return [one for one in self if one.custom is not None]

    def add_property(self, type_: ObjectType, body: Mapping[str, Any]) -> PropertyDef:
        """The created property; raises 400 for a bad body and 409 for a name that is taken."""
        made = self._read_property(body)
        if made.name in type_.properties:
            raise HubSpotError(
                409, f"A property named '{made.name}' already exists.", "OBJECT_ALREADY_EXISTS",
                context={"name": [made.name]}, sub_category="Properties.PROPERTY_EXISTS",
            )  # fmt: skip
        if made.group not in type_.groups:
            raise HubSpotError(400, f"Property group '{made.group}' does not exist.")
        if made.unique and sum(one.unique for one in type_.properties.values()) >= MAX_UNIQUE:
            raise HubSpotError(400, f"There can be at most {MAX_UNIQUE} properties with unique values per object type.")
        type_.properties[made.name] = made
        return made

    def change_property(self, type_: ObjectType, name: str, body: Mapping[str, Any]) -> PropertyDef:
        """Label, description, group and options; uniqueness cannot be added later, nor the name or type changed."""
        old = type_.properties.get(name)
        if old is None:
            raise no_such_property(name)
        if old.hubspot_defined:
            raise HubSpotError(400, f"The definition of property '{name}' is read-only.")
        if "hasUniqueValue" in body and bool(body["hasUniqueValue"]) != old.unique:
            raise HubSpotError(400, "hasUniqueValue cannot be changed after the property was created.")
        if body.get("type", old.type) != old.type:
            raise HubSpotError(400, f"The type of property '{name}' cannot be changed.")
        made = replace(
            old,
            label=str(body.get("label", old.label)),
            description=str(body.get("description", old.description)),
            group=str(body.get("groupName", old.group)),
            options=_options(body["options"]) if "options" in body else old.options,
        )
        type_.properties[name] = made
        return made

    def add_group(self, type_: ObjectType, body: Mapping[str, Any]) -> dict[str, Any]:
        name, label = _text(body, "name"), _text(body, "label")
        if name in type_.groups:
            raise HubSpotError(
                409,
                f"A property group named '{name}' already exists.",
                "OBJECT_ALREADY_EXISTS",
                context={"name": [name]},
            )
        type_.groups[name] = label
        return group_body(name, label)

    def add_type(self, body: Mapping[str, Any]) -> ObjectType:
        """A custom object. Refused without Enterprise, and for a name that is taken or a missing key."""
        if not self.enterprise:
            raise HubSpotError(403, "This portal's subscription does not include custom objects.", "FORBIDDEN")
        name, labels = _text(body, "name"), body.get("labels")
        if not isinstance(labels, Mapping) or not labels.get("singular"):
            raise HubSpotError(400, "Some required fields were not set: [labels]")
        if not _NAME.fullmatch(name):
            raise HubSpotError(400, f"Invalid object type name: {name}")
        if name in self._names:
            raise HubSpotError(400, f"Object type already exists: {name}", sub_category="OBJECT_TYPE_EXISTS")
        made = self._new_type(name, body)
        self._check_references(made, body)
        self._types[made.id] = made
        self._names.update(dict.fromkeys(made.names(), made.id))
        return made

    def _new_type(self, name: str, body: Mapping[str, Any]) -> ObjectType:
        group = f"{name}_information"
        number = _FIRST_CUSTOM + len(self.custom())
        made = ObjectType(
            f"2-{number}", name, f"{name}s" if f"{name}s" not in self._names else name, "hs_lastmodifieddate",
            ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"), created="hs_createdate", scope="custom",
            qualified_name=f"p{self._portal_id}_{name}", custom=dict(body),
        )  # fmt: skip
        made.groups[group] = f"{name} information"
        for one in system_properties(group, made.created, made.modified):
            made.properties[one.name] = one
        properties = body.get("properties")
        if not isinstance(properties, list) or not properties:
            raise HubSpotError(400, "Some required fields were not set: [properties]")
        for one in properties:
            self.add_property(made, {"groupName": group, **one} if isinstance(one, Mapping) else {})
        return made

    def _check_references(self, made: ObjectType, body: Mapping[str, Any]) -> None:
        for key in ("requiredProperties", "searchableProperties", "secondaryDisplayProperties"):
            for name in body.get(key) or ():
                if name not in made.properties:
                    raise HubSpotError(400, f"Property {name} in {key} does not exist")
        display = body.get("primaryDisplayProperty")
        if display is not None and display not in made.properties:
            raise HubSpotError(400, f"Property {display} in primaryDisplayProperty does not exist")
        for name in body.get("associatedObjects") or ():
            self.require(str(name))
        made.needs_one_of = ()
        made.searchable = tuple(body.get("searchableProperties") or ())

    def _read_property(self, body: Mapping[str, Any]) -> PropertyDef:
        name, label, kind = _text(body, "name"), _text(body, "label"), _text(body, "type")
        field_type, group = _text(body, "fieldType"), _text(body, "groupName")
        if not _NAME.fullmatch(name):
            raise HubSpotError(
                400, f"Property name '{name}' is invalid: lower-case letters, digits and underscores only"
            )
        if field_type not in FIELD_TYPES.get(kind, ()):
            raise HubSpotError(400, f"Property type '{kind}' and field type '{field_type}' do not go together.")
        return PropertyDef(
            name, label, kind, field_type, group, str(body.get("description", "")),  # type: ignore[arg-type]
            options=_options(body.get("options", [])), unique=body.get("hasUniqueValue") is True,
            form_field=body.get("formField") is True, hidden=body.get("hidden") is True, hubspot_defined=False,
            display_order=int(body.get("displayOrder", -1)), created_at=times.iso(self._clock()),
        )  # fmt: skip


def schema_body(type_: ObjectType, associations: list[dict[str, Any]]) -> dict[str, Any]:
    """The shape in which the schemas API shows a custom object."""
    given = type_.custom or {}
    own = [one for one in type_.properties.values() if not one.hubspot_defined]
    at = own[0].created_at if own else "1970-01-01T00:00:00Z"
    return {
        "labels": dict(given.get("labels", {})),
        "requiredProperties": list(given.get("requiredProperties") or ()),
        "searchableProperties": list(given.get("searchableProperties") or ()),
        "primaryDisplayProperty": given.get("primaryDisplayProperty"),
        "secondaryDisplayProperties": list(given.get("secondaryDisplayProperties") or ()),
        "archived": False,
        "id": type_.id.removeprefix("2-"),
        "fullyQualifiedName": type_.qualified_name,
        "createdAt": at,
        "updatedAt": at,
        "objectTypeId": type_.id,
        "properties": [one.body() for one in type_.properties.values()],
        "associations": associations,
        "name": type_.singular,
    }


def group_body(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "displayOrder": -1, "archived": False}


def no_such_property(name: str) -> HubSpotError:
    return HubSpotError(
        404, f"Property '{name}' does not exist", "OBJECT_NOT_FOUND", context={"name": [name]},
        sub_category="Properties.PROPERTY_NOT_FOUND",
    )  # fmt: skip


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise HubSpotError(400, f"Some required fields were not set: [{key}]")
    return value


def _options(given: Any) -> dict[str, str]:
    if not isinstance(given, list) or not all(isinstance(one, Mapping) and "value" in one for one in given):
        raise HubSpotError(400, "options must be a list of objects with label and value")
    return {str(one["value"]): str(one.get("label", one["value"])) for one in given}
