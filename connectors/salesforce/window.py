"""Which records of the re-read window were told already, and where the next poll begins; it never asks Salesforce.

SystemModstamp counts whole seconds and a record can become visible later than its stamp says, so each poll reads again
from a floor that lies `overlap` behind the newest stamp. The cursor has two kinds of slots:

    ""           the floor: all before it is settled and told
    "seen:<id>"  one record above the floor as it was last told: stamp, number of the edit within its second, digest

One small slot for each record, because one slot for the window would be rewritten with every change of a bulk load.
Only stamps of the org move the floor, so the difference between its clock and ours does not matter.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from connectors.base import Change, Progress
from connectors.salesforce.soql import Position, epoch_ms, parsed, stamp
from schemas.messages import ChangeKind

FLOOR, SEEN = "", "seen:"


class Record(NamedTuple):
    """One record as a poll read it; `row` holds the mapped fields, None where it is deleted."""

    id: str
    at: datetime
    row: Mapping[str, Any] | None
    actor: str | None
    own: bool
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()

    @property
    def kind(self) -> ChangeKind:
        """What the row itself tells: it is there, gone, or gone into another one."""
        if self.row is not None:
            return ChangeKind.UPSERTED
        return ChangeKind.DELETED if self.merged_into is None else ChangeKind.MERGED

    @property
    def natural(self) -> int:
        """The stamp in epoch ms."""
        return epoch_ms(self.at)

    @property
    def digest(self) -> str:
        """Differs whenever a mapped value, or the deletion, does."""
        text = json.dumps(self.row, sort_keys=True, ensure_ascii=False)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class Seen(NamedTuple):
    """A record as it was last told; `edit` counts the different states told within one second, from 0."""

    at: datetime
    edit: int
    digest: str

    @classmethod
    def parse(cls, text: str) -> "Seen":
        """The value of a `seen:` slot."""
        at, edit, digest = text.split()
        return cls(parsed(at), int(edit), digest)

    def text(self) -> str:
        """The value for a `seen:` slot."""
        return f"{stamp(self.at)} {self.edit} {self.digest}"


class Window:
    """The cursor of one object while a poll runs."""

    def __init__(self, entity: str, cursors: Mapping[str, str], overlap: timedelta) -> None:
        self._entity = entity
        floor = cursors.get(FLOOR)
        self.floor = None if floor is None else _position(floor)
        self._seen = {
            slot.removeprefix(SEEN): Seen.parse(value) for slot, value in cursors.items() if slot.startswith(SEEN)
        }
        self._overlap = overlap

    def observe(self, record: Record, horizon: datetime) -> Iterator[Change]:
        """The change that a record is, or nothing if it was told as it is.

        `horizon` is a stamp that the org had reached before the record was read: what is `overlap` older is settled
        and moves the floor; of the rest each record keeps its slot. Records must come in the order of the query.
        """
        before = self._seen.get(record.id)
        now = Seen(record.at, 0, record.digest)
        if before is not None and before.at == record.at:
            if before.digest == now.digest:
                return
            now = now._replace(edit=before.edit + 1)
        if record.at < horizon - self._overlap:
            self.floor = Position(record.at, record.id)
            yield self._change(record, now, FLOOR, _text(self.floor))
        else:
            self._seen[record.id] = now
            yield self._change(record, now, SEEN + record.id, now.text())

    def advance(self, horizon: datetime) -> Iterator[Progress]:
        """Raise the floor to `overlap` behind the horizon, and forget the records that it passes."""
        yield from self._raise(Position(horizon - self._overlap))

    def settle(self, last: Position) -> Iterator[Progress]:
        """Raise the floor to the newest record itself: the org's clock has left it behind by `overlap`."""
        yield from self._raise(last)

    def _raise(self, to: Position) -> Iterator[Progress]:
        # The floor goes first: a slot forgotten under the old floor would tell its record again.
        gone = [id_ for id_, seen in self._seen.items() if _passed(seen.at, to)]
        if gone and (self.floor is None or to > self.floor):
            self.floor = to
            yield Progress(self._entity, _text(to), FLOOR)
        for id_ in gone:
            del self._seen[id_]
            yield Progress(self._entity, None, SEEN + id_)

    def _change(self, record: Record, seen: Seen, slot: str, cursor: str) -> Change:
        return Change(
            entity=self._entity,
            record_id=record.id,
            kind=record.kind,
            # Two edits within one second share a stamp; the later one must still be the later version.
            version=record.natural + seen.edit,
            row=record.row,
            occurred_at=record.at,
            cursor=cursor,
            slot=slot,
            actor=record.actor,
            own=record.own,
            merged_into=record.merged_into,
            absorbed=record.absorbed,
        )


def _passed(at: datetime, floor: Position) -> bool:
    return at < floor.stamp or (at == floor.stamp and bool(floor.id))


def _position(text: str) -> Position:
    at, _, id_ = text.partition(" ")
    return Position(parsed(at), id_)


def _text(position: Position) -> str:
    return f"{stamp(position.stamp)} {position.id}".strip()
