"""Hashes many texts at once to 64 bits, the same on every machine and in every process; never one by one."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

U64 = np.ndarray[Any, np.dtype[np.uint64]]

_FACTOR = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_INVERSE = pow(_FACTOR, -1, 2**64)
_STEP = 1 << 16
_AT_ONCE = 4096  # texts whose numbers fit into a processor's cache
_END = "\x00"


def hashed(texts: Sequence[str]) -> U64:
    """A hash of each text: a polynomial of its bytes, many from one running sum, and then mixed."""
    parts = [_hashed(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _hashed(texts: Sequence[str]) -> U64:
    data = f"{_END.join(texts)}{_END}".encode()
    codes = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(codes == 0)
    if len(ends) != len(texts):  # a text has the sign in it
        ends = np.cumsum([len(text.encode()) + 1 for text in texts]) - 1
    starts = np.empty_like(ends)
    starts[0], starts[1:] = 0, ends[:-1] + 1
    up, down = _powers(-(-len(codes) // _STEP) * _STEP)
    sums = np.empty(len(codes) + 1, np.uint64)
    sums[0] = 0
    np.cumsum(_letters()[codes] * up[: len(codes)], out=sums[1:])
    # The sign at the end is part of it: otherwise a text and itself with a byte of weight nought behind it were one.
    return mixed((sums[ends + 1] - sums[starts]) * down[starts])


def mixed(numbers: U64) -> U64:
    """Every bit of each number in every bit of the result (splitmix64's last steps)."""
    found = numbers.copy()
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        found ^= found >> np.uint64(shift)
        found *= np.uint64(factor)
    found ^= found >> np.uint64(31)
    return found


@lru_cache(maxsize=1)
def _letters() -> U64:
    return mixed(np.arange(1, 257, dtype=np.uint64) * np.uint64(_FACTOR))


@lru_cache(maxsize=8)
def _powers(count: int) -> tuple[U64, U64]:
    powers = []
    for factor in (_FACTOR, _INVERSE):
        each = np.full(count, factor, np.uint64)
        each[0] = 1
        powers.append(np.multiply.accumulate(each))
    return powers[0], powers[1]
