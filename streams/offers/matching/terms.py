"""Weighs price, product, days and length of a deal against those of an offer; it knows nothing of names."""

from datetime import date
from decimal import Decimal

from streams.offers.matching import weights
from streams.offers.matching.finding import Finding
from streams.offers.matching.rows import DealRow, OfferRow, Terms

# What one of two prices may be of the other: with a tax on top, or less a discount, in thousandths.
TAXES = frozenset({1050, 1070, 1077, 1081, 1100, 1130, 1150, 1180, 1190, 1200, 1210, 1220, 1230, 1240, 1250})
DISCOUNTS = frozenset({980, 975, 970, 960, 950, 940, 930, 925, 920, 900, 880, 875, 850, 825, 800, 750, 700})
ROUNDED = 0.006
ROUND = 1000
FAR_APART = "the amounts are far apart: {} and {}"


def terms_evidence(deal: DealRow, offer: OfferRow) -> list[Finding]:
    """Everything but who buys."""
    a, b = deal.terms, offer.terms
    found = [*_product(a, b), *_price(a, b), *_days(deal, offer), *_length(a, b), *_years(deal, offer)]
    if a.grants and b.grants:
        same = a.grants == b.grants
        text = "both grant {}" if same else "the deal is for {}, the offer for {}"
        about = (", ".join(a.grants),) if same else (", ".join(a.grants), ", ".join(b.grants))
        found.append(Finding(weights.GRANTS_SAME if same else weights.GRANTS_DIFFER, text, about))
    return found


def _product(a: Terms, b: Terms) -> list[Finding]:
    if not a.product or not b.product:
        return []
    if a.product == b.product:
        return [Finding(weights.PRODUCT_SAME, "same product {}", (a.product,))]
    return [Finding(weights.PRODUCT_DIFFERS, "different products: {} and {}", (a.product, b.product))]


def _price(a: Terms, b: Terms) -> list[Finding]:
    found = []
    if a.currency and b.currency:
        if a.currency != b.currency:
            text, about = "different currencies: {} and {}", (a.currency, b.currency)
            return [Finding(weights.CURRENCY_DIFFERS, text, about, rules_out=True)]
        found.append(Finding(weights.CURRENCY_SAME, "same currency {}", (a.currency,)))
    if a.amounts and b.amounts:
        months = a.months or b.months or 0
        pairs = [_amount(ours, theirs, months) for ours in a.amounts for theirs in b.amounts]
        best = max(pairs, key=lambda finding: finding.weight)
        found.append(best._replace(specific=best.weight > 0))
    return found


def _amount(ours: Decimal, theirs: Decimal, months: int) -> Finding:
    about: tuple[object, ...] = (f"{ours:f}", f"{theirs:f}")
    if ours <= 0 or theirs <= 0:
        return Finding(weights.AMOUNT_FAR, FAR_APART, about)
    if ours == theirs:
        exact = weights.AMOUNT_EXACT_ROUND if ours % ROUND == 0 else weights.AMOUNT_EXACT
        return Finding(exact, "same amount {}", about)
    ratio = float(theirs / ours)
    odd = 0.0 if ours % ROUND == theirs % ROUND == 0 else weights.AMOUNT_ODD
    return _explained(ratio, months, about, odd) or _near(abs(ratio - 1), about)


def _explained(ratio: float, months: int, about: tuple[object, ...], odd: float) -> Finding | None:
    """What may have become of one price on its way to the other."""
    larger = max(ratio, 1 / ratio)
    if abs(ratio - 1) <= ROUNDED:
        return Finding(weights.AMOUNT_ROUNDED, "same amount but for rounding: {} and {}", about)
    if _is_one_of(ratio, DISCOUNTS):
        less = (about[0], -_percent(ratio), about[1])
        return Finding(weights.AMOUNT_DISCOUNT + odd, "{} less {:g} % is {}", less)
    if _is_one_of(larger, TAXES):
        taxed = (*about, _percent(larger))
        return Finding(weights.AMOUNT_TAX + odd, "the amounts {} and {} differ by a tax of {:g} %", taxed)
    if months >= 24 and abs(larger - months / 12) <= ROUNDED * larger:
        return Finding(weights.AMOUNT_YEARS + odd, "{} and {}: one is for a year, the other for all years", about)
    return None


def _near(far: float, about: tuple[object, ...]) -> Finding:
    for limit, weight in weights.AMOUNT_NEAR:
        if far <= limit:
            text = "the amounts {} and {} are near" if weight > 0 else "the amounts differ: {} and {}"
            return Finding(weight, text, about)
    return Finding(weights.AMOUNT_FAR, FAR_APART, about)


def _is_one_of(ratio: float, thousandths: frozenset[int]) -> bool:
    nearest = round(ratio * 1000)
    return nearest in thousandths and abs(ratio * 1000 - nearest) <= 0.1


def _percent(ratio: float) -> float:
    return round((ratio - 1) * 100, 1)


def _days(deal: DealRow, offer: OfferRow) -> list[Finding]:
    """The deal's day of closing against the days on which the offer could be accepted."""
    a, b, found = deal.terms, offer.terms, []
    if a.accept_by and a.accept_by == b.accept_by:
        found.append(Finding(weights.ACCEPT_BY_SAME, "both are to be accepted by {}", (a.accept_by,)))
    if a.starts_on and b.starts_on:
        same = a.starts_on == b.starts_on
        weight = weights.STARTS_SAME if same else weights.STARTS_DIFFERS
        text = "both start on {}" if same else "the deal starts on {}, the offer on {}"
        found.append(Finding(weight, text, (a.starts_on, b.starts_on)))
    closes = deal.close_date or a.accept_by
    first, last = offer.released_on or b.accept_by, b.accept_by or offer.released_on
    if closes is None or first is None or last is None:
        return found
    return [*found, _open(closes, min(first, last), last)]


def _open(closes: date, first: date, last: date) -> Finding:
    outside = max((first - closes).days, (closes - last).days, 0)
    if not outside:
        return Finding(weights.WITHIN_DATES, "the deal closes on {}, while the offer is open", (closes,))
    weight = next((weight for limit, weight in weights.NEAR_DATES if outside <= limit), weights.FAR_DATES)
    text = "the deal closes on {}, {} days from the days on which the offer is open"
    return Finding(weight, text, (closes, outside))


def _length(a: Terms, b: Terms) -> list[Finding]:
    if not a.months or not b.months:
        return []
    if a.months == b.months:
        return [Finding(weights.MONTHS_SAME, "both run for {} months", (a.months,))]
    return [Finding(weights.MONTHS_DIFFERS, "the deal runs for {} months, the offer for {}", (a.months, b.months))]


def _years(deal: DealRow, offer: OfferRow) -> list[Finding]:
    if not deal.years or not offer.years:
        return []
    both = sorted({*deal.years} & {*offer.years})
    if both:
        return [Finding(weights.YEAR_SAME, "both names say {}", (both[0],))]
    about = (deal.years[0], offer.years[0])
    return [Finding(weights.YEAR_DIFFERS, "the deal's name says {}, the offer's {}", about)]
