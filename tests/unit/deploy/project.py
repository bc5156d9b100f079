"""Reads the Salesforce project: its files, fields and permission sets. Never judges them, never talks to an org."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

NS = {"m": "http://soap.sforce.com/2006/04/metadata", "xsd": "http://www.w3.org/2001/XMLSchema"}
ROOTS = {  # file suffix -> the metadata type that the WSDL describes; a snippet is a part of a type
    ".object-meta.xml": "CustomObject",
    ".field-meta.xml": "CustomField",
    ".listView-meta.xml": "ListView",
    ".compactLayout-meta.xml": "CompactLayout",
    ".layout-meta.xml": "Layout",
    ".permissionset-meta.xml": "PermissionSet",
    ".tab-meta.xml": "CustomTab",
    ".recordType-meta.xml": "RecordType",
    ".businessProcess-meta.xml": "BusinessProcess",
    ".platformEventChannel-meta.xml": "PlatformEventChannel",
    ".platformEventChannelMember-meta.xml": "PlatformEventChannelMember",
}
PARTS = {
    "itemInstances": "ItemInstance",
    "relatedLists": "RelatedListItem",
    "layoutSections": "LayoutSection",
    "Package": "Package",
}
CUSTOM = ("Deal_Registration__c", "Partner_Overlap__c", "Private_Offer__c")
SYNCED = ("Account", "Contact", "Lead", "Opportunity")
KEY = "Tandem_Key__c"
EVERY_OBJECT = {"Name", "NAME", "OwnerId", "CreatedById", "LastModifiedById"}
EDITABLE = {  # standard fields that Tandem keeps in step, under the names that permission sets use
    "Account": {
        "AnnualRevenue",
        "BillingAddress",
        "Description",
        "Industry",
        "NumberOfEmployees",
        "Phone",
        "Website",
    },
    "Contact": {"AccountId", "Email", "Phone", "Title"},
    "Lead": {
        "Address",
        "Email",
        "Industry",
        "LeadSource",
        "NumberOfEmployees",
        "Phone",
        "Title",
        "Website",
    },
    "Opportunity": {"AccountId", "Amount", "Description", "NextStep"},
}
READABLE = {  # standard fields that Tandem only reads
    "Account": {"ParentId", "Type"},
    "Lead": {"Description"},
    "Opportunity": {"LeadSource", "Probability"},
}


def parse(path: Path) -> etree._Element:
    return etree.parse(path).getroot()


def texts(node: etree._Element, path: str) -> list[str]:
    return [found.text or "" for found in node.iterfind(path, NS)]


def text(node: etree._Element, path: str) -> str:
    return "".join(texts(node, path)[:1])


def fields(root: Path, of: str) -> dict[str, etree._Element]:
    folder = root / "force-app/main/default/objects" / of / "fields"
    return {path.name.split(".")[0]: parse(path) for path in sorted(folder.iterdir())}


def all_fields(root: Path) -> Iterator[tuple[str, etree._Element]]:
    for owner in (*SYNCED, *CUSTOM):
        yield from ((f"{owner}.{name}", node) for name, node in fields(root, owner).items())


def standard_fields() -> set[str]:
    names = {f"{owner}.{name}" for known in (EDITABLE, READABLE) for owner, each in known.items() for name in each}
    return names | {f"{owner}.{name}" for owner in CUSTOM for name in EVERY_OBJECT}


def permission_sets(root: Path) -> dict[str, etree._Element]:
    return {path.name.split(".")[0]: parse(path) for path in root.rglob("*.permissionset-meta.xml")}


def one(root: Path, pattern: str) -> etree._Element:
    [path] = root.rglob(pattern)
    return parse(path)


def values(field: etree._Element) -> list[str]:
    return texts(field, "m:valueSet/m:valueSetDefinition/m:value/m:fullName")


def sections(root: Path) -> dict[str, dict[str, str]]:
    """The sections of layouts that an admin pastes: file name -> Object.field -> behaviour."""
    return {
        path.name: {
            f"{path.name.split('-')[0].capitalize()}.{text(item, 'm:field')}": text(item, "m:behavior")
            for item in parse(path).iterfind(".//m:layoutItems", NS)
        }
        for path in sorted((root / "snippets").glob("*-section-*.xml"))
    }


def lookups(root: Path) -> dict[str, str]:
    """The related lists: `Account.Partner_Overlaps__r` -> the object whose records it shows."""
    return {
        f"{text(node, 'm:referenceTo')}.{text(node, 'm:relationshipName')}__r": owner
        for owner in CUSTOM
        for node in fields(root, owner).values()
        if text(node, "m:type") == "Lookup"
    }


def properties(page: etree._Element) -> dict[str, list[str]]:
    """A page component's properties by name, each with its values."""
    return {
        text(each, "m:name"): texts(each, "m:value") + texts(each, "m:valueList/m:valueListItems/m:value")
        for each in page.iterfind(".//m:componentInstanceProperties", NS)
    }


def shown_by(page: etree._Element) -> str:
    """The related list that a page component shows, as a key of `lookups`."""
    found = properties(page)
    return f"{found['parentFieldApiName'][0].split('.')[0]}.{found['relatedListApiName'][0]}"
