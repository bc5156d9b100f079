"""Reads the records of one account and tells what is new of them; it decides nothing and writes nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.base import Event
from connectors.partnerstack import rows
from connectors.partnerstack.client import Client, Item
from connectors.partnerstack.resources import RESOURCES
from connectors.partnerstack.told import NOTHING, Told, digest_of
from mappings.table import EntityMap


class Owners:
    """Whose a record is that names no partner itself: a transaction names its customer, a reward its partnership.

    `listed`: nearly all of them will be asked for, and a list takes a 250th of the calls.
    """

    def __init__(self, client: Client, *, listed: bool = False) -> None:
        self._client, self._listed = client, listed
        self._known: dict[str, dict[str, str | None]] = {}

    def of(self, item: Item) -> str | None:
        """The partner's key; None where the record belongs to no partner."""
        for each in (item, item.get("customer"), item.get("partnership")):
            if isinstance(each, Mapping) and each.get("partner_key"):
                return str(each["partner_key"])
        for resource, keys in (
            ("partnerships", (item.get("partnership_key"), _key(item.get("partnership")))),
            ("customers", (item.get("customer_key"), _key(item.get("customer")))),
        ):
            for key in filter(None, keys):
                found = self._looked_up(resource, str(key))
                if found is not None:
                    return found
        return None

    def _looked_up(self, resource: str, key: str) -> str | None:
        if resource not in self._known:
            pages = self._client.pages(resource) if self._listed else ()
            self._known[resource] = {str(each.get("key")): each.get("partner_key") for page in pages for each in page}
        known = self._known[resource]
        if key not in known:
            found = self._client.read(resource, key)
            known[key] = None if found is None else found.get("partner_key")
        return known[key]


class Reading:
    """What was `told` is told again only where it differs. `clock` dates what is found to be gone."""

    def __init__(self, client: Client, clock: Callable[[], datetime], currency: str, overlap_s: int) -> None:
        self._client, self._clock, self._currency = client, clock, currency
        self._overlap, self._owners = overlap_s * 1000, Owners(client)

    def fresh(self) -> None:
        """Everything is going to be read: a customer may have another partner than when it was last asked for."""
        self._owners = Owners(self._client, listed=True)

    def poll(self, table: EntityMap, told: Told, *, full: bool) -> Iterator[Event]:
        """What changed since the floor, or (`full`) everything; then what was told and is not listed any more is gone.

        Lists are ordered by creation, so all pages are read before any record is told. The floor is what the first page
        shows: whatever changes after that page was answered has a later stamp, wherever it stands in the list.
        """
        resource = RESOURCES[table.object]
        query: dict[str, str] = {}
        if not full and told.floor is not None:
            query[f"min_{resource.filter}"] = str(max(0, told.floor - self._overlap))
        found: list[Item] = []
        floor: int | None = None
        for page in self._client.pages(resource.name, **query):
            if floor is None:
                floor = max((rows.stamp(each, resource.stamp) for each in page), default=0)
            found += page
        for item in sorted(found, key=lambda each: (rows.stamp(each), str(each.get("key")))):
            if resource.detailed:
                yield from self._detailed(table, told, item, full=full)
            else:
                yield from self._told(table, told, item)
        if full:
            yield from self._missing(table, told, found)
        if floor:
            yield from told.up_to(floor)

    def again(self, table: EntityMap, told: Told, key: str) -> Iterator[Event]:
        """One record as it is now; of a detailed one only whether it is gone, since a list is needed to tell it whole."""
        item = self._client.read(table.object, key)
        if item is None or record_id_of(table, item) != key:
            # A partnership whose partner key was changed is another record from then on.
            yield from told.gone(key, self._clock())
        if item is not None and (rows.archived(item) or not RESOURCES[table.object].detailed):
            yield from self._told(table, told, item)

    def _missing(self, table: EntityMap, told: Told, listed: Sequence[Item]) -> Iterator[Event]:
        """A record that a list lacks may have moved while it was read: it is asked for before it is told as gone."""
        seen = {record_id_of(table, each) for each in listed}
        for record_id in told.living():
            if record_id not in seen:
                yield from self.again(table, told, record_id)

    def _detailed(self, table: EntityMap, told: Told, item: Item, *, full: bool) -> Iterator[Event]:
        """A listed record with its details, where they have to be read: not if the list shows it as it was told."""
        record_id, seen = record_id_of(table, item), digest_of({**item, "stats": None})
        if record_id is None or not (full or rows.archived(item) or told.doubtful(record_id, seen)):
            return
        details = self._client.read(table.object, str(item["key"]))
        if details is None:
            yield from told.gone(record_id, self._clock())
        else:
            yield from self._told(table, told, {**item, **details}, seen)

    def _told(self, table: EntityMap, told: Told, item: Item, seen: str = NOTHING) -> Iterator[Event]:
        record_id = record_id_of(table, item)
        if record_id is None:
            return
        partner = self._owners.of(item) if _owned(table) else None
        if rows.archived(item) or (_owned(table) and partner is None):
            yield from told.gone(record_id, self._clock())
        else:
            row, newer = self._shaped(table, item, partner), RESOURCES[table.object].returns
            yield from told.tell(record_id, rows.stamp(item), row, seen, newer=newer)

    def _shaped(self, table: EntityMap, item: Item, partner: str | None) -> rows.Row:
        return rows.shaped(item, RESOURCES[table.object].currency or self._currency, partner)


def record_id_of(table: EntityMap, item: Mapping[str, Any]) -> str | None:
    """The id of a record; None where it has none yet, as a partnership without a partner key."""
    found = item.get(table.id_field or "key")
    return None if not found else str(found)


def _owned(table: EntityMap) -> bool:
    """Whether no record of the entity can do without its partner."""
    info = table.model.model_fields.get("partner")
    return info is not None and info.is_required()


def _key(value: object) -> object:
    return value.get("key") if isinstance(value, Mapping) else None
