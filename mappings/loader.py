"""Reads the mapping tables that ship with Tandem and a deployment's changes to them; it never guesses at a key."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mappings.build import Place, build, flatten
from mappings.errors import MappingError, nearest
from mappings.table import EntityMap

PACKAGE = "mappings"
SUFFIX = ".toml"
POLICIES = frozenset(
    {"ownership", "offers", "tiers", "learning", "routing", "engagement", "attribution", "icp", "sharing"}
)  # tables beside them that map no system
Raw = dict[str, Any]


def systems() -> tuple[str, ...]:
    """The systems that a table ships for, sorted."""
    files = (entry.name for entry in resources.files(PACKAGE).iterdir())
    return tuple(sorted({name.removesuffix(SUFFIX) for name in files if name.endswith(SUFFIX)} - POLICIES))


def load(system: str, overrides: Path | None = None) -> Mapping[str, EntityMap]:
    """Entity name to its map, of `mappings/<system>.toml` as changed by `<overrides>/<system>.toml`.

    An override names only what it changes: tables are merged key by key, other values replaced, a field, a spelling
    or an entity set to false is dropped, and a table that is changed keeps no examples but its own.
    Raises `MappingError`.
    """
    own = _own_file(system, overrides)
    if system not in systems() and own is None:
        raise MappingError(f"there is no mapping table for {system!r}.", nearest(system, systems()))
    merged: Raw = {}
    place = Place()
    if system in systems():
        text = resources.files(PACKAGE).joinpath(system + SUFFIX).read_text("utf-8")
        merged, place = _parse(f"{PACKAGE}/{system}{SUFFIX}", text), place.behind(f"{PACKAGE}/{system}{SUFFIX}", text)
    if own is not None:
        text = own.read_text("utf-8")
        merged, place = _override(merged, _parse(str(own), text)), place.behind(str(own), text)
    return MappingProxyType({entity: build(system, entity, table, place) for entity, table in merged.items()})


def _own_file(system: str, overrides: Path | None) -> Path | None:
    if overrides is None:
        return None
    if not overrides.is_dir():
        raise MappingError(f"there is no folder {str(overrides)!r} of mappings.", "create it, or leave the setting out")
    path = overrides / (system + SUFFIX)
    return path if path.is_file() else None


def _parse(file: str, text: str) -> Raw:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"this is no TOML: {error}.", "correct the line", file=file) from error
    for table in raw.values():
        if isinstance(table, dict) and isinstance(table.get("fields"), dict):
            table["fields"] = flatten(table["fields"])
    return raw


def _override(base: Raw, own: Raw) -> Raw:
    merged = dict(base)
    for entity, table in own.items():
        if table is False:
            merged.pop(entity, None)
        elif isinstance(table, dict) and isinstance(base.get(entity), dict):
            merged[entity] = _merge_entity(base[entity], table)
        else:
            merged[entity] = table
    return merged


def _merge_entity(base: Raw, own: Raw) -> Raw:
    fields = {name: _as_table(value) for name, value in base.get("fields", {}).items()}
    merged = {key: value for key, value in base.items() if key != "examples"} | own
    merged["fields"] = _merge(fields, {name: _as_table(value) for name, value in own.get("fields", {}).items()})
    return merged


def _as_table(value: object) -> object:
    return {"field": value} if isinstance(value, str) else value


def _merge(base: Raw, own: Raw) -> Raw:
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        if value is False:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(before, dict):
            # Another converter has other options: nothing of the old one is kept but the vendor's names.
            kept = before if value.get("convert", before.get("convert")) == before.get("convert") else _names(before)
            merged[key] = _merge(kept, value)
        else:
            merged[key] = value
    return merged


def _names(table: Raw) -> Raw:
    return {key: table[key] for key in ("field", "aliases") if key in table}
