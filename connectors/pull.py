"""Publishes what a source sees, once: changes and cursors go into one transaction; it never knows the vendor."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import PydanticSerializationError
from tenacity import RetryCallState, Retrying, retry_if_exception_type, sleep_using_event, stop_when_event_set
from tenacity.wait import wait_random_exponential

from connectors.base import Change, Event, Progress, Source, Unreadable
from connectors.errors import ConnectorError, PauseConnection, RetryLater
from mappings.table import EntityMap, RowError
from schemas import topics
from schemas.codec import decode, encode, new_trace, tombstone
from schemas.deadletters import Limit, parked
from schemas.entities import Account
from schemas.log import Aborted, Journal, Output, Partition
from schemas.messages import AccountChanged, CursorSaved, DeadLetter, identity

log = logging.getLogger(__name__)


@dataclass(slots=True)
class PullStats:
    """What a source has done since it started, in counts."""

    changes: int = 0
    dead_letters: int = 0
    passes: int = 0


class Pull:
    """Pulls one entity of one connection. `now` is the clock for dead letters only."""

    def __init__(
        self,
        connection: str,
        party: str,
        table: EntityMap,
        source: Source,
        journal: Journal,
        now: Callable[[], datetime],
        batch: int = 1000,
    ) -> None:
        self.stats = PullStats()
        self._connection, self._party, self._table, self._source = connection, party, table, source
        self._journal, self._now, self._batch = journal, now, batch
        self._topic = topics.cursors(connection)
        self._stage = f"source:{connection}"
        self._limit = Limit(self._stage)
        self._cursors = self._restored()

    def _restored(self) -> dict[str, str]:
        cursors: dict[str, str] = {}
        prefix = f"{self._table.entity}/"
        for record in self._journal.restore(Partition(self._topic.name, 0)):
            key = (record.key or b"").decode()
            if not key.startswith(prefix):
                continue
            slot = key.removeprefix(prefix)
            if record.value is None:
                cursors.pop(slot, None)
            else:
                saved = decode(record)
                assert isinstance(saved, CursorSaved)  # noqa: S101  nothing else is written there
                cursors[slot] = saved.value
        return cursors

    def patiently(self, stop: threading.Event) -> None:
        """One pass; waits out what a vendor asks to wait for and starts the pass again, raises what needs a person."""
        Retrying(
            retry=retry_if_exception_type((RetryLater, PauseConnection, Aborted)),
            wait=_wait,
            stop=stop_when_event_set(stop),
            sleep=sleep_using_event(stop),
            before_sleep=self._say,
            retry_error_callback=lambda _: None,  # told to stop while waiting
        )(self.once, stop)

    def once(self, stop: threading.Event | None = None) -> int:
        """One pass, until the source has caught up or the event is set; returns how many changes were published."""
        published, outputs = 0, []
        slots: dict[str, str | None] = {}
        try:
            for event in self._source.changes(self._table, dict(self._cursors)):
                output = self._output(event)
                if output is not None:
                    outputs.append(output)
                    published += isinstance(event, Change) and output.topic != topics.DEADLETTERS.name
                if not isinstance(event, Unreadable):
                    slots[event.slot] = event.cursor
                if len(outputs) >= self._batch or len(slots) >= self._batch:
                    self._commit(outputs, slots)
                    if stop is not None and stop.is_set():
                        return published
        except ConnectorError:
            self._commit(outputs, slots)  # what came before it counts, or a source that always breaks off gets nowhere
            raise
        self._commit(outputs, slots)
        self.stats.passes += 1
        return published

    def _commit(self, outputs: list[Output], slots: dict[str, str | None]) -> None:
        """Publish what has gathered, with its cursors; both lists are empty afterwards."""
        if not outputs and not slots:
            return
        self._journal.commit([*outputs, *(self._cursor(slot, value) for slot, value in slots.items())], {})
        for slot, value in slots.items():
            if value is None:
                self._cursors.pop(slot, None)
            else:
                self._cursors[slot] = value
        parked_now = sum(output.topic == topics.DEADLETTERS.name for output in outputs)
        self.stats.dead_letters += parked_now
        self.stats.changes += len(outputs) - parked_now
        outputs.clear()
        slots.clear()

    def _cursor(self, slot: str, value: str | None) -> Output:
        key = f"{self._table.entity}/{slot}"
        if value is None:
            return tombstone(self._topic, key)
        saved = CursorSaved(connection=self._connection, entity=self._table.entity, slot=slot, value=value)
        return encode(self._topic, key, saved, source=self._stage, event_id=identity(key, value), trace=None)

    def _output(self, event: Event) -> Output | None:
        if isinstance(event, Progress):
            return None
        if isinstance(event, Unreadable):
            return self._parked(event)
        try:
            change = self._changed(event)
        except RowError as error:
            return self._refused(event, "INVALID_VALUE", error.reason, error.remedy, error.field)
        except PydanticSerializationError:
            return self._refused(event, "NO_UNICODE", "a text holds half a character.", "write the text anew", None)
        self._limit.passed()
        key, trace = change.ref, new_trace()
        return encode(topics.ACCOUNT_CHANGES, key, change, source=self._stage, event_id=change.id, trace=trace)

    def _changed(self, event: Change) -> AccountChanged:
        record = None if event.row is None else self._table.to_canonical(event.row)
        assert record is None or isinstance(record, Account)  # noqa: S101  the only entity that is read so far
        content = "" if record is None else record.model_dump_json()
        return AccountChanged(
            id=identity(self._connection, self._table.entity, event.record_id, str(event.version), event.kind, content),
            connection=self._connection,
            party=self._party,
            record_id=event.record_id,
            kind=event.kind,
            version=event.version,
            record=record,
            occurred_at=event.occurred_at,
            actor=event.actor,
            own=event.own,
        )

    def _refused(self, event: Change, code: str, reason: str, remedy: str, field: str | None) -> Output:
        subject = f"{self._table.object} {event.record_id}"
        return self._parked(Unreadable(subject, code, reason, remedy, field, payload=repr(event.row)))

    def _parked(self, row: Unreadable) -> Output:
        payload = None if row.payload is None else row.payload.encode(errors="backslashreplace").decode()
        letter = DeadLetter(
            id=identity(self._stage, row.subject, row.code, payload or ""),
            stage=self._stage,
            subject=row.subject,
            field=row.field,
            code=row.code,
            reason=row.reason,
            remedy=row.remedy,
            payload=payload,
            parked_at=self._now(),
        )
        log.warning("%s: parked %s: %s (%s)", self._stage, row.subject, row.reason, row.remedy)
        self._limit.parked(row.reason)
        return parked(letter)

    def _say(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.warning("%s: waiting %.1f s: %s", self._stage, state.upcoming_sleep, error)


_backoff = wait_random_exponential(multiplier=0.5, max=60)


def _wait(state: RetryCallState) -> float:
    """The vendor's own word where it gave one, else exponential backoff with jitter, in seconds."""
    error = state.outcome.exception() if state.outcome else None
    after = getattr(error, "after", None)
    return float(after) if after is not None else _backoff(state)
