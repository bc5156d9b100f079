"""The rules of attribution as data, checked key by key; it decides nothing."""

from decimal import Decimal
from pathlib import Path

from pydantic import Field

from mappings.rulebook import Rule, Rulebook, source
from schemas.messages import TouchKind

FILE = "attribution.toml"


class Touches(Rule):
    """Which kinds of touches count, which of them bring a deal, and how far back."""

    counts: tuple[TouchKind, ...] = Field(min_length=1)
    sources: tuple[TouchKind, ...]
    look_back_days: int = Field(ge=1, le=3650)


class Training(Rule):
    """How many certifications of one partner count for one deal."""

    most: int = Field(ge=1, le=20)


class Cloud(Rule):
    """The partner that co-sell and marketplace offers are credited to."""

    partner: str = Field(min_length=1)
    name: str = Field(min_length=1)


class Position(Rule):
    """The weights of the model `position`: parts of 1."""

    first: Decimal = Field(ge=0, le=1)
    middle: Decimal = Field(ge=0, le=1)
    last: Decimal = Field(ge=0, le=1)


class AttributionRules(Rule):
    """All of `attribution.toml`."""

    touches: Touches
    training: Training
    cloud: Cloud
    position: Position


def load(overrides: Path | None = None) -> AttributionRules:
    """The shipped rules as changed by `<overrides>/attribution.toml`, tables merged key by key. Raises `MappingError`."""
    # A weight is what is written there: as a binary float, 0.4 + 0.2 + 0.4 would not be 1.
    book = source(FILE, overrides, number=Decimal).checked(AttributionRules)
    _check(book)
    return book.rules


def _check(book: Rulebook[AttributionRules]) -> None:
    weights, touches = book.rules.position, book.rules.touches
    total = weights.first + weights.middle + weights.last
    if total != 1:
        words = f"{weights.first} + {weights.middle} + {weights.last} is {total}, and not 1."
        book.refuse(words, "choose weights that sum to exactly 1", "position", "first")
    if weights.first + weights.last == 0:
        reason = "a deal with one or two touches would be nobody's."
        book.refuse(reason, "give `first` or `last` a weight", "position", "first")
    for key in ("counts", "sources"):
        kinds: tuple[TouchKind, ...] = getattr(touches, key)
        if twice := next((kind for kind in kinds if kinds.count(kind) > 1), None):
            book.refuse(f"{twice.value!r} stands there twice.", "name each kind once", "touches", key)
    if idle := next((kind for kind in touches.sources if kind not in touches.counts), None):
        reason = f"{idle.value!r} is to bring deals, and does not count for them."
        remedy = f"add {idle.value!r} to `counts`, or take it out of `sources`"
        book.refuse(reason, remedy, "touches", "sources")
