"""From a deal's words to the exact changes that AWS documents for a private offer."""

from decimal import Decimal

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.aws.errors import Wrong
from connectors.aws_marketplace.changesets import CHANGED, CREATED, Unfit, canonical, creation, update
from connectors.aws_marketplace.spans import Span, later
from connectors.base import Applied
from sandbox.aws.marketplace.seeds import ANALYTICS, AUTHORIZATION
from tests.unit.connectors.aws_marketplace.conftest import BUYER

DIRECT = {
    "name": "Acme Robotics 2027", "description": "40 seats for a year", "product": ANALYTICS, "buyer_accounts": [BUYER],
    "accept_by": "2026-12-31", "amount": "12000.00", "currency": "USD", "duration": "P12M", "pricing_model": "contract",
    "schedule": ["2027-01-01 5000.00", "2027-07-01 7000.00"], "grants": ["seats=40", "support=1"],
    "eula": "standard 2022-07-14",
}  # fmt: skip


def without(*names: str, **more: object) -> dict[str, object]:
    return {**{name: value for name, value in DIRECT.items() if name not in names}, **more}


def offer(kind: str, details: object) -> dict[str, object]:
    entity = {"Type": "Offer@1.0", "Identifier": "$CreateOffer.Entity.Identifier"}
    return {"ChangeType": kind, "Entity": entity, "DetailsDocument": details}


def terms(**term: object) -> dict[str, object]:
    return {"Terms": [term]}


# The layout of AWS's own sample of a flexible payment schedule, with our values.
GOLDEN = [
    {"ChangeType": "CreateOffer", "Entity": {"Type": "Offer@1.0"}, "ChangeName": "CreateOffer",
     "DetailsDocument": {"ProductId": ANALYTICS}},
    offer("UpdateInformation", {"Name": "Acme Robotics 2027", "Description": "40 seats for a year"}),
    offer("UpdateTargeting", {"PositiveTargeting": {"BuyerAccounts": [BUYER]}}),
    offer("UpdateAvailability", {"AvailabilityEndDate": "2026-12-31"}),
    offer("UpdateLegalTerms", terms(Type="LegalTerm", Documents=[{"Type": "StandardEula", "Version": "2022-07-14"}])),
    offer("UpdatePricingTerms", {"PricingModel": "Contract", "Terms": [{
        "Type": "FixedUpfrontPricingTerm", "CurrencyCode": "USD", "Price": "0",
        "Grants": [{"DimensionKey": "seats", "MaxQuantity": 40}, {"DimensionKey": "support", "MaxQuantity": 1}]}]}),
    offer("UpdatePaymentScheduleTerms", terms(Type="PaymentScheduleTerm", CurrencyCode="USD", Schedule=[
        {"ChargeDate": "2027-01-01", "ChargeAmount": "5000.00"}, {"ChargeDate": "2027-07-01", "ChargeAmount": "7000.00"}])),
    offer("UpdateValidityTerms", terms(Type="ValidityTerm", AgreementDuration="P12M")),
    offer("ReleaseOffer", {}),
]  # fmt: skip


def kinds(fields: dict[str, object]) -> list[str]:
    return [each["ChangeType"] for each in creation(fields)]


def details(fields: dict[str, object], kind: str) -> object:
    return next(each["DetailsDocument"] for each in creation(fields) if each["ChangeType"] == kind)


def test_a_direct_private_offer_is_the_documented_list_of_changes():
    assert creation(DIRECT) == GOLDEN


def test_without_a_schedule_the_price_is_one_payment_on_the_last_day_to_accept():
    made = details(without("schedule"), "UpdatePaymentScheduleTerms")
    assert made["Terms"][0]["Schedule"] == [{"ChargeDate": "2026-12-31", "ChargeAmount": "12000.00"}]


def test_a_future_dated_offer_has_its_days_and_is_paid_on_the_first():
    fields = without("schedule", "duration", starts_on="2027-02-01", ends_on="2028-01-31")
    term = {"Type": "ValidityTerm", "AgreementStartDate": "2027-02-01", "AgreementEndDate": "2028-01-31"}
    assert details(fields, "UpdateValidityTerms") == {"Terms": [term]}
    assert details(fields, "UpdatePaymentScheduleTerms")["Terms"][0]["Schedule"][0]["ChargeDate"] == "2027-02-01"


def test_a_first_day_may_go_with_a_duration():
    term = {"Type": "ValidityTerm", "AgreementDuration": "P12M", "AgreementStartDate": "2027-02-01"}
    assert details(without(starts_on="2027-02-01"), "UpdateValidityTerms") == {"Terms": [term]}


def test_a_replacement_is_for_the_buyer_of_its_agreement_and_ends_on_a_day():
    fields = without("product", "buyer_accounts", replaces_agreement="agmt-1")
    assert creation(fields)[0]["ChangeType"] == "CreateReplacementOffer"
    assert creation(fields)[0]["DetailsDocument"] == {"AgreementId": "agmt-1"}
    assert "UpdateTargeting" not in kinds(fields)
    term = {"Type": "ValidityTerm", "AgreementEndDate": "2027-12-31"}
    assert details(fields, "UpdateValidityTerms") == {"Terms": [term]}


def test_a_resellers_offer_keeps_the_prices_and_terms_of_its_authorisation_where_nothing_is_said():
    fields = {
        name: DIRECT[name] for name in ("name", "description", "buyer_accounts", "accept_by", "duration")
    } | {"resale_authorization": AUTHORIZATION}  # fmt: skip
    assert creation(fields)[0]["DetailsDocument"] == {"ResaleAuthorizationId": AUTHORIZATION}
    assert kinds(fields) == [
        "CreateOfferUsingResaleAuthorization", "UpdateInformation", "UpdateTargeting", "UpdateAvailability",
        "UpdateValidityTerms", "ReleaseOffer",
    ]  # fmt: skip


def test_a_resellers_replacement_names_both():
    fields = without("product", "buyer_accounts", replaces_agreement="agmt-1", resale_authorization=AUTHORIZATION)
    first = creation(fields)[0]
    assert first["ChangeType"] == "CreateReplacementOfferUsingResaleAuthorization"
    assert first["DetailsDocument"] == {"AgreementId": "agmt-1", "ResaleAuthorizationId": AUTHORIZATION}


def test_own_terms_are_a_document_and_a_missing_description_is_the_name():
    made = details(without(eula="https://acme.s3.amazonaws.com/eula.pdf"), "UpdateLegalTerms")
    assert made["Terms"][0]["Documents"] == [{"Type": "CustomEula", "Url": "https://acme.s3.amazonaws.com/eula.pdf"}]
    assert details(without("description"), "UpdateInformation")["Description"] == "Acme Robotics 2027"


def test_a_last_day_is_moved_by_one_change_of_the_offer():
    (change,) = update("offer-1", {"accept_by": "2026-12-24"})
    entity = {"Type": "Offer@1.0", "Identifier": "offer-1"}
    assert change == {
        "ChangeType": "UpdateAvailability", "Entity": entity, "DetailsDocument": {"AvailabilityEndDate": "2026-12-24"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (without("name"), "name"),
        (without("product"), "product"),
        (without("buyer_accounts"), "buyer_accounts"),
        (without(buyer_accounts=["12345678901"]), "buyer_accounts"),
        (without("accept_by"), "accept_by"),
        (without(accept_by="soon"), "accept_by"),
        (without("eula"), "eula"),
        (without(eula="ours"), "eula"),
        (without("amount"), "amount"),
        (without(amount="12,000"), "amount"),
        (without(amount="-1"), "amount"),
        (without("currency"), "currency"),
        (without("grants"), "grants"),
        (without(grants=["seats"]), "grants"),
        (without(grants=["seats=0"]), "grants"),
        (without(schedule=["2027-01-01 1.00"]), "schedule"),
        (without(schedule=["tomorrow 12000.00"]), "schedule"),
        (without(schedule=["2027-01-01 200.00"] * 61), "schedule"),
        (without("duration"), "duration"),
        (without(duration="a year"), "duration"),
        (without(pricing_model="usage"), "pricing_model"),
        (without(released=True), "released"),
    ],
)
def test_what_cannot_be_an_offer_is_refused_with_the_field_and_a_remedy(fields, field):
    with pytest.raises(Unfit) as unfit:
        creation(fields)
    assert unfit.value.field == field
    assert unfit.value.remedy


@pytest.mark.parametrize(("fields", "field"), [({"amount": "1"}, "amount"), ({"accept_by": None}, "accept_by")])
def test_what_cannot_be_changed_any_more_is_refused_with_the_field(fields, field):
    with pytest.raises(Unfit) as unfit:
        update("offer-1", fields)
    assert unfit.value.field == field


MONEY = st.decimals(Decimal("0.01"), Decimal(99999), places=2)
ASKED = st.fixed_dictionaries(
    {
        "name": st.text(min_size=1, max_size=20), "accept_by": st.dates().map(str), "currency": st.sampled_from(["USD", "EUR"]),
        "eula": st.just("standard 2022-07-14"), "grants": st.lists(st.sampled_from(["a=1", "b=2"]), min_size=1, max_size=2),
        "buyer_accounts": st.just([BUYER]), "payments": st.lists(st.tuples(st.dates(), MONEY), min_size=1, max_size=8),
    },
    optional={
        "product": st.just("prod-1"), "replaces_agreement": st.just("agmt-1"), "resale_authorization": st.just("ra-1"),
        "duration": st.sampled_from(["P12M", "P450D", "P1Y", "x"]), "starts_on": st.dates().map(str),
        "ends_on": st.dates().map(str), "description": st.text(max_size=10),
    },
)  # fmt: skip


def attempted(fields: dict[str, object]) -> list[dict[str, object]] | Unfit:
    try:
        return creation(fields)
    except Unfit as unfit:
        return unfit


@settings(max_examples=50)
@given(ASKED)
def test_whatever_is_asked_is_one_offer_made_first_and_released_last_worth_what_was_asked_or_a_named_fault(asked):
    payments = asked.pop("payments")
    total = sum(amount for _, amount in payments)
    fields = {**asked, "amount": str(total), "schedule": [f"{day} {amount}" for day, amount in payments]}
    made = attempted(fields)
    if isinstance(made, Unfit):
        assert made.field in CREATED
        return
    assert made == creation(fields)
    assert len(made) <= 20
    assert made[0]["ChangeType"].startswith("Create")
    assert made[-1]["ChangeType"] == "ReleaseOffer"
    assert {each["Entity"].get("Identifier") for each in made[1:]} == {"$CreateOffer.Entity.Identifier"}
    names = [each["ChangeType"] for each in made]
    assert len(set(names)) == len(names)
    schedule = details(fields, "UpdatePaymentScheduleTerms")["Terms"][0]["Schedule"]
    assert sum(Decimal(each["ChargeAmount"]) for each in schedule) == total


@pytest.mark.parametrize(
    ("change", "field", "name"),
    [
        ("CreateOffer", "ProductId", "product"),
        ("UpdatePricingTerms", "Terms.0.CurrencyCode", "currency"),
        ("UpdatePricingTerms", "Terms.0.Grants.0.MaxQuantity", "grants"),
        ("UpdatePricingTerms", "Terms.0.Price", "amount"),
        ("UpdatePaymentScheduleTerms", "Terms.0.Schedule.1.ChargeDate", "schedule"),
        ("UpdateValidityTerms", "Terms.0.AgreementEndDate", "ends_on"),
        ("UpdateValidityTerms", "Terms.0.AgreementDuration", "duration"),
        ("UpdateTargeting", "PositiveTargeting.BuyerAccounts", "buyer_accounts"),
        ("UpdateAvailability", "AvailabilityEndDate", "accept_by"),
        ("UpdateLegalTerms", "Terms.0.Documents.0.Url", "eula"),
        ("UpdateInformation", "Description", "description"),
        ("UpdateInformation", "Name", "name"),
        ("CreateReplacementOffer", "AgreementId", "replaces_agreement"),
        ("CreateOfferUsingResaleAuthorization", "ResaleAuthorizationId", "resale_authorization"),
        ("ReleaseOffer", "", None),
    ],
)
def test_a_field_that_aws_refuses_has_the_name_that_the_deal_gives_it(change, field, name):
    assert canonical(Wrong(field, "no", "", change)) == name
    assert name is None or name in CREATED | CHANGED


def test_every_request_fits_the_services_model():
    shape = botocore.session.get_session().get_service_model("marketplace-catalog").operation_model("StartChangeSet")
    variants = (DIRECT, without("product", "buyer_accounts", replaces_agreement="agmt-1"), without("schedule"))
    for changes in (*map(creation, variants), update("offer-1", {"accept_by": "2026-12-24"})):
        request = {"Catalog": "AWSMarketplace", "ChangeSet": changes, "ChangeSetName": "x", "ClientRequestToken": "t"}
        assert not ParamValidator().validate(request, shape.input_shape).has_errors()


@pytest.mark.parametrize(
    "fields",
    [
        DIRECT,
        without("schedule"),
        without("description"),
        without("schedule", "duration", starts_on="2027-02-01", ends_on="2028-01-31"),
        {"name": "Resold", "buyer_accounts": [BUYER], "accept_by": "2026-12-31", "duration": "P12M",
         "resale_authorization": AUTHORIZATION},
    ],
)  # fmt: skip
def test_the_emulated_marketplace_releases_what_is_asked_for(market, fields):
    outcome = market.write(fields)
    assert isinstance(outcome, Applied)
    market.running.advance(10)
    done = market.catalog.change_sets[outcome.target_id]
    assert (done.status, [str(problem) for step in done.steps for problem in step.problems]) == ("SUCCEEDED", [])
    (made,) = done.entity_ids[-1:]
    assert market.catalog.entities[made].is_released or made == AUTHORIZATION


def test_the_emulated_marketplace_replaces_an_agreement_by_what_is_asked_for(market):
    first = market.seller("make_offer", title="First", buyer=BUYER)["offer"]
    agreement = market.buyer("accept", offer=first)["agreement"]
    outcome = market.write(without("product", "buyer_accounts", replaces_agreement=agreement))
    market.running.advance(10)
    assert market.catalog.change_sets[outcome.target_id].status == "SUCCEEDED"


@pytest.mark.parametrize(
    ("text", "day"), [("P12M", "2028-01-31"), ("P1M", "2027-02-28"), ("P1Y2W", "2028-02-14"), ("P450D", "2028-04-25")]
)
def test_a_span_is_counted_from_a_day(text, day):
    from datetime import date

    assert later(date(2027, 1, 31), Span.read(text)).isoformat() == day


@pytest.mark.parametrize("text", ["P", "12M", "P1H", "PT1H", "P-1M"])
def test_what_is_no_span_is_none(text):
    assert Span.read(text) is None
