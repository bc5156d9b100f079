"""Which associations may exist between two object types: HubSpot's own, custom objects' and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .errors import HubSpotError
from .model import ObjectType

Category = Literal["HUBSPOT_DEFINED", "USER_DEFINED"]
_FIRST_OWN = 20


@dataclass(frozen=True, slots=True)
class AssociationType:
    """One direction. `inverse` is the id of the other direction; the one without a label is the default."""

    from_type: str
    to_type: str
    id: int
    inverse: int
    label: str | None = None
    category: Category = "HUBSPOT_DEFINED"
    primary: bool = False

    def body(self) -> dict[str, Any]:
        return {"category": self.category, "typeId": self.id, "label": self.label}


# From the vendor's table of type ids; the label of 2 is recorded. The lead types are not confirmed by a source.
_STANDARD = (
    AssociationType("0-1", "0-2", 279, 280),
    AssociationType("0-2", "0-1", 280, 279),
    AssociationType("0-1", "0-2", 1, 2, "Primary", primary=True),
    AssociationType("0-2", "0-1", 2, 1, "Contact with Primary Company", primary=True),
    AssociationType("0-1", "0-3", 4, 3),
    AssociationType("0-3", "0-1", 3, 4),
    AssociationType("0-3", "0-2", 341, 342),
    AssociationType("0-2", "0-3", 342, 341),
    AssociationType("0-3", "0-2", 5, 6, "Primary", primary=True),
    AssociationType("0-2", "0-3", 6, 5, "Deal with Primary Company", primary=True),
    AssociationType("0-136", "0-1", 608, 609),
    AssociationType("0-1", "0-136", 609, 608),
    AssociationType("0-136", "0-1", 578, 579, "Primary", primary=True),
    AssociationType("0-1", "0-136", 579, 578, "Lead with Primary Contact", primary=True),
    AssociationType("0-136", "0-2", 610, 611),
    AssociationType("0-2", "0-136", 611, 610),
)


class AssociationTypes:
    """The association types of one portal."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], dict[int, AssociationType]] = {}
        self._next = _FIRST_OWN
        for one in _STANDARD:
            self._add(one)

    def between(self, from_type: str, to_type: str) -> list[AssociationType]:
        return list(self._known.get((from_type, to_type), {}).values())

    def get(self, from_type: str, to_type: str, type_id: int) -> AssociationType | None:
        return self._known.get((from_type, to_type), {}).get(type_id)

    def from_id(self, from_type: str, type_id: Any) -> AssociationType | None:
        """By the id alone, to whichever type it leads."""
        every = (one for (start, _), known in self._known.items() if start == from_type for one in known.values())
        return next((one for one in every if one.id == type_id), None)

    def default(self, from_type: ObjectType, to_type: ObjectType) -> AssociationType:
        """The most general type; raises 400 where the two types cannot be associated."""
        found = [one for one in self.between(from_type.id, to_type.id) if one.label is None]
        if not found:
            words = f"No association type between {from_type.singular} and {to_type.singular} exists"
            raise HubSpotError(400, words, sub_category="crm.associations.INVALID_ASSOCIATION_TYPE")
        return found[0]

    def define(
        self, from_type: str, to_type: str, label: str | None, inverse_label: str | None
    ) -> list[AssociationType]:
        """A pair of own types, one per direction."""
        there, back = self._next, self._next + 1
        self._next += 2
        made = [AssociationType(from_type, to_type, there, back, label, "USER_DEFINED"),
                AssociationType(to_type, from_type, back, there, inverse_label, "USER_DEFINED")]  # fmt: skip
        for one in made:
            self._add(one)
        return made

    def add_label(self, from_type: ObjectType, to_type: ObjectType, body: Mapping[str, Any]) -> list[AssociationType]:
        """Raises 400 for a body without a label, or one that exists."""
        self.default(from_type, to_type)
        label = body.get("label")
        if not isinstance(label, str) or not label or not body.get("name"):
            raise HubSpotError(400, "Some required fields were not set: [label, name]")
        if any(one.label == label for one in self.between(from_type.id, to_type.id)):
            raise HubSpotError(400, f"An association label {label} exists already")
        return self.define(from_type.id, to_type.id, label, str(body.get("inverseLabel") or label))

    def _add(self, one: AssociationType) -> None:
        self._known.setdefault((one.from_type, one.to_type), {})[one.id] = one
