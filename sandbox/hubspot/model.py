"""What an object type and a property are; it holds no records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ValueType = Literal["string", "number", "date", "datetime", "enumeration", "bool"]
FIELD_TYPES: Mapping[str, tuple[str, ...]] = {
    "string": ("text", "textarea", "file", "html", "phonenumber", "calculation_equation"),
    "number": ("number", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),  # the field type does not tell a date from a datetime, the type does
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", "calculation_equation"),
    "bool": ("booleancheckbox", "calculation_equation"),
}
MAX_UNIQUE = 10


@dataclass(frozen=True, slots=True)
class PropertyDef:
    """One property. `options` are values with their labels; `external` options live elsewhere (pipelines, owners)."""

    name: str
    label: str
    type: ValueType = "string"
    field_type: str = "text"
    group: str = "information"
    description: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    unique: bool = False
    read_only: bool = False
    calculated: bool = False
    external: bool = False
    hidden: bool = False
    form_field: bool = False
    hubspot_defined: bool = True
    display_order: int = -1
    created_at: str = "1970-01-01T00:00:00Z"

    def body(self) -> dict[str, Any]:
        """The shape in which the properties API shows it."""
        return {
            "updatedAt": self.created_at,
            "createdAt": self.created_at,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [
                {"label": label, "value": value, "displayOrder": number, "hidden": False}
                for number, (value, label) in enumerate(self.options.items())
            ],
            "displayOrder": self.display_order,
            "calculated": self.calculated,
            "externalOptions": self.external,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            **({"hubspotDefined": True} if self.hubspot_defined else {}),
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyValue": self.read_only,
            },
            "formField": self.form_field,
            "dataSensitivity": "non_sensitive",
        }


@dataclass(slots=True)
class ObjectType:
    """One object type. `singular` and `plural` are the names in paths, `modified` the property with the last change."""

    id: str
    singular: str
    plural: str
    modified: str
    default_properties: tuple[str, ...]
    searchable: tuple[str, ...] = ()
    created: str = "createdate"
    needs_one_of: tuple[str, ...] = ()
    scope: str = ""
    qualified_name: str = ""
    properties: dict[str, PropertyDef] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    custom: Mapping[str, Any] | None = None  # the schema body of a custom object; None for HubSpot's own

    def names(self) -> tuple[str, ...]:
        """Every name that a path may use."""
        return tuple(one for one in (self.id, self.singular, self.plural, self.qualified_name) if one)

    def always(self) -> tuple[str, ...]:
        """The properties in every answer."""
        return (self.created, self.modified, "hs_object_id")

    def unique_keys(self) -> set[str]:
        """The properties that an idProperty may name."""
        keys = {one.name for one in self.properties.values() if one.unique}
        return keys | {"email"} if self.id == "0-1" else keys
