"""Which partners can have leads of which rules, in order, as index rows: what a lead costs does not grow with the partners.

A pool belongs to rules that ask the same of partners and rank them alike. A partner stands in it once for each bucket of
leads that it serves (place, segment, product, language, as far as the rules ask), either as eligible or with something
against it, in the order of the rules' ranking. All of that follows from what is known of the partner, so a change replaces
exactly the rows that differ. What a partner does not name stands as `*`; a lead that does not say looks under `-`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product as combinations
from typing import NamedTuple

from mappings.routing_rules import Must, RoutingRules, Rule, Signal, digest, plain
from streams.leads.state import Load, PartnerRow

ALL, SILENT, EITHER = "*", "-", "~"
STRIDE = 720_720  # divisible by 1 to 16, so that weights divide it without a rest
ROUND = 8 * STRIDE  # equal scores take turns by so much: fewer rows change, and those listed are asked in turn anyway
LEAST_DEALS = 5  # a win rate counts as if so many further deals had gone half and half


class Stand(NamedTuple):
    """How a partner stands in a bucket: whether nothing is against it, and its place in the order."""

    eligible: bool
    order: str


@dataclass(frozen=True, slots=True)
class Pool:
    """What some rules ask of partners. `reach` are the values of each served kind that their leads can have; None: any."""

    id: str
    rules: tuple[str, ...]
    must: Must
    tier: int
    by: str
    weights: Mapping[Signal, Decimal]
    reach: Mapping[str, frozenset[str] | None]
    full: Mapping[str, int]

    @property
    def near(self) -> tuple[Signal, ...]:
        """Signals that depend on the lead and on many partners: each has a list of its own."""
        return tuple(name for name in ("country", "language") if name in self.weights)

    def listed(self, partner: PartnerRow) -> bool:
        """Whether the partner is one of those that the rules speak of at all."""
        must = self.must
        if not partner.active or partner.key in must.never or (must.only and partner.key not in must.only):
            return False
        return must.types is None or not set(map(plain, must.types)).isdisjoint(map(plain, partner.types))

    def buckets(self, partner: PartnerRow) -> Iterator[tuple[str, str]]:
        """Every bucket that it serves, with the product of it."""
        places = self._served("territory", partner)
        if not places:
            return
        served = [places, *(self._served(kind, partner) for kind in ("segment", "product", "language"))]
        near = [self._near(name, partner) for name in self.near]
        for values in combinations(*served, *near):
            yield "|".join(values), values[2]

    def _served(self, kind: str, partner: PartnerRow) -> tuple[str, ...]:
        if kind not in self.must.serves:
            return ("",)
        has = {"territory": partner.places, "segment": partner.segments, "product": partner.products}
        values = has.get(kind, partner.languages)
        reach = self.reach[kind]
        if kind == "product" and not values and (self._own_certificate or "certified" in self.weights):
            certified = {plain(each.product) for each in partner.certifications if each.product}
            return (*sorted(certified & reach if reach is not None else certified), SILENT, ALL)
        kept = tuple(value for value in values if reach is None or value in reach)
        if not values:
            return (ALL,)
        return kept if kind == "territory" or reach is not None else (*kept, SILENT)

    def _near(self, name: str, partner: PartnerRow) -> tuple[str, ...]:
        return (*((partner.country,) if name == "country" else partner.languages), EITHER)

    @property
    def _own_certificate(self) -> bool:
        """Whether the certification must be for what the lead asks."""
        return self.must.certification is not None and self.must.certification.product is None

    def looked_up(self, places: Iterable[str], segment: str, product: str, language: str) -> list[tuple[str, ...]]:
        """What of each kind a lead is looked up under."""
        served = self.must.serves
        found: list[tuple[str, ...]] = [(*places, ALL) if "territory" in served else ("",)]
        said = {"segment": segment, "product": product, "language": language}
        found += [(value or SILENT, ALL) if kind in served else ("",) for kind, value in said.items()]
        return found

    def stand(self, partner: PartnerRow, load: Load, product: str) -> Stand:
        """How it stands where that product is asked for (`-`: the lead does not say; `*`: one that nobody is certified for)."""
        held = {} if product == ALL else levels(partner, "" if product == SILENT else product)
        return Stand(not self._against(partner, load, held), self.order(partner, load, held))

    def _against(self, partner: PartnerRow, load: Load, held: Mapping[str, int]) -> bool:
        must = self.must
        if partner.no_leads or partner.tier_rank < self.tier or (must.capacity and is_full(partner, load)):
            return True
        if self.by == "rotation" and partner.weight < 1:
            return True
        if must.certification is None:
            return False
        if must.certification.product is not None:
            held = levels(partner, plain(must.certification.product))
        return max(held.values(), default=0) < must.certification.level

    def differs(self, partner: PartnerRow, before: Load, after: Load) -> bool:
        """Whether any of its rows can: what people are certified for has not changed."""
        return is_full(partner, before) != is_full(partner, after) or (
            self.order(partner, before, {}) != self.order(partner, after, {})
        )

    def order(self, partner: PartnerRow, load: Load, held: Mapping[str, int]) -> str:
        """Sorts as text: the better, the earlier; of equals the one whose turn it is."""
        turn = load.passes.get(self.id, 0)
        if self.by == "rotation":
            return f"{turn:018d}"
        if self.by == "tier":
            return f"{999 - partner.tier_rank:03d}.{turn:018d}"
        score = sum(int(self.weights.get(name, 0) * value) for name, value in self.still(partner, load, held).items())
        return f"{999_999_999 - score:09d}.{turn // ROUND:012d}"

    def still(self, partner: PartnerRow, load: Load, held: Mapping[str, int]) -> dict[Signal, int]:
        """The signals that are the same for every lead of a product, in thousandths."""
        return {
            "tier": _part(partner.tier_rank, self.full["tier"]),
            "certified": _part(len(held), self.full["certified"]),
            "win_rate": win_rate(load),
            "load": 1000 - 250 * quarters(partner, load, self.full["load"]),
        }


def pools_of(rules: RoutingRules) -> dict[str, Pool]:
    """All pools by id. The id changes whenever a row of the pool could."""
    found: dict[str, Pool] = {}
    for rule in rules.rules:
        if rule.partner.overlap or rule.partner.relationship:
            continue  # its candidates are found by the lead's company alone, and they are few
        reach = _reach(rules, rule)
        told = sorted((kind, sorted(values) if values is not None else None) for kind, values in reach.items())
        own = rule.name if rule.rank.by == "rotation" else ""
        places = sorted((name, it.model_dump_json()) for name, it in rules.territories.items())
        which = digest(
            rule.partner, rule.rank, rules.scale, told, own, places, rules.tiers, rules.products, rules.languages
        )
        before = found.get(which)
        names = (*before.rules, rule.name) if before is not None else (rule.name,)
        full = {"tier": len(rules.tiers), "certified": rules.scale.certified, "load": rules.scale.load}
        tier = rules.rank_of(rule.partner.tier)
        found[which] = Pool(which, names, rule.partner, tier, rule.rank.by, rule.rank.weights, reach, full)
    return found


def _reach(rules: RoutingRules, rule: Rule) -> dict[str, frozenset[str] | None]:
    when = rule.when
    found: dict[str, frozenset[str] | None] = {
        kind: None if words is None else frozenset(map(plain, words))
        for kind, words in (("segment", when.segment), ("product", when.product), ("language", when.language))
    }
    found["territory"] = _places(rules, rule)
    return found


def _places(rules: RoutingRules, rule: Rule) -> frozenset[str] | None:
    """The places that a lead of the rule can have: where its territories or countries are, and all that meets them."""
    when = rule.when
    countries = None if when.country is None else frozenset(when.country)
    if when.territory is not None:
        inside = frozenset(code for name in when.territory for code in rules.territories[name].all_countries)
        countries = inside if countries is None else countries & inside
    if countries is None:
        return None
    meeting = (plain(name) for name, it in rules.territories.items() if it.all_countries & countries)
    return frozenset((*meeting, *map(plain, countries)))


def levels(partner: PartnerRow, product: str) -> dict[str, int]:
    """Who is certified for a product (empty: for any), each with the highest level."""
    found: dict[str, int] = {}
    for each in partner.certifications:
        if not product or plain(each.product or "") == product:
            found[each.email] = max(each.level, found.get(each.email, 0))
    return found


def is_full(partner: PartnerRow, load: Load) -> bool:
    """Whether it has as many open leads as it takes."""
    return partner.capacity is not None and load.open >= partner.capacity


def quarters(partner: PartnerRow, load: Load, full: int) -> int:
    """How much of what it can take it has: 0 to 4 quarters, so that the order changes seldom."""
    return min(4, 4 * load.open // max(1, full if partner.capacity is None else partner.capacity))


def win_rate(load: Load) -> int:
    """Won of all that were decided, in thousandths, by steps of 50; few deals say little."""
    rate = 1000 * (2 * load.won + LEAST_DEALS) // (2 * (load.won + load.lost + LEAST_DEALS))
    return rate - rate % 50


def _part(value: int, full: int) -> int:
    return min(1000, 1000 * value // full)
