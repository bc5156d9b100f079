"""What the marketplace says in its own words, told so that a seller knows the field and what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.entities import Deal
from streams.offers.wording import OTHER, TABLE, worded


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("INVALID_INPUT UpdateTargeting: The buyer account id 123 is not valid", "buyer_account"),
        ("ValidationException account ids must have 12 digits", "buyer_account"),
        ("INVALID_INPUT UpdatePricingTerms: DimensionKey 'Seats' is not defined for the product", "grants"),
        ("UpdateLegalTerms: CustomEula document URL cannot be read", "eula"),
        ("UpdateLegalTerms: StandardEula version 2019-01-01 does not exist", "eula"),
        ("CreateOfferUsingResaleAuthorization: resale authorization ra-1 is restricted", "resale_authorization"),
        ("AccessDenied: the service-linked role for resale authorization is missing", "resale_authorization"),
        ("UpdatePaymentScheduleTerms: ChargeDate must lie before the agreement end", "schedule"),
        ("UpdatePricingTerms: the currency code is not supported by the seller's account", "currency"),
        ("UpdateAvailability: AvailabilityEndDate must be in the future", "accept_by"),
        ("UpdateValidityTerms: AgreementStartDate is too early", "starts_on"),
        ("CreateReplacementOffer: agreement agmt-1 is not active", "replaces_agreement"),
        ("UpdatePricingTerms: Price must be positive", "amount"),
        ("CreateOffer: product prod-1 is a draft", "product"),
        ("UpdateInformation: Name holds characters that are not allowed", "name"),
        ("ResourceInUseException the entity is locked by another change set", "offer_request"),
        ("ThrottlingException Rate exceeded", "offer_request"),
        ("RETRIES_EXHAUSTED still refused after 10 tries: 503", "offer_request"),
        ("AccessDeniedException user is not authorized to StartChangeSet", "offer_request"),
        ("the idempotency token was used with another request", "offer_request"),
    ],
)
def test_a_failure_is_put_down_to_the_field_that_it_comes_from(line, field):
    (problem,) = worded([line])
    assert problem.field == field
    assert problem != OTHER
    assert problem.remedy
    assert line in problem.reason


def test_several_failures_of_one_kind_are_one_problem():
    first, second = worded(["UpdateTargeting: no buyer", "UpdateTargeting: no other buyer", "the price is zero"])
    assert "no buyer; UpdateTargeting: no other buyer" in first.reason
    assert second.field == "amount"


def test_words_that_nobody_knows_are_told_as_they_are():
    (problem,) = worded(["XYZ_42 qwerty"])
    assert "XYZ_42 qwerty" in problem.reason
    assert problem.remedy == OTHER.remedy
    assert worded([]) == (OTHER,)


@given(st.lists(st.text(max_size=1000), max_size=5))
def test_every_failure_has_words(lines):
    found = worded(lines)
    assert found
    assert all(each.reason and each.remedy and len(each.reason) < 700 for each in found)


def test_every_field_that_is_named_is_one_of_the_deal_or_of_the_rules():
    assert {row.field for row in TABLE} <= {*Deal.model_fields, "eula", "name"}
