"""The journey of a deal from agreed to launched: what a rep, a reviewer and a buyer do, and what must show of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tandem.demo.stage import Systems
from tandem.demo.watch import Tally

BUYER = "222222222222"
COMPANY = {
    "Name": "Quorvane Logistics GmbH",
    "Website": "https://quorvane-logistics.example",
    "BillingCountry": "Germany",
    "BillingCity": "Kassel",
    "BillingPostalCode": "34117",
}
DEAL = {
    "Name": "Quorvane Logistics: 40 seats",
    "StageName": "Negotiation/Review",
    "Amount": 12500,
    "Currency_Code__c": "USD",
    "Buyer_Account__c": BUYER,
    "Duration_Months__c": 12,
    "Quantities__c": "seats=40",
    "Offer_Request__c": "Create",
    "Cosell__c": True,
    "Customer_Problem__c": "Freight stands still while papers are missing, and nobody knows for how long.",
    "Industry__c": "Transportation and Logistics",
    "Use_Case__c": "Business Applications & Contact Center",
}


def deal_to_private_offer(systems: Systems, tally: Tally) -> Iterator[str]:
    """A deal is agreed: shared, approved, offered, associated, accepted by the buyer, won, launched; all on the deal."""
    account = systems.org.create("Account", COMPANY)
    deal = systems.org.create("Opportunity", {**DEAL, "AccountId": account, "CloseDate": _close_date(systems)})
    yield from _until(systems, deal, Offer_State__c="Released", Cosell_Status__c="Approved")
    while not _associated(systems):
        yield "the offer on the co-sell opportunity"
    systems.cloud.act("marketplace-agreement", "accept", offer=_shown(systems, deal)["Offer_Id__c"])
    yield from _until(systems, deal, Offer_State__c="Accepted")
    systems.org.edit("Opportunity", deal, {"StageName": "Closed Won"})
    yield from _until(systems, deal, Cosell_Stage__c="Launched")
    yield ""


def _until(systems: Systems, deal: str, **wanted: str) -> Iterator[str]:
    """What is missing on the deal, until nothing is."""
    while missing := _missing(_shown(systems, deal), wanted):
        yield missing


def _missing(shown: Mapping[str, Any], wanted: Mapping[str, str]) -> str:
    lacking = [
        f"{name} is {shown.get(name)}, not {value}" for name, value in wanted.items() if shown.get(name) != value
    ]
    problem = shown.get("Offer_Problem__c")
    return ", ".join([*lacking, *([f"the deal says: {problem}"] if problem else [])]) if lacking else ""


def _shown(systems: Systems, deal: str) -> dict[str, Any]:
    return next(row for row in systems.org.rows("Opportunity") if row["Id"] == deal)


def _associated(systems: Systems) -> bool:
    found = [each["related"] for each in systems.cloud.all("opportunity")]
    return sum(len(each.get("AwsMarketplaceOffers", ())) for each in found) == 1


def _close_date(systems: Systems) -> str:
    """A day in three weeks, by the emulated cloud's own clock."""
    now = datetime.fromisoformat(systems.cloud.ask("health")["now"])
    return (now + timedelta(days=21)).date().isoformat()
