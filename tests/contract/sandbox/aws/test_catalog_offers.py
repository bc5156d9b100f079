"""Offers: what a description says, what a release needs, and what may change after it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from sandbox.aws.marketplace.making import change
from sandbox.aws.marketplace.seeds import FOREIGN, UNKNOWN_BUYER
from tests.contract.sandbox.aws.marketplace_world import BUYER, Marketplace, direct_offer, refused


@pytest.fixture
def shop() -> Marketplace:
    return Marketplace()


def made(shop: Marketplace, **more: Any) -> str:
    told = shop.done(*direct_offer(**more))
    assert told["Status"] == "SUCCEEDED", told
    return str(told["ChangeSet"][0]["Entity"]["Identifier"].partition("@")[0])


def test_an_offer_is_described_in_terms_and_rules(shop: Marketplace) -> None:
    offer = made(shop, charges=[("2026-12-01", "5000.00"), ("2027-06-01", "7000.00")])
    told = shop.catalog("DescribeEntity", EntityId=offer)
    assert (told["EntityType"], told["EntityIdentifier"]) == ("Offer@1.0", f"{offer}@1")
    assert told["EntityArn"] == f"arn:aws:aws-marketplace:us-east-1:691709974417:AWSMarketplace/Offer/{offer}"
    details = told["DetailsDocument"]
    assert json.loads(told["Details"]) == details
    terms = {term["Type"]: term for term in details["Terms"]}
    assert terms["PaymentScheduleTerm"]["Schedule"][0] == {
        "ChargeDate": "2026-12-01T00:00:00.000Z",
        "ChargeAmount": "5000.00",
    }
    assert terms["FixedUpfrontPricingTerm"]["Price"] == "0"
    assert terms["ValidityTerm"]["AgreementDuration"] == "P12M"
    assert details["Rules"] == [
        {"Type": "TargetingRule", "PositiveTargeting": {"BuyerAccounts": [BUYER]}},
        {"Type": "AvailabilityRule", "AvailabilityEndDate": "2026-12-06T23:59:59.999Z"},
    ]
    assert details["State"] == "Released"


def test_our_own_terms_come_as_a_signed_address_that_changes_with_each_reading(shop: Marketplace) -> None:
    eula = {"Type": "CustomEula", "Url": "https://s3.amazonaws.com/tandem/eula.pdf"}
    offer = made(shop, eula=eula)

    def url() -> str:
        [legal] = [term for term in shop.details(offer)["Terms"] if term["Type"] == "LegalTerm"]
        return str(legal["Documents"][0]["Url"])

    first, second = url(), url()
    assert first != second
    assert first.startswith("https://aws-mp-offer-legal-artifacts-us-east-1-prod.s3.amazonaws.com/offer-")
    assert all(name in first for name in ("X-Amz-Security-Token=", "X-Amz-Signature=", "X-Amz-Credential=ASIA"))


def test_reading_does_not_change_what_is_made_later() -> None:
    read, unread = Marketplace(seed=5), Marketplace(seed=5)
    eula = {"Type": "CustomEula", "Url": "https://s3.amazonaws.com/tandem/eula.pdf"}
    offers = [made(shop, eula=eula) for shop in (read, unread)]
    read.details(offers[0])
    assert made(read) == made(unread)


def test_the_event_of_a_release_calls_something_an_arn_that_is_none(shop: Marketplace) -> None:
    offer = made(shop)
    [event] = shop.told("Offer Released")
    assert event.detail["offer"]["arn"] == f"arn:aws:catalog:us-east-1:691709974417:Offer/{offer}"
    assert event.resources == (f"arn:aws:aws-marketplace:us-east-1:691709974417:AWSMarketplace/Offer/{offer}",)
    assert event.detail["targetedBuyerAccountIds"] == [BUYER]
    assert event.detail["product"]["title"] == "Tandem Analytics"


def without(changes: list[dict[str, Any]], *types: str) -> list[dict[str, Any]]:
    return [one for one in changes if one["ChangeType"] not in types]


@pytest.mark.parametrize(
    ("missing", "at", "code"),
    [
        ("UpdateAvailability", "ReleaseOffer", "MISSING_AVAILABILITY_END_DATE"),
        ("UpdateInformation", "ReleaseOffer", "MISSING_DESCRIPTION"),
        ("UpdateLegalTerms", "ReleaseOffer", "MISSING_MANDATORY_TERMS"),
        ("UpdateValidityTerms", "ReleaseOffer", "MISSING_MANDATORY_TERMS"),
        ("UpdatePaymentScheduleTerms", "UpdatePricingTerms", "MISSING_MANDATORY_TERMS"),
        ("UpdateTargeting", "UpdateAvailability", "INVALID_AVAILABILITY_END_DATE"),
    ],
)
def test_what_is_missing_is_told_when_it_is_released(shop: Marketplace, missing: str, at: str, code: str) -> None:
    assert code in shop.failures(*without(direct_offer(), missing))[at]


@pytest.mark.parametrize(
    ("wrong", "at", "code"),
    [
        ({"accept_by": date(2026, 11, 21)}, "UpdateAvailability", "INVALID_AVAILABILITY_END_DATE"),
        ({"buyers": (UNKNOWN_BUYER,)}, "UpdateTargeting", "INVALID_BUYER_ACCOUNTS"),
        ({"grants": {"gb_per_moon": 1}}, "UpdatePricingTerms", "INCOMPATIBLE_PRODUCT"),
        ({"charges": [("2026-11-21", "1.00")]}, "UpdatePaymentScheduleTerms", "INVALID_CHARGE_DATES"),
        ({"charges": [("2028-01-01", "1.00")]}, "UpdatePaymentScheduleTerms", "INVALID_CHARGE_DATES"),
        ({"charges": [("2027-01-01", "1.00")] * 2}, "UpdatePaymentScheduleTerms", "DUPLICATE_CHARGE_DATES"),
        (
            {"charges": [("2026-12-01", "1.00"), ("2026-12-06", "1.00")]},
            "UpdatePaymentScheduleTerms",
            "TOO_MANY_BACKDATED_CHARGES",
        ),
        ({"ends": "2027-12-31"}, "UpdateValidityTerms", "INVALID_AGREEMENT_TIME_INTERVAL"),
        ({"duration": None, "ends": "2027-12-31"}, "UpdateValidityTerms", "INVALID_AGREEMENT_TIME_INTERVAL"),
        ({"duration": None, "starts": "2027-01-01"}, "UpdateValidityTerms", "INVALID_AGREEMENT_TIME_INTERVAL"),
        (
            {"duration": None, "starts": "2026-12-06", "ends": "2027-12-31"},
            "UpdateValidityTerms",
            "INVALID_AGREEMENT_START_DATE",
        ),
        ({"eula": {"Type": "StandardEula", "Version": "2019-04-24"}}, "UpdateLegalTerms", "INVALID_LEGAL_DOCUMENTS"),
        (
            {"eula": {"Type": "CustomEula", "Url": "https://tandem.example/e.pdf"}},
            "UpdateLegalTerms",
            "INVALID_LEGAL_DOCUMENTS",
        ),
    ],
)
def test_what_does_not_agree_fails_the_change_set(shop: Marketplace, wrong: dict[str, Any], at: str, code: str) -> None:
    assert code in shop.failures(*direct_offer(**wrong))[at]


def test_a_price_beside_a_schedule_must_be_zero(shop: Marketplace) -> None:
    changes = direct_offer()
    [pricing] = [one for one in changes if one["ChangeType"] == "UpdatePricingTerms"]
    pricing["DetailsDocument"]["Terms"][0]["Price"] = "12000.00"
    assert shop.failures(*changes) == {"UpdatePricingTerms": ["INCOMPATIBLE_TERMS"]}


def test_a_renewal_term_says_how_prices_rise_and_when_they_are_paid(shop: Marketplace) -> None:
    changes = direct_offer()
    details = {"Terms": [{"Type": "RenewalTerm"}]}
    changes.insert(-1, change("Offer", "UpdateRenewalTerms", details, "$CreateOffer.Entity.Identifier"))
    assert shop.failures(*changes) == {
        "UpdateRenewalTerms": ["MISSING_PRICE_INCREASE", "MISSING_PAYMENT_SCHEDULE_TERM_TEMPLATE"]
    }


def test_a_future_dated_offer_starts_after_its_last_day_of_acceptance(shop: Marketplace) -> None:
    offer = made(shop, duration=None, starts="2027-01-01", ends="2027-12-31")
    [term] = [term for term in shop.details(offer)["Terms"] if term["Type"] == "ValidityTerm"]
    assert term["AgreementStartDate"] == "2027-01-01T00:00:00.000Z"
    assert term["AgreementEndDate"] == "2027-12-31T23:59:59.999Z"


def test_a_released_offer_can_be_extended_renamed_and_expired(shop: Marketplace) -> None:
    offer = made(shop)
    for day in ("2026-12-24", "2026-11-21"):
        assert (
            shop.done(change("Offer", "UpdateAvailability", {"AvailabilityEndDate": day}, offer))["Status"]
            == "SUCCEEDED"
        )
        assert shop.details(offer)["Rules"][-1]["AvailabilityEndDate"] == f"{day}T23:59:59.999Z"
    assert shop.done(change("Offer", "UpdateInformation", {"Name": "Renamed"}, offer))["Status"] == "SUCCEEDED"
    assert len(shop.told("Offer Released")) == 1


@pytest.mark.parametrize(
    ("what", "details", "code"),
    [
        ("ReleaseOffer", {}, "INVALID_UPDATE_REQUEST"),
        ("UpdateTargeting", {"PositiveTargeting": {"BuyerAccounts": ["111122223333"]}}, "INCOMPATIBLE_TARGETING"),
        ("UpdateSupportTerms", {"Terms": [{"Type": "SupportTerm", "RefundPolicy": "None."}]}, "INCOMPATIBLE_TERMS"),
        (
            "UpdateInformation",
            {"PreExistingAgreement": {"AcquisitionChannel": "External", "PricingModel": "Contract"}},
            "INCOMPATIBLE_PRE_EXISTING_AGREEMENT",
        ),
        (
            "UpdateValidityTerms",
            {"Terms": [{"Type": "ValidityTerm", "AgreementEndDate": "2028-01-01"}]},
            "INCOMPATIBLE_AGREEMENT_END_DATE",
        ),
    ],
)  # fmt: skip
def test_other_changes_of_a_released_offer_fail(
    shop: Marketplace, what: str, details: dict[str, Any], code: str
) -> None:
    offer = made(shop)
    assert code in shop.failures(change("Offer", what, details, offer))[what]


def test_an_offer_can_not_be_extended_past_its_second_payment(shop: Marketplace) -> None:
    offer = made(shop, charges=[("2026-12-01", "1.00"), ("2027-01-01", "1.00")])
    extend = change("Offer", "UpdateAvailability", {"AvailabilityEndDate": "2027-01-01"}, offer)
    assert shop.failures(extend) == {"UpdateAvailability": ["TOO_MANY_BACKDATED_CHARGES"]}


def test_a_draft_may_be_incomplete_and_is_completed_later(shop: Marketplace) -> None:
    draft = shop.done(change("Offer", "CreateOffer", {"ProductId": "prod-lnjsznntonxi2"}))
    offer = draft["ChangeSet"][0]["Entity"]["Identifier"].partition("@")[0]
    assert shop.details(offer)["State"] == "Draft"
    assert shop.told("Offer Released") == []
    rest = [one | {"Entity": {"Type": "Offer@1.0", "Identifier": offer}} for one in direct_offer()[1:]]
    assert shop.done(*rest)["Status"] == "SUCCEEDED"
    assert shop.details(offer)["State"] == "Released"


def test_products_of_others_and_of_nobody_are_refused_at_once(shop: Marketplace) -> None:
    with refused("ResourceNotFoundException", 404):
        shop.start(*direct_offer(product="prod-nobody"))
    with refused("AccessDeniedException", 403):
        shop.start(*direct_offer(product=FOREIGN))


def test_an_agreement_based_offer_takes_the_buyer_and_the_prices_of_the_agreement(shop: Marketplace) -> None:
    before = shop.act("accept", offer=shop.act("make_offer", title="Acme")["offer"])["agreement"]
    changes = [
        change("Offer", "CreateReplacementOffer", {"AgreementId": before, "Name": "Acme again"}, name="Again"),
        *(
            change("Offer", what, details, "$Again.Entity.Identifier")
            for what, details in (
                ("UpdateInformation", {"Description": "More seats"}),
                ("UpdateValidityTerms", {"Terms": [{"Type": "ValidityTerm", "AgreementEndDate": "2028-01-30"}]}),
                (
                    "UpdatePaymentScheduleTerms",
                    {"Terms": [{
                        "Type": "PaymentScheduleTerm", "CurrencyCode": "USD",
                        "Schedule": [{"ChargeDate": "2026-12-20", "ChargeAmount": "900.00"}],
                    }]},
                ),
                ("UpdateAvailability", {"AvailabilityEndDate": "2026-12-10"}),
                ("ReleaseOffer", {}),
            )
        ),
    ]  # fmt: skip
    told = shop.done(*changes)
    assert told["Status"] == "SUCCEEDED", told
    offer = told["ChangeSet"][0]["Entity"]["Identifier"].partition("@")[0]
    kinds = {term["Type"] for term in shop.details(offer)["Terms"]}
    assert kinds == {"FixedUpfrontPricingTerm", "LegalTerm", "ValidityTerm", "PaymentScheduleTerm"}
    assert shop.details(offer)["Rules"][0]["PositiveTargeting"]["BuyerAccounts"] == [BUYER]


def test_the_agreement_of_somebody_else_can_not_be_replaced(shop: Marketplace) -> None:
    with refused("AccessDeniedException", 403):
        shop.start(change("Offer", "CreateReplacementOffer", {"AgreementId": "agmt-nobody"}))


def test_an_agreement_based_offer_needs_an_end_and_keeps_its_buyer(shop: Marketplace) -> None:
    before = shop.act("accept", offer=shop.act("make_offer", title="Acme")["offer"])["agreement"]
    changes = direct_offer()
    changes[0] = change("Offer", "CreateReplacementOffer", {"AgreementId": before}, name="CreateOffer")
    failed = shop.failures(*changes)
    assert "MISSING_AGREEMENT_END_DATE" in failed["ReleaseOffer"]
    assert failed["UpdateTargeting"] == ["INCOMPATIBLE_TARGETING"]
