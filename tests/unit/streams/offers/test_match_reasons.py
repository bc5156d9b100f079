"""How sure a pair is, and what a seller reads about it."""

from datetime import date

import pytest

from schemas.entities import Account
from streams.offers.matching.facts import deal_row, offer_row
from streams.offers.matching.score import weigh
from tests.unit.streams.offers.match_desk import deal, offer


def fit(one, other):
    return weigh(deal_row(one), offer_row(other))


def said(one, other):
    return "; ".join(fit(one, other).reasons())


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ("12345.00", "12345", "same amount 12345.00"),
        ("12345.00", "12300", "same amount but for rounding: 12345.00 and 12300"),
        ("10007", "11908.33", "the amounts 10007 and 11908.33 differ by a tax of 19 %"),
        ("11908.33", "10007", "the amounts 11908.33 and 10007 differ by a tax of 19 %"),
        ("10007", "9506.65", "10007 less 5 % is 9506.65"),
        ("10007", "30021", "10007 and 30021: one is for a year, the other for all years"),
        ("10007", "12600", "but the amounts differ: 10007 and 12600"),
        ("10007", "99999", "but the amounts are far apart: 10007 and 99999"),
    ],
)
def test_prices_are_compared_as_a_seller_would(ours, theirs, words):
    assert words in said(deal(1, amount=ours, duration_months=36), offer("a", amount=theirs))


def test_an_odd_price_says_more_than_a_round_one():
    odd = fit(deal(1, amount="12345.67"), offer("a", amount="12345.67"))
    assert odd.log_odds > fit(deal(1, amount="12000"), offer("a", amount="12000")).log_odds


def test_a_schedule_is_compared_by_its_total():
    paid = ("2027-01-01 5000.00", "2027-07-01 7345.00")
    assert "same amount 12345.00" in said(deal(1), offer("a", amount="0", schedule=paid))


def test_amounts_in_different_currencies_are_not_compared():
    told = said(deal(1), offer("a", currency="USD"))
    assert "but different currencies: EUR and USD" in told
    assert "amount" not in told


@pytest.mark.parametrize(
    "name",
    [
        "Acme Robotics",
        "ACME ROBOTCIS 2027",
        "Robotics Acme",
        "PO 1 acme robotics gmbh",
        "acme-robotics.de",
        "Acme Robot.",
    ],
)
def test_a_company_is_known_as_people_write_it(name):
    assert "speaks of Acme Robotics GmbH" in said(deal(1), offer("a", name=name)) or "web address" in said(
        deal(1), offer("a", name=name)
    )


def test_another_company_speaks_against_the_pair_and_a_topic_does_not():
    assert "but the offer's name speaks of 'Zyxtron 2027', not of Acme" in said(
        deal(1), offer("a", name="Zyxtron 2027")
    )
    assert "not of" not in said(deal(1), offer("a", name="Private offer EMEA rollout"))


def test_account_and_name_say_the_same_thing_but_once():
    both = fit(deal(1), offer("a")).evidence
    name = fit(deal(1, buyer_account=None), offer("a")).evidence
    account = fit(deal(1, company=Account(name="X1")), offer("a", name="Renewal")).evidence
    assert max(name, account) < both < name + account


def test_the_day_of_closing_is_held_against_the_days_on_which_the_offer_is_open():
    near = fit(deal(1), offer("a")).log_odds
    far = fit(deal(1, close_date=date(2026, 1, 1)), offer("a"))
    assert far.log_odds < near
    assert "but the deal closes on 2026-01-01, 415 days from the days on which the offer is open" in far.reasons()


@pytest.mark.parametrize(
    ("deal_fields", "offer_fields", "words"),
    [
        ({"product": "prod-1"}, {}, "same product prod-1"),
        ({"product": "prod-2"}, {}, "but different products: prod-2 and prod-1"),
        ({"buyer_account": "999999999999"}, {}, "but different buyer accounts: 999999999999 and 123456789012"),
        ({"accept_by": date(2027, 3, 31)}, {}, "both are to be accepted by 2027-03-31"),
        ({"duration_months": 12}, {"duration": "P1Y"}, "both run for 12 months"),
        ({"duration_months": 12}, {"duration": "P3Y"}, "but the deal runs for 12 months, the offer for 36"),
        ({"starts_on": date(2027, 5, 1)}, {"starts_on": date(2027, 5, 1)}, "both start on 2027-05-01"),
        ({"grants": ("seats=40",)}, {"grants": ("seats=40",)}, "both grant seats=40"),
        ({"name": "Acme Phoenix"}, {"name": "Acme Phoenix"}, "both names say 'Phoenix'"),
        ({"name": "Acme Q-4711"}, {"name": "Q-4711"}, "both names hold the number 4711"),
        ({"resale_authorization": "ra-1"}, {"resale_authorization": "ra-1"}, "both use the resale authorisation ra-1"),
    ],
)
def test_whatever_counts_is_told(deal_fields, offer_fields, words):
    assert words in fit(deal(1, **deal_fields), offer("a", **offer_fields)).reasons()


def test_reasons_for_the_pair_come_before_those_against_it_the_strongest_first():
    reasons = fit(deal(1, product="prod-2"), offer("a", name="Acme Robotics (9000001)")).reasons()
    assert reasons[0] == "the offer names the deal 9000001"
    assert reasons[1] == "the offer's name speaks of Acme Robotics GmbH"
    assert reasons[-1] == "but different products: prod-2 and prod-1"


def test_confidence_is_a_share_and_an_id_is_nearly_sure():
    assert 0 < fit(deal(1, amount="9", currency="USD"), offer("a", name="Zyxtron")).confidence < 0.5
    told = fit(deal(1, amount="1", buyer_account=None, close_date=None), offer("a", name="9000001", currency=None))
    assert told.confidence == 0.99
