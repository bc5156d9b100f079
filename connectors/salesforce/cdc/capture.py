"""A source by Change Data Capture: keeps a session between two looks as long as its cursors were saved."""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from connectors.base import Event, Progress
from connectors.errors import ConnectorError
from connectors.salesforce.cdc.bus import EventBus
from connectors.salesforce.cdc.cursors import STREAM_PLACE, WALK
from connectors.salesforce.cdc.feed import Feed
from connectors.salesforce.cdc.selection import Mode, modes
from connectors.salesforce.cdc.session import Session
from connectors.salesforce.client import Client, Mismatch
from connectors.salesforce.drift import explain, names
from connectors.salesforce.settings import Settings
from connectors.salesforce.shape import Shape
from mappings.table import EntityMap

log = logging.getLogger(__name__)


class Capture:
    """`changes` is that of `connectors.base.Source`. What is described once holds until the process ends."""

    def __init__(self, client: Client, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client, self._settings, self._clock = client, settings, clock
        self._bus = EventBus(client, settings, clock)
        self._shapes: dict[str, Shape] = {}
        self._modes: Mapping[str, Mode] = {}
        self._session: Session | None = None
        self._feed: Feed | None = None

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """As of the source. A session that was broken off, or whose cursors were not saved, is begun anew."""
        yield from _left(cursors, tables)
        ours = {key: value for key, value in cursors.items() if _is_ours(key, tables)}
        session, self._session = self._session, None
        if session is None or session.expected != ours or set(self._shapes) != set(tables):
            session = self._begun(tables, ours)
        try:
            yield from session.events()
        except Mismatch as mismatch:
            self._session = session
            raise self._explained(mismatch) from mismatch
        except ConnectorError:
            self._session = session  # what came before counts, and the stream stays open
            raise
        except GeneratorExit:
            self.close()
            raise
        self._session = session

    def close(self) -> None:
        """End the stream; the next look begins from the cursors."""
        self._session = None
        if self._feed is not None:
            self._feed.close()
            self._feed = None
        self._bus.close()

    def _begun(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Session:
        if set(self._shapes) != set(tables):
            self._describe(tables)
        self.close()
        settings = self._settings
        self._feed = Feed(self._bus, self._clock, settings.linger_s, settings.silence_s)
        return Session(self._client, settings, self._feed, self._shapes, self._modes, cursors, self._clock)

    def _describe(self, tables: Mapping[str, EntityMap]) -> None:
        shapes = {}
        for entity, table in tables.items():
            try:
                shapes[entity] = Shape(table, self._client.describe(table.object))
            except Mismatch as mismatch:
                raise explain(self._client, table, mismatch) from mismatch
        self._modes = modes(self._client, self._settings, shapes)
        self._shapes = shapes

    def _explained(self, mismatch: Mismatch) -> ConnectorError:
        """With the line of the mapping, if it can be told which of the tables is meant."""
        shapes, message = self._shapes.values(), mismatch.failure.message
        meant = [each.table for each in shapes if each.table.object in message or len(self._shapes) == 1]
        # Several entities can stand in one object: the one whose line names the field is meant.
        meant.sort(key=lambda table: not names(table, mismatch))
        return explain(self._client, meant[0], mismatch) if meant else mismatch


def _left(cursors: Mapping[str, str], tables: Mapping[str, EntityMap]) -> Iterator[Event]:
    """An entity that is read no more is forgotten: the stream goes on without it, so it would begin anew."""
    for key in cursors:
        entity, _, slot = key.partition("/")
        if slot == WALK and entity not in tables:
            yield Progress(entity, None, WALK)


def _is_ours(key: str, tables: Mapping[str, EntityMap]) -> bool:
    return key == STREAM_PLACE or key.partition("/")[0] in tables
