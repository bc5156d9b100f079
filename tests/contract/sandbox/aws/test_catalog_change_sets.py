"""Change sets over time: prepared, applied, failed, cancelled, repeated, locked."""

from __future__ import annotations

import pytest

from sandbox.aws.core import ServiceError
from sandbox.aws.marketplace.making import change
from tests.contract.sandbox.aws.marketplace_world import Marketplace, direct_offer, refused


@pytest.fixture
def shop() -> Marketplace:
    return Marketplace()


def test_a_change_set_is_prepared_then_applied_then_succeeded(shop: Marketplace) -> None:
    started = shop.start(*direct_offer(), ChangeSetName="tandem: deal 1")
    seen = [shop.described(started)["Status"]]
    for seconds in (31, 180):
        shop.later(seconds)
        seen.append(shop.described(started)["Status"])
    assert seen == ["PREPARING", "APPLYING", "SUCCEEDED"]
    told = shop.described(started)
    assert (told["StartTime"], told["EndTime"]) == ("2026-11-22T10:00:00Z", "2026-11-22T10:03:31Z")
    assert told["ChangeSet"][0]["Entity"]["Identifier"].endswith("@1")


def test_the_offer_is_released_before_its_change_set_has_succeeded(shop: Marketplace) -> None:
    shop.start(*direct_offer())
    shop.later(31)
    assert [one.detail_type for one in shop.events] == ["Offer Released"]
    shop.later(180)
    assert [one.detail_type for one in shop.events] == ["Offer Released", "Change Set Succeeded"]


def test_nothing_has_an_identifier_before_it_is_made(shop: Marketplace) -> None:
    started = shop.start(*direct_offer())
    changes = shop.described(started)["ChangeSet"]
    assert "Identifier" not in changes[0]["Entity"]
    assert changes[1]["Entity"]["Identifier"] == "$CreateOffer.Entity.Identifier"


def test_every_change_of_a_set_names_the_same_revision_of_the_offer(shop: Marketplace) -> None:
    changes = shop.done(*direct_offer())["ChangeSet"]
    assert len({one["Entity"]["Identifier"] for one in changes}) == 1
    offer = changes[0]["Entity"]["Identifier"].partition("@")[0]
    again = shop.done(change("Offer", "UpdateInformation", {"Name": "Renamed"}, offer))
    assert again["ChangeSet"][0]["Entity"]["Identifier"] == f"{offer}@2"
    assert shop.catalog("DescribeEntity", EntityId=offer)["EntityIdentifier"] == f"{offer}@2"


def test_the_same_token_gives_the_same_change_set_and_makes_one_offer(shop: Marketplace) -> None:
    first = shop.start(*direct_offer(), ClientRequestToken="deal-1")
    shop.later()
    assert shop.start(*direct_offer(), ClientRequestToken="deal-1") == first
    shop.later()
    assert len(shop.listed()) == 1


def test_a_token_with_another_request_is_refused(shop: Marketplace) -> None:
    shop.start(*direct_offer(), ClientRequestToken="deal-1")
    with refused("ValidationException", 422):
        shop.start(*direct_offer(amount="1.00"), ClientRequestToken="deal-1")


def test_an_entity_is_locked_while_a_change_set_of_it_runs(shop: Marketplace) -> None:
    offer = shop.act("make_offer", title="Acme")["offer"]
    extend = change("Offer", "UpdateAvailability", {"AvailabilityEndDate": "2026-12-24"}, offer)
    shop.start(extend)
    with refused("ResourceInUseException", 423):
        shop.start(change("Offer", "UpdateInformation", {"Name": "B"}, offer))
    shop.later()
    shop.start(change("Offer", "UpdateInformation", {"Name": "B"}, offer))


def test_a_change_set_can_be_cancelled_only_while_it_is_prepared(shop: Marketplace) -> None:
    early, late = shop.start(*direct_offer()), shop.start(*direct_offer(name="Other"))
    shop.catalog("CancelChangeSet", ChangeSetId=early)
    assert shop.described(early)["Status"] == "CANCELLED"
    assert [one.detail_type for one in shop.events] == ["Change Set Cancelled"]
    shop.later(31)
    with refused("ResourceInUseException", 423):
        shop.catalog("CancelChangeSet", ChangeSetId=late)
    shop.later()
    assert len(shop.listed()) == 1


def test_a_failed_change_set_leaves_nothing_and_says_why_at_its_change(shop: Marketplace) -> None:
    told = shop.done(*direct_offer(grants={"chairs": 40}))
    assert (told["Status"], told["FailureCode"]) == ("FAILED", "CLIENT_ERROR")
    errors = {one["ChangeType"]: one["ErrorDetailList"] for one in told["ChangeSet"] if one["ErrorDetailList"]}
    words = "Use existing, available dimensions in the product in FixedUpfrontPricingTerm."
    assert errors == {"UpdatePricingTerms": [{"ErrorCode": "INCOMPATIBLE_PRODUCT", "ErrorMessage": words}]}
    assert shop.listed() == []
    assert shop.catalog("ListChangeSets")["ChangeSetSummaryList"][0]["EntityIdList"] == []
    [event] = shop.events
    assert (event.detail_type, event.detail["FailureCode"]) == ("Change Set Failed", "CLIENT_ERROR")


def test_a_fault_of_aws_itself_fails_without_errors(shop: Marketplace) -> None:
    shop.act("fail_next_change_sets", times=1)
    told = shop.done(*direct_offer())
    assert (told["Status"], told["FailureCode"]) == ("FAILED", "SERVER_FAULT")
    assert all(one["ErrorDetailList"] == [] for one in told["ChangeSet"])
    assert shop.done(*direct_offer())["Status"] == "SUCCEEDED"


def test_no_event_of_a_change_set_names_an_offer(shop: Marketplace) -> None:
    shop.done(*direct_offer(), ChangeSetName="tandem: deal 1")
    [event] = shop.told("Change Set")
    assert set(event.detail) == {"requestId", "Catalog", "ChangeSetId", "ChangeSetName", "StartTime", "EndTime"}
    assert "offer-" not in str(event)


def test_releases_come_last_whatever_their_place_in_the_set(shop: Marketplace) -> None:
    changes = direct_offer()
    shuffled = [changes[0], changes[-1], *changes[1:-1]]
    assert shop.done(*shuffled)["Status"] == "SUCCEEDED"


def test_details_may_come_as_a_string(shop: Marketplace) -> None:
    offer = shop.act("make_offer", title="Acme")["offer"]
    raw = change("Offer", "UpdateInformation", {}, offer)
    del raw["DetailsDocument"]
    assert shop.done(raw | {"Details": '{"Name": "From a string"}'})["Status"] == "SUCCEEDED"
    assert shop.details(offer)["Name"] == "From a string"
    with refused("ValidationException", 422):
        shop.start(raw | {"Details": '{"Name": '})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([], "between 1 and 20"),
        (direct_offer() * 3, "between 1 and 20"),
        ([change("Offer", "CancelOffer", {}, "offer-1")], "isn't supported"),
        ([change("Offer", "ReleaseOffer", {})], "Identifier is required"),
        ([change("Offer", "ReleaseOffer", {}, "$Nobody.Entity.Identifier")], "doesn't refer"),
        ([change("Offer", "ReleaseOffer", {}, "offer-1")] * 2, "multiple times"),
    ],
)
def test_a_request_of_the_wrong_form_is_refused_at_once(
    shop: Marketplace, changes: list[dict[str, str]], words: str
) -> None:
    with pytest.raises(ServiceError, match=words):
        shop.its_catalog.handle("StartChangeSet", {"Catalog": "AWSMarketplace", "ChangeSet": changes})


def test_a_name_with_a_slash_is_refused_as_the_model_says(shop: Marketplace) -> None:
    with refused("ValidationException", 422):
        shop.start(*direct_offer(), ChangeSetName="tandem/deal-1")


def test_fields_that_are_wrong_are_named_all_at_once(shop: Marketplace) -> None:
    changes = direct_offer(buyers=("22222222222",), charges=[("2026-11-22", "10.005")], currency="CHF")
    with refused("ValidationException", 422) as caught:
        shop.start(*changes)
    fields = {(one["ChangeType"], one["Field"]) for one in caught.value.members["ValidationExceptionFieldList"]}
    assert fields == {
        ("UpdateTargeting", "Details.PositiveTargeting.BuyerAccounts[0]"),
        ("UpdatePricingTerms", "Details.Terms[0].CurrencyCode"),
        ("UpdatePaymentScheduleTerms", "Details.Terms[0].CurrencyCode"),
        ("UpdatePaymentScheduleTerms", "Details.Terms[0].Schedule[0].ChargeAmount"),
    }


def test_change_sets_are_found_by_name_status_entity_and_time(shop: Marketplace) -> None:
    first = shop.start(*direct_offer(), ChangeSetName="tandem: deal 1")
    shop.later()
    second = shop.start(*direct_offer(grants={"chairs": 1}))
    shop.later()

    def found(name: str, *values: str) -> list[str]:
        told = shop.catalog("ListChangeSets", FilterList=[{"Name": name, "ValueList": list(values)}])
        return [one["ChangeSetId"] for one in told["ChangeSetSummaryList"]]

    offer = shop.listed()[0]
    assert found("ChangeSetName", "tandem: deal 1") == [first]
    assert found("Status", "FAILED") == [second]
    assert found("EntityId", offer) == [first]
    assert found("AfterStartTime", "2026-11-22T10:00:00Z") == [second]
    assert found("Status", "FAILED", "SUCCEEDED") == [second, first]
    with refused("ValidationException", 422):
        found("Colour", "blue")


def test_change_sets_come_in_pages(shop: Marketplace) -> None:
    started = [shop.start(*direct_offer(name=f"Offer {number}")) for number in range(5)]
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        told = shop.catalog(
            "ListChangeSets", MaxResults=2, Sort={"SortBy": "StartTime", "SortOrder": "ASCENDING"}, **token
        )
        seen += [one["ChangeSetId"] for one in told["ChangeSetSummaryList"]]
        if "NextToken" not in told:
            break
        token = {"NextToken": told["NextToken"]}
    assert sorted(seen) == sorted(started)
    with refused("ValidationException", 422):
        shop.catalog("ListChangeSets", NextToken="bm90IG91cnM=")


def test_change_sets_are_forgotten_after_sixty_days(shop: Marketplace) -> None:
    old = shop.start(*direct_offer())
    shop.later()
    shop.later(61 * 86_400)
    assert shop.catalog("ListChangeSets")["ChangeSetSummaryList"] == []
    with refused("ResourceNotFoundException", 404):
        shop.described(old)
