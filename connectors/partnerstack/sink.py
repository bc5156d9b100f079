"""Writes to one account, one record at a time; it never writes what PartnerStack already holds.

Each record is read before it is written: by its key, or, for a lead, by the external key that its write's key makes. So
a write that comes again after a crash finds what the first one has done.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from connectors.base import Applied, Budget, Outcome, Overtaken, Rejected
from connectors.combining import as_one
from connectors.judging import ABSENT, agrees, overtaken, standing
from connectors.partnerstack import rows
from connectors.partnerstack.client import Client, Item
from connectors.partnerstack.errors import Refused
from connectors.partnerstack.resources import FIELDS, RESOURCES, Resource
from connectors.partnerstack.settings import Settings
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import MatchBy, Write, WriteAction

NO_ARCHIVE = Rejected("NOT_POSSIBLE", "Tandem archives leads only.", "archive the record in PartnerStack by hand")
GONE_REMEDY = "restore the record in PartnerStack and retry, or discard the write"


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as PartnerStack holds it: its id for the mapping, itself, and its row."""

    id: str
    item: Item
    row: rows.Row


class PartnerStackSink:
    """A `connectors.base.Sink`."""

    batch_size = 20  # each write takes two calls; what a slow account took is committed before the rest goes

    def __init__(self, settings: Settings, wait: Callable[[float], None] = time.sleep) -> None:
        self._client, self._currency = Client(settings, wait), settings.currency

    def budget(self) -> Budget | None:
        """PartnerStack has no quota beyond that of a minute, which is kept to."""
        return None

    def look(self, table: EntityMap, batch: Sequence[Write]) -> Sequence[Mapping[str, JsonValue] | None]:
        """See `connectors.base.Sink.look`. What the mapping cannot read stands as PartnerStack gives it."""
        found: list[Mapping[str, JsonValue] | None] = []
        for write in batch:
            try:
                stored = self._stored(table, write)
            except Refused as refused:
                self._client.raise_for(refused)
            there = {} if stored is None else standing(table, stored.row)
            found.append(None if stored is None else {name: there.get(name) for name in write.fields})
        return found

    def write(self, tables: Mapping[str, EntityMap], batch: Sequence[Write]) -> Sequence[Outcome]:
        """See `connectors.base.Sink.write`. Where the connection breaks, all of the batch may come again."""
        return as_one(batch, lambda writes: [self._outcome(tables[each.entity], each) for each in writes])

    def _outcome(self, table: EntityMap, write: Write) -> Outcome:
        try:
            return self._written(table, write)
        except RowError as error:
            return Rejected("UNCONVERTIBLE", error.reason, error.remedy, error.field)
        except rows.Unfit as unfit:
            return Rejected("INVALID_VALUE", unfit.reason, unfit.remedy, _canonical(table, unfit.field))
        except Refused as refused:
            return refused.outcome

    def _written(self, table: EntityMap, write: Write) -> Outcome:
        resource, archive = RESOURCES[table.object], write.action is WriteAction.ARCHIVE
        if archive and not resource.archives:
            return NO_ARCHIVE
        members, answers = rows.written(table.to_vendor(write.fields), self._currency, write.key)
        stored = self._stored(table, write)
        if stored is None:
            return self._without(table, write, members, answers)
        if not archive and agrees(table, write.fields, stored.row):
            return Applied(stored.id, changed=False)
        late = overtaken(table, write, stored.row)
        if late is not None:
            return late
        key = str(stored.item["key"])
        if archive:
            self._client.archive(resource.name, key)
        else:
            self._client.update(resource.name, key, _body(resource, members, answers, stored.item))
        return Applied(stored.id)

    def _without(self, table: EntityMap, write: Write, members: rows.Row, answers: rows.Row) -> Outcome:
        """What becomes of a write to a record that is not there."""
        if write.action is WriteAction.ARCHIVE:
            return Applied(write.key, changed=False)
        if write.match_by is MatchBy.ID:
            late = Overtaken(ABSENT) if write.expected else None
            return late or Rejected("NOT_FOUND", f"there is no record {write.key} in {table.object}.", GONE_REMEDY)
        late = overtaken(table, write, None)
        if late is not None:
            return late
        resource = RESOURCES[table.object]
        # A new lead needs a status (docs.partnerstack.com, Create a lead): "open" is what PartnerStack shows as new.
        body = {"external_key": rows.external_key(write.key), "status": "open", **members}
        made = self._client.create(resource.name, {**body, **_body(resource, {}, answers, None)})
        return Applied(str(made[table.id_field or "key"]))

    def _stored(self, table: EntityMap, write: Write) -> Stored | None:
        by_key = write.match_by is MatchBy.ID
        item = self._client.get(table.object, write.key if by_key else rows.external_key(write.key))
        if item is None or rows.archived(item):
            return None
        return Stored(str(item[table.id_field or "key"]), item, rows.shaped(item, self._currency))


def _body(resource: Resource, members: rows.Row, answers: rows.Row, item: Item | None) -> dict[str, Any]:
    """What is sent: the members that are written, and the whole form where an answer is."""
    if not answers:
        return dict(members)
    whole = rows.merged(item, answers)
    if resource.answers == FIELDS:
        return {**members, FIELDS: [{"api_name": name, "value": value} for name, value in whole.items()]}
    return {**members, resource.answers: whole}


def _canonical(table: EntityMap, vendor: str) -> str:
    return next((name for name, each in table.fields.items() if each.vendor == vendor), vendor)
