"""What the marketplace answers as flat rows, and which records an event hints at."""

import pytest

from connectors.aws.events import Event
from connectors.aws_marketplace import rows
from connectors.aws_marketplace.hints import Hints
from connectors.aws_marketplace.naming import is_ours, shown, wire
from mappings.loader import load

TABLES = load("aws_marketplace")
SIGNED = "https://aws-mp-offer.s3.amazonaws.com/offer-1/eula?X-Amz-Security-Token=QQsecret&X-Amz-Signature=QQsecret"
DESCRIBED = {
    "EntityType": "Offer@1.0",
    "EntityIdentifier": "offer-1@3",
    "EntityArn": "arn:aws:aws-marketplace:us-east-1:1:AWSMarketplace/Offer/offer-1",
    "LastModifiedDate": "2026-11-22T10:00:00Z",
    "DetailsDocument": {
        "Id": "offer-1", "Name": "Acme", "Description": "40 seats", "ProductId": "prod-1", "State": "Released",
        "Terms": [
            {"Type": "LegalTerm", "Documents": [{"Type": "CustomEula", "Url": SIGNED}]},
            {"Type": "FixedUpfrontPricingTerm", "CurrencyCode": "USD", "Price": "0",
             "Grants": [{"DimensionKey": "seats", "MaxQuantity": 40}]},
            {"Type": "ValidityTerm", "AgreementDuration": "P12M"},
            {"Type": "PaymentScheduleTerm", "CurrencyCode": "USD", "Schedule": [
                {"ChargeDate": "2027-01-01T00:00:00.000Z", "ChargeAmount": "10.50"},
                {"ChargeDate": "2027-02-01T00:00:00.000Z", "ChargeAmount": "20"}]},
        ],
        "Rules": [
            {"Type": "AvailabilityRule", "AvailabilityEndDate": "2026-12-31T23:59:59.999Z"},
            {"Type": "TargetingRule", "PositiveTargeting": {"BuyerAccounts": ["111122223333"]}},
        ],
    },
}  # fmt: skip
LISTED = {
    "EntityId": "offer-1", "Name": "Acme", "EntityArn": "arn:other", "LastModifiedDate": "2026-11-22T10:00:00Z",
    "OfferSummary": {"ReleaseDate": "2026-11-21T10:00:00Z", "State": "Released", "CreatedBySource": "AwsMarketplace",
                     "TargetAgreementId": "agmt-1", "TargetAgreementIntent": "Renew"},
}  # fmt: skip


def test_an_offer_is_put_together_from_its_listing_and_its_description():
    record = TABLES["offer"].to_canonical(rows.offer(LISTED, DESCRIBED, "Analytics")).model_dump(mode="json")
    expected = {
        "name": "Acme", "description": "40 seats", "released": True, "released_at": "2026-11-21T10:00:00Z",
        "product": "prod-1", "product_name": "Analytics", "buyer_accounts": ["111122223333"], "accept_by": "2026-12-31",
        "amount": "30.5", "currency": "USD", "schedule": ["2027-01-01 10.50", "2027-02-01 20"], "grants": ["seats=40"],
        "pricing_model": "contract", "eula": "custom", "duration": "P12M", "renews_agreement": "agmt-1",
        "replaces_agreement": None, "by_marketplace": True, "arn": DESCRIBED["EntityArn"],
    }  # fmt: skip
    assert {name: record[name] for name in expected} == expected


def test_the_address_of_own_terms_is_in_no_row():
    assert "QQsecret" not in repr(rows.offer(LISTED, DESCRIBED, None))
    assert "http" not in repr(rows.offer(LISTED, DESCRIBED, None))


def test_an_agreement_that_an_offer_would_replace_is_told_apart_from_one_that_it_renews():
    summary = {**LISTED, "OfferSummary": {"TargetAgreementId": "agmt-1"}}
    row = rows.offer(summary, DESCRIBED, None)
    assert (row["ReplacedAgreementId"], row["RenewedAgreementId"]) == ("agmt-1", None)


def test_a_draft_without_terms_is_a_row_too():
    row = rows.offer(
        {}, {"EntityIdentifier": "offer-2@1", "DetailsDocument": {"Name": "Draft", "State": "Draft"}}, None
    )
    record = TABLES["offer"].to_canonical(row)
    assert (record.name, record.released, record.amount, record.buyer_accounts) == ("Draft", False, None, ())


@pytest.mark.parametrize(
    ("term", "model"),
    [("UsageBasedPricingTerm", "usage"), ("ByolPricingTerm", "byol"), ("ConfigurableUpfrontPricingTerm", "contract")],
)
def test_the_pricing_model_is_told_by_the_terms(term, model):
    detail = {"EntityIdentifier": "offer-2@1", "DetailsDocument": {"Name": "Acme", "Terms": [{"Type": term}]}}
    assert TABLES["offer"].to_canonical(rows.offer({}, detail, None)).pricing_model == model


def test_a_change_set_names_its_entities_without_revisions_and_its_errors_once_each():
    step = {"ChangeType": "UpdateTargeting", "Entity": {"Type": "Offer@1.0", "Identifier": "offer-1@1"}}
    error = {"ErrorCode": "INVALID_BUYER_ACCOUNTS", "ErrorMessage": f"see {SIGNED}"}
    described = {
        "ChangeSetId": "cs-1", "ChangeSetName": "n", "Status": "FAILED", "FailureCode": "CLIENT_ERROR",
        "StartTime": "2026-11-22T10:00:00Z", "EndTime": "2026-11-22T10:03:00Z", "FailureDescription": "failed",
        "ChangeSet": [{**step, "ErrorDetailList": [error, error]}, step,
                      {"ChangeType": "ReleaseOffer", "Entity": {"Type": "Offer@1.0", "Identifier": "$Make.Entity.Identifier"}}],
    }  # fmt: skip
    row = rows.change_set(described)
    assert row["EntityIds"] == ["offer-1"]
    assert len(row["Errors"]) == 1
    assert row["Errors"][0].startswith("INVALID_BUYER_ACCOUNTS UpdateTargeting: see https://")
    assert "QQsecret" not in row["Errors"][0]


def test_a_failure_without_errors_has_the_words_of_the_whole():
    described = {
        "ChangeSetId": "c",
        "Status": "FAILED",
        "FailureCode": "SERVER_FAULT",
        "FailureDescription": "try\nagain",
    }
    assert rows.change_set(described)["Errors"] == ["SERVER_FAULT: try again"]


def test_an_agreement_without_an_end_has_none():
    from datetime import UTC, datetime

    described = {"agreementId": "agmt-1", "status": "ACTIVE", "endTime": datetime(9999, 1, 1, tzinfo=UTC)}
    assert rows.agreement({}, described)["EndTime"] is None


def event(source: str, kind: str, **detail: object) -> Event:
    return Event("e-1", source, kind, detail)


@pytest.mark.parametrize(
    ("heard", "entity", "ids"),
    [
        (event("aws.marketplacecatalog", "Offer Released", offer={"id": "offer-1", "arn": "arn:aws:catalog:x"}), "offer",
         ["offer-1"]),
        (event("aws.marketplacecatalog", "OfferSet Released", offerSet={"id": "offerset-1"},
               associatedOffers=[{"offer": {"id": "offer-1"}}, "?"]), "offer_set", ["offerset-1"]),
        (event("aws.marketplacecatalog", "Change Set Failed", ChangeSetId="cs-1", FailureCode="CLIENT_ERROR"), "change_set",
         ["cs-1"]),
        (event("aws.agreement-marketplace", "Purchase Agreement Ended - Proposer", agreement={"id": "agmt-1"}), "agreement",
         ["agmt-1"]),
        (event("aws.agreement-marketplace", "License Updated - Manufacturer", agreement={"id": "agmt-1"}), "agreement",
         ["agmt-1"]),
        (event("aws.marketplacecatalog", "Products Security Report Created", product={"id": "prod-1"}), "offer", []),
        (event("aws.marketplacecatalog", "Offer Released", offer="?"), "offer", []),
    ],
)  # fmt: skip
def test_an_event_hints_at_the_records_that_it_names(heard, entity, ids):
    hints = Hints()
    assert hints.hear(heard)
    assert hints.of(entity) == ids


def test_several_events_of_one_record_are_one_hint():
    hints = Hints()
    for kind in ("Purchase Agreement Created - Proposer", "Purchase Agreement Created - Manufacturer"):
        hints.hear(event("aws.agreement-marketplace", kind, agreement={"id": "agmt-1"}))
    assert hints.of("agreement") == ["agmt-1"]


def test_the_older_messages_hint_at_the_agreements_of_an_offer_or_at_all():
    hints = Hints()
    hints.hear(event("sns", "subscribe-success", **{"offer-identifier": "offer-1"}))
    assert (list(hints.accepted), hints.all_agreements) == (["offer-1"], False)
    hints.hear(event("sns", "entitlement-updated", **{"customer-identifier": "c"}))
    assert hints.all_agreements


def test_an_event_of_another_service_is_none_of_ours():
    assert not Hints().hear(event("aws.partnercentral-selling", "Opportunity Updated", opportunity={"id": "O1"}))


def test_a_name_of_ours_is_known_on_the_wire_and_shown_with_a_slash():
    assert (wire("abc"), shown(wire("abc")), is_ours(wire("abc"))) == ("tandem:abc", "tandem/abc", True)
    assert (shown("Submitted by 1"), shown(None), is_ours("Submitted by 1"), is_ours(None)) == (
        "Submitted by 1", None, False, False,
    )  # fmt: skip
    assert len(wire("x" * 200)) == 100
