"""What can be seen of an account in a few numbers: enough to rule most pairs out, never to decide for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from streams.matching.bulk.hashes import hashed
from streams.matching.features import Features
from streams.matching.ids import GROUP
from streams.matching.keys import label
from streams.matching.places import SUBSCRIBER_DIGITS, parts
from streams.matching.web import LABEL_START
from streams.matching.weights import bits
from streams.matching.where import NEAR_POSTAL

Outlines = np.ndarray[Any, np.dtype[np.void]]
Codes = np.ndarray[Any, np.dtype[np.uint32]]

# How many of each there are room for. An account with more is open: no pair with it is ruled out.
WORDS, DOMAINS, LABELS, PHONES, IDS = 5, 4, 2, 2, 3
BIT = 20  # parts of a bit: words are worth multiples of a twentieth
LONG_PHONE = 10  # digits; of a shorter number a slip may be in its beginning and in its end at once
PHONE_HEAD, PHONE_TAIL = 6, 3

_CODES = ("name", "head", "initials", "firsts", "country", "city", "postal_code", "postal_head", "street",
          "street_number", "phone_head", "phone_tail")  # fmt: skip
OUTLINE = np.dtype(
    [
        *((name, np.uint32) for name in _CODES),  # hashes; 0: unknown
        ("word", np.uint32, WORDS),
        ("letters", np.uint32, WORDS),  # which letters it has, one bit each, and its first one from bit `FIRST` on
        ("domain", np.uint32, DOMAINS),  # those it has, had, and those of its contacts
        ("label", np.uint32, LABELS),
        ("label_head", np.uint32, LABELS),
        ("phone", np.uint32, PHONES),
        ("id", np.uint32, IDS),
        ("length", np.uint16),  # letters of the name
        ("bits", np.uint8, WORDS),  # in twentieths
        ("size", np.uint8, WORDS),
        ("words", np.uint8),
        ("domains", np.uint8),
        ("phone_size", np.uint8),
        ("city_words", np.uint8),
        ("vat", np.bool_),
        ("open", np.bool_),
    ]
)
FIRST = 27


def outlines(accounts: Sequence[Features]) -> Outlines:
    """One outline for each account."""
    found = np.zeros(len(accounts), OUTLINE)
    _names(found, accounts)
    _webs(found, accounts)
    _places(found, accounts)
    _several(found, "id", IDS, [_numbers(each) for each in accounts])
    found["vat"] = [any(kind.startswith("vat") for kind, _ in each.ids) for each in accounts]
    found["open"] |= np.array([bool(each.other_words) for each in accounts], bool)
    return found


def _numbers(account: Features) -> tuple[str, ...]:
    # A parent's number is the parent's own: the two are kin.
    return tuple([f"{kind.removeprefix(GROUP)}:{value}" for kind, value in account.ids]) if account.ids else ()


def codes(texts: Sequence[str]) -> Codes:
    """32 bits of each text's hash, 0 only for an empty one: equal texts are equal, different ones mostly not."""
    found = (hashed(texts) >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
    found[np.fromiter(map(len, texts), np.int64, len(texts)) == 0] = 0
    return found


def _names(found: Outlines, accounts: Sequence[Features]) -> None:
    words = [each.words for each in accounts]
    wholes = ["".join(each) for each in words]
    found["name"] = codes(wholes)
    found["head"] = codes([whole[:LABEL_START] if len(whole) >= LABEL_START else "" for whole in wholes])
    found["length"] = np.minimum([len(whole) for whole in wholes], 65535)
    found["initials"] = codes([each.initials for each in accounts])
    found["firsts"] = codes(["".join([word[0] for word in each]) for each in words])
    found["words"] = np.minimum([len(each) for each in words], 255)
    _words(found, words)


def _words(found: Outlines, words: Sequence[tuple[str, ...]]) -> None:
    places = _Places.of(words, WORDS)
    found["open"] |= places.more
    distinct = {word: at for at, word in enumerate(dict.fromkeys(places.flat))}
    at = np.fromiter(map(distinct.__getitem__, places.flat), np.int64, len(places.flat))
    shapes = np.array([_shape(word) for word in distinct], np.int64).reshape(-1, 3)
    columns: dict[str, Any] = {"word": codes(list(distinct))}
    columns |= {"letters": shapes[:, 0], "bits": shapes[:, 1], "size": shapes[:, 2]}
    for name, column in columns.items():
        places.fill(found[name], column[at])


def _webs(found: Outlines, accounts: Sequence[Features]) -> None:
    found["domains"] = np.minimum([len(each.domains) for each in accounts], 255)
    _several(found, "domain", DOMAINS, [(*a.domains, *a.former_domains, *a.contact_domains) for a in accounts])
    labels = [tuple(map(label, each.domains or each.contact_domains)) for each in accounts]
    _several(found, "label", LABELS, labels)
    heads = [tuple(text[:LABEL_START] if len(text) >= LABEL_START else "" for text in each) for each in labels]
    _several(found, "label_head", LABELS, heads)


def _places(found: Outlines, accounts: Sequence[Features]) -> None:
    for name in ("country", "city", "postal_code", "street"):
        found[name] = codes([getattr(each, name) for each in accounts])
    found["city_words"] = np.minimum([each.city.count(" ") + 1 for each in accounts], 255)
    found["postal_head"] = codes([each.postal_code[:NEAR_POSTAL] for each in accounts])
    found["street_number"] = codes([parts(each.street).number if each.street else "" for each in accounts])
    first = [each.phones[0] if each.phones else "" for each in accounts]
    found["phone_size"] = np.minimum([len(text) for text in first], 255)
    found["phone_head"] = codes([text[:PHONE_HEAD] for text in first])
    found["phone_tail"] = codes([text[-PHONE_TAIL:] for text in first])
    ends = [tuple(t[-SUBSCRIBER_DIGITS:] for t in each.phones if len(t) >= SUBSCRIBER_DIGITS) for each in accounts]
    _several(found, "phone", PHONES, ends)


def _several(found: Outlines, name: str, room: int, texts: Sequence[tuple[str, ...]]) -> None:
    """Fill a field that has room for several; who has more is open."""
    places = _Places.of(texts, room)
    found["open"] |= places.more
    if places.flat:
        places.fill(found[name], codes(places.flat))


@dataclass(frozen=True, slots=True)
class _Places:
    """Where each of several texts of each account goes."""

    flat: list[str]
    rows: Any
    columns: Any
    kept: Any
    more: Any

    @classmethod
    def of(cls, texts: Sequence[tuple[str, ...]], room: int) -> "_Places":
        counts = np.fromiter(map(len, texts), np.int64, len(texts))
        rows = np.repeat(np.arange(len(texts)), counts)
        columns = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return cls([text for each in texts for text in each], rows, columns, columns < room, counts > room)

    def fill(self, field: Any, values: Any) -> None:
        field[self.rows[self.kept], self.columns[self.kept]] = values[self.kept]


@lru_cache(maxsize=65536)
def _shape(word: str) -> tuple[int, int, int]:
    return letters(word), round(bits(word) * BIT), min(len(word), 255)


def letters(word: str) -> int:
    """Bit n for the letter n of the alphabet, bit 26 for any other character, and the first one's number above."""
    found = 0
    for character in set(word):
        found |= 1 << _number(character)
    return found | _number(word[0]) << FIRST


def _number(character: str) -> int:
    at = ord(character) - ord("a")
    return at if 0 <= at < 26 else 26
