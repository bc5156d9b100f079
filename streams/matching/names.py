"""Normalises a company name to the words that tell it from other companies; never compares two names."""

import re

from streams.matching.tables import LegalForms, abbreviations, legal_forms
from streams.matching.text import ascii_text, fold

# "S.p.A." and "A/S" are one word each.
_DOTTED = re.compile(r"(?<![a-z0-9])(?:(?:[a-z]\.)+[a-z](?![a-z0-9])\.?|(?:[a-z]\.){2,})")
_SLASHED = re.compile(r"(?<![a-z0-9])([a-z])/([a-z])(?![a-z0-9])")
_WORD = re.compile(r"[a-z0-9]+")
# Securities lists append the nominal value ("DL-,0001", "H YC 1"), the receipt ("SP.ADR/2"), the class and a date.
_LISTING = re.compile(
    r"(?<![a-z0-9])(?:h\s+)?(?:dl|eo|ls|yc|yn|hd|rp|dk|sk|nk|tn|ir|sf|rc|rb|zy|kc)\s*-?\s*[,.]?\d[\d,./]*"
    r"|(?:(?<![a-z])sp(?:on)?s?\.?\s?)?(?<![a-z])(?:adr|ads|gdr)s?\s*(?:[a-z]\s*)?/?\d[\d/,]*"
    r"|(?<![a-z0-9])(?:(?:class|cl\.|ser\.)\s?[a-z]|[a-h]\s?shares?)(?![a-z0-9])"
    r"|(?<![a-z0-9])o\.\s?n\.?(?![a-z0-9])"
    r"|\s\d{1,2}/\d{2}$"
)
_LISTED = re.compile(r"\d|cl[a.]|share|ser\.|o\. ?n")  # what each of these contains: most names need no closer look


def name_words(name: str) -> tuple[str, ...]:
    """The folded words of a name without legal forms, share classes and filler, never empty unless nothing can be read.

    "The Acme Robotics Co., Ltd." and "ACME ROBOTICS GMBH" are both ("acme", "robotic").
    """
    forms, short = legal_forms(), abbreviations()
    words = [fold(word) for word in _split(name, forms)]
    while True:
        bare = _without_forms(words, forms)
        bare = [word for word in bare if word not in forms.stop_words] or bare
        bare = [short.get(folded := fold(word), folded) for word in _join_letters(bare)]
        if bare == words:
            bare = _unlisted(bare, forms)
            if bare == words:
                return tuple(bare)
        words = bare


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
    """ "h", "m", "hennes" -> "hm", "hennes"."""
    joined: list[str] = []
    run = False
    for word in words:
        letter = len(word) == 1 and word.isalpha()
        if letter and run:
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
    """Fixed-width lists repeat the start of the name behind the legal form: "AALBERTS NV AALBERTS"."""
    while tail and any(word.startswith(tail[-1]) for word in head):
        tail = tail[:-1]
    return tail
