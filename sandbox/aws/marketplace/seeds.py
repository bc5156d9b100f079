"""What is there before anybody does anything: our products, another manufacturer's, and its authorization for us."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from ..core import World
from .entities import Entity, fresh
from .times import fine_stamp

OUR_NAME = "Tandem Sandbox, Inc."
MANUFACTURER, RESELLER = "444455556666", "777788889999"
BUYERS = ("222222222222", "111122223333", "333344445555")
UNKNOWN_BUYER = "999999999999"  # 12 digits, but no account of AWS
LEGAL_NAMES = {MANUFACTURER: "Northwind Observability GmbH", RESELLER: "Fabrikam Channel Partners Ltd."}
ANALYTICS, CONNECT, PLATFORM = "prod-lnjsznntonxi2", "prod-7qtwvehubxi34", "prod-payg5usage6x7"
FOREIGN, AUTHORIZATION = "prod-nw2observe3x4", "resaleauthz-nw5shared6us7"


def dimension(key: str, name: str, kind: str = "Entitled") -> dict[str, Any]:
    return {"Key": key, "Name": name, "Description": name, "Unit": "Units", "Types": [kind]}


OURS = {
    ANALYTICS: ("Tandem Analytics", [dimension("seats", "Seats"), dimension("support", "Premium support"),
                                     dimension("gb_scanned", "GB scanned", "Metered")]),
    CONNECT: ("Tandem Connect", [dimension("seats", "Seats"), dimension("connections", "Connections")]),
    PLATFORM: ("Tandem Platform", [dimension("requests", "Requests", "Metered")]),
}  # fmt: skip


def entities(world: World) -> list[Entity]:
    """Products in public, and one authorization shared with us."""
    ours = [product(world, world.account, key, title, held) for key, (title, held) in OURS.items()]
    foreign = product(world, MANUFACTURER, FOREIGN, "Northwind Observability", [dimension("hosts", "Hosts")])
    return [*ours, foreign, _authorization(world, foreign)]


def product(world: World, account: str, key: str, title: str, held: list[dict[str, Any]]) -> Entity:
    """A SaaS product as DescribeEntity gives the members that matter here."""
    made = world.clock() - timedelta(days=90)
    details = {
        "Versions": [],
        "ProductTitle": title,
        "Visibility": "Public",
        "ProductState": "Active",
        "Description": {"ProductTitle": title, "ProductCode": key.removeprefix("prod-"), "Visibility": "Public"},
        "Dimensions": held,
    }
    return Entity("SaaSProduct", key, account, details, made, made, revision=3, released=made)


def _authorization(world: World, foreign: Entity) -> Entity:
    chance, made = Random(AUTHORIZATION), world.clock() - timedelta(days=30)
    details = {
        "Name": "Northwind for Tandem",
        "ProductId": foreign.id,
        "ProductName": foreign.name,
        "Status": "Active",
        "CreatedDate": fine_stamp(made),
        "ManufacturerLegalName": LEGAL_NAMES[MANUFACTURER],
        "ManufacturerAccountId": MANUFACTURER,
        "Dimensions": foreign.details["Dimensions"],
        "OfferDetails": {"OfferExtendedStatus": "Not Started", "OfferCreatedCount": 0},
        "Terms": _authorized(chance),
        "Rules": [
            {"Type": "AvailabilityRule", "Id": f"rule-{fresh(chance)}", "Usage": "Unlimited"},
            {"Type": "PartnerTargetingRule", "Id": f"rule-{fresh(chance)}", "ResellerAccountId": world.account,
             "ResellerLegalName": OUR_NAME},
        ],
    }  # fmt: skip
    return Entity(
        "ResaleAuthorization", AUTHORIZATION, MANUFACTURER, details, made, made, revision=1, released=made,
        pricing_model="Contract",
    )  # fmt: skip


def _authorized(chance: Random) -> list[dict[str, Any]]:
    card = {
        "Selector": {"Type": "Duration", "Value": "P12M"},
        "RateCard": [{"DimensionKey": "hosts", "Price": "120.00"}],
        "Constraints": {"MultipleDimensionSelection": "Allowed", "QuantityConfiguration": "Allowed"},
    }
    legal = [{"Type": "StandardEula", "Version": "2022-07-14"}]
    return [
        _term(chance, "ResaleConfigurableUpfrontPricingTerm", CurrencyCode="USD", RateCards=[card]),
        _term(chance, "BuyerLegalTerm", Documents=legal),
    ]


def _term(chance: Random, kind: str, **members: Any) -> dict[str, Any]:
    return {"Type": kind, "Id": f"term-{fresh(chance)}"} | members
