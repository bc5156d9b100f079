"""What a buyer does, what AWS does in his stead, and which events tell of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.aws.core import ServiceError
from sandbox.aws.marketplace.seeds import AUTHORIZATION, BUYERS
from tests.contract.sandbox.aws.marketplace_world import BUYER, Marketplace, refused
from tests.contract.sandbox.aws.test_catalog_sets_and_resale import our_resale


@pytest.fixture
def shop() -> Marketplace:
    return Marketplace()


def agreed(shop: Marketplace, **more: Any) -> str:
    made = shop.act("accept", offer=shop.act("make_offer", title="Acme", **more)["offer"])["agreement"]
    shop.forget()
    return str(made)


def types(shop: Marketplace) -> list[str]:
    return [one.detail_type for one in shop.events]


def test_a_direct_offer_that_is_accepted_is_told_to_us_in_both_our_roles(shop: Marketplace) -> None:
    offer = shop.act("make_offer", title="Acme")["offer"]
    shop.forget()
    agreement = shop.act("accept", offer=offer)["agreement"]
    assert types(shop) == [
        "Purchase Agreement Created - Proposer",
        "Purchase Agreement Created - Manufacturer",
        "License Updated - Manufacturer",
    ]
    created, again, _ = shop.events
    assert created.resources == (f"arn:aws:aws-marketplace::aws:agreement:{agreement}",)
    assert created.detail["agreement"] == {
        "id": agreement,
        "intent": "NEW",
        "status": "ACTIVE",
        "acceptanceTime": "2026-11-22T10:00:00Z",
        "startTime": "2026-11-22T10:00:00Z",
        "endTime": "2027-11-22T10:00:00Z",
    }
    assert (created.detail["offer"], created.detail["resaleAuthorization"]) == ({"id": offer}, None)
    assert again.detail["agreement"] == created.detail["agreement"]
    assert created.detail["requestId"] != again.detail["requestId"]


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda shop: shop.act("make_offer", title="Draft", released=False)["offer"], "is a draft"),
        (lambda shop: shop.act("cancel_offer", **shop.act("make_offer", title="Gone"))["offer"], "expired"),
        (lambda shop: shop.act("make_offer_set", title="Suite")["offers"][0], "only be accepted with its offer set"),
        (lambda shop: "offer-nobody", "doesn't exist"),
    ],
)
def test_an_offer_that_a_buyer_can_not_take_is_refused(shop: Marketplace, prepare: Any, words: str) -> None:
    with pytest.raises(ServiceError, match=words):
        shop.act("accept", offer=prepare(shop))


def test_an_offer_is_accepted_once_and_only_by_its_buyer(shop: Marketplace) -> None:
    offer = shop.act("make_offer", title="Acme")["offer"]
    with refused("AccessDeniedException", 403):
        shop.act("accept", offer=offer, buyer=BUYERS[1])
    shop.act("accept", offer=offer)
    with refused("ConflictException", 409):
        shop.act("accept", offer=offer, buyer=BUYER)


def test_nobody_is_told_of_an_offer_that_expires_or_is_cancelled(shop: Marketplace) -> None:
    kept, gone = (shop.act("make_offer", title=title)["offer"] for title in ("Kept", "Gone"))
    shop.forget()
    shop.act("cancel_offer", offer=gone)
    shop.act("let_expire", what=kept)
    assert types(shop) == ["Change Set Succeeded"]
    with pytest.raises(ServiceError, match="expired"):
        shop.act("accept", offer=kept)


def test_a_set_becomes_one_agreement_for_each_of_its_offers(shop: Marketplace) -> None:
    made = shop.act("make_offer_set", title="Suite")
    agreements = shop.act("accept_set", offer_set=made["offer_set"])["agreements"]
    summaries = [shop.agreement(one)["proposalSummary"] for one in agreements]
    assert [one["offerId"] for one in summaries] == made["offers"]
    assert {one["offerSetId"] for one in summaries} == {made["offer_set"]}
    assert sorted(shop.found(("OfferSetId", made["offer_set"]))) == sorted(agreements)


def test_a_partners_sale_is_told_to_the_manufacturer_only(shop: Marketplace) -> None:
    held = shop.act("authorize_reseller", title="For Fabrikam")["resale_authorization"]
    offer = shop.act("make_partner_offer", authorization=held, title="By Fabrikam")["offer"]
    shop.forget()
    shop.act("accept", offer=offer)
    assert types(shop) == ["Purchase Agreement Created - Manufacturer", "License Updated - Manufacturer"]
    assert shop.events[0].detail["resaleAuthorization"] == {"id": held}


def test_our_resale_of_anothers_product_is_told_to_the_proposer_only(shop: Marketplace) -> None:
    shop.done(*our_resale())
    [offer] = shop.listed()
    shop.forget()
    shop.act("accept", offer=offer)
    assert types(shop) == ["Purchase Agreement Created - Proposer"]
    assert shop.events[0].detail["resaleAuthorization"] == {"id": AUTHORIZATION}


def test_an_amended_agreement_stays_the_same_and_is_worth_more(shop: Marketplace) -> None:
    agreement = agreed(shop, amount="12000.00")
    shop.act("amend", agreement=agreement, amount="500.25", quantities={"seats": 2})
    assert shop.agreement(agreement)["estimatedCharges"]["agreementValue"] == "12500.25"
    assert types(shop)[:2] == ["Purchase Agreement Amended - Proposer", "Purchase Agreement Amended - Manufacturer"]
    assert shop.events[0].detail["agreement"]["intent"] == "AMEND"


@pytest.mark.parametrize(
    ("act", "status"), [("cancel", "CANCELLED"), ("terminate", "TERMINATED"), ("roll_back", "ROLLED_BACK")]
)
def test_an_end_is_told_without_an_offer(shop: Marketplace, act: str, status: str) -> None:
    agreement = agreed(shop)
    shop.act(act, agreement=agreement)
    assert types(shop) == [
        "Purchase Agreement Ended - Proposer",
        "Purchase Agreement Ended - Manufacturer",
        "License Deprovisioned - Manufacturer",
    ]
    assert shop.events[0].detail["agreement"] == {"id": agreement, "status": status}
    assert "offer" not in shop.events[0].detail
    assert shop.agreement(agreement)["status"] == status
    with pytest.raises(ServiceError, match=status):
        shop.act("cancel", agreement=agreement)


def test_warnings_come_before_an_end_and_each_once(shop: Marketplace) -> None:
    agreement = agreed(shop)
    days = []
    for _ in range(366):
        shop.later(86_400)
        days += [one.detail["agreement"]["daysBeforeEndTime"] for one in shop.told("Ending")]
        ended = shop.told("Ended")
        shop.forget()
    assert days == [180, 120, 90, 60, 30]
    assert ended == []
    assert shop.agreement(agreement)["status"] == "EXPIRED"


def test_a_short_agreement_gets_no_warning_from_before_it_began(shop: Marketplace) -> None:
    agreement = agreed(shop, duration="P2M")
    shop.act("let_expire", what=agreement)
    assert [one.detail["agreement"]["daysBeforeEndTime"] for one in shop.told("Ending")] == [60, 30]


def test_an_agreement_that_renews_is_followed_by_another_one(shop: Marketplace) -> None:
    before = agreed(shop, renewal=True)
    shop.act("let_expire", what=before)
    assert shop.agreement(before)["status"] == "RENEWED"
    [after] = set(shop.found(("InitialAgreementId", before))) - {before}
    told = shop.agreement(after)
    assert (told["startTime"], told["status"], told["initialAgreementId"]) == (
        datetime(2027, 11, 22, 10, tzinfo=UTC), "ACTIVE", before,
    )  # fmt: skip
    ended, created = shop.told("Ended - Proposer")[0], shop.told("Created - Proposer")[0]
    assert ended.detail["agreement"]["status"] == "RENEWED"
    assert (created.detail["agreement"]["intent"], created.detail["agreement"]["previousAgreementId"]) == (
        "RENEW",
        before,
    )
    assert shop.told("Deprovisioned") == []


def test_the_offer_of_a_renewal_is_made_by_the_marketplace(shop: Marketplace) -> None:
    before = agreed(shop, renewal=True)
    assert shop.agreement(before)["endTimeBehavior"]["type"] == "RENEW"
    after = shop.act("renew", agreement=before)["agreement"]
    filters = {
        "OfferFilters": {
            "CreatedBySource": {"ValueList": ["AwsMarketplace"]},
            "TargetAgreementIntent": {"ValueList": ["Renew"]},
        }
    }
    [offer] = shop.listed(EntityTypeFilters=filters)
    assert shop.agreement(after)["proposalSummary"]["offerId"] == offer
    [summary] = shop.catalog("ListEntities", EntityType="Offer", EntityTypeFilters=filters)["EntitySummaryList"]
    assert summary["OfferSummary"]["TargetAgreementId"] == before


@pytest.mark.parametrize("party", ["ACCEPTOR", "PROPOSER"])
def test_either_side_may_opt_out_of_the_renewal(shop: Marketplace, party: str) -> None:
    agreement = agreed(shop, renewal=True)
    shop.act("opt_out", agreement=agreement, party=party)
    offer = shop.agreement(agreement)["proposalSummary"]["offerId"]
    assert shop.agreement(agreement)["endTimeBehavior"] == {
        "type": "EXPIRE",
        "reasonCode": f"{party}_RENEW_OPTED_OUT",
        "renewalSummary": {"offerId": offer},
    }
    with pytest.raises(ServiceError, match="OPTED_OUT"):
        shop.act("renew", agreement=agreement)
    shop.act("let_expire", what=agreement)
    assert shop.agreement(agreement)["status"] == "EXPIRED"


def test_an_agreement_based_offer_replaces_the_agreement(shop: Marketplace) -> None:
    before = agreed(shop)
    offer = shop.act("make_replacement_offer", title="More seats", agreement=before, ends_on="2028-01-31")["offer"]
    shop.forget()
    after = shop.act("replace", offer=offer)["agreement"]
    assert types(shop) == [
        "Purchase Agreement Ended - Proposer",
        "Purchase Agreement Ended - Manufacturer",
        "Purchase Agreement Created - Proposer",
        "Purchase Agreement Created - Manufacturer",
        "License Updated - Manufacturer",
    ]
    assert shop.events[0].detail["agreement"] == {"id": before, "status": "REPLACED"}
    assert shop.events[2].detail["agreement"]["intent"] == "REPLACE"
    assert shop.agreement(before)["status"] == "REPLACED"
    assert shop.agreement(after)["endTime"] == datetime(2028, 1, 31, 23, 59, 59, 999000, tzinfo=UTC)
    assert sorted(shop.found(("InitialAgreementId", before))) == sorted([before, after])


def test_an_ended_agreement_can_not_be_replaced_any_more(shop: Marketplace) -> None:
    before = agreed(shop)
    offer = shop.act("make_replacement_offer", title="Late", agreement=before, ends_on="2028-01-31")["offer"]
    shop.act("terminate", agreement=before)
    with pytest.raises(ServiceError, match="TERMINATED"):
        shop.act("replace", offer=offer)


def test_people_at_the_console_work_through_change_sets_as_well(shop: Marketplace) -> None:
    offer = shop.act("make_offer", title="By hand", released=False)["offer"]
    shop.act("edit_offer", offer=offer, title="By hand, corrected")
    shop.act("release_offer", offer=offer)
    shop.act("extend_offer", offer=offer, until="2026-12-31")
    names = {one["ChangeSetName"] for one in shop.catalog("ListChangeSets")["ChangeSetSummaryList"]}
    assert names == {"Submitted by 691709974417"}
    assert types(shop).count("Change Set Succeeded") == 4
    assert shop.details(offer)["Name"] == "By hand, corrected"


def test_what_aws_refuses_a_person_is_told_in_its_words(shop: Marketplace) -> None:
    with pytest.raises(ServiceError, match="INVALID_BUYER_ACCOUNTS: Provide valid buyer accounts"):
        shop.act("make_offer", title="Wrong", buyer="999999999999")
