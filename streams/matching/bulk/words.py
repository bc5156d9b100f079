"""Which words of two names can stand for each other, for many pairs at once; never whether they do."""

from functools import cached_property
from typing import Any

import numpy as np

from streams.matching.bulk.outline import BIT, FIRST, Outlines
from streams.matching.compare import SLIP_LENGTH, TWO_SLIPS_LENGTH
from streams.matching.weights import ENOUGH_BITS, RARE_BITS

Floats = np.ndarray[Any, np.dtype[np.float32]]
Yes = np.ndarray[Any, np.dtype[np.bool_]]


class Words:
    """The same, shortened, a slip away, or initials of several. Words of each name are rows, pairs are columns."""

    def __init__(self, a: Outlines, b: Outlines) -> None:
        width = max(int(a["words"].max(initial=0)), int(b["words"].max(initial=0)))
        self.width = min(width, a["word"].shape[1])
        count = len(a)
        self.a, self.b = _Side(a, self.width), _Side(b, self.width)
        self.equal = [np.zeros((self.width, count), bool) for _ in range(2)]
        self.met = [np.zeros((self.width, count), bool) for _ in range(2)]
        self.worth = np.zeros((self.width, count), np.uint8)
        self.first = np.zeros(count, bool)
        self.guessed = np.zeros(count, bool)
        for i in range(self.width):
            for j in range(self.width):
                self._meet(i, j)
        self.initials = self._initials(self.a, self.b) | self._initials(self.b, self.a)
        self.first |= self.initials
        self.guessed |= self.initials

    def _meet(self, i: int, j: int) -> None:
        there = (self.a.size[i] > 0) & (self.b.size[j] > 0)
        if not there.any():
            return
        equal = there & (self.a.word[i] == self.b.word[j])
        alike = there & ~equal & _alike(self.a, i, self.b, j)
        can = equal | alike
        self.equal[0][i] |= equal
        self.equal[1][j] |= equal
        self.met[0][i] |= can
        self.met[1][j] |= can
        self.guessed |= alike
        np.maximum(self.worth[i], np.maximum(self.a.bits[i], self.b.bits[j]) * can, out=self.worth[i])
        if i == j == 0:
            self.first |= can

    @cached_property
    def shared(self) -> Floats:
        """Bits that both can say at most."""
        found = self.worth.sum(axis=0, dtype=np.float32) / BIT
        return np.where(self.initials, ENOUGH_BITS, np.minimum(found, ENOUGH_BITS)).astype(np.float32)

    @cached_property
    def rare(self) -> Yes:
        """Whether a shared word can be a rare one."""
        found: Yes = self.initials | (self.worth >= RARE_BITS * BIT).any(axis=0)
        return found

    @cached_property
    def alone(self) -> tuple[Floats, Floats]:
        """Bits of the words of each name that can stand for nothing in the other, at least."""
        found = []
        for side, met in zip((self.a, self.b), self.met, strict=True):
            bits = (side.bits * ~met).sum(axis=0, dtype=np.float32) / BIT
            found.append(np.where(self.initials, 0, bits).astype(np.float32))
        return found[0], found[1]

    def _initials(self, short: "_Side", long: "_Side") -> Yes:
        """Whether some word of `short` has only letters that words of `long` begin with."""
        found = np.zeros(short.size.shape[1], bool)
        starts = np.zeros(short.size.shape[1], np.uint32)
        words = (long.size > 0).sum(axis=0)
        for j in range(self.width):
            begins = np.left_shift(np.uint32(1), long.letters[j] >> np.uint32(FIRST), dtype=np.uint32)
            starts |= np.where(long.size[j] > 0, begins, np.uint32(0))
        for i in range(self.width):
            found |= (short.set[i] & ~starts == 0) & (short.size[i] > 1) & (short.size[i] <= words)
        return found


class _Side:
    """One name of each pair, a row for each word, so that a word of all pairs lies in one piece."""

    def __init__(self, outlines: Outlines, width: int) -> None:
        self.word, self.letters, self.bits, self.size = (
            np.ascontiguousarray(outlines[name][:, :width].T) for name in ("word", "letters", "bits", "size")
        )
        self.set = self.letters & np.uint32((1 << FIRST) - 1)


def _alike(a: _Side, i: int, b: _Side, j: int) -> Yes:
    """Whether one can be the other shortened (same first letter, no letter more) or a slip away."""
    letters, others = a.set[i], b.set[j]
    sizes = a.size[i].astype(np.int16), b.size[j].astype(np.int16)
    fits = np.where(sizes[0] <= sizes[1], letters & ~others, others & ~letters) == 0
    begins = (a.letters[i] ^ b.letters[j]) >> np.uint32(FIRST) == 0
    least = np.minimum(*sizes)
    slips = np.where(least < TWO_SLIPS_LENGTH, 1, 2)
    near = (least >= SLIP_LENGTH) & (np.abs(sizes[0] - sizes[1]) <= slips)
    found: Yes = (begins & fits) | (near & (np.bitwise_count(letters ^ others) <= 2 * slips))
    return found
