"""The rules that a deployment of deploy/salesforce has to keep, as functions from a project folder to what is wrong.

Never talks to an org: what the metadata API knows comes from the WSDL that simple-salesforce ships.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from lxml import etree

from tests.unit.deploy.project import (
    CUSTOM,
    EDITABLE,
    KEY,
    NS,
    PARTS,
    ROOTS,
    SYNCED,
    all_fields,
    fields,
    lookups,
    parse,
    permission_sets,
    properties,
    sections,
    shown_by,
    standard_fields,
    text,
    texts,
    values,
)


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
    for path in sorted(found for folder in ("force-app", "channel") for found in (root / folder).rglob("*.xml")):
        stem, suffix = path.name.split(".", 1)
        node = parse(path)
        if etree.QName(node).localname != ROOTS.get(f".{suffix}"):
            wrong.append(f"{path.name}: holds a {etree.QName(node).localname}")
        if node.find("m:fullName", NS) is not None and text(node, "m:fullName") != stem:
            wrong.append(f"{path.name}: fullName is {text(node, 'm:fullName')}")
    return wrong


MENTIONS = {  # a kind of file in the folder of an object -> where it names fields of that object
    "listViews/*.listView-meta.xml": ("m:columns", "m:filters/m:field"),
    "compactLayouts/*.compactLayout-meta.xml": ("m:fields",),
    "*.object-meta.xml": ("m:searchLayouts/*",),
}


def mentioned_fields(root: Path) -> Iterator[tuple[str, str]]:
    """Every mention of a field outside its own file, as (file, Object.Field)."""
    for owner in CUSTOM:
        folder = root / "force-app/main/default/objects" / owner
        for pattern, places in MENTIONS.items():
            for path in folder.glob(pattern):
                yield from ((path.name, f"{owner}.{n}") for place in places for n in texts(parse(path), place))
        for path in root.rglob(f"{owner}-*.layout-meta.xml"):
            names = [
                n for place in (".//m:layoutItems/m:field", "m:miniLayout/m:fields") for n in texts(parse(path), place)
            ]
            yield from ((path.name, f"{owner}.{name}") for name in names)
    for path in root.rglob("*.permissionset-meta.xml"):
        yield from ((path.name, name) for name in texts(parse(path), "m:fieldPermissions/m:field"))
    for path in root.rglob("*.platformEventChannelMember-meta.xml"):
        owner = text(parse(path), "m:selectedEntity").removesuffix("ChangeEvent")
        yield from ((path.name, f"{owner}.{name}") for name in texts(parse(path), "m:enrichedFields/m:name"))
    yield from mentioned_in_snippets(root)


def mentioned_in_snippets(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((root / "snippets").glob("*-layout*.xml")):
        node = parse(path)
        related = text(node, "m:relatedList")
        names = [*texts(node, "m:fields"), *texts(node, "m:sortField")]
        yield path.name, related
        yield from ((path.name, f"{related.split('.')[0]}.{name}") for name in names)
    for file, shown_fields in sections(root).items():
        yield from ((file, name) for name in shown_fields)
    for path in sorted((root / "snippets").glob("*-record-page*.xml")):
        shown, owner = properties(parse(path)), lookups(root).get(shown_by(parse(path)), "?")
        names = [
            name for key in ("relatedListFieldAliases", "sortFieldAlias", "adminFilters") for name in shown.get(key, [])
        ]
        yield from ((path.name, f"{owner}.{name.split('|')[0]}") for name in names)


def every_field_that_is_named_anywhere_exists(root: Path) -> list[str]:
    known = {name for name, _ in all_fields(root)} | standard_fields()
    return [f"{file}: there is no field {name}" for file, name in mentioned_fields(root) if name not in known]


def no_required_field_is_in_a_permission_set(root: Path) -> list[str]:
    required = {name for name, node in all_fields(root) if text(node, "m:required") == "true"}
    return [
        f"{set_name}: {name} is required, Salesforce refuses to deploy it in a permission set"
        for set_name, node in permission_sets(root).items()
        for name in required.intersection(texts(node, "m:fieldPermissions/m:field"))
    ]


def both_permission_sets_show_every_field_that_is_not_required(root: Path) -> list[str]:
    """The keys of synced records are Tandem's own: a reader has no use for them."""
    grantable = {name for name, node in all_fields(root) if text(node, "m:required") != "true"}
    wanted = {
        "Tandem_Integration": grantable | {f"{o}.{n}" for o, names in EDITABLE.items() for n in names},
        "Tandem_Reader": {name for name in grantable if not name.endswith(f".{KEY}")},
    }
    wrong = []
    for set_name, names in wanted.items():
        node = permission_sets(root)[set_name]
        readable = {text(p, "m:field") for p in node.iterfind("m:fieldPermissions[m:readable='true']", NS)}
        wrong += [f"{set_name}: {name} is not readable" for name in sorted(names - readable)]
        twice = Counter(texts(node, "m:fieldPermissions/m:field")).items()
        wrong += [f"{set_name}: {name} is there {count} times" for name, count in twice if count > 1]
    return wrong


def allowed_rights() -> set[tuple[str, str, str]]:
    """(permission set, object, right): nobody deletes, and all records are only for who receives change events."""
    integration = {
        ("Tandem_Integration", o, f"allow{r}") for o in (*SYNCED, *CUSTOM) for r in ("Create", "Edit", "Read")
    }
    reader = {("Tandem_Reader", o, "allowRead") for o in (*SYNCED, *CUSTOM)}
    people = {
        (set_name, o, right) for set_name, of in FILLS_IN.items() for o in of for right in ("allowRead", "allowEdit")
    }
    people.add(("Tandem_Seller", "Account", "allowRead"))
    events = {("Tandem_Change_Events", o, r) for o in SYNCED for r in ("allowRead", "viewAllRecords")}
    return integration | reader | people | events


# Who fills in what people are asked for: a permission set -> the objects.
FILLS_IN = {"Tandem_Seller": ("Lead", "Opportunity"), "Tandem_Partner_Manager": ("Account", "Contact", "Lead")}


def asked(root: Path, set_name: str) -> set[str]:
    """What a person with a permission set fills in."""
    found = {name for each in sections(root).values() for name, behaviour in each.items() if behaviour == "Edit"}
    return {name for name in found if name.split(".")[0] in FILLS_IN[set_name]}


def people_fill_in_what_is_asked_and_nothing_else(root: Path) -> list[str]:
    wrong = []
    for set_name in FILLS_IN:
        editable = set(texts(permission_sets(root)[set_name], "m:fieldPermissions[m:editable='true']/m:field"))
        wrong += [f"{set_name} and the sections differ in {name}" for name in sorted(editable ^ asked(root, set_name))]
    return wrong


def record_types_can_be_chosen_by_whom_they_concern(root: Path) -> list[str]:
    """A record type of leads needs a lead process, and who may not choose it cannot make such a record."""
    wrong = []
    folder = root / "force-app/main/default/objects/Lead"
    for path in sorted((folder / "recordTypes").iterdir()):
        node, name = parse(path), path.name.split(".")[0]
        process = text(node, "m:businessProcess")
        known = (folder / "businessProcesses" / f"{process}.businessProcess-meta.xml").is_file()
        wrong += [] if known else [f"{name} is of the lead process {process}, which is not there"]
        for each in node.iterfind("m:picklistValues", NS):
            offered = values(fields(root, "Lead")[text(each, "m:picklist")])
            differing = set(offered) ^ set(texts(each, "m:values/m:fullName"))
            wrong += [f"{name} and {text(each, 'm:picklist')} differ in {value}" for value in sorted(differing)]
        for set_name in ("Tandem_Integration", *(people for people in FILLS_IN if "Lead" in FILLS_IN[people])):
            seen = texts(permission_sets(root)[set_name], "m:recordTypeVisibilities[m:visible='true']/m:recordType")
            wrong += [] if f"Lead.{name}" in seen else [f"{set_name} does not show Lead.{name}"]
    return wrong


def nobody_is_granted_more_than_the_work_needs(root: Path) -> list[str]:
    ours = {name for name, _ in all_fields(root)} | {f"{o}.{n}" for o, names in EDITABLE.items() for n in names}
    wrong = []
    for set_name, node in permission_sets(root).items():
        for grant in node.iterfind("m:objectPermissions", NS):
            true = {etree.QName(flag).localname for flag in grant if flag.text == "true"}
            given = {(set_name, text(grant, "m:object"), flag) for flag in true}
            wrong += [" ".join(extra) for extra in sorted(given - allowed_rights())]
        editable = {text(p, "m:field") for p in node.iterfind("m:fieldPermissions[m:editable='true']", NS)}
        allowed = {"Tandem_Integration": ours, **{people: asked(root, people) for people in FILLS_IN}}
        editable -= allowed.get(set_name, set())
        wrong += [f"{set_name}: {name} is editable" for name in sorted(editable)]
        wrong += [f"{set_name}: grants {name}" for name in texts(node, "m:userPermissions/m:name")]
    return wrong


NEEDS = {  # what the API asks of a field of each type
    "Text": {"length", "unique", "externalId"},
    "LongTextArea": {"length", "visibleLines"},
    "Number": {"precision", "scale"},
    "Percent": {"precision", "scale"},
    "Picklist": {"valueSet"},
    "MultiselectPicklist": {"valueSet", "visibleLines"},
    "Lookup": {"referenceTo", "relationshipName", "relationshipLabel", "deleteConstraint"},
    "Url": set(),
    "Email": set(),
    "Date": set(),
    "DateTime": set(),
    "Checkbox": {"defaultValue"},
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
    if kind in {"Picklist", "MultiselectPicklist"} and text(node, "m:valueSet/m:restricted") != "true":
        yield "the picklist is not restricted"
    if kind == "Lookup" and text(node, "m:deleteConstraint") == "SetNull" and text(node, "m:required") == "true":
        yield "a required lookup cannot be emptied"
    if re.search(r"__(?!c$)|\W|_(?=__c$)", text(node, "m:fullName")) or len(text(node, "m:fullName")) > 43:
        yield "an API name is at most 40 of A-Z, 0-9 and single underscores, then __c"
    if len(text(node, "m:label")) > 40:
        yield "a label has at most 40 characters"
    if len(text(node, "m:inlineHelpText")) > 510:
        yield "a help text has at most 510 characters"


def every_field_has_what_its_type_needs(root: Path) -> list[str]:
    return [f"{name}: {problem}" for name, node in all_fields(root) for problem in field_problems(node)]


def every_synced_object_has_the_same_key(root: Path) -> list[str]:
    wanted = {"type": "Text", "length": "64", "externalId": "true", "unique": "true", "caseSensitive": "true"}
    wrong = []
    for owner in SYNCED:
        found = {mark: text(fields(root, owner)[KEY], f"m:{mark}") for mark in wanted}
        wrong += [f"{owner}.{KEY}: {mark} is {found[mark]}" for mark in wanted if found[mark] != wanted[mark]]
    return wrong


def labels_are_unique_within_an_object(root: Path) -> list[str]:
    labels = Counter((name.split(".")[0], text(node, "m:label")) for name, node in all_fields(root))
    return [f"{owner}: {count} fields are labelled {label}" for (owner, label), count in labels.items() if count > 1]


def offer_states_are_the_same_wherever_they_are_shown(root: Path) -> list[str]:
    of_offer = values(fields(root, "Private_Offer__c")["State__c"])
    of_deal = values(fields(root, "Opportunity")["Offer_State__c"])
    return [] if of_offer == of_deal else [f"an offer is {of_offer}, on the opportunity {of_deal}"]


def registration_statuses_are_the_same_wherever_they_are_shown(root: Path) -> list[str]:
    of_lead = values(fields(root, "Lead")["Registration_Status__c"])
    of_deal = values(fields(root, "Opportunity")["Deal_Registration_Status__c"])
    return [] if of_lead == of_deal else [f"a registration is {of_lead}, on the opportunity {of_deal}"]


def populations_are_the_same_wherever_they_are_chosen(root: Path) -> list[str]:
    found = {name: values(node) for name, node in all_fields(root) if "Population" in name and values(node)}
    agreed = ["Customer", "Open Opportunity", "Prospect"]
    return [f"{name} offers {chosen}" for name, chosen in found.items() if chosen != agreed]
