"""Reads what happens in the marketplace: events as hints, and a reading of what changed that needs none; it writes nothing.

The end is the same whichever of both comes first, twice, late or never: what is told is what was read.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from connectors.aws.calls import Calls
from connectors.aws.events import Inbox
from connectors.aws.pace import Pace
from connectors.aws_marketplace.agreements import Agreements
from connectors.aws_marketplace.catalog import Catalog
from connectors.aws_marketplace.hints import Hints
from connectors.aws_marketplace.polling import Polling
from connectors.aws_marketplace.reading import Reading
from connectors.aws_marketplace.settings import Settings
from connectors.aws_marketplace.told import Told
from connectors.base import Budget, Event, slots_of
from mappings.table import EntityMap

log = logging.getLogger(__name__)
# What an offer points to is told before it, and what comes of it after.
ORDER = ("resale_authorization", "offer_set", "offer", "change_set", "agreement")


class MarketplaceSource:
    """A `connectors.base.Source`. The cursors are what was told of each record, and how far each listing has come."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], pace: Pace | None = None) -> None:
        self._settings, self._clock = settings, clock
        self._calls = Calls(settings, pace or Pace(settings.rate_share, time.monotonic, time.sleep))
        catalog = Catalog(self._calls, private_only=not settings.public_offers)
        self._reading = Reading(catalog, Agreements(self._calls), clock, private_only=not settings.public_offers)
        self._polling = Polling(self._reading, settings.overlap_s)
        self._inbox = None if settings.queue_url is None else Inbox(self._calls, settings.queue_url, settings.linger_s)
        self._polled: datetime | None = None
        self._swept: datetime | None = None

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """See `connectors.base.Source.changes`; the cursors are told in `told` of this package."""
        told = {
            entity: Told(entity, slots_of(entity, cursors), tables[entity].vendor_fields)
            for entity in ORDER
            if entity in tables
        }
        hints, started = Hints(), self._clock()
        full = _due(self._swept, started, self._settings.sweep_s)
        if self._inbox is not None:
            self._inbox.begin(cursors)
            yield from self._heard(self._inbox, hints)
        if not full:  # else all is read below, and what the hints name with it
            yield from self._followed(hints, told)
        polls = self._inbox is None or hints.all_agreements or _due(self._polled, started, self._settings.poll_s)
        if full or polls:
            for each in told.values():
                yield from self._polling.poll(each, full=full)
            self._polled = started
            self._swept = started if full else self._swept
        if self._inbox is not None:
            yield from self._inbox.done()

    def close(self) -> None:
        """Close the connections; messages that were not committed come again."""
        self._calls.close()

    def budget(self) -> Budget | None:
        """The marketplace has no daily limit."""
        return self._calls.budget()

    def _heard(self, inbox: Inbox, hints: Hints) -> Iterator[Event]:
        """Takes up what the queue's messages hint at; those that cannot be read are told."""
        foreign = 0
        for message in inbox.receive():
            if message.problem is not None:
                yield message.problem
            elif message.event is not None:
                foreign += not hints.hear(message.event)
        if foreign:
            log.warning("%d events of other services were dropped: every connection needs a queue of its own", foreign)

    def _followed(self, hints: Hints, told: Mapping[str, Told]) -> Iterator[Event]:
        """What became of the records that were hinted at."""
        for record_id in hints.of("change_set"):
            # Where change sets are not read, they still say which offers have changed.
            memory = told.get("change_set", Told("change_set", {}, ()))
            news = list(self._reading.change_set(memory, record_id, hints.add))
            yield from news if "change_set" in told else ()
        if "agreement" in told:
            for offer in hints.accepted:
                for record_id in self._reading.agreements.of_offer(offer):
                    hints.add("agreement", record_id)
        for entity, memory in told.items():
            if entity != "change_set":
                yield from self._reading.again(memory, hints.of(entity))


def _due(last: datetime | None, now: datetime, every_s: int) -> bool:
    return last is None or now - last >= timedelta(seconds=every_s)
