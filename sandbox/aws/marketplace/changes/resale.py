"""The change types of ResaleAuthorization@1.0.

Source: Marketplace API Reference, "Work with resale authorizations".
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ...core import Shape
from ..entities import Entity, dimensions, fresh
from ..errors import denied, not_found
from ..times import day_of, end_of, fine_stamp, start_of
from .bench import Bench, Change, nothing
from .sheet import Sheet
from .terms import MODELS, RESALE_PRICING, check_terms


def _check_create(sheet: Sheet) -> None:
    sheet.text("ProductId", 1, 50)
    sheet.text("Name", 1, 100)
    sheet.text("Description", 1, 255, required=False)
    sheet.account("ResellerAccountId")


def _admit(bench: Bench, details: Shape) -> None:
    product = bench.look(details["ProductId"])
    if product is None or product.kind != "SaaSProduct":
        raise not_found(f"product '{details['ProductId']}'")
    if product.account != bench.account:
        raise denied("You are not authorized to create a ResaleAuthorization for the given product.")


def _create(bench: Bench, details: Shape) -> Entity:
    product = bench.look(details["ProductId"])
    assert product is not None
    reseller = details["ResellerAccountId"]
    if reseller in bench.unknown_accounts:
        bench.refuse("INVALID_RESELLER_ACCOUNT", "Provide a valid reseller account.")
    described: dict[str, Any] = {
        "Name": details["Name"],
        "Description": details.get("Description"),
        "ProductId": product.id,
        "ProductName": product.name,
        "Status": "Draft",
        "CreatedDate": fine_stamp(bench.now),
        "ManufacturerLegalName": bench.legal_names.get(bench.account),
        "ManufacturerAccountId": bench.account,
        "Dimensions": deepcopy(product.details.get("Dimensions", [])),
        "OfferDetails": {"OfferExtendedStatus": "Not Started", "OfferCreatedCount": 0},
        "Terms": [],
        "Rules": [
            {"Type": "AvailabilityRule", "Id": f"rule-{fresh(bench.chance)}", "Usage": "Unlimited"},
            {
                "Type": "PartnerTargetingRule",
                "Id": f"rule-{fresh(bench.chance)}",
                "ResellerAccountId": reseller,
                "ResellerLegalName": bench.legal_names.get(reseller),
            },
        ],
    }
    return bench.make("ResaleAuthorization", described)


def _in_draft(bench: Bench, held: Entity, what: str) -> None:
    if held.details["Status"] != "Draft":
        bench.refuse(
            "INCOMPATIBLE_STATUS", f"{what} request can't be performed after the resale authorization is released."
        )


def _check_information(sheet: Sheet) -> None:
    sheet.some_of("Name", "Description", "PreExistingBuyerAgreement")
    sheet.text("Name", 1, 100, required=False)
    sheet.text("Description", 1, 255, required=False)


def _information(bench: Bench, held: Entity, details: Shape) -> None:
    _in_draft(bench, held, "UpdateInformation")
    held.details |= {
        name: details[name] for name in ("Name", "Description", "PreExistingBuyerAgreement") if name in details
    }


def _check_availability(sheet: Sheet) -> None:
    sheet.some_of("AvailabilityEndDate", "OffersMaxQuantity")
    sheet.day("AvailabilityEndDate", required=False)
    sheet.whole("OffersMaxQuantity", 1, required=False)


def _availability(bench: Bench, held: Entity, details: Shape) -> None:
    _in_draft(bench, held, "UpdateAvailability")
    rule = {"Type": "AvailabilityRule", "Id": f"rule-{fresh(bench.chance)}", "Usage": "Limited"}
    day = day_of(details.get("AvailabilityEndDate"))
    if day is not None:
        rule["AvailabilityEndDate"] = fine_stamp(end_of(day))
    if "OffersMaxQuantity" in details:
        rule["OffersMaxQuantity"] = details["OffersMaxQuantity"]
    held.put_rule(rule)


def _terms(*family: str, pricing: bool = False) -> Change:
    name = "UpdatePricingTerms" if pricing else f"Update{family[0]}s"

    def check(sheet: Sheet) -> None:
        if pricing:
            sheet.one_of("PricingModel", MODELS)
        check_terms(sheet, family)

    def apply(bench: Bench, held: Entity, details: Shape) -> None:
        _in_draft(bench, held, name)
        if pricing:
            held.pricing_model = details["PricingModel"]
        known = dimensions(bench.look(held.details["ProductId"]) or held)
        for term in details["Terms"]:
            keys = {grant["DimensionKey"] for grant in term.get("Grants", [])}
            if keys - set(known):
                bench.refuse(
                    "INCOMPATIBLE_PRODUCT", f"Use existing, available dimensions in the product in {term['Type']}."
                )
        held.put_terms(family, [_as_described(bench, term) for term in details["Terms"]])

    return Change(check, apply)


def _as_described(bench: Bench, term: Shape) -> Shape:
    term = deepcopy(term) | {"Id": f"term-{fresh(bench.chance)}"}
    for charge in term.get("Schedule", []):
        day = day_of(charge["ChargeDate"])
        assert day is not None
        charge["ChargeDate"] = fine_stamp(start_of(day))
    accounts = (term.get("PositiveTargeting") or {}).get("BuyerAccounts")
    if accounts:
        term["PositiveTargeting"]["BuyerAccounts"] = [{"AwsAccountId": account} for account in accounts]
    return term


def _release(bench: Bench, held: Entity, _: Shape) -> None:
    _in_draft(bench, held, "ReleaseResaleAuthorization")
    kinds = {term["Type"] for term in held.details["Terms"]}
    if "BuyerLegalTerm" not in kinds:
        bench.refuse("MISSING_MANDATORY_TERMS", "Provide a BuyerLegalTerm.")
    if not kinds & set(RESALE_PRICING):
        bench.refuse("MISSING_MANDATORY_TERMS", "Provide a PricingTerm.")
    if ("ResalePaymentScheduleTerm" in kinds) != ("ResaleFixedUpfrontPricingTerm" in kinds):
        bench.refuse(
            "INCOMPATIBLE_PRICING_TERM", "PaymentScheduleTerm and FixedUpfrontPricingTerm must be present together."
        )
    held.details["Status"] = "Active"
    held.released = bench.now


def _restrict(bench: Bench, held: Entity, _: Shape) -> None:
    until = held.available_until
    if until is not None and until < bench.now:
        bench.refuse("INCOMPATIBLE_STATUS", "Expired ResaleAuthorization can't be marked as restricted.")
    held.details["Status"] = "Restricted"


RESALE: dict[str, Change] = {
    "CreateResaleAuthorization": Change(_check_create, nothing, _admit, _create, turn=0),
    "UpdateInformation": Change(_check_information, _information),
    "UpdateAvailability": Change(_check_availability, _availability),
    "UpdatePricingTerms": _terms(*RESALE_PRICING, pricing=True),
    "UpdateLegalTerms": _terms("BuyerLegalTerm", "ResaleLegalTerm"),
    "UpdatePaymentScheduleTerms": _terms("ResalePaymentScheduleTerm"),
    "UpdateBuyerTargetingTerms": _terms("BuyerTargetingTerm"),
    "UpdateNetPaymentTerms": _terms("ResaleNetPaymentTerm"),
    "ReleaseResaleAuthorization": Change(Sheet.empty, _release, turn=2),
    "RestrictResaleAuthorization": Change(Sheet.empty, _restrict, turn=2),
}
