"""Aligns two names word by word, as one who reads abbreviations would; never looks at anything but the names."""

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA

from streams.matching.weights import BITS_PER_LETTER, bits

# A shared word or beginning is certain; skipped letters and slips are not.
SKIPPED_LETTERS = 0.6
SLIP = 0.8
# Shorter words are too often one slip apart; longer ones may have two.
SLIP_LENGTH = 5
TWO_SLIPS_LENGTH = 9


class NameMatch(NamedTuple):
    """In bits, see `weights.bits`. The short name has fewer letters; only `a_is_short` depends on who comes first."""

    shared: float  # said by both
    guessed: float  # said in full by one, by an abbreviation or a misspelling of the other
    short_alone: float  # said by the short name only
    long_tail: float  # said by the long name only, behind its last shared word
    long_inside: float  # said by the long name only, before that
    swapped: bool  # shared words stand in another order
    first: bool  # both begin with the same word or an abbreviation of it
    word: str  # the shared word that says most
    most: float  # the bits that it is worth
    a_is_short: bool


_Pairing = tuple[int, tuple[int, ...], float, float]
# A word of the short name, the words of the long one that it stands for (positions), bits said by both, bits in full.


def compare_names(a: tuple[str, ...], b: tuple[str, ...]) -> NameMatch:
    if a == b:
        return _equal_names(a)
    a_is_short = _is_short(a, b)
    short, long = (a, b) if a_is_short else (b, a)
    pairings, alone, free = _align(short, long)
    if not pairings:
        return NameMatch(0.0, 0.0, _sum(alone), 0.0, _sum(long), False, False, "", 0.0, a_is_short)
    shared = guessed = best = tail = inside = 0.0
    word, first, last = "", False, -1
    for i, used, said, full in pairings:
        shared += said
        guessed += full - said
        last = max(last, used[-1])
        if i == 0 and used[0] == 0:
            first = True
        if said > best:
            best, word = said, short[i] if len(short[i]) > len(long[used[0]]) else long[used[0]]
    for at in free:
        if at > last:
            tail += bits(long[at])
        else:
            inside += bits(long[at])
    return NameMatch(shared, guessed, _sum(alone), tail, inside, _swapped(pairings), first, word, best, a_is_short)


def _swapped(pairings: list[_Pairing]) -> bool:
    if len(pairings) == 1:
        return False
    order = [used[0] for _, used, _, _ in sorted(pairings)]
    return order != sorted(order)


def _sum(words: Sequence[str]) -> float:
    total = 0.0
    for word in words:
        total += bits(word)
    return total


def _equal_names(words: tuple[str, ...]) -> NameMatch:
    shared = best = 0.0
    most = ""
    for word in words:
        worth = bits(word)
        shared += worth
        if worth > best:
            best, most = worth, word
    return NameMatch(shared, 0.0, 0.0, 0.0, 0.0, False, True, most, best, True)


def _is_short(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    size_a, size_b = len("".join(a)), len("".join(b))
    return size_a < size_b if size_a != size_b else (len(a), a) <= (len(b), b)


def _align(short: tuple[str, ...], long: tuple[str, ...]) -> tuple[list[_Pairing], list[str], list[int]]:
    """The pairings, the words of the short name and the positions in the long name that are left over.

    Equal words go first, so that no abbreviation takes the partner of an equal word.
    """
    pairings: list[_Pairing] = []
    left: list[int] = []
    free = list(range(len(long)))
    for i, word in enumerate(short):
        at = _equal(word, long, free) if word in long else -1
        if at < 0:
            left.append(i)
        else:
            worth = bits(word)
            pairings.append((i, (at,), worth, worth))
            free.remove(at)
    alone: list[str] = []
    for i in left:
        pairing = _abbreviation(i, short[i], long, free) if free else None
        if pairing is None:
            alone.append(short[i])
        else:
            pairings.append(pairing)
            free = [at for at in free if at not in pairing[1]]
    return pairings, alone, free


def _equal(word: str, long: tuple[str, ...], free: list[int]) -> int:
    for at in free:
        if long[at] == word:
            return at
    return -1


def _abbreviation(i: int, word: str, long: tuple[str, ...], free: list[int]) -> _Pairing | None:
    """The free word of the long name that says most of `word`, or the free words of which it has the initials."""
    at, said, full = -1, 0.0, 0.0
    letter, size = word[0], len(word)
    starts = False
    for candidate in free:
        other = long[candidate]
        if other[0] == letter:
            starts = True
        elif size < SLIP_LENGTH or not -3 < len(other) - size < 3 or not _slip(word, other):
            continue
        like, worth = _likeness(word, other)
        if like > said:
            at, said, full = candidate, like, worth
    if at >= 0:
        return i, (at,), said, full
    return _initials(i, word, long, free) if starts and 1 < size <= len(free) else None


def _likeness(a: str, b: str) -> tuple[float, float]:
    """Bits that two different words both say, and bits that the fuller one says."""
    if len(a) > len(b):
        a, b = b, a
    full = bits(b)
    if b.startswith(a):
        return min(full, bits(a)), full  # "first" says no more in "firstcash" than alone
    if _slip(a, b):
        return SLIP * full, full
    if len(a) > 1 and a[0] == b[0] and _skips(a, b):
        return SKIPPED_LETTERS * min(full, BITS_PER_LETTER * len(a)), full
    return 0.0, 0.0


def _slip(a: str, b: str) -> bool:
    shorter = min(len(a), len(b))
    allowed = 1 if shorter < TWO_SLIPS_LENGTH else 2
    if shorter < SLIP_LENGTH or abs(len(a) - len(b)) > allowed:
        return False
    return OSA.distance(a, b, score_cutoff=allowed) <= allowed


def _skips(short: str, word: str) -> bool:
    """Whether the letters of `short` stand in `word` in this order: "natnl", "national"."""
    letters = iter(word)
    return all(letter in letters for letter in short)


def _initials(i: int, word: str, long: tuple[str, ...], free: list[int]) -> _Pairing | None:
    """ "re" stands for "renewable energy"."""
    size = len(word)
    for start in range(len(free) - size + 1):
        used = tuple(free[start : start + size])
        if used[-1] - used[0] == size - 1 and all(long[at][0] == c for at, c in zip(used, word, strict=True)):
            return i, used, SKIPPED_LETTERS * BITS_PER_LETTER * size, sum(bits(long[at]) for at in used)
    return None
