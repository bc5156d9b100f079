"""Tells a statement as a change, once, and counts those that mean nothing here; it never asks a store."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid5

from connectors.base import Change, Event, Progress, Unreadable
from connectors.xapi.settings import Settings
from connectors.xapi.statements import NAMESPACE, Malformed, Read, read
from connectors.xapi.window import FLOOR, Window, written
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import ChangeKind

THE_ONLY = 1  # a statement never changes: whatever comes again under its id is the same version
MEANING = "meaning"
SHOWN = 3  # kinds of left-out statements that a note names


class Telling:
    """The statements of one connection."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings, self._clock = settings, clock
        self._left_out: Counter[str] = Counter()
        self._noted = 0

    def stored(self, raw: object, table: EntityMap, window: Window, *, again: bool) -> Iterator[Event]:
        """A statement of a store; `again`: it may have been counted by an earlier reading."""
        try:
            it = read(raw, self._settings.language)
        except Malformed as malformed:
            yield from self._malformed(raw, malformed, table, window)
            return
        if not window.told(it.id, it.stored):
            yield from self.one(it, table, window, it.stored or self._clock(), again=again)

    def one(
        self, it: Read, table: EntityMap, window: Window, kept: datetime, *, again: bool = False
    ) -> Iterator[Event]:
        """A statement that is not told yet; `kept` is when it was stored, or came in."""
        at = it.at or kept
        row = {**it.row, "timestamp": at.isoformat()}
        why = it.left_out or self._meaningless(table, row)
        if why is not None:
            self._left_out[why] += not again
            return
        slot, cursor = window.tell(it.id, kept, it.digest)
        yield Change(
            entity=table.entity,
            record_id=it.id,
            kind=ChangeKind.UPSERTED,
            version=THE_ONLY,
            row={name: value for name, value in row.items() if name in _mapped(table)},
            occurred_at=at,
            cursor=cursor,
            slot=slot,
        )

    def noted(self, table: EntityMap, window: Window) -> Iterator[Progress]:
        """How many statements were left out since the start, where there are more than there were."""
        count = self._left_out.total()
        if count == self._noted:
            return
        self._noted = count
        most = ", ".join(f"{number} {why}" for why, number in self._left_out.most_common(SHOWN))
        rest = len(self._left_out) - SHOWN
        note = f"{count} statements left out: {most}{f', and {rest} other kinds' if rest > 0 else ''}"
        cursor = None if window.floor is None else written(window.floor)
        yield Progress(table.entity, cursor, FLOOR, note)

    def _meaningless(self, table: EntityMap, row: Mapping[str, Any]) -> str | None:
        """Why the mapping gives it no meaning, where such statements are left out."""
        if self._settings.unknown_verbs == "park":
            return None
        try:
            table.to_fields(row)
        except RowError as error:
            # Any other field that cannot be read is somebody's mistake: the row goes on, and is parked.
            return f"with the verb {error.value}" if error.field == MEANING else None
        return None

    def _malformed(self, raw: object, malformed: Malformed, table: EntityMap, window: Window) -> Iterator[Event]:
        text = json.dumps(raw, sort_keys=True)
        id_ = str(uuid5(NAMESPACE, text))
        if window.told(id_):
            return
        named = raw.get("id") if isinstance(raw, Mapping) else None
        yield Unreadable(
            subject=f"{table.object} {named or id_}",
            code="MALFORMED",
            reason=f"the store holds a statement that xAPI does not allow: {malformed}.",
            remedy="correct the sender, void the statement and send it anew",
            field=malformed.field,
            payload=text,
        )
        # It comes again as long as the readings overlap, and is one dead letter.
        slot, cursor = window.tell(id_, self._clock(), "malformed")
        yield Progress(table.entity, cursor, slot)


def _mapped(table: EntityMap) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in table.vendor_fields)
