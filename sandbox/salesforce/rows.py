"""Reads the body of one row into checked values: fields, types, parents; it never writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from . import ids
from .errors import (
    SalesforceError,
    entity_is_deleted,
    field_not_allowed_in_body,
    invalid_cross_reference,
    no_such_column,
)
from .metadata.model import FieldDef, ObjectDef, Row
from .store import Store
from .values import coerce

Mode = Literal["create", "update"]


def read_body(store: Store, sobject: ObjectDef, body: Mapping[str, Any], mode: Mode) -> Row:
    """Checked values by canonical field name; raises the first refusal, in the order of a live org.

    That order is: unknown names, then values that do not parse, then fields that may not be written, then parents.
    """
    row: Row = {}
    blocked: list[str] = []
    for key, raw in body.items():
        if key == "attributes":
            continue
        found = sobject.field(key)
        if found is None:
            row.update(_parent_by_external_id(store, sobject, key, raw))
        elif found.name == "Id":
            raise field_not_allowed_in_body("Id")
        elif not (found.createable if mode == "create" else found.updateable):
            blocked.append(found.name)
        else:
            row[found.name] = coerce(found, raw)
    if blocked:
        raise SalesforceError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(blocked)}. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set.",
            blocked,
        )
    _check_parents(store, sobject, row)
    return row


def check_required(sobject: ObjectDef, row: Row, mode: Mode) -> None:
    """On create every required field must be there; on update none may be set to null."""
    missing = [
        one.name for one in sobject.required if row.get(one.name) is None and (mode == "create" or one.name in row)
    ]
    if missing:
        raise SalesforceError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)


def check_unique(store: Store, sobject: ObjectDef, row: Row, record_id: str | None) -> None:
    for one in sobject.unique:
        if row.get(one.name) is None:
            continue
        for other in store.find(sobject.name, one, row[one.name]):
            if other != record_id:
                raise SalesforceError(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {one.name} duplicates value on record with id: {other}",
                    [],
                )


def _parent_by_external_id(store: Store, sobject: ObjectDef, key: str, raw: Any) -> Row:
    """`"Account": {"Source_Id__c": "a1"}` names the parent by an external id, in place of AccountId."""
    link = sobject.relationship(key)
    if link is None:
        raise no_such_column(key, sobject.name)
    if raw is None:
        return {link.name: None}
    if not isinstance(raw, dict):
        raise coerce_error(link, raw)
    parent = store.schema.require(link.reference_to[0])
    given = [(name, value) for name, value in raw.items() if name != "attributes"]
    target = parent.field(given[0][0]) if len(given) == 1 else None
    if target is None or not target.id_lookup:
        name = given[0][0] if given else ""
        raise SalesforceError(
            "INVALID_FIELD",
            f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field "
            f"for {parent.name}",
        )
    return {link.name: _find_parent(store, parent, target, given[0][1])}


def _find_parent(store: Store, parent: ObjectDef, target: FieldDef, raw: Any) -> str:
    found = store.find(parent.name, target, ids.normalise(raw) if target.type == "id" else coerce(target, raw))
    if not found:
        raise SalesforceError(
            "INVALID_FIELD",
            f"Foreign key external ID: {raw} not found for field {target.name} in entity {parent.name}",
            [],
        )
    if len(found) > 1:
        raise several_found(target, found)
    return found[0]


def several_found(field: FieldDef, found: list[str]) -> SalesforceError:
    return SalesforceError(
        "DUPLICATE_EXTERNAL_ID",
        f"{field.label}: more than one record found for external id field: [{', '.join(found)}]",
        [field.name],
    )


def coerce_error(link: FieldDef, raw: Any) -> SalesforceError:
    """A scalar where a parent object is due, in the parser's words."""
    try:
        coerce(FieldDef(link.name, "reference", link.label), [] if isinstance(raw, str) else raw)
    except SalesforceError as refused:
        return refused
    raise ValueError(f"{link.name}: {raw!r} is a parent object after all")


def _check_parents(store: Store, sobject: ObjectDef, row: Row) -> None:
    for name, value in row.items():
        link = sobject.field(name)
        if link is None or link.type != "reference" or not isinstance(value, str):
            continue
        parent = store.schema.by_prefix(value)
        if parent is None or parent.name not in link.reference_to:
            raise SalesforceError(
                "FIELD_INTEGRITY_EXCEPTION", f"{link.label}: id value of incorrect type: {value}", [link.name]
            )
        target = store.get(parent.name, value)
        if target is None:
            raise invalid_cross_reference([link.name])
        if target["IsDeleted"]:
            raise entity_is_deleted()
        if link.name == "RecordTypeId" and (target["SobjectType"], target["IsActive"]) != (sobject.name, True):
            raise SalesforceError(
                "INVALID_CROSS_REFERENCE_KEY",
                f"Record Type ID: this ID value isn't valid for the user: {value}",
                [link.name],
            )
        if link.name == "OwnerId" and not target.get("IsActive"):
            raise SalesforceError(
                "INACTIVE_OWNER_OR_USER",
                f"operation performed with inactive user [{value}] as owner of {sobject.label.lower()}",
                [],
            )
