"""What was told already of each record of one kind, as digests in cursor slots; it calls nobody.

It is for systems that have no stamps of change: a version is the time at which a change was seen, and always higher than
the last. The slot of a record is `seen:<record id>` and holds version, state and digest. A record that is gone keeps its
slot, so that it comes back with a higher version.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from connectors.base import Change
from mappings.table import EntityMap
from schemas.messages import ChangeKind

Row = Mapping[str, object]
SEEN = "seen:"
THERE, LASTING, GONE = "there", "lasting", "gone"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Seen(NamedTuple):
    """A record as it was last told; one that is `lasting` is so for good, whatever is shown of it later."""

    version: int
    state: str
    digest: str

    @classmethod
    def parse(cls, text: str) -> "Seen":
        """The value of a `seen:` slot."""
        version, state, digest = text.split()
        return cls(int(version), state, digest)

    def text(self) -> str:
        """The value for a `seen:` slot."""
        return f"{self.version} {self.state} {self.digest}"


class Window:
    """The cursor of one entity while a pass runs; `now` is when a change is seen."""

    def __init__(self, table: EntityMap, slots: Mapping[str, str], now: datetime) -> None:
        self._table, self._now = table, now
        self._seen = {slot.removeprefix(SEEN): Seen.parse(v) for slot, v in slots.items() if slot.startswith(SEEN)}

    def differs(self, record_id: str, row: Row) -> bool:
        """Whether a record was told otherwise, or never."""
        before = self._seen.get(record_id)
        return before is None or before.state == GONE or before.digest != self._digest(row)

    def tell(self, record_id: str, row: Row, *, lasting: bool = False, more: Row | None = None) -> Iterator[Change]:
        """The change that a record as read is; nothing where it was told so. `more` is told and not compared."""
        if not self.differs(record_id, row):
            return
        before = self._seen.get(record_id)
        kind = ChangeKind.RESTORED if before is not None and before.state == GONE else ChangeKind.UPSERTED
        told = self._mapped({**row, **(more or {})})
        yield self._change(record_id, kind, LASTING if lasting else THERE, self._digest(row), told)

    def gone(self, record_id: str) -> Iterator[Change]:
        """The end of a record; nothing where it was never told."""
        before = self._seen.get(record_id)
        if before is not None and before.state != GONE:
            yield self._change(record_id, ChangeKind.DELETED, GONE, GONE, None)

    def _mapped(self, row: Row) -> Row:
        return {name: row.get(name) for name in self._table.vendor_fields}

    def _digest(self, row: Row) -> str:
        """Differs whenever a mapped value does, or what the mapping makes of it."""
        text = json.dumps([self._table.digest, self._mapped(row)], sort_keys=True, ensure_ascii=False, default=str)
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
            cursor=now.text(),
            slot=SEEN + record_id,
        )
