"""Reads the changes of an account by listing, and on webhooks where it listens for them; it never writes to PartnerStack.

A webhook is only a hint: what is told is what the record says when it is fetched by its key. It is answered when that
is committed. Changes bear no actor at PartnerStack, so none is marked as Tandem's own: what Tandem alone writes is in no
table that is read, and so tells nothing.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from connectors.base import Budget, Event, slots_of
from connectors.partnerstack.client import Client
from connectors.partnerstack.hints import Hints, judge
from connectors.partnerstack.reading import Reading
from connectors.partnerstack.resources import ORDER, RESOURCES
from connectors.partnerstack.settings import Listener, Settings
from connectors.partnerstack.told import Told
from connectors.receiving import Inbox, Receiver
from mappings.table import EntityMap

SLOT = "webhooks"


class PartnerStackSource:
    """A `connectors.base.Source`. The cursors are told in `told` of this package, and in `connectors.receiving`."""

    def __init__(
        self, settings: Settings, clock: Callable[[], datetime], wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings, self._clock = settings, clock
        self._client = Client(settings, wait)
        self._reading = Reading(self._client, clock, settings.currency, settings.overlap_s)
        self._inbox = None if settings.listener is None else _inbox(settings.listener, clock())
        self._polled: datetime | None = None
        self._swept: datetime | None = None

    @property
    def receiver(self) -> Receiver | None:
        """What listens; None where nothing does."""
        return None if self._inbox is None else self._inbox.receiver

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """See `connectors.base.Source.changes`."""
        hints, told = Hints(), False
        if self._inbox is not None and self._settings.listener is not None:
            for delivery in self._inbox.taken(cursors, self._settings.listener.patience_s):
                for body in delivery.events:
                    hints.hear(body)
        for event in self._read(tables, cursors, hints):
            told = True
            yield event
        if self._inbox is not None:
            yield from self._inbox.told(anything=told)

    def _read(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str], hints: Hints) -> Iterator[Event]:
        """What is new by listing, where it is time for it, and of the records that were hinted at."""
        started, listener = self._clock(), self._settings.listener
        full = _due(self._swept, started, self._settings.sweep_s)
        if full:
            self._reading.fresh()
        polls = full or listener is None or hints.all or _due(self._polled, started, listener.poll_every_s)
        for entity in sorted(tables, key=_place):
            table, keys = tables[entity], hints.of(tables[entity].object)
            told = Told(entity, slots_of(entity, cursors), table.vendor_fields)
            if polls or (keys and RESOURCES[table.object].detailed):
                yield from self._reading.poll(table, told, full=full)
            for key in keys:
                yield from self._reading.again(table, told, key)
        self._polled = started if polls else self._polled
        self._swept = started if full else self._swept

    def close(self) -> None:
        """Stop listening, close the connections; a webhook that was not committed is answered 503."""
        if self._inbox is not None:
            self._inbox.close()
        self._client.close()

    def budget(self) -> Budget | None:
        """PartnerStack has no quota beyond that of a minute, which is kept to."""
        return None


def _inbox(settings: Listener, begun: datetime) -> Inbox:
    def opened() -> Receiver:
        place, secret = (settings.host, settings.port), settings.secret.get_secret_value()
        return Receiver("partnerstack-webhooks", place, settings.answer_s, judge(secret))

    return Inbox(opened, SLOT, begun)


def _place(entity: str) -> int:
    return ORDER.index(entity) if entity in ORDER else len(ORDER)


def _due(last: datetime | None, now: datetime, every_s: int) -> bool:
    return last is None or now - last >= timedelta(seconds=every_s)
