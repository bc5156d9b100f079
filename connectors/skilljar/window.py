"""What was told already of each record of one kind, as digests in cursor slots, and since when the next look reads.

Skilljar has stamps of enrolment, completion and issue, but none of change: a version is the time at which a change was
seen, and always higher than the last. The slots: `seen:<record id>` holds version, state and digest (a record that is
gone keeps it, so that it comes back with a higher version); `since:<stamp>` the newest stamp, which is Skilljar's own,
so that clocks do not matter.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from connectors.base import Change, Progress
from connectors.skilljar.rows import Row
from mappings.table import EntityMap
from schemas.messages import ChangeKind

SEEN, SINCE = "seen:", "since:"
THERE, GONE = "there", "gone"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Seen(NamedTuple):
    """A record as it was last told."""

    version: int
    state: str
    digest: str

    @classmethod
    def parse(cls, text: str) -> "Seen":
        """The value of a `seen:` slot."""
        version, state, digest = text.split()
        return cls(int(version), state, digest)


class Window:
    """The cursor of one entity while a pass runs; `now` is when a change is seen."""

    def __init__(self, table: EntityMap, slots: Mapping[str, str], now: datetime) -> None:
        self._table, self._now = table, now
        self._seen = {slot.removeprefix(SEEN): Seen.parse(v) for slot, v in slots.items() if slot.startswith(SEEN)}
        self._since = {slot.removeprefix(SINCE): v for slot, v in slots.items() if slot.startswith(SINCE)}

    def since(self, stamp: str, overlap: timedelta) -> str | None:
        """From when on the next look reads, with its zone; None: from the beginning."""
        newest = self._since.get(stamp)
        return None if newest is None else (datetime.fromisoformat(newest) - overlap).isoformat()

    def advance(self, stamp: str, newest: str) -> Iterator[Progress]:
        """Raise the mark to the newest stamp of a list that was read to its end."""
        known = self._since.get(stamp)
        if known is None or datetime.fromisoformat(newest) > datetime.fromisoformat(known):
            self._since[stamp] = newest
            yield Progress(self._table.entity, newest, SINCE + stamp)

    def living(self) -> list[str]:
        """The records that are there, in order."""
        return sorted(id_ for id_, it in self._seen.items() if it.state != GONE)

    def tell(self, record_id: str, row: Row) -> Iterator[Change]:
        """The change that a record as read is; nothing where it was told so."""
        before, fields = self._seen.get(record_id), {name: row.get(name) for name in self._table.vendor_fields}
        digest = self._digest(fields)
        if before is not None and (before.state, before.digest) == (THERE, digest):
            return
        kind = ChangeKind.RESTORED if before is not None and before.state == GONE else ChangeKind.UPSERTED
        yield self._change(record_id, kind, THERE, digest, fields)

    def gone(self, record_id: str) -> Iterator[Change]:
        """The end of a record; nothing where it was never told."""
        before = self._seen.get(record_id)
        if before is not None and before.state != GONE:
            yield self._change(record_id, ChangeKind.DELETED, GONE, GONE, None)

    def _digest(self, fields: Row) -> str:
        """Differs whenever a mapped value does, or what the mapping makes of it."""
        text = json.dumps([self._table.digest, fields], sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def _change(self, record_id: str, kind: ChangeKind, state: str, digest: str, row: Row | None) -> Change:
        before = self._seen.get(record_id)
        version = max((self._now - _EPOCH) // timedelta(milliseconds=1), before.version + 1 if before else 0)
        self._seen[record_id] = now = Seen(version, state, digest)
        return Change(
            entity=self._table.entity,
            record_id=record_id,
            kind=kind,
            version=version,
            row=row,
            occurred_at=self._now,
            cursor=" ".join(map(str, now)),
            slot=SEEN + record_id,
        )
