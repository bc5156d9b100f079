"""What was told already of each opportunity and invitation, and where the next listing begins; it never asks AWS.

The slots of an entity's cursor:

    ""           the floor: the newest stamp that a listing gave; stamps are AWS's own, so clocks do not matter
    "seen:<id>"  one record as it was last told: version, stamp, digest, and `open` while its listing does not end it

A digest of every record is kept, not only of the newest: what AWS's sales people say, and what is associated, may
change without the stamp, and is found by reading all again.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from connectors.aws_partner_central.opportunity import stamp
from connectors.base import Change, Progress
from schemas.messages import ChangeKind

FLOOR, SEEN = "", "seen:"
OPEN, SETTLED, GONE = "open", "settled", "gone"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Seen(NamedTuple):
    """A record as it was last told; `state` is open while more is expected of it, and gone where it is no more."""

    version: int
    at: datetime
    digest: str
    state: str

    @classmethod
    def parse(cls, text: str) -> "Seen":
        """The value of a `seen:` slot."""
        version, at, digest, state = text.split()
        return cls(int(version), datetime.fromisoformat(at), digest, state)

    def text(self) -> str:
        """The value for a `seen:` slot."""
        return f"{self.version} {stamp(self.at)} {self.digest} {self.state}"


class Window:
    """The cursor of one entity while a pass runs; `now` is when a change happened that has no stamp of its own."""

    def __init__(self, entity: str, slots: Mapping[str, str], now: datetime) -> None:
        self._entity, self._now = entity, now
        floor = slots.get(FLOOR)
        self.floor = None if floor is None else datetime.fromisoformat(floor)
        self._seen = {slot.removeprefix(SEEN): Seen.parse(v) for slot, v in slots.items() if slot.startswith(SEEN)}

    def since(self, overlap: timedelta) -> datetime | None:
        """From when on the next listing reads; None: from the beginning."""
        return None if self.floor is None else self.floor - overlap

    def seen(self, record_id: str) -> Seen | None:
        """How a record was last told."""
        return self._seen.get(record_id)

    def living(self, state: str | None = None) -> list[str]:
        """The records that are there, in the order of their ids; of one state, or of all."""
        return sorted(id_ for id_, it in self._seen.items() if it.state != GONE and state in {None, it.state})

    def tell(
        self, record_id: str, at: datetime, row: Mapping[str, object], *, state: str = SETTLED
    ) -> Iterator[Change | Progress]:
        """The change that a record as read is; nothing where it was told as it is, or the reading is an old one."""
        before, digest = self._seen.get(record_id), digest_of(row)
        if before is not None and (at < before.at or (before.digest, before.at, before.state) == (digest, at, state)):
            return
        if before is not None and before.digest == digest:
            # Nothing that the mapping names is new, only the stamp: it need not be read again.
            self._seen[record_id] = now = before._replace(at=at, state=state)
            yield Progress(self._entity, now.text(), SEEN + record_id)
            return
        version = max(epoch_ms(at), before.version + 1 if before else 0)
        kind = ChangeKind.RESTORED if before is not None and before.state == GONE else ChangeKind.UPSERTED
        occurred = at if before is None or at > before.at else self._now
        yield self._change(record_id, kind, Seen(version, at, digest, state), row, occurred)

    def gone(self, record_id: str) -> Iterator[Change]:
        """The end of a record that can no longer be read; nothing where it was never told."""
        before = self._seen.get(record_id)
        if before is not None and before.state != GONE:
            now = Seen(before.version + 1, before.at, GONE, GONE)
            yield self._change(record_id, ChangeKind.DELETED, now, None, self._now)

    def advance(self, newest: datetime | None) -> Iterator[Progress]:
        """Raise the floor to the newest stamp of a listing that was read to its end."""
        if newest is not None and (self.floor is None or newest > self.floor):
            self.floor = newest
            yield Progress(self._entity, stamp(newest), FLOOR)

    def _change(
        self, record_id: str, kind: ChangeKind, now: Seen, row: Mapping[str, object] | None, occurred: datetime
    ) -> Change:
        self._seen[record_id] = now
        return Change(
            entity=self._entity,
            record_id=record_id,
            kind=kind,
            version=now.version,
            row=row,
            occurred_at=occurred,
            cursor=now.text(),
            slot=SEEN + record_id,
        )


def digest_of(row: Mapping[str, object]) -> str:
    """Differs whenever a mapped value does."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def epoch_ms(at: datetime) -> int:
    """A stamp in milliseconds."""
    return (at - _EPOCH) // timedelta(milliseconds=1)
