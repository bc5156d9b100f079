"""What an admin set up besides data: permission sets, who has them, and the change events selected; reads files only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .model import FieldDef, ObjectDef
from .standard import lookup, system_fields, text

_READ_ONLY: dict[str, Any] = {"createable": False, "updateable": False, "deletable": False}
_SUFFIX = ".permissionset-meta.xml"


def permission_objects() -> list[ObjectDef]:
    """PermissionSet and PermissionSetAssignment, to be read by SOQL."""
    named = ObjectDef("PermissionSet", "Permission Set", "Permission Sets", "0PS", **_READ_ONLY)
    given = ObjectDef("PermissionSetAssignment", "Permission Set Assignment", "Assignments", "0Pa", **_READ_ONLY)
    return [
        named.add([*system_fields(owned=False), text("Name", 80, nillable=False, name_field=True), text("Label", 80)]),
        given.add([
            *system_fields(owned=False),
            lookup("AssigneeId", "User", "Assignee", "Assignee ID"),
            lookup("PermissionSetId", "PermissionSet", "PermissionSet", "Permission Set ID"),
        ]),
    ]  # fmt: skip


def record_type_object() -> ObjectDef:
    """RecordType, to be read by SOQL; a record points to its own by RecordTypeId."""
    kind = ObjectDef("RecordType", "Record Type", "Record Types", "012", **_READ_ONLY)
    names = [
        text("Name", 80, nillable=False, id_lookup=True, name_field=True),
        text("DeveloperName", 80, nillable=False),
    ]
    about = [text("SobjectType", 40, nillable=False), FieldDef("IsActive", "boolean", "Active")]
    return kind.add([*system_fields(owned=False), *names, *about])


def permission_sets(folder: Path | None) -> list[str]:
    """The names of the permission sets below an SFDX folder."""
    found = [] if folder is None else folder.rglob(f"*{_SUFFIX}")
    return sorted(path.name.removesuffix(_SUFFIX) for path in found)


def tooling_objects(fields: Iterable[str]) -> ObjectDef:
    """PlatformEventChannelMember, which the Tooling API has and the data API has not."""
    member = ObjectDef("PlatformEventChannelMember", "Channel Member", "Channel Members", "0v8", **_READ_ONLY)
    return member.add([*system_fields(owned=False), *(FieldDef(name, "string", name, length=255) for name in fields)])
