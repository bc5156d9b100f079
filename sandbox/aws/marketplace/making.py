"""Requests for whole offers, laid out as AWS's samples do: one change set with every change; it sends nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ..core import Shape

EULA = {"Type": "StandardEula", "Version": "2022-07-14"}


def change(kind: str, what: str, details: Shape, target: str | None = None, name: str | None = None) -> Shape:
    """One change, as `change("Offer", "ReleaseOffer", {}, "offer-...")`."""
    entity = {"Type": f"{kind}@1.0"} | ({"Identifier": target} if target else {})
    made: Shape = {"ChangeType": what, "Entity": entity, "DetailsDocument": details}
    return made | ({"ChangeName": name} if name else {})


def reference(name: str) -> str:
    return f"${name}.Entity.Identifier"


def fixed_price(
    amount: str, currency: str, grants: dict[str, int], charges: list[tuple[str, str]] | None, first: date
) -> list[Shape]:
    """The changes that give an offer a price: in one payment on a day, or by a schedule of (day, amount)."""
    schedule = [{"ChargeDate": day, "ChargeAmount": part} for day, part in charges or [(str(first), amount)]]
    held = [{"DimensionKey": key, "MaxQuantity": quantity} for key, quantity in grants.items()]
    upfront = {"Type": "FixedUpfrontPricingTerm", "CurrencyCode": currency, "Price": "0", "Grants": held}
    payments = {"Type": "PaymentScheduleTerm", "CurrencyCode": currency, "Schedule": schedule}
    return [
        {"ChangeType": "UpdatePricingTerms", "DetailsDocument": {"PricingModel": "Contract", "Terms": [upfront]}},
        {"ChangeType": "UpdatePaymentScheduleTerms", "DetailsDocument": {"Terms": [payments]}},
    ]


def per_use(rates: dict[str, str]) -> list[Shape]:
    """The change that makes an offer pay-as-you-go."""
    card = [{"DimensionKey": key, "Price": price} for key, price in rates.items()]
    term = {"Type": "UsageBasedPricingTerm", "CurrencyCode": "USD", "RateCards": [{"RateCard": card}]}
    return [{"ChangeType": "UpdatePricingTerms", "DetailsDocument": {"PricingModel": "Usage", "Terms": [term]}}]


def validity(duration: str | None = None, starts: str | None = None, ends: str | None = None) -> Shape:
    told = {"AgreementDuration": duration, "AgreementStartDate": starts, "AgreementEndDate": ends}
    term = {"Type": "ValidityTerm"} | {name: value for name, value in told.items() if value}
    return {"ChangeType": "UpdateValidityTerms", "DetailsDocument": {"Terms": [term]}}


def renewal(percentage: str = "0.00") -> Shape:
    increase = {"Type": "FixedPercentage", "Value": percentage}
    term = {
        "Type": "RenewalTerm",
        "PriceIncrease": increase,
        "TermTemplates": [{
            "Type": "PaymentScheduleTermTemplate",
            "Schedule": [{"ChargeDateOffset": "P0M", "ChargePercentage": "100.00"}],
        }],
    }  # fmt: skip
    return {"ChangeType": "UpdateRenewalTerms", "DetailsDocument": {"Terms": [term]}}


def whole_offer(
    create: Shape, name: str, accept_by: date, *parts: Shape, buyers: tuple[str, ...] = (), **more: Any
) -> list[Shape]:
    """A change set that makes an offer from its first change. `more` are description, eula, released (True)."""
    made = str(create.setdefault("ChangeName", "CreateOffer"))
    described = {"Name": name, "Description": more.get("description") or f"Made by hand: {name}"[:255]}
    rest: list[Shape] = [{"ChangeType": "UpdateInformation", "DetailsDocument": described}]
    if buyers:
        targeting = {"PositiveTargeting": {"BuyerAccounts": list(buyers)}}
        rest.append({"ChangeType": "UpdateTargeting", "DetailsDocument": targeting})
    legal = {"Terms": [{"Type": "LegalTerm", "Documents": [more.get("eula") or EULA]}]}
    rest += [
        {"ChangeType": "UpdateAvailability", "DetailsDocument": {"AvailabilityEndDate": str(accept_by)}},
        {"ChangeType": "UpdateLegalTerms", "DetailsDocument": legal},
        *parts,
    ]
    if more.get("released", True):
        rest.append({"ChangeType": "ReleaseOffer", "DetailsDocument": {}})
    entity = {"Type": "Offer@1.0", "Identifier": reference(made)}
    return [create, *({**one, "Entity": entity} for one in rest)]


def in_days(today: date, days: int) -> date:
    return today + timedelta(days=days)
