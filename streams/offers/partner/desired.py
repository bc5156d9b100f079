"""What an opportunity is to say of a deal, and what of the deal cannot be said to AWS; it knows nothing of what AWS holds."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pydantic import JsonValue

from mappings.errors import nearest
from schemas.entities import Account, DealStage
from schemas.marketplace import CosellStage
from streams.matching.features import country_code
from streams.offers.partner.view import Fields, View
from streams.offers.partner.vocabulary import INDUSTRIES, LOST_REASONS, SPEND_CURRENCIES, USE_CASES
from streams.offers.parts import Problem

CLOUD_ACCOUNT = re.compile(r"[0-9]{12}")
CURRENCY = re.compile(r"[A-Z]{3}")
CENT = Decimal("0.01")
LARGEST = Decimal(10) ** 15  # beyond that nobody has meant it


@dataclass(frozen=True, slots=True)
class Desired:
    """Canonical fields of the opportunity; what is missing, and what is wrong with the value that would be sent."""

    fields: Fields = field(default_factory=dict)
    missing: dict[str, Problem] = field(default_factory=dict)
    wrong: dict[str, tuple[Problem, JsonValue]] = field(default_factory=dict)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that stands in the way of a complete opportunity."""
        return (*self.missing.values(), *(problem for problem, _ in self.wrong.values()))

    def text(self, name: str, source: str, value: str | None, longest: int, shortest: int = 0, *, need: bool) -> None:
        """A text of the deal or its company; `need` where AWS takes no opportunity without it."""
        said = (value or "").strip()
        if not said:
            if need:
                self.lacks(name, source)
            return
        if shortest <= len(said) <= longest:
            self.fields[name] = said
            return
        limits = f"{shortest} to {longest}" if shortest else f"at most {longest}"
        self.refuse(name, source, said, f"it has {len(said)} characters; AWS takes {limits}.", "Change its length.")

    def lacks(self, name: str, source: str) -> None:
        """A value that AWS asks for is not there."""
        self.missing[name] = Problem(field=source, reason="it is empty, and AWS asks for it.", remedy="Fill it in.")

    def refuse(self, name: str, source: str, value: JsonValue, reason: str, remedy: str) -> None:
        """A value that AWS would not take."""
        self.wrong[name] = (Problem(field=source, reason=reason, remedy=remedy), value)


def desired(view: View) -> Desired:
    """Everything that the deal and the rules say, each value checked against what AWS takes."""
    found = Desired()
    found.fields["deal"] = view.wanted.card.record_id
    _company(found, view.wanted.card.company)
    _project(found, view)
    _life(found, view)
    _money(found, view)
    return found


def _company(found: Desired, company: Account | None) -> None:
    if company is None:
        reason = "the deal has no company that is known, and AWS asks for one."
        found.missing["company"] = Problem(field="account", reason=reason, remedy="Choose the deal's account.")
        return
    website = company.website or next(iter(company.domains), None)
    found.text("company", "account.name", company.name, 120, need=True)
    found.text("website", "account.website", website, 255, 4, need=True)
    found.text("city", "account.city", company.city, 255, need=False)
    found.text("postal_code", "account.postal_code", company.postal_code, 20, need=False)
    found.text("street", "account.street", company.street, 255, need=False)
    country = (company.country or "").strip()
    if not country:
        found.lacks("country", "account.country")
    elif code := country_code(country):
        found.fields["country"] = code.upper()
    else:
        reason, remedy = f"no country is called {country!r}.", 'Enter its code of two letters, as "DE".'
        found.refuse("country", "account.country", country, reason, remedy)


def _project(found: Desired, view: View) -> None:
    deal, rules = view.deal, view.rules
    found.fields["title"] = deal.name[:255]
    found.text("problem", "problem", deal.problem, 2000, 20, need=True)
    _choice(found, "use_case", deal.use_case or rules.use_case, USE_CASES)
    known = {each.lower(): each for each in INDUSTRIES}
    _choice(found, "industry", known.get((deal.industry or "").strip().lower(), rules.industry), INDUSTRIES)
    account = (deal.buyer_account or "").strip()
    if account and not CLOUD_ACCOUNT.fullmatch(account):
        reason = f"{account!r} is no AWS account."
        found.refuse("buyer_account", "buyer_account", account, reason, "Enter its 12 digits, without blanks.")
    elif account:
        found.fields["buyer_account"] = account
    found.fields.update(
        delivery=list(rules.delivery),
        needs=list(rules.needs),
        activities=list(rules.activities),
        opportunity_type=rules.opportunity_type,
        monthly_spend=money(rules.monthly_spend),
        spend_currency=deal.currency if deal.currency in SPEND_CURRENCIES else SPEND_CURRENCIES[0],
    )


def _choice(found: Desired, name: str, value: str, known: tuple[str, ...]) -> None:
    if not value.strip():
        found.lacks(name, name)
    elif match := {each.lower(): each for each in known}.get(value.strip().lower()):
        found.fields[name] = match
    else:
        found.refuse(name, name, value, f"AWS has no {name.replace('_', ' ')} {value!r};", nearest(value, known))


def _life(found: Desired, view: View) -> None:
    deal, rules = view.deal, view.rules
    found.fields["next_steps"] = None
    found.text("next_steps", "next_step", deal.next_step, 255, need=False)
    goal = rules.stages.get(deal.stage)
    if deal.stage is DealStage.WON and view.wanted.agreement_active:
        goal = CosellStage.LAUNCHED
    if goal is not None:
        found.fields["stage"] = goal.value
    if goal is CosellStage.CLOSED_LOST:
        reason = rules.lost_reasons.get(deal.lost_reason or "", rules.reason_lost)
        _choice(found, "lost_reason", reason, LOST_REASONS)
    _closing(found, view, deal.close_date)


def _closing(found: Desired, view: View, day: date | None) -> None:
    today, over = view.at.date(), view.deal.stage in {DealStage.WON, DealStage.LOST}
    if day is None:
        found.lacks("close_date", "close_date")
    elif day >= today:
        found.fields["close_date"] = day.isoformat()
    elif not over:
        reason = f"{day} is in the past; AWS asks for the day on which the deal is expected to close."
        found.refuse("close_date", "close_date", day.isoformat(), reason, "Enter a day from today on.")


def _money(found: Desired, view: View) -> None:
    wanted, deal = view.wanted, view.deal
    amount, currency = deal.amount, deal.currency or view.currency
    if wanted.agreement_active and wanted.agreement_amount is not None:
        # no seller can correct an agreement: what has more decimals is rounded
        amount, currency = Decimal(money(Decimal(wanted.agreement_amount))), wanted.agreement_currency or currency
    if amount is None:
        return
    if not 0 <= amount < LARGEST or amount != amount.quantize(CENT):
        reason = f"{amount} is no amount that AWS takes."
        found.refuse(
            "software_amount", "amount", str(amount), reason, "Enter one with at most two decimals, not below 0."
        )
    elif not CURRENCY.fullmatch(currency):
        reason, remedy = f"{currency!r} is no currency.", 'Enter its code of three letters, as "EUR".'
        found.refuse("software_currency", "currency", currency, reason, remedy)
    else:
        model = view.rules.software_model
        found.fields.update(software_amount=money(amount), software_currency=currency, software_model=model)
        if wanted.agreement_active:
            days = {"software_from": wanted.agreement_from, "software_until": wanted.agreement_until}
            found.fields.update({name: day.isoformat() for name, day in days.items() if day is not None})


def money(amount: Decimal) -> str:
    """An amount with two decimals, as AWS takes it."""
    return format(amount.quantize(CENT), "f")
