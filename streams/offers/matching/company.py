"""Weighs whether an offer's name speaks of the deal's company; it knows nothing of prices and days."""

import re
from math import exp
from typing import NamedTuple

from streams.matching.compare import compare_names
from streams.matching.text import ascii_text, fold
from streams.matching.weights import bits
from streams.offers.matching import weights
from streams.offers.matching.finding import Finding
from streams.offers.matching.rows import DealRow, OfferRow
from streams.offers.matching.text import topics

_PARTS = re.compile(r"[\W_]+")
SIGN = 4  # letters; shorter labels of a web domain are in too many words


class Said(NamedTuple):
    """In bits: what of the company's name stands in the offer's words, what does not, and what else stands there."""

    shared: float
    missing: float
    more: float
    first: bool


def company_evidence(deal: DealRow, offer: OfferRow) -> list[Finding]:
    """Nothing where one of the two names no company."""
    who = deal.company or deal.name
    if not deal.words or not offer.words:
        return _described(deal, offer, who)
    said = _said(deal.words, offer.words)
    if said.shared < weights.LEAST_SHARED:
        return _unsaid(deal, offer, who)
    weight = _worth(said) + said.more / 10 * weights.COMPANY_MORE
    weight += weights.COMPANY_FIRST if said.first else 0.0
    weight += weights.COMPANY_WHOLE if said.missing == 0 else 0.0
    if weight >= 0:
        return [Finding(weight, "the offer's name speaks of {}", (who,))]
    return [Finding(weight, "the offer's name speaks of {} in part only", (who,))]


def topic_evidence(deal: DealRow, offer: OfferRow) -> list[Finding]:
    """Words beside the company that both names hold: a project, a place."""
    theirs = {*offer.words, *offer.told}
    both = [word for word in deal.topics if word in theirs]
    if not both:
        return []
    worth = min(sum(map(bits, both)), weights.TOPIC_BITS) / 10 * weights.TOPIC_SHARED
    written = (part for part in _PARTS.split(deal.name) if fold(ascii_text(part)) in both)
    return [Finding(worth, "both names say '{}'", (" ".join(dict.fromkeys(written)) or " ".join(both),))]


def _said(company: tuple[str, ...], words: tuple[str, ...]) -> Said:
    names = compare_names(company, words)
    rest = names.long_tail + names.long_inside
    if names.a_is_short:
        return Said(names.shared, names.short_alone, rest, names.first)
    return Said(names.shared, rest, names.short_alone, names.first)


def _worth(said: Said) -> float:
    shared = weights.COMPANY_SHARED * (1 - exp(-said.shared / weights.COMPANY_BITS))
    return shared + said.missing / 10 * weights.COMPANY_MISSING


def _unsaid(deal: DealRow, offer: OfferRow, who: str) -> list[Finding]:
    described = _described(deal, offer, who)
    others = (word for word in offer.words if word not in topics() and word not in deal.topics)
    if described or not deal.company or not any(bits(word) >= weights.TELLING_BITS for word in others):
        return described
    return [
        Finding(
            weights.COMPANY_DIFFERS, "the offer's name speaks of '{}', not of {}", (offer.name, who), rules_out=True
        )
    ]


def _described(deal: DealRow, offer: OfferRow, who: str) -> list[Finding]:
    """The web domain in the name, or the company in the description."""
    joined = "".join(offer.words)
    for sign in (*deal.labels, "".join(deal.words)):
        if len(sign) >= SIGN and (sign in offer.words or joined.startswith(sign)):
            return [Finding(weights.COMPANY_SHARED, "the offer's name holds the web address of {}", (who,))]
    if deal.words and offer.told:
        said = _said(deal.words, offer.told)
        if said.shared >= weights.LEAST_SHARED:
            return [Finding(_worth(said), "the offer's description speaks of {}", (who,))]
    return []
