"""Judges two rows by the types of tokens in which they agree and differ; it cannot know what any token stands for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log2
from typing import Literal, NamedTuple

from streams.matching.ids import SITE, UNNAMED
from streams.matching.numbers import written
from streams.matching.tokens import ID, TELLING

Band = Literal["linked", "to_confirm", "not_shown"]
DECIDED = 0.995  # a registration number of one kind that is equal

SENTENCES: Mapping[str, str] = {
    "domain": "same web domain",
    "any domain": "a domain of the one is a former one, or one of contacts, of the other",
    "name+postal": "same name and postal code",
    "name+city": "same name and city",
    "name+country": "same name and country",
    "name": "same name",
    "spelling": "same name, or a web domain that spells it",
    "street+postal": "same street and postal code",
    "phone": "same phone number",
    "words": "the same two rarest words in both names",
    "word": "a rare word in both names",
    "word+country": "a word in both names, same country",
    "first+country": "names with the same first word, same country",
    "letters+country": "names whose words begin with the same letters, same country",
    "start+country": "names with the same beginning, same country",
}
"""Type of token -> what it says that two rows agree in it, the strongest first."""

AGAINST: Mapping[str, str] = {
    "domain": "different web domains",
    "phone": "different phone numbers",
    "street+postal": "different addresses",
    "name": "names that are written differently",
}
IMPLIED: Mapping[str, tuple[str, ...]] = {
    "domain": ("any domain",),
    "name+postal": ("name+city", "name+country", "name"),
    "name+city": ("name+country", "name"),
    "name+country": ("name",),
    "name": ("spelling", "words", "word", "word+country", "first+country", "letters+country", "start+country"),
    "words": ("word", "word+country"),
    "word": ("word+country",),
}
"""What is not said, because what is said holds it."""


class Pattern(NamedTuple):
    """What the hub sees of a pair. `holders`: how many rows of the list that has more of them hold the rarest token
    that both have; 1 and more."""

    agree: frozenset[str]
    differ: frozenset[str]
    holders: int


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds by type of token; `crowd` counts for each doubling of the holders."""

    version: str
    base: float
    crowd: float
    linked: float
    shown: float
    agree: Mapping[str, float]
    differ: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure it is that two rows are one company; every sentence says that its matter is hidden."""

    confidence: float
    band: Band
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]


@cache
def weights() -> Weights:
    """The shipped ones: what `benchmarks/blind.py --write` has learned from data/companies."""
    return parse(files("tandem.blind").joinpath("weights.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Weights:
    """The weights that a TOML text holds."""
    table = tomllib.loads(text)
    numbers = {name: float(table[name]) for name in ("base", "crowd", "linked", "shown")}
    return Weights(table["version"], **numbers, agree=table["agree"], differ=table["differ"])


def judge(pattern: Pattern, by: Weights) -> Verdict:
    """The verdict on a pair. A registration number of a kind that both have decides: equal for it, else against it.

    A different number of an establishment, or of a kind that is not named, says nothing: one company may have several.
    """
    confidence = round(1 / (1 + exp(-log_odds(pattern, by))), 4)
    if any(kind.startswith(ID) for kind in pattern.agree):
        confidence = DECIDED
    elif _against(pattern):
        confidence = 0.0
    band: Band = "linked" if confidence >= by.linked else "to_confirm" if confidence >= by.shown else "not_shown"
    return Verdict(confidence, band, _reasons(pattern), _doubts(pattern))


def log_odds(pattern: Pattern, by: Weights) -> float:
    """The sum of what speaks for the pair and against it, registration numbers left aside."""
    agree, differ = weighed(pattern)
    found = by.base + by.crowd * log2(pattern.holders)
    # In one order, so that equal evidence gives equal sums.
    found += sum(by.agree.get(kind, 0.0) for kind in sorted(agree))
    return found + sum(by.differ.get(kind, 0.0) for kind in sorted(differ))


def weighed(pattern: Pattern) -> tuple[frozenset[str], frozenset[str]]:
    """The types that count for the pair and against it: what says the same twice, or is explained, counts once."""
    agree, differ = pattern.agree, pattern.differ
    if "domain" in agree:
        agree -= {"any domain"}
    elif "any domain" in agree:
        differ -= {"domain"}  # a moved domain, or one of contacts, explains the difference
    return agree, frozenset(kind for kind in differ if not kind.startswith(TELLING))


def _reasons(pattern: Pattern) -> tuple[str, ...]:
    implied = {each for kind in pattern.agree for each in IMPLIED.get(kind, ())}
    kinds = sorted(kind.removeprefix(ID) for kind in pattern.agree if kind.startswith(ID))
    numbers = [f"same {written(kind)} number" for kind in kinds]
    said = [sentence for kind, sentence in SENTENCES.items() if kind in pattern.agree and kind not in implied]
    return tuple(f"{sentence} (hidden)" for sentence in (*numbers, *said))


def _doubts(pattern: Pattern) -> tuple[str, ...]:
    numbers = [f"different {written(kind)} numbers" for kind in _against(pattern)]
    said = [sentence for kind, sentence in AGAINST.items() if kind in pattern.differ]
    if "name" in pattern.agree and "name+country" in pattern.differ:
        said.append("same name, but different countries")
    return tuple(f"{sentence} (hidden)" for sentence in (*numbers, *said))


def _against(pattern: Pattern) -> list[str]:
    """The kinds of numbers that decide where they differ, and do."""
    kinds = (kind.removeprefix(ID) for kind in pattern.differ if kind.startswith(ID))
    return sorted(kind for kind in kinds if kind != UNNAMED and not kind.startswith(SITE))
