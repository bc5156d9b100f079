"""Remembers what was last told of each record, in the cursors themselves; it calls nobody.

A read that gives what was told already is silent, whatever made it: a late event, an overlap, a restart, a sweep.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from connectors.aws.redaction import cleaned
from connectors.base import Change, Event, Progress
from schemas.messages import ChangeKind

SINCE = "since"  # the slot of the floor; every other slot is a record's id
GONE, OTHER = "gone", "other"


class Mark(NamedTuple):
    """`stamp`: epoch ms of AWS's last change as it was read. `version` of what was told; it only rises.

    `digest`: of the row, or that the record is gone, or that it is none of ours to tell. `open`: it will go on by itself.
    """

    stamp: int
    version: int
    digest: str
    open: bool = False

    def __str__(self) -> str:
        return f"{self.stamp} {self.version} {self.digest}{' open' if self.open else ''}"

    @classmethod
    def read(cls, text: str) -> "Mark":
        """The mark of a cursor."""
        stamp, version, digest, *rest = text.split(" ")
        return cls(int(stamp), int(version), digest, bool(rest))


class Told:
    """What was told of one entity. `slots` are its saved cursors; what is yielded changes them here as well.

    `fields` are the members of a row that are told: those that the mapping names.
    """

    def __init__(self, entity: str, slots: Mapping[str, str], fields: Iterable[str]) -> None:
        self.entity, self._slots, self._fields = entity, dict(slots), frozenset(fields)

    @property
    def floor(self) -> int | None:
        """Up to which change, in epoch ms, all is told."""
        found = self._slots.get(SINCE)
        return None if found is None else int(found)

    def known(self, record_id: str) -> Mark | None:
        """What was last told of a record."""
        found = self._slots.get(record_id)
        return None if found is None else Mark.read(found)

    def living(self) -> list[str]:
        """The records that were told and are not known to be gone."""
        return [key for key in self._slots if key != SINCE and Mark.read(self._slots[key]).digest not in {GONE, OTHER}]

    def open(self) -> list[str]:
        """The records that go on by themselves."""
        return [key for key in self._slots if key != SINCE and Mark.read(self._slots[key]).open]

    def doubtful(self, record_id: str, stamp: int, overlap_ms: int) -> bool:
        """Whether a listed record has to be read: it may differ from what was told.

        AWS counts in seconds, so that two changes can have one stamp; what changed lately is read again.
        """
        mark, floor = self.known(record_id), self.floor
        return mark is None or mark.stamp != stamp or mark.open or floor is None or stamp >= floor - overlap_ms

    def tell(
        self, record_id: str, stamp: int, row: Mapping[str, object], *, open_: bool = False, own: bool = False
    ) -> Iterator[Event]:
        """The change, if there is one; else the cursor alone, where AWS's stamp moved."""
        row = cleaned({name: value for name, value in row.items() if name in self._fields})
        mark = self.known(record_id)
        digest = _digest(row)
        if mark is not None and mark.digest == digest:
            yield from self._keep(record_id, Mark(stamp, mark.version, digest, open_))
            return
        version = stamp if mark is None else max(stamp, mark.version + 1)
        new = Mark(stamp, version, digest, open_)
        self._slots[record_id] = str(new)
        yield Change(
            entity=self.entity,
            record_id=record_id,
            kind=ChangeKind.UPSERTED,
            version=version,
            row=row,
            occurred_at=datetime.fromtimestamp(stamp / 1000, UTC),
            cursor=str(new),
            slot=record_id,
            own=own,
        )

    def gone(self, record_id: str, at: datetime) -> Iterator[Event]:
        """The deletion of a record that was told; the mark stays, so that it is told once."""
        mark = self.known(record_id)
        if mark is None or mark.digest in {GONE, OTHER}:
            return
        new = Mark(mark.stamp, mark.version + 1, GONE)
        self._slots[record_id] = str(new)
        yield Change(
            entity=self.entity,
            record_id=record_id,
            kind=ChangeKind.DELETED,
            version=new.version,
            row=None,
            occurred_at=at,
            cursor=str(new),
            slot=record_id,
        )

    def ignore(self, record_id: str, stamp: int, *, open_: bool = False) -> Iterator[Event]:
        """Remember that a record is none of ours to tell."""
        yield from self._keep(record_id, Mark(stamp, stamp, OTHER, open_))

    def forget(self, record_id: str) -> Iterator[Event]:
        """Nothing can come of it any more."""
        if self._slots.pop(record_id, None) is not None:
            yield Progress(self.entity, None, record_id)

    def up_to(self, floor: int | None) -> Iterator[Event]:
        """All up to this change is told."""
        if floor is not None and (self.floor is None or floor > self.floor):
            self._slots[SINCE] = str(floor)
            yield Progress(self.entity, str(floor), SINCE)

    def _keep(self, record_id: str, mark: Mark) -> Iterator[Event]:
        if self._slots.get(record_id) != str(mark):
            self._slots[record_id] = str(mark)
            yield Progress(self.entity, str(mark), record_id)


def _digest(row: Mapping[str, object]) -> str:
    return hashlib.blake2b(repr(sorted(row.items())).encode(errors="backslashreplace"), digest_size=8).hexdigest()
