"""Tandem's clock as a lane knows it, and what it has to look at again at an hour; it decides nothing.

Rows: `meta` the clock and the connections that were looked at from end to end, `agenda/<hour>|<what>` and
`planned/<what>`. Time comes with events only, so a lane that is started again goes on where it stood.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from schemas.messages import Changed, RulingGiven, TimePassed, WriteFinished
from streams.book import Pages

META = "meta"
Book = Pages[BaseModel]


class Meta(BaseModel):
    """Tandem's own clock, as the last word about it, and the connections that have been looked at once from end to end."""

    t: Literal["meta"] = "meta"
    now: AwareDatetime | None = None
    looked: tuple[str, ...] = ()


class Planned(BaseModel):
    """When something is looked at again."""

    t: Literal["planned"] = "planned"
    at: AwareDatetime


class Mark(BaseModel):
    """A row whose name says everything."""

    t: Literal["mark"] = "mark"


def tick(book: Book, event: object) -> None:
    """The clock goes on by what an event says of Tandem's own time; it never goes back. `TimePassed` is also a look."""
    meta = book.get(META, Meta) or Meta()
    at = _told(event)
    update: dict[str, object] = {}
    if at is not None and (meta.now is None or at > meta.now):
        update["now"] = at
    if isinstance(event, TimePassed) and event.connection not in meta.looked:
        update["looked"] = tuple(sorted({*meta.looked, event.connection}))
    if update:
        book.put(META, meta.model_copy(update=update))


def now(book: Book) -> datetime:
    """Tandem's own clock; before it has told anything, the time of the event."""
    meta = book.get(META, Meta)
    return book.at if meta is None or meta.now is None else meta.now


def ready(book: Book, connections: Iterable[str]) -> bool:
    """Whether all of these were looked at once from end to end, so that "it is not there" can be known."""
    meta = book.get(META, Meta) or Meta()
    return set(connections) <= set(meta.looked)


def plan(book: Book, what: str, at: datetime | None) -> None:
    """Look at something again at that hour, instead of any that was planned for it; None: not any more."""
    name = f"planned/{what}"
    before = book.get(name, Planned)
    if before is not None and before.at == at:
        return
    if before is not None:
        book.put(_entry(before.at, what), None)
        book.put(name, None)
    if at is not None:
        book.put(_entry(at, what), Mark())
        book.put(name, Planned(at=at))


def due(book: Book, limit: int = 500) -> list[str]:
    """What has come due by the clock, the earliest first; each is taken off the agenda. The rest comes next time."""
    hour, found = _hour(now(book)), []
    for name in book.scan("agenda/", limit):
        at, _, what = name.removeprefix("agenda/").partition("|")
        if at > hour:
            break
        book.put(name, None)
        book.put(f"planned/{what}", None)
        found.append(what)
    return found


def _entry(at: datetime, what: str) -> str:
    return f"agenda/{_hour(at)}|{what}"


def _hour(at: datetime) -> str:
    """Sorts as text the way times sort."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def _told(event: object) -> datetime | None:
    match event:
        case WriteFinished():
            return event.finished_at
        case RulingGiven() | TimePassed():
            return event.at
        case Changed():
            return event.seen_at
        case _:
            return None
