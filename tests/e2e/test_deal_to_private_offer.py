"""The whole way of a deal, over the wire of Salesforce, AWS Marketplace and Partner Central: agreed to launched."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from schemas.marketplace import OfferState
from tandem.ledger.answers import Event
from tandem.planning.plan import Effect, changes
from tests.e2e.cosell import AWS, BUYER, Hub, hub

COMPANY = {
    "Name": "Acme Robotics GmbH",
    "Website": "https://acme-robotics.example",
    "BillingCountry": "Germany",
    "BillingCity": "Kassel",
    "BillingPostalCode": "34117",
}
DEAL = {
    "Name": "Acme Robotics: 40 seats",
    "StageName": "Negotiation/Review",
    "Amount": 12500,
    "Currency_Code__c": "USD",
    "CloseDate": "2026-12-18",
    "Buyer_Account__c": BUYER,
    "Accept_By__c": "2026-12-15",
    "Duration_Months__c": 12,
    "Quantities__c": "seats=40",
    "Offer_Request__c": "Create",
    "Cosell__c": True,
    "Customer_Problem__c": "Robots stand still while spare parts are missing, and nobody knows for how long.",
    "Industry__c": "Manufacturing",
    "Use_Case__c": "Business Applications & Contact Center",
}

WAY = [
    "The marketplace has been asked to make the offer.",
    "The offer is released: the buyer can accept it.",
    "The co-sell opportunity is submitted.",
    "The co-sell opportunity is approved.",
    "The buyer has accepted the offer: the agreement holds.",
    "The co-sell opportunity is launched.",
]
COMMANDS = {"cosell", "cosell_solution", "cosell_submission", "cosell_offer"}


@pytest.fixture
def it() -> Iterator[Hub]:
    with hub() as found:
        yield found


def agreed(it: Hub, **changes: Any) -> str:
    """A deal that a rep has agreed on with the customer."""
    account = it.rep_creates("Account", **COMPANY)
    return it.rep_creates(**{**DEAL, "AccountId": account, **changes})


def assert_told(events: list[Event]) -> None:
    """A timeline tells each step, what was written to AWS for it, what came of it, and what AWS then showed."""
    assert [event.what for event in events if event.kind == "offer" and event.what in WAY] == WAY
    entities = {
        kind: {each.subject.split("/")[1] for each in events if each.kind == kind} for kind in ("write", "change")
    }
    assert entities["write"] == {"deal_offer", "private_offer", "offer", *COMMANDS}
    assert {event.what.split(",")[0] for event in events if event.kind == "outcome"} == {"applied"}
    assert {"offer", "agreement", "change_set", "cosell"} < entities["change"]


def test_a_deal_goes_all_the_way_from_agreed_to_launched(it: Hub, tmp_path: Path):
    # Given a deal that is agreed in Salesforce, and a hub that knows the marketplace
    it.runs()
    deal = agreed(it)
    # When Tandem has shared it and made the offer
    it.runs()
    [(opportunity, shared)] = it.opportunities().items()
    [(offer, summary)] = it.offers().items()
    shown = it.deal(deal)
    # Then the deal shows both, submitted and released
    assert (shared["PartnerOpportunityIdentifier"], shared["LifeCycle"]["ReviewStatus"]) == (deal, "Submitted")
    assert (summary["State"], summary["BuyerAccounts"]) == ("Released", [BUYER])
    assert (shown["Offer_State__c"], shown["Offer_Id__c"]) == ("Released", offer)
    assert (shown["Cosell_Id__c"], shown["Cosell_Status__c"]) == (opportunity, "Submitted")
    assert shown["Offer_Problem__c"] is None
    # When AWS has approved, the offer is associated
    it.reviewer("approve", opportunity=opportunity)
    it.runs()
    [associated] = it.opportunities()[opportunity]["RelatedEntityIdentifiers"]["AwsMarketplaceOffers"]
    assert associated.endswith(f"AWSMarketplace/Offer/{offer}")
    assert it.deal(deal)["Cosell_Status__c"] == "Approved"
    # When the buyer accepts, the agreement is on the deal
    it.buyer("accept", offer=offer)
    it.runs()
    accepted = it.deal(deal)
    assert (accepted["Offer_State__c"], accepted["Agreement_Id__c"][:5]) == ("Accepted", "agmt-")
    # When the rep has won the deal, the opportunity is launched, with what the agreement is worth
    it.rep_edits(deal, StageName="Closed Won")
    it.runs()
    launched = it.opportunities()[opportunity]
    assert launched["LifeCycle"]["Stage"] == "Launched"
    worth = launched["SoftwareRevenue"]["Value"]
    assert (Decimal(worth["Amount"]), worth["CurrencyCode"]) == (12500, "USD")
    assert it.deal(deal)["Cosell_Stage__c"] == "Launched"
    # And one offer, one association, one record in the related list, nothing parked
    assert (list(it.offers()), it.dead_letters()) == ([offer], [])
    [record] = it.offer_records()
    assert (record["Opportunity__c"], record["State__c"], record["Offer_Id__c"]) == (deal, "Accepted", offer)
    told = [each.state for each in it.history(deal) if each.state != each.previous]
    assert told == [OfferState.CREATING, OfferState.RELEASED, OfferState.ACCEPTED]
    # And the whole way is one timeline
    assert_told(it.of_deal(tmp_path, deal).events)


def test_a_plan_shows_the_offer_before_it_is_made_and_makes_nothing(it: Hub):
    it.runs()
    deal = agreed(it, Cosell__c=False)
    it.looks()
    it.decides()
    waiting = [write for write in it.writes() if write.connection == AWS]
    [planned] = changes(AWS, it.systems[AWS].tables, it.sink(AWS), waiting)
    shown = {each.field: each.after for each in planned.fields}
    assert (planned.effect, planned.entity) == (Effect.CREATE, "offer")
    assert (shown["buyer_accounts"], shown["amount"], shown["currency"]) == ([BUYER], "12500", "USD")
    assert deal in shown["name"]
    assert planned.reasons == ("The deal asks for an offer.",)
    assert it.offers() == {}


BAD = {
    "no buyer account": ({"Buyer_Account__c": None}, ["account"]),
    "eleven digits": ({"Buyer_Account__c": "12345678901"}, ["12345678901", "12"]),
    "a wrong currency": ({"Currency_Code__c": "XXX"}, ["XXX", "USD"]),
    "a past date": ({"Accept_By__c": "2026-11-01"}, ["2026-11-01"]),
    "too many decimals": ({"Amount": 12500.125}, ["12500.125", "decimal"]),
    "yen with decimals": ({"Amount": 12500.5, "Currency_Code__c": "JPY"}, ["12500.5", "JPY"]),
    "a schedule that does not add up": ({"Payment_Schedule__c": "2026-12-20 5000.00"}, ["5000.00", "12500"]),
}


@pytest.mark.parametrize(("changes", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_said_on_the_deal_and_nothing_is_sent(it: Hub, changes: dict[str, Any], words: list[str]):
    it.runs()
    deal = agreed(it, Cosell__c=False, **changes)
    it.runs()
    problem = it.deal(deal)["Offer_Problem__c"]
    assert [word for word in words if word not in problem] == []
    assert (it.offers(), [w for w in it.writes() if w.connection != "our-crm"], it.dead_letters()) == ({}, [], [])
    # And once it is corrected the offer is made, and the problem is gone
    it.rep_edits(deal, **{name: DEAL.get(name) for name in changes})
    it.runs()
    assert len(it.offers()) == 1
    assert (it.deal(deal)["Offer_State__c"], it.deal(deal)["Offer_Problem__c"]) == ("Released", None)
