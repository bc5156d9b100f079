"""Which system wins a field and what becomes of a deleted record's counterparts; it is a table and decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

from mappings.build import MODELS, Place
from mappings.errors import MappingError, nearest
from mappings.loader import systems
from mappings.rulebook import Raw, source
from schemas.messages import CRM_ENTITIES

FILE = "ownership.toml"
KEYS: Mapping[str, type] = {"create": list, "on_delete": str, "on_merge": str, "fields": dict}
OWNER = "owner"
# Ids of a record's own system, and the key that reconciliation itself writes.
NEVER = frozenset({"tandem_key", "source_id", "converted_account", "converted_contact", "converted_deal"})


class Policy(StrEnum):
    """Which value of a field stays, where two systems differ."""

    OWNER = "owner"
    MOST_RECENT = "most_recent"
    FILL_BLANK = "fill_blank"
    MANUAL = "manual"


class OnGone(StrEnum):
    """What becomes of the counterparts of a record that is gone."""

    UNLINK = "unlink"
    ARCHIVE = "archive"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """The policy of a field; `owner` is a connection or a connector until `resolved`, then a connection or None."""

    policy: Policy
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Ownership:
    """How the records of one entity are kept in step."""

    entity: str
    fields: Mapping[str, FieldRule]
    create: tuple[str, ...] = ()
    on_delete: OnGone = OnGone.UNLINK
    on_merge: OnGone = OnGone.UNLINK


def load(overrides: Path | None = None) -> Mapping[str, Ownership]:
    """Entity to its rules, of the shipped table as changed by `<overrides>/ownership.toml`. Raises `MappingError`.

    An override names only what it changes; a field set to false loses its rule, an entity set to false all of them.
    """
    read = source(FILE, overrides, merge=_override)
    place = Place(read.files)
    return MappingProxyType({entity: _Reader(entity, place).read(table) for entity, table in read.raw.items()})


def resolved(ownership: Mapping[str, Ownership], connections: Mapping[str, str]) -> Mapping[str, Ownership]:
    """The same rules with connections for names. `connections`: name to connector, of those that are reconciled.

    An owner that is a connector none of them uses becomes None. Raises `MappingError` for a name that is neither, or
    that could mean several connections.
    """
    return MappingProxyType({entity: _resolve(rules, connections) for entity, rules in ownership.items()})


def _resolve(rules: Ownership, connections: Mapping[str, str]) -> Ownership:
    fields = {
        name: rule if rule.owner is None else replace(rule, owner=_connection(rules, name, rule.owner, connections))
        for name, rule in rules.fields.items()
    }
    found = (_connection(rules, "create", name, connections) for name in rules.create)
    return replace(rules, fields=MappingProxyType(fields), create=tuple(name for name in found if name is not None))


def _connection(rules: Ownership, key: str, name: str, connections: Mapping[str, str]) -> str | None:
    table = rules.entity if key == "create" else f"{rules.entity}.fields"
    if name in connections:
        return name
    meant = [each for each, connector in connections.items() if connector == name]
    if len(meant) > 1:
        reason = f"{name!r} could be {' or '.join(meant)}."
        raise MappingError(reason, "name the connection", file=FILE, table=table, key=key)
    if not meant and name not in systems():
        reason = f"no connection that is reconciled and no connector is called {name!r}."
        remedy = nearest(name, (*connections, *connections.values(), *systems()))
        raise MappingError(reason, remedy, file=FILE, table=table, key=key)
    return meant[0] if meant else None


def _override(base: Raw, own: Raw) -> Raw:
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        if value is False:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(before, dict) and OWNER not in value:
            merged[key] = _override(before, value)
        else:
            merged[key] = value
    return merged


@dataclass(frozen=True, slots=True)
class _Reader:
    entity: str
    place: Place

    def fail(self, reason: str, remedy: str, key: str = "", part: str = "") -> NoReturn:
        table = self.entity + (f".{part}" if part else "")
        file, line = self.place.find(table, key)
        raise MappingError(reason, remedy, file=file, table=table, key=key, line=line)

    def read(self, raw: object) -> Ownership:
        if self.entity not in CRM_ENTITIES:
            self.fail(f"no entity that is reconciled is called {self.entity!r}.", nearest(self.entity, CRM_ENTITIES))
        if not isinstance(raw, dict):
            self.fail("an entity is a table.", f"write [{self.entity}] above its keys")
        for key, value in raw.items():
            if key not in KEYS:
                self.fail(f"no key is called {key!r}.", nearest(key, KEYS), key)
            if not isinstance(value, KEYS[key]):
                self.fail(f"{value!r} does not fit here.", f"give a {KEYS[key].__name__}", key)
        create = raw.get("create", [])
        if not all(isinstance(each, str) for each in create):
            self.fail(f"{create!r} does not fit here.", 'give names, as ["our-hubspot"]', "create")
        return Ownership(
            entity=self.entity,
            fields=MappingProxyType({name: self.rule(name, value) for name, value in raw.get("fields", {}).items()}),
            create=tuple(create),
            on_delete=self.on_gone(raw, "on_delete"),
            on_merge=self.on_gone(raw, "on_merge"),
        )

    def on_gone(self, raw: Raw, key: str) -> OnGone:
        value = raw.get(key, OnGone.UNLINK.value)
        ways = [each.value for each in OnGone]
        if value not in ways:
            self.fail(f"{value!r} is no way to treat counterparts.", nearest(value, ways), key)
        return OnGone(value)

    def rule(self, name: str, value: object) -> FieldRule:
        model = MODELS[self.entity]
        head = name.partition(".")[0]
        if head not in model.model_fields:
            self.fail(f"{self.entity} has no field {head!r}.", nearest(head, model.model_fields), name, "fields")
        if head in NEVER:
            reason = f"{name!r} holds ids of its own system and is not kept in step by a rule."
            self.fail(reason, "drop the line", name, "fields")
        if isinstance(value, dict):
            return self.owned(name, value)
        simple = [each.value for each in Policy if each is not Policy.OWNER]
        if value not in simple:
            remedy = 'write { owner = "<system>" }' if value == OWNER else nearest(str(value), simple)
            self.fail(f"{value!r} is no rule.", remedy, name, "fields")
        return FieldRule(Policy(value))

    def owned(self, name: str, value: Raw) -> FieldRule:
        if wrong := next((key for key in value if key != OWNER), None):
            self.fail(f"no key of a rule is called {wrong!r}.", nearest(wrong, (OWNER,)), name, "fields")
        owner = value.get(OWNER)
        if not isinstance(owner, str) or not owner:
            self.fail("it names no system.", 'write { owner = "<connection or connector>" }', name, "fields")
        return FieldRule(Policy.OWNER, owner)
