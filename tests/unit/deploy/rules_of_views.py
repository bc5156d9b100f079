"""The rules about what people see: layouts, lists, cards, related lists; and about change events, undo and the readme."""

import json
from collections import Counter
from pathlib import Path

from tests.unit.deploy.project import (
    CUSTOM,
    KEY,
    NS,
    SYNCED,
    all_fields,
    fields,
    lookups,
    one,
    parse,
    permission_sets,
    properties,
    sections,
    shown_by,
    text,
    texts,
    values,
)

# Without an add-on an org selects five entities for change events; others need theirs too (not verified).
MOST_ENTITIES = 5


def filters_ask_for_values_that_exist(root: Path) -> list[str]:
    asked = []
    for owner in CUSTOM:
        for path in (root / "force-app/main/default/objects" / owner / "listViews").iterdir():
            for each in parse(path).iterfind("m:filters", NS):
                asked += [(owner, text(each, "m:field"), value) for value in text(each, "m:value").split(",")]
    for path in sorted((root / "snippets").glob("*-record-page*.xml")):
        owner = lookups(root).get(shown_by(parse(path)), "Partner_Overlap__c")
        for each in properties(parse(path)).get("adminFilters", []):
            name, _, wanted = each.split("|")
            asked += [(owner, name, value) for value in json.loads(wanted)]
    chosen = {(owner, name): values(node) for owner in CUSTOM for name, node in fields(root, owner).items()}
    return [
        f"{name} is never {value}"
        for owner, name, value in asked
        if value not in (chosen.get((owner, name)) or [value])
    ]


def the_related_list_has_the_name_that_the_lookup_gives_it(root: Path) -> list[str]:
    pages = sorted((root / "snippets").glob("*-record-page*.xml"))
    shown = {path.name: shown_by(parse(path)) for path in pages}
    return [f"{name} shows {each}, which no lookup gives" for name, each in shown.items() if each not in lookups(root)]


def no_two_lookups_give_a_related_list_the_same_name(root: Path) -> list[str]:
    given = Counter(
        (text(node, "m:referenceTo"), text(node, "m:relationshipName"))
        for _, node in all_fields(root)
        if text(node, "m:type") == "Lookup"
    )
    return [f"{parent} has {count} related lists {name}" for (parent, name), count in given.items() if count > 1]


def the_layout_shows_every_field_once_and_asks_for_the_required_ones(root: Path) -> list[str]:
    wrong = []
    for owner in CUSTOM:
        layout = one(root, f"{owner}-*.layout-meta.xml")
        shown = Counter(texts(layout, ".//m:layoutItems/m:field"))
        behaviour = {text(i, "m:field"): text(i, "m:behavior") for i in layout.iterfind(".//m:layoutItems", NS)}
        wrong += [f"{owner}: the layout shows {name} {count} times" for name, count in shown.items() if count > 1]
        for name, node in fields(root, owner).items():
            required = text(node, "m:required")
            if name not in shown:
                wrong.append(f"{owner}: the layout does not show {name}")
            elif (required == "true") != (behaviour[name] == "Required"):
                wrong.append(f"{name} is {behaviour[name]} on the layout, required={required} on the field")
    return wrong


def the_sections_show_every_field_of_a_standard_object_once(root: Path) -> list[str]:
    """All but the key. What people need is explained where it is filled in."""
    shown = Counter(name for each in sections(root).values() for name in each)
    ours = {f"{owner}.{name}": node for owner in SYNCED for name, node in fields(root, owner).items() if name != KEY}
    wrong = [f"the sections show {name} {shown[name]} times" for name in ours if shown[name] != 1]
    return wrong + [f"{name} has no help text" for name in shown if not text(ours[name], "m:inlineHelpText")]


def the_hover_card_takes_its_fields(root: Path) -> list[str]:
    """CompactLayout in the Metadata API guide: no text areas, long or rich, no multi-select picklists."""
    refused = {"TextArea", "LongTextArea", "Html", "MultiselectPicklist"}
    wrong = []
    for owner in CUSTOM:
        folder = root / "force-app/main/default/objects" / owner
        [card] = (folder / "compactLayouts").iterdir()
        shown = texts(parse(card), "m:fields")
        kinds = {name: text(node, "m:type") for name, node in fields(root, owner).items()}
        wrong += [f"a compact layout does not take {n}, a {kinds[n]}" for n in shown if kinds.get(n) in refused]
        assigned = text(parse(folder / f"{owner}.object-meta.xml"), "m:compactLayoutAssignment")
        wrong += [] if assigned == card.name.split(".")[0] else [f"{owner} uses the compact layout {assigned}"]
        wrong += [f"a compact layout takes 10 fields, not {len(shown)}"] if len(shown) > 10 else []
    return wrong


def the_switches_of_the_object_agree(root: Path) -> list[str]:
    wrong = []
    for owner in CUSTOM:
        node = one(root, f"{owner}.object-meta.xml")
        together = {text(node, f"m:{flag}") for flag in ("enableBulkApi", "enableSharing", "enableStreamingApi")}
        tracked = [name for name, f in fields(root, owner).items() if text(f, "m:trackHistory") == "true"]
        wrong += [] if together == {"true"} else ["enableBulkApi, enableSharing and enableStreamingApi go together"]
        kept = text(node, "m:enableHistory") == "true"
        wrong += [] if kept else [f"fields of {owner} are tracked, but the object keeps no history"]
        wrong += [f"{len(tracked)} fields are tracked, 20 is the most"] if len(tracked) > 20 else []
    return wrong


def change_events_are_selected_for_what_is_kept_in_step(root: Path) -> list[str]:
    """A member's file is named after its channel and its event, a double underscore of the channel being one."""
    wrong = []
    for folder, channel in (("force-app", "ChangeEvents"), ("channel", "Tandem__chn")):
        found = {path.name.split(".")[0]: parse(path) for path in (root / folder).rglob("*ChannelMember-meta.xml")}
        for name, node in found.items():
            named = f"{text(node, 'm:eventChannel').replace('__', '_')}_{text(node, 'm:selectedEntity')}"
            wrong += [] if named == name else [f"{name} is a member {named}"]
        selected = {text(node, "m:selectedEntity") for node in found.values()}
        wanted = {f"{owner}ChangeEvent" for owner in SYNCED}
        wrong += [f"{channel} and what is kept in step differ in {each}" for each in sorted(selected ^ wanted)]
        wrong += [f"an org selects {MOST_ENTITIES} entities"] if len(selected) > MOST_ENTITIES else []
    return wrong


def undo_removes_all_that_was_added(root: Path) -> list[str]:
    """Fields of our own objects go with the object. By hand, as the readme says: the channel, and the record type

    with its process, which no API deletes (Metadata API: "Cannot delete record type through API").
    """
    app = root / "force-app"
    added = {("CustomObject", name) for name in CUSTOM}
    added |= {("CustomField", f"{owner}.{name}") for owner in SYNCED for name in fields(root, owner)}
    added |= {("PermissionSet", name) for name in permission_sets(root)}
    added |= {("CustomTab", path.name.split(".")[0]) for path in app.rglob("*.tab-meta.xml")}
    members = app.rglob("*.platformEventChannelMember-meta.xml")
    added |= {("PlatformEventChannelMember", path.name.split(".")[0]) for path in members}
    package = parse(root / "undo/destructiveChanges.xml")
    removed = {(text(t, "m:name"), name) for t in package.iterfind("m:types", NS) for name in texts(t, "m:members")}
    return [f"undo and the project differ in {kind} {name}" for kind, name in sorted(added ^ removed)]


def the_readme_names_every_field(root: Path) -> list[str]:
    readme = (root / "README.md").read_text()
    names = {name.split(".")[1] for name, _ in all_fields(root)}
    return [f"README.md does not mention {name}" for name in sorted(names) if f"`{name}`" not in readme]
