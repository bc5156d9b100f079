"""Joins two lists of tokens in a process that holds no key; it knows rows by opaque names and nothing of what is in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from connectors.errors import BadInput
from streams.matching.keys import CAP
from streams.matching.weights import TIE
from tandem.blind.agreement import Pattern, Verdict, Weights, judge
from tandem.blind.tokenfile import Rows, Tokened, Tokens

Bits = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Found:
    """A row of ours and one of theirs (positions in `refs`); `rank` 1 is the best for ours, further ones tie with it."""

    ours: int
    theirs: int
    rank: int
    verdict: Verdict


class Pairs(NamedTuple):
    """Every pair that shares a token that is not hot, as arrays: bits of `types`, see `Pattern`."""

    types: tuple[str, ...]
    ours: NDArray[np.int64]
    theirs: NDArray[np.int64]
    agree: Bits
    differ: Bits
    holders: NDArray[np.int64]

    def patterns(self) -> tuple[list[Pattern], NDArray[np.int64]]:
        """The different patterns there are, and which of them each pair has."""
        rows = np.stack([self.agree, self.differ, self.holders.astype(np.uint64)], axis=1)
        if not len(rows):
            return [], np.zeros(0, dtype=np.int64)
        unique, which = np.unique(rows, axis=0, return_inverse=True)
        found = [Pattern(self._named(a), self._named(d), int(n)) for a, d, n in unique.tolist()]
        return found, which.reshape(-1)

    def _named(self, bits: int) -> frozenset[str]:
        return frozenset(kind for at, kind in enumerate(self.types) if bits >> at & 1)


def refuse_strangers(ours: Tokened, theirs: Tokened) -> None:
    """Raises `BadInput` where tokens of the two lists could not be equal, or would be for the wrong reason."""
    mine, other = ours.header, theirs.header
    if mine.key != other.key:
        older = mine.key.id == other.key.id and mine.key.version != other.key.version
        remedy = (
            "the side with the older key gets the new one" if older else "both sides need one and the same key file"
        )
        reason = f"the lists were made with different keys: {mine.key} and {other.key}."
        raise BadInput(reason, f"{remedy}, and makes its tokens anew")
    if (mine.normaliser, mine.tokens) != (other.normaliser, other.tokens):
        reason = (
            f"the lists were made by different versions: normaliser {mine.normaliser} and {other.normaliser}, "
            f"tokens {mine.tokens} and {other.tokens}."
        )
        raise BadInput(reason, "the side with the older Tandem updates it, and makes its tokens anew")


def join(ours: Tokened, theirs: Tokened, by: Weights, least: float) -> Iterator[Found]:
    """The overlaps from the confidence `least` on, in order of our row and rank. Raises `BadInput`: see above."""
    refuse_strangers(ours, theirs)
    pairs = candidates(ours, theirs)
    patterns, which = pairs.patterns()
    verdicts = [judge(pattern, by) for pattern in patterns]
    sure = np.array([verdict.confidence for verdict in verdicts], dtype=float)[which] if patterns else np.zeros(0)
    best = np.zeros(len(ours.refs))
    np.maximum.at(best, pairs.ours, sure)
    kept = np.flatnonzero((sure >= least) & (sure > 0) & (sure >= best[pairs.ours] - TIE))
    order = kept[np.lexsort((pairs.theirs[kept], -sure[kept], pairs.ours[kept]))]
    before, rank = -1, 0
    for at in order.tolist():
        mine = int(pairs.ours[at])
        rank = rank + 1 if mine == before else 1
        before = mine
        yield Found(mine, int(pairs.theirs[at]), rank, verdicts[which[at]])


def candidates(ours: Tokened, theirs: Tokened) -> Pairs:
    """Each pair of rows that share a token which at most `CAP` rows of each side hold."""
    types = tuple(sorted({*ours.types, *theirs.types}))
    width = max(1, len(theirs.refs))
    met = [_met(ours.types[kind], theirs.types[kind]) for kind in types if _both(kind, ours.types, theirs.types)]
    bits = [np.uint64(1) << np.uint64(types.index(kind)) for kind in types if _both(kind, ours.types, theirs.types)]
    code = np.concatenate([np.zeros(0, dtype=np.int64), *(a * width + b for a, b, _ in met)])
    said = np.concatenate(
        [np.zeros(0, dtype=np.uint64), *(np.full(len(m[0]), b) for m, b in zip(met, bits, strict=True))]
    )
    holders = np.concatenate([np.zeros(0, dtype=np.int64), *(counts for _, _, counts in met)])
    order = np.argsort(code, kind="stable")
    codes, starts = np.unique(code[order], return_index=True)
    agree = np.bitwise_or.reduceat(said[order], starts) if len(codes) else said
    fewest = np.minimum.reduceat(holders[order], starts) if len(codes) else holders
    mine, other = codes // width, codes % width
    differ = _has(ours, types)[mine] & _has(theirs, types)[other] & ~agree
    return Pairs(types, mine, other, agree, differ, fewest)


def _both(kind: str, first: Mapping[str, object], second: Mapping[str, object]) -> bool:
    return kind in first and kind in second


def _has(listed: Tokened, types: Sequence[str]) -> Bits:
    """Of each row the types that it has tokens of."""
    found = np.zeros(len(listed.refs), dtype=np.uint64)
    for at, kind in enumerate(types):
        if kind in listed.types:
            found[np.unique(listed.types[kind][0])] |= np.uint64(1) << np.uint64(at)
    return found


def _met(
    ours: tuple[Rows, Tokens], theirs: tuple[Rows, Tokens]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of one type: our row, their row and the holders, for each token that both have; hot tokens are left out."""
    (our_rows, mine), (their_rows, other) = _sorted(ours), _sorted(theirs)
    names, inverse = np.unique(np.concatenate([mine, other]), return_inverse=True)
    inverse = inverse.reshape(-1)
    first, second = inverse[: len(mine)], inverse[len(mine) :]
    mine_held = np.bincount(first, minlength=len(names))
    other_held = np.bincount(second, minlength=len(names))
    met = (mine_held > 0) & (other_held > 0) & (mine_held <= CAP) & (other_held <= CAP)
    starts = np.concatenate(([0], np.cumsum(other_held)[:-1]))
    kept = np.flatnonzero(met[first])
    token = first[kept]
    times = other_held[token]
    a = np.repeat(our_rows[kept], times).astype(np.int64)
    within = np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)
    b = their_rows[np.repeat(starts[token], times) + within].astype(np.int64)
    crowd = np.repeat(np.maximum(mine_held, other_held)[token], times)
    return a, b, crowd


def _sorted(found: tuple[Rows, Tokens]) -> tuple[Rows, NDArray[np.bytes_]]:
    rows, tokens = found
    whole = np.ascontiguousarray(tokens.astype(">u8")).view("S16").reshape(-1)
    order = np.argsort(whole, kind="stable")
    return rows[order], whole[order]
