"""From match keys to pairs that may be one company: compares those that meet under one key, and never looks beyond it.

A key that too many accounts hold proves nothing and would cost too much: while more of ours or of one partner's hold it
than its kind allows (`holders.most`), it is *hot* and yields no pair between the two. That rule reads only who holds the
key now, so the pairs after any sequence of changes are those of a batch over the final lists; and it bounds what one event
can cost: holders are counted, not read, and those of a hot key are not compared. What passes here is scored for good where our
account's overlaps are decided, since only there it is known how many firms share its name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from schemas import topics
from schemas.messages import PairScored, Presence
from streams.accounts import crowds, holders
from streams.accounts.holders import COUNTS, RULED, Counts, Holder, Row, Rows, party_of, ref_of, row_of
from streams.accounts.judging import passes
from streams.decision import NOTHING, Decision, Emission, KeyState, Step

US = "us"
SCORES = 16_384  # comparisons that are remembered: those of a key that goes back and forth over its cap, say


@dataclass(frozen=True, slots=True)
class Pairs:
    """The decision, for a deployment with these partners (`partner:<key>`)."""

    parties: Sequence[str]

    def decide(self, state: KeyState[Row], event: Presence) -> Decision:
        """Compare the account with those of the other side, and say which pairs meet now, or no longer do."""
        name = row_of(event.party, event.ref)
        found = state.get(name)
        old = found if isinstance(found, Holder) else None
        if (old is None and not event.held) or (old is not None and event.version < old.version):
            return NOTHING
        block = _Block(state, event, name, old, self.parties)
        return block.decided()


class _Block:
    """All that holds one key, around one event. `rows` are those that change, by name."""

    def __init__(
        self, state: KeyState[Row], event: Presence, name: str, old: Holder | None, parties: Sequence[str]
    ) -> None:
        self._state, self._event, self._name, self._old = state, event, name, old
        self._most = holders.most(event.key)
        self._new = _holder(event, old) if event.held else None
        self._rows: dict[str, Row | None] = {name: self._new}
        self._others = parties if event.party == US else (US,)
        self._before = self._counted()
        joined = (self._new is not None) - (old is not None)
        self._now = dict(self._before)
        if joined:
            self._now[event.party] = self._before.get(event.party, 0) + joined
            counts = {party: count for party, count in self._now.items() if count}
            self._rows[COUNTS] = Counts(counts) if counts else None

    def decided(self) -> Decision:
        """What follows from the event."""
        said: list[Emission] = []
        if self._old is not None and self._new is not None and self._old.features == self._new.features:
            said += self._shown_anew(self._old.met)
        else:
            for other in self._others:
                said += self._met(other)
        if self._before != self._now:
            said += crowds.told(self._event, self._before, self._now, self._ours)
            said += crowds.hot(self._event, self._before, self._now)
        return Decision(cast(Any, self._rows), said)

    def _counted(self) -> Mapping[str, int]:
        row = self._state.get(COUNTS)
        return row.by_party if isinstance(row, Counts) else {}

    def _ours(self) -> Iterable[str]:
        """Our records that hold the key, after the event; asked for only where they are few."""
        held = {ref_of(row) for row in _holders(self._state.scan(f"{US}/", self._most + 2))}
        if self._event.party == US:
            held = held | {self._event.ref} if self._event.held else held - {self._event.ref}
        return sorted(held)

    def _met(self, other: str) -> Iterator[Emission]:
        """The pairs of the event's side with one other party that it touches, as far as they come or go."""
        was, now = self._cool(self._before, other), self._cool(self._now, other)
        if not was and not now:
            return
        touched: dict[str, tuple[Holder | None, Holder | None]] = {self._name: (self._old, self._new)}
        if was is not now:  # the key turns hot or cools down: every pair goes or comes
            mates = _holders(self._state.scan(f"{self._event.party}/", self._most + 2))
            touched |= {
                row: (self._mine(row, mate), self._mine(row, mate)) for row, mate in mates.items() if row != self._name
            }
        others = self._scanned(other) if now else {}
        for row, (before, after) in touched.items():
            yield from self._compared(row, before, after, other, others)

    def _mine(self, row: str, mate: Holder) -> Holder:
        """A row of our side as this decision has changed it already."""
        changed = self._rows.get(row)
        return changed if isinstance(changed, Holder) else mate

    def _cool(self, counts: Mapping[str, int], other: str) -> bool:
        return counts.get(self._event.party, 0) <= self._most and counts.get(other, 0) <= self._most

    def _scanned(self, party: str) -> Mapping[str, Holder]:
        found = _holders(self._state.scan(f"{party}/", self._most)) if self._now.get(party) else {}
        return {row: self._mine(row, holder) for row, holder in found.items()}

    def _compared(
        self, row: str, before: Holder | None, after: Holder | None, other: str, others: Mapping[str, Holder]
    ) -> Iterator[Emission]:
        """One account of the event's side with all of the other party."""
        was = {mate for mate in before.met if party_of(mate) == other} if before else set()
        now = {mate for mate, held in others.items() if self._passes(after, held)} if after else set()
        for mate in sorted(was - now):
            self._part(row, mate)
            yield self._said(row, mate, None)
        for mate in sorted(now - was):
            self._join(row, mate, others[mate])
            yield self._said(row, mate, after)
        if row == self._name and self._event.party != US:
            for mate in sorted(now & was):  # its features are other ones now, which our accounts have to see
                yield self._said(row, mate, after)

    def _passes(self, one: Holder | None, other: Holder) -> bool:
        if one is None or self._event.key.startswith(RULED):
            return one is not None
        return _passes(one.features, other.features)

    def _join(self, row: str, mate: str, held: Holder) -> None:
        self._meet(row, lambda met: (*met, mate))
        self._rows.setdefault(mate, held)
        self._meet(mate, lambda met: (*met, row))

    def _part(self, row: str, mate: str) -> None:
        self._meet(row, lambda met: tuple(each for each in met if each != mate))
        if mate not in self._rows:
            self._rows[mate] = self._state.get(mate)
        self._meet(mate, lambda met: tuple(each for each in met if each != row))

    def _meet(self, row: str, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> None:
        holder = self._rows[row] if row in self._rows else self._state.get(row)
        if isinstance(holder, Holder):
            self._rows[row] = holder._replace(met=change(holder.met))

    def _shown_anew(self, met: Iterable[str]) -> Iterator[Emission]:
        """What is shown of a partner's account has changed, and nothing that is compared."""
        if self._event.party != US:
            for mate in met:
                yield self._said(self._name, mate, self._new)

    def _said(self, row: str, mate: str, after: Holder | None) -> Emission:
        """A pair that meets under the key, or no longer does (None)."""
        ours, theirs = (row, mate) if party_of(row) == US else (mate, row)
        held, our = (self._now_of(theirs) if after else None), self._now_of(ours)
        scored = PairScored(
            ours=ref_of(ours),
            theirs=ref_of(theirs),
            party=party_of(theirs),
            key=self._event.key,
            our_version=self._event.version if ours == self._name else 0,
            their_version=held.version if held else 0,
            matched=held is not None,
            card=held.shown() if held else None,
            features=held.features if held else "",
            cause=self._event.cause,
            # Two accounts overlap since the later of them was there.
            at=max((self._event.at, *(datetime.fromisoformat(each.at) for each in (held, our) if each))),
        )
        return Emission(topics.MATCH_PAIRS, ref_of(ours), scored)

    def _now_of(self, row: str) -> Holder | None:
        found = self._rows[row] if row in self._rows else self._state.get(row)
        return found if isinstance(found, Holder) else None


def _holders(rows: Mapping[str, Row]) -> dict[str, Holder]:
    return {name: row for name, row in rows.items() if isinstance(row, Holder)}


def _holder(event: Presence, old: Holder | None) -> Holder:
    card = event.card.model_dump_json(exclude_defaults=True) if event.card else ""
    return Holder(event.version, event.at.isoformat(), event.features, card, old.met if old else ())


@lru_cache(maxsize=SCORES)
def _passes(one: str, other: str) -> bool:
    return passes(one, other)


def step(parties: Sequence[str]) -> Step:
    """The step of a deployment with these partners (`partner:<key>`)."""
    return Step("accounts.pairs", topics.MATCH_KEYS, Rows(), Pairs(parties).decide)
