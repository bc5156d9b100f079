"""Boils deals and offers down to what matching compares; it never looks at both at once."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from schemas.entities import Account, DealStage
from streams.matching.features import registered_domain
from streams.matching.keys import label
from streams.matching.names import name_words
from streams.matching.text import fold
from streams.offers.matching.keys import deal_keys, offer_keys
from streams.offers.matching.rows import DealRow, OfferRow, Terms
from streams.offers.matching.text import company_words, read
from streams.offers.parts import DealCard, OfferCard

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")
DAYS_OF_MONTH = 30.44


def deal_row(card: DealCard) -> DealRow:
    """The deal, with the keys under which offers find it."""
    deal, company = card.deal, card.company
    reading = read(deal.name)
    noted = read(deal.offer_ref or "")
    words = company_words(company.name) if company is not None else reading.words
    row = DealRow(
        ref=card.ref,
        name=deal.name,
        company=company.name if company is not None else "",
        lost=deal.stage is DealStage.LOST,
        words=words,
        labels=_labels(company),
        topics=tuple(word for word in reading.words if word not in words),
        numbers=_numbers(reading.numbers, deal.amount),
        years=reading.years,
        offer_ids=tuple(dict.fromkeys((*noted.offer_ids, *reading.offer_ids))),
        buyer_account=deal.buyer_account,
        close_date=deal.close_date,
        terms=Terms(
            product=deal.product,
            amounts=_amounts(deal.amount, deal.schedule),
            currency=deal.currency,
            accept_by=deal.accept_by,
            starts_on=deal.starts_on,
            ends_on=deal.ends_on,
            months=deal.duration_months or _months(None, deal.starts_on, deal.ends_on),
            grants=tuple(sorted(deal.grants)),
            agreement=deal.replaces_agreement,
            resale_authorization=deal.resale_authorization,
        ),
        change=card.change,
    )
    return row.model_copy(update={"keys": deal_keys(row)})


def offer_row(card: OfferCard) -> OfferRow:
    """The offer, with the keys under which it finds deals."""
    offer = card.offer
    product = name_words(offer.product_name or "")
    name, told = read(offer.name, product), read(offer.description or "", product)
    accounts = (*offer.buyer_accounts, *((card.buyer_account,) if card.buyer_account else ()))
    row = OfferRow(
        ref=card.ref,
        name=offer.name,
        words=name.words,
        told=tuple(word for word in told.words if word not in name.words),
        numbers=tuple(n for n in _numbers((*name.numbers, *told.numbers), offer.amount) if n not in accounts),
        years=name.years,
        ids=tuple(it for it in dict.fromkeys((*name.ids, *told.ids)) if it not in accounts),
        buyer_accounts=tuple(dict.fromkeys(accounts)),
        accepted=card.agreement_status is not None,
        draft=not offer.released,
        public=offer.released and not offer.buyer_accounts,
        released_on=offer.released_at.date() if offer.released_at is not None else None,
        terms=Terms(
            product=offer.product,
            amounts=_amounts(offer.amount, offer.schedule),
            currency=offer.currency,
            accept_by=offer.accept_by,
            starts_on=offer.starts_on,
            ends_on=offer.ends_on,
            months=_months(offer.duration, offer.starts_on, offer.ends_on),
            grants=tuple(sorted(offer.grants)),
            agreement=offer.replaces_agreement or offer.renews_agreement,
            resale_authorization=offer.resale_authorization,
        ),
        change=card.change,
    )
    return row.model_copy(update={"keys": offer_keys(row)})


def _labels(company: Account | None) -> tuple[str, ...]:
    if company is None:
        return ()
    hosts = (company.website or "", *company.domains)
    domains = dict.fromkeys(domain for host in hosts if host and (domain := registered_domain(host)))
    return tuple(dict.fromkeys(fold(label(domain)) for domain in domains))


def _numbers(numbers: Iterable[str], amount: Decimal | None) -> tuple[str, ...]:
    """A price in a name is no number of an order."""
    price = "" if amount is None else str(int(amount))
    return tuple(dict.fromkeys(number for number in numbers if number != price))


def _amounts(amount: Decimal | None, schedule: tuple[str, ...]) -> tuple[Decimal, ...]:
    """The price and what the payments come to; a price of 0 beside payments is how the marketplace writes those."""
    found = [amount] if amount else []
    try:
        total = sum((Decimal(payment.split()[-1]) for payment in schedule if payment.split()), Decimal(0))
    except InvalidOperation:
        total = Decimal(0)  # a schedule that cannot be read says nothing of the price
    if total and total not in found:
        found.append(total)
    return tuple(found)


def _months(duration: str | None, starts_on: date | None, ends_on: date | None) -> int | None:
    if duration and (found := _DURATION.fullmatch(duration)) and any(found.groups()):
        years, months, days = (int(part or 0) for part in found.groups())
        return years * 12 + months + round(days / DAYS_OF_MONTH)
    if starts_on is not None and ends_on is not None and ends_on > starts_on:
        return round((ends_on - starts_on).days / DAYS_OF_MONTH)
    return None
