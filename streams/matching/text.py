"""Writes any script in plain lower-case ASCII and folds words to one spelling; never knows what a company is."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_WORD = re.compile(r"[a-z0-9]+")
_UMLAUT = re.compile(r"(?<=[aou])e+")


# NFKD leaves these whole, and anyascii would write some of them differently from what people type.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "đ": "d",
        "Đ": "d",
        "ı": "i",
        "ß": "ss",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "Œ": "oe",
    }
)


def plain(text: str) -> str:
    """Lower-case ASCII words of letters and digits, one blank between them."""
    return " ".join(_WORD.findall(ascii_text(text)))


def ascii_text(text: str) -> str:
    """Lower case, ASCII only. Other scripts are transliterated ("Газпром" is "gazprom")."""
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = anyascii("".join(c for c in plain if not unicodedata.combining(c)))
    return text.lower()


def without_umlauts(text: str) -> str:
    """ "muenchen" -> "munchen", as the accents of "München" are dropped too."""
    return _UMLAUT.sub("", text) if "e" in text else text


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """One spelling for a lower-case ASCII word: "Muenchen" and "München" agree, and so do singular and plural."""
    word = without_umlauts(word)
    if len(word) < 5 or word[-1] != "s" or word[-2] in "sui":
        return word
    return word[:-3] + "y" if word.endswith("ies") else word[:-1]
