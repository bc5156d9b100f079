"""Compares an org with what deploy/salesforce adds to one, by the list that ships with it; it changes nothing."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from connectors.base import Finding
from connectors.errors import ConnectorError
from connectors.salesforce.client import Row
from connectors.salesforce.drift import DEPLOY
from mappings.table import EntityMap

# What describe must say of a key.
KEY_MARKS = ("externalId", "unique", "caseSensitive")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShippedField(_Strict):
    """A field as describe tells it; a key is an external id, unique and case-sensitive."""

    type: str
    key: bool = False


class Package(_Strict):
    """What an admin deploys: `objects` maps an object to the fields added to it."""

    api_version: str
    permission_sets: tuple[str, ...]
    change_events: tuple[str, ...]
    objects: Mapping[str, Mapping[str, ShippedField]]


@lru_cache(maxsize=1)
def shipped() -> Package:
    """The list in `package.toml`."""
    text = files("connectors.salesforce").joinpath("package.toml").read_text("utf-8")
    return Package.model_validate(tomllib.loads(text))


def compare(describe: Callable[[str], Row], tables: Sequence[EntityMap]) -> Iterator[Finding]:
    """One finding per object that is as shipped, and one for each thing that is not.

    What is missing and mapped by a table is left to the findings about the table.
    """
    mapped = {(table.object, each.vendor) for table in tables for each in table.fields.values()}
    keys = {(table.object, table.external_id) for table in tables if table.writes}
    for name, fields in shipped().objects.items():
        try:
            described = describe(name)
        except ConnectorError as error:
            if not any(table.object == name for table in tables):
                yield Finding(f"package: {name}", False, f"it is not there or not visible: {error.reason}", DEPLOY)
            continue
        found = {each["name"]: each for each in described["fields"]}
        looked_at = {each: field for each, field in fields.items() if (name, each) not in keys}
        wrong = [
            finding
            for each, field in looked_at.items()
            if (each in found or (name, each) not in mapped)
            and (finding := _differs(name, each, field, found.get(each)))
        ]
        yield from wrong or [Finding(f"package: {name}", True, "as deployed")]


def _differs(entity: str, name: str, wanted: ShippedField, found: Row | None) -> Finding | None:
    subject = f"package: {entity}.{name}"
    if found is None:
        return Finding(subject, False, "it is not there or not visible", DEPLOY)
    if found["type"] != wanted.type:
        detail = f"it is of the type {found['type']}, the package has {wanted.type}"
        return Finding(subject, False, detail, f"rename the org's own field, then {DEPLOY}")
    lacking = [mark for mark in KEY_MARKS if wanted.key and not found.get(mark)]
    return Finding(subject, False, f"it lacks {' and '.join(lacking)}", DEPLOY) if lacking else None
