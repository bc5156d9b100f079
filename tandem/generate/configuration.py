"""The reference page of every configuration key; it never reads a configuration."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tandem.generate.markdown import code, codes, table, toml
from tandem.generate.markdown import page as a_page
from tandem.sections import Section
from tandem.settings import Connection, Settings, connector, connector_names

WORDS = """\
A deployment is one TOML file: `tandem.toml` unless `--config` or the environment variable `TANDEM_CONFIG` names
another. `tandem init` writes one with every key. A value `"env:NAME"` is read from the environment. Unknown keys are
refused. Relative paths start at the file's folder."""
LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "of at least {}",
    "maxLength": "of at most {}",
}


def page() -> str:
    """The keys of the file as a whole, then section by section, then connector by connector."""
    return a_page(
        "Configuration",
        "`tandem/settings.py`, `tandem/sections.py` and the `settings.py` of each connector",
        WORDS,
        "## The file",
        keys(Settings, skip=(*sections(), "connections")),
        *(block for name, model in sections().items() for block in (f"## [{name}]", model.__doc__ or "", keys(model))),
        "## [connections.NAME]",
        "One table for each connected system; its name is lower case letters, digits and dashes. These keys are the "
        "same for every connector, further keys are the connector's own.",
        keys(Connection, skip=("options",)),
        *(block for name in connector_names() for block in _connector(name)),
    )


def sections() -> dict[str, type[BaseModel]]:
    """The tables of the file that hold keys and no connections, by name."""
    fields = Settings.model_fields.items()
    kinds = {name: field.annotation for name, field in fields}
    return {name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Section)}


def keys(model: type[BaseModel], skip: tuple[str, ...] = ()) -> str:
    """The table of a model's keys."""
    schema = model.model_json_schema()
    rows = [
        (code(name), _meaning(field), _takes(schema["properties"][name], schema), _default(field), _example(field))
        for name, field in model.model_fields.items()
        if name not in skip
    ]
    return table(("Key", "Meaning", "Takes", "Default", "Example"), rows)


def _connector(name: str) -> list[str]:
    model: type[BaseModel] = connector(name).Settings
    blocks = [f'### connector = "{name}"', (connector(name).__doc__ or "").strip(), keys(model)]
    for key, field in model.model_fields.items():
        for inner in _tables(field.annotation):
            choice = _choice(inner)
            blocks += [f"#### {key}: {choice}" if choice else f"#### {key}", inner.__doc__ or "", keys(inner)]
    return blocks


def _tables(annotation: Any) -> list[type[BaseModel]]:
    """The models that a key may hold as an inner table."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for each in get_args(annotation) for model in _tables(each)]


def _choice(model: type[BaseModel]) -> str:
    """What tells one inner table from the others: its key with one possible value; nothing where there are no others."""
    fixed = [(name, get_args(field.annotation)) for name, field in model.model_fields.items()]
    return " ".join(f'{name} = "{values[0]}"' for name, values in fixed if len(values) == 1)


def _meaning(field: FieldInfo) -> str:
    return field.description or ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True)
    return "none" if value is None else code(toml(value))


def _example(field: FieldInfo) -> str:
    if field.examples:
        return codes(map(toml, field.examples))
    value = None if field.is_required() else field.get_default(call_default_factory=True)
    return "" if value is None else code(toml(value))


def _takes(node: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    node = _resolved(node, root)
    if "anyOf" in node or "oneOf" in node:
        inner = (_takes(each, root) for each in (*node.get("anyOf", ()), *node.get("oneOf", ())))
        return " or ".join(dict.fromkeys(words for words in inner if words))
    if "enum" in node or "const" in node:
        return codes(node.get("enum") or [node["const"]])
    limits = [words.format(node[key]) for key, words in LIMITS.items() if key in node]
    if "pattern" in node:
        limits.append(f"matching {code(node['pattern'])}")
    return ", ".join([_kind(node), *limits]) if _kind(node) else ""


def _kind(node: Mapping[str, Any]) -> str:
    special = {"path": "path", "password": "text, kept out of logs"}.get(str(node.get("format", "")))
    kinds = {"string": "text", "boolean": "true or false", "object": "table", "array": "list", "null": ""}
    return special or kinds.get(str(node.get("type")), str(node.get("type")))


def _resolved(node: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    found = re.match(r"#/\$defs/(.+)", str(node.get("$ref", "")))
    inner: Mapping[str, Any] = root["$defs"][found[1]] if found else node
    return inner
