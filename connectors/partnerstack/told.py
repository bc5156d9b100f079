"""Remembers what was last told of each record, in the cursors themselves; it calls nobody.

The slots of an entity: "since" is the floor (epoch ms, all before it is told), every other one is a record's id, with
what a list showed of it, the version and the digest of what was told. A read that gives what was told already is silent,
whatever made it: a webhook, an overlap, a restart, a sweep. So equal stamps, late ones and doubled ones need no care.
Of leads a newer stamp is told all the same (`resources.Resource.returns`).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from connectors.base import Change, Event, Progress
from connectors.partnerstack.rows import moment, picked
from schemas.messages import ChangeKind

SINCE, GONE, NOTHING = "since", "gone", "-"


class Mark(NamedTuple):
    """What was told of a record: a version that only rises, the digest of its row, or that it is gone.

    `seen`: the digest of what a list showed, where the record had to be read beside it.
    """

    seen: str
    version: int
    digest: str

    def __str__(self) -> str:
        return f"{self.seen} {self.version} {self.digest}"

    @classmethod
    def read(cls, text: str) -> "Mark":
        """The mark of a slot."""
        seen, version, digest = text.split(" ")
        return cls(seen, int(version), digest)


class Told:
    """What was told of one entity. `slots` are its saved cursors; what is yielded changes them here as well.

    `fields` are the vendor fields that the mapping names: what else changes is not told.
    """

    def __init__(self, entity: str, slots: Mapping[str, str], fields: Iterable[str]) -> None:
        self.entity, self._slots, self._fields = entity, dict(slots), tuple(fields)

    @property
    def floor(self) -> int | None:
        """Up to which stamp all is told."""
        found = self._slots.get(SINCE)
        return None if found is None else int(found)

    def living(self) -> list[str]:
        """The records that were told and are not known to be gone."""
        return [key for key, text in self._slots.items() if key != SINCE and Mark.read(text).digest != GONE]

    def doubtful(self, record_id: str, seen: str) -> bool:
        """Whether a record that a list shows so may differ from what was told."""
        mark = self._mark(record_id)
        return mark is None or mark.seen != seen or mark.digest == GONE

    def tell(
        self, record_id: str, stamp: int, row: Mapping[str, Any], seen: str = NOTHING, *, newer: bool = False
    ) -> Iterator[Event]:
        """The change, if it is one; else the cursor alone, where a list shows it otherwise.

        `newer`: a newer stamp alone is a change, because the row may have been another one meanwhile.
        """
        mapped = picked(row, self._fields)
        mark, digest = self._mark(record_id), digest_of(mapped)
        if mark is not None and mark.digest == digest and not (newer and stamp > mark.version):
            if mark.seen != seen:
                yield Progress(self.entity, self._keep(record_id, Mark(seen, mark.version, digest)), record_id)
            return
        new = Mark(seen, stamp if mark is None else max(stamp, mark.version + 1), digest)
        cursor = self._keep(record_id, new)
        yield Change(
            entity=self.entity,
            record_id=record_id,
            kind=ChangeKind.RESTORED if mark is not None and mark.digest == GONE else ChangeKind.UPSERTED,
            version=new.version,
            row=mapped,
            occurred_at=moment(stamp),
            cursor=cursor,
            slot=record_id,
        )

    def gone(self, record_id: str, at: datetime) -> Iterator[Event]:
        """The end of a record that was told; the mark stays, so that it is told once."""
        mark = self._mark(record_id)
        if mark is None or mark.digest == GONE:
            return
        new = Mark(mark.seen, mark.version + 1, GONE)
        cursor = self._keep(record_id, new)
        yield Change(
            entity=self.entity,
            record_id=record_id,
            kind=ChangeKind.DELETED,
            version=new.version,
            row=None,
            occurred_at=at,
            cursor=cursor,
            slot=record_id,
        )

    def up_to(self, floor: int) -> Iterator[Event]:
        """All up to this stamp is told."""
        if self.floor is None or floor > self.floor:
            self._slots[SINCE] = str(floor)
            yield Progress(self.entity, str(floor), SINCE)

    def _keep(self, record_id: str, mark: Mark) -> str:
        self._slots[record_id] = str(mark)
        return str(mark)

    def _mark(self, record_id: str) -> Mark | None:
        found = self._slots.get(record_id)
        return None if found is None else Mark.read(found)


def digest_of(row: Mapping[str, Any]) -> str:
    """Differs whenever a value does."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode(errors="backslashreplace"), digest_size=8).hexdigest()
