"""Checks what a deal asks of its private offer before anything is sent; each fault names the deal's field and the remedy.

What marketplaces ask: an AWS account id has 12 digits, a name at most 150 characters, a payment schedule at most 60
payments that add up to the price. Whether a payment may fall on the last day is not told anywhere: it may.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from mappings.offers import Create
from schemas.marketplace import AgreementStatus
from streams.offers.parts import DealCard, Problem
from streams.offers.state import AgreementRow, AuthorizationRow
from streams.offers.terms import NAME, Payment, Terms, decimals, payment

ACCOUNT = re.compile(r"\d{12}")
EULA = re.compile(r"standard \d{4}-\d{2}-\d{2}|https://\S+")
QUANTITY = re.compile(r"0*[1-9][0-9]{0,8}")
PAYMENTS = 60
MONTHS = 60


def problems(
    card: DealCard, rules: Create, today: date, replaces: AgreementRow | None, authorization: AuthorizationRow | None
) -> list[Problem]:
    """Everything that is in the way of asking for the offer; none: it can be asked for."""
    terms = Terms(card.deal, rules, today)
    made = [_buyer(terms, replaces), _product(terms), _amount(terms), _currency(terms), _eula(terms)]
    made += [*_days(terms), *_schedule(terms), _grants(terms), *_agreement(card, replaces)]
    made += [_authorization(card, authorization), _name(card, rules)]
    return [problem for problem in made if problem is not None]


def _buyer(terms: Terms, replaces: AgreementRow | None) -> Problem | None:
    given = terms.deal.buyer_account
    remedy = "Enter the 12 digits of the buyer's AWS account; the buyer finds them at the top right of the AWS console."
    if not given:
        known = replaces is not None and replaces.record.buyer_account
        return None if known else Problem(field="buyer_account", reason="There is no buyer account.", remedy=remedy)
    if not ACCOUNT.fullmatch(given):
        digits = sum(character.isdigit() for character in given)
        return Problem(
            field="buyer_account",
            reason=f"{given!r} is no AWS account: it has {digits} digits in {len(given)} characters.",
            remedy=remedy,
        )
    other = replaces.record.buyer_account if replaces is not None else None
    if other and other != given:
        reason = f"{given} is not the buyer of the agreement that is to be replaced, which is {other}."
        return Problem(field="buyer_account", reason=reason, remedy="Correct the account or the agreement.")
    return None


def _product(terms: Terms) -> Problem | None:
    if terms.product or terms.deal.resale_authorization or terms.deal.replaces_agreement:
        return None
    remedy = "Enter the product's id (prod-...), or have a usual one set as `product` in offers.toml."
    return Problem(field="product", reason="There is no marketplace product.", remedy=remedy)


def _amount(terms: Terms) -> Problem | None:
    amount, currency = terms.deal.amount, terms.currency
    if amount is None:
        return Problem(field="amount", reason="There is no amount.", remedy="Enter what the buyer pays in all.")
    if amount <= 0:
        return Problem(field="amount", reason=f"{amount} is nothing to pay.", remedy="Enter an amount above zero.")
    if decimals(amount) > terms.places:
        many = decimals(amount)
        return Problem(
            field="amount",
            reason=f"{amount} has {many} decimals, and {currency} has {terms.places}.",
            remedy=f"Round it to {terms.places} decimals.",
        )
    return None


def _currency(terms: Terms) -> Problem | None:
    if terms.currency in terms.rules.currencies:
        return None
    known = ", ".join(terms.rules.currencies)
    reason = f"{terms.currency} is no currency that offers are made in."
    return Problem(field="currency", reason=reason, remedy=f"Use one of {known}.")


def _eula(terms: Terms) -> Problem | None:
    if EULA.fullmatch(terms.rules.eula):
        return None
    remedy = 'Have `eula` in offers.toml set to "standard <version>" or to the address of our terms.'
    return Problem(field="eula", reason=f"{terms.rules.eula!r} are no terms.", remedy=remedy)


def _days(terms: Terms) -> Iterator[Problem]:
    deal, today = terms.deal, terms.today
    for name in ("accept_by", "starts_on", "ends_on"):
        day = getattr(deal, name)
        if day is not None and day < today:
            remedy = f"Enter a day from {today} on, or clear the field."
            yield Problem(field=name, reason=f"{day} is in the past.", remedy=remedy)
    if deal.ends_on is not None and deal.starts_on is None:
        remedy = "Enter the first day too, or clear the last one."
        yield Problem(field="starts_on", reason="There is a last day of the agreement and no first one.", remedy=remedy)
    if deal.starts_on is not None and deal.ends_on is not None and deal.ends_on < deal.starts_on:
        reason = f"{deal.ends_on} is before the first day, {deal.starts_on}."
        yield Problem(field="ends_on", reason=reason, remedy="Enter a last day after the first one.")
    if deal.starts_on is not None and deal.starts_on >= today and terms.accept_by >= deal.starts_on:
        reason = f"It can be accepted until {terms.accept_by}, and the agreement begins on {deal.starts_on}."
        remedy = "Let it begin on a later day than the last one to accept."
        yield Problem(field="accept_by" if deal.accept_by else "starts_on", reason=reason, remedy=remedy)
    if deal.ends_on is None and not 1 <= terms.months <= MONTHS:
        reason = f"{terms.months} months are no duration of an agreement."
        yield Problem(field="duration_months", reason=reason, remedy=f"Enter 1 to {MONTHS} months.")


def _schedule(terms: Terms) -> Iterator[Problem]:
    lines, amount, early = terms.deal.schedule, terms.deal.amount, 0
    remedy = "Write one payment per line, as `2027-01-31 5000.00`."
    if len(lines) > PAYMENTS:
        reason = f"There are {len(lines)} payments, and an offer has at most {PAYMENTS}."
        yield Problem(field="schedule", reason=reason, remedy="Put payments together.")
    total = Decimal(0)
    for line in lines:
        paid = payment(line)
        if paid is None:
            yield Problem(field="schedule", reason=f"{line!r} is no day and amount.", remedy=remedy)
            return
        total += paid.amount
        early += paid.on <= terms.accept_by
        fault = _unpayable(terms, paid)
        if fault:
            yield Problem(field="schedule", reason=f"{line!r}: {fault}", remedy="Correct that payment.")
    if early > 1:
        reason = f"{early} payments are due by {terms.accept_by}, the last day to accept; AWS takes one."
        yield Problem(field="schedule", reason=reason, remedy="Let the others be due later.")
    if lines and amount is not None and total != amount:
        reason = f"The payments add up to {total}, and the amount is {amount}."
        yield Problem(field="schedule", reason=reason, remedy="Correct the payments or the amount.")


def _unpayable(terms: Terms, paid: Payment) -> str:
    if paid.amount <= 0:
        return "the amount is not above zero."
    if decimals(paid.amount) > terms.places:
        return f"{terms.currency} has {terms.places} decimals."
    if paid.on < terms.today:
        return "the day is in the past."
    return "" if paid.on <= terms.last else f"the day is after the last day of the agreement, {terms.last}."


def _grants(terms: Terms) -> Problem | None:
    if not terms.grants:
        remedy = "Enter a dimension of the product and how many of it, as `seats=40`."
        return Problem(field="grants", reason="Nothing says what is bought.", remedy=remedy)
    names = []
    for line in terms.grants:
        name, _, quantity = line.partition("=")
        names.append(name.strip())
        if not name.strip() or not QUANTITY.fullmatch(quantity.strip()):
            reason = f"{line[:80]!r} is no dimension and quantity."
            return Problem(field="grants", reason=reason, remedy="Write it as `seats=40`, a whole number.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is None:
        return None
    return Problem(field="grants", reason=f"{twice!r} stands there twice.", remedy="Put its quantities together.")


def _agreement(card: DealCard, replaces: AgreementRow | None) -> Iterator[Problem]:
    given = card.deal.replaces_agreement
    if given and replaces is None:
        reason = f"No agreement {given!r} is known in the marketplace."
        yield Problem(field="replaces_agreement", reason=reason, remedy="Enter the id of one of ours (agmt-...).")
    elif given and replaces is not None and replaces.record.status is not AgreementStatus.ACTIVE:
        reason = f"Agreement {given} is {replaces.record.status}."
        yield Problem(field="replaces_agreement", reason=reason, remedy="Name one that is active, or clear the field.")


def _authorization(card: DealCard, row: AuthorizationRow | None) -> Problem | None:
    given = card.deal.resale_authorization
    if not given:
        return None
    remedy = "Enter the id of one that is active, or ask the manufacturer for one."
    if row is None:
        reason = f"No resale authorisation {given!r} is known in the marketplace."
        return Problem(field="resale_authorization", reason=reason, remedy=remedy)
    if row.record.status != "active":
        reason = f"Resale authorisation {given} is {row.record.status}."
        return Problem(field="resale_authorization", reason=reason, remedy=remedy)
    return None


def _name(card: DealCard, rules: Create) -> Problem | None:
    fixed = rules.name.replace("{deal_id}", card.record_id).replace("{account}", "").replace("{deal}", "")
    if len(fixed) <= NAME:
        return None
    reason = f"What stands around the names in the offer's name is longer than {NAME} characters."
    return Problem(field="name", reason=reason, remedy="Have `name` in offers.toml shortened.")
