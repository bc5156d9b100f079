"""The ideal customer profile as data, checked key by key; it looks at no account and decides nothing."""

import hashlib
import re
import unicodedata
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mappings.errors import MappingError
from mappings.routing_rules import Country
from mappings.rulebook import Rule, Rulebook, changed_by

FILE = "icp.toml"
Band = Literal["A", "B", "C", "D"]
Points = Annotated[int, Field(ge=0, le=100)]
CRITERIA = ("industry", "employees", "revenue", "country", "technologies")


@lru_cache(maxsize=4096)
def words(text: str) -> str:
    """Letters and digits in lower case without marks, one blank between words: "COMPUTER_SOFTWARE": computer software."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return " ".join(re.findall(r"[^\W_]+", bare.casefold()))


def _spoken(value: tuple[str, ...]) -> tuple[str, ...]:
    for each in value:
        if not words(each):
            raise ValueError(f"{each!r} has no letter and no digit, so nothing could have it")
    return value


Words = Annotated[tuple[str, ...], AfterValidator(_spoken)]
SomeWords = Annotated[Words, Field(min_length=1)]


class Bands(Rule):
    """From how many points on a band holds; below C it is D."""

    A: Points
    B: Points
    C: Points

    def of(self, score: float) -> Band:
        """The band of so many points."""
        return "A" if score >= self.A else "B" if score >= self.B else "C" if score >= self.C else "D"


class Exclude(Rule):
    """What no account of ours can be."""

    industries: Words = ()
    countries: tuple[Country, ...] = ()


class Industry(Rule):
    """Industries by words of their names."""

    words: SomeWords
    points: Points
    name: str | None = None


class Range(Rule):
    """Numbers, both ends included."""

    low: int | None = Field(default=None, alias="from", ge=0)
    high: int | None = Field(default=None, alias="to", ge=0)
    points: Points
    name: str | None = None

    def holds(self, number: int | Decimal) -> bool:
        """Whether a number is in it."""
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)

    @property
    def text(self) -> str:
        """As a sentence has it."""
        if self.low is None:
            return f"up to {self.high:,}"
        return f"{self.low:,} or more" if self.high is None else f"{self.low:,} to {self.high:,}"


class Countries(Rule):
    """Countries by their codes."""

    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    points: Points
    name: str | None = None


class Technologies(Rule):
    """What an account uses, one of them."""

    any: SomeWords
    points: Points
    name: str | None = None


class Criterion(Rule):
    """What all criteria have."""

    weight: int = Field(ge=0, le=100)
    other: Points


class ByIndustry(Criterion):
    """The criterion of industries."""

    fits: tuple[Industry, ...] = ()


class ByRange(Criterion):
    """A criterion of numbers."""

    fits: tuple[Range, ...] = ()


class ByCountry(Criterion):
    """The criterion of countries."""

    fits: tuple[Countries, ...] = ()


class ByTechnology(Criterion):
    """The criterion of technologies."""

    fits: tuple[Technologies, ...] = ()


class Evidence(Rule):
    """Points for what speaks for an account at a partner."""

    customer: Points
    open_deal: Points
    prospect: Points
    several: Points
    partners: int = Field(ge=2, le=100)
    recent: Points
    recent_days: int = Field(ge=1, le=3650)
    sure: Points
    owner: Points
    tier: Points
    related: int = Field(ge=0, le=100)


class Readiness(Rule):
    """Points for what lets us act at once."""

    open_deal: Points
    our_owner: Points
    their_owner: Points


class Momentum(Rule):
    """Points for what moved within so many days."""

    days: int = Field(ge=1, le=3650)
    new: int = Field(ge=-100, le=100)
    risen: int = Field(ge=-100, le=100)
    fallen: int = Field(ge=-100, le=100)
    ended: int = Field(ge=-100, le=100)


class Qualified(Rule):
    """When an account counts as qualified by partners."""

    bands: tuple[Band, ...] = Field(min_length=1)
    evidence: Points


class Icp(Rule):
    """All of `icp.toml`."""

    name: str = Field(pattern=r"^[\w][\w .-]{0,39}$")
    version: int = Field(ge=1)
    unknown: Points
    bands: Bands
    exclude: Exclude
    industry: ByIndustry
    employees: ByRange
    revenue: ByRange
    country: ByCountry
    technologies: ByTechnology
    evidence: Evidence
    readiness: Readiness
    momentum: Momentum
    qualified: Qualified

    @cached_property
    def digest(self) -> str:
        """Of what it says, so that two profiles under one name and number can be told apart."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]

    @cached_property
    def label(self) -> str:
        """As it is written beside a fit."""
        return f"{self.name} {self.version} ({self.digest})"

    @cached_property
    def weight(self) -> int:
        """The sum of all weights."""
        return sum(getattr(self, each).weight for each in CRITERIA)


def load(overrides: Path | None = None) -> Icp:
    """The shipped profile as changed by `<overrides>/icp.toml`. Raises `MappingError`."""
    return read(None if overrides is None else overrides / FILE)


def read(own: Path | None) -> Icp:
    """The shipped profile as changed by a file, whatever it is called; None or a file that is not there: as shipped.

    Raises `MappingError` with the file, the line, the key and the remedy.
    """
    book = changed_by(FILE, own).checked(Icp)
    for check in (_check_bands, _check_weights, _check_ranges, _check_twice, _check_reach):
        check(book)
    if own is not None and own.is_file():
        _check_version(book)
    return book.rules


def _check_bands(book: Rulebook[Icp]) -> None:
    bands = book.rules.bands
    for key, better, worse in (("B", bands.A, bands.B), ("C", bands.B, bands.C)):
        if worse >= better:
            reason = f"band {key} begins at {worse} points, and the band above it at {better}."
            book.refuse(reason, f"choose fewer than {better}", "bands", key)
    qualified = book.rules.qualified.bands
    if len(set(qualified)) < len(qualified):
        book.refuse("a band stands there twice.", "name each band once", "qualified", "bands")


def _check_weights(book: Rulebook[Icp]) -> None:
    rules = book.rules
    if not rules.weight:
        book.refuse("all weights are 0, so nothing counts.", "give a criterion a weight", "industry", "weight")
    for name in CRITERIA:
        criterion = getattr(rules, name)
        if criterion.weight and not criterion.fits:
            reason = f"{name} has a weight, and nothing that fits."
            book.refuse(reason, f"add [[{name}.fits]], or set its weight to 0", name, "weight")


def _check_ranges(book: Rulebook[Icp]) -> None:
    for name in ("employees", "revenue"):
        ranges: tuple[Range, ...] = getattr(book.rules, name).fits
        for at, each in enumerate(ranges):
            if each.low is None and each.high is None:
                book.refuse("it has no end.", "give `from`, `to` or both", name, "fits", at)
            if each.low is not None and each.high is not None and each.low > each.high:
                reason = f"nothing is from {each.low} to {each.high}."
                book.refuse(reason, "put the smaller number into `from`", name, "fits", at, "from")
            for other in ranges[:at]:
                if _meet(each, other):
                    reason = f"{each.text} and {other.text} have numbers in common."
                    book.refuse(reason, "let one end before the other begins", name, "fits", at)


def _meet(one: Range, other: Range) -> bool:
    low = max(one.low or 0, other.low or 0)
    return one.holds(low) and other.holds(low)


def _check_twice(book: Rulebook[Icp]) -> None:
    """A word or country that two entries have would count by the better one only."""
    rules = book.rules
    lists = {
        "industry": [[words(each) for each in it.words] for it in rules.industry.fits],
        "country": [list(it.countries) for it in rules.country.fits],
        "technologies": [[words(each) for each in it.any] for it in rules.technologies.fits],
    }
    keys = {"industry": "words", "country": "countries", "technologies": "any"}
    for name, entries in lists.items():
        seen: set[str] = set()
        for at, entry in enumerate(entries):
            for each in entry:
                if each in seen:
                    reason = f"{each!r} stands there twice."
                    book.refuse(reason, "name it once", name, "fits", at, keys[name])
                seen.add(each)
    for each in rules.exclude.countries:
        if any(each in entry for entry in lists["country"]):
            reason = f"{each!r} is excluded, and has points in [[country.fits]]."
            book.refuse(reason, "take it out of one of them", "exclude", "countries")


def _check_reach(book: Rulebook[Icp]) -> None:
    """Points that cannot be reached would make a table void."""
    rules = book.rules
    best = sum(
        getattr(rules, name).weight
        * max([getattr(rules, name).other, *(each.points for each in getattr(rules, name).fits)])
        for name in CRITERIA
    )
    if best < rules.bands.A * rules.weight:
        reason = f"no account can have {rules.bands.A} points: the best one has {best / rules.weight:.0f}."
        book.refuse(reason, "lower A, or raise points of entries", "bands", "A")
    evidence = rules.evidence
    if not max(evidence.customer, evidence.open_deal, evidence.prospect):
        reason = "nothing a partner has with an account counts."
        book.refuse(reason, "give customer, open_deal or prospect points", "evidence", "customer")


def _check_version(book: Rulebook[Icp]) -> None:
    shipped, own = changed_by(FILE, None).checked(Icp).rules, book.rules
    if (own.name, own.version) == (shipped.name, shipped.version) and own.digest != shipped.digest:
        reason = f"it differs from the shipped profile, and is called {own.name} {own.version} like it."
        raise MappingError(reason, "give it a `name` of its own", file=book.source.files[0][0], key="name")
