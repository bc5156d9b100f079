"""The rules that a deployment of deploy/salesforce has to keep, as functions from a project folder to what is wrong.

Never talks to an org: what the metadata API knows comes from the WSDL that simple-salesforce ships.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree

OBJECT = "Partner_Overlap__c"
NS = {"m": "http://soap.sforce.com/2006/04/metadata", "xsd": "http://www.w3.org/2001/XMLSchema"}
ROOTS = {  # file suffix -> the metadata type that the WSDL describes; a snippet is a part of a type
    ".object-meta.xml": "CustomObject",
    ".field-meta.xml": "CustomField",
    ".listView-meta.xml": "ListView",
    ".compactLayout-meta.xml": "CompactLayout",
    ".layout-meta.xml": "Layout",
    ".permissionset-meta.xml": "PermissionSet",
    ".tab-meta.xml": "CustomTab",
}
PARTS = {"itemInstances": "ItemInstance", "relatedLists": "RelatedListItem", "Package": "Package"}
STANDARD = {  # fields that every org has, under the names that layouts, lists and permission sets use
    OBJECT: {"Name", "NAME", "OwnerId", "CreatedById", "LastModifiedById"},
    "Account": {"BillingAddress", "Industry", "NumberOfEmployees", "Phone", "Type", "Website"},
}
Rule = Callable[[Path], list[str]]


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
    for owner in STANDARD:
        yield from ((f"{owner}.{name}", node) for name, node in fields(root, owner).items())


def permission_sets(root: Path) -> dict[str, etree._Element]:
    return {path.name.split(".")[0]: parse(path) for path in root.rglob("*.permissionset-meta.xml")}


def one(root: Path, pattern: str) -> etree._Element:
    [path] = root.rglob(pattern)
    return parse(path)


@cache
def wsdl() -> tuple[etree.XMLSchema, float]:
    """The schema inside Salesforce's metadata WSDL, with an element for each type that we ship, and its API version."""
    content = (files("simple_salesforce") / "metadata.wsdl").read_bytes()
    [inner] = etree.fromstring(content).iterfind(".//xsd:schema", NS)
    schema = etree.fromstring(etree.tostring(inner))  # a copy on its own keeps the namespaces that are in scope
    for name, kind in {**{kind: kind for kind in ROOTS.values()}, **PARTS}.items():
        etree.SubElement(schema, f"{{{NS['xsd']}}}element", name=name, type=f"tns:{kind}")
    version = re.search(rb"Metadata API version ([\d.]+)", content)
    assert version, "the WSDL no longer says which API version it describes"
    return etree.XMLSchema(schema), float(version[1])


def every_element_its_order_and_its_values_are_known_to_the_metadata_api(root: Path) -> list[str]:
    schema, _ = wsdl()
    wrong = []
    for path in sorted(root.rglob("*.xml")):
        if not schema.validate(parse(path)):
            wrong += [f"{path.name}:{error.line}: {error.message}" for error in schema.error_log]
    return wrong


def the_api_version_is_one_that_the_wsdl_vouches_for(root: Path) -> list[str]:
    version = json.loads((root / "sfdx-project.json").read_text())["sourceApiVersion"]
    packages = {text(parse(path), "m:version") for path in (root / "undo").iterdir()}
    wrong = [f"undo is for API {other}, the project for {version}" for other in packages - {version}]
    return wrong + ([] if 59.0 <= float(version) <= wsdl()[1] else [f"API {version} is not in 59.0..{wsdl()[1]}"])


def every_file_is_named_after_what_it_holds(root: Path) -> list[str]:
    wrong = []
    for path in sorted((root / "force-app").rglob("*.xml")):
        stem, suffix = path.name.split(".", 1)
        node = parse(path)
        if etree.QName(node).localname != ROOTS.get(f".{suffix}"):
            wrong.append(f"{path.name}: holds a {etree.QName(node).localname}")
        if node.find("m:fullName", NS) is not None and text(node, "m:fullName") != stem:
            wrong.append(f"{path.name}: fullName is {text(node, 'm:fullName')}")
    return wrong


MENTIONS = {  # a file -> where it names fields of the overlap object
    "*.listView-meta.xml": ("m:columns", "m:filters/m:field"),
    "*.compactLayout-meta.xml": ("m:fields",),
    "*.layout-meta.xml": (".//m:layoutItems/m:field", "m:miniLayout/m:fields"),
    "*.object-meta.xml": ("m:searchLayouts/*",),
    "account-layout.xml": ("m:fields", "m:sortField"),
    "account-record-page.xml": (".//m:valueListItems/m:value", ".//*[m:name='sortFieldAlias']/m:value"),
}


def mentioned_fields(root: Path) -> Iterator[tuple[str, str]]:
    """Every mention of a field outside its own file, as (file, Object.Field)."""
    for pattern, places in MENTIONS.items():
        for path in root.rglob(pattern):
            names = [name for place in places for name in texts(parse(path), place)]
            yield from ((path.name, f"{OBJECT}.{name.split('|')[0]}") for name in names)
    for path in root.rglob("*.permissionset-meta.xml"):
        yield from ((path.name, name) for name in texts(parse(path), "m:fieldPermissions/m:field"))
    yield "account-layout.xml", text(one(root, "account-layout.xml"), "m:relatedList")


def every_field_that_is_named_anywhere_exists(root: Path) -> list[str]:
    known = {name for name, _ in all_fields(root)} | {f"{o}.{name}" for o, names in STANDARD.items() for name in names}
    return [f"{file}: there is no field {name}" for file, name in mentioned_fields(root) if name not in known]


def no_required_field_is_in_a_permission_set(root: Path) -> list[str]:
    required = {name for name, node in all_fields(root) if text(node, "m:required") == "true"}
    return [
        f"{set_name}: {name} is required, Salesforce refuses to deploy it in a permission set"
        for set_name, node in permission_sets(root).items()
        for name in required.intersection(texts(node, "m:fieldPermissions/m:field"))
    ]


def both_permission_sets_show_every_field_that_is_not_required(root: Path) -> list[str]:
    grantable = {name for name, node in all_fields(root) if text(node, "m:required") != "true"}
    wrong = []
    for set_name, node in permission_sets(root).items():
        readable = {text(p, "m:field") for p in node.iterfind("m:fieldPermissions[m:readable='true']", NS)}
        wrong += [f"{set_name}: {name} is not readable" for name in sorted(grantable - readable)]
        twice = Counter(texts(node, "m:fieldPermissions/m:field")).items()
        wrong += [f"{set_name}: {name} is there {count} times" for name, count in twice if count > 1]
    return wrong


def nobody_is_granted_more_than_the_work_needs(root: Path) -> list[str]:
    allowed = {("Tandem_Integration", OBJECT, "allowCreate"), ("Tandem_Integration", OBJECT, "allowEdit")}
    allowed |= {("Tandem_Integration", "Account", "allowEdit")}
    allowed |= {(set_name, owner, "allowRead") for set_name in permission_sets(root) for owner in STANDARD}
    ours = {name for name, _ in all_fields(root)}
    wrong = []
    for set_name, node in permission_sets(root).items():
        for grant in node.iterfind("m:objectPermissions", NS):
            true = {etree.QName(flag).localname for flag in grant if flag.text == "true"}
            given = {(set_name, text(grant, "m:object"), flag) for flag in true}
            wrong += [" ".join(extra) for extra in sorted(given - allowed)]
        editable = {text(p, "m:field") for p in node.iterfind("m:fieldPermissions[m:editable='true']", NS)}
        editable -= ours if set_name == "Tandem_Integration" else set()
        wrong += [f"{set_name}: {name} is editable" for name in sorted(editable)]
        wrong += [f"{set_name}: grants {name}" for name in texts(node, "m:userPermissions/m:name")]
    return wrong


NEEDS = {  # what the API asks of a field of each type
    "Text": {"length", "unique", "externalId"},
    "LongTextArea": {"length", "visibleLines"},
    "Number": {"precision", "scale"},
    "Percent": {"precision", "scale"},
    "Picklist": {"valueSet"},
    "Lookup": {"referenceTo", "relationshipName", "relationshipLabel", "deleteConstraint"},
    "Url": set(),
    "DateTime": set(),
}


def field_problems(node: etree._Element) -> Iterator[str]:
    kind = text(node, "m:type")
    present = {etree.QName(child).localname for child in node if isinstance(child.tag, str)}
    yield from (f"a {kind} needs {missing}" for missing in sorted(NEEDS[kind] - present))
    longest = {"Text": 255, "LongTextArea": 131072}.get(kind)
    if longest and not 1 <= int(text(node, "m:length") or 0) <= longest:
        yield f"the length of a {kind} is 1 to {longest}"
    if kind in {"Number", "Percent"} and not (
        0 <= int(text(node, "m:scale") or -1) < int(text(node, "m:precision") or 0) <= 18
    ):
        yield "scale < precision <= 18, and precision counts all digits"
    if kind == "Picklist" and text(node, "m:valueSet/m:restricted") != "true":
        yield "the picklist is not restricted"
    if kind == "Lookup" and text(node, "m:deleteConstraint") == "SetNull" and text(node, "m:required") == "true":
        yield "a required lookup cannot be emptied"
    if re.search(r"__(?!c$)|\W|_(?=__c$)", text(node, "m:fullName")) or len(text(node, "m:fullName")) > 43:
        yield "an API name is at most 40 of A-Z, 0-9 and single underscores, then __c"
    if len(text(node, "m:label")) > 40:
        yield "a label has at most 40 characters"


def every_field_has_what_its_type_needs(root: Path) -> list[str]:
    return [f"{name}: {problem}" for name, node in all_fields(root) for problem in field_problems(node)]


def labels_are_unique_within_an_object(root: Path) -> list[str]:
    labels = Counter((owner, text(node, "m:label")) for owner in STANDARD for node in fields(root, owner).values())
    return [f"{owner}: {count} fields are labelled {label}" for (owner, label), count in labels.items() if count > 1]


def populations_are_the_same_wherever_they_are_chosen(root: Path) -> list[str]:
    path = "m:valueSet/m:valueSetDefinition/m:value/m:fullName"
    found = {name: texts(node, path) for name, node in all_fields(root) if "Population" in name}
    agreed = ["Customer", "Open Opportunity", "Prospect"]
    return [f"{name} offers {values}" for name, values in found.items() if values != agreed]


def filters_ask_for_values_that_exist(root: Path) -> list[str]:
    view = one(root, "Live_Overlaps.listView-meta.xml")
    asked = [(text(f, "m:field"), text(f, "m:value")) for f in view.iterfind("m:filters", NS)]
    page = texts(one(root, "account-record-page.xml"), ".//m:valueListItems/m:value")
    asked += [(v.split("|")[0], json.loads(v.split("|")[2])[0]) for v in page if "|" in v]
    known = {n: texts(f, "m:valueSet/m:valueSetDefinition/m:value/m:fullName") for n, f in fields(root, OBJECT).items()}
    return [f"{name} is never {value}" for name, value in asked if value not in known.get(name, [value])]


def the_related_list_has_the_name_that_the_lookup_gives_it(root: Path) -> list[str]:
    given = text(fields(root, OBJECT)["Account__c"], "m:relationshipName") + "__r"
    used = texts(one(root, "account-record-page.xml"), ".//m:componentInstanceProperties/m:value")
    return [] if given in used else [f"account-record-page.xml does not show {given}"]


def the_layout_shows_every_field_once_and_asks_for_the_required_ones(root: Path) -> list[str]:
    layout = one(root, "*.layout-meta.xml")
    shown = Counter(texts(layout, ".//m:layoutItems/m:field"))
    behaviour = {text(i, "m:field"): text(i, "m:behavior") for i in layout.iterfind(".//m:layoutItems", NS)}
    wrong = [f"the layout shows {name} {count} times" for name, count in shown.items() if count > 1]
    for name, node in fields(root, OBJECT).items():
        if name not in shown:
            wrong.append(f"the layout does not show {name}")
        elif (text(node, "m:required") == "true") != (behaviour[name] == "Required"):
            wrong.append(f"{name} is {behaviour[name]} on the layout, required={text(node, 'm:required')} on the field")
    return wrong


def the_hover_card_takes_its_fields(root: Path) -> list[str]:
    """CompactLayout in the Metadata API guide: no text areas, long or rich, no multi-select picklists."""
    refused = {"TextArea", "LongTextArea", "Html", "MultiselectPicklist"}
    shown = texts(one(root, "*.compactLayout-meta.xml"), "m:fields")
    kinds = {name: text(node, "m:type") for name, node in fields(root, OBJECT).items()}
    wrong = [f"a compact layout does not take {n}, a {kinds[n]}" for n in shown if kinds.get(n) in refused]
    assigned, named = text(one(root, "*.object-meta.xml"), "m:compactLayoutAssignment"), "Partner_Overlap_Highlights"
    wrong += [] if assigned == named else [f"the object uses the compact layout {assigned}"]
    return wrong + ([f"a compact layout takes 10 fields, not {len(shown)}"] if len(shown) > 10 else [])


def the_switches_of_the_object_agree(root: Path) -> list[str]:
    node = one(root, "*.object-meta.xml")
    together = {text(node, f"m:{flag}") for flag in ("enableBulkApi", "enableSharing", "enableStreamingApi")}
    tracked = [name for name, f in fields(root, OBJECT).items() if text(f, "m:trackHistory") == "true"]
    wrong = [] if together == {"true"} else ["enableBulkApi, enableSharing and enableStreamingApi go together"]
    wrong += [] if text(node, "m:enableHistory") == "true" else ["fields are tracked, but the object keeps no history"]
    return wrong + ([f"{len(tracked)} fields are tracked, 20 is the most"] if len(tracked) > 20 else [])


def undo_removes_all_that_was_added(root: Path) -> list[str]:
    added = {("CustomObject", OBJECT)} | {("CustomField", f"Account.{name}") for name in fields(root, "Account")}
    added |= {("PermissionSet", name) for name in permission_sets(root)}
    added |= {("CustomTab", path.name.split(".")[0]) for path in root.rglob("*.tab-meta.xml")}
    package = parse(root / "undo/destructiveChanges.xml")
    removed = {(text(t, "m:name"), name) for t in package.iterfind("m:types", NS) for name in texts(t, "m:members")}
    return [f"undo and the project differ in {kind} {name}" for kind, name in sorted(added ^ removed)]


def the_readme_names_every_field(root: Path) -> list[str]:
    readme = (root / "README.md").read_text()
    names = [name.split(".")[1] for name, _ in all_fields(root)]
    return [f"README.md does not mention {name}" for name in names if f"`{name}`" not in readme]


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        every_element_its_order_and_its_values_are_known_to_the_metadata_api,
        the_api_version_is_one_that_the_wsdl_vouches_for,
        every_file_is_named_after_what_it_holds,
        every_field_that_is_named_anywhere_exists,
        no_required_field_is_in_a_permission_set,
        both_permission_sets_show_every_field_that_is_not_required,
        nobody_is_granted_more_than_the_work_needs,
        every_field_has_what_its_type_needs,
        labels_are_unique_within_an_object,
        populations_are_the_same_wherever_they_are_chosen,
        filters_ask_for_values_that_exist,
        the_related_list_has_the_name_that_the_lookup_gives_it,
        the_layout_shows_every_field_once_and_asks_for_the_required_ones,
        the_hover_card_takes_its_fields,
        the_switches_of_the_object_agree,
        undo_removes_all_that_was_added,
        the_readme_names_every_field,
    )
}


@pytest.fixture
def rules() -> dict[str, Rule]:
    return RULES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `rule` runs once for each rule."""
    if "rule" in metafunc.fixturenames:
        metafunc.parametrize("rule", RULES.values(), ids=RULES.keys())
