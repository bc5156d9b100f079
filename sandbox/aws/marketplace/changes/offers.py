"""The change types of Offer@1.0; whether an offer is whole is judged in coherence.py.

Source: Marketplace API Reference, "Work with private offers" and "Work with channel partner private offers".
"""

from __future__ import annotations

from copy import deepcopy

from ...core import Shape
from ..entities import Entity
from ..errors import denied, not_found, validation
from ..times import day_of, end_of, fine_stamp, start_of
from .bench import Bench, Change, nothing
from .markup import raise_prices, take_terms
from .sheet import Sheet
from .terms import MODELS, PRICING, check_terms

RELEASED = "The requested change can't be performed after the offer is released."
EXPIRED = "The requested change can't be performed after the offer is expired."


# Making


def _check_create(sheet: Sheet) -> None:
    sheet.text("ProductId", 1, 50, without="\\<>")
    sheet.text("Name", 1, 150, required=False, without="\\<>")
    sheet.text("OfferSetId", 1, 50, required=False)


def _admit_create(bench: Bench, details: Shape) -> None:
    product = bench.look(details["ProductId"])
    if product is None or product.kind != "SaaSProduct":
        raise not_found(f"product '{details['ProductId']}'")
    if product.account != bench.account:
        raise denied("You are not authorized to create an offer for the given product.")


def _create(bench: Bench, details: Shape) -> Entity:
    offer = bench.make("Offer", {"Name": details.get("Name"), "ProductId": details["ProductId"]})
    _begin(offer, details)
    return offer


def _begin(offer: Entity, details: Shape) -> None:
    offer.details |= {"Id": offer.id, "State": "Draft"}
    offer.details.setdefault("Terms", [])
    offer.details.setdefault("Rules", [])
    if details.get("OfferSetId"):
        offer.details["OfferSetId"] = details["OfferSetId"]


def _check_replace(sheet: Sheet) -> None:
    sheet.text("AgreementId", 1, 64)
    sheet.text("Name", 1, 150, required=False, without="\\<>")


def _admit_replace(bench: Bench, details: Shape) -> None:
    agreement = bench.agreements.get(details["AgreementId"])
    if agreement is None or agreement.proposer != bench.account:
        raise denied("You are not authorized to create an offer for the given agreement.")


def _replace(bench: Bench, details: Shape) -> Entity:
    agreement = bench.agreements[details["AgreementId"]]
    offer = bench.make("Offer", {"Name": details.get("Name"), "ProductId": agreement.product})
    _begin(offer, details)
    offer.details["Terms"] = [
        deepcopy(term) for term in agreement.terms if term["Type"] in (*PRICING, "LegalTerm", "SupportTerm")
    ]
    offer.put_rule({"Type": "TargetingRule", "PositiveTargeting": {"BuyerAccounts": [agreement.acceptor]}})
    offer.agreement, offer.intent, offer.pricing_model = agreement.id, "Replace", agreement.pricing_model
    if agreement.status != "ACTIVE":
        bench.refuse("INCOMPATIBLE_AGREEMENT", "Provide an AgreementId of an active agreement.")
    if agreement.resale_authorization and "ResaleAuthorizationId" not in details:
        bench.refuse(
            "INCOMPATIBLE_AGREEMENT",
            "CreateReplacementOffer change type can't be invoked to create a replacement offer for the agreement. "
            "Use CreateReplacementOfferUsingResaleAuthorization change type.",
        )
    return offer


def _check_resell(sheet: Sheet) -> None:
    sheet.text("ResaleAuthorizationId", 1, 50)
    sheet.text("Name", 1, 150, required=False)
    sheet.text("Description", 1, 255, required=False)
    sheet.text("OfferSetId", 1, 50, required=False)


def _admit_resell(bench: Bench, details: Shape) -> None:
    held = bench.look(details["ResaleAuthorizationId"])
    if held is None or held.kind != "ResaleAuthorization":
        raise not_found(f"resale authorization '{details['ResaleAuthorizationId']}'")
    if (held.rule("PartnerTargetingRule") or {}).get("ResellerAccountId") != bench.account:
        raise validation("ResaleAuthorization must be targeted to the channel partner.")
    if held.details.get("Status") != "Active":
        raise validation("ResaleAuthorization must be active.")


def _resell(bench: Bench, details: Shape) -> Entity:
    held = bench.work_on(details["ResaleAuthorizationId"])
    offer = bench.make("Offer", {"Name": details.get("Name"), "ProductId": held.details["ProductId"]})
    _begin(offer, details)
    offer.details |= {"ResaleAuthorizationId": held.id, "Description": details.get("Description")}
    take_terms(bench, held, offer)
    return offer


def _admit_resell_again(bench: Bench, details: Shape) -> None:
    _admit_resell(bench, details)
    _admit_replace(bench, details)


def _resell_again(bench: Bench, details: Shape) -> Entity:
    held, offer = bench.work_on(details["ResaleAuthorizationId"]), _replace(bench, details)
    offer.details["ResaleAuthorizationId"] = held.id
    take_terms(bench, held, offer)
    return offer


def _check_resell_again(sheet: Sheet) -> None:
    _check_resell(sheet)
    _check_replace(sheet)


# Changing


def _check_information(sheet: Sheet) -> None:
    sheet.some_of("Name", "Description", "PreExistingAgreement")
    sheet.text("Name", 1, 150, required=False, without="\\<>")
    sheet.text("Description", 1, 255, required=False)
    before = sheet.sheet("PreExistingAgreement", required=False)
    if before is not None:
        before.one_of("AcquisitionChannel", ("AwsMarketplace", "External"))
        before.one_of("PricingModel", MODELS)


def _information(bench: Bench, offer: Entity, details: Shape) -> None:
    if "PreExistingAgreement" in details and offer.is_released:
        bench.refuse(
            "INCOMPATIBLE_PRE_EXISTING_AGREEMENT", "PreExistingAgreement can't be changed after the offer is released."
        )
    offer.details |= {
        name: details[name] for name in ("Name", "Description", "PreExistingAgreement") if name in details
    }


def _check_targeting(sheet: Sheet) -> None:
    sheet.some_of("PositiveTargeting", "NegativeTargeting")
    positive = sheet.sheet("PositiveTargeting", required=False)
    if positive is not None:
        positive.some_of("BuyerAccounts", "CountryCodes")
        positive.accounts("BuyerAccounts", 26)


def _targeting(bench: Bench, offer: Entity, details: Shape) -> None:
    buyers = (details.get("PositiveTargeting") or {}).get("BuyerAccounts", [])
    unknown = [one for one in buyers if one in bench.unknown_accounts]
    if offer.is_released:
        bench.refuse("INCOMPATIBLE_TARGETING", RELEASED)
    if offer.intent == "Replace":
        bench.refuse(
            "INCOMPATIBLE_TARGETING",
            "Targeting can't be updated on a replacement offer. If the buyer isn't associated with the provided "
            "AgreementId, then create a new private offer by providing an AgreementId associated with the buyer.",
        )
    if unknown:
        bench.refuse(
            "INVALID_BUYER_ACCOUNTS", f"Provide valid buyer accounts. Invalid accounts: [{', '.join(unknown)}]."
        )
    held = bench.look(offer.details.get("ResaleAuthorizationId"))
    allowed = held.term("BuyerTargetingTerm") if held else None
    accounts = (
        {one["AwsAccountId"] for one in allowed["PositiveTargeting"]["BuyerAccounts"]} if allowed else set(buyers)
    )
    if not set(buyers) <= accounts:
        bench.refuse(
            "INCOMPATIBLE_RESALE_AUTHORIZATION",
            "Provide BuyerAccounts that are compatible with the ResaleAuthorization.",
        )
    offer.put_rule({"Type": "TargetingRule"} | details)


def _check_availability(sheet: Sheet) -> None:
    sheet.day("AvailabilityEndDate")


def _availability(bench: Bench, offer: Entity, details: Shape) -> None:
    day = day_of(details["AvailabilityEndDate"])
    assert day is not None
    if day < bench.today and not offer.is_released:
        bench.refuse("INVALID_AVAILABILITY_END_DATE", "Provide a future AvailabilityEndDate.")
    offer.put_rule({"Type": "AvailabilityRule", "AvailabilityEndDate": fine_stamp(end_of(day))})


def _terms(*family: str, low: int = 1, high: int = 10, pricing: bool = False) -> Change:
    """A change that replaces a family of terms; nothing but a duration may change after the release."""

    def check(sheet: Sheet) -> None:
        if pricing:
            sheet.one_of("PricingModel", MODELS)
        check_terms(sheet, family, low, high)

    def apply(bench: Bench, offer: Entity, details: Shape) -> None:
        if family == ("ValidityTerm",):
            _may_change_validity(bench, offer, details)
        elif offer.is_released:
            bench.refuse("INCOMPATIBLE_TERMS", RELEASED)
        if pricing:
            offer.pricing_model = details["PricingModel"]
        offer.put_terms(family, [_as_described(term) for term in details["Terms"]])

    return Change(check, apply)


def _may_change_validity(bench: Bench, offer: Entity, details: Shape) -> None:
    if not offer.is_released:
        return
    if offer.available_until is not None and offer.available_until < bench.now:
        bench.refuse("INCOMPATIBLE_TERMS", EXPIRED)
    before, after = offer.term("ValidityTerm") or {}, _as_described((details["Terms"] or [{}])[0])
    for name, code in (("AgreementStartDate", "START"), ("AgreementEndDate", "END")):
        if before.get(name) != after.get(name):
            bench.refuse(f"INCOMPATIBLE_AGREEMENT_{code}_DATE", f"{name} can't be updated after the offer is released.")


def _as_described(term: Shape) -> Shape:
    """Days of a request are moments in a description."""
    term = deepcopy(term)
    for charge in term.get("Schedule", []):
        day = day_of(charge["ChargeDate"])
        assert day is not None
        charge["ChargeDate"] = fine_stamp(start_of(day))
    for name, moment in (("AgreementStartDate", start_of), ("AgreementEndDate", end_of)):
        day = day_of(term.get(name))
        if day is not None:
            term[name] = fine_stamp(moment(day))
    return term


def _check_markup(sheet: Sheet) -> None:
    sheet.money("Percentage", 2)


def _release(bench: Bench, offer: Entity, _: Shape) -> None:
    if offer.is_released:
        bench.refuse("INVALID_UPDATE_REQUEST", RELEASED)
    offer.details["State"] = "Released"
    offer.released = offer.released or bench.now


OFFER: dict[str, Change] = {
    "CreateOffer": Change(_check_create, nothing, _admit_create, _create, turn=0),
    "CreateReplacementOffer": Change(_check_replace, nothing, _admit_replace, _replace, turn=0),
    "CreateOfferUsingResaleAuthorization": Change(_check_resell, nothing, _admit_resell, _resell, turn=0),
    "CreateReplacementOfferUsingResaleAuthorization": Change(
        _check_resell_again, nothing, _admit_resell_again, _resell_again, turn=0
    ),
    "UpdateInformation": Change(_check_information, _information),
    "UpdateTargeting": Change(_check_targeting, _targeting),
    "UpdateAvailability": Change(_check_availability, _availability),
    "UpdateLegalTerms": _terms("LegalTerm", high=1),
    "UpdatePricingTerms": _terms(*PRICING, pricing=True),
    "UpdatePaymentScheduleTerms": _terms("PaymentScheduleTerm", low=0, high=1),
    "UpdateValidityTerms": _terms("ValidityTerm", low=0, high=1),
    "UpdateRenewalTerms": _terms("RenewalTerm", low=0, high=1),
    "UpdateSupportTerms": _terms("SupportTerm", high=1),
    "UpdateNetPaymentTerms": _terms("NetPaymentTerm", low=0, high=1),
    "UpdateMarkup": Change(_check_markup, raise_prices),
    "ReleaseOffer": Change(Sheet.empty, _release, turn=2),
}
