"""Where a change set is worked on: copies of what it touches, what it found wrong, and what it may look up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import TYPE_CHECKING

from ...core import Shape
from ..entities import PREFIXES, Entity, fresh
from ..errors import Problem
from .sheet import Sheet

if TYPE_CHECKING:
    from ..contracts import Agreement


@dataclass(slots=True)
class Step:
    """One requested change. `target` is an id, or "$Name.Entity.Identifier" of another step."""

    type: str
    version: str  # as "Offer@1.0"
    details: Shape
    target: str | None = None
    name: str | None = None
    problems: list[Problem] = field(default_factory=list)
    entity: str | None = None  # the id that it made or changed

    @property
    def kind(self) -> str:
        return self.version.partition("@")[0]


@dataclass(slots=True)
class Bench:
    """The copies are put back only when no step found a problem."""

    account: str
    now: datetime
    chance: Random
    stored: Mapping[str, Entity]
    agreements: Mapping[str, Agreement]
    unknown_accounts: frozenset[str] = frozenset()
    legal_names: Mapping[str, str] = field(default_factory=dict)
    copies: dict[str, Entity] = field(default_factory=dict)
    step: Step | None = None
    done: dict[str, list[Step]] = field(default_factory=dict)  # by entity

    @property
    def today(self) -> date:
        return self.now.date()

    def look(self, entity_id: str | None) -> Entity | None:
        return self.copies.get(entity_id or "") or self.stored.get(entity_id or "")

    def work_on(self, entity_id: str) -> Entity:
        if entity_id not in self.copies:
            self.copies[entity_id] = self.stored[entity_id].copy()
        return self.copies[entity_id]

    def make(self, kind: str, details: Shape) -> Entity:
        entity_id = f"{PREFIXES[kind]}-{fresh(self.chance)}"
        made = Entity(kind, entity_id, self.account, details, self.now, self.now)
        self.copies[entity_id] = made
        return made

    def refuse(self, code: str, message: str) -> None:
        assert self.step is not None
        self.step.problems.append(Problem(code, message))

    def changed(self, entity: Entity, kind: str) -> bool:
        """Whether a change of this type is among those of this set."""
        return any(step.type == kind for step in self.done.get(entity.id, []))


def _admit_all(_: Bench, __: Shape) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Change:
    """A change type: what is refused at once by its form, what by who and what it names, and what it does.

    `turn` is the order in a change set, whatever the order of the request: 0 makes, 1 changes, 2 releases. AWS's own
    samples release before they update, in one set.
    """

    check: Callable[[Sheet], None]
    apply: Callable[[Bench, Entity, Shape], None]
    admit: Callable[[Bench, Shape], None] = _admit_all
    make: Callable[[Bench, Shape], Entity] | None = None
    turn: int = 1


def nothing(_: Bench, __: Entity, ___: Shape) -> None:
    """A change that is done when it is made."""
