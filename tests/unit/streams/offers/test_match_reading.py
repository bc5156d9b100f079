"""What is read out of the names that people give to offers and deals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.offers.matching.facts import deal_row, offer_row
from streams.offers.matching.text import is_id_of, long_id, read
from tests.unit.streams.offers.match_desk import ACME, deal, offer


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Acme Robotics 2027 renewal", ("acme", "robotic")),
        ("PO 2027 renewal ACME ROBOTICS GMBH", ("acme", "robotic")),
        ("[2842] acme_PO4500012345", ("acme",)),
        ("AWS MP private offer acme-robotics.de", ("acme", "robotic")),
        ("www.acmerobotics.co.uk 2027", ("acmerobotic",)),
        ("Acme 12mo v2 FINAL", ("acme",)),
        ("PO 2027 renewal", ()),
    ],
)
def test_the_words_that_are_left_are_the_companys(text, words):
    assert read(text).words == words


def test_the_words_of_the_product_are_no_company():
    row = offer_row(offer("a", name="Northwind Platform for Acme", product_name="Northwind Platform"))
    assert row.words == ("acme",)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Acme Q-56464", ("56464",)),
        ("Acme PO 0004500012345", ("4500012345",)),
        ("Acme #770012", ("770012",)),
        ("Acme 2027", ()),
        ("Acme 20270301", ()),
        ("Acme FY2027", ()),
        ("Acme 40 seats", ()),
        ("Acme 12,345.00", ()),
    ],
)
def test_numbers_of_orders_are_told_from_years_days_and_prices(text, numbers):
    assert read(text).numbers == numbers


def test_a_price_in_a_name_is_no_number_of_an_order():
    assert deal_row(deal(1, name="Acme 770012 EUR", amount="770012.00")).numbers == ()


def test_a_buyer_account_in_a_name_is_no_id():
    assert offer_row(offer("a", name="Acme 123456789012")).ids == ()


@pytest.mark.parametrize(
    ("written", "record_id", "same"),
    [
        ("006xx000001T2HjAAK", "006xx000001T2HjAAK", True),
        ("006XX000001T2HJAAK", "006xx000001T2HjAAK", True),
        ("006xx000001T2Hj", "006xx000001T2HjAAK", True),
        ("006xx000001T2HjAAK", "006xx000001T2Hj", True),
        ("006xx000001t2hj", "006xx000001T2HjAAK", False),
        ("006xx000001T2HkAAK", "006xx000001T2HjAAK", False),
        ("85345551216", "85345551216", True),
        ("8534555121", "85345551216", False),
        ("101", "101", False),
    ],
)
def test_an_id_is_known_in_both_lengths_and_case_matters_in_the_short_one(written, record_id, same):
    assert is_id_of(written, record_id) is same


def test_a_long_id_is_made_of_a_short_one():
    assert long_id("006xx000001T2Hj") == "006xx000001T2HjAAK"
    assert long_id("85345551216") == "85345551216"


@pytest.mark.parametrize(
    "noted", ["offer-abc123", "OFFER-ABC123", "see offer-abc123 (sent)", "x/Offer/offer-abc123?a=1"]
)
def test_an_offer_is_named_however_people_note_it(noted):
    assert deal_row(deal(1, offer_ref=noted)).offer_ids == ("offer-abc123",)


def test_payments_are_added_up_and_an_unreadable_schedule_says_nothing():
    paid = offer_row(offer("a", amount="0", schedule=("2027-01-01 5000.00", "2027-07-01 7345.00")))
    assert [str(amount) for amount in paid.terms.amounts] == ["12345.00"]
    assert offer_row(offer("a", amount=None, schedule=("in two parts",))).terms.amounts == ()


@pytest.mark.parametrize(
    ("duration", "months"), [("P12M", 12), ("P1Y", 12), ("P3Y", 36), ("P365D", 12), ("soon", None)]
)
def test_a_duration_is_read_as_months(duration, months):
    assert offer_row(offer("a", duration=duration)).terms.months == months


@given(st.text(max_size=60))
def test_any_text_can_be_read(text):
    reading = read(text)
    assert all(reading.words) and all(reading.numbers)  # noqa: PT018
    if text.strip():
        row = deal_row(deal(1, name=f"x{text}", company=ACME, offer_ref=text))
        assert row.keys == tuple(sorted(set(row.keys)))
