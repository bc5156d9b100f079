"""What was told already of each record of one kind, and since when the next look reads; it never asks Skilljar.

Skilljar has stamps of enrolment, completion and issue, but none of change. The slot `since:<stamp>` holds the newest
stamp, which is Skilljar's own, so that clocks do not matter.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from connectors import seeing
from connectors.base import Progress
from connectors.seeing import GONE
from mappings.table import EntityMap

SINCE = "since:"


class Window(seeing.Window):
    """The cursor of one entity while a pass runs; `now` is when a change is seen."""

    def __init__(self, table: EntityMap, slots: Mapping[str, str], now: datetime) -> None:
        super().__init__(table, slots, now)
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
