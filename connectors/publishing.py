"""Turns what a source tells into the records that go out: changes, dead letters, cursors; it never commits them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic_core import PydanticSerializationError

from connectors.base import STREAM, Change, Event, Progress, Unreadable
from mappings.table import EntityMap, RowError
from schemas import topics
from schemas.codec import encode, new_trace, tombstone
from schemas.deadletters import Limit, parked
from schemas.log import Output
from schemas.messages import CHANGED, CaughtUp, Changed, CursorSaved, DeadLetter, Message, TimePassed, identity

log = logging.getLogger(__name__)
TICK = timedelta(minutes=1)  # no decision that waits for a day needs it more often
CAUGHT_UP = f"{STREAM}/caught-up"  # where the runner remembers that the first pass over these entities is over


class Publisher:
    """The records of one connection.

    `feeds` are the topics that put into one order what several connections tell: each gets the messages that it takes.
    """

    def __init__(
        self,
        connection: str,
        party: str,
        tables: Mapping[str, EntityMap],
        now: Callable[[], datetime],
        *,
        feeds: Sequence[topics.Topic] = (),
    ) -> None:
        self.stage, self.cursor_topic = f"source:{connection}", topics.cursors(connection)
        self._connection, self._party, self._tables = connection, party, tables
        self._now, self._feeds = now, feeds
        self._ticked: datetime | None = None
        self._limit = Limit(self.stage)

    @property
    def entities(self) -> tuple[str, ...]:
        """What is read, sorted."""
        return tuple(sorted(self._tables))

    def records(self, event: Event) -> list[Output]:
        """A change (once more for each feed that takes it) or a dead letter; nothing for progress."""
        if isinstance(event, Progress):
            return []
        if isinstance(event, Unreadable):
            return [self._parked(event)]
        try:
            change = self._changed(event)
        except RowError as error:
            return [self._refused(event, "INVALID_VALUE", error.reason, error.remedy, error.field)]
        except PydanticSerializationError:
            return [self._refused(event, "NO_UNICODE", "a text holds half a character.", "write the text anew", None)]
        self._limit.passed()
        return self._told(topics.CHANGES[change.ENTITY], change.ref, change, change.id)

    def caught_up(self) -> list[Output]:
        """The word that the first pass is over; nothing where nobody waits for it."""
        told = CaughtUp(connection=self._connection, party=self._party, entities=self.entities, at=self._now())
        return self._fed(told, identity(self._connection, "caught-up", *self.entities))

    def time_passed(self) -> list[Output]:
        """The word that a pass is over, for decisions that wait for a day: now and then, where somebody waits for it."""
        now = self._now()
        if self._ticked is not None and now - self._ticked < TICK:
            return []
        self._ticked = now
        told = TimePassed(connection=self._connection, at=now)
        return self._fed(told, identity(self._connection, "time", now.isoformat()))

    def _fed(self, told: Message, event_id: str) -> list[Output]:
        return [
            encode(feed, topics.ONE_ORDER, told, source=self.stage, event_id=event_id, trace=None)
            for feed in self._feeds
            if type(told) in feed.messages
        ]

    def cursor(self, place: str, value: str | None) -> Output:
        """One cursor as it is kept; None forgets it."""
        if value is None:
            return tombstone(self.cursor_topic, place)
        entity, _, slot = place.partition("/")
        saved = CursorSaved(connection=self._connection, entity=entity, slot=slot, value=value)
        return encode(self.cursor_topic, place, saved, source=self.stage, event_id=identity(place, value), trace=None)

    def _told(self, topic: topics.Topic, key: str, change: Changed, event_id: str) -> list[Output]:
        trace = new_trace()
        told = encode(topic, key, change, source=self.stage, event_id=event_id, trace=trace)
        feeds = [feed for feed in self._feeds if type(change) in feed.messages]
        return [told, *(told._replace(topic=feed.name, key=topics.ONE_ORDER.encode()) for feed in feeds)]

    def _changed(self, event: Change) -> Changed:
        record = None if event.row is None else self._tables[event.entity].to_canonical(event.row)
        content = "" if record is None else record.model_dump_json()
        return CHANGED[event.entity].model_validate(
            {
                "id": identity(
                    self._connection, event.entity, event.record_id, str(event.version), event.kind, content
                ),
                "connection": self._connection,
                "party": event.party or self._party,
                "record_id": event.record_id,
                "kind": event.kind,
                "version": event.version,
                "record": record,
                "occurred_at": event.occurred_at,
                "seen_at": self._now(),
                "actor": event.actor,
                "own": event.own,
                "origin": event.origin,
                "transaction": event.transaction,
                "merged_into": event.merged_into,
                "absorbed": event.absorbed,
            }
        )

    def _refused(self, event: Change, code: str, reason: str, remedy: str, field: str | None) -> Output:
        subject = f"{self._tables[event.entity].object} {event.record_id}"
        return self._parked(Unreadable(subject, code, reason, remedy, field, payload=repr(event.row)))

    def _parked(self, row: Unreadable) -> Output:
        payload = None if row.payload is None else row.payload.encode(errors="backslashreplace").decode()
        letter = DeadLetter(
            id=identity(self.stage, row.subject, row.code, payload or ""),
            stage=self.stage,
            subject=row.subject,
            field=row.field,
            code=row.code,
            reason=row.reason,
            remedy=row.remedy,
            payload=payload,
            parked_at=self._now(),
        )
        log.warning("%s: parked %s: %s (%s)", self.stage, row.subject, row.reason, row.remedy)
        self._limit.parked(row.reason)
        return parked(letter)
