"""One write on its way to Salesforce, in the vendor's terms; it never calls anybody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from connectors.base import Applied, Overtaken, Rejected
from connectors.errors import StopMapping
from connectors.salesforce.client import Row
from connectors.salesforce.errors import Failure
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import MatchBy, Write

Result = Applied | Overtaken | Failure
ID_LENGTH = 15  # an id has 15 characters, or 18 with a checksum of their case
REFERENCE = "@{"  # how a graph refers to the answer of another node; it cannot be escaped
HEADERS = {
    # Assignment rules fire by default and would undo a decided owner.
    "Sforce-Auto-Assign": "FALSE",
    # An alert of a duplicate rule does not block; a rule that blocks still does.
    "Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true",
}


@dataclass(frozen=True, slots=True)
class Above:
    """The parent of a row: `link` is the row's vendor field that points to it; `held`: it has its values already."""

    table: EntityMap
    key: str
    fields: Mapping[str, JsonValue]
    values: Mapping[str, Any]
    link: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One record to write. `fields` are canonical, `values` the same for the vendor; both without the link to a parent.

    `target` is the record's id where it was read; `condition` are the headers under which it may be written.
    """

    index: int
    write: Write
    match_by: MatchBy
    key: str
    fields: Mapping[str, JsonValue]
    values: Mapping[str, Any]
    above: Above | None = None
    target: str = ""
    condition: Mapping[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """Equal for keys that Salesforce may take for the same record."""
        if self.match_by is MatchBy.ID:
            return self.key[:ID_LENGTH]
        return self.key.strip().casefold()

    def record(self, table: EntityMap) -> Row:
        """As a collection takes it: `attributes` must be the first key."""
        return {"attributes": {"type": table.object}, key_field(table, self.match_by): self.key, **self.values}

    def watched(self, table: EntityMap) -> set[str]:
        """The vendor fields that say whether it has to be written, and whether it may."""
        expected = {table.fields[name].vendor for name in self.write.expected or {} if name in table.fields}
        link = {self.above.link} if self.above else set()
        return {*self.values, *expected, *link}


def known_above(item: Item) -> Above:
    """The parent of an item that goes a way on which every item has one."""
    assert item.above is not None  # noqa: S101 - the sink sends no other that way
    return item.above


def key_field(table: EntityMap, match_by: MatchBy) -> str:
    """The vendor field that a key is a value of. Raises `StopMapping` where the mapping names none."""
    if match_by is MatchBy.ID:
        return "Id"
    if table.external_id is None:
        reason = f"{table.entity} is to be written by external id, and mappings/{table.system}.toml names none"
        raise StopMapping(reason, f"add external_id to [{table.entity}]")
    return table.external_id


def combined(batch: Sequence[Write]) -> tuple[list[Write], list[int]]:
    """One write for each record, later values winning, and for each write of the batch which of them it is."""
    unique: list[Write] = []
    places: list[int] = []
    known: dict[tuple[MatchBy, str], int] = {}
    for write in batch:
        place = known.setdefault((write.match_by, write.key), len(unique))
        if place == len(unique):
            unique.append(write)
        else:
            unique[place] = _merged(unique[place], write)
        places.append(place)
    return unique, places


def _merged(first: Write, second: Write) -> Write:
    if first.action is not second.action:
        return second
    free = set(second.fields) if second.expected is None else set()
    expected = {name: value for name, value in (first.expected or {}).items() if name not in free}
    expected = {**(second.expected or {}), **expected}
    update = {
        "fields": {**first.fields, **second.fields},
        "expected": expected or None,
        "parent": second.parent or first.parent,
    }
    return second.model_copy(update=update)


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
    above = _above(tables, table, write)
    fields = {name: value for name, value in write.fields.items() if above is None or name != _link_name(write)}
    values = table.to_vendor(fields)
    if above is not None:
        for name, value in {**values, **above.values}.items():
            if isinstance(value, str) and REFERENCE in value:
                reason = f"{name} holds {REFERENCE!r}, which a composite graph takes for a reference."
                raise RowError(name, name, value, reason, f"take {REFERENCE!r} out of the value")
    return Item(index, write, write.match_by, write.key, fields, values, above)


def _link_name(write: Write) -> str:
    return write.parent.field if write.parent else ""


def _above(tables: Mapping[str, EntityMap], table: EntityMap, write: Write) -> Above | None:
    parent = write.parent
    if parent is None:
        return None
    other = tables.get(parent.entity)
    if other is None or other.external_id is None:
        reason = f"the parent is of {parent.entity}, which is not written here by an external id."
        remedy = f"add [{parent.entity}] with writes and external_id to mappings/{table.system}.toml"
        raise RowError(parent.field, "", parent.key, reason, remedy)
    (link,) = table.to_vendor({parent.field: None})
    return Above(other, parent.key, parent.fields, other.to_vendor(parent.fields), link)


def apart(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The items in as few rounds as keep keys apart that Salesforce may take for the same record (k1 and K1)."""
    rest = list(items)
    while rest:
        seen: set[str] = set()
        this: list[Item] = []
        later: list[Item] = []
        for item in rest:
            (later if item.identity in seen else this).append(item)
            seen.add(item.identity)
        yield this
        rest = later
