"""Record ids: 15 case-sensitive characters, and the checksum of 3 that makes 18; it knows no records."""

from __future__ import annotations

import re
from functools import lru_cache

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")


def to_18(id15: str) -> str:
    """The case-safe form: each checksum letter holds, in 5 bits, which of 5 characters are upper case."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, char in enumerate(id15[start : start + 5]) if "A" <= char <= "Z")
        suffix += _CHECKSUM[bits]
    return id15 + suffix


def normalise(text: object) -> str | None:
    """The 18-character form of a 15- or 18-character id, or None if it is not an id or its checksum is wrong."""
    return _full(text) if isinstance(text, str) else None


@lru_cache(maxsize=1 << 16)
def _full(text: str) -> str | None:
    if not _SHAPE.fullmatch(text):
        return None
    full = to_18(text[:15])
    return full if len(text) == 15 or text == full else None


def make(prefix: str, number: int, pod: str = "Hs0") -> str:
    """The 18-character id of the n-th record of a key prefix; ids sort in the order of their numbers."""
    digits = ""
    for _ in range(9):
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    return to_18(prefix + pod + digits)
