"""Walks through all records changed since a moment, oldest first, however many there are; it never calls HubSpot itself.

The search answers 10,000 results at most, sorts by one property only, may give short pages, and compares ids as text or
as numbers as it likes. So no page is ever reached by counting: each one starts anew from the last stamp, a page that
holds one stamp only is walked by id, and an id is handed back exactly as it came.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from connectors.errors import RetryLater

Row = dict[str, Any]


class Position(NamedTuple):
    """A place in the order (stamp in epoch ms, id): all up to it is done; with an empty id, all before `ms` is done."""

    ms: int
    id: str = ""

    def passed(self, ms: int, id_: str) -> bool:
        """Whether a record lies up to here."""
        return ms < self.ms or (ms == self.ms and bool(self.id) and _number(id_) <= _number(self.id))


@dataclass(frozen=True, slots=True)
class Ask:
    """What one search looks for: all from `since` on by stamp, or all of the stamp `at` by id, above the id `above`."""

    since: int | None = None
    at: int | None = None
    above: str | None = None
    after: str | None = None


class Found(NamedTuple):
    """A record as a search shows it."""

    ms: int
    id: str
    row: Row


class Page(NamedTuple):
    """One answer; `after` where more follow."""

    found: Sequence[Found]
    after: str | None


Search = Callable[[Ask], Page]


def walk(search: Search, since: Position | None, first: Page | None = None) -> Iterator[list[Found]]:
    """Records after `since` by (stamp, id), in pieces; a record that changes on the way comes again with its new stamp.

    `first` is the answer to the first question, where it is known already. Records of one stamp are in one piece.
    Raises `RetryLater` where the answers contradict the question.
    """
    low = None if since is None else since.ms
    while True:
        page = first or _filled(search, Ask(since=low))
        first = None
        _check(page, low)
        if page.after is None:
            yield _after(page.found, since)
            return
        last = page.found[-1].ms
        if page.found[0].ms == last:
            yield _after(_of_one_stamp(search, last), since)
            low = last + 1
        else:
            # The last stamp may go on behind the page: it is asked for again.
            yield _after([each for each in page.found if each.ms < last], since)
            low = last


def _of_one_stamp(search: Search, at: int) -> list[Found]:
    """All records of one stamp. They are gathered before any is told: only so their order can be ours."""
    gathered: dict[str, Found] = {}
    above: str | None = None
    while True:
        page = _filled(search, Ask(at=at, above=above))
        new = [each for each in page.found if each.id not in gathered]
        gathered |= {each.id: each for each in new}
        if page.after is None:
            return list(gathered.values())
        if not new:
            raise RetryLater(f"HubSpot's search goes round in circles behind the id {above}")
        above = page.found[-1].id


def _filled(search: Search, ask: Ask) -> Page:
    """The first page with something on it, or the last one."""
    page = search(ask)
    while not page.found and page.after is not None:
        page = search(Ask(ask.since, ask.at, ask.above, page.after))
    return page


def _check(page: Page, low: int | None) -> None:
    stamps = [each.ms for each in page.found]
    if stamps != sorted(stamps) or (stamps and low is not None and stamps[0] < low):
        raise RetryLater("HubSpot's search answered out of order")


def _after(found: Sequence[Found], since: Position | None) -> list[Found]:
    ordered = sorted(found, key=lambda each: (each.ms, _number(each.id)))
    return [each for each in ordered if since is None or not since.passed(each.ms, each.id)]


def _number(id_: str) -> tuple[int, str]:
    """Ids in the order of their numbers; they are never computed with."""
    return len(id_), id_
