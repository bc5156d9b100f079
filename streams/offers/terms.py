"""What an offer is made of: the deal's own words, and the rules where the deal says nothing; it checks nothing.

A future-dated offer has a first and a last day, any other one a duration from acceptance. Money is written as text, with
the decimals of its currency.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from pydantic import JsonValue

from mappings.offers import Create
from schemas.entities import Deal
from schemas.messages import identity
from schemas.money import minor_digits
from streams.offers.parts import DealCard
from streams.offers.state import AgreementRow

NAME = 150
ASKED = (
    "buyer_account", "product", "amount", "currency", "accept_by", "starts_on", "ends_on", "duration_months", "schedule",
    "grants", "replaces_agreement", "resale_authorization",
)  # fmt: skip


class Payment(NamedTuple):
    """One payment of a schedule."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What the deal says, with the rules where it says nothing. `last` is the last day on which money can be due."""

    deal: Deal
    rules: Create
    today: date

    @property
    def currency(self) -> str:
        """ISO 4217 code."""
        return (self.deal.currency or self.rules.currency).strip().upper()

    @property
    def places(self) -> int:
        """Decimals that the currency has."""
        return minor_digits(self.currency)

    @property
    def accept_by(self) -> date:
        """The last day to accept; where nobody says, so many days from today, but before the agreement begins."""
        usual = _later(self.today, self.rules.accept_within_days)
        if self.deal.accept_by is not None or self.deal.starts_on is None:
            return self.deal.accept_by or usual
        return min(usual, max(self.deal.starts_on - timedelta(days=1), self.today))

    @property
    def months(self) -> int:
        """How long the agreement runs."""
        return self.rules.duration_months if self.deal.duration_months is None else self.deal.duration_months

    @property
    def ends_on(self) -> date | None:
        """The last day of an agreement with a first day."""
        if self.deal.starts_on is None or self.deal.ends_on is not None:
            return self.deal.ends_on
        return after(self.deal.starts_on, self.months) - timedelta(days=1)

    @property
    def last(self) -> date:
        """The last day of the agreement, at the latest."""
        return self.ends_on or after(self.accept_by, self.months)

    @property
    def grants(self) -> tuple[str, ...]:
        """What is bought."""
        return self.deal.grants or self.rules.grants

    @property
    def product(self) -> str:
        """The product's id."""
        return (self.deal.product or self.rules.product).strip()


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the marketplace. `digest` tells requests apart, whichever day they are made on."""

    fields: dict[str, JsonValue]
    digest: str
    amount: Decimal
    currency: str


def request(card: DealCard, rules: Create, today: date, replaces: AgreementRow | None) -> Request:
    """The offer of a deal in which nothing is wrong."""
    deal, terms = card.deal, Terms(card.deal, rules, today)
    amount = deal.amount or Decimal(0)
    buyer = deal.buyer_account or (replaces.record.buyer_account if replaces is not None else None)
    fields: dict[str, JsonValue] = {
        "name": offer_name(card, rules),
        "description": rules.description or None,
        "product": None if deal.resale_authorization or deal.replaces_agreement else terms.product,
        "buyer_accounts": [buyer] if buyer else None,
        "amount": money(amount, terms.places),
        "currency": terms.currency,
        "schedule": [f"{each.on} {money(each.amount, terms.places)}" for each in map(payment, deal.schedule) if each],
        "grants": [_grant(line) for line in terms.grants],
        "pricing_model": "contract",
        "eula": rules.eula,
        "resale_authorization": deal.resale_authorization,
        "replaces_agreement": deal.replaces_agreement,
        **_span(terms),
    }
    asked = {**fields, "accept_by": deal.accept_by}
    fields["accept_by"] = terms.accept_by.isoformat()
    there: dict[str, JsonValue] = {name: value for name, value in fields.items() if value not in (None, [])}
    return Request(there, identity(*(f"{name}={asked[name]}" for name in sorted(asked))), amount, terms.currency)


def _span(terms: Terms) -> dict[str, JsonValue]:
    if terms.deal.starts_on is not None and terms.ends_on is not None:
        return {"starts_on": terms.deal.starts_on.isoformat(), "ends_on": terms.ends_on.isoformat()}
    return {"duration": f"P{terms.months}M"}


def ask_of(deal: Deal) -> str:
    """What a deal asks, whatever it is called and whoever it is for: the same as long as nobody changes it."""
    return identity(*(f"{name}={getattr(deal, name)}" for name in ASKED))


def _grant(line: str) -> str:
    name, _, quantity = line.partition("=")
    return f"{name.strip()}={int(quantity)}"


def money(amount: Decimal, places: int) -> str:
    """An amount with so many decimals."""
    return f"{amount:.{places}f}"


def offer_name(card: DealCard, rules: Create) -> str:
    """The offer's name, at most 150 characters: the company and the deal give way, the longer one first."""
    words = {
        "account": " ".join((card.company.name if card.company else "").split()) if "{account}" in rules.name else "",
        "deal": " ".join(card.deal.name.split()) if "{deal}" in rules.name else "",
    }
    room = NAME - len(_filled(rules.name, {"account": "", "deal": "", "deal_id": card.record_id}))
    words["account"], words["deal"] = _cut(words["account"], words["deal"], max(0, room))
    return _filled(rules.name, {**words, "deal_id": card.record_id}).strip(" :-")[:NAME]


def _filled(template: str, words: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), template)


def _cut(account: str, deal: str, room: int) -> tuple[str, str]:
    half = room // 2
    if len(account) + len(deal) <= room:
        return account, deal
    if len(account) <= half:
        return account, deal[: room - len(account)]
    if len(deal) <= half:
        return account[: room - len(deal)], deal
    return account[:half], deal[: room - half]


def decimals(amount: Decimal) -> int:
    """How many decimals an amount really has: 12.50 has one."""
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def payment(line: str) -> Payment | None:
    """A payment as people write it, `2027-01-31 5000.00`; None where it is none."""
    day, _, amount = line.strip().partition(" ")
    try:
        paid = Payment(date.fromisoformat(day), Decimal(amount.strip()))
    except (ValueError, InvalidOperation):
        return None
    return paid if paid.amount.is_finite() else None


def after(day: date, months: int) -> date:
    """So many months later, at least one; the last day of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + max(1, min(months, 1200)), 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _later(day: date, days: int) -> date:
    return day + timedelta(days=min(days, (date.max - day).days))
