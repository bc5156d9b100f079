"""What describe says about one mapped object: which event fields concern us, and what no event carries; pure."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from connectors.salesforce.cdc.schemas import EVERYTHING
from connectors.salesforce.rows import MASTER
from mappings.table import EntityMap

_ADDRESS = "Address"


class Shape:
    """One table and the describe of its object."""

    def __init__(self, table: EntityMap, described: Mapping[str, Any]) -> None:
        self.table = table
        self._fields: Mapping[str, Mapping[str, Any]] = {each["name"]: each for each in described["fields"]}

    @property
    def types(self) -> Mapping[str, str]:
        """The describe types of the object's own fields."""
        return {name: str(each["type"]) for name, each in self._fields.items()}

    @property
    def merges(self) -> bool:
        """Whether a deleted record of this object can tell the winner of its merge."""
        return MASTER in self._fields

    @cached_property
    def formulas(self) -> tuple[str, ...]:
        """Mapped fields that Salesforce calculates: no change event carries them."""
        own = (name for name in self.table.vendor_fields if "." not in name)
        return tuple(sorted({name for name in own if self._fields.get(name, {}).get("calculated")}))

    @cached_property
    def _watched(self) -> frozenset[str]:
        """The object's own fields that the mapping reads; for `Owner.Name` that is OwnerId."""
        links = {each["relationshipName"]: name for name, each in self._fields.items() if each.get("relationshipName")}
        paths = (name.partition(".") for name in self.table.vendor_fields)
        return frozenset(links.get(head, EVERYTHING) if rest else head for head, _, rest in paths)

    def touched_by(self, changed: Iterable[str]) -> bool:
        """Whether an update of these event fields can have changed a mapped value; in doubt, it can."""
        if self.formulas or EVERYTHING in self._watched:
            return True
        return any(not self._watched.isdisjoint(self._own(name)) for name in changed)

    def _own(self, name: str) -> Iterator[str]:
        """The object's own fields behind an event field; a part of a compound field has a name of its own.

        `Name.LastName` is LastName and moves Name, `BillingAddress.City` is BillingCity, `Place__c.Latitude` is
        Place__Latitude__s (vendor, "Compound Fields"). What is not known so may be anything that is mapped.
        """
        compound, _, part = name.partition(".")
        if name == EVERYTHING:
            yield from self._watched
            return
        yield compound
        if not part:
            return
        names = (part, f"{compound.removesuffix(_ADDRESS)}{part}", f"{compound.removesuffix('c')}{part}__s")
        found = [each for each in names if each in self._fields]
        yield from found or self._watched
