"""Renders objects and fields in the shape of the describe resources; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .compounds import compound_of
from .model import FieldDef, ObjectDef, Schema

_SOAP_TYPES = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double",
    "currency": "xsd:double", "percent": "xsd:double", "date": "xsd:date", "datetime": "xsd:dateTime",
}  # fmt: skip


def field(one: FieldDef) -> dict[str, Any]:
    return {
        "name": one.name, "label": one.label, "type": one.type, "soapType": _SOAP_TYPES.get(one.type, "xsd:string"),
        "length": one.length, "byteLength": one.length * 3,
        "digits": one.precision if one.type == "int" else 0,
        "precision": 0 if one.type == "int" else one.precision, "scale": one.scale,
        "nillable": one.nillable, "createable": one.createable, "updateable": one.updateable,
        "filterable": one.filterable, "sortable": one.sortable,
        "groupable": one.filterable and one.type not in ("double", "currency", "percent", "datetime"),
        "externalId": one.external_id, "idLookup": one.id_lookup, "unique": one.unique,
        "caseSensitive": one.case_sensitive, "custom": one.custom, "calculated": one.calculated,
        "calculatedFormula": one.formula,
        "nameField": one.name_field, "autoNumber": one.auto_number is not None,
        "picklistValues": [_picklist_value(value, value == one.default) for value in one.picklist],
        "restrictedPicklist": one.restricted, "dependentPicklist": False,
        "referenceTo": list(one.reference_to), "relationshipName": one.relationship, "polymorphicForeignKey": False,
        "defaultedOnCreate": one.default is not None or one.type == "boolean" or one.name == "OwnerId",
        "defaultValue": one.default if one.type == "boolean" else None,
    }  # fmt: skip


def _record_type(name: str, label: str, active: bool, record_id: str) -> dict[str, Any]:
    master = record_id == MASTER
    return {
        "active": active, "available": active, "defaultRecordTypeMapping": master, "developerName": name,
        "master": master, "name": label, "recordTypeId": record_id,
    }  # fmt: skip


def _compound(sobject: ObjectDef, one: FieldDef) -> str | None:
    found = compound_of(sobject, one)
    return found[0] if found else None


def _picklist_value(value: str, default: bool) -> dict[str, Any]:
    return {"active": True, "defaultValue": default, "label": value, "value": value, "validFor": None}


def summary(one: ObjectDef, base: str) -> dict[str, Any]:
    """One entry of the global describe; `base` is `/services/data/vXX.X/sobjects`."""
    url = f"{base}/{one.name}"
    return {
        "name": one.name, "label": one.label, "labelPlural": one.plural, "keyPrefix": one.key_prefix,
        "custom": one.custom, "customSetting": False, "createable": one.createable, "updateable": one.updateable,
        "deletable": one.deletable, "queryable": True, "retrieveable": True, "searchable": True,
        "undeletable": one.deletable, "mergeable": False, "replicateable": True, "triggerable": True,
        "urls": {"sobject": url, "describe": f"{url}/describe", "rowTemplate": f"{url}/{{ID}}"},
    }  # fmt: skip


MASTER = "012000000000000AAA"  # the record type of a record that has none


def full(one: ObjectDef, schema: Schema, base: str, record_types: Mapping[str, str]) -> dict[str, Any]:
    """The whole describe; `record_types` is the API's name of each record type of the object to its id."""
    children = [
        {
            "childSObject": child.name,
            "field": link.name,
            "relationshipName": link.child_relationship,
            "cascadeDelete": link.on_delete == "Cascade",
            "restrictedDelete": link.on_delete == "Restrict",
        }
        for child, link in schema.children_of(one)
    ]
    return {
        **summary(one, base),
        "fields": [{**field(each), "compoundFieldName": _compound(one, each)} for each in one.fields],
        "childRelationships": children,
        "recordTypeInfos": [
            *(_record_type(each.name, each.label, each.active, record_types[each.name]) for each in one.record_types),
            _record_type("Master", "Master", True, MASTER),
        ],
    }
