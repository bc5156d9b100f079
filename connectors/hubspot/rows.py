"""One write on its way to HubSpot, in the vendor's terms; it never calls anybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.base import Applied, Overtaken, Rejected
from connectors.combining import combined
from connectors.errors import StopMapping
from connectors.hubspot.errors import Failure
from connectors.hubspot.objects import ASSOCIATION, ID
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import MatchBy, Write

Result = Applied | Overtaken | Failure


@dataclass(frozen=True, slots=True)
class Item:
    """One record to write. `values` are vendor fields as the mapping gives them, without the link to a parent.

    `link` is the vendor field that points to the parent `above`.
    """

    index: int
    write: Write
    table: EntityMap
    values: Mapping[str, Any]
    above: "Item | None" = None
    link: str = ""

    @property
    def key_property(self) -> str:
        """The property that the key is a value of. Raises `StopMapping` where the mapping names none."""
        if self.write.match_by is MatchBy.ID:
            return ID
        if self.table.external_id is None:
            place = f"mappings/{self.table.system}.toml"
            reason = f"{self.table.entity} is to be written by external id, and {place} names none"
            raise StopMapping(reason, f"add external_id to [{self.table.entity}]")
        return self.table.external_id

    @property
    def properties(self) -> dict[str, str]:
        """The properties as HubSpot takes them: texts, "" for what is cleared."""
        return {name: text(value) for name, value in self.values.items() if not name.startswith(ASSOCIATION)}

    @property
    def links(self) -> dict[str, str | None]:
        """The associated objects that are written, to the id of the record that this one is to belong to."""
        return {
            name.removeprefix(ASSOCIATION): None if value is None else str(value)
            for name, value in self.values.items()
            if name.startswith(ASSOCIATION)
        }

    @property
    def fields(self) -> dict[str, Any]:
        """The canonical fields that are written, without the link to a parent."""
        return {
            name: value for name, value in self.write.fields.items() if self.table.fields[name].vendor in self.values
        }

    @property
    def watched(self) -> set[str]:
        """The vendor fields that say whether it has to be written, and whether it may."""
        expected = {self.table.fields[name].vendor for name in self.write.expected or {} if name in self.table.fields}
        return {*self.values, *expected, *([self.link] if self.link else [])}


def text(value: object) -> str:
    """A property's value: HubSpot takes texts only, and "" clears (facts: null and numbers are refused)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value)


def grouped(batch: Sequence[Write]) -> tuple[list[Write], list[int]]:
    """One write for each record, later values winning, and for each write of the batch which of them it is."""
    members: dict[tuple[MatchBy, str], list[Write]] = {}
    for write in batch:
        members.setdefault((write.match_by, write.key), []).append(write)
    order = list(members)
    return [combined(each) for each in members.values()], [order.index((each.match_by, each.key)) for each in batch]


def converted(
    tables: Mapping[str, EntityMap], table: EntityMap, writes: Sequence[Write]
) -> tuple[list[Item], dict[int, Rejected]]:
    """The writes in the vendor's terms; one that cannot be converted is rejected and its neighbours go on."""
    items: list[Item] = []
    refused: dict[int, Rejected] = {}
    for index, write in enumerate(writes):
        try:
            items.append(_item(tables, table, index, write))
        except RowError as error:
            refused[index] = Rejected("UNCONVERTIBLE", error.reason, error.remedy, error.field)
    return items, refused


def _item(tables: Mapping[str, EntityMap], table: EntityMap, index: int, write: Write) -> Item:
    parent = write.parent
    if parent is None:
        return Item(index, write, table, table.to_vendor(write.fields))
    other = tables.get(parent.entity)
    if other is None or other.external_id is None:
        reason = f"the parent is of {parent.entity}, which is not written here by an external id."
        remedy = f"add [{parent.entity}] with writes and external_id to mappings/{table.system}.toml"
        raise RowError(parent.field, "", parent.key, reason, remedy)
    (link,) = table.to_vendor({parent.field: None})
    if link != f"{ASSOCIATION}{other.object}":
        reason = f"{link} does not point to {other.object}."
        raise RowError(parent.field, link, parent.key, reason, f"map {parent.field} to {ASSOCIATION}{other.object}")
    asked = {"entity": parent.entity, "key": parent.key, "fields": parent.fields, "expected": None, "parent": None}
    above = Item(
        index,
        write.model_copy(update={**asked, "match_by": MatchBy.EXTERNAL_ID}),
        other,
        other.to_vendor(parent.fields),
    )
    own = {name: value for name, value in write.fields.items() if name != parent.field}
    return Item(index, write, table, table.to_vendor(own), above, link)
