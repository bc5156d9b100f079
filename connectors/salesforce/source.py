"""Reads the changes of an org, by Change Data Capture or by polling; it never writes to Salesforce."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from connectors.base import Budget, Event
from connectors.members import standing
from connectors.salesforce.cdc.capture import Capture
from connectors.salesforce.client import Client
from connectors.salesforce.polling import Polling
from connectors.salesforce.settings import Settings
from mappings.table import EntityMap


class SalesforceSource:
    """A `connectors.base.Source`. `clock` measures how long nothing has come, and when a call may go out again."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client = Client(settings, clock)
        self._capture = Capture(self._client, settings, clock) if settings.changes == "cdc" else None
        self._polling = Polling(self._client, settings, clock)

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """See `connectors.base.Source.changes`; the cursors are told in `cdc.cursors`, `window` and `members`."""
        yield from standing(tables, cursors, lambda own: self._changes(tables, own))

    def _changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        if self._capture is not None:
            yield from self._capture.changes(tables, cursors)
            return
        self._client.breathe()
        for table in tables.values():
            yield from self._polling.changes(table, cursors)

    def budget(self) -> Budget | None:
        """The org's API calls."""
        return self._client.budget()

    def close(self) -> None:
        """Let go of the stream; nothing is lost by it."""
        if self._capture is not None:
            self._capture.close()
