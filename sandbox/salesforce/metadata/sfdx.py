"""Reads custom objects and fields from an SFDX folder: what an admin deploys is what exists; never writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from . import standard
from .model import FieldDef, ObjectDef, OnDelete, RecordTypeDef, Schema, Value

_TYPES = {
    "Text": "string", "LongTextArea": "textarea", "TextArea": "textarea", "Html": "textarea", "Number": "double",
    "Checkbox": "boolean", "Date": "date", "DateTime": "datetime", "Picklist": "picklist", "Lookup": "reference",
    "MasterDetail": "reference", "MultiselectPicklist": "multipicklist", "Url": "url", "Phone": "phone",
    "Email": "email", "Percent": "percent", "Currency": "currency", "AutoNumber": "string",
}  # fmt: skip
_FIXED_LENGTH = {"TextArea": 255, "Url": 255, "Phone": 40, "Email": 80, "Picklist": 255, "AutoNumber": 30,
                 "MultiselectPicklist": 4099, "Lookup": 18, "MasterDetail": 18}  # fmt: skip
_ON_DELETE: dict[str | None, OnDelete] = {
    None: "SetNull", "SetNull": "SetNull", "Cascade": "Cascade", "Restrict": "Restrict"
}  # fmt: skip


class SfdxError(Exception):
    """A metadata file that cannot be used; the message names the file, the element and the remedy."""


class _Xml:
    """A metadata element without its namespace."""

    def __init__(self, element: ElementTree.Element, source: Path) -> None:
        self._element, self.source = element, source

    @classmethod
    def read(cls, path: Path) -> _Xml:
        try:
            return cls(ElementTree.parse(path).getroot(), path)  # noqa: S314 - files of our own repository
        except ElementTree.ParseError as broken:
            raise SfdxError(f"{path}: not well-formed XML ({broken}); fix the file or leave it out") from broken

    def all(self, *path: str) -> list[_Xml]:
        found = [self._element]
        for name in path:
            found = [child for one in found for child in one if child.tag.rpartition("}")[2] == name]
        return [_Xml(one, self.source) for one in found]

    def get(self, *path: str) -> str | None:
        found = self.all(*path)
        return (found[0]._element.text or "").strip() if found else None

    def need(self, *path: str) -> str:
        value = self.get(*path)
        if not value:
            raise SfdxError(f"{self.source}: <{'/'.join(path)}> is missing; add it as the metadata API requires")
        return value

    def flag(self, *path: str) -> bool:
        return self.get(*path) == "true"

    def number(self, *path: str) -> int:
        return int(self.get(*path) or 0)


def load(folder: Path, schema: Schema) -> list[str]:
    """Adds every object and field below the folder to the schema; returns the names added (`Account.X__c`).

    Raises SfdxError for a folder without `objects`, an unknown field type, or a lookup to an unknown object.
    """
    roots = sorted(path for path in folder.rglob("objects") if path.is_dir())
    if not roots:
        raise SfdxError(f"{folder}: no 'objects' folder below it; give the SFDX package folder, e.g. force-app")
    value_sets = _global_value_sets(folder)
    object_folders = sorted((one for root in roots for one in root.iterdir() if one.is_dir()), key=lambda one: one.name)
    added: list[str] = []
    for number, path in enumerate(one for one in object_folders if schema.get(one.name) is None):
        schema.add(_object(path, f"a{number:02d}"))
        added.append(path.name)
    for path in object_folders:
        owner = schema.require(path.name)
        for file in sorted((path / "fields").glob("*.field-meta.xml")):
            owner.add([_field(_Xml.read(file), schema, value_sets)])
            added.append(f"{owner.name}.{file.name.removesuffix('.field-meta.xml')}")
        _add_record_types(owner, path / "recordTypes")
    return added


def _add_record_types(owner: ObjectDef, folder: Path) -> None:
    """An object without active record types has no field RecordTypeId (object reference, RecordType)."""
    files = (_Xml.read(file) for file in sorted(folder.glob("*.recordType-meta.xml")))
    types = [RecordTypeDef(one.need("fullName"), one.need("label"), one.flag("active")) for one in files]
    owner.record_types = (*owner.record_types, *types)
    if any(one.active for one in types):
        owner.add([standard.lookup("RecordTypeId", "RecordType", "RecordType", "Record Type ID")])


def _object(path: Path, key_prefix: str) -> ObjectDef:
    meta = _Xml.read(path / f"{path.name}.object-meta.xml")
    name_field = standard.text("Name", 80, meta.get("nameField", "label") or "Name", nillable=False, name_field=True)
    if meta.get("nameField", "type") == "AutoNumber":
        pattern = meta.get("nameField", "displayFormat") or "{0}"
        name_field = replace(name_field, createable=False, updateable=False, auto_number=pattern)
    else:  # a text name may be left out: the platform then writes the record's id
        name_field = replace(name_field, nillable=True)
    owned = not any("<type>MasterDetail<" in one.read_text("utf-8") for one in (path / "fields").glob("*.xml"))
    created = ObjectDef(path.name, meta.need("label"), meta.get("pluralLabel") or meta.need("label"), key_prefix, True)
    return created.add([*standard.system_fields(owned), name_field])


def _field(meta: _Xml, schema: Schema, value_sets: dict[str, tuple[str, ...]]) -> FieldDef:
    name, kind = meta.need("fullName"), meta.need("type")
    if kind not in _TYPES:
        raise SfdxError(f"{meta.source}: field type {kind} is not emulated; use one of {', '.join(sorted(_TYPES))}")
    long = kind in ("LongTextArea", "Html", "MultiselectPicklist")
    calculated = meta.get("formula") is not None
    external = meta.flag("externalId")
    values, default = _picklist(meta, value_sets)
    found = FieldDef(
        name, _TYPES[kind], meta.need("label"),
        length=_FIXED_LENGTH.get(kind) or meta.number("length"),
        precision=meta.number("precision"), scale=meta.number("scale"),
        nillable=not (meta.flag("required") or kind in ("Checkbox", "MasterDetail")),
        createable=not (calculated or kind == "AutoNumber"), updateable=not (calculated or kind == "AutoNumber"),
        filterable=kind not in ("LongTextArea", "Html"), sortable=not long,
        external_id=external, id_lookup=external, unique=meta.flag("unique"), case_sensitive=meta.flag("caseSensitive"),
        custom=True, calculated=calculated, picklist=values, restricted=meta.flag("valueSet", "restricted"),
        default=_default(kind, meta.get("defaultValue"), default),
        auto_number=(meta.get("displayFormat") or "{0}") if kind == "AutoNumber" else None,
        formula=meta.get("formula"),
    )  # fmt: skip
    return _as_lookup(found, meta, kind, schema) if _TYPES[kind] == "reference" else found


def _as_lookup(found: FieldDef, meta: _Xml, kind: str, schema: Schema) -> FieldDef:
    target = schema.get(meta.need("referenceTo"))
    if target is None:
        raise SfdxError(f"{meta.source}: referenceTo {meta.need('referenceTo')} is not an object of this org; add it")
    children = meta.get("relationshipName")
    return replace(
        found,
        reference_to=(target.name,),
        relationship=found.name.removesuffix("__c") + "__r",
        child_relationship=f"{children}__r" if children else None,
        on_delete="Cascade" if kind == "MasterDetail" else _ON_DELETE[meta.get("deleteConstraint")],
    )


def _picklist(meta: _Xml, value_sets: dict[str, tuple[str, ...]]) -> tuple[tuple[str, ...], str | None]:
    shared = meta.get("valueSet", "valueSetName")
    if shared is not None:
        if shared not in value_sets:
            raise SfdxError(f"{meta.source}: valueSetName {shared} has no globalValueSets file; add it to the project")
        return value_sets[shared], None
    values = [one for one in meta.all("valueSet", "valueSetDefinition", "value") if one.get("isActive") != "false"]
    default = next((one.need("fullName") for one in values if one.flag("default")), None)
    return tuple(one.need("fullName") for one in values), default


def _default(kind: str, text: str | None, picklist_default: str | None) -> Value:
    if kind == "Checkbox":
        return text == "true"
    return picklist_default


def _global_value_sets(folder: Path) -> dict[str, tuple[str, ...]]:
    files = sorted(folder.rglob("*.globalValueSet-meta.xml"))
    return {
        file.name.removesuffix(".globalValueSet-meta.xml"): tuple(
            one.need("fullName") for one in _Xml.read(file).all("customValue") if one.get("isActive") != "false"
        )
        for file in files
    }
