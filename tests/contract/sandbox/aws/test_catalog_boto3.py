"""The catalog and the agreements through unmodified boto3 clients, and their events in the queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.testing import Emulator, emulator
from tests.contract.sandbox.aws.marketplace_world import BUYER, direct_offer

CATALOG = {"Catalog": "AWSMarketplace"}


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with emulator() as one:
        yield one


@pytest.fixture
def catalog(running: Emulator) -> Any:
    return running.client("marketplace-catalog")


def made(running: Emulator, catalog: Any, **more: Any) -> str:
    started = catalog.start_change_set(**CATALOG, ChangeSet=direct_offer(**more))
    running.advance(5)
    told = catalog.describe_change_set(**CATALOG, ChangeSetId=started["ChangeSetId"])
    assert told["Status"] == "SUCCEEDED"
    return str(told["ChangeSet"][0]["Entity"]["Identifier"].partition("@")[0])


def test_an_offer_goes_from_a_change_set_to_an_agreement(running: Emulator, catalog: Any) -> None:
    running.events()
    offer = made(running, catalog, name="Acme over the wire")
    described = catalog.describe_entity(**CATALOG, EntityId=offer)
    assert described["DetailsDocument"]["Rules"][1]["AvailabilityEndDate"] == "2026-12-06T23:59:59.999Z"
    agreement = running.act("marketplace-agreement", "accept", offer=offer)["agreement"]
    client = running.client("marketplace-agreement")
    asked = {"PartyType": "Proposer", "AgreementType": "PurchaseAgreement", "OfferId": offer}
    filters = [{"name": name, "values": [value]} for name, value in asked.items()]
    [summary] = client.search_agreements(catalog="AWSMarketplace", filters=filters)["agreementViewSummaries"]
    assert (summary["agreementId"], summary["acceptor"]["accountId"]) == (agreement, BUYER)
    told = client.describe_agreement(agreementId=agreement)
    assert told["estimatedCharges"]["agreementValue"] == "12000.00"
    terms = client.get_agreement_terms(agreementId=agreement)["acceptedTerms"]
    [schedule] = [one["paymentScheduleTerm"] for one in terms if "paymentScheduleTerm" in one]
    assert schedule["schedule"][0]["chargeDate"].astimezone(UTC) == datetime(2026, 11, 22, tzinfo=UTC)
    seen = [one["detail-type"] for one in running.events()]
    assert sorted(seen) == sorted([
        "Offer Released", "Change Set Succeeded", "Purchase Agreement Created - Proposer",
        "Purchase Agreement Created - Manufacturer", "License Updated - Manufacturer",
    ])  # fmt: skip


def test_refusals_arrive_as_the_errors_of_the_model(running: Emulator, catalog: Any) -> None:
    with pytest.raises(catalog.exceptions.ValidationException) as caught:
        catalog.start_change_set(**CATALOG, ChangeSet=direct_offer(currency="CHF"))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 422
    [first, *_] = caught.value.response["ValidationExceptionFieldList"]
    assert (first["Reason"], first["Field"]) == ("FieldValidationFailed", "Details.Terms[0].CurrencyCode")
    with pytest.raises(catalog.exceptions.ResourceNotFoundException):
        catalog.describe_entity(**CATALOG, EntityId="offer-nobody")
    agreements = running.client("marketplace-agreement")
    with pytest.raises(agreements.exceptions.ValidationException) as refused:
        agreements.search_agreements(catalog="AWSMarketplace", filters=[{"name": "PartyType", "values": ["Proposer"]}])
    assert refused.value.response["reason"] == "UNSUPPORTED_FILTERS"


def test_a_busy_offer_answers_with_423(running: Emulator, catalog: Any) -> None:
    offer = made(running, catalog)
    entity = {"Type": "Offer@1.0", "Identifier": offer}
    extend = {"ChangeType": "UpdateAvailability", "Entity": entity, "Details": '{"AvailabilityEndDate": "2026-12-24"}'}
    catalog.start_change_set(**CATALOG, ChangeSet=[extend])
    with pytest.raises(ClientError) as caught:
        catalog.start_change_set(**CATALOG, ChangeSet=[extend])
    assert caught.value.response["Error"]["Code"] == "ResourceInUseException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 423


def test_boto3_pages_through_what_was_changed_since(running: Emulator, catalog: Any) -> None:
    offers = {made(running, catalog, name=f"Page {number}") for number in range(3)}
    span = {"LastModifiedDate": {"DateRange": {"AfterValue": "2026-11-22T00:00:00Z"}}}
    filters = {"OfferFilters": span | {"Name": {"WildCardValue": "Page"}}}
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        told = catalog.list_entities(**CATALOG, EntityType="Offer", EntityTypeFilters=filters, MaxResults=2, **token)
        seen += [one["EntityId"] for one in told["EntitySummaryList"]]
        if "NextToken" not in told:
            break
        token = {"NextToken": told["NextToken"]}
    assert sorted(seen) == sorted(offers)
    batch = [CATALOG | {"EntityId": one} for one in offers]
    assert set(catalog.batch_describe_entities(EntityRequestList=batch)["EntityDetails"]) == offers
