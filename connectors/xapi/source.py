"""Statements of a learning record store and of a receiver as one source: one record for one id; it never sees a broker."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from connectors.base import Budget, Event, slots_of
from connectors.errors import BadInput
from connectors.receiving import Inbox
from connectors.receiving import Receiver as Listening
from connectors.xapi.pushed import LARGEST, Judge
from connectors.xapi.settings import Receiver, Settings
from connectors.xapi.statements import Read
from connectors.xapi.telling import Telling
from connectors.xapi.walking import Walking
from connectors.xapi.window import Window
from mappings.table import EntityMap

ENTITY, SLOT = "statement", "pushed"
NO_WAY = "there is neither a learning record store to read nor a place to send statements to"
NO_WAY_REMEDY = "give `endpoint` and `auth`, or `receiver`, or both"


class XapiSource:
    """A `connectors.base.Source`. What is sent is answered when it is committed; `window` tells of the cursor."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock
        self._telling = Telling(settings, clock)
        self._walking = None if settings.endpoint is None else Walking(settings, self._telling, clock)
        self._window = Window(ENTITY, {})
        self.inbox = None if settings.receiver is None else Inbox(self._opened, SLOT, clock())

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """See `connectors.base.Source.changes`."""
        table = tables.get(ENTITY)
        if table is None:
            return
        if self._walking is None and self.inbox is None:
            raise BadInput(NO_WAY, NO_WAY_REMEDY)
        self._window = Window(ENTITY, slots_of(ENTITY, cursors))
        if self._walking is not None and self._walking.due():
            yield from self._walking.changes(table, self._window)
        if self.inbox is not None and self._settings.receiver is not None:
            yield from self._pushed(self.inbox, self._settings.receiver, table, cursors)
        yield from self._telling.noted(table, self._window)

    def budget(self) -> Budget | None:
        """A store has no quota."""
        return None

    def close(self) -> None:
        """Stop listening; what was not committed is answered 503 and sent again."""
        if self.inbox is not None:
            self.inbox.close()

    def _pushed(
        self, inbox: Inbox, receiver: Receiver, table: EntityMap, cursors: Mapping[str, str]
    ) -> Iterator[Event]:
        told = False
        for it in (each for delivery in inbox.taken(cursors, receiver.patience_s) for each in delivery.events):
            assert isinstance(it, Read)  # noqa: S101 - the judge makes no others
            if self._window.told(it.id):
                continue
            for event in self._telling.one(it, table, self._window, self._clock()):
                told = True
                yield event
        if self._walking is None:
            yield from self._window.forget(self._clock() - timedelta(days=receiver.remember_days))
        yield from inbox.told(anything=told)

    def _opened(self) -> Listening:
        receiver = self._settings.receiver
        assert receiver is not None  # noqa: S101 - an inbox is made only with one
        judge = Judge(receiver, self._settings.language, self._digest)
        place = (receiver.host, receiver.port)
        return Listening("xapi-statements", place, receiver.answer_s, judge, largest=LARGEST)

    def _digest(self, id_: str) -> str | None:
        """Of a statement that was told; asked from other threads, of whichever pass runs."""
        return self._window.digest(id_)
