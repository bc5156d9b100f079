"""Workflows of the portal: a change of one property sets another, in the name of the automation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .changes import Change
from .crm import Crm
from .errors import HubSpotError
from .store import Actor

ACTOR = Actor("AUTOMATION_PLATFORM", "enrollmentId:1;actionExecutionIndex:0")


@dataclass(frozen=True, slots=True)
class Workflow:
    """When `when` of a record of this type changes (to `equals`, if given), `then` is set to `to`.

    `{value}` in `to` stands for the new value, `{upper}` for it in capitals.
    """

    type_id: str
    when: str
    then: str
    to: str
    equals: str | None = None

    @classmethod
    def read(cls, body: Mapping[str, Any], crm: Crm) -> Workflow:
        """From {"object", "when", "then", "to", "equals"?}; raises 400 for a type or property that is not there."""
        type_ = crm.schema.require(str(body.get("object")))
        for key in ("when", "then"):
            if body.get(key) not in type_.properties:
                raise HubSpotError(400, f"{key}: {body.get(key)!r} is not a property of {type_.plural}")
        equals = body.get("equals")
        return cls(type_.id, body["when"], body["then"], str(body.get("to", "{value}")),
                   None if equals is None else str(equals))  # fmt: skip


class Automation:
    """Runs the workflows. A workflow never starts another one, so that none runs forever."""

    def __init__(self, crm: Crm) -> None:
        self.workflows: list[Workflow] = []
        self._crm = crm

    def heard(self, change: Change) -> None:
        if change.action not in ("CREATE", "UPDATE") or change.actor == ACTOR:
            return
        type_ = self._crm.schema.require(change.type_id)
        for one in self.workflows:
            value = change.changed.get(one.when)
            if one.type_id != change.type_id or value is None or one.equals not in (None, value):
                continue
            record = self._crm.find(type_, change.record_id, None)
            if record is not None:
                text = one.to.replace("{value}", value).replace("{upper}", value.upper())
                self._crm.update(type_, record, {one.then: text}, ACTOR)
