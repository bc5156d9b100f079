"""What was told already of one store's statements, and where the next reading begins; it never asks a store.

Statements that are stored at once have one `stored`, so a time alone is no position. The slots of the cursor:

    ""           the floor: all that was stored before it is told
    "seen:<id>"  a statement at or above the floor that was told: when it was stored (or came in), and its digest

The floor is a whole millisecond: stores compare `since` that finely. Where statements are pushed as well, what was told
is known for longer, since the same statement can come both ways.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from connectors.base import Progress

FLOOR, SEEN = "", "seen:"


class Window:
    """The cursor of an entity while a pass runs."""

    def __init__(self, entity: str, slots: Mapping[str, str]) -> None:
        self._entity = entity
        floor = slots.get(FLOOR)
        self.floor = None if floor is None else datetime.fromisoformat(floor)
        self._seen = {slot.removeprefix(SEEN): value for slot, value in slots.items() if slot.startswith(SEEN)}

    def digest(self, id_: str) -> str | None:
        """The digest of a statement that was told and is still known."""
        value = self._seen.get(id_)
        return None if value is None else value.partition(" ")[2]

    def told(self, id_: str, stored: datetime | None = None) -> bool:
        """Whether it was told: it is known, or was stored before the floor."""
        return id_ in self._seen or (stored is not None and self.floor is not None and stored < self.floor)

    def tell(self, id_: str, at: datetime, digest: str) -> tuple[str, str]:
        """Slot and cursor of a statement that is told now; `at` is when it was stored, or came in."""
        self._seen[id_] = f"{at.astimezone(UTC).isoformat()} {digest}"
        return SEEN + id_, self._seen[id_]

    def raise_to(self, to: datetime) -> Iterator[Progress]:
        """All that was stored before `to` is told."""
        whole = to.astimezone(UTC).replace(microsecond=to.microsecond // 1000 * 1000)
        if self.floor is None or whole > self.floor:
            self.floor = whole
            yield Progress(self._entity, written(whole), FLOOR)

    def forget(self, before: datetime) -> Iterator[Progress]:
        """Statements that were stored or came in before a time need not be known any longer."""
        for id_, value in list(self._seen.items()):
            if datetime.fromisoformat(value.partition(" ")[0]) < before:
                del self._seen[id_]
                yield Progress(self._entity, None, SEEN + id_)


def written(at: datetime) -> str:
    """A time as stores take it: `2026-11-22T10:00:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
