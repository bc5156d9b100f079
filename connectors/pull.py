"""Publishes what a source sees, once: changes and cursors go into one transaction; it never knows the vendor."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tenacity import RetryCallState, Retrying, retry_if_exception_type, sleep_using_event, stop_when_event_set
from tenacity.wait import wait_random_exponential

from connectors.base import Change, Event, Progress, Source, Unreadable
from connectors.errors import ConnectorError, PauseConnection, RetryLater
from connectors.publishing import CAUGHT_UP, Publisher
from connectors.reporting import Reporter
from mappings.table import EntityMap
from schemas import topics
from schemas.codec import decode
from schemas.log import Aborted, Journal, Output, Partition
from schemas.messages import CursorSaved

log = logging.getLogger(__name__)
LONGEST = 10  # batches: what a system did at once is cut after so many


@dataclass(slots=True)
class PullStats:
    """What a source has done since it started, in counts."""

    changes: int = 0
    dead_letters: int = 0
    passes: int = 0


@dataclass(slots=True)
class _Gathered:
    """What waits for the next commit."""

    outputs: list[Output] = field(default_factory=list)
    cursors: dict[str, str | None] = field(default_factory=dict)
    changes: int = 0
    dead_letters: int = 0

    @property
    def size(self) -> int:
        return max(len(self.outputs), len(self.cursors))


class Pull:
    """Pulls one connection. `tables` are the entities that are read, `now` the clock; `feeds` as for `Publisher`."""

    def __init__(
        self,
        connection: str,
        party: str,
        tables: Mapping[str, EntityMap],
        source: Source,
        journal: Journal,
        now: Callable[[], datetime],
        *,
        batch: int = 1000,
        feeds: Sequence[topics.Topic] = (),
    ) -> None:
        self.stats = PullStats()
        self._tables, self._source = tables, source
        self._journal, self._batch = journal, batch
        self._publisher = Publisher(connection, party, tables, now, feeds=feeds)
        self._reporter = Reporter(connection, "source", now)
        self._cursors = self._restored()
        self._note = ""

    def _restored(self) -> dict[str, str]:
        cursors: dict[str, str] = {}
        for record in self._journal.restore(Partition(self._publisher.cursor_topic.name, 0)):
            key = (record.key or b"").decode()
            if record.value is None:
                cursors.pop(key, None)
            else:
                saved = decode(record)
                assert isinstance(saved, CursorSaved)  # noqa: S101  nothing else is written there
                cursors[key] = saved.value
        return cursors

    def patiently(self, stop: threading.Event) -> None:
        """One pass; waits out what a vendor asks to wait for and starts the pass again, raises what needs a person."""
        retrying = Retrying(
            retry=retry_if_exception_type((RetryLater, PauseConnection, Aborted)),
            wait=_wait,
            stop=stop_when_event_set(stop),
            sleep=sleep_using_event(stop),
            before_sleep=self._say,
            retry_error_callback=lambda _: None,  # told to stop while waiting
        )
        try:
            retrying(self.once, stop)
        except ConnectorError as error:
            self._report(error, None)
            raise

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()

    def once(self, stop: threading.Event | None = None) -> int:
        """One pass, until the source has caught up or the event is set; returns how many changes were published."""
        before, gathered, transaction = self.stats.changes, _Gathered(), None
        try:
            for event in self._source.changes(self._tables, dict(self._cursors)):
                together = isinstance(event, Change) and event.transaction is not None
                same = together and event.transaction == transaction  # type: ignore[union-attr]
                if gathered.size >= self._batch * (LONGEST if same else 1):
                    self._commit(gathered)
                    if stop is not None and stop.is_set():
                        return self.stats.changes - before
                transaction = event.transaction if isinstance(event, Change) else None
                self._take(event, gathered)
        except ConnectorError:
            self._commit(gathered)  # what came before it counts, or a source that always breaks off gets nowhere
            raise
        self._finish(gathered)
        return self.stats.changes - before

    def _take(self, event: Event, gathered: _Gathered) -> None:
        outputs = self._publisher.records(event)
        gathered.outputs += outputs
        if outputs:
            refused = outputs[0].topic == topics.DEADLETTERS.name
            gathered.dead_letters += refused
            gathered.changes += not refused
        if not isinstance(event, Unreadable):
            gathered.cursors[event.place] = event.cursor
        if isinstance(event, Progress) and event.note:
            self._note = event.note
            gathered.outputs += self._reporter.running(self._source.budget(), event.note)

    def _finish(self, gathered: _Gathered) -> None:
        """The pass is over: the first one over these entities is told, so that what is missing can be known."""
        entities = ",".join(self._publisher.entities)
        if self._cursors.get(CAUGHT_UP) != entities:
            gathered.outputs += self._publisher.caught_up()
            gathered.cursors[CAUGHT_UP] = entities
        gathered.outputs += self._publisher.time_passed()
        gathered.outputs += self._reporter.running(self._source.budget())
        self._commit(gathered)
        self.stats.passes += 1

    def _commit(self, gathered: _Gathered) -> None:
        """Publish what has gathered, with its cursors; it is empty afterwards."""
        if not gathered.size:
            return
        saved = [self._publisher.cursor(place, value) for place, value in gathered.cursors.items()]
        self._journal.commit([*gathered.outputs, *saved], {})
        for place, value in gathered.cursors.items():
            if value is None:
                self._cursors.pop(place, None)
            else:
                self._cursors[place] = value
        self.stats.dead_letters += gathered.dead_letters
        self.stats.changes += gathered.changes
        gathered.outputs, gathered.cursors, gathered.changes, gathered.dead_letters = [], {}, 0, 0

    def _say(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.warning("%s: waiting %.1f s: %s", self._publisher.stage, state.upcoming_sleep, error)
        if isinstance(error, ConnectorError):
            self._report(error, state.upcoming_sleep)

    def _report(self, error: ConnectorError, wait_s: float | None) -> None:
        try:
            self._journal.commit(self._reporter.failed(error, wait_s, self._source.budget()), {})
        except Aborted as reason:
            log.warning("%s: the report was not committed: %s", self._publisher.stage, reason)


_backoff = wait_random_exponential(multiplier=0.5, max=60)


def _wait(state: RetryCallState) -> float:
    """The vendor's own word where it gave one, else exponential backoff with jitter, in seconds."""
    error = state.outcome.exception() if state.outcome else None
    after = getattr(error, "after", None)
    return float(after) if after is not None else _backoff(state)
