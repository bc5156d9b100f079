"""The routing rules made ready to be asked: what a lead is by their words, and which rules it fits; it knows no partner."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import chain

from mappings.routing import RoutingRules
from mappings.routing_rules import Amount, Rule, Territory, When, plain
from schemas.entities import Lead, Population
from streams.connected import Connected
from streams.leads.pools import Pool, pools_of
from streams.matching.features import country_code

WORDS = ("segment", "product", "language", "industry", "source")


@dataclass(frozen=True)
class Setup:
    """Who takes part, and by which rules."""

    connected: Connected
    rules: RoutingRules

    @property
    def connections(self) -> tuple[str, ...]:
        """Everyone who has to have been looked at before a lead is routed."""
        return (*self.connected.crms, *self.connected.prms)

    @cached_property
    def policy(self) -> "Policy":
        """The rules, made ready."""
        return Policy(self.rules)


@dataclass(frozen=True, slots=True)
class Traits:
    """What a lead is by the words of the rules; empty where it does not say."""

    places: tuple[str, ...]  # territories, then the country
    country: str
    segment: str
    product: str
    language: str
    industry: str
    source: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Related:
    """What partners have to do with a lead's company: populations by partner, and who has or had a deal there."""

    overlaps: Mapping[str, frozenset[Population]] = field(default_factory=dict)
    deals: frozenset[str] = frozenset()

    @property
    def partners(self) -> tuple[str, ...]:
        """All of them; sorted."""
        return tuple(sorted({*self.overlaps, *self.deals}))

    @property
    def told(self) -> tuple[str, ...]:
        """The same as text: `acme overlap customer`, `acme relationship`."""
        overlaps = (f"{key} overlap {each.value}" for key, some in self.overlaps.items() for each in some)
        return tuple(sorted((*overlaps, *(f"{key} relationship" for key in self.deals))))

    @classmethod
    def read(cls, told: Sequence[str]) -> "Related":
        """The inverse of `told`."""
        words = [each.split() for each in told]
        overlaps: dict[str, frozenset[Population]] = {}
        for key, *rest in words:
            if rest[0] == "overlap":
                overlaps[key] = overlaps.get(key, frozenset()) | {Population(rest[1])}
        return cls(overlaps, frozenset(key for key, *rest in words if rest[0] == "relationship"))


class Policy:
    """The rules of one deployment."""

    def __init__(self, rules: RoutingRules) -> None:
        self.rules = rules
        self.products = _spellings(rules.products)
        self.languages = _spellings(rules.languages)
        self.territories = {plain(name): name for name in rules.territories}
        self._shown = self.territories | {plain(name): name for name in (*rules.segments, *rules.products)}
        self.pools: Mapping[str, Pool] = pools_of(rules)
        self.pool_of: Mapping[str, Pool] = {name: it for it in self.pools.values() for name in it.rules}
        self._wanted = [(rule, _Wanted(rule.when)) for rule in rules.rules]
        self.by_name = {rule.name: rule for rule in rules.rules}

    def shown(self, word: str) -> str:
        """A place, segment or product as the rules write it."""
        return self._shown.get(word, word.upper() if len(word) == 2 else word)

    def traits(self, lead: Lead) -> Traits:
        """A lead by the words of the rules."""
        country = country_code(lead.country or "")
        state, postal = plain(lead.state or ""), plain(lead.postal_code or "")
        inside = (name for name, it in self.rules.territories.items() if country and it.holds(country, state, postal))
        return Traits(
            places=tuple(plain(name) for name in (*inside, country) if name),
            country=country,
            segment=self._segment(lead.employees),
            product=self.product(lead.product or ""),
            language=self.language(lead.language or ""),
            industry=plain(lead.industry or ""),
            source=plain(lead.source or ""),
            amount=lead.amount,
            currency=(lead.currency or "").strip().upper(),
        )

    def product(self, text: str) -> str:
        """How the rules call a product; one that they do not name is itself."""
        word = plain(text)
        return self.products.get(word, word)

    def language(self, text: str) -> str:
        """The code of a language; one that the rules do not name is itself, as `de` of `de-AT`."""
        word = plain(text)
        return self.languages.get(word) or self.languages.get(word[:2] if len(word) == 4 else word, word)

    def places(self, names: Sequence[str]) -> tuple[str, ...]:
        """Where a partner sells, by the words of the rules: what lies within another of them goes, so none counts twice."""
        territories = {plain(name) for name in names if plain(name) in self.territories}
        wide = {name: self.rules.territories[self.territories[name]] for name in territories}
        countries = {code for name in names if plain(name) not in territories and (code := country_code(name))}
        inside = {name for name in wide for other in wide if name != other and _within(wide, name, other)}
        covered = {code for code in countries if any(code in it.countries for it in wide.values())}
        return tuple(sorted((territories - inside) | set(map(plain, countries - covered))))

    def _segment(self, employees: int | None) -> str:
        if employees is None:
            return ""
        return next((plain(name) for name, it in self.rules.segments.items() if it.holds(employees)), "")

    def fitting(self, traits: Traits, related: Related) -> Iterator[Rule]:
        """The rules that a lead fits, in order."""
        return (rule for rule, wanted in self._wanted if wanted.fits(traits, related))


class _Wanted:
    """The conditions of one rule, ready to be compared."""

    def __init__(self, when: When) -> None:
        lists = {"places": when.territory, **{name: getattr(when, name) for name in WORDS}}
        self.words = [(name, frozenset(map(plain, words))) for name, words in lists.items() if words is not None]
        self.countries, self.amount = frozenset(when.country or ()), when.amount
        self.overlap, self.relationship = frozenset(when.overlap or ()), when.relationship

    def fits(self, traits: Traits, related: Related) -> bool:
        for name, words in self.words:
            has = getattr(traits, name)
            if words.isdisjoint(has) if name == "places" else has not in words:
                return False
        if self.countries and traits.country not in self.countries:
            return False
        if self.amount is not None and not _in(self.amount, traits):
            return False
        if self.overlap and self.overlap.isdisjoint(chain.from_iterable(related.overlaps.values())):
            return False
        return self.relationship is None or self.relationship == bool(related.deals)


def _in(amount: Amount, traits: Traits) -> bool:
    return traits.amount is not None and traits.currency == amount.currency and amount.holds(traits.amount)


def _within(wide: Mapping[str, Territory], name: str, other: str) -> bool:
    """Whether one territory lies in another; of two that are the same the later one by name does."""
    inner, outer = wide[name].all_countries, frozenset(wide[other].countries)
    return inner <= outer and (inner != outer or not inner <= set(wide[name].countries) or name > other)


def _spellings(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {plain(word): plain(name) for name, words in table.items() for word in (name, *words)}
