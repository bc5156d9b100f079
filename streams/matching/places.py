"""Normalises where a company is: street, number and unit, postal code, city, phone; never compares two places."""

import re
from functools import lru_cache
from typing import NamedTuple

from streams.matching.tables import street_words
from streams.matching.text import fold, plain, without_umlauts

MOST_PHONES = 3
SUBSCRIBER_DIGITS = 7
"""Fewer digits are an extension."""

_EXTENSION = re.compile(r"(?:\b(?:extension|extn?|durchwahl|dw|poste|apt)\.?|(?<=[\d\s)])x|#)\s*:?\s*\d{1,6}\s*$")
_SEVERAL = re.compile(r"[;,/|\n]|\bor\b|\bund\b|\band\b|&")
_MORE = re.compile(r"[;,/|\n#&a-zA-Z]|\(0")
_DIGITS = re.compile(r"[^0-9]+")
_TRUNK = re.compile(r"\(0+\)")
_ORDINAL = re.compile(r"\b(\d+) ?(?:st|nd|rd|th)\b(?! unit)")
_RANGE = re.compile(r"\b(\d+)\s?-\s?\d+\b")  # house numbers: "4753-59"
_NUMBER = re.compile(r"\d+[a-z]?")
_POSTAL_AT_END = re.compile(r"(?<= )\d{5}(?: \d{4})?$")


class Street(NamedTuple):
    """An address by its parts, "" where unknown: "27", "n", "washington", "200"."""

    number: str
    side: str
    name: str
    unit: str


@lru_cache(maxsize=8192)
def place(text: str) -> str:
    """ "St. Gallen" and "ST GALLEN" are both "st gallen", "Köln" and "Koeln" both "koln"."""
    return without_umlauts(plain(text))


def postal(text: str) -> str:
    """Letters and digits only; leading zeros go, because spreadsheets lose them; "60302-1234" is "60302"."""
    text = text.strip()
    if text.isdecimal():
        return text.lstrip("0")
    if len(text) == 10 and text[5] == "-":  # ZIP+4
        text = text[:5]
    return "".join(c for c in text.lower() if c.isalnum()).lstrip("0")


def phones(text: str) -> tuple[str, ...]:
    """The digits of each number in the text, the first three, without extension, "00" and trunk zero."""
    if not _MORE.search(text):
        digits = _DIGITS.sub("", text).lstrip("0")
        return (digits,) if digits else ()
    parts = _SEVERAL.split(text) if len(text) > SUBSCRIBER_DIGITS + 1 else [text]
    found: dict[str, None] = {}
    for part in parts:
        if digits := _phone(part):
            found[digits] = None
    if not any(len(digits) >= SUBSCRIBER_DIGITS for digits in found) and len(parts) > 1:
        found = {_phone(text): None}  # "030/123456": the stroke was none between two numbers
    return tuple(digits for digits in found if digits)[:MOST_PHONES]


def _phone(text: str) -> str:
    text = _TRUNK.sub("", _EXTENSION.sub("", text.lower()))
    return _DIGITS.sub("", text).lstrip("0")


def street(text: str) -> str:
    """Words in one spelling: "27 North Washington Street, Suite 200" is "27 n washington st unit 200"."""
    short = street_words()
    text = plain(_RANGE.sub(r"\1", text) if "-" in text else text)
    if _ORDINAL.search(text):
        text = _ORDINAL.sub(r"\1", text)
    return " ".join([short.get(word) or _short_end(fold(word)) for word in text.split()])


def _short_end(word: str) -> str:
    """ "hauptstrasse" and "hauptstr" are one word."""
    for end in ("strasse", "straat", "str"):
        if word.endswith(end) and len(word) > len(end) + 2:
            return word.removesuffix(end) + "str"
    return word


def postal_in(street_text: str) -> str:
    """The postal code at the end of an address that stands in one field."""
    found = _POSTAL_AT_END.search(street_text)
    return "" if found is None else found[0][:5].lstrip("0")


@lru_cache(maxsize=65536)
def parts(street_text: str) -> Street:
    """The parts of an address as `street` writes it; `name` is its first word that is no number, side or type."""
    words = street_text.split()
    unit = ""
    if "unit" in words:
        at = words.index("unit")
        unit = " ".join(words[at + 1 : at + 2])
        words = words[:at] or words[at + 2 :]
    number = next((word for word in words if _NUMBER.fullmatch(word)), "")
    side = next((word for word in words if word in _SIDES), "")
    types = _types()
    rest = [word for word in words if word not in types]
    if number in rest:
        rest.remove(number)
    return Street(number, side, rest[0] if rest else "", unit)


@lru_cache(maxsize=1)
def _types() -> frozenset[str]:
    return frozenset(street_words().values())


_SIDES = frozenset({"n", "s", "e", "w", "ne", "nw", "se", "sw"})
