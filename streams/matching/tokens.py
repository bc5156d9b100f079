"""Turns an account into typed tokens that only who holds a key can make; it never knows whose list the account is of.

A token is HMAC-SHA256 of a normalised value under a partnership's key, cut to 128 bits. Type and versions are hashed
with the value, so that the same word as a name and as a town gives two tokens that nobody can relate.
"""

import hmac
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from streams.matching.features import VERSION as NORMALISER
from streams.matching.features import Features
from streams.matching.ids import GROUP
from streams.matching.keys import label
from streams.matching.weights import RARE_BITS, bits

VERSION = 1
"""Raise it when the types, what they say or how they are hashed changes: tokens of two versions must not be joined."""

BYTES = 16
ID = "id."
"""How the type of a registration number begins; its kind follows: `id.duns`."""
TELLING = "name of bits "
"""How the types begin that tell how much an equal name proves: a name has one for each level that it reaches."""
LEVELS = (10, 14, 18, 22)
MOST_OF_A_TYPE = 4
START = 5  # letters of a name that a typo behind them leaves whole
SUBSCRIBER_DIGITS = 7
_BETWEEN = "\x1f"  # between the parts of a value: no normalised part holds it


class Said(NamedTuple):
    """One thing that an account says of itself, in the clear."""

    type: str
    value: str


def said(account: Features) -> tuple[Said, ...]:
    """What is worth a token, each once, at most four of a type, in order of the types' strength."""
    found: dict[Said, None] = {}
    counts: dict[str, int] = {}
    for each in _said(account):
        if each not in found and counts.get(each.type, 0) < MOST_OF_A_TYPE:
            found[each] = None
            counts[each.type] = counts.get(each.type, 0) + 1
    return tuple(found)


def token(key: bytes, each: Said) -> bytes:
    """16 bytes. `key` is the partnership's own, 32 bytes that both sides keep from everybody else."""
    text = _BETWEEN.join(("tandem", str(VERSION), str(NORMALISER), each.type, each.value))
    return hmac.digest(key, text.encode(), "sha256")[:BYTES]


def _said(account: Features) -> Iterator[Said]:
    for kind, value in account.ids:
        if not kind.startswith(GROUP):  # a parent's number makes no two accounts one
            yield Said(f"{ID}{kind}", value)
    for domain in account.domains:
        yield Said("domain", domain)
    for domain in (*account.domains, *account.former_domains, *account.contact_domains):
        yield Said("any domain", domain)
    yield from _named(account)
    for phone in account.phones:
        if len(phone) >= SUBSCRIBER_DIGITS:
            yield Said("phone", phone[-SUBSCRIBER_DIGITS:])
    if account.street and account.postal_code:
        yield _joined("street+postal", (account.street, account.postal_code))


def _named(account: Features) -> Iterator[Said]:
    words, whole = account.words, "".join(account.words)
    # One type for all of them: a name of one side may be a brand, or be spelled by a domain, of the other.
    spellings = (whole, *("".join(other) for other in account.other_words), *map(label, account.domains))
    yield from (Said("spelling", spelling) for spelling in spellings if spelling)
    if not whole:
        return
    yield Said("name", whole)
    worth = sum(map(bits, words))
    yield from (Said(f"{TELLING}{least}", whole) for least in LEVELS if worth >= least)
    places = (("country", account.country), ("city", account.city), ("postal", account.postal_code))
    yield from (_joined(f"name+{place}", (whole, value)) for place, value in places if value)
    rarest = sorted(words, key=lambda word: (-bits(word), word))[:2]
    if len(rarest) > 1:
        yield _joined("words", sorted(rarest))
    alone = dict.fromkeys((rarest[0], words[0]))
    yield from (Said("word", word) for word in alone if bits(word) >= RARE_BITS)
    if account.country:
        yield from _in_country(words, whole, rarest, account.country)


def _in_country(words: tuple[str, ...], whole: str, rarest: list[str], country: str) -> Iterator[Said]:
    for word in rarest:
        yield _joined("word+country", (word, country))
    yield _joined("first+country", (words[0], country))
    yield _joined("start+country", (whole[:START], country))
    if len(words) > 1:
        initials = (words[0][:3], words[1][:2])
        yield _joined("letters+country", (*initials, country))


def _joined(kind: str, parts: Iterable[str]) -> Said:
    return Said(kind, _BETWEEN.join(parts))
