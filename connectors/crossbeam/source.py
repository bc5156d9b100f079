"""Partners' accounts and their signals as one source: read from bookmarks, and pushed; it never sees a broker.

Each partner's lists are read by themselves (`partner-id`): so no export is spent on a partner that nobody has mapped, and
one that is mapped later is read from its beginning.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from connectors.base import STREAM, Budget, Event, Progress, slots_of
from connectors.crossbeam.client import Client
from connectors.crossbeam.exports import Exports
from connectors.crossbeam.held import Shelf
from connectors.crossbeam.partners import Partners
from connectors.crossbeam.pushed import Judge
from connectors.crossbeam.settings import Settings
from connectors.crossbeam.telling import Telling, living_first
from connectors.receiving import Inbox, Receiver
from mappings.table import EntityMap

SLOT, NOTE = "webhooks", "partners"


class _Listed(NamedTuple):
    """Where an entity is listed, and how a list is narrowed to one partner."""

    entity: str
    path: str
    narrowed: str


LISTED = (
    _Listed("account", "/v1/overlaps/accounts", "partner-id"),
    _Listed("signal", "/v1/signals/accounts", "partner_id"),
)


class CrossbeamSource:
    """A `connectors.base.Source`; the cursors are told in `held` and `exports` of this package."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock
        self._client, self._exports = Client(settings), Exports(settings, clock)
        self._partners, self._telling = Partners(settings.partners), Telling(clock)
        self._read_at: datetime | None = None
        self.inbox = None if settings.webhooks is None else Inbox(self._opened, SLOT, clock())

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """See `connectors.base.Source.changes`."""
        self._exports.take(cursors)
        shelves = {entity: Shelf(entity, slots_of(entity, cursors)) for entity in tables}
        if self.inbox is not None:
            yield from self._pushed(self.inbox, tables, shelves, cursors)
        if self._read_at is None or self._clock() - self._read_at >= timedelta(seconds=self._settings.poll_s):
            begun = self._clock()
            yield from self._read(tables, shelves)
            self._read_at = begun

    def budget(self) -> Budget | None:
        """The record exports of the plan's year, as far as Tandem has used them."""
        return self._exports.budget()

    def close(self) -> None:
        """Stop listening; what was not committed is answered 503, and Crossbeam tries again."""
        if self.inbox is not None:
            self.inbox.close()

    def _opened(self) -> Receiver:
        webhooks = self._settings.webhooks
        assert webhooks is not None  # noqa: S101 - an inbox is made only with them
        place = (webhooks.host, webhooks.port)
        return Receiver("crossbeam-webhooks", place, webhooks.answer_s, Judge(webhooks, self._clock))

    def _pushed(
        self, inbox: Inbox, tables: Mapping[str, EntityMap], shelves: Mapping[str, Shelf], cursors: Mapping[str, str]
    ) -> Iterator[Event]:
        assert self._settings.webhooks is not None  # noqa: S101 - an inbox is made only with them
        taken = inbox.taken(cursors, self._settings.webhooks.patience_s)
        items = [item for delivery in taken for item in delivery.events]
        told = False
        for event in self._signals(items, tables, shelves) if "signal" in tables else ():
            told = True
            yield event
        yield from self._exports.add(len(items))
        yield from inbox.told(anything=told)

    def _signals(
        self, items: list[Any], tables: Mapping[str, EntityMap], shelves: Mapping[str, Shelf]
    ) -> Iterator[Event]:
        unmapped = []
        for item in items:
            named = item if isinstance(item, Mapping) else {}
            key = self._partners.key(named.get("partner_id"), named.get("partner_name"))
            if key is None:
                unmapped.append(
                    str(named.get("partner_name") or named.get("partner_id") or "a webhook without a partner")
                )
                continue
            yield from self._telling.signal(tables["signal"], shelves["signal"], key, item)
        yield from self._said(unmapped)

    def _read(self, tables: Mapping[str, EntityMap], shelves: Mapping[str, Shelf]) -> Iterator[Event]:
        every = self._client.partners()
        known = self._partners.known(every)
        for listed in LISTED:
            if listed.entity not in tables:
                continue
            table, shelf, keys = tables[listed.entity], shelves[listed.entity], set(self._settings.partners.values())
            yield from shelf.drop(keys, known)
            for id_, held in shelf.strangers(keys, known):
                yield self._telling.gone(table, shelf, id_, held)
            for uuid, key in known.items():
                yield from self._walked(listed, table, shelf, uuid, key)
            yield from shelf.forget(self._clock())
        yield from self._said(each.name for each in every if each.uuid not in known)

    def _walked(self, listed: _Listed, table: EntityMap, shelf: Shelf, uuid: str, key: str) -> Iterator[Event]:
        """One partner's list from its bookmark to the end."""
        partner = f"{key}/{uuid}"
        size, cursor = shelf.cursor(partner, self._settings.page_size)
        tell = partial(self._telling.overlap, uuid) if listed.entity == "account" else self._telling.signal
        more = True
        while more:
            used_up = self._exports.used_up()
            if used_up is not None and self.inbox is None:
                raise used_up
            if used_up is not None:  # webhooks are answered on
                yield Progress(STREAM, used_up.reason, NOTE, used_up.reason)
                return
            page = self._client.page(listed.path, {listed.narrowed: uuid, "limit": str(size)}, cursor)
            for item in living_first(page.items):
                yield from tell(table, shelf, key, item)
            # In this order: a process that dies again and again gets on, and reads no page for ever.
            yield from shelf.move(partner, size, page.cursor)
            yield from self._exports.add(len(page.items))
            cursor, more = page.cursor, page.more

    def _said(self, unmapped: Any) -> Iterator[Progress]:
        note = self._partners.left_out(unmapped)
        if note:
            yield Progress(STREAM, note, NOTE, note)
