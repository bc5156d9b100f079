"""From match keys to matching pairs: compares the accounts that meet under one key; it never looks beyond that key.

A key that too many accounts hold proves nothing and would cost too much: while more than `CAP` of ours or of one
partner's hold it, it is *hot* and yields no pair between the two. That rule reads only who holds the key now, so the
pairs after any sequence of changes are those of a batch over the final lists; and it bounds what one event can cost.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pydantic import TypeAdapter

from schemas import topics
from schemas.messages import AccountCard, PairScored, Presence
from streams.decision import NOTHING, Decision, Emission, KeyState, Step
from streams.matching import weights
from streams.matching.features import Features
from streams.matching.keys import CAP
from streams.matching.score import Match, score

US = "us"
ENOUGH = CAP + 2  # so many holders tell whether a side is hot, before the event and after it


@dataclass(frozen=True, slots=True)
class Pairs:
    """The decision, for a deployment with these partners (`partner:<key>`)."""

    parties: Sequence[str]

    def decide(self, state: KeyState[Presence], event: Presence) -> Decision:
        """Compare the account with those of the other side, and say which pairs match now, or no longer do."""
        row = f"{event.party}/{event.ref}"
        old, new = state.get(row), event if event.held else None
        if old is new is None or (old and event.version < old.version):
            return NOTHING
        others = self.parties if event.party == US else [US]
        emissions = [said for other in others for said in _compare(state, event, other, old, new)]
        return Decision({row: new}, emissions)


def _compare(
    state: KeyState[Presence], event: Presence, other: str, old: Presence | None, new: Presence | None
) -> Iterator[Emission]:
    """The pairs of the event's side with one other party that it touches, as far as what they come to has changed."""
    others = state.scan(f"{other}/", ENOUGH).values()
    if not others or len(others) > CAP:
        return
    side = state.scan(f"{event.party}/", ENOUGH)
    was, now = len(side) <= CAP, len(side) + (new is not None) - (old is not None) <= CAP
    touched = [(old if was else None, new if now else None)]
    if was is not now:  # the key turns hot or cools down: every pair goes or comes
        mates = [mate for mate in side.values() if mate.ref != event.ref]
        touched += [(mate if was else None, mate if now else None) for mate in mates]
    for before, after in touched:
        for held in others:
            yield from _pair(event, before, after, held)


def _pair(event: Presence, before: Presence | None, now: Presence | None, other: Presence) -> Iterable[Emission]:
    """What one pair came to before and comes to now; nothing if that is the same."""
    mine = now or before
    if mine is None:
        return
    found, earlier = _match(now, other), _match(before, other)
    if found == earlier and (found is None or _card(now, other) == _card(before, other)):
        return
    ours, theirs = (mine, other) if mine.party == US else (other, mine)
    scored = PairScored(
        ours=ours.ref,
        theirs=theirs.ref,
        party=theirs.party,
        key=event.key,
        our_version=ours.version,
        their_version=theirs.version,
        matched=found is not None,
        confidence=found.confidence if found else 0.0,
        relation=found.relation if found else "same",
        reasons=(*found.reasons, *found.doubts) if found else (),
        card=theirs.card if found else None,
        cause=event.cause,
        at=max(event.at, mine.at, other.at),  # two accounts overlap since the later of them was there
    )
    yield Emission(topics.MATCH_PAIRS, ours.ref, scored)


@lru_cache(maxsize=4096)
def _features(text: str) -> Features:
    return Features.loads(text)


def _match(mine: Presence | None, other: Presence) -> Match | None:
    if mine is None:
        return None
    ours, theirs = (mine, other) if mine.party == US else (other, mine)
    match = score(_features(ours.features), _features(theirs.features))
    return match if match and match.confidence >= weights.OVERLAP else None


def _card(mine: Presence | None, other: Presence) -> AccountCard | None:
    """What is shown of the partner's account of the pair."""
    return None if mine is None else (other if mine.party == US else mine).card


def step(parties: Sequence[str]) -> Step:
    """The step of a deployment with these partners (`partner:<key>`)."""
    return Step("accounts.pairs", topics.MATCH_KEYS, TypeAdapter(Presence), Pairs(parties).decide)
