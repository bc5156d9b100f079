"""Boils many accounts down to arrays: hashes of their match keys, outlines, and the features packed as bytes."""

import marshal
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from streams.matching.bulk.hashes import U64, hashed
from streams.matching.bulk.outline import Outlines, outlines
from streams.matching.features import Features
from streams.matching.keys import cap, keys, name_key

Ints = np.ndarray[Any, np.dtype[np.int64]]
Counts = np.ndarray[Any, np.dtype[np.uint8]]

CAPS = 63  # bits for a cap


@dataclass(frozen=True, slots=True)
class Packed:
    """Features as bytes, a fifth of what they take as objects; `ends` is where each account's end."""

    data: Any
    ends: Ints

    def __getitem__(self, row: int) -> Features:
        start = int(self.ends[row - 1]) if row else 0
        return Features._make(marshal.loads(self.data[start : int(self.ends[row])]))  # noqa: S302  our own bytes

    def __len__(self) -> int:
        return len(self.ends)


@dataclass(frozen=True, slots=True)
class Digest:
    """Some accounts: the hashes of their keys one after another, how many each account has, and the rest by account."""

    keys: U64
    counts: Counts
    names: U64  # the key of each account's name
    outlines: Outlines
    packed: Packed


def digest(accounts: Sequence[Features]) -> Digest:
    """The arrays of these accounts, in their order."""
    own = [keys(each) for each in accounts]
    flat = [key for each in own for key in each]
    kinds = {start: cap(key) for start, key in {key[:3]: key for key in flat}.items()}  # which three letters tell apart
    caps = np.fromiter([kinds[key[:3]] for key in flat], np.uint64, len(flat))
    blobs = [marshal.dumps(tuple(each)) for each in accounts]
    return Digest(
        keys=capped(hashed(flat), caps),
        counts=np.fromiter(map(len, own), np.uint8, len(own)),
        names=capped(hashed([name_key(each.words) for each in accounts]), np.uint64(cap(name_key(())))),
        outlines=outlines(accounts),
        packed=Packed(b"".join(blobs), np.cumsum(np.fromiter(map(len, blobs), np.int64, len(blobs)))),
    )


def capped(hashes: U64, caps: U64 | np.uint64) -> U64:
    """Hashes that say in their last bits how many accounts of a side a key may have at most."""
    found: U64 = (hashes & ~np.uint64(CAPS)) | caps
    return found


@dataclass(frozen=True, slots=True)
class Side:
    """One list, digested in parts; rows count through all of them."""

    outlines: Outlines
    parts: Sequence[Packed]
    starts: Sequence[int]  # the first row of each part

    def __getitem__(self, row: int) -> Features:
        part = bisect_right(self.starts, row) - 1
        return self.parts[part][row - self.starts[part]]

    def __len__(self) -> int:
        return len(self.outlines)
