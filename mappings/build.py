"""Turns the parsed TOML of one entity into its map and proves it on its examples; it never reads a file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NoReturn, get_origin

from pydantic import TypeAdapter, ValidationError

from mappings.columns import simplify
from mappings.conditions import Condition
from mappings.converters import CONVERTERS, Choice, Converter
from mappings.errors import MappingError, RowError, nearest
from mappings.table import ID, EntityMap, Example, FieldMap, nested
from schemas.entities import Entity
from schemas.messages import ENTITIES

Raw = dict[str, Any]
MODELS: Mapping[str, type[Entity]] = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower(): model for model in ENTITIES
}
KEYS: Mapping[str, tuple[type, ...]] = {
    "object": (str,),
    "id": (str, dict),
    "external_id": (str,),
    "reads": (bool,),
    "writes": (bool,),
    "when": (dict,),
    "unless": (dict,),
    "fields": (dict,),
    "examples": (list,),
}
NAMES = ("field", "aliases")


@dataclass(frozen=True, slots=True)
class Place:
    """The files that a table comes from, the last one first, to say where something is wrong."""

    files: tuple[tuple[str, str], ...] = ()

    def behind(self, file: str, text: str) -> "Place":
        """This place with a file that goes before the others."""
        return Place(((file, text), *self.files))

    def find(self, table: str, key: str) -> tuple[str, int | None]:
        """The file and line of a key, or of its table."""
        for wanted in (key, ""):
            for file, text in self.files:
                line = _line(text, table, wanted)
                if line:
                    return file, line
        return (self.files[0][0] if self.files else ""), None


def _line(text: str, table: str, key: str) -> int | None:
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        if header:
            inside = header[1].replace('"', "") == table
        if inside and (bool(header) if not key else re.match(rf'\s*"?{re.escape(key)}"?\s*=', line)):
            return number
    return None


def flatten(fields: Raw) -> Raw:
    """Fields with the entries of canonical dictionaries named as paths: `registration_ids.duns`."""
    flat: Raw = {}
    for name, value in fields.items():
        if isinstance(value, dict) and "field" not in value and any(_is_dict(model, name) for model in MODELS.values()):
            flat |= {f"{name}.{entry}": each for entry, each in value.items()}
        else:
            flat[name] = value
    return flat


def build(system: str, entity: str, raw: object, place: Place) -> EntityMap:
    """The map of one entity. Raises `MappingError` that names the file, the table, the key and the remedy."""
    return _Builder(entity, place).build(system, raw)


@dataclass(frozen=True, slots=True)
class _Builder:
    entity: str
    place: Place

    def fail(self, reason: str, remedy: str, key: str = "", part: str = "") -> NoReturn:
        table = self.entity + (f".{part}" if part else "")
        file, line = self.place.find(table, key)
        raise MappingError(reason, remedy, file=file, table=table, key=key, line=line)

    def build(self, system: str, raw: object) -> EntityMap:
        model = MODELS.get(self.entity)
        if model is None:
            self.fail(f"no entity is called {self.entity!r}.", nearest(self.entity, MODELS))
        if not isinstance(raw, dict):
            self.fail("an entity is a table.", f"write [{self.entity}] above its keys")
        self.check_keys(raw)
        fields = {name: self.field(model, name, value) for name, value in raw["fields"].items()}
        id_name, id_aliases = self.names(ID, raw.get(ID, ""))
        built = EntityMap(
            system=system,
            entity=self.entity,
            model=model,
            object=raw["object"],
            id_field=id_name or None,
            id_aliases=id_aliases,
            external_id=raw.get("external_id"),
            reads=raw.get("reads", False),
            writes=raw.get("writes", False),
            fields=MappingProxyType(fields),
            examples=tuple(self.example(each) for each in raw.get("examples", [])),
            when=self.conditions("when", raw.get("when", {})),
            unless=self.conditions("unless", raw.get("unless", {})),
        )
        self.check_whole(built)
        self.check_spellings(built)
        self.check_examples(built)
        return built

    def check_keys(self, raw: Raw) -> None:
        for key, value in raw.items():
            if key not in KEYS:
                self.fail(f"no key is called {key!r}.", nearest(key, KEYS), key)
            if not isinstance(value, KEYS[key]):
                self.fail(
                    f"{value!r} does not fit here.", f"give {' or '.join(kind.__name__ for kind in KEYS[key])}", key
                )
        for key in ("object", "fields"):
            if not raw.get(key):
                self.fail(f"{key!r} is missing.", f"add {key!r} to [{self.entity}]", key)

    def conditions(self, key: str, raw: Raw) -> tuple[Condition, ...]:
        for name, values in raw.items():
            if isinstance(values, dict):
                self.fail(f"{name!r} is no list of values.", f'write a path in quotes, as "{name}.Name" = ["..."]', key)
            if not isinstance(values, list) or not values or not all(isinstance(each, str | bool) for each in values):
                self.fail(f"{values!r} is no list of texts, true or false.", f'write "{name}" = ["<value>"]', key)
        return tuple(Condition(name, tuple(values)) for name, values in raw.items())

    def field(self, model: type[Entity], name: str, raw: object) -> FieldMap:
        self.check_canonical(model, name)
        vendor, aliases = self.names(name, raw, part="fields")
        options = {key: value for key, value in raw.items() if key not in NAMES} if isinstance(raw, dict) else {}
        kind = CONVERTERS.get(str(options.pop("convert", "text")))
        if kind is None:
            wrong = str(raw["convert"]) if isinstance(raw, dict) else ""
            self.fail(f"no converter is called {wrong!r}.", nearest(wrong, CONVERTERS), name, "fields")
        converter = self.converter(kind, name, options)
        if isinstance(converter, Choice):
            self.check_choice(model, name, converter)
        return FieldMap(name, vendor, converter, aliases)

    def names(self, key: str, raw: object, part: str = "") -> tuple[str, tuple[str, ...]]:
        table = {"field": raw} if isinstance(raw, str) else raw
        vendor = table.get("field") if isinstance(table, dict) else None
        aliases = table.get("aliases", []) if isinstance(table, dict) else None
        if not isinstance(vendor, str) or (part and not vendor.strip()):
            self.fail(
                "it names no vendor field.", f'write {key} = "<field>" or {{ field = "<field>", ... }}', key, part
            )
        if not isinstance(aliases, list) or not all(isinstance(each, str) and simplify(each) for each in aliases):
            self.fail("`aliases` is a list of column names.", 'write aliases = ["zip", "zipcode"]', key, part)
        if part == "" and isinstance(raw, dict) and (wrong := next((each for each in raw if each not in NAMES), None)):
            self.fail(f"no key of an id is called {wrong!r}.", nearest(wrong, NAMES), key)
        return vendor, tuple(aliases)

    def check_canonical(self, model: type[Entity], name: str) -> None:
        head, _, entry = name.partition(".")
        if head not in model.model_fields:
            self.fail(f"{self.entity} has no field {head!r}.", nearest(head, model.model_fields), name, "fields")
        if bool(entry) != _is_dict(model, head) or "." in entry:
            remedy = f"name the entry, as {head}.<kind>" if _is_dict(model, head) else f"write {head!r}"
            self.fail(f"{name!r} cannot be mapped.", remedy, name, "fields")

    def converter(self, kind: type[Converter], name: str, options: Raw) -> Converter:
        for option in options:
            if option not in kind.model_fields:
                remedy = nearest(option, (*kind.model_fields, *NAMES, "convert"))
                self.fail(f"the converter {kind.NAME!r} has no option {option!r}.", remedy, name, "fields")
        try:
            return kind(**options)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            option = str(first["loc"][0]) if first["loc"] else "values"
            self.fail(f"option {option!r} of {kind.NAME!r}: {first['msg']}.", "correct the option", name, "fields")

    def check_choice(self, model: type[Entity], name: str, choice: Choice) -> None:
        annotation: Any = model.model_fields[name.partition(".")[0]].annotation
        allowed = TypeAdapter(str if "." in name else annotation)
        for value in filter(None, (*choice.values.values(), choice.default)):
            try:
                allowed.validate_python(value)
            except ValidationError as error:
                words = error.errors(include_url=False)[0]["msg"]
                self.fail(f"{value!r} is no value of {name!r}.", words.lower(), name, "fields")

    def check_whole(self, built: EntityMap) -> None:
        if not (built.reads or built.writes):
            self.fail("it is neither read nor written.", "set reads = true or writes = true, or drop the entity")
        if built.asked and not built.reads:
            reason = "a condition is about what is read, and this is not read."
            self.fail(reason, "drop it, or set reads = true", "when" if built.when else "unless")
        if built.reads and built.id_field is None:
            self.fail("'id' is missing.", "say which vendor field is the record's id", ID)
        if built.writes and not (built.id_field or built.external_id):
            self.fail("there is neither 'id' nor 'external_id'.", "say by which vendor field a write finds its record")
        needed = [name for name, info in built.model.model_fields.items() if info.is_required()]
        if built.reads and (lost := next((name for name in needed if name not in built.fields), None)):
            reason = f"no {self.entity} can do without {lost!r}, and it is not mapped."
            self.fail(reason, f'add {lost} = "<vendor field>"', lost, "fields")
        by_vendor: dict[str, str] = {}
        for each in built.fields.values() if built.writes else ():
            if each.vendor in by_vendor:
                reason = f"{each.vendor!r} would be written from both {by_vendor[each.vendor]!r} and {each.name!r}."
                self.fail(reason, "map one of them to another vendor field", each.name, "fields")
            by_vendor[each.vendor] = each.name

    def check_spellings(self, built: EntityMap) -> None:
        owner: dict[str, str] = {}
        named = [(ID, built.id_field or "", built.id_aliases)]
        named += [(each.name, each.vendor, each.aliases) for each in built.fields.values()]
        if not any(aliases for _, _, aliases in named):
            return
        for name, vendor, aliases in named:
            for spelling in filter(None, map(simplify, (vendor, *aliases))):
                if owner.setdefault(spelling, name) != name:
                    reason = f"the column {spelling!r} could be {owner[spelling]!r} or {name!r}."
                    self.fail(reason, "leave it to one of them", name, "" if name == ID else "fields")

    def example(self, raw: object) -> Example:
        tables = raw if isinstance(raw, dict) else {}
        if set(tables) != {"vendor", "canonical"} or not all(isinstance(each, dict) for each in tables.values()):
            self.fail("an example has the tables `vendor` and `canonical`.", "give both", part="examples")
        return Example(tables["vendor"], tables["canonical"])

    def check_examples(self, built: EntityMap) -> None:
        for number, example in enumerate(built.examples, 1):
            try:
                prove(built, example)
            except (RowError, ValueError) as error:
                reason = f"example {number} does not hold: {error}"
                self.fail(reason, "correct the example or the mapping", part="examples")


def prove(table: EntityMap, example: Example) -> None:
    """Raises a `ValueError` where an example does not hold, in the directions that the entity is used in."""
    if table.reads:
        if not table.takes(example.vendor):
            raise ValueError(f"the row is no {table.entity} by `when` and `unless`.")
        expected, found = table.model.model_validate(nested(example.canonical)), table.to_canonical(example.vendor)
        if expected != found:
            raise ValueError(f"read as {found.model_dump(mode='json', exclude_defaults=True)}.")
        if unread := next((name for name in example.canonical if name not in table.fields), None):
            raise ValueError(f"{unread!r} is not mapped.")
    if table.writes:
        own = {name: value for name, value in example.canonical.items() if name in table.writable or not table.reads}
        only_asked = table.asked - {each.vendor for each in table.fields.values()}
        vendor = {
            name: value
            for name, value in example.vendor.items()
            if not (table.reads and isinstance(value, dict)) and name not in only_asked
        }
        written = table.to_vendor(own)
        if written != vendor:
            raise ValueError(f"written as {written}.")
        if different := table.differing(own, vendor):
            raise ValueError(f"{', '.join(different)} would be written again and again.")


def _is_dict(model: type[Entity], name: str) -> bool:
    info = model.model_fields.get(name)
    return info is not None and get_origin(info.annotation) is dict
