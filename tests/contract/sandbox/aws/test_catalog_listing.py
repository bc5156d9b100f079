"""ListEntities and BatchDescribeEntities: what is found, in which order, in which spelling."""

from __future__ import annotations

import pytest

from sandbox.aws.marketplace.seeds import ANALYTICS, BUYERS, CONNECT, FOREIGN
from tests.contract.sandbox.aws.marketplace_world import BUYER, Marketplace, refused


@pytest.fixture
def shop() -> Marketplace:
    return Marketplace()


def test_a_summary_has_days_as_seconds_and_the_buyers(shop: Marketplace) -> None:
    offer = shop.act("make_offer", title="Acme", accept_by="2026-12-06")["offer"]
    [summary] = shop.catalog("ListEntities", EntityType="Offer")["EntitySummaryList"]
    assert summary["OfferSummary"] == {
        "Name": "Acme",
        "ProductId": ANALYTICS,
        "ReleaseDate": "2026-11-22T10:00:00Z",
        "AvailabilityEndDate": "2026-12-06T23:59:59Z",
        "BuyerAccounts": [BUYER],
        "State": "Released",
        "Targeting": ["BuyerAccounts"],
        "CreatedBySource": "Seller",
    }
    assert (summary["EntityId"], summary["EntityType"], summary["Visibility"]) == (offer, "Offer", "Private")


def test_offers_are_found_by_each_filter_alone_and_by_several(shop: Marketplace) -> None:
    first = shop.act("make_offer", title="Acme Robotics", accept_by="2026-12-04")["offer"]
    shop.later(3600)
    second = shop.act("make_offer", title="Zenith", buyer=BUYERS[1], product=CONNECT, released=False)["offer"]

    def found(**filters: object) -> list[str]:
        return shop.listed(EntityTypeFilters={"OfferFilters": filters})

    assert found(EntityId={"ValueList": [first]}) == [first]
    assert found(Name={"WildCardValue": "acme"}) == [first]
    assert found(ProductId={"ValueList": [CONNECT]}) == [second]
    assert found(BuyerAccounts={"WildCardValue": BUYERS[1]}) == [second]
    assert found(State={"ValueList": ["Draft"]}) == [second]
    assert found(Targeting={"ValueList": ["BuyerAccounts"]}) == [second, first]
    assert found(LastModifiedDate={"DateRange": {"AfterValue": "2026-11-22T10:30:00Z"}}) == [second]
    assert found(AvailabilityEndDate={"DateRange": {"BeforeValue": "2026-12-05T00:00:00Z"}}) == [first]
    assert found(ReleaseDate={"DateRange": {"AfterValue": "2026-11-01T00:00:00Z"}}) == [first]
    assert found(State={"ValueList": ["Draft"]}, ProductId={"ValueList": [ANALYTICS]}) == []


def test_the_ends_of_a_range_do_not_belong_to_it(shop: Marketplace) -> None:
    shop.act("make_offer", title="Acme")
    span = {"DateRange": {"AfterValue": "2026-11-22T10:00:00Z"}}
    assert shop.listed(EntityTypeFilters={"OfferFilters": {"LastModifiedDate": span}}) == []


def test_what_was_changed_last_comes_first_unless_asked_otherwise(shop: Marketplace) -> None:
    offers = []
    for title in ("B", "A", "C"):
        offers.append(shop.act("make_offer", title=title)["offer"])
        shop.later(60)
    shop.act("edit_offer", offer=offers[0], description="Touched")
    assert shop.listed() == [offers[0], offers[2], offers[1]]
    by_name = {"OfferSort": {"SortBy": "Name", "SortOrder": "ASCENDING"}}
    assert shop.listed(EntityTypeSort=by_name) == [offers[1], offers[0], offers[2]]


def test_offers_come_in_pages_of_twenty_and_all_of_them_once(shop: Marketplace) -> None:
    made = [shop.act("make_offer", title=f"Offer {number}")["offer"] for number in range(23)]
    first = shop.catalog("ListEntities", EntityType="Offer")
    rest = shop.catalog("ListEntities", EntityType="Offer", NextToken=first["NextToken"])
    assert (len(first["EntitySummaryList"]), len(rest["EntitySummaryList"]), "NextToken" in rest) == (20, 3, False)
    seen = [one["EntityId"] for told in (first, rest) for one in told["EntitySummaryList"]]
    assert sorted(seen) == sorted(made)


def test_filters_of_another_type_and_too_many_values_are_refused(shop: Marketplace) -> None:
    for wrong in (
        {"OfferSetFilters": {"State": {"ValueList": ["Draft"]}}},
        {"OfferFilters": {"EntityId": {"ValueList": [f"offer-{number}" for number in range(11)]}}},
    ):
        shop.act("make_offer", title="Acme")
        with refused("ValidationException", 422):
            shop.listed(EntityTypeFilters=wrong)


def test_products_of_others_are_not_ours_to_list(shop: Marketplace) -> None:
    assert ANALYTICS in shop.listed("SaaSProduct")
    assert FOREIGN not in shop.listed("SaaSProduct")


def test_sets_and_authorizations_have_summaries_of_their_own(shop: Marketplace) -> None:
    made = shop.act("make_offer_set", title="Suite")
    held = shop.act("authorize_reseller", title="For Fabrikam")["resale_authorization"]
    [suite] = shop.catalog("ListEntities", EntityType="OfferSet")["EntitySummaryList"]
    assert suite["OfferSetSummary"]["AssociatedOfferIds"] == made["offers"]
    [resale] = shop.catalog("ListEntities", EntityType="ResaleAuthorization")["EntitySummaryList"]
    assert (resale["EntityId"], resale["ResaleAuthorizationSummary"]["Status"]) == (held, "Active")
    status = {"ResaleAuthorizationFilters": {"Status": {"ValueList": ["Restricted"]}}}
    assert shop.listed("ResaleAuthorization", EntityTypeFilters=status) == []


def test_entities_are_described_in_batches_with_an_error_for_each_that_is_not_there(shop: Marketplace) -> None:
    offer = shop.act("make_offer", title="Acme")["offer"]
    asked = [{"Catalog": "AWSMarketplace", "EntityId": one} for one in (offer, "offer-nobody")]
    told = shop.catalog("BatchDescribeEntities", EntityRequestList=asked)
    assert told["EntityDetails"][offer]["DetailsDocument"]["Name"] == "Acme"
    assert "Details" not in told["EntityDetails"][offer]
    assert told["Errors"]["offer-nobody"]["ErrorCode"] == "ResourceNotFound"
    with refused("ValidationException", 422):
        shop.catalog("BatchDescribeEntities", EntityRequestList=asked * 11)
