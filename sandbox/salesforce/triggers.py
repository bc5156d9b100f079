"""What an admin's automation does to a row that somebody saves: declared as data or as a function; it stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import SalesforceError
from .metadata.model import Row, Schema, Value
from .values import coerce

Moment = Literal["before", "after"]
Change = Callable[[Row | None, Row], Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Trigger:
    """`change(old, new)` gives the values that the automation sets; `old` is None for a new row.

    A `before` trigger changes the row as it is saved; an `after` trigger saves the row once more, in the same
    transaction and as the same user.
    """

    sobject: str
    change: Change
    moment: Moment = "before"


class TriggerRule(BaseModel):
    """A trigger as data: `set` writes values, `upper` turns texts to capitals, `on` says which writes fire it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    object: str
    on: tuple[Literal["create", "update"], ...] = ("create", "update")
    moment: Moment = "before"
    set: dict[str, Any] = Field(default_factory=dict)
    upper: tuple[str, ...] = ()


class TriggerError(Exception):
    """A rule that cannot be used; the message names the rule, the key and what is wrong with it."""


def from_rules(raw: object, schema: Schema) -> list[Trigger]:
    """Triggers from a list of rules such as {"object": "Account", "upper": ["Name"], "set": {"Description": "x"}}."""
    if not isinstance(raw, list):
        raise TriggerError("triggers are a list of rules, each an object with at least 'object'")
    made = []
    for number, one in enumerate(raw, 1):
        try:
            made.append(_trigger(TriggerRule.model_validate(one), schema))
        except ValidationError as invalid:
            first = invalid.errors()[0]
            key = ".".join(str(part) for part in first["loc"]) or "rule"
            known = ", ".join(TriggerRule.model_fields)
            raise TriggerError(f"trigger {number}, {key}: {first['msg']}; the keys are {known}") from invalid
        except SalesforceError as refused:
            raise TriggerError(f"trigger {number}: {refused.message}") from refused
    return made


def _trigger(rule: TriggerRule, schema: Schema) -> Trigger:
    sobject = schema.get(rule.object)
    if sobject is None:
        raise SalesforceError("INVALID_TYPE", f"object {rule.object!r} is not an object of this org")
    values: dict[str, Value] = {}
    for name, raw in rule.set.items():
        field = sobject.field(name)
        if field is None:
            raise SalesforceError("INVALID_FIELD", f"{sobject.name} has no field {name!r}")
        values[field.name] = coerce(field, raw)

    def change(old: Row | None, new: Row) -> dict[str, Value]:
        if ("create" if old is None else "update") not in rule.on:
            return {}
        capitals = {name: text.upper() for name in rule.upper if isinstance(text := new.get(name), str)}
        return {**values, **capitals}

    return Trigger(sobject.name, change, rule.moment)
