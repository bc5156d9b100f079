"""Reads records whole: properties, the associated record, the owner; it keeps no cursor and writes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from connectors.hubspot.client import Client, Mismatch, Row
from connectors.hubspot.errors import Failure, disposition
from connectors.hubspot.objects import (
    ASSOCIATION,
    CREATED,
    MERGED_IDS,
    OWNER,
    OWNER_ID,
    PRIMARY,
    SOURCE_ID,
    Fields,
    Objects,
    stamp_of,
)
from connectors.hubspot.walk import Ask, Found, Page
from connectors.hubspot.window import Record, merged_ids, millis
from mappings.errors import nearest
from mappings.table import EntityMap

BATCH = 100  # inputs of one batch call, also where associations are read (facts: cut from 1,000)
T = TypeVar("T")


class Archived(NamedTuple):
    """One archived record: when it was archived, and when it had been changed last."""

    id: str
    at: int
    changed: int
    absorbed: tuple[str, ...]


class Records:
    """The records of a portal. `app_id` is whose records are our own."""

    def __init__(self, client: Client, app_id: int | None, page_size: int) -> None:
        self._client, self._own, self._page_size = client, None if app_id is None else str(app_id), page_size
        self.objects = Objects(client)
        self._owners: dict[str, Row] = {}
        self._known: set[str] = set()

    def check(self, table: EntityMap) -> None:
        """Raise `Mismatch` for a property that the portal has not: HubSpot would answer without it, as if it were empty."""
        if table.entity in self._known:
            return
        answer = self._client.get(self._client.paths.properties(self.objects.type_id(table.object)))
        there = [each["name"] for each in answer["results"]]
        for name in Fields.of_table(table).mapped:
            if name not in there:
                failure = Failure("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist', (name,))
                raise Mismatch(failure, f"{disposition(failure).remedy}: {nearest(name, there)}")
        self._known.add(table.entity)

    def fresh(self) -> None:
        """Forget the owners' names: they can change without a record changing."""
        self._owners.clear()

    def page(self, table: EntityMap, ask: Ask) -> Page:
        """One page of a search, oldest first, or by id where `ask` is about one stamp."""
        stamp = stamp_of(table.object)
        body: Row = {
            "filterGroups": _filters(stamp, ask),
            "sorts": [{"propertyName": "hs_object_id" if ask.at is not None else stamp, "direction": "ASCENDING"}],
            "properties": self._asked(Fields.of_table(table), table.object),
            "limit": self._page_size,
        }
        if ask.after is not None:
            body["after"] = ask.after
        answer = self._client.search(self.objects.type_id(table.object), body)
        found = [Found(millis(row["properties"][stamp]), str(row["id"]), row) for row in answer["results"]]
        return Page(found, _next(answer))

    def newest(self, table: EntityMap) -> int | None:
        """The youngest stamp that the search shows."""
        stamp = stamp_of(table.object)
        sorts = [{"propertyName": stamp, "direction": "DESCENDING"}]
        answer = self._client.search(
            self.objects.type_id(table.object), {"sorts": sorts, "properties": [stamp], "limit": 1, "filterGroups": []}
        )
        return next((millis(row["properties"][stamp]) for row in answer["results"]), None)

    def archived(self, table: EntityMap) -> Iterator[Archived]:
        """All archived records that HubSpot still keeps (90 days), in no order that could be relied on."""
        path, after = self._client.paths.objects(self.objects.type_id(table.object)), None
        while True:
            query = {"archived": "true", "limit": str(BATCH), "properties": MERGED_IDS}
            answer = self._client.get(path, **query, **({"after": after} if after else {}))
            for row in answer["results"]:
                absorbed = merged_ids(row["properties"].get(MERGED_IDS))
                yield Archived(str(row["id"]), millis(row["archivedAt"]), millis(row["updatedAt"]), absorbed)
            after = _next(answer)
            if after is None:
                return

    def read(self, table: EntityMap, ids: Iterable[str]) -> dict[str, Record]:
        """The living records by the id that was asked for; that of a merged one gives the winner."""
        fields, type_id = Fields.of_table(table), self.objects.type_id(table.object)
        found: dict[str, Record] = {}
        for chunk in chunks(dict.fromkeys(ids), BATCH):
            rows = self.raw(type_id, chunk, self._asked(fields, table.object), None)
            records = {record.id: record for record in self.complete(table, rows)}
            # An id that was merged away is answered with the winner, which tells whom it absorbed.
            winners = {loser: record for record in records.values() for loser in record.absorbed}
            found |= {id_: record for id_ in chunk if (record := records.get(id_) or winners.get(id_)) is not None}
        return found

    def raw(self, type_id: str, keys: Sequence[str], properties: Sequence[str], id_property: str | None) -> list[Row]:
        """Records as HubSpot shows them, by id or by a unique property; at most `BATCH`, the missing ones left out."""
        body: Row = {"inputs": [{"id": key} for key in keys], "properties": list(properties)}
        if id_property is not None:
            body["idProperty"] = id_property
        answer = self._client.post(self._client.paths.objects(type_id, "batch/read"), body)
        return list(answer["results"])

    def complete(self, table: EntityMap, rows: Sequence[Row]) -> list[Record]:
        """The records with everything that the mapping names, in the order of the rows."""
        fields, type_id = Fields.of_table(table), self.objects.type_id(table.object)
        stamp = stamp_of(table.object)
        made = []
        for row, mapped in zip(rows, self.mapped(type_id, fields, rows), strict=True):
            properties = row["properties"]
            absorbed, own = merged_ids(properties.get(MERGED_IDS)), self._is_own(properties, stamp)
            made.append(Record(str(row["id"]), millis(properties[stamp]), mapped, absorbed, own))
        return made

    def mapped(self, type_id: str, fields: Fields, rows: Sequence[Row]) -> list[Row]:
        """The vendor fields of each row: its properties, the records that it belongs to, its owner."""
        ids = [str(row["id"]) for row in rows]
        linked = {other: self.associated(type_id, other, ids) for other in fields.associated}
        found = []
        for id_, row in zip(ids, rows, strict=True):
            values: Row = {name: row["properties"].get(name) for name in fields.mapped}
            values |= {f"{ASSOCIATION}{other}": links.get(id_) for other, links in linked.items()}
            if fields.owner:
                values[OWNER] = self._owner(row["properties"].get(OWNER_ID))
            found.append(values)
        return found

    def associated(self, type_id: str, other: str, ids: Sequence[str]) -> dict[str, str]:
        """Id to the id of the one record that it belongs to: the primary one, else the one with the lowest number."""
        other_id = self.objects.type_id(other)
        path = self._client.paths.associations(type_id, other_id, "batch/read")
        best: dict[str, tuple[bool, int, str]] = {}
        asked: list[Row] = [{"id": id_} for id_ in ids]
        while asked:
            chunk, asked = asked[:BATCH], asked[BATCH:]
            for result in self._client.post(path, {"inputs": chunk})["results"]:
                id_ = str(result["from"]["id"])
                for target in result["to"]:
                    rank = _rank(target, PRIMARY.get((type_id, other_id)))
                    best[id_] = min(best.get(id_, rank), rank)
                following = _next(result)
                if following is not None:
                    asked.append({"id": id_, "after": following})
        return {id_: rank[2] for id_, rank in best.items()}

    def _asked(self, fields: Fields, object_: str) -> list[str]:
        own = [SOURCE_ID, *CREATED] if self._own is not None else []
        return sorted({*fields.properties, stamp_of(object_), MERGED_IDS, *own})

    def _owner(self, owner_id: str | None) -> Row | None:
        if not owner_id:
            return None
        if owner_id not in self._owners:
            # Also one who is new since; one who left is listed among the archived.
            for archived in ("false", "true"):
                self._owners |= dict(self._list_owners(archived))
        return self._owners.setdefault(owner_id, {"name": None, "email": None})

    def _list_owners(self, archived: str) -> Iterator[tuple[str, Row]]:
        after = None
        while True:
            query = {"limit": "500", "archived": archived, **({"after": after} if after else {})}
            answer = self._client.get(self._client.paths.owners(), **query)
            for owner in answer["results"]:
                name = " ".join(filter(None, (owner.get("firstName"), owner.get("lastName"))))
                yield str(owner["id"]), {"name": name or None, "email": owner.get("email")}
            after = _next(answer)
            if after is None:
                return

    def _is_own(self, properties: Mapping[str, Any], stamp: str) -> bool:
        """Whether our app created the record and nobody has changed it since: more is not known of who wrote."""
        created = next((properties[name] for name in CREATED if properties.get(name)), None)
        return self._own is not None and properties.get(SOURCE_ID) == self._own and created == properties[stamp]


def _filters(stamp: str, ask: Ask) -> list[Row]:
    filters = []
    if ask.since is not None:
        filters.append({"propertyName": stamp, "operator": "GTE", "value": str(ask.since)})
    if ask.at is not None:
        filters.append({"propertyName": stamp, "operator": "EQ", "value": str(ask.at)})
    if ask.above is not None:
        filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": ask.above})
    return [{"filters": filters}] if filters else []


def _rank(target: Mapping[str, Any], primary: int | None) -> tuple[bool, int, str]:
    """Smaller is better: the primary one, then the older record."""
    types = {each.get("typeId") for each in target.get("associationTypes") or ()}
    id_ = str(target["toObjectId"])
    return primary not in types, len(id_), id_


def _next(answer: Mapping[str, Any]) -> str | None:
    following = ((answer.get("paging") or {}).get("next") or {}).get("after")
    return None if following is None else str(following)


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
