"""What a deal must say before its offer is asked for: each fault names the field and the remedy, and nothing is sent."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappings.offers import load
from schemas.entities import Account, Deal
from schemas.marketplace import Agreement, ResaleAuthorization
from streams.offers.checking import problems
from streams.offers.parts import DealCard
from streams.offers.state import AgreementRow, AuthorizationRow
from streams.offers.terms import ask_of, offer_name, payment, request
from tests.unit.streams.offers.world import ASKING, World

RULES = load().create
TODAY = date(2026, 11, 22)


def card(company: str = "Acme Robotics GmbH", **fields) -> DealCard:
    return DealCard(ref="crm/deal/006A", version=1, deal=Deal(**{**ASKING, **fields}), company=Account(name=company))


def told(field: str) -> str:
    return f"{field.replace('_', ' ').capitalize()}: "


def wrong(**fields) -> list[str]:
    given = {"replaces": None, "authorization": None}
    rules = RULES.model_copy(update=fields.pop("rules", {}))
    given |= {name: fields.pop(name) for name in given if name in fields}
    return [str(each) for each in problems(card(**fields), rules, TODAY, **given)]


def test_a_deal_in_which_nothing_is_wrong_has_no_problem():
    assert wrong() == []


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"buyer_account": None}, "buyer_account", "There is no buyer account. Enter the 12 digits"),
        ({"buyer_account": "12345678901"}, "buyer_account", "it has 11 digits in 11 characters"),
        ({"buyer_account": "1234-5678-9012"}, "buyer_account", "it has 12 digits in 14 characters"),
        ({"currency": "CHF"}, "currency", "CHF is no currency that offers are made in. Use one of USD, EUR"),
        ({"amount": None}, "amount", "There is no amount."),
        ({"amount": "0"}, "amount", "0 is nothing to pay."),
        ({"amount": "-5"}, "amount", "-5 is nothing to pay."),
        ({"amount": "100.125"}, "amount", "100.125 has 3 decimals, and USD has 2. Round it to 2 decimals."),
        ({"amount": "100.5", "currency": "JPY"}, "amount", "100.5 has 1 decimals, and JPY has 0."),
        ({"accept_by": "2026-11-21"}, "accept_by", "2026-11-21 is in the past. Enter a day from 2026-11-22 on"),
        ({"starts_on": "2026-11-01", "ends_on": "2027-11-01"}, "starts_on", "2026-11-01 is in the past."),
        ({"starts_on": "2027-02-01", "ends_on": "2027-01-01"}, "ends_on", "is before the first day, 2027-02-01."),
        ({"ends_on": "2027-11-01"}, "starts_on", "There is a last day of the agreement and no first one."),
        ({"accept_by": "2027-02-02", "starts_on": "2027-02-01"}, "accept_by", "the agreement begins on 2027-02-01."),
        ({"accept_by": "2027-02-01", "starts_on": "2027-02-01"}, "accept_by", "Let it begin on a later day"),
        ({"starts_on": "2026-11-22"}, "starts_on", "It can be accepted until 2026-11-22"),
        (
            {"accept_by": "2026-12-31", "schedule": ("2026-12-01 6000", "2026-12-31 6000")},
            "schedule",
            "2 payments are due by 2026-12-31, the last day to accept; AWS takes one.",
        ),
        ({"duration_months": 0}, "duration_months", "0 months are no duration of an agreement."),
        ({"duration_months": 61}, "duration_months", "Enter 1 to 60 months."),
        ({"schedule": ("soon 12000",)}, "schedule", "'soon 12000' is no day and amount. Write one payment per line"),
        ({"schedule": ("2027-01-01",)}, "schedule", "is no day and amount"),
        ({"schedule": ("2027-01-01 NaN",)}, "schedule", "is no day and amount"),
        ({"schedule": ("2026-11-01 12000",)}, "schedule", "the day is in the past."),
        ({"schedule": ("2029-01-01 12000",)}, "schedule", "the day is after the last day of the agreement"),
        ({"schedule": ("2027-01-01 0", "2027-01-02 12000")}, "schedule", "the amount is not above zero."),
        ({"schedule": ("2027-01-01 12000.000001",), "amount": "12000"}, "schedule", "USD has 2 decimals."),
        ({"schedule": ("2027-01-01 5000", "2027-02-01 6999.99")}, "schedule", "add up to 11999.99, and the amount is"),
        ({"schedule": ("2027-01-01 200",) * 61, "amount": "12200"}, "schedule", "There are 61 payments"),
        ({"grants": ()}, "grants", "Nothing says what is bought."),
        ({"grants": ("seats",)}, "grants", "'seats' is no dimension and quantity. Write it as `seats=40`"),
        ({"grants": ("seats=0",)}, "grants", "'seats=0' is no dimension and quantity."),
        ({"grants": ("seats=" + "9" * 5000,)}, "grants", "is no dimension and quantity."),
        ({"grants": ("seats=1.5",)}, "grants", "is no dimension and quantity."),
        ({"grants": ("seats=1", "seats=2")}, "grants", "'seats' stands there twice."),
        ({"product": None}, "product", "There is no marketplace product. Enter the product's id (prod-...)"),
        ({"replaces_agreement": "agmt-9"}, "replaces_agreement", "No agreement 'agmt-9' is known"),
        ({"resale_authorization": "ra-9"}, "resale_authorization", "No resale authorisation 'ra-9' is known"),
        ({"rules": {"eula": "ours"}}, "eula", "'ours' are no terms."),
        ({"rules": {"name": "x" * 160}}, "name", "longer than 150 characters."),
    ],
)
def test_a_fault_names_its_field_and_what_to_do(fields, field, words):
    found = wrong(**fields)
    assert [each for each in found if each.startswith(told(field)) and words in each], found
    assert len(found) == 1 or "decimals" in words


def agreement(**fields) -> AgreementRow:
    held = {"status": "active", "buyer_account": "123456789012", **fields}
    return AgreementRow(ref="aws/agreement/agmt-1", version=1, record=Agreement(**held))


def test_a_replacement_offer_needs_an_active_agreement_of_the_same_buyer():
    given = {"replaces_agreement": "agmt-1"}
    assert wrong(**given, replaces=agreement()) == []
    assert wrong(**given, replaces=agreement(), buyer_account=None) == []
    assert "is not the buyer of the agreement" in wrong(**given, replaces=agreement(buyer_account="9" * 12))[0]
    assert "Agreement agmt-1 is expired." in wrong(**given, replaces=agreement(status="expired"))[0]


def test_a_resale_authorisation_has_to_be_active():
    row = AuthorizationRow(ref="aws/ra/1", version=1, record=ResaleAuthorization(name="R", status="restricted"))
    assert "is restricted" in wrong(resale_authorization="ra-1", authorization=row)[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"buyer_account": None}, {"currency": "CHF"}, {"accept_by": "2026-11-01"}, {"amount": "1.123"},
        {"buyer_account": "12345678901"}, {"schedule": ("2027-01-01 1",)},
    ],
)  # fmt: skip
def test_what_is_wrong_stands_on_the_deal_and_nothing_is_sent_until_it_is_corrected(fields):
    world = World().start().deal(**fields)
    name = next(iter(fields))
    assert world.problem().startswith(told(name))
    assert world.asked() == []
    assert world.state() is None
    world.deal(**{name: {**ASKING, "accept_by": None, "schedule": ()}[name]})
    assert world.problem() == ""
    assert len(world.asked()) == 1


def test_a_day_that_comes_makes_a_problem_by_itself():
    world = World().start().deal(accept_by="2026-11-23", buyer_account=None)
    assert "in the past" not in world.problem()
    assert "Accept by: 2026-11-23 is in the past" in world.days(2).problem()


@given(st.text(max_size=400), st.text(min_size=1, max_size=400), st.sampled_from([RULES.name, "{deal}", "x {account}"]))
@example("A" * 300, "B" * 300, RULES.name)
@example("{deal}{deal}", "{account}", RULES.name)
def test_a_name_has_at_most_150_characters_and_always_the_id_of_the_deal(company, deal, template):
    if not company.strip() or not deal.strip():
        return
    made = offer_name(card(company=company, name=deal), RULES.model_copy(update={"name": template}))
    assert len(made) <= 150
    assert template != RULES.name or made.endswith("(006A)")


def test_what_is_sent_has_the_words_of_the_deal_and_those_of_the_rules():
    fields = {"schedule": ("2027-01-01 5000", "2027-02-01 7000.5"), "amount": "12000.5", "description": "d"}
    asked = request(card(**fields), RULES, TODAY, None).fields
    assert asked == {
        "name": "Acme Robotics GmbH: Acme: 40 seats (006A)",
        "product": "prod-1",
        "buyer_accounts": ["123456789012"],
        "amount": "12000.50",
        "currency": "USD",
        "schedule": ["2027-01-01 5000.00", "2027-02-01 7000.50"],
        "grants": ["seats=40"],
        "pricing_model": "contract",
        "eula": "standard 2022-07-14",
        "duration": "P12M",
        "accept_by": "2026-12-22",
    }


def test_a_future_dated_offer_has_days_and_no_duration_and_is_to_be_accepted_before_it_begins():
    asked = request(card(starts_on="2026-12-01", duration_months=6), RULES, TODAY, None).fields
    assert (asked["starts_on"], asked["ends_on"], asked["accept_by"]) == ("2026-12-01", "2027-05-31", "2026-11-30")
    assert "duration" not in asked


def test_yen_have_no_decimals():
    assert request(card(currency="JPY", amount="5000.0"), RULES, TODAY, None).fields["amount"] == "5000"


def test_a_replacement_and_an_offer_of_an_authorisation_name_no_product():
    made = request(card(replaces_agreement="agmt-1", buyer_account=None), RULES, TODAY, agreement()).fields
    assert made["replaces_agreement"] == "agmt-1"
    assert made["buyer_accounts"] == ["123456789012"]
    assert "product" not in made
    assert "product" not in request(card(resale_authorization="ra-1"), RULES, TODAY, None).fields


@given(st.dates(TODAY, date(2040, 1, 1)))
def test_the_same_request_has_the_same_digest_on_every_day(day):
    assert request(card(), RULES, day, None).digest == request(card(), RULES, TODAY, None).digest
    assert request(card(amount="5"), RULES, day, None).digest != request(card(), RULES, day, None).digest


def test_another_name_is_no_other_ask():
    assert ask_of(card(name="Other").deal) == ask_of(card().deal)
    assert ask_of(card(amount="5").deal) != ask_of(card().deal)


@given(
    st.builds(
        Deal,
        name=st.just("x"),
        amount=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
        currency=st.none() | st.sampled_from(["USD", "JPY", "", "x"]),
        buyer_account=st.none() | st.text(),
        accept_by=st.none() | st.dates(),
        starts_on=st.none() | st.dates(),
        ends_on=st.none() | st.dates(),
        duration_months=st.none() | st.integers(),
        schedule=st.lists(st.text() | st.builds("{} {}".format, st.dates(), st.decimals())).map(tuple),
        grants=st.lists(st.text()).map(tuple),
    ),
    st.dates(),
)
def test_whatever_a_deal_says_it_is_checked_and_what_passes_can_be_sent(deal, today):
    made = DealCard(ref="crm/deal/1", version=1, deal=deal)
    if not problems(made, RULES, today, None, None):
        asked = request(made, RULES, today, None).fields
        assert Decimal(str(asked["amount"])) == deal.amount


def test_a_payment_is_a_day_and_an_amount():
    paid = payment(" 2027-01-31   5000.00 ")
    assert paid is not None
    assert paid.on + timedelta(days=1) == date(2027, 2, 1)
    assert paid.amount == 5000
