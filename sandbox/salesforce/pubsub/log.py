"""The org's change events in the order of commits, for 72 hours; events are made of writes when somebody reads."""

from __future__ import annotations

import random
import threading
import uuid
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from ..metadata.model import ObjectDef, Schema
from ..store import Applied
from ..times import Clock
from . import origin, schema
from .changes import Change, changes_of
from .errors import replay_id_corrupted
from .schema import EventSchema, epoch_ms
from .topics import Channels

RETENTION = timedelta(hours=72)
OVERFLOW_AFTER = 100_000
MAX_EVENT = 1024 * 1024
# Larger than 2**53, as those of live orgs: a client that makes a double of it loses digits.
FIRST_COMMIT = 1778192987716501506
# A position is the commit's time in milliseconds, shifted, and a counter below: ids of one millisecond stay in order.
_TIME_SHIFT = 20


@dataclass(slots=True)
class _Transaction:
    applied: list[Applied]
    at: datetime
    origin: str


@dataclass(slots=True)
class Stored:
    """One event at its position in the stream."""

    position: int
    id: str
    at: datetime
    change: Change
    schema: EventSchema
    header: dict[str, Any]
    _payload: bytes | None = field(default=None)

    @property
    def payload(self) -> bytes:
        if self._payload is None:
            self._payload = self.schema.encode(self.header, self.change.values)
            if len(self._payload) > MAX_EVENT:
                kept = {"changeType": f"GAP_{self.change.kind}", "nulledFields": [], "diffFields": [],
                        "changedFields": []}  # fmt: skip
                self._payload = self.schema.encode({**self.header, **kept}, {})
        return self._payload


class ChangeLog:
    """`commit` takes the writes of a transaction; `read` gives events after a position. Safe to call from any thread.

    `listeners` are called after every commit and whenever a stream has a reason to look again.
    """

    def __init__(self, objects: Schema, channels: Channels, clock: Clock, seed: int) -> None:
        self.channels, self._objects, self._clock = channels, objects, clock
        self.overflow_after = OVERFLOW_AFTER
        self.listeners: list[Callable[[], None]] = []
        self._gaps: dict[str, int | None] = {}
        self._random = random.Random(f"{seed}:changes")
        self._lock = threading.RLock()
        self._waiting: list[_Transaction] = []
        self._events: list[Stored] = []
        self._positions: list[int] = []
        self._schemas: dict[str, tuple[tuple[Any, ...], EventSchema]] = {}
        self._by_id: dict[str, EventSchema] = {}
        self._epoch, self._last, self._horizon, self._commits = 1, 0, 0, 0

    def commit(self, applied: list[Applied]) -> None:
        with self._lock:
            self._waiting.append(_Transaction(applied, self._clock(), origin.current()))
            if self._gaps:
                self._settle()
        self.notify()

    def notify(self) -> None:
        for one in list(self.listeners):
            one()

    def forget(self) -> None:
        """What was written before the org went into service is no news."""
        with self._lock:
            self._waiting.clear()

    def schema_of(self, sobject: ObjectDef) -> EventSchema:
        with self._lock:
            known = self._schemas.get(sobject.name)
            if known is None or known[0] is not sobject.fields:
                known = sobject.fields, schema.build(sobject)
                self._schemas[sobject.name] = known
                self._by_id[known[1].id] = known[1]
            return known[1]

    def schema_by_id(self, schema_id: str) -> EventSchema | None:
        with self._lock:
            for one in self._objects:
                if one.createable:
                    self.schema_of(one)
            return self._by_id.get(schema_id)

    def read(self, entities: frozenset[str], after: int, most: int) -> list[Stored]:
        """Up to `most` events of the objects that lie after a position."""
        with self._lock:
            self._settle()
            first = bisect_right(self._positions, after)
            later = (self._events[number] for number in range(first, len(self._events)))
            return list(islice((one for one in later if one.change.sobject.name in entities), most))

    def tip(self) -> int:
        """A position after every event so far; it moves with the clock, also when nothing happens."""
        with self._lock:
            self._settle()
            self._last = max(self._last, self._now() << _TIME_SHIFT)
            return self._last

    def replay_id(self, position: int) -> bytes:
        return self._epoch.to_bytes(2, "big") + position.to_bytes(8, "big")

    def position_of(self, replay_id: bytes) -> int:
        """Raises Refused for an id that this stream never gave out, or one that has left the window."""
        with self._lock:
            tip = self.tip()
        position = int.from_bytes(replay_id[2:], "big")
        oldest = epoch_ms(self._clock() - RETENTION) << _TIME_SHIFT
        if len(replay_id) != 10 or replay_id[:2] != self._epoch.to_bytes(2, "big"):
            raise replay_id_corrupted()
        if not max(oldest, self._horizon) <= position <= tip:
            raise replay_id_corrupted()
        return position

    def corrupt(self) -> None:
        """Every replay id given out so far is refused from now on; the events stay."""
        with self._lock:
            self._settle()
            self._epoch += 1

    def age(self) -> int:
        """Everything so far leaves the window at once; returns how many events there were."""
        with self._lock:
            self._horizon = self.tip() + 1
            self._last = self._horizon
            count = len(self._events)
            self._events.clear()
            self._positions.clear()
        return count

    def make_gaps(self, sobject: str, times: int | None) -> None:
        """The next so many events of an object, or all, come as GAP_*; 0 ends it."""
        with self._lock:
            self._settle()
            self._gaps.pop(sobject, None)
            if times != 0:
                self._gaps[sobject] = times

    def announce(self, sobject: ObjectDef, kind: str, record_ids: tuple[str, ...], user_id: str) -> None:
        """An event that no write of ours made, such as a late gap event or one for `001*`."""
        with self._lock:
            self._settle()
            self._enter([Change(sobject, kind, record_ids, user_id)], self._clock(), "")
        self.notify()

    def overflow_at(self, changes: int) -> None:
        """The limit for transactions from now on."""
        with self._lock:
            self._settle()
            self.overflow_after = changes

    def report(self) -> dict[str, Any]:
        with self._lock:
            self._settle()
            return {
                "events": len(self._events),
                "selected": sorted(self.channels.selected),
                "overflow_after": self.overflow_after,
                "gaps": dict(self._gaps),
                "latest_replay_id": self.replay_id(self._last).hex(),
            }

    def _now(self) -> int:
        return epoch_ms(self._clock())

    def _settle(self) -> None:
        """Makes events of the transactions that wait, and drops what has left the window."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            self._append(one)
        oldest = self._clock() - RETENTION
        gone = next((number for number, one in enumerate(self._events) if one.at >= oldest), len(self._events))
        if gone:
            del self._events[:gone], self._positions[:gone]

    def _append(self, one: _Transaction) -> None:
        found = changes_of(one.applied, self._objects.require, self.schema_of, self.overflow_after)
        self._enter(found, one.at, one.origin)

    def _enter(self, changes: list[Change], at: datetime, came_by: str) -> None:
        self._commits += 1
        number = FIRST_COMMIT + 64 * self._commits
        key = str(uuid.UUID(int=self._random.getrandbits(128)))
        for sequence, change in enumerate(changes, 1):
            if change.sobject.name not in self.channels.selected:
                continue  # leaves a hole in the sequence
            shown = self._gapped(change)
            made = self.schema_of(shown.sobject)
            self._last = max(self._last, epoch_ms(at) << _TIME_SHIFT) + 1 + self._random.randrange(5)
            header = {
                "entityName": shown.sobject.name, "recordIds": list(shown.record_ids), "changeType": shown.kind,
                "changeOrigin": came_by, "transactionKey": key, "sequenceNumber": sequence,
                "commitTimestamp": epoch_ms(at), "commitNumber": number, "commitUser": shown.user_id,
                "nulledFields": made.bitmaps(shown.nulled), "diffFields": made.bitmaps(shown.diffed),
                "changedFields": made.bitmaps(shown.changed),
            }  # fmt: skip
            event_id = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
            self._events.append(Stored(self._last, event_id, at, shown, made, header))
            self._positions.append(self._last)

    def _gapped(self, change: Change) -> Change:
        name = change.sobject.name
        if name not in self._gaps or change.kind.startswith("GAP_"):
            return change
        left = self._gaps[name]
        if left is not None:
            self._gaps[name] = left - 1
            if left == 1:
                del self._gaps[name]
        return change.gap()
