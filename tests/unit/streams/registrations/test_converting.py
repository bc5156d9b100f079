"""The deal of a registration: made or tied, shown with its partner, won or lost; and what the partner earns of it."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.entities import DealStage
from schemas.messages import Ruling
from streams.registrations.fees import fee
from tests.unit.streams.registrations.world import GLOBEX, SPELT, World, known


def converted(**fields) -> World:
    """A registration that was approved, and the deal that was made of it."""
    world = World().account().registers(**fields)
    (write,) = world.writes("deal")
    return world.finish(write, target_id="006N").deal("006N", stage="proposal", tandem_key=write.key, account="001")


def test_an_approved_registration_becomes_a_deal_in_the_first_crm():
    world = World().account().registers()
    (write,) = world.writes("deal")
    assert (write.connection, write.match_by, write.key[:4]) == ("crm", "external_id", "reg-")
    assert write.fields == {
        "name": "Acme Robotics GmbH", "account": "001", "amount": "12500.00", "currency": "EUR",
        "close_date": "2026-06-30", "stage": "qualification", "partner": "001blue", "product_line": "fleet",
    }  # fmt: skip


def test_it_is_asked_for_once_whatever_is_read_again():
    world = World().account().registers().registers().later(days=1).account(city="Berlin").registers(description="x")
    assert len(world.writes("deal")) == 1


def test_the_rules_say_of_which_types_a_deal_is_made():
    rules = {"deal_types": (), "stage": DealStage.QUALIFICATION}
    assert World(conversion=rules).registers().writes("deal") == []


def test_one_that_is_tied_to_a_deal_gets_no_other_and_the_deal_shows_its_partner():
    world = World().account().deal(stage="meeting").registers(deal="006")
    assert world.writes("deal") == []
    assert (world.fact().deal, world.fact().status) == ("crm/deal/006", "approved")
    shown = world.shown("006", "deal_partner", "crm")
    assert (shown["partner"], shown["partner_name"], shown["margin_percent"]) == ("blue", "Blue Reseller", "20")
    assert (shown["registration"], shown["protected_until"]) == ("prm/registration/a", "2026-05-31")


def test_a_deal_that_nobody_knows_is_a_problem_that_is_shown_and_nothing_is_made():
    world = World().registers(deal="006X")
    assert (world.status(), world.writes("deal")) == ("approved", [])
    assert "No CRM knows the deal '006X'" in world.fact().next_step
    world.registers(deal=None)
    assert len(world.writes("deal")) == 1


def test_a_deal_that_the_crm_refuses_is_a_problem_and_is_asked_for_again_when_the_registration_differs():
    world = World().registers()
    (write,) = world.writes("deal")
    world.finish(write, "rejected", code="INVALID", reason="close date")
    assert "crm has refused the deal: INVALID close date" in world.fact().next_step
    assert world.shown()["next_step"] == "Our partner team has to correct something first."
    world.later(days=1)
    assert len(world.writes("deal")) == 1
    world.registers(expected_close="2026-07-31")
    again = world.writes("deal")[-1]
    assert (again.id != write.id, again.fields["close_date"]) == (True, "2026-07-31")
    assert world.finish(again, target_id="006N").fact().deal == "crm/deal/006N"


def test_a_deal_whose_outcome_got_lost_is_found_by_its_key():
    world = World().registers()
    (write,) = world.writes("deal")
    assert world.deal("006N", tandem_key=write.key).fact().deal == "crm/deal/006N"
    assert world.shown("006N", "deal_partner", "crm")["partner"] == "blue"


def test_the_registration_is_told_the_key_of_its_deal_where_its_system_does_not_know_the_id():
    world = converted()
    assert world.shown()["deal"] == world.writes("deal")[0].key
    assert world.registers(deal=world.shown()["deal"]).fact().deal == "crm/deal/006N"


def test_the_outcome_of_somebody_elses_deal_is_of_no_matter():
    world = World().registers()
    (write,) = world.writes("deal")
    world.finish(write.model_copy(update={"key": "other"}), target_id="006Z")
    assert world.fact().deal is None


def test_a_won_deal_converts_it_and_says_what_the_partner_earns():
    world = converted().deal("006N", stage="won", amount="1234.55")
    (due,) = world.fees
    assert (world.status(), due.kind, due.currency) == ("converted", "margin", "EUR")
    assert (due.amount, due.percent, due.basis_amount) == (Decimal("246.91"), Decimal(20), Decimal("1234.55"))
    assert due.basis == "margin: 20 % of 1234.55 EUR, the amount of the deal 'Acme: 40 seats'"
    shown = world.shown("006N", "deal_partner", "crm")
    assert (shown["fee_amount"], shown["fee_currency"], shown["registration_status"]) == ("246.91", "EUR", "converted")


def test_a_deal_that_changes_afterwards_is_computed_anew_and_one_that_does_not_is_not():
    world = converted().deal("006N", stage="won", amount="1000.00").deal("006N", next_step="Thank them").later(days=1)
    assert [due.amount for due in world.fees] == [Decimal("200.00")]
    world.deal("006N", amount="1500.00")
    assert [due.amount for due in world.fees] == [Decimal("200.00"), Decimal("300.00")]


def test_a_deal_that_is_no_longer_won_earns_nothing():
    world = converted().deal("006N", stage="won", amount="1000.00").deal("006N", stage="lost", lost_reason="Price")
    assert (world.status(), world.fees[-1].amount) == ("lost", 0)
    assert "lost: Price" in world.fact().reasons[0]
    world.deal("006N", stage="negotiation")
    assert world.status() == "approved"
    assert world.deal("006N", stage="won").fees[-1].amount == Decimal("200.00")


def test_a_deal_that_is_open_again_is_not_approved_beside_another_protection():
    world = converted().registers("b", {**SPELT, "partner": "red"})
    assert world.status("b") == "submitted"
    world.deal("006N", stage="lost")
    assert (world.status("a"), world.status("b")) == ("lost", "approved")
    world.deal("006N", stage="meeting")
    assert (world.status("a"), world.status("b")) == ("lost", "approved")
    assert "cannot be approved while prm/registration/b" in world.fact("a").next_step


def test_the_rate_is_the_one_of_the_day_of_approval():
    world = converted().tell(known("blue", tier="platinum")).deal("006N", stage="won", amount="100.00")
    assert world.fees[0].percent == world.fact().margin_percent == Decimal(20)


def test_a_won_deal_without_an_amount_is_a_problem_and_no_fee():
    world = converted().deal("006N", stage="won", amount=None)
    assert world.fees == []
    assert "no fee can be computed" in world.fact().next_step


def test_a_registration_that_is_given_on_takes_its_fee_along():
    world = converted().deal("006N", stage="won", amount="1000.00")
    world.ruling(Ruling.REASSIGN_REGISTRATION, partner="red")
    assert [(due.partner, due.amount) for due in world.fees] == [("blue", 200), ("blue", 0), ("red", 200)]
    assert world.shown("006N", "deal_partner", "crm")["partner"] == "red"


def test_a_deal_is_no_longer_the_partners_once_the_registration_is_over():
    world = converted().ruling(Ruling.WITHDRAW_REGISTRATION)
    shown = world.shown("006N", "deal_partner", "crm")
    assert (shown["partner"], shown["margin_percent"], shown["registration_status"]) == (None, None, "withdrawn")
    assert world.deal("006N", stage="won").fees == []


def test_the_deal_of_a_reclaimed_registration_does_not_stand_in_the_way_of_the_next_one():
    world = converted().registers("b", SPELT).later(days=31).later(days=14)
    assert (world.status("a"), world.status("b")) == ("reclaimed", "approved")


def test_one_deal_is_tied_to_one_registration_only():
    world = World().account().deal(stage="meeting").registers(deal="006").registers("c", {**GLOBEX, "partner": "red"})
    world.registers("c", deal="006")
    assert world.fact("c").deal != "crm/deal/006"
    assert world.shown("006", "deal_partner", "crm")["partner"] == "blue"


def test_a_deal_that_is_merged_into_another_one_is_followed():
    world = converted().deal("007", stage="proposal", amount="500.00")
    world.tell(world.changed("deal", "006N", None, kind="merged", merged_into="007"))
    world.deal("007", stage="won")
    assert (world.status(), world.fees[-1].deal, world.fees[-1].amount) == ("converted", "crm/deal/007", Decimal(100))


@pytest.mark.parametrize(
    ("basis", "currency", "percent", "amount"),
    [
        ("100.05", "EUR", "10", "10.01"),
        ("100.04", "EUR", "10", "10.00"),
        ("105", "JPY", "10", "11"),
        ("1.2345", "KWD", "10", "0.123"),
        ("1.235", "kwd", "10", "0.124"),
        ("-100.05", "EUR", "10", "-10.01"),
        ("33.33", "USD", "0", "0.00"),
        ("99999999999999999999999999.99", "USD", "33.3333", "33333300000000000000000000.00"),
    ],
)
def test_a_fee_is_rounded_half_up_to_the_smallest_unit_of_its_currency(basis, currency, percent, amount):
    due = fee(Decimal(basis), currency, Decimal(percent), "margin", "x")
    assert str(due.amount) == amount


@given(
    cents=st.integers(0, 10**14),
    percent=st.integers(0, 10000),
    currency=st.sampled_from(["EUR", "JPY", "KWD", "CLF"]),
)
def test_a_fee_is_within_half_a_unit_of_the_exact_one_and_never_a_float(cents, percent, currency):
    basis, rate = Decimal(cents).scaleb(-2), Decimal(percent).scaleb(-2)
    due = fee(basis, currency, rate, "referral_fee", "x")
    exact = basis * rate / 100
    unit = Decimal(1).scaleb(due.amount.as_tuple().exponent)
    assert abs(due.amount - exact) * 2 <= unit
    assert due.amount == exact.quantize(unit, rounding=ROUND_HALF_UP)
    assert {type(part) for part in (due.amount, due.percent, due.basis_amount)} == {Decimal}
