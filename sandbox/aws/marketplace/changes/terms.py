"""What StartChangeSet refuses at once in the terms of an offer or a resale authorization; it changes nothing.

Source: the tables "Synchronous Validations" in the Marketplace API Reference, pages on private offers and on resale
authorizations.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from .sheet import Sheet

CURRENCIES = ("USD", "AUD", "CAD", "EUR", "GBP", "JPY")
PRICING = (
    "ConfigurableUpfrontPricingTerm", "ByolPricingTerm", "FreeTrialPricingTerm", "UsageBasedPricingTerm",
    "RecurringPaymentTerm", "FixedUpfrontPricingTerm",
)  # fmt: skip
RESALE_PRICING = tuple(f"Resale{kind}" for kind in PRICING if kind.startswith(("Conf", "Fixed", "Usage")))
MODELS = ("Byol", "Free", "Usage", "Contract")
STANDARD_EULAS = ("2019-04-24", "2022-07-14")
DOCUMENTS = (
    "CustomEula", "StandardEula", "CustomDsa", "StandardDsa", "CustomResellerContract", "StandardResellerContract",
)  # fmt: skip
DUE_PERIODS = ("P15D", "P30D", "P45D", "P60D", "P90D", "P120D")


def check_terms(sheet: Sheet, allowed: Collection[str], low: int = 1, high: int = 10) -> None:
    """Every term must be one of the allowed types, and as that type asks."""
    for term in sheet.sheets("Terms", low, high):
        kind = term.one_of("Type", allowed)
        if kind in allowed and kind is not None:
            CHECKS[kind.removeprefix("Resale").replace("BuyerLegalTerm", "LegalTerm")](term)


def _nothing(_: Sheet) -> None:
    return None


def _grants(term: Sheet, quantity_needed: bool, high: int) -> None:
    for grant in term.sheets("Grants", 1, high):
        grant.text("DimensionKey", 1, 100)
        grant.whole("MaxQuantity", 1, required=quantity_needed)


def _rates(card: Sheet, places: int) -> None:
    for rate in card.sheets("RateCard", 1, 800):
        rate.text("DimensionKey", 1, 100)
        rate.money("Price", places)


def _fixed(term: Sheet) -> None:
    term.one_of("CurrencyCode", CURRENCIES)
    term.money("Price", 3)
    term.duration("Duration", required=False)
    _grants(term, True, 200)


def _configurable(term: Sheet) -> None:
    term.one_of("CurrencyCode", CURRENCIES)
    for card in term.sheets("RateCards", 1, 5):
        _rates(card, 3)
        selector, constraints = card.sheet("Selector"), card.sheet("Constraints")
        if selector is not None:
            selector.one_of("Type", ("Duration",))
            selector.duration("Value")
        if constraints is not None:
            constraints.one_of("MultipleDimensionSelection", ("Allowed", "Disallowed"))
            constraints.one_of("QuantityConfiguration", ("Allowed", "Disallowed"))


def _usage(term: Sheet) -> None:
    term.one_of("CurrencyCode", ("USD",))
    for card in term.sheets("RateCards", 1, 1):
        _rates(card, 8)


def _recurring(term: Sheet) -> None:
    term.one_of("BillingPeriod", ("Monthly",))
    term.one_of("CurrencyCode", ("USD",))
    term.money("Price", 3)


def _trial(term: Sheet) -> None:
    term.duration("Duration")
    _grants(term, False, 800)


def _legal(term: Sheet) -> None:
    for document in term.sheets("Documents", 1, 10):
        kind = document.one_of("Type", DOCUMENTS)
        if kind is not None and kind.startswith("Custom"):
            url = document.text("Url", 1, 4096)
            if url is not None and not url.startswith("https://"):
                document.complain("Url", "Url must be a valid URL when Type is CustomEula.")
        if kind == "StandardEula":
            document.one_of("Version", STANDARD_EULAS)


def _validity(term: Sheet) -> None:
    term.duration("AgreementDuration", required=False)
    term.day("AgreementStartDate", required=False)
    term.day("AgreementEndDate", required=False)


def _schedule(term: Sheet) -> None:
    term.one_of("CurrencyCode", CURRENCIES)
    for charge in term.sheets("Schedule", 1, 86):
        charge.day("ChargeDate")
        charge.money("ChargeAmount", 2)


def _support(term: Sheet) -> None:
    policy = term.text("RefundPolicy", 1, 500)
    if policy is not None and policy != policy.strip():
        term.complain("RefundPolicy", "RefundPolicy cannot lead or end with spaces.")


def _net(term: Sheet) -> None:
    term.one_of("PaymentDuePeriod", DUE_PERIODS)


def _renewal(term: Sheet) -> None:
    term.duration("LockoutPeriod", required=False)
    term.duration("AdjustmentDeadline", required=False)
    term.whole("MaxRenewals", 1, required=False)
    increase = term.sheet("PriceIncrease", required=False)
    if increase is None:
        return
    kind = increase.one_of("Type", ("FixedPercentage", "PercentageRange"))
    if kind == "FixedPercentage":
        increase.money("Value", 2)
    bounds = increase.sheet("Range") if kind == "PercentageRange" else None
    for name in ("MinValue", "MaxValue", "DefaultValue") if bounds is not None else ():
        assert bounds is not None
        bounds.money(name, 2)


def _buyers(term: Sheet) -> None:
    targeting = term.sheet("PositiveTargeting")
    if targeting is not None:
        targeting.accounts("BuyerAccounts", 25)


CHECKS: dict[str, Callable[[Sheet], None]] = {
    "FixedUpfrontPricingTerm": _fixed,
    "ConfigurableUpfrontPricingTerm": _configurable,
    "UsageBasedPricingTerm": _usage,
    "RecurringPaymentTerm": _recurring,
    "FreeTrialPricingTerm": _trial,
    "ByolPricingTerm": _nothing,
    "LegalTerm": _legal,
    "ValidityTerm": _validity,
    "PaymentScheduleTerm": _schedule,
    "SupportTerm": _support,
    "NetPaymentTerm": _net,
    "RenewalTerm": _renewal,
    "BuyerTargetingTerm": _buyers,
}
