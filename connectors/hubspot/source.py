"""Reads the changes of a portal by search, by the journal or by webhooks; it never writes to HubSpot."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from connectors.base import Budget, Event, slots_of
from connectors.hubspot.client import Client
from connectors.hubspot.drift import explained
from connectors.hubspot.journal import Journal
from connectors.hubspot.polling import Polling
from connectors.hubspot.records import Records
from connectors.hubspot.settings import Settings
from connectors.hubspot.webhooks import Webhooks
from connectors.hubspot.window import Window
from connectors.members import standing
from mappings.table import EntityMap


class HubSpotSource:
    """A `connectors.base.Source`. The first start walks all records; what comes twice is told once."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client, self._settings = Client(settings, clock), settings
        self._records = Records(self._client, settings.app_id, settings.page_size)
        self._polling = Polling(self._records, clock, settings.overlap_s, settings.deletions_every_s)
        self._journal = Journal(self._client, self._records, self._polling, clock, settings.overlap_s)
        self._webhooks = Webhooks(settings, self._records, self._polling, clock)

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """See `connectors.base.Source.changes`; the cursor is told in `window`, `journal` and `connectors.members`."""
        yield from standing(tables, cursors, lambda own: self._changes(tables, own))

    def _changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        self._records.fresh()
        windows = {entity: Window(entity, slots_of(entity, cursors), self._settings.overlap_s) for entity in tables}
        with explained(tables):
            for table in tables.values():
                self._records.check(table)
            if self._settings.changes == "journal":
                yield from self._journal.changes(tables, cursors, windows)
            elif self._settings.changes == "webhooks":
                yield from self._webhooks.changes(tables, cursors, windows)
            else:
                for entity, table in tables.items():
                    yield from self._polling.poll(table, windows[entity])

    def close(self) -> None:
        """Stop listening for webhooks; what was not committed is sent again."""
        self._webhooks.close()

    def budget(self) -> Budget | None:
        """The portal's API calls of the day."""
        return self._client.budget()
