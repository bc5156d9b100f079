"""`tandem init`: writes a configuration in which every key is explained, made from the settings themselves."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from tandem.sections import Section
from tandem.settings import ConfigError, Connection, Settings, connector, connector_names, models_in

HEAD = """\
# A Tandem deployment. Every key is here: those behind a # may stay there. What they show is their default, or an
# example where the line says so.
# A value "env:NAME" is read from the environment, so that no secret stands in this file.
# Next: tandem check --config THIS_FILE, then tandem up --config THIS_FILE
"""
NAMES = {
    "salesforce": ("our-crm", "us"),
    "hubspot": ("our-hubspot", "us"),
    "aws_marketplace": ("our-aws", "us"),
    "aws_partner_central": ("our-ace", "us"),
    "partner_list": ("acme-list", "partner:acme"),
    "partnerstack": ("our-prm", "us"),
    "portal": ("our-portal", "us"),
    "crossbeam": ("our-crossbeam", "us"),
    "moodle": ("our-lms", "us"),
    "skilljar": ("our-skilljar", "us"),
    "xapi": ("our-lrs", "us"),
}
SECTIONS: dict[str, type[BaseModel]] = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}


def write(path: Path, force: bool) -> None:
    """Write the file; one that is there is kept unless forced."""
    if path.exists() and not force:
        raise ConfigError(f"{path} is there already. Remedy: another name, or --force to overwrite it.")
    try:
        path.write_text(text(), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}). Remedy: another place.") from error


def text() -> str:
    """The configuration: a Salesforce org of ours and the list of one partner as examples."""
    parts = [HEAD, *_keys(Settings, skip={*SECTIONS, "connections"})]
    for title, model in SECTIONS.items():
        parts += [f"\n[{title}]", *_keys(model, skip=set())]
    for name in connector_names():
        title, party = NAMES.get(name, (name.replace("_", "-"), "us"))
        parts += [f"\n[connections.{title}]", f'connector = "{name}"', f'party = "{party}"']
        parts += _keys(Connection, skip={"connector", "party", "options"})
        parts += _keys(connector(name).Settings, skip=set())
    return "\n".join(parts) + "\n"


def _keys(model: type[BaseModel], skip: set[str]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name in skip:
            continue
        yield from (f"# {line}" for line in textwrap.wrap(field.description or "", 110))
        yield from (f"# One way: {name} = {_table(each)}" for each in models_in(field.annotation))
        yield _line(name, field)


def _table(model: type[BaseModel]) -> str:
    """A nested table whole, each key with its example."""
    return _toml({name: (field.examples or [field.get_default()])[0] for name, field in model.model_fields.items()})


def _line(name: str, field: FieldInfo) -> str:
    """A required key with its example, or a default behind a #; where there is no default an example stands in."""
    example = (field.examples or [None])[0]
    if field.default is PydanticUndefined and field.default_factory is None:
        return f"{name} = {_toml(example)}"
    default = field.get_default(call_default_factory=True)
    if default in (None, {}, ()):
        return f"# {name} = {_toml(example)}  # an example"
    return f"# {name} = {_toml(default)}"


def _toml(value: Any) -> str:
    if isinstance(value, BaseModel):
        return _toml(value.model_dump(mode="json"))
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(str(k))} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps("" if value is None else str(value))
