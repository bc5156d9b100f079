"""Offer sets, resale authorizations, and offers that are made of them by us and by channel partners."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.aws.marketplace.making import change, reference, validity, whole_offer
from sandbox.aws.marketplace.seeds import ANALYTICS, AUTHORIZATION, BUYERS, CONNECT, RESELLER
from tests.contract.sandbox.aws.marketplace_world import BUYER, START, Marketplace, direct_offer, refused


@pytest.fixture
def shop() -> Marketplace:
    return Marketplace()


def test_a_set_with_its_offers_is_made_by_one_change_set(shop: Marketplace) -> None:
    changes = [change("OfferSet", "CreateOfferSet", {"Name": "Suite"}, name="Suite")]
    for number, product in enumerate((ANALYTICS, CONNECT)):
        price = [{"ChangeType": "UpdatePricingTerms", "DetailsDocument": _seats(product)}, validity("P12M")]
        details = {"ProductId": product, "OfferSetId": reference("Suite")}
        create = change("Offer", "CreateOffer", details, name=f"Part{number}")
        changes += whole_offer(create, f"Part {number}", START.date(), *price, buyers=(BUYER,))
    held = {"Offers": [{"OfferId": reference(f"Part{number}")} for number in range(2)]}
    changes += [
        change("OfferSet", "UpdateInformation", {"BuyerNotes": "Both."}, reference("Suite")),
        change("OfferSet", "AssociateOffers", held, reference("Suite")),
        change("OfferSet", "ReleaseOfferSet", {}, reference("Suite")),
    ]
    told = shop.done(*changes)
    assert told["Status"] == "SUCCEEDED", told
    [offers] = shop.listed("OfferSet")
    details = shop.details(offers)
    assert (details["State"], len(details["AssociatedOffers"])) == ("Released", 2)
    [event] = shop.told("OfferSet Released")
    assert event.resources == (f"arn:aws:aws-marketplace:us-east-1:691709974417:AWSMarketplace/OfferSet/{offers}",)
    assert [one["offer"]["id"] for one in event.detail["associatedOffers"]] == [
        one["OfferId"] for one in details["AssociatedOffers"]
    ]


def _seats(product: str) -> dict[str, Any]:
    card = {
        "Selector": {"Type": "Duration", "Value": "P12M"},
        "RateCard": [{"DimensionKey": "seats", "Price": "80.00"}],
        "Constraints": {"MultipleDimensionSelection": "Allowed", "QuantityConfiguration": "Allowed"},
    }
    term = {"Type": "ConfigurableUpfrontPricingTerm", "CurrencyCode": "USD", "RateCards": [card]}
    return {"PricingModel": "Contract", "Terms": [term]}


def test_an_offer_that_was_not_made_for_a_set_can_not_join_it(shop: Marketplace) -> None:
    offer = shop.act("make_offer", title="Alone")["offer"]
    offers = shop.done(change("OfferSet", "CreateOfferSet", {"Name": "Suite"}))["ChangeSet"][0]["Entity"]["Identifier"]
    join = change("OfferSet", "AssociateOffers", {"Offers": [{"OfferId": offer}]}, offers)
    assert shop.failures(join) == {"AssociateOffers": ["INCOMPATIBLE_OFFER_SET_REFERENCE"]}


def test_a_set_that_is_not_whole_is_not_released(shop: Marketplace) -> None:
    offers = shop.done(change("OfferSet", "CreateOfferSet", {"Name": "Suite"}))["ChangeSet"][0]["Entity"]["Identifier"]
    failed = shop.failures(change("OfferSet", "ReleaseOfferSet", {}, offers))
    assert failed == {"ReleaseOfferSet": ["MISSING_BUYER_NOTES", "MISSING_OFFERS"]}


def test_a_released_set_stays_as_it_is(shop: Marketplace) -> None:
    made = shop.act("make_offer_set", title="Suite")
    leave = change("OfferSet", "DisassociateOffers", {"Offers": [{"OfferId": made["offers"][0]}]}, made["offer_set"])
    assert shop.failures(leave) == {"DisassociateOffers": ["INVALID_UPDATE_REQUEST"]}


def test_an_authorization_is_described_with_reseller_and_use(shop: Marketplace) -> None:
    made = shop.act("authorize_reseller", title="For Fabrikam", buyer=BUYER, until="2027-01-31", once=True)
    details = shop.details(made["resale_authorization"])
    rules = {rule["Type"]: rule for rule in details["Rules"]}
    assert (details["Status"], details["OfferDetails"]["OfferExtendedStatus"]) == ("Active", "Not Started")
    assert rules["PartnerTargetingRule"]["ResellerAccountId"] == RESELLER
    assert (rules["AvailabilityRule"]["Usage"], rules["AvailabilityRule"]["OffersMaxQuantity"]) == ("Limited", 1)
    [term] = [term for term in details["Terms"] if term["Type"] == "BuyerTargetingTerm"]
    assert term["PositiveTargeting"]["BuyerAccounts"] == [{"AwsAccountId": BUYER}]


def test_a_partners_offer_is_told_but_not_ours_to_read(shop: Marketplace) -> None:
    held = shop.act("authorize_reseller", title="For Fabrikam")["resale_authorization"]
    shop.forget()
    offer = shop.act("make_partner_offer", authorization=held, title="Acme by Fabrikam")["offer"]
    [event] = shop.events
    assert event.detail_type == "Offer Released"
    assert event.resources == (f"arn:aws:aws-marketplace:us-east-1:{RESELLER}:AWSMarketplace/Offer/{offer}",)
    assert event.detail["sellerOfRecord"]["accountId"] == RESELLER
    with refused("ResourceNotFoundException", 404):
        shop.details(offer)
    assert shop.listed() == []
    assert shop.details(held)["OfferDetails"] == {"OfferExtendedStatus": "Completed-Usable", "OfferCreatedCount": 1}


def test_an_authorization_for_one_offer_is_used_up(shop: Marketplace) -> None:
    held = shop.act("authorize_reseller", title="Once", once=True)["resale_authorization"]
    shop.act("make_partner_offer", authorization=held, title="First")
    assert shop.details(held)["OfferDetails"]["OfferExtendedStatus"] == "Completed-Used"
    with refused("ValidationException", 422) as caught:
        shop.act("make_partner_offer", authorization=held, title="Second")
    assert "INCOMPATIBLE_RESALE_AUTHORIZATION" in caught.value.message


def test_a_restricted_authorization_is_of_no_use_any_more(shop: Marketplace) -> None:
    held = shop.act("authorize_reseller", title="For Fabrikam")["resale_authorization"]
    shop.act("restrict_reseller", authorization=held)
    assert shop.details(held)["Status"] == "Restricted"
    with refused("ValidationException", 422):
        shop.act("make_partner_offer", authorization=held, title="Too late")


def our_resale(buyers: tuple[str, ...] = (BUYER,), authorization: str = AUTHORIZATION) -> list[dict[str, Any]]:
    what, details = "CreateOfferUsingResaleAuthorization", {"ResaleAuthorizationId": authorization, "Name": "Northwind"}
    markup = {"ChangeType": "UpdateMarkup", "DetailsDocument": {"Percentage": "10.00"}}
    create = change("Offer", what, details)
    return whole_offer(create, "Northwind", START.date(), markup, validity("P12M"), buyers=buyers)


def test_an_authorization_that_is_shared_with_us_becomes_an_offer_of_ours(shop: Marketplace) -> None:
    assert shop.listed("ResaleAuthorization") == []
    assert shop.listed("ResaleAuthorization", OwnershipType="SHARED") == [AUTHORIZATION]
    told = shop.done(*our_resale())
    assert told["Status"] == "SUCCEEDED", told
    [offer] = shop.listed()
    details = shop.details(offer)
    [price] = [term for term in details["Terms"] if term["Type"] == "ConfigurableUpfrontPricingTerm"]
    assert price["RateCards"][0]["RateCard"] == [{"DimensionKey": "hosts", "Price": "132.00"}]
    assert (details["ResaleAuthorizationId"], details["MarkupPercentage"]) == (AUTHORIZATION, "10.00")


def test_a_resold_offer_needs_a_buyer(shop: Marketplace) -> None:
    assert "MISSING_BUYER_ACCOUNTS" in shop.failures(*our_resale(buyers=()))["ReleaseOffer"]


def test_an_authorization_for_somebody_else_is_refused_at_once(shop: Marketplace) -> None:
    held = shop.act("authorize_reseller", title="For Fabrikam")["resale_authorization"]
    with refused("ValidationException", 422):
        shop.start(*our_resale(authorization=held))


def test_offers_of_one_set_for_two_buyers_do_not_agree(shop: Marketplace) -> None:
    suite = shop.done(change("OfferSet", "CreateOfferSet", {"Name": "Suite"}))["ChangeSet"][0]["Entity"]["Identifier"]
    suite = suite.partition("@")[0]
    offers = []
    for product, buyer in ((ANALYTICS, BUYERS[0]), (CONNECT, BUYERS[1])):
        changes = direct_offer(product=product, buyers=(buyer,))
        changes[0]["DetailsDocument"]["OfferSetId"] = suite
        offers.append(shop.done(*changes)["ChangeSet"][0]["Entity"]["Identifier"].partition("@")[0])
    failed = shop.failures(
        change("OfferSet", "UpdateInformation", {"BuyerNotes": "Both."}, suite),
        change("OfferSet", "AssociateOffers", {"Offers": [{"OfferId": one} for one in offers]}, suite),
        change("OfferSet", "ReleaseOfferSet", {}, suite),
    )
    assert failed == {"ReleaseOfferSet": ["INCONSISTENT_OFFER_TARGETING_RULE"]}
