"""What Tandem adds to a portal, read from `setup.toml`, as the API takes it; it never calls HubSpot."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

Raw = dict[str, Any]
MAX_UNIQUE = 10  # properties with unique values that an object may have (developers.hubspot.com, Properties API)


@dataclass(frozen=True, slots=True)
class Property:
    """One property of one object; `body` is what creates it."""

    object: str
    name: str
    unique: bool
    body: Raw


@dataclass(frozen=True, slots=True)
class Custom:
    """One custom object; `body` creates it with all its properties."""

    name: str
    properties: tuple[Property, ...]
    body: Raw


@lru_cache(maxsize=1)
def _table() -> Raw:
    return tomllib.loads(files("connectors.hubspot").joinpath("setup.toml").read_text("utf-8"))


def group() -> Raw:
    """The property group that holds what is ours."""
    return dict(_table()["group"])


def properties(overlaps: str) -> Iterator[Property]:
    """The properties of HubSpot's own objects; `overlaps` as the setting says."""
    for raw in _table()["properties"]:
        if raw.get("when", overlaps) == overlaps:
            yield _property(raw["object"], raw, group()["name"])


def customs(overlaps: str) -> Iterator[Custom]:
    """The custom objects."""
    for raw in _table()["objects"]:
        if raw["when"] == overlaps:
            yield _custom(raw)


def _custom(raw: Mapping[str, Any]) -> Custom:
    made = tuple(_property(raw["name"], each, None) for each in raw["properties"])
    keys = ("primaryDisplayProperty", "secondaryDisplayProperties", "searchableProperties", "associatedObjects")
    body = {
        "name": raw["name"],
        "description": raw["description"],
        "labels": {"singular": raw["singular"], "plural": raw["plural"]},
        "requiredProperties": [each.name for each in made if each.unique],
        "properties": [each.body for each in made],
        **{key: raw[key] for key in keys},
    }
    return Custom(raw["name"], made, body)


def _property(object_: str, raw: Mapping[str, Any], group_name: str | None) -> Property:
    body = {key: raw[key] for key in ("name", "label", "type", "fieldType", "description") if key in raw}
    if group_name is not None:
        body["groupName"] = group_name
    if raw.get("unique"):
        body["hasUniqueValue"] = True
    if "options" in raw:
        body["options"] = [
            {"value": value, "label": label, "displayOrder": number, "hidden": False}
            for number, (value, label) in enumerate(raw["options"].items())
        ]
    return Property(object_, raw["name"], bool(raw.get("unique")), body)
