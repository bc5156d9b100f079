"""What the agreement service answers: search, description, terms, entitlements, cancellation requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.aws.core import ServiceError
from sandbox.aws.marketplace.seeds import ANALYTICS, BUYERS
from tests.contract.sandbox.aws.marketplace_world import BUYER, START, Marketplace, direct_offer, refused


@pytest.fixture
def shop() -> Marketplace:
    return Marketplace()


def accepted(shop: Marketplace, **more: object) -> str:
    return str(shop.act("accept", offer=shop.act("make_offer", title="Acme", **more)["offer"])["agreement"])


def test_an_agreement_says_who_when_what_and_how_much(shop: Marketplace) -> None:
    offer = shop.act("make_offer", title="Acme", schedule=[["2026-11-23", "5000.00"], ["2027-06-01", "7000.50"]])[
        "offer"
    ]
    agreement = shop.act("accept", offer=offer)["agreement"]
    told = shop.agreement(agreement)
    assert told["estimatedCharges"] == {"currencyCode": "USD", "agreementValue": "12000.50"}
    assert told["proposalSummary"] == {"offerId": offer, "resources": [{"id": ANALYTICS, "type": "SaaSProduct"}]}
    assert (told["acceptor"]["accountId"], told["proposer"]["accountId"]) == (BUYER, shop.world.account)
    assert (told["acceptanceTime"], told["endTime"]) == (START, datetime(2027, 11, 22, 10, tzinfo=UTC))
    assert (told["status"], told["initialAgreementId"]) == ("ACTIVE", agreement)
    assert told["endTimeBehavior"] == {"type": "EXPIRE", "reasonCode": "NO_RENEWAL_TERM"}


def test_pay_as_you_go_has_no_end_here_and_the_year_9999_in_events(shop: Marketplace) -> None:
    offer = shop.act("make_usage_offer", title="Metered")["offer"]
    told = shop.agreement(shop.act("accept", offer=offer)["agreement"])
    assert "endTime" not in told
    assert "endTimeBehavior" not in told
    assert told["estimatedCharges"]["agreementValue"] == "0"
    assert shop.told("Created")[0].detail["agreement"]["endTime"] == "9999-01-01T00:00:00Z"


def test_agreements_are_found_by_every_filter(shop: Marketplace) -> None:
    first = accepted(shop, renewal=True)
    shop.later(3600)
    second = accepted(shop, buyer=BUYERS[1], duration="P6M")
    license_of_first = shop.agreements("GetAgreementEntitlements", agreementId=first)["agreementEntitlements"][0][
        "licenseArn"
    ]
    offer = shop.agreement(first)["proposalSummary"]["offerId"]
    assert shop.found(("OfferId", offer)) == [first]
    assert shop.found(("AcceptorAccountId", BUYERS[1])) == [second]
    assert shop.found(("ResourceIdentifier", ANALYTICS), ("Status", "ACTIVE")) == [first, second]
    assert shop.found(("ResourceType", "SaaSProduct"), ("Status", "CANCELLED")) == []
    assert shop.found(("BeforeEndTime", "2027-09-01T00:00:00Z")) == [second]
    assert shop.found(("AfterStartTime", "2026-11-22T10:30:00Z")) == [second]
    assert shop.found(("AfterLastUpdateTime", "2026-11-22T10:30:00Z")) == [second]
    assert shop.found(("InitialAgreementId", first)) == [first]
    assert shop.found(("LicenseArn", license_of_first)) == [first]
    assert shop.found(("EndTimeBehaviorType", "RENEW")) == [first]
    assert shop.found(("EndTimeBehaviorReasonCode", "NO_RENEWAL_TERM")) == [second]


def test_every_act_on_an_agreement_moves_its_last_update(shop: Marketplace) -> None:
    agreement = accepted(shop, renewal=True)
    for act in ("amend", "opt_out", "cancel"):
        shop.later(3600)
        before = (shop.world.clock() - timedelta(seconds=1)).isoformat()
        assert shop.found(("AfterLastUpdateTime", before)) == []
        shop.act(act, agreement=agreement)
        assert shop.found(("AfterLastUpdateTime", before)) == [agreement]


def test_agreements_are_sorted_by_their_end_and_come_in_pages(shop: Marketplace) -> None:
    made = [accepted(shop, duration=f"P{months}M") for months in (3, 12, 6)]
    assert shop.found() == [made[1], made[2], made[0]]
    filters = [
        {"name": "PartyType", "values": ["Proposer"]},
        {"name": "AgreementType", "values": ["PurchaseAgreement"]},
    ]
    order = {"sortBy": "LastUpdateTime", "sortOrder": "ASCENDING"}
    first = shop.agreements("SearchAgreements", filters=filters, sort=order, maxResults=2)
    rest = shop.agreements("SearchAgreements", filters=filters, sort=order, maxResults=2, nextToken=first["nextToken"])
    seen = [one["agreementId"] for told in (first, rest) for one in told["agreementViewSummaries"]]
    assert sorted(seen) == sorted(made)
    assert "nextToken" not in rest


OURS = [("PartyType", ["Proposer"]), ("AgreementType", ["PurchaseAgreement"])]
THEIRS = [("PartyType", ["Acceptor"]), ("AgreementType", ["PurchaseAgreement"])]


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        (OURS[1:], "MISSING_PARTY_TYPE"),
        (OURS[:1], "UNSUPPORTED_FILTERS"),
        ([("PartyType", ["Reseller"])], "INVALID_PARTY_TYPE"),
        ([*OURS, ("Colour", ["blue"])], "INVALID_FILTER_NAME"),
        ([*OURS, ("OfferId", ["a", "b"])], "INVALID_FILTER_VALUES"),
        ([*OURS, ("AfterEndTime", ["soon"])], "INVALID_FILTER_VALUES"),
        ([*THEIRS, ("AcceptorAccountId", [BUYER])], "UNSUPPORTED_FILTERS"),
    ],
)
def test_filters_that_aws_does_not_know_together_are_refused(
    shop: Marketplace, filters: list[tuple[str, list[str]]], reason: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        shop.agreements("SearchAgreements", filters=[{"name": name, "values": values} for name, values in filters])
    assert (caught.value.code, caught.value.members["reason"]) == ("ValidationException", reason)


def test_only_a_proposer_may_sort_by_the_last_update(shop: Marketplace) -> None:
    with refused("ValidationException", 400):
        shop.found(party="Acceptor", sort={"sortBy": "LastUpdateTime"})


def test_accepted_terms_are_the_offers_in_another_spelling(shop: Marketplace) -> None:
    told = shop.agreements("GetAgreementTerms", agreementId=accepted(shop, renewal=True))["acceptedTerms"]
    terms = {name: term for one in told for name, term in one.items()}
    assert set(terms) == {
        "legalTerm", "fixedUpfrontPricingTerm", "paymentScheduleTerm", "validityTerm", "renewalTerm",
    }  # fmt: skip
    assert terms["paymentScheduleTerm"]["schedule"][0]["chargeDate"] == datetime(2026, 11, 22, tzinfo=UTC)
    assert terms["fixedUpfrontPricingTerm"]["grants"] == [{"dimensionKey": "seats", "maxQuantity": 10}]
    assert terms["renewalTerm"]["configuration"] == {"enableAutoRenew": True}


def test_our_own_terms_are_signed_addresses_in_an_agreement_too(shop: Marketplace) -> None:
    told = shop.done(*direct_offer(eula={"Type": "CustomEula", "Url": "https://s3.amazonaws.com/tandem/eula.pdf"}))
    offer = told["ChangeSet"][0]["Entity"]["Identifier"].partition("@")[0]
    agreement = shop.act("accept", offer=offer)["agreement"]
    terms = shop.agreements("GetAgreementTerms", agreementId=agreement)["acceptedTerms"]
    [legal] = [one["legalTerm"] for one in terms if "legalTerm" in one]
    assert "X-Amz-Security-Token=" in legal["documents"][0]["url"]


def test_an_entitlement_follows_its_agreement(shop: Marketplace) -> None:
    def status(agreement: str) -> str:
        return str(
            shop.agreements("GetAgreementEntitlements", agreementId=agreement)["agreementEntitlements"][0]["status"]
        )

    future = accepted(shop, starts_on="2027-01-01", ends_on="2027-12-31", accept_by="2026-12-06")
    assert status(future) == "SCHEDULED"
    shop.forget()
    shop.later(41 * 86_400)
    assert (status(future), [one.detail_type for one in shop.events]) == (
        "PROVISIONED",
        ["License Updated - Manufacturer"],
    )
    shop.act("cancel", agreement=future)
    assert status(future) == "DEPROVISIONED"


def test_an_agreement_of_a_partner_is_not_ours_to_read(shop: Marketplace) -> None:
    held = shop.act("authorize_reseller", title="For Fabrikam")["resale_authorization"]
    offer = shop.act("make_partner_offer", authorization=held, title="By Fabrikam")["offer"]
    agreement = shop.act("accept", offer=offer)["agreement"]
    assert shop.found() == []
    with refused("ResourceNotFoundException", 404):
        shop.agreement(agreement)


def test_a_cancellation_is_asked_for_once_and_granted_after_a_week(shop: Marketplace) -> None:
    agreement = accepted(shop)
    shop.forget()
    asked = {"agreementId": agreement, "reasonCode": "TEST_AGREEMENT", "clientToken": "once"}
    first = shop.agreements("SendAgreementCancellationRequest", **asked)
    assert shop.agreements("SendAgreementCancellationRequest", **asked) == first
    with refused("ConflictException", 409):
        shop.agreements("SendAgreementCancellationRequest", **asked | {"reasonCode": "OTHER"})
    with refused("ConflictException", 409):
        shop.agreements("SendAgreementCancellationRequest", agreementId=agreement, reasonCode="OTHER")
    shop.later(6 * 86_400)
    assert shop.agreement(agreement)["status"] == "ACTIVE"
    shop.later(86_400)
    assert shop.agreement(agreement)["status"] == "CANCELLED"
    told = [one.detail_type for one in shop.told("Cancellation Request")]
    assert [one.removesuffix(" - Proposer") for one in told if one.endswith("Proposer")] == [
        "Agreement Cancellation Request Pending Approval",
        "Agreement Cancellation Request Approved",
    ]


def test_a_buyer_may_refuse_a_cancellation(shop: Marketplace) -> None:
    agreement = accepted(shop)
    asked = shop.agreements("SendAgreementCancellationRequest", agreementId=agreement, reasonCode="OTHER")
    request = asked["agreementCancellationRequestId"]
    shop.act("answer_cancellation", request=request, approve=False, words="We still need it")
    told = shop.agreements(
        "GetAgreementCancellationRequest", agreementId=agreement, agreementCancellationRequestId=request
    )
    assert (told["status"], told["statusMessage"]) == ("REJECTED", "We still need it")
    assert shop.agreement(agreement)["status"] == "ACTIVE"
    listed = shop.agreements("ListAgreementCancellationRequests", partyType="Proposer", status="REJECTED")
    assert [one["agreementCancellationRequestId"] for one in listed["items"]] == [request]
