"""Which partner has which lead, as counts and rows to find them by; it decides nothing.

A lead has one route and a route at most one partner, so no lead is had twice; the rest follows from the route's changes.
"""

import zlib

from schemas.messages import RouteState
from streams import agenda
from streams.leads import index
from streams.leads.book import Book
from streams.leads.state import HAD, OPEN, Route
from streams.leads.transitions import guard

AT_ONCE = 25  # leads of a partner that are looked at in the decision in which it changed; more are spread
SHARDS = 32
OF_SHARD = 1000


def keep(book: Book, before: Route, after: Route) -> None:
    """Remember where a lead is now; counts and rows to find it by follow."""
    guard(before.state, after.state)
    if after.partner is not None and after.partner not in after.holders:
        after = after.now(holders=(*after.holders, after.partner))
    book.put(f"route/{after.lead}", after)
    if (before.partner, before.state) == (after.partner, after.state):
        return
    for key in dict.fromkeys((before.partner, after.partner)):
        if key is not None:
            _count(book, key, before, after)


def _count(book: Book, key: str, before: Route, after: Route) -> None:
    load = book.load(key)
    changes = {
        "open": load.open + _counts(after, key, OPEN) - _counts(before, key, OPEN),
        "won": load.won + _counts(after, key, {RouteState.WON}) - _counts(before, key, {RouteState.WON}),
        "lost": load.lost + _counts(after, key, {RouteState.LOST}) - _counts(before, key, {RouteState.LOST}),
    }
    if changes != load.model_dump(include=set(changes)):
        index.reload(book, key, load.model_copy(update=changes))
    held, had = _counts(after, key, OPEN | HAD), _counts(before, key, OPEN | HAD)
    if held != had:
        book.mark(f"held/{key}|{_shard(after.lead):02d}|{after.lead}", there=bool(held))


def _counts(route: Route, key: str, states: frozenset[RouteState] | set[RouteState]) -> int:
    return int(route.partner == key and route.state in states)


def review(book: Book, partner: str) -> None:
    """What a partner has or is offered has to be looked at again: a few leads now, many one part after the other."""
    found = book.scan(f"held/{partner}|", AT_ONCE + 1)
    if len(found) <= AT_ONCE:
        _touch(book, found)
        return
    for shard in range(SHARDS):
        agenda.plan(book, f"held/{partner}|{shard:02d}", book.now)


def reviewed(book: Book, what: str) -> None:
    """One part of that has come due."""
    _touch(book, book.scan(f"{what}|", OF_SHARD))


def _touch(book: Book, names: list[str]) -> None:
    for name in names:
        book.touch(name.split("|", 2)[2])


def _shard(lead: str) -> int:
    return zlib.crc32(lead.encode()) % SHARDS
