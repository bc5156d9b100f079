"""What was told already: of each partner's account what it says and by which of our records it is seen; it asks nobody.

The slots of an entity:

    "list:<key>/<uuid>"  where a partner's list goes on: the page size that the cursor was made with, and the cursor
    "account:<id>"       one account of a partner, by the uuid that Crossbeam gives it: `Held` as JSON
    "seen:<event id>"    a signal that was told, by reading or by a webhook, and when
"""

from collections.abc import Container, Iterator, Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from connectors.base import Progress

LIST, ACCOUNT, SEEN = "list:", "account:", "seen:"
REMEMBERED = timedelta(days=7)  # Crossbeam sends a webhook several times, and a reading may be as late
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Held(BaseModel):
    """One account as it was told last, of a partner (uuid). `ours` are the records of ours that overlap; none: it is gone."""

    model_config = ConfigDict(frozen=True)

    party: str
    partner: str
    version: int
    digest: str
    ours: tuple[str, ...] = ()


class Shelf:
    """The cursors of one entity while a pass runs."""

    def __init__(self, entity: str, slots: Mapping[str, str]) -> None:
        self.entity = entity
        self._slots = dict(slots)

    def cursor(self, partner: str, page_size: int) -> tuple[int, str | None]:
        """Where a partner's list goes on: page size (a cursor keeps the one that it was made with) and cursor."""
        size, _, cursor = self._slots.get(LIST + partner, "").partition(" ")
        return (int(size), cursor) if cursor else (page_size, None)

    def move(self, partner: str, page_size: int, cursor: str | None) -> Iterator[Progress]:
        """The page was told."""
        slot = LIST + partner
        if cursor is not None and self._slots.get(slot) != f"{page_size} {cursor}":
            self._slots[slot] = f"{page_size} {cursor}"
            yield Progress(self.entity, self._slots[slot], slot)

    def drop(self, keys: Container[str], known: Mapping[str, str]) -> Iterator[Progress]:
        """Forget the lists of partners that are no longer mapped, or to another key: they begin anew."""
        for slot in [each for each in self._slots if each.startswith(LIST)]:
            key, _, uuid = slot.removeprefix(LIST).partition("/")
            if key not in keys or known.get(uuid, key) != key:
                del self._slots[slot]
                yield Progress(self.entity, None, slot)

    def strangers(self, keys: Container[str], known: Mapping[str, str]) -> Iterator[tuple[str, Held]]:
        """Accounts that are there, of partners that are no longer mapped, or to another key."""
        for slot, text in list(self._slots.items()):
            if slot.startswith(ACCOUNT):
                held = Held.model_validate_json(text)
                key = held.party.removeprefix("partner:")
                if held.ours and (key not in keys or known.get(held.partner, key) != key):
                    yield slot.removeprefix(ACCOUNT), held

    def account(self, id_: str) -> Held | None:
        """An account that was told."""
        text = self._slots.get(ACCOUNT + id_)
        return None if text is None else Held.model_validate_json(text)

    def hold(self, id_: str, held: Held) -> tuple[str, str]:
        """Slot and cursor of an account as it is told now."""
        self._slots[ACCOUNT + id_] = held.model_dump_json()
        return ACCOUNT + id_, self._slots[ACCOUNT + id_]

    def seen(self, id_: str) -> bool:
        """Whether a signal was told."""
        return SEEN + id_ in self._slots

    def see(self, id_: str, now: datetime) -> tuple[str, str]:
        """Slot and cursor of a signal that is told now."""
        self._slots[SEEN + id_] = now.isoformat()
        return SEEN + id_, self._slots[SEEN + id_]

    def forget(self, now: datetime) -> Iterator[Progress]:
        """Signals that nobody sends again."""
        for slot, value in list(self._slots.items()):
            if slot.startswith(SEEN) and datetime.fromisoformat(value) < now - REMEMBERED:
                del self._slots[slot]
                yield Progress(self.entity, None, slot)


def version_after(before: Held | None, now: datetime) -> int:
    """Crossbeam stamps no overlap: our clock orders its changes, in milliseconds."""
    ms = (now - _EPOCH) // timedelta(milliseconds=1)
    return ms if before is None else max(ms, before.version + 1)
