"""Reads opportunities and invitations as events and listings hint at them; it never writes to Partner Central."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from connectors.aws.calls import Calls
from connectors.aws.events import Inbox
from connectors.aws_partner_central.central import Central
from connectors.aws_partner_central.hints import COSELL, INVITATION, hints
from connectors.aws_partner_central.invitations import Invitations
from connectors.aws_partner_central.opportunity import row, stamp
from connectors.aws_partner_central.settings import Settings
from connectors.aws_partner_central.window import Window
from connectors.base import STREAM, Budget, Event, Progress, place, slots_of
from mappings.table import EntityMap

REREAD = "reread"  # the slot that says when everything was read last


class PartnerCentralSource:
    """A `connectors.base.Source`. The first start reads everything; later passes what events and listings hint at."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], calls: Calls | None = None) -> None:
        calls = calls or Calls(settings)
        self._central = Central(calls, settings.catalog, settings.page_size)
        self._inbox = Inbox(calls, settings.queue_url, settings.linger_s) if settings.queue_url else None
        self._clock = clock
        self._overlap = timedelta(seconds=settings.overlap_s)
        self._poll, self._reread = timedelta(seconds=settings.poll_s), timedelta(seconds=settings.reread_s)
        self._invitations = Invitations(self._central, self._overlap)
        self._polled: datetime | None = None
        self._half_read: set[str] = set()

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        """See `connectors.base.Source.changes`; the cursors are told in `window` of this package."""
        now = self._clock()
        windows = {entity: Window(entity, slots_of(entity, cursors), now) for entity in tables}
        invited = False
        for hint in self._hinted(cursors):
            if not isinstance(hint, str):
                yield hint
            elif hint == INVITATION:
                invited = True
            elif COSELL in tables:
                yield from self._read(tables[COSELL], windows[COSELL], hint)
        if self._polled is None or now - self._polled >= self._poll:
            yield from self._everything(tables, windows, cursors, now)
            self._polled = now
        elif invited and INVITATION in tables:
            yield from self._invitations.poll(tables[INVITATION], windows[INVITATION], thorough=False)
        if self._inbox is not None:
            yield from self._inbox.done()

    def budget(self) -> Budget | None:
        """The day's calls."""
        return self._central.budget()

    def close(self) -> None:
        """Close the connections; messages that were not committed come again."""
        self._central.close()

    def _hinted(self, cursors: Mapping[str, str]) -> Iterator[Event | str]:
        """The opportunities that events name, each once, `INVITATION` where one names an invitation, and bad messages."""
        if self._inbox is None:
            return
        self._inbox.begin(cursors)
        told: dict[str, None] = {}
        for message in self._inbox.receive():
            if message.problem is not None:
                yield message.problem
            if message.event is not None:
                found = hints(message.event, self._central.catalog)
                told |= {each.record_id if each.entity == COSELL else INVITATION: None for each in found}
        yield from told

    def _everything(
        self, tables: Mapping[str, EntityMap], windows: Mapping[str, Window], cursors: Mapping[str, str], now: datetime
    ) -> Iterator[Event]:
        last = cursors.get(place(STREAM, REREAD))
        thorough = last is None or now - datetime.fromisoformat(last) >= self._reread
        if COSELL in tables:
            yield from self._opportunities(tables[COSELL], windows[COSELL], thorough=thorough)
        if INVITATION in tables:
            yield from self._invitations.poll(tables[INVITATION], windows[INVITATION], thorough=thorough)
        if thorough:
            self._half_read.clear()
            if last != stamp(now):
                yield Progress(STREAM, stamp(now), REREAD)

    def _opportunities(self, table: EntityMap, window: Window, *, thorough: bool) -> Iterator[Event]:
        newest, listed = window.floor, set()
        for summary in self._central.changed(None if thorough else window.since(self._overlap)):
            id_, at = summary["Id"], summary.get("LastModifiedDate")
            listed.add(id_)
            seen = window.seen(id_)
            # A reading of everything that broke off goes on where it was.
            if (thorough and id_ not in self._half_read) or seen is None or seen.at != at:
                yield from self._read(table, window, id_)
                self._half_read.add(id_)
            newest = at if newest is None else max(newest, at or newest)
        if thorough:
            for id_ in window.living():
                if id_ not in listed:
                    yield from self._read(table, window, id_)
        yield from window.advance(newest)

    def _read(self, table: EntityMap, window: Window, id_: str) -> Iterator[Event]:
        opportunity = self._central.opportunity(id_)
        if opportunity is None:
            yield from window.gone(id_)
            return
        aws = self._central.aws_summary(opportunity)
        yield from window.tell(id_, opportunity["LastModifiedDate"], row(opportunity, aws, table.vendor_fields))
