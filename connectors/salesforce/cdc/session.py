"""One connection read by Change Data Capture, from the cursors that were saved on; it never falls back to "from now on".

In this order, each time it is asked: open the stream (the replay point comes first); walk by query what no event tells
of, which is every object at the first start, and after a loss what changed since the last commit that is known; tell
what the stream brings; poll what it does not carry.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.base import STREAM, Change, Event, Progress, place, slots_of
from connectors.salesforce import soql
from connectors.salesforce.cdc.bus import PositionLost
from connectors.salesforce.cdc.cursors import STREAM_PLACE, STREAM_SLOT, WALK, StreamCursor, WalkState
from connectors.salesforce.cdc.events import ChangeEvent
from connectors.salesforce.cdc.feed import Feed, NoPosition, Unread
from connectors.salesforce.cdc.selection import Mode
from connectors.salesforce.cdc.steps import absorbed, highest, queried, ready, seen_as, with_winners
from connectors.salesforce.cdc.telling import Teller, Told
from connectors.salesforce.client import Client
from connectors.salesforce.polling import Polling
from connectors.salesforce.rows import digest
from connectors.salesforce.settings import Settings
from connectors.salesforce.shape import Shape
from connectors.salesforce.versions import Versions
from connectors.salesforce.walks import Portion, Walks
from connectors.salesforce.window import FLOOR, SEEN

log = logging.getLogger(__name__)
# A transaction may run so long between the stamp of its rows and its commit (ten minutes, vendor: Apex and Bulk limits).
LONGEST_TRANSACTION = timedelta(minutes=10)


class Session:
    """`shapes` and `modes` by entity; `cursors` by place, of which it keeps the ones that it yields in `expected`."""

    def __init__(
        self,
        client: Client,
        settings: Settings,
        feed: Feed,
        shapes: Mapping[str, Shape],
        modes: Mapping[str, Mode],
        cursors: Mapping[str, str],
        clock: Callable[[], datetime],
    ) -> None:
        self._client, self._clock, self._feed, self._shapes, self._modes = client, clock, feed, shapes, modes
        self._margin = (timedelta(seconds=settings.overlap_s) + LONGEST_TRANSACTION) // soql.MS
        self._poll_every = timedelta(seconds=settings.poll_every_s)
        self._polled_at: datetime | None = None
        self._polling = Polling(client, settings, clock)
        self._user = client.user()
        self._walks = Walks(client, settings, self._user)
        self.expected = dict(cursors)
        saved = cursors.get(STREAM_PLACE)
        self._cursor = None if saved is None else StreamCursor.parse(saved)
        self._versions = Versions(highest(self._cursor, cursors))
        by_object: dict[str, list[Shape]] = {}
        for entity in self._streamed:
            by_object.setdefault(shapes[entity].table.object, []).append(shapes[entity])
        self._teller = Teller(by_object, self._walks.read, self._user)

    @property
    def _streamed(self) -> list[str]:
        return [entity for entity, mode in self._modes.items() if mode is not Mode.POLLED]

    def events(self) -> Iterator[Event]:
        """What is new. It can be asked again after it ended, and after an error of `connectors.errors`."""
        for event in self._events():
            if event.cursor is None:
                self.expected.pop(event.place, None)
            else:
                self.expected[event.place] = event.cursor
            yield event

    def _events(self) -> Iterator[Change | Progress]:
        self._client.breathe()
        yield from self._forget_what_the_mode_needs_not()
        if self._streamed:
            yield from self._begin()
            while True:
                yield from self._walk_all()
                try:
                    yield from self._follow()
                    break
                except (PositionLost, NoPosition, Unread) as lost:
                    yield from self._lost(lost)
        yield from self._poll()

    # The stream's place

    def _begin(self) -> Iterator[Change | Progress]:
        """At a start: the stream first, then the walks that it makes necessary."""
        if self._cursor is None:
            newest = max((self._newest(self._shapes[entity]) for entity in self._streamed), default=0)
            self._cursor = StreamCursor(None, newest, self._versions.highest)
            yield self._saved()
        if not self._feed.open and self._feed.latest is None:
            self._feed.start(self._cursor.replay)
            if self._cursor.replay is None:
                yield from self._walk_again(None, "no replay point was known yet")
                yield from self._from_now_on()
        for entity in self._streamed:
            state = self._walk_state(entity)
            if state is None or state.digest != self._shapes[entity].table.digest:
                yield from self._first_walk(entity, state)

    def _first_walk(self, entity: str, before: WalkState | None) -> Iterator[Progress]:
        shape = self._shapes[entity]
        why = "the mapping has changed" if before is not None and before.digest else "it is new to the stream"
        log.info("%s: the whole of %s is read: %s", entity, shape.table.object, why)
        if self._modes[entity] is Mode.BOTH and place(entity, FLOOR) not in self.expected:
            newest = self._newest(shape)
            if newest:
                yield Progress(entity, soql.stamp(soql.of_epoch_ms(newest)), FLOOR)
        yield self._walk_saved(entity, WalkState(shape.table.digest))

    def _lost(self, why: Exception) -> Iterator[Progress]:
        """The stream cannot go on where it was told to: from a new point on, and everything since by query."""
        assert self._cursor is not None  # noqa: S101  set by `_begin`
        if isinstance(why, Unread):
            yield from self._walk_again(None, str(why))
            return
        self._feed.start(None)
        yield from self._walk_again(None, f"the place in the stream is lost ({why})")
        self._cursor = self._cursor._replace(replay=None, step=0)
        yield self._saved()
        yield from self._from_now_on()

    def _from_now_on(self) -> Iterator[Progress]:
        """Note where the new stream begins, before anything is read; without it a restart walks again."""
        assert self._cursor is not None  # noqa: S101  set by `_begin`
        point = self._feed.start_of_stream()
        if point is not None:
            self._cursor = self._cursor._replace(replay=point, step=0)
            yield self._saved()

    def _walk_again(self, only: str | None, why: str, since: int | None = None) -> Iterator[Progress]:
        """Mark objects (all, or the one named) for a walk from the last known commit, or an earlier one, on."""
        assert self._cursor is not None  # noqa: S101  set by `_begin`
        start = max(0, min(self._cursor.since, self._cursor.since if since is None else since) - self._margin)
        for entity in self._streamed:
            state = self._walk_state(entity)
            if state is None or only not in {None, self._shapes[entity].table.object}:
                continue
            object_ = self._shapes[entity].table.object
            stamp = soql.stamp(soql.of_epoch_ms(start))
            log.warning("%s: %s is read by query from %s on: %s", entity, object_, stamp, why)
            note = f"{object_}: reading what changed since {stamp}, because {why}"
            yield self._walk_saved(entity, state.again(start), note)

    # What is read by query

    def _walk_all(self) -> Iterator[Change | Progress]:
        for entity in self._streamed:
            while (state := self._walk_state(entity)) is not None and not state.done:
                self._client.breathe()
                for portion in self._walks.portions(self._shapes[entity], state):
                    yield from self._portion(entity, state, portion)
                    state = portion.after

    def _portion(self, entity: str, before: WalkState, portion: Portion) -> Iterator[Change | Progress]:
        for change in self._other_winners(entity, before, portion):
            # With the cursor from before their losers: a kill in between tells them again.
            yield replace(change, cursor=self._walk_text(before), slot=WALK)
        for record, state in zip(with_winners(portion.records), portion.states, strict=True):
            told = self._numbered(queried(entity, record))
            if told is not None:
                yield replace(told, cursor=self._walk_text(state), slot=WALK)
        note = f"{self._shapes[entity].table.object}: {portion.after.told or before.told + len(portion.records):,}"
        yield self._walk_saved(entity, portion.after, f"{note} of {max(before.of, portion.after.of):,}")

    def _other_winners(self, entity: str, before: WalkState, portion: Portion) -> list[Change]:
        """Winners of merges that this portion tells the losers of, and that are not in it themselves."""
        losers = absorbed(portion.records)
        missing = sorted(set(losers) - {each.id for each in portion.records})
        if before.since is None or not missing:
            return []
        found = self._walks.read(self._shapes[entity], missing)
        told = [queried(entity, each._replace(absorbed=losers[each.id])) for each in found.values() if each.row]
        return [change for each in told if (change := self._numbered(each)) is not None]

    def _poll(self) -> Iterator[Change | Progress]:
        polled = [entity for entity, mode in self._modes.items() if mode is not Mode.STREAMED]
        now = self._clock()
        if not polled or (self._polled_at is not None and now - self._polled_at < self._poll_every):
            return
        for entity in polled:
            for event in self._polling.changes(self._shapes[entity].table, dict(self.expected)):
                yield from self._polled(event)
        self._polled_at = now

    def _polled(self, event: Event) -> Iterator[Change | Progress]:
        """As polling tells it; where the stream tells, or told, of the same records, numbered with its changes."""
        assert isinstance(event, Change | Progress)  # noqa: S101  polling yields nothing else
        numbered = event
        if isinstance(event, Change) and self._walk_state(event.entity) is not None:
            change = self._numbered(event)
            numbered = Progress(event.entity, event.cursor, event.slot) if change is None else seen_as(change, event)
        raised = isinstance(event, Change) and isinstance(numbered, Change) and numbered.version != event.version
        if raised and event.slot == FLOOR and self._cursor is not None:
            yield self._saved()
        yield numbered

    # What the stream brings

    def _follow(self) -> Iterator[Change | Progress]:
        whole = False
        while not whole:
            whole = self._feed.fill()
            yield from self._tell(whole)
            if any(not state.done for state in map(self._walk_state, self._streamed) if state is not None):
                yield from self._walk_all()
        yield from self._settled()

    def _tell(self, whole: bool) -> Iterator[Change | Progress]:
        """Tell the inbox; its last transaction, where more of it may come, only once it is long."""
        for told in list(self._teller.tell(ready(self._feed.inbox, whole))):
            for event in told.events:
                if event.unnamed:
                    yield from self._unnamed(event)
            open_ = not whole and told.events[-1] is self._feed.inbox[-1] and len(told.events) == len(self._feed.inbox)
            yield from self._transaction(told, ended=not open_)
            del self._feed.inbox[: len(told.events)]

    def _transaction(self, told: Told, ended: bool) -> Iterator[Change]:
        assert self._cursor is not None  # noqa: S101  set by `_begin`
        changes = [change for each in told.changes if (change := self._numbered(each)) is not None]
        before, last = self._cursor, told.events[-1]
        for number, change in enumerate(changes, 1):
            if ended and number == len(changes):
                self._cursor = StreamCursor(last.replay, max(before.since, last.at), self._versions.highest)
            else:
                self._cursor = self._cursor._replace(bound=self._versions.highest, step=self._cursor.step + 1)
            yield replace(change, cursor=self._cursor.text(), slot=STREAM_SLOT, cursor_of=STREAM)
        if ended:
            self._cursor = StreamCursor(last.replay, max(before.since, last.at), self._versions.highest)

    def _unnamed(self, event: ChangeEvent) -> Iterator[Progress]:
        """An overflow, or a wildcard: the records of the object are read by query, before the stream's place moves on."""
        since = event.at if event.action == "OVERFLOW" else 0
        yield from self._walk_again(event.object, f"an event of it ({event.kind}) names no records", since)

    def _settled(self) -> Iterator[Progress]:
        """Nothing is left to tell: the place is that of the last word, be it a keepalive or an event of no concern."""
        assert self._cursor is not None  # noqa: S101  set by `_begin`
        latest = self._feed.latest
        if latest is not None and not self._feed.inbox and latest != self._cursor.replay:
            self._cursor = self._cursor._replace(replay=latest, step=0)
        if self._cursor.text() != self.expected.get(STREAM_PLACE):
            yield self._saved()

    # Cursors

    def _numbered(self, change: Change) -> Change | None:
        """With its version; None where the record was told just so before."""
        said = digest(change.row, change.merged_into, change.absorbed, change.actor)
        version = self._versions.next(f"{change.entity}/{change.record_id}", change.version, said)
        return None if version is None else replace(change, version=version)

    def _saved(self) -> Progress:
        assert self._cursor is not None  # noqa: S101  set by `_begin`
        self._cursor = self._cursor._replace(bound=self._versions.highest)
        return Progress(STREAM, self._cursor.text(), STREAM_SLOT)

    def _walk_state(self, entity: str) -> WalkState | None:
        saved = self.expected.get(place(entity, WALK))
        return None if saved is None else WalkState.parse(saved)

    def _walk_saved(self, entity: str, state: WalkState, note: str = "") -> Progress:
        return Progress(entity, self._walk_text(state), WALK, note)

    def _walk_text(self, state: WalkState) -> str:
        return replace(state, bound=self._versions.highest).text()

    def _forget_what_the_mode_needs_not(self) -> Iterator[Progress]:
        """An object that comes to the stream is walked anew, one that leaves it is polled from its beginning."""
        for entity, mode in self._modes.items():
            for slot in slots_of(entity, self.expected):
                if mode is Mode.STREAMED and (slot == FLOOR or slot.startswith(SEEN)):
                    yield Progress(entity, None, slot)
            walk = self._walk_state(entity)
            if mode is Mode.POLLED and walk is not None and walk.digest:
                yield self._walk_saved(entity, WalkState(done=True))  # its versions are still to be surpassed

    def _newest(self, shape: Shape) -> int:
        rows = self._client.query(soql.newest(shape.table.object), deleted=True).rows
        return soql.epoch_ms(soql.parsed(rows[0]["SystemModstamp"])) if rows else 0
