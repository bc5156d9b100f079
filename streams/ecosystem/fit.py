"""How well a company fits the ideal customer profile; it looks at no partner and at no clock."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeVar

from mappings.icp import (
    Band,
    ByCountry,
    ByIndustry,
    ByRange,
    ByTechnology,
    Countries,
    Icp,
    Industry,
    Technologies,
    words,
)
from streams.ecosystem.codes import Code
from streams.matching.features import country_code

UNSAID = frozenset({"", "other", "others", "unknown", "none", "n a", "na", "not available", "unspecified"})


class Firmographics(Protocol):
    """What is looked at; an `Account` has it."""

    @property
    def industry(self) -> str | None:
        """In the system's own words."""

    @property
    def employees(self) -> int | None:
        """Their number."""

    @property
    def annual_revenue(self) -> Decimal | None:
        """In the account's currency."""

    @property
    def country(self) -> str | None:
        """Name or ISO 3166 code."""

    @property
    def technologies(self) -> tuple[str, ...]:
        """What it uses."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a company fits. `score`: 0 to 100; `known`: 0 to 1, the share of the profile's weight that is known of it."""

    score: int
    band: Band
    known: float
    reasons: tuple[str, ...]
    codes: tuple[Code, ...]
    version: str


class Verdict(NamedTuple):
    """What one criterion says. `points` is None where the company does not say."""

    points: int | None
    reason: str
    code: Code


class _Profile:
    """A profile as a key: two are equal only if they are one object, which is cheaper than to compare what they say."""

    __slots__ = ("rules",)

    def __init__(self, rules: Icp) -> None:
        self.rules = rules

    def __hash__(self) -> int:
        return id(self.rules)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Profile) and self.rules is other.rules


class _Company(NamedTuple):
    industry: str | None
    employees: int | None
    annual_revenue: Decimal | None
    country: str | None
    technologies: tuple[str, ...]


def fit(company: Firmographics, icp: Icp) -> Fit:
    """The points of each criterion by weight; what is not known counts as the profile's `unknown` points.

    Rounded half up before the band is read, so that the score and the band never contradict each other.
    """
    it = company
    said = _Company(it.industry, it.employees, it.annual_revenue, it.country, it.technologies)
    return _fit(said, _Profile(icp))


@lru_cache(maxsize=4096)
def _fit(company: _Company, profile: _Profile) -> Fit:
    """One change of an account asks for the same fit several times."""
    icp = profile.rules
    found = [(weight, verdict) for weight, verdict in _verdicts(company, icp) if weight]
    excluded = _excluded(company, icp)
    total = sum(weight * (icp.unknown if it.points is None else it.points) for weight, it in found)
    known = sum(weight for weight, it in found if it.points is not None) / icp.weight
    score = (2 * total + icp.weight) // (2 * icp.weight)
    if excluded is not None:
        return Fit(0, "D", known, (excluded.reason,), (excluded.code,), icp.label)
    # The criterion that weighs most comes first.
    verdicts = [it for _, it in sorted(found, key=lambda each: -each[0])]
    reasons, codes = tuple(it.reason for it in verdicts), tuple(it.code for it in verdicts)
    return Fit(score, icp.bands.of(score), known, reasons, codes, icp.label)


def _verdicts(company: Firmographics, icp: Icp) -> Iterator[tuple[int, Verdict]]:
    yield icp.industry.weight, _industry(company.industry, icp.industry)
    size = ("employees", Code.SIZE_FITS, Code.SIZE_OTHER, Code.SIZE_UNKNOWN)
    yield icp.employees.weight, _range(company.employees, icp.employees, *size)
    worth = ("revenue", Code.REVENUE_FITS, Code.REVENUE_OTHER, Code.REVENUE_UNKNOWN)
    yield icp.revenue.weight, _range(company.annual_revenue, icp.revenue, *worth)
    yield icp.country.weight, _country(company.country, icp.country)
    yield icp.technologies.weight, _technologies(company.technologies, icp.technologies)


def _excluded(company: Firmographics, icp: Icp) -> Verdict | None:
    industry, code = words(company.industry or ""), country_code(company.country or "")
    if any(_within(each, industry) for each in icp.exclude.industries):
        return Verdict(0, f"the industry {company.industry} is excluded", Code.EXCLUDED_INDUSTRY)
    if code in icp.exclude.countries:
        return Verdict(0, f"the country {code} is excluded", Code.EXCLUDED_COUNTRY)
    return None


def _industry(said: str | None, rules: ByIndustry) -> Verdict:
    text = words(said or "")
    if text in UNSAID:
        return Verdict(None, "the industry is not known", Code.INDUSTRY_UNKNOWN)
    best = _best(rules.fits, lambda it: any(_within(each, text) for each in it.words))
    if best is None:
        return Verdict(rules.other, f"the industry {said} is none that the profile names", Code.INDUSTRY_OTHER)
    return Verdict(best.points, f"the industry is {said}{_called(best)}", Code.INDUSTRY_FITS)


def _range(said: int | Decimal | None, rules: ByRange, what: str, fits: Code, other: Code, unknown: Code) -> Verdict:
    # A CRM holds 0 where nobody filled it in.
    if said is None or said <= 0:
        return Verdict(None, f"{'the number of ' if what == 'employees' else 'the '}{what} is not known", unknown)
    shown = f"{said:,.0f} {what}" if what == "employees" else f"{said:,.0f} of {what} a year"
    best = _best(rules.fits, lambda it: it.holds(said))
    if best is None:
        return Verdict(rules.other, f"{shown}: in no range of the profile", other)
    return Verdict(best.points, f"{shown}: in the range {best.text}", fits)


def _country(said: str | None, rules: ByCountry) -> Verdict:
    code = country_code(said or "")
    if not code:
        return Verdict(None, "the country is not known", Code.COUNTRY_UNKNOWN)
    best = _best(rules.fits, lambda it: code in it.countries)
    if best is None:
        return Verdict(rules.other, f"the country {code} is none that the profile names", Code.COUNTRY_OTHER)
    return Verdict(best.points, f"the country is {code}{_called(best)}", Code.COUNTRY_FITS)


def _technologies(said: Sequence[str], rules: ByTechnology) -> Verdict:
    texts = [text for text in map(words, said) if text not in UNSAID]
    if not texts:
        return Verdict(None, "the technologies are not known", Code.TECH_UNKNOWN)
    best = _best(rules.fits, lambda it: any(_within(each, text) for each in it.any for text in texts))
    if best is None:
        return Verdict(rules.other, "it uses no technology that the profile names", Code.TECH_OTHER)
    used = next(each for each in best.any if any(_within(each, text) for text in texts))
    return Verdict(best.points, f"it uses {used}{_called(best)}", Code.TECH_FITS)


Named = TypeVar("Named", bound="_Pointed")


class _Pointed(Protocol):
    @property
    def points(self) -> int: ...
    @property
    def name(self) -> str | None: ...


def _best(entries: Sequence[Named], holds: Callable[[Named], bool]) -> Named | None:
    """The entry with the most points of those that hold; of several the first."""
    return max((each for each in entries if holds(each)), key=lambda each: each.points, default=None)


def _called(entry: Industry | Countries | Technologies) -> str:
    return f" ({entry.name})" if entry.name else ""


def _within(term: str, text: str) -> bool:
    """Whether a text has a term as whole words; the text is in the form of `words`."""
    return f" {words(term)} " in f" {text} "
