"""What was told already of one object type, and where the next reading begins; it never asks HubSpot.

A record can show up in the search later than its stamp says, and the search may still show what was archived. So each
reading goes back by `overlap`, and of what lies in there it is kept how it was told. The slots of the cursor:

    ""             the floor: all changed before it is settled and told
    "archived"     the same for archived records, by the time of their archiving
    "seen:<id>"    one record above a floor as it was last told: stamp, version, digest; or "gone" for the digest
    "merged:<id>"  a record that was told as merged: the winner, and the winner's stamp

One small slot for each record, because one slot for the window would be rewritten with every change of a bulk load.
Only HubSpot's stamps move the floors, so the difference between its clock and ours does not matter.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from connectors.base import Change, Progress
from connectors.hubspot.walk import Position
from schemas.messages import ChangeKind

FLOOR, ARCHIVED, SEEN, MERGED = "", "archived", "seen:", "merged:"
GONE = "gone"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Record(NamedTuple):
    """One living record as it was read; `row` holds the mapped fields, `absorbed` whom HubSpot merged into it."""

    id: str
    ms: int
    row: Mapping[str, Any]
    absorbed: tuple[str, ...] = ()
    own: bool = False
    actor: str | None = None

    @property
    def digest(self) -> str:
        """Differs whenever a mapped value does, or whom it absorbed."""
        text = json.dumps([self.row, self.absorbed], sort_keys=True, ensure_ascii=False)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class Seen(NamedTuple):
    """A record as it was last told."""

    ms: int
    version: int
    digest: str

    @classmethod
    def parse(cls, text: str) -> "Seen":
        """The value of a `seen:` slot."""
        ms, version, digest = text.split()
        return cls(int(ms), int(version), digest)

    def text(self) -> str:
        """The value for a `seen:` slot."""
        return f"{self.ms} {self.version} {self.digest}"


class Window:
    """The cursor of one entity while a reading runs."""

    def __init__(self, entity: str, slots: Mapping[str, str], overlap_s: int) -> None:
        self._entity, self._overlap = entity, overlap_s * 1000
        self.floor = position(slots.get(FLOOR))
        self.archived = position(slots.get(ARCHIVED))
        self._seen = {slot.removeprefix(SEEN): Seen.parse(v) for slot, v in slots.items() if slot.startswith(SEEN)}
        self._merged = {slot.removeprefix(MERGED): v for slot, v in slots.items() if slot.startswith(MERGED)}

    def doubtful(self, id_: str, ms: int) -> bool:
        """Whether the search contradicts what was told: it may be late, or the clocks of HubSpot's servers differ."""
        before = self._seen.get(id_)
        return before is not None and (before.digest == GONE or ms < before.ms)

    def tell(
        self, record: Record, horizon: int | None, kind: ChangeKind = ChangeKind.UPSERTED, least: int = 0
    ) -> Iterator[Change]:
        """The changes that a living record is: of those it absorbed, and its own; nothing if all was told as it is.

        `horizon` is a stamp that HubSpot had reached before the walk: what is `overlap` older is settled and moves the
        floor, and so must come in the order of the walk. None for a record that was read by its id. `least` is the
        least version, for what changes a record and leaves its stamp alone.
        """
        before = self._seen.get(record.id)
        if record.id in self._merged or self._told(record, before, late=horizon is None and not least):
            return
        newly = [each for each in record.absorbed if each not in self._merged and each != record.id]
        transaction = f"merge {record.id} {record.ms}" if newly else None
        for loser in newly:
            yield self._told_as_merged(loser, record.id, record.ms, transaction)
        now = Seen(record.ms, max(record.ms, least, before.version + 1 if before else 0), record.digest)
        settled = horizon is not None and record.ms < horizon - self._overlap
        if settled:
            self.floor = Position(record.ms, record.id)
        else:
            self._seen[record.id] = now
        yield replace(
            self._change(record.id, _kind(kind, before), now.version, record.ms),
            row=record.row,
            own=record.own,
            actor=record.actor,
            transaction=transaction,
            absorbed=tuple(each for each in record.absorbed if self._merged.get(each) == _winner(record)),
            cursor=_text(Position(record.ms, record.id)) if settled else now.text(),
            slot=FLOOR if settled else SEEN + record.id,
        )

    def _told(self, record: Record, before: Seen | None, *, late: bool) -> bool:
        """Whether it was told as it is; `late` is an event about what may lie before the floor, where all was told."""
        if before is not None:
            return (before.ms, before.digest) == (record.ms, record.digest)
        return late and self.floor is not None and self.floor.passed(record.ms, record.id)

    def gone(
        self, id_: str, ms: int, *, after: int = 0, own: bool = False, absorbed: Iterable[str] = ()
    ) -> Iterator[Change]:
        """The deletion of a record at `ms`, of which the last known edit was at `after`; nothing if it was told.

        Those that it had `absorbed` before are told as merged, though nobody may have seen the winner alive.
        """
        for loser in absorbed:
            if loser not in self._merged and loser != id_:
                yield self._told_as_merged(loser, id_, ms, None)
        before = self._seen.get(id_)
        if id_ in self._merged or (before is not None and before.digest == GONE and before.ms >= ms):
            return
        now = Seen(ms, max(ms, after + 1, before.version + 1 if before else 0), GONE)
        self._seen[id_] = now
        change = self._change(id_, ChangeKind.DELETED, now.version, ms)
        yield replace(change, own=own, cursor=now.text(), slot=SEEN + id_)

    def advance(self, horizon: int) -> Iterator[Progress]:
        """Raise the floor to `overlap` behind the horizon, and forget the records that both floors have passed."""
        yield from self._raise(Position(horizon - self._overlap))

    def settle(self, newest: int) -> Iterator[Progress]:
        """Raise the floor beyond the newest record: HubSpot's clock has left it behind by `overlap`."""
        yield from self._raise(Position(newest + 1))

    def archived_up_to(self, horizon: int) -> Iterator[Progress]:
        """Raise the floor of the archived to `overlap` behind the youngest archiving, or to the beginning."""
        to = Position(max(0, horizon - self._overlap))
        if self.archived is None or to > self.archived:
            self.archived = to
            yield Progress(self._entity, _text(to), ARCHIVED)
            yield from self._forget()

    def _raise(self, to: Position) -> Iterator[Progress]:
        # The floor goes first: a slot forgotten under the old floor would tell its record again.
        if self.floor is None or to > self.floor:
            if not any(_below(seen.ms, to) for seen in self._seen.values()) and self.floor is not None:
                return
            self.floor = to
            yield Progress(self._entity, _text(to), FLOOR)
        yield from self._forget()

    def _forget(self) -> Iterator[Progress]:
        for id_, seen in list(self._seen.items()):
            if _below(seen.ms, self.floor) and (seen.digest != GONE or _below(seen.ms, self.archived)):
                del self._seen[id_]
                yield Progress(self._entity, None, SEEN + id_)

    def _told_as_merged(self, loser: str, winner: str, ms: int, transaction: str | None) -> Change:
        before = self._seen.get(loser)
        self._merged[loser] = f"{winner} {ms}"
        version = max(ms, before.version + 1 if before else 0)
        change = self._change(loser, ChangeKind.MERGED, version, ms)
        return replace(
            change, merged_into=winner, transaction=transaction, cursor=self._merged[loser], slot=MERGED + loser
        )

    def _change(self, id_: str, kind: ChangeKind, version: int, ms: int) -> Change:
        return Change(
            entity=self._entity,
            record_id=id_,
            kind=kind,
            version=version,
            row=None,
            occurred_at=moment(ms),
            cursor=None,
        )


def moment(ms: int) -> datetime:
    """A stamp of HubSpot as a time."""
    return _EPOCH + timedelta(milliseconds=ms)


def millis(text: str) -> int:
    """A time as HubSpot writes it (`2026-11-22T10:00:00.000Z`, or milliseconds) as a stamp."""
    if text.isdigit():
        return int(text)
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def position(text: str | None) -> Position | None:
    """The value of a floor."""
    if text is None:
        return None
    ms, _, id_ = text.partition(" ")
    return Position(int(ms), id_)


def merged_ids(text: str | None) -> tuple[str, ...]:
    """Whom a record absorbed, as `hs_merged_object_ids` names them."""
    return tuple(each.strip() for each in (text or "").split(";") if each.strip())


def _kind(kind: ChangeKind, before: Seen | None) -> ChangeKind:
    """What was told as gone and lives is restored, whether HubSpot says so or not."""
    return ChangeKind.RESTORED if before is not None and before.digest == GONE else kind


def _winner(record: Record) -> str:
    return f"{record.id} {record.ms}"


def _below(ms: int, floor: Position | None) -> bool:
    return floor is not None and (ms < floor.ms or (ms == floor.ms and bool(floor.id)))


def _text(position_: Position) -> str:
    return f"{position_.ms} {position_.id}".strip()
