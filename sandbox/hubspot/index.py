"""What a search sees: the records as they were a while ago, deletions included; it writes no records."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta

from .changes import Change
from .store import Record, Store
from .times import Clock

_KEPT = 16


class Index:
    """A copy of the live records that is `lag` seconds late; the lag applies to the writes that follow its setting."""

    def __init__(self, store: Store, clock: Clock, lag: float) -> None:
        self.lag = lag
        self._store, self._clock = store, clock
        self._rows: dict[str, dict[str, Record]] = {}
        self._pending: deque[tuple[datetime, str, str, Record | None]] = deque()
        self._generation = 0
        self._cache: dict[Hashable, list[Record]] = {}

    def heard(self, change: Change) -> None:
        """Queues the record as it is right now; associations are not part of the index."""
        if change.link is not None:
            return
        seen_at = self._clock() + timedelta(seconds=self.lag)
        if change.merged is not None:
            for gone in (change.merged.primary, *change.merged.others):
                if gone != change.merged.new_id:
                    self._pending.append((seen_at, change.type_id, gone, None))
        record = self._store.get(change.type_id, change.record_id)
        live = record if record is not None and not record.archived else None
        self._pending.append((seen_at, change.type_id, change.record_id, live))

    def matching(self, type_id: str, key: Hashable, select: Callable[[list[Record]], list[Record]]) -> list[Record]:
        """`select` over the visible records; the same key gives the same list until something becomes visible."""
        self._catch_up()
        full = (type_id, self._generation, key)
        if full not in self._cache:
            if len(self._cache) >= _KEPT:
                self._cache.pop(next(iter(self._cache)))
            self._cache[full] = select(list(self._rows.get(type_id, {}).values()))
        return self._cache[full]

    def _catch_up(self) -> None:
        now = self._clock()
        # In the order of writing: what was written later never becomes visible earlier.
        while self._pending and self._pending[0][0] <= now:
            _, type_id, record_id, record = self._pending.popleft()
            rows = self._rows.setdefault(type_id, {})
            if record is None:
                rows.pop(record_id, None)
            else:
                rows[record_id] = record
            self._generation += 1
