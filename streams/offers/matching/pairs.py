"""Keeps the weight of every pair worth a word, on both sides of it; it decides nothing."""

from streams.offers.matching import blocks, weights
from streams.offers.matching.desk import Desk
from streams.offers.matching.keys import NAMING
from streams.offers.matching.rows import DealRow, OfferRow
from streams.offers.matching.score import Fit, names, weigh


def refit(desk: Desk, ref: str) -> set[str]:
    """Weigh the pairs of one record anew; returns the offers of which something else may be held now."""
    before = desk.fits(ref)
    is_deal = ref.split("/")[1] == "deal"
    after = _of_deal(desk, desk.deal(ref)) if is_deal else _of_offer(desk, desk.offer(ref))
    for other in sorted({*before, *after}):
        scores = desk.fits(other)
        if scores.get(ref) != after.get(other):
            kept = {key: score for key, score in scores.items() if key != ref}
            desk.put_fits(other, kept | ({ref: after[other]} if other in after else {}))
    if before != after:
        desk.put_fits(ref, after)
    met = {*before, *after}
    if is_deal:
        return met | around(desk, ref)
    offer = desk.offer(ref)
    met |= {deal.ref for deal in named_by(desk, offer)} if offer is not None else set()
    return {ref} | {each for deal in met for each in around(desk, deal)}


def around(desk: Desk, deal_ref: str) -> set[str]:
    """The offers that fit a deal or name it."""
    deal = desk.deal(deal_ref)
    return {*desk.fits(deal_ref), *(namers(desk, deal) if deal is not None else ())}


def named_by(desk: Desk, offer: OfferRow) -> list[DealRow]:
    """The deals that an offer names or that name it, whatever became of them, but for those that a person has ruled out."""
    keys = [key for key in offer.keys if key.startswith(NAMING)]
    ruled_out = desk.never(offer.ref)
    found = (desk.deal(ref) for ref in sorted(blocks.deals_of(desk.book, keys)) if ref not in ruled_out)
    return [deal for deal in found if deal is not None and names(deal, offer)]


def namers(desk: Desk, deal: DealRow) -> list[str]:
    """The offers that a deal names or that name it, but for those that a person has ruled out."""
    keys = [key for key in deal.keys if key.startswith(NAMING)]
    found = []
    for ref in sorted(blocks.offers_of(desk.book, keys)):
        offer = desk.offer(ref)
        if offer is not None and names(deal, offer) and deal.ref not in desk.never(ref):
            found.append(ref)
    return found


def is_open(desk: Desk, row: DealRow | OfferRow) -> bool:
    """Whether it may still be linked: no lost deal, no public offer, nothing that is linked already."""
    if isinstance(row, DealRow):
        return not row.lost and not desk.links(row.ref)
    return not row.public and desk.link(row.ref) is None


def _of_deal(desk: Desk, deal: DealRow | None) -> dict[str, float]:
    if deal is None or not is_open(desk, deal):
        return {}
    found = {}
    for ref in blocks.offers_of(desk.book, deal.keys):
        offer = desk.offer(ref)
        if offer is not None and is_open(desk, offer) and deal.ref not in desk.never(ref):
            found[ref] = weigh(deal, offer)
    return _worth_a_word(found)


def _of_offer(desk: Desk, offer: OfferRow | None) -> dict[str, float]:
    if offer is None or not is_open(desk, offer):
        return {}
    found = {}
    ruled_out = desk.never(offer.ref)
    for ref in blocks.deals_of(desk.book, offer.keys):
        deal = desk.deal(ref)
        if deal is not None and ref not in ruled_out and is_open(desk, deal):
            found[ref] = weigh(deal, offer)
    return _worth_a_word(found)


def _worth_a_word(found: dict[str, Fit]) -> dict[str, float]:
    """A pair that an id names always is; a chained one (see `score.Fit`) is not, else the weight decides."""
    return {
        ref: fit.log_odds
        for ref, fit in found.items()
        if fit.named or (not fit.chained and fit.log_odds >= weights.MENTIONED)
    }
