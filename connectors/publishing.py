"""Turns what a source tells into the records that go out: changes, dead letters, cursors; it never commits them."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic_core import PydanticSerializationError

from connectors.base import STREAM, Change, Event, Progress, Unreadable
from mappings.table import EntityMap, RowError
from schemas import topics
from schemas.codec import encode, new_trace, tombstone
from schemas.deadletters import Limit, parked
from schemas.log import Output
from schemas.messages import CHANGED, CaughtUp, Changed, CursorSaved, DeadLetter, identity

log = logging.getLogger(__name__)
CAUGHT_UP = f"{STREAM}/caught-up"  # where the runner remembers that the first pass over these entities is over


class Publisher:
    """The records of one connection. With `reconciled`, its changes also go to where ours are put into one order."""

    def __init__(
        self,
        connection: str,
        party: str,
        tables: Mapping[str, EntityMap],
        now: Callable[[], datetime],
        *,
        reconciled: bool = False,
    ) -> None:
        self.stage, self.cursor_topic = f"source:{connection}", topics.cursors(connection)
        self._connection, self._party, self._tables = connection, party, tables
        self._now, self._reconciled = now, reconciled
        self._limit = Limit(self.stage)

    @property
    def entities(self) -> tuple[str, ...]:
        """What is read, sorted."""
        return tuple(sorted(self._tables))

    def records(self, event: Event) -> list[Output]:
        """A change (twice where it is reconciled) or a dead letter; nothing for progress."""
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
        if not self._reconciled:
            return []
        told = CaughtUp(connection=self._connection, party=self._party, entities=self.entities, at=self._now())
        event_id = identity(self._connection, "caught-up", *self.entities)
        key = topics.OUR_CHANGES_KEY
        return [encode(topics.OUR_CHANGES, key, told, source=self.stage, event_id=event_id, trace=None)]

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
        if not self._reconciled:
            return [told]
        return [told, told._replace(topic=topics.OUR_CHANGES.name, key=topics.OUR_CHANGES_KEY.encode())]

    def _changed(self, event: Change) -> Changed:
        record = None if event.row is None else self._tables[event.entity].to_canonical(event.row)
        content = "" if record is None else record.model_dump_json()
        return CHANGED[event.entity].model_validate(
            {
                "id": identity(
                    self._connection, event.entity, event.record_id, str(event.version), event.kind, content
                ),
                "connection": self._connection,
                "party": self._party,
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
