"""What is said of how many hold one key: the crowd behind a name, to those of ours that bear it, and keys that are hot.

It never compares accounts. Levels go out when they change, so a crowd costs a message per account of ours only while
these are few; once ours are the crowd themselves, each is told when it joins.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from schemas import topics
from schemas.messages import HotKeyFound, NameCrowd, Presence
from streams.accounts import holders
from streams.decision import Emission
from streams.matching.model import crowd_level

NAME = "name:"
US = "us"
Counted = Mapping[str, int]


def levels(counts: Counted) -> dict[str, int]:
    """Party to level, those above 0."""
    return {party: level for party, count in sorted(counts.items()) if (level := crowd_level(count))}


def told(event: Presence, before: Counted, now: Counted, ours: Callable[[], Iterable[str]]) -> Iterator[Emission]:
    """The new levels, to each of ours whose name they are of. `ours` gives those that hold the key."""
    if not event.key.startswith(NAME):
        return
    was, are = levels(before), levels(now)
    own = event.party == US
    if own and not event.held and was:
        yield _crowd(event, event.ref, {})
    changed = was != are
    # Our own level 3 outweighs any other: what the partners' levels are is told once ours has fallen.
    if changed and now.get(US) and (own or now[US] <= holders.most(event.key)):
        yield from (_crowd(event, ref, are) for ref in ours())
    elif own and event.held and are:
        yield _crowd(event, event.ref, are)


def _crowd(event: Presence, ref: str, found: dict[str, int]) -> Emission:
    crowd = NameCrowd(ours=ref, key=event.key, levels=found, cause=event.cause, at=event.at)
    return Emission(topics.MATCH_PAIRS, ref, crowd)


def hot(event: Presence, before: Counted, now: Counted) -> Iterator[Emission]:
    """A key that turns hot, cools down, or is held by twice as many: so a growing key is told of a few times only."""
    was, count, most = before.get(event.party, 0), now.get(event.party, 0), holders.most(event.key)
    crossed = (was > most) is not (count > most)
    doubled = count > max(was, most) and count & (count - 1) == 0
    if crossed or doubled:
        found = HotKeyFound(
            key=event.key,
            counts=dict(sorted((party, each) for party, each in now.items() if each)),
            hot=any(each > most for each in now.values()),
            skipped=_skipped(now, most),
            cause=event.cause,
            at=event.at,
        )
        yield Emission(topics.HOT_KEYS, event.key, found)


def _skipped(counts: Counted, most: int) -> int:
    ours = counts.get(US, 0)
    return sum(ours * theirs for party, theirs in counts.items() if party != US and max(ours, theirs) > most)
