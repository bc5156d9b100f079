"""Brings two lists together by the hashes of their match keys; which accounts a key pairs, and it never looks at one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from streams.matching.bulk.digest import CAPS, Counts, Ints
from streams.matching.bulk.hashes import U64
from streams.matching.model import CROWD

Rows = np.ndarray[Any, np.dtype[np.uint32]]


@dataclass(frozen=True, slots=True)
class Blocks:
    """For each key of ours that pairs, in the order of our rows: its block of their rows, `rows[first : first + size]`.

    `ends` is where the keys of each of our rows end, `crowd` the level of its name (`model.crowd_level`). `hot` keys pair
    nobody: more accounts of a list share one than it may have.
    """

    ends: Ints
    first: Rows
    size: Counts
    rows: Rows
    crowd: Counts
    hot: int

    def pairs(self, low: int, high: int) -> tuple[Rows, Rows]:
        """The candidates of our rows from `low` to below `high`, each pair once, in order of our row and theirs."""
        start, end = int(self.ends[low - 1]) if low else 0, int(self.ends[high - 1]) if high else 0
        held = np.diff(self.ends[low:high], prepend=start)
        sizes = self.size[start:end].astype(np.int64)
        ours = np.repeat(np.repeat(np.arange(low, high, dtype=np.int64), held), sizes)
        before = np.cumsum(sizes) - sizes
        at = np.arange(len(ours)) + np.repeat(self.first[start:end].astype(np.int64) - before, sizes)
        both = np.sort(ours << 32 | self.rows[at])
        both = both[np.append(True, both[1:] != both[:-1])[: len(both)]]
        return (both >> 32).astype(np.uint32), both.astype(np.uint32)


@dataclass(frozen=True, slots=True)
class Keys:
    """The match keys of one list, row after row: `counts` has how many each row has, `names` the one of its name."""

    hashes: U64
    counts: Counts
    names: U64


def blocks(ours: Keys, theirs: Keys) -> Blocks:
    """The blocks that the keys of two lists make."""
    mine, other = _Runs.of(ours.hashes), _Runs.of(theirs.hashes)
    rows = np.repeat(np.arange(len(theirs.counts), dtype=np.uint32), theirs.counts)[other.order]
    at, met = other.find(mine.hashes)
    caps = (mine.hashes & np.uint64(CAPS)).astype(np.int64)
    held = other.at(other.sizes, at)
    cold = met & (held <= caps) & (mine.sizes <= caps)
    size, begin = np.zeros(len(ours.hashes), np.uint8), np.zeros(len(ours.hashes), np.uint32)
    size[mine.order] = np.repeat(np.where(cold, held, 0).astype(np.uint8), mine.sizes)
    begin[mine.order] = np.repeat(other.at(other.first, at).astype(np.uint32), mine.sizes)
    kept = size > 0
    starts = np.cumsum(ours.counts, dtype=np.int64) - ours.counts
    own = np.add.reduceat(np.append(kept, False), starts, dtype=np.int64) * (ours.counts > 0)
    hot = int(np.count_nonzero(met & ~cold))
    return Blocks(np.cumsum(own), begin[kept], size[kept], rows, _crowd(ours.names, mine, other), hot)


def _crowd(names: U64, mine: "_Runs", other: "_Runs") -> Counts:
    """For each name the level of how many accounts of the more crowded list hold it."""
    holders = np.zeros(len(names), np.int64)
    for runs in (mine, other):
        at, met = runs.find(names)
        holders = np.maximum(holders, np.where(met, runs.at(runs.sizes, at), 0))
    return np.searchsorted(np.array(CROWD), holders).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Runs:
    """The different hashes, sorted; `order` sorts all of them, and in it each begins at `first` and is there `sizes` times."""

    hashes: U64
    order: Ints
    first: Ints
    sizes: Ints

    @classmethod
    def of(cls, hashes: U64) -> "_Runs":
        order = np.argsort(hashes)
        ranked = hashes[order]
        first = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])[: len(ranked)])
        return cls(ranked[first], order, first, np.diff(np.append(first, len(ranked))))

    def find(self, wanted: U64) -> tuple[Ints, Any]:
        """Where each of the wanted hashes is, and whether it is."""
        at = np.searchsorted(self.hashes, wanted)
        at[at == len(self.hashes)] = 0
        return at, self.at(self.hashes, at) == wanted if len(self.hashes) else np.zeros(len(wanted), bool)

    @staticmethod
    def at(values: Any, places: Ints) -> Any:
        """The values of these places; nought if there is none at all."""
        return values[places] if len(values) else np.zeros(len(places), values.dtype)
