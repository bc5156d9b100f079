"""What an offer takes over from a resale authorization, and what a reseller adds to its prices."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal

from ...core import Shape
from ..entities import Entity
from .bench import Bench

NAMES = {"BuyerLegalTerm": "LegalTerm"}
KEPT = ("ResaleFixedUpfrontPricingTerm", "ResaleConfigurableUpfrontPricingTerm", "ResaleUsageBasedPricingTerm",
        "ResalePaymentScheduleTerm", "BuyerLegalTerm", "ResaleNetPaymentTerm")  # fmt: skip


def take_terms(bench: Bench, held: Entity, offer: Entity) -> None:
    """Copies the authorization's terms and buyers into the offer, and counts the offer as made of it."""
    taken = [_as_offered(term) for term in held.details["Terms"] if term["Type"] in KEPT]
    offer.put_terms(tuple(term["Type"] for term in taken), taken)
    offer.pricing_model = held.pricing_model
    targeted = held.term("BuyerTargetingTerm")
    if targeted and not offer.buyers:
        accounts = [one["AwsAccountId"] for one in targeted["PositiveTargeting"]["BuyerAccounts"]]
        offer.put_rule({"Type": "TargetingRule", "PositiveTargeting": {"BuyerAccounts": accounts}})
    used, rule = held.details["OfferDetails"], held.rule("AvailabilityRule") or {}
    until, limit = held.available_until, rule.get("OffersMaxQuantity")
    if (until is not None and until < bench.now) or (limit is not None and used["OfferCreatedCount"] >= limit):
        bench.refuse("INCOMPATIBLE_RESALE_AUTHORIZATION", "Use a ResaleAuthorization in active state.")
    used["OfferCreatedCount"] += 1
    spent = limit is not None and used["OfferCreatedCount"] >= limit
    used["OfferExtendedStatus"] = "Completed-Used" if spent else "Completed-Usable"


def _as_offered(term: Shape) -> Shape:
    kind = term["Type"]
    taken = {name: deepcopy(value) for name, value in term.items() if name != "Id"}
    return taken | {"Type": NAMES.get(kind, kind.removeprefix("Resale"))}


def raise_prices(bench: Bench, offer: Entity, details: Shape) -> None:
    """Raises what the authorization asks for by a percentage; it starts from the authorization's prices each time."""
    held = bench.look(offer.details.get("ResaleAuthorizationId"))
    if held is None:
        bench.refuse(
            "INVALID_UPDATE_REQUEST", "UpdateMarkup is only supported for offers created using ResaleAuthorization."
        )
        return
    if offer.is_released:
        bench.refuse("INCOMPATIBLE_TERMS", "The requested change can't be performed after the offer is released.")
    offer.details["MarkupPercentage"] = details["Percentage"]
    factor = 1 + Decimal(details["Percentage"]) / 100
    taken = [_as_offered(term) for term in held.details["Terms"] if term["Type"] in KEPT and "Pric" in term["Type"]]
    for term in taken:
        _raise(term, "Price", factor)
        for card in term.get("RateCards", []):
            for rate in card["RateCard"]:
                _raise(rate, "Price", factor)
    schedule = held.term("ResalePaymentScheduleTerm")
    if schedule:
        raised = _as_offered(schedule)
        for charge in raised["Schedule"]:
            _raise(charge, "ChargeAmount", factor)
        taken.append(raised)
    offer.put_terms(tuple(term["Type"] for term in taken), taken)


def _raise(holder: Shape, name: str, factor: Decimal) -> None:
    if name in holder:
        holder[name] = f"{Decimal(holder[name]) * factor:.2f}"
