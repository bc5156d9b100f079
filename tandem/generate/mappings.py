"""The reference page of the shipped mapping tables and their converters; it never converts anything."""

from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from mappings import offers, ownership
from mappings.converters import CONVERTERS, Choice, Converter
from mappings.loader import load, systems
from mappings.ownership import Ownership
from mappings.table import EntityMap, FieldMap
from schemas.entities import Entity
from streams.ecosystem.codes import MEANINGS
from tandem.generate.markdown import code, codes, table, toml
from tandem.generate.markdown import page as a_page

WORDS = """\
A mapping table says which field of a vendor stands for which field of Tandem, and how a value is converted. A
deployment changes a shipped table by a file of the same name in the folder that `mappings` in the configuration names:
it holds only what differs, and `false` drops a field."""

OFFERS = """\
What `mappings/offers.toml` says of private offers and co-sell; what each key means stands in the file. A deployment
changes what it wants in its own `offers.toml`, as [private offers](../explanation/private-offers.md) tells."""

PARTNERS = """\
The rules of the decisions about partners, as they ship. A deployment changes what it wants in a file of the same name:
tables are merged key by key, a list of tables is replaced as a whole. [Manage partners](../how-to/manage-partners.md)
tells what they are for."""
RULES = {
    "learning": "Learning",
    "tiers": "Tiers",
    "routing": "Lead routing",
    "engagement": "Rules of engagement",
    "attribution": "Attribution",
}

IDEAL = """\
The ideal customer profile as it ships. A deployment writes its own in `icp.toml`, as
[ideal customers](../how-to/ideal-customers.md) tells. Codes say why, beside each figure; the list is closed: a code is never
taken out or given another meaning."""

OWNED_BY = """\
Which value of a field stays, where two systems of ours hold the same thing; how to change it says
[keep two CRMs in step](../how-to/keep-two-crms-in-step.md). A field that is not here is not kept in step."""


def page() -> str:
    """Each table, then the vocabulary of converters, then the ownership of each field."""
    return a_page(
        "Mappings",
        "`mappings/*.toml`, `mappings/converters` and `schemas/entities.py`",
        WORDS,
        *(block for system in systems() for block in _system(system)),
        "## Converters",
        "A field that names no converter is `text`. A blank value (nothing, or only blanks) stays nothing both ways.",
        table(("Converter", "What it does", "Options"), map(_converter, CONVERTERS.values())),
        "## Ownership",
        OWNED_BY,
        *(block for rules in ownership.load().values() for block in _ownership(rules)),
        "## Private offers",
        OFFERS,
        *_offer_rules(),
        "## Partners",
        PARTNERS,
        *(block for name, title in RULES.items() for block in (f"### {title}", _shipped(name))),
        "## Ideal customers",
        IDEAL,
        _shipped("icp"),
        table(("Code", "Figure", "Meaning"), [(code(each), *said) for each, said in MEANINGS.items()]),
    )


def _shipped(name: str) -> str:
    text = files("mappings").joinpath(f"{name}.toml").read_text("utf-8").rstrip()
    return f"```toml\n{text}\n```"


def _offer_rules() -> Iterator[str]:
    for name, rules in offers.load():
        yield f"### Private offers: {name}"
        yield " ".join((type(rules).__doc__ or "").split())
        rows = [(code(key), code(toml(value))) for key, value in rules.model_dump(mode="json").items()]
        yield table(("Key", "Shipped value"), rows)


def _ownership(rules: Ownership) -> Iterator[str]:
    made = codes(rules.create) or "none"
    yield f"### Ownership: {rules.entity}"
    yield f"`create`: {made}. `on_delete`: {code(rules.on_delete)}. `on_merge`: {code(rules.on_merge)}."
    yield table(
        ("Canonical field", "Rule"),
        [
            (code(name), code((rule.owner and toml({"owner": rule.owner})) or rule.policy))
            for name, rule in rules.fields.items()
        ],
    )


def _system(system: str) -> Iterator[str]:
    yield f"## {system}"
    for it in load(system).values():
        use = " and ".join(word for word, on in (("read", it.reads), ("written", it.writes)) if on)
        yield f"### {system}: {it.entity}"
        yield f"{code(it.object)}, {use}. {_identity(it)}{_conditions(it)}"
        yield _fields(it)


def _conditions(it: EntityMap) -> str:
    said = ((it.when, "Only where"), (it.unless, "Never where"))
    each = [f"{word} {code(one.field)} is {codes(map(toml, one.values))}." for asked, word in said for one in asked]
    return " " + " ".join(each) if each else ""


def _identity(it: EntityMap) -> str:
    known = f" (also {codes(it.id_aliases)})" if it.id_aliases else ""
    parts = [f"Id: {code(it.id_field)}{known}."] if it.id_field else []
    if it.external_id:
        parts.append(f"External id: {code(it.external_id)}.")
    return " ".join(parts)


def _fields(it: EntityMap) -> str:
    aliases = any(each.aliases for each in it.fields.values())
    head = ["Canonical field", "Meaning", "Vendor field", *(["Also known as"] if aliases else []), "Converter"]
    rows = [
        [
            code(each.name),
            _meaning(it.model, each.name),
            code(each.vendor),
            *([codes(each.aliases)] if aliases else []),
            _how(each),
        ]
        for each in it.fields.values()
    ]
    return table(head, rows)


def _meaning(model: type[Entity], name: str) -> str:
    head, _, entry = name.partition(".")
    words = model.model_fields[head].description or ""
    return f"{words} Entry {code(entry)}." if entry else words


def _how(each: FieldMap) -> str:
    set_here = each.converter.model_dump(exclude_unset=True, exclude={"values"})
    options = "".join(f", {name} = {toml(value)}" for name, value in set_here.items())
    choices = f": {_spellings(each.converter)}" if isinstance(each.converter, Choice) else ""
    return code(each.converter.NAME + options) + choices


def _spellings(converter: Choice) -> str:
    """Vendor's spellings by canonical value; the first is the one that is written."""
    found: dict[str, list[str]] = defaultdict(list)
    for spelling, canonical in converter.values.items():
        found[canonical].append(spelling)
    return "; ".join(f"{code(canonical)} = {codes(spellings)}" for canonical, spellings in found.items())


def _converter(kind: type[Converter]) -> tuple[str, ...]:
    options = [f"{code(name)} ({_default(field)}): {field.description}" for name, field in kind.model_fields.items()]
    return code(kind.NAME), " ".join((kind.__doc__ or "").split()), "; ".join(options)


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    return "none unless set" if value is None else f"{toml(value)} unless set"
