"""Decides what is held of one offer: linked, proposed or unlinked, and why; it changes nothing."""

from dataclasses import dataclass
from datetime import date

from mappings.offers import Match
from schemas.messages import MatchStatus, OfferCandidate
from streams.offers.matching import weights
from streams.offers.matching.desk import Desk
from streams.offers.matching.pairs import is_open, named_by, namers
from streams.offers.matching.rows import DealRow, OfferRow
from streams.offers.matching.score import Fit, confidence, weigh


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is held of an offer, before it is a message."""

    status: MatchStatus
    deal: str | None = None
    confidence: float = 0.0
    reasons: tuple[str, ...] = ()
    candidates: tuple[OfferCandidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One offer, the deals that fit it, the best one first, and the deals that an id names."""

    desk: Desk
    rules: Match
    today: date
    offer: OfferRow
    fits: tuple[tuple[DealRow, Fit], ...]
    named: tuple[DealRow, ...]


def judge(desk: Desk, rules: Match, today: date, offer: OfferRow) -> Verdict:
    """A link of the past stays; an id goes before any score; two candidates never both win."""
    link = desk.link(offer.ref)
    if link is not None:
        return _taken(desk, offer, link.deal, link.why)
    case = Case(desk, rules, today, offer, _fits(desk, offer), tuple(named_by(desk, offer)))
    candidates = tuple(_candidate(deal, fit) for deal, fit in case.fits)
    if not case.fits:
        return Verdict(MatchStatus.UNLINKED, reasons=_unfit(case))
    best, fit = case.fits[0]
    doubts = _doubts_of_id(case) if case.named else _doubts_of_score(case)
    if not doubts:
        return Verdict(MatchStatus.LINKED, best.ref, fit.confidence, fit.reasons(), candidates[:1])
    contested = bool(fit.named) and not fit.contradicted
    if fit.confidence >= rules.propose_at or contested:
        return Verdict(MatchStatus.PROPOSED, best.ref, fit.confidence, (*doubts, *fit.reasons()), candidates)
    return Verdict(MatchStatus.UNLINKED, reasons=_unfit(case) or ("no deal fits well enough",), candidates=candidates)


def standing(offer: OfferRow, today: date) -> int:
    """An offer that the buyer can accept or has accepted goes before a draft, and a draft before one that has run out."""
    last = offer.terms.accept_by
    if not offer.accepted and last is not None and last < today:
        return 0
    return 1 if offer.draft else 2


def _taken(desk: Desk, offer: OfferRow, deal_ref: str, why: str) -> Verdict:
    deal = desk.deal(deal_ref)
    said = (why,) if why else ()
    if deal is None:
        return Verdict(MatchStatus.LINKED, deal_ref, 1.0, said)
    fit = weigh(deal, offer)
    sure = 1.0 if why else fit.confidence
    return Verdict(MatchStatus.LINKED, deal_ref, sure, (*said, *fit.reasons()), (_candidate(deal, fit),))


def _candidate(deal: DealRow, fit: Fit) -> OfferCandidate:
    return OfferCandidate(deal=deal.ref, name=deal.name, score=fit.confidence, reasons=fit.reasons())


def _fits(desk: Desk, offer: OfferRow) -> tuple[tuple[DealRow, Fit], ...]:
    """As many as are shown."""
    ranked = sorted(desk.fits(offer.ref).items(), key=lambda item: (-item[1], item[0]))
    deals = (desk.deal(ref) for ref, _ in ranked[: weights.SHOWN])
    return tuple((deal, weigh(deal, offer)) for deal in deals if deal is not None)


def _doubts_of_id(case: Case) -> tuple[str, ...]:
    """Why an id does not settle it; nothing where it does."""
    best, fit = case.fits[0]
    found = []
    for deal in case.named:
        if not is_open(case.desk, deal):
            found.append(f"an id names the deal '{deal.name}', {_why_closed(case.desk, deal)}")
        elif deal.ref != best.ref:
            found.append(f"an id names the deal '{deal.name}' ({deal.record_id}) too")
        elif fit.contradicted:
            found.append("an id names this deal, but the rest speaks against it: was it pasted from elsewhere?")
    mine = standing(case.offer, case.today)
    others = (case.desk.offer(ref) for ref in (namers(case.desk, best) if fit.named else ()) if ref != case.offer.ref)
    rivals = (row for row in others if row is not None and case.desk.link(row.ref) is None)
    also = (row for row in rivals if standing(row, case.today) >= mine)
    return (*found, *(f"the offer '{row.name}' ({row.record_id}) is named for this deal too" for row in also))


def _doubts_of_score(case: Case) -> tuple[str, ...]:
    """Why it is not certain; nothing where it is."""
    best, fit = case.fits[0]
    if fit.confidence < case.rules.link_at:
        return ("it is not certain",) if fit.confidence >= case.rules.propose_at else ("no deal fits well enough",)
    if not fit.specific:
        return ("neither a price nor a number says that it is this deal of the buyer",)
    second = case.fits[1] if len(case.fits) > 1 else None
    if second is not None and fit.log_odds - second[1].log_odds < weights.LEAD:
        return (f"the deal '{second[0].name}' ({second[0].record_id}) fits nearly as well",)
    return _rivalry(case, best, fit.log_odds)


def _rivalry(case: Case, deal: DealRow, log_odds: float) -> tuple[str, ...]:
    """Another offer that fits the deal nearly as well; one of higher standing need only fit, one of lower does not count.

    One that an id names for the deal always does: it may be linked by that.
    """
    mine, named = standing(case.offer, case.today), namers(case.desk, deal)
    ranked = sorted(case.desk.fits(deal.ref).items(), key=lambda item: (-item[1], item[0]))
    for ref, score in ranked:
        other = case.desk.offer(ref)
        if ref == case.offer.ref or other is None:
            continue
        theirs = standing(other, case.today)
        if ref in named:
            return (f"the offer '{other.name}' ({other.record_id}) is named for this deal",)
        if theirs > mine and confidence(score) >= case.rules.propose_at:
            return (f"the offer '{other.name}' ({other.record_id}) fits this deal too and can be accepted",)
        if theirs == mine and log_odds - score < weights.LEAD:
            return (f"the offer '{other.name}' ({other.record_id}) fits this deal nearly as well, or better",)
    return ()


def _unfit(case: Case) -> tuple[str, ...]:
    found = [
        f"an id names the deal '{deal.name}', {why}" for deal in case.named if (why := _why_closed(case.desk, deal))
    ]
    if case.offer.terms.agreement is not None:
        found.append(f"it replaces or renews {case.offer.terms.agreement}: it goes to the deal of that agreement")
    return tuple(found) or (() if case.fits else ("no open deal fits",))


def _why_closed(desk: Desk, deal: DealRow) -> str:
    if deal.lost:
        return "which is lost"
    offers = desk.links(deal.ref)
    return f"which has the offer {offers[0].split('/', 2)[2]}" if offers else ""
