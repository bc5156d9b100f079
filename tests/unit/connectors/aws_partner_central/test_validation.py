"""What Partner Central would refuse is refused before it is sent, with the deal's field and what to do about it."""

import pytest

from connectors.aws_partner_central.opportunity import created, updated
from connectors.aws_partner_central.validation import problems, rejected
from tests.unit.connectors.aws_partner_central.opportunities import COSELL, acme


def refusal(fields, latest=None):
    """What is said of canonical values that are written to an opportunity, or to a new one."""
    values = COSELL.to_vendor(fields)
    body = created(values) if latest is None else updated(latest, values)
    wrong = problems(values, body)
    return rejected(COSELL, wrong) if wrong else None


CASES = [
    ({"buyer_account": "12345678901"}, "buyer_account", "11 characters"),
    ({"buyer_account": "12345678901a"}, "buyer_account", "no AWS account"),
    ({"problem": "It is slow."}, "problem", "11 characters, at least 20"),
    ({"monthly_spend": "10.125", "spend_currency": "USD"}, "monthly_spend", "more than two decimals"),
    ({"software_amount": "0.001", "software_currency": "USD"}, "software_amount", "more than two decimals"),
    ({"software_amount": "-1", "software_currency": "USD"}, "software_amount", "less than nothing"),
    ({"software_amount": "5", "software_currency": "USDX"}, "software_currency", "no value that Partner Central knows"),
    ({"software_amount": "5"}, "software_currency", "missing, though there is an amount"),
    ({"software_currency": "EUR"}, "software_amount", "missing, though there is a currency"),
    ({"software_from": "2027-02-01", "software_until": "2027-01-31"}, "software_until", "before 2027-02-01"),
    ({"industry": "Robots"}, "industry", "no value that Partner Central knows"),
    ({"country": "Germany"}, "country", "no value that Partner Central knows"),
    ({"needs": ["Co-Sell - Deal Support", "Coffee"]}, "needs", "'Coffee'"),
    ({"lost_reason": "Pricing"}, "lost_reason", "'Pricing'"),
    ({"postal_code": "1" * 21}, "postal_code", "21 characters, at most 20"),
    ({"website": "a.c"}, "website", "3 characters, at least 4"),
    ({"company": None}, "company", "missing"),
]


@pytest.mark.parametrize(("fields", "field", "words"), CASES)
def test_a_bad_value_is_refused_with_its_field_and_a_remedy(fields, field, words):
    found = refusal(fields, acme())
    assert (found.code, found.field) == ("INVALID_VALUE", field)
    assert words in found.reason
    assert found.reason.startswith(f"{field}: ")
    assert len(found.remedy) > 5


def test_a_word_that_is_nearly_right_is_answered_with_the_right_one():
    assert refusal({"industry": "Manufakturing"}, acme()).remedy == "did you mean 'Manufacturing'?"
    assert refusal({"lost_reason": "price"}, acme()).remedy == "did you mean 'Price'?"


def test_every_bad_value_of_a_write_is_named():
    found = refusal({"buyer_account": "1", "country": "DEU"}, acme())
    assert "buyer_account: " in found.reason
    assert "country: " in found.reason


def test_good_values_pass_at_their_limits():
    fields = {
        "buyer_account": "123456789012",
        "problem": "x" * 20,
        "next_steps": "x" * 255,
        "monthly_spend": "0.01",
        "spend_currency": "JPY",
        "software_from": "2027-01-31",
        "software_until": "2027-01-31",
        "needs": ["Co-Sell - Deal Support"],
        "company": "Acme",
    }
    assert refusal(fields) is None
    assert refusal({"problem": "x" * 2000}, acme()) is None


def test_texts_longer_than_partner_central_takes_are_cut_by_the_mapping_or_refused_without_it():
    assert len(COSELL.to_vendor({"next_steps": "x" * 300})["LifeCycle/NextSteps"]) == 255
    body = {"Customer": {"Account": {"CompanyName": "Acme"}}}
    (found,) = problems({"LifeCycle/NextSteps": "x" * 256}, body)
    assert "256 characters, at most 255" in found.reason


def test_an_old_value_that_aws_has_taken_stops_no_new_one():
    old = acme(Customer={"Account": {"CompanyName": "Acme", "AwsAccountId": "acme-alias", "Industry": "Robots"}})
    assert refusal({"next_steps": "Call Ada"}, old) is None
