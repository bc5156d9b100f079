"""What speaks for and against one partner for one lead by one rule, in words; it knows no other partner."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from mappings.routing_rules import Rule, Signal, plain
from schemas.entities import Population
from streams.leads.policy import Policy, Related, Traits
from streams.leads.pools import STRIDE, is_full, levels, quarters, win_rate
from streams.leads.state import Load, PartnerRow

POPULATIONS = {Population.CUSTOMER: 1000, Population.OPEN_OPPORTUNITY: 700, Population.PROSPECT: 300}
HAS = {
    Population.CUSTOMER: "has the company as a customer",
    Population.OPEN_OPPORTUNITY: "has an open opportunity with the company",
    Population.PROSPECT: "has the company among its prospects",
}


class Verdict(NamedTuple):
    """Whether a partner can have a lead, how good that would be, and why. `signals` are thousandths by name."""

    eligible: bool
    score: float
    reasons: tuple[str, ...]
    signals: dict[Signal, int]

    @property
    def told(self) -> dict[str, Any]:
        """As a candidate of a fact has it; signals are 0 to 1 there."""
        signals = {str(name): value / 1000 for name, value in self.signals.items()}
        return {"score": self.score, "reasons": self.reasons, "signals": signals}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a partner is asked for: a lead by the words of the rules, on a day."""

    policy: Policy
    traits: Traits
    related: Related
    today: date


def judge(asked: Asked, rule: Rule, partner: PartnerRow, load: Load) -> Verdict:
    """One partner for one lead by one rule."""
    held = _in_force(partner, asked.today)
    against = tuple(_against(asked, rule, held, load))
    signals = _signals(asked, rule, held, load) if rule.rank.by == "score" else {}
    score = _score(asked, rule, held, load, signals)
    reasons = against or tuple(_for(asked, rule, held, load))
    return Verdict(not against, score, reasons, signals)


def _in_force(partner: PartnerRow, today: date) -> PartnerRow:
    """A certification whose last day is over does not count, even before that was told."""
    kept = tuple(each for each in partner.certifications if each.expires_on is None or each.expires_on >= today)
    return partner if kept == partner.certifications else partner.model_copy(update={"certifications": kept})


def _against(asked: Asked, rule: Rule, partner: PartnerRow, load: Load) -> Iterator[str]:
    must, traits = rule.partner, asked.traits
    if not partner.active:
        yield f"is {partner.status.value}"
    if partner.no_leads:
        yield "wants no leads"
    if (must.only and partner.key not in must.only) or partner.key in must.never:
        yield f"is not among the partners of {rule.name}"
    if must.types and set(map(plain, must.types)).isdisjoint(map(plain, partner.types)):
        yield f"is no {' or '.join(must.types)}"
    yield from _unserved(asked, rule, partner)
    if partner.tier_rank < asked.policy.rules.rank_of(must.tier):
        yield f"is {partner.tier or 'in no tier'}, {must.tier} is needed"
    yield from _uncertified(rule, partner, traits)
    if must.overlap and asked.related.overlaps.get(partner.key, frozenset()).isdisjoint(must.overlap):
        yield f"has not the company as {' or '.join(each.value.replace('_', ' ') for each in must.overlap)}"
    if must.relationship and partner.key not in asked.related.deals:
        yield "has and had no deal with the company"
    if must.capacity and is_full(partner, load):
        yield f"has {load.open} open leads and takes {partner.capacity}"
    if rule.rank.by == "rotation" and partner.weight < 1:
        yield "has no share in the rotation"


def _unserved(asked: Asked, rule: Rule, partner: PartnerRow) -> Iterator[str]:
    serves, traits, shown = rule.partner.serves, asked.traits, asked.policy.shown
    if "territory" in serves and partner.places and set(partner.places).isdisjoint(traits.places):
        yield (
            f"does not serve {', '.join(map(shown, traits.places))}"
            if traits.places
            else "serves some places, and the lead has none"
        )
    if "segment" in serves and partner.segments and traits.segment and traits.segment not in partner.segments:
        yield f"does not serve {shown(traits.segment)}"
    if "product" in serves and partner.products and traits.product and traits.product not in partner.products:
        yield f"does not sell {shown(traits.product)}"
    if "language" in serves and partner.languages and traits.language and traits.language not in partner.languages:
        yield f"does not speak {traits.language}"


def _uncertified(rule: Rule, partner: PartnerRow, traits: Traits) -> Iterator[str]:
    wanted = rule.partner.certification
    if wanted is None:
        return
    product = plain(wanted.product) if wanted.product is not None else traits.product
    if max(levels(partner, product).values(), default=0) < wanted.level:
        what = f" for {product}" if product else ""
        yield f"nobody is certified{what}" + (f" at level {wanted.level}" if wanted.level > 1 else "")


def _for(asked: Asked, rule: Rule, partner: PartnerRow, load: Load) -> Iterator[str]:
    traits = asked.traits
    for populations in (asked.related.overlaps.get(partner.key, frozenset()),):
        yield from (HAS[each] for each in POPULATIONS if each in populations)
    if partner.key in asked.related.deals:
        yield "has or had a deal with the company"
    for kind, has, value in (
        ("serves", partner.places, next((it for it in traits.places if it in partner.places), "")),
        ("serves", partner.segments, traits.segment),
        ("sells", partner.products, traits.product),
        ("speaks", partner.languages, traits.language),
    ):
        if value and value in has:
            yield f"{kind} {value if kind == 'speaks' else asked.policy.shown(value)}"
    held = _certified(rule, partner, traits)
    if held:
        yield f"{len(held)} {'person' if len(held) == 1 else 'people'} certified"
    if partner.tier:
        yield f"{partner.tier} tier"
    yield f"{load.open} open lead{'' if load.open == 1 else 's'}" + (
        f" of {partner.capacity}" if partner.capacity else ""
    )


def _certified(rule: Rule, partner: PartnerRow, traits: Traits) -> dict[str, int]:
    return levels(partner, traits.product if "product" in rule.partner.serves else "")


def _signals(asked: Asked, rule: Rule, partner: PartnerRow, load: Load) -> dict[Signal, int]:
    traits, related, scale = asked.traits, asked.related, asked.policy.rules.scale
    populations = related.overlaps.get(partner.key, frozenset())
    country, language = plain(traits.country), traits.language
    found: dict[Signal, int] = {
        "tier": _part(partner.tier_rank, len(asked.policy.rules.tiers)),
        "certified": _part(len(_certified(rule, partner, traits)), scale.certified),
        "overlap": max((POPULATIONS[each] for each in populations), default=0),
        "relationship": 1000 * (partner.key in related.deals),
        "win_rate": win_rate(load),
        "load": 1000 - 250 * quarters(partner, load, scale.load),
        "country": 1000 * bool(country and country == plain(partner.country)),
        "language": 1000 * bool(language and language in partner.languages),
    }
    return {name: found[name] for name in rule.rank.weights}


def _score(asked: Asked, rule: Rule, partner: PartnerRow, load: Load, signals: dict[Signal, int]) -> float:
    pool = asked.policy.pool_of.get(rule.name)
    turn = load.passes.get(pool.id, 0) / STRIDE if pool is not None else 0.0
    if rule.rank.by == "score":
        return weighed(rule, signals)
    return round(partner.tier_rank - min(turn, 1e6) / 1e7, 10) if rule.rank.by == "tier" else round(-turn, 6)


def weighed(rule: Rule, signals: dict[Signal, int]) -> float:
    """The score of a rule that weighs signals."""
    return sum(int(weight * signals[name]) for name, weight in rule.rank.weights.items()) / 1000


def _part(value: int, full: int) -> int:
    return min(1000, 1000 * value // full)
