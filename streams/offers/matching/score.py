"""Says how sure it is that an offer is for a deal, and why; it never looks at a third record."""

from dataclasses import dataclass
from math import exp, fsum

from streams.offers.matching import weights
from streams.offers.matching.company import company_evidence, topic_evidence
from streams.offers.matching.finding import Finding
from streams.offers.matching.rows import DealRow, OfferRow
from streams.offers.matching.terms import terms_evidence
from streams.offers.matching.text import is_id_of


@dataclass(frozen=True, slots=True)
class Fit:
    """`log_odds` with the id, `evidence` without it and without the base; `named` says how one names the other.

    `chained`: the offer replaces or renews an agreement that the deal does not ask to replace, so that it belongs to the
    deal of that agreement.
    """

    log_odds: float
    evidence: float
    named: str
    chained: bool
    findings: tuple[Finding, ...]

    @property
    def contradicted(self) -> bool:
        """Whether an id names a deal of another company or currency for which little else speaks."""
        ruled_out = any(finding.rules_out for finding in self.findings)
        return bool(self.named) and ruled_out and self.evidence <= weights.LITTLE

    @property
    def confidence(self) -> float:
        """0 to 1, three digits: equal evidence gives equal numbers on every machine."""
        sure = confidence(self.log_odds)
        return max(sure, weights.NAMED_CONFIDENCE) if self.named and not self.contradicted else sure

    @property
    def specific(self) -> bool:
        """Whether more speaks for it than the buyer and the days, which all deals of a buyer may share."""
        return any(finding.specific for finding in self.findings)

    def reasons(self) -> tuple[str, ...]:
        """What speaks for the pair, then what speaks against it, the strongest first."""
        found = sorted(self.findings, key=lambda finding: -abs(finding.weight))
        pros = (str(finding) for finding in found if finding.weight > 0)
        cons = (f"but {finding}" for finding in found if finding.weight < 0)
        return (*((self.named,) if self.named else ()), *pros, *cons)


def confidence(log_odds: float) -> float:
    """0 to 1 of log-odds."""
    return round(1 / (1 + exp(-log_odds)), 4)


def weigh(deal: DealRow, offer: OfferRow) -> Fit:
    """What speaks for the pair and against it."""
    named = names(deal, offer)
    findings = [
        *_who(deal, offer),
        *topic_evidence(deal, offer),
        *terms_evidence(deal, offer),
        *_references(deal, offer),
    ]
    evidence = fsum(finding.weight for finding in findings)
    total = weights.BASE + evidence + (weights.NAMED if named else 0.0)
    chained = offer.terms.agreement is not None and offer.terms.agreement != deal.terms.agreement
    return Fit(round(total, 4), round(evidence, 4), named, chained, tuple(findings))


def names(deal: DealRow, offer: OfferRow) -> str:
    """How one of the two names the other by its id; "" where neither does."""
    if offer.record_id.lower() in deal.offer_ids:
        return f"the deal names the offer {offer.record_id}"
    for written in offer.ids:
        if is_id_of(written, deal.record_id):
            return f"the offer names the deal {written}"
    return ""


def _who(deal: DealRow, offer: OfferRow) -> list[Finding]:
    """The account and the company's name: where both speak for the pair, the weaker one adds little."""
    found = sorted([*_account(deal, offer), *company_evidence(deal, offer)], key=lambda finding: -finding.weight)
    if len(found) == 2 and found[1].weight > 0:
        found[1] = found[1]._replace(weight=found[1].weight * weights.CORROBORATES)
    elif len(found) == 2 and found[0].weight == weights.ACCOUNT_SAME:
        found[1] = found[1]._replace(weight=found[1].weight * (1 - weights.SAME_ACCOUNT_FORGIVES))
    return found


def _account(deal: DealRow, offer: OfferRow) -> list[Finding]:
    if not deal.buyer_account or not offer.buyer_accounts:
        return []
    if deal.buyer_account in offer.buyer_accounts:
        return [Finding(weights.ACCOUNT_SAME, "same buyer account {}", (deal.buyer_account,))]
    about = (deal.buyer_account, offer.buyer_accounts[0])
    return [Finding(weights.ACCOUNT_DIFFERS, "different buyer accounts: {} and {}", about)]


def _references(deal: DealRow, offer: OfferRow) -> list[Finding]:
    found = []
    number = next((number for number in deal.numbers if number in offer.numbers), None)
    if number is not None:
        found.append(Finding(weights.NUMBER_SAME, "both names hold the number {}", (number,), specific=True))
    a, b = deal.terms, offer.terms
    if a.agreement and a.agreement == b.agreement:
        about = (a.agreement,)
        found.append(Finding(weights.AGREEMENT_SAME, "both replace the agreement {}", about, specific=True))
    elif a.agreement:
        found.append(Finding(weights.AGREEMENT_DIFFERS, "only the deal replaces the agreement {}", (a.agreement,)))
    if a.resale_authorization and a.resale_authorization == b.resale_authorization:
        words = "both use the resale authorisation {}"
        found.append(Finding(weights.RESALE_SAME, words, (a.resale_authorization,), specific=True))
    return found
