"""From match keys to matching pairs: compares the accounts that meet under one key; it never looks beyond that key.

A key that too many accounts hold proves nothing and would cost too much: while more than `CAP` of ours or of one
partner's hold it, it is *hot* and yields no pair between the two. That rule reads only who holds the key now, so the
pairs after any sequence of changes are those of a batch over the final lists.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from schemas import topics
from schemas.messages import AccountCard, PairScored, Presence
from streams.decision import NOTHING, Decision, Emission, KeyState, Step
from streams.matching.features import Features
from streams.matching.keys import CAP
from streams.matching import weights
from streams.matching.score import Match, score

US = "us"
HEAD = "#"


class Head(BaseModel):
    """How many accounts of each party hold the key."""

    kind: Literal["head"] = "head"
    holders: dict[str, int] = {}

    def plus(self, party: str, change: int) -> "Head":
        """The head after `change` more holders of a party."""
        return Head(holders={**self.holders, party: self.holders.get(party, 0) + change})

    def compares(self, party: str) -> bool:
        """Whether our accounts are compared with this party's under the key."""
        return self.holders.get(US, 0) <= CAP and self.holders.get(party, 0) <= CAP


class Member(BaseModel):
    """One account that holds the key."""

    kind: Literal["member"] = "member"
    party: str
    ref: str
    version: int
    features: Features
    card: AccountCard | None = None


Rows = Annotated[Head | Member, Field(discriminator="kind")]
Members = Mapping[str, Member]


def decide(state: KeyState[Head | Member], event: Presence) -> Decision:
    """Compare the account with those of the other side, and say which pairs match now, or no longer do."""
    row = f"{event.party}/{event.ref}"
    before = state.get(row)
    old = before if isinstance(before, Member) else None
    new = _member(event) if event.held else None
    if old is new is None or (old and event.version < old.version):
        return NOTHING
    held = state.get(HEAD)
    head = held if isinstance(held, Head) else Head()
    after = head.plus(event.party, (new is not None) - (old is not None))
    parties = [party for party in after.holders if party != US] if event.party == US else [event.party]
    emissions = [e for party in parties for e in _compare(state, event, party, (head, old), (after, new))]
    return Decision({row: new, HEAD: after}, emissions)


def _member(event: Presence) -> Member:
    return Member(
        party=event.party,
        ref=event.ref,
        version=event.version,
        features=Features.load(event.features),
        card=event.card,
    )


def _compare(
    state: KeyState[Head | Member],
    event: Presence,
    party: str,
    before: tuple[Head, Member | None],
    after: tuple[Head, Member | None],
) -> Iterable[Emission]:
    """The pairs of our accounts with one party's that this event touches, as far as what they come to has changed."""
    (head, old), (head_now, new) = before, after
    was, now = head.compares(party), head_now.compares(party)
    if not was and not now:
        return
    own_side, other_side = (US, party) if event.party == US else (party, US)
    others = _members(state, other_side)
    mates = {} if was and now else {ref: m for ref, m in _members(state, own_side).items() if ref != event.ref}
    changed = [(old if was else None, new if now else None)]
    changed += [(mate if was else None, mate if now else None) for mate in mates.values()]
    for mine_before, mine_now in changed:
        for other in others.values():
            yield from _pair(event, mine_before, mine_now, other)


def _members(state: KeyState[Head | Member], party: str) -> Members:
    rows = state.scan(f"{party}/").values()
    return {row.ref: row for row in rows if isinstance(row, Member)}


def _pair(event: Presence, before: Member | None, now: Member | None, other: Member) -> Iterable[Emission]:
    """What one pair came to before and comes to now; nothing if that is the same."""
    mine = now or before
    if mine is None:
        return
    ours, theirs = (mine, other) if mine.party == US else (other, mine)
    match_before = _match(before, other)
    match_now = _match(now, other)
    unchanged = match_now == match_before and (match_now is None or _card(before, other) == _card(now, other))
    if unchanged:
        return
    scored = PairScored(
        ours=ours.ref,
        theirs=theirs.ref,
        party=theirs.party,
        key=event.key,
        our_version=ours.version,
        their_version=theirs.version,
        matched=match_now is not None,
        confidence=match_now.confidence if match_now else 0.0,
        relation=match_now.relation if match_now else "same",
        reasons=(*match_now.reasons, *match_now.doubts) if match_now else (),
        card=theirs.card if match_now else None,
        cause=event.cause,
        at=event.at,
    )
    yield Emission(topics.MATCH_PAIRS, ours.ref, scored)


def _match(mine: Member | None, other: Member) -> Match | None:
    if mine is None:
        return None
    ours, theirs = (mine, other) if mine.party == US else (other, mine)
    match = score(ours.features, theirs.features)
    return match if match and match.confidence >= weights.OVERLAP else None


def _card(mine: Member | None, other: Member) -> AccountCard | None:
    if mine is None:
        return None
    return (other if mine.party == US else mine).card


STEP = Step("accounts.pairs", topics.MATCH_KEYS, TypeAdapter(Rows), decide)
