"""Normalises a company name to the words that tell it from other companies; never compares two names."""

import re
from functools import lru_cache
from typing import NamedTuple

from streams.matching.tables import LegalForms, abbreviations, legal_forms
from streams.matching.text import ascii_text, fold

# "S.p.A." and "A/S" are one word each.
_DOTTED = re.compile(r"(?<![a-z0-9])(?:(?:[a-z]\.)+[a-z](?![a-z0-9])\.?|(?:[a-z]\.){2,})")
_SLASHED = re.compile(r"(?<![a-z0-9])([a-z])/([a-z])(?![a-z0-9])")
_WORD = re.compile(r"[a-z0-9]+")
# Securities lists append the nominal value ("DL-,0001", "H YC 1"), the receipt ("SP.ADR/2"), the class and a date.
_LISTING = re.compile(
    r"\((?:demat|unsp?|144a|regs|new)\.?\)"
    r"|-\s?(?:fgn|nvdr)\s?-?"
    r"|(?:(?<![a-z0-9])(?:class|cl\.|ser\.)\s?[a-z]?|inh\.?)?(?:dl|eo|ls|sk|nk|sf|yn|hd)\s?-\s?[,.]\d[\d,./]*"
    r"|(?<![a-z0-9])(?:h\s+)?(?:dl|eo|ls|yc|yn|hd|rp|dk|sk|nk|tn|ir|sf|rc|rb|zy|kc|ba|sw)\s*-?\s*[,.]?\d[\d,./]*"
    r"|(?<![a-z])(?:(?:uns?p?|spo?n?s?)\.?\s?)?u?(?:adr|ads|gdr)s?\s*(?:144a|(?:[a-z]|ii)\s?(?=\d|/))?/?\d[\d/,]*"
    r"|(?<![a-z0-9])(?:(?:class|cl\.|ser\.)\s?[a-z]|[a-h]\s?shares?)(?![a-z0-9])"
    r"|(?<![a-z0-9])o\.\s?n\.?(?![a-z0-9])"
    r"|\s-\s?[,.]\d[\d,.]*$"
    r"|\s\d{1,2}/\d{2}$"
)
# What each of these contains: most names need no closer look.
_LISTED = re.compile(r"\d|cl[a.]|share|ser\.|o\. ?n|-fgn|-nvdr|\((?:demat|unsp?|regs|new)")
_SECURITY = re.compile(r"\b(?:sponsored|u?adrs?|ads|gdrs?|nvdr|cdi|fgn|pfd|preferred|regs|sp\.adr\w*)\b")
_LISTINGS = frozenset(
    ["cl", "cla", "class", "ser", "share", "shares", "fgn", "nvdr", "demat", "unsp", "uns", "regs", "new"]
)
_LATIN = "\u024f"
# Lists with fields of fixed width cut names at 30 to 32 signs.
CUT_OFF = 30


class Read(NamedTuple):
    """The words of `name_words`; `initials` of all its words but the legal form, filler too: "boa", "Bank of America"."""

    words: tuple[str, ...]
    initials: str


def name_words(name: str) -> tuple[str, ...]:
    """The folded words of a name without legal forms, share classes and filler, never empty unless nothing can be read.

    "The Acme Robotics Co., Ltd." and "ACME ROBOTICS GMBH" are both ("acme", "robotic").
    """
    return read_name(name).words


def read_name(name: str) -> Read:
    """The words of a name, and its initials."""
    return _plain_name(name) or _careful(name)


class _Word(NamedTuple):
    """What a word in lower case is wherever it stands."""

    folded: str
    full: str  # what it abbreviates, or itself
    odd: bool  # filler, a letter, with a digit, or the beginning of a legal form or a listing
    ends: bool  # a legal form of one word at the end of a name


@lru_cache(maxsize=131072)
def _word(word: str) -> _Word:
    forms = legal_forms()
    folded = fold(word)
    full = abbreviations().get(folded, folded)
    odd = any(each in forms.firsts or each in forms.stop_words or len(each) == 1 for each in (folded, full))
    odd = odd or word in _LISTINGS or not word.isalpha() or "share" in word
    return _Word(folded, full, odd, len(folded) > 1 and forms.ends.at([folded], 0) == 1)


def _plain_name(name: str) -> Read | None:
    """Of most names: legal forms at the end only, nothing that needs a closer look; None for the others."""
    if not name.isascii() and max(name) > _LATIN:
        return None
    text = ascii_text(name)
    if "'" in text or "`" in text or "/" in text:
        return None
    words = [_word(word) for word in _WORD.findall(text)]
    while len(words) > 1 and words[-1].ends:
        words.pop()
    if not words:
        return None
    for word in words:
        if word.odd:
            return None
    return Read(tuple([word.full for word in words]), "".join([word.folded[0] for word in words]))


def _careful(name: str) -> Read:
    forms, short = legal_forms(), abbreviations()
    words = [fold(word) for word in _split(name, forms)]
    if len(name) >= CUT_OFF:
        words = _without_cut_form(words, forms)
    initials = ""
    while True:
        bare = words if forms.firsts.isdisjoint(words) else _without_forms(words, forms)
        initials = initials or "".join([word[0] for word in bare])
        if not forms.stop_words.isdisjoint(bare):
            bare = [word for word in bare if word not in forms.stop_words] or bare
        if len(bare) > 1 and min(map(len, bare)) == 1:
            bare = _join_letters(bare)
        bare = [short.get(folded := fold(word), folded) for word in bare]
        if bare == words:
            bare = _unlisted(bare, forms)
            if bare == words:
                return Read(tuple(bare), initials)
        words = bare


@lru_cache(maxsize=4096)
def listed(name: str) -> bool:
    """Whether a name is that of a security rather than of its company: "Kerry GRP PLC Class A", "NOMURA HLDGS ADR/1"."""
    text = ascii_text(name)
    return _LISTING.search(text) is not None or _SECURITY.search(text) is not None


def _without_cut_form(words: list[str], forms: LegalForms) -> list[str]:
    """A field of fixed width cuts the legal form: "SURGUTNEFTEGAS PUBLIC JOINT STO"."""
    for at in range(max(1, len(words) - 4), len(words) - 1):
        if forms.anywhere.cut(words, at):
            return words[:at]
    return words


def _split(name: str, forms: LegalForms) -> list[str]:
    if not name.isascii():
        for form in forms.native:
            name = name.replace(form, " ")
    text = ascii_text(name).replace("'", "").replace("`", "")
    if _LISTED.search(text):
        text = _LISTING.sub(" ", text)
    if "." in text:
        text = _DOTTED.sub(lambda m: m[0].replace(".", "") + " ", text)
    if "/" in text:
        text = _SLASHED.sub(r"\1\2", text)
    return _WORD.findall(text) or _WORD.findall(ascii_text(name))


def _unlisted(words: list[str], forms: LegalForms) -> list[str]:
    """What is left once words that have come to stand side by side read like a listing."""
    joined = " ".join(words)
    return [fold(word) for word in _split(joined, forms)] if _LISTED.search(joined) else words


def _join_letters(words: list[str]) -> list[str]:
    """ "h", "m", "hennes" -> "hm", "hennes"; "3", "d" -> "3d"."""
    joined: list[str] = []
    run = False
    for word in words:
        letter = len(word) == 1
        if letter and run and word.isalpha():
            joined[-1] += word
        else:
            joined.append(word)
        run = letter
    return joined


def _without_forms(words: list[str], forms: LegalForms) -> list[str]:
    while size := forms.starts.at(words[:-1], 0):
        words = words[size:]
    kept = words[:1]
    at = 1
    while at < len(words):
        at_end = forms.ends.at(words, at)
        if at_end and not _without_repeat(words[at + at_end :], kept):
            break
        size = forms.anywhere.at(words, at)
        if size:
            words = words[: at + size] + _without_repeat(words[at + size :], kept)
        else:
            kept.append(words[at])
        at += size or 1
    return kept


def _without_repeat(tail: list[str], head: list[str]) -> list[str]:
    """Fixed-width lists repeat the start of the name behind the legal form: "AALBERTS NV AALBERTS", "IMCD NV IMCD GRO"."""
    if tail and head and (tail[0] == head[0] or "".join(head).startswith("".join(tail))):
        return []
    while tail and any(word.startswith(tail[-1]) for word in head):
        tail = tail[:-1]
    return tail
