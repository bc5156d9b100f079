"""Which tier a partner has, how long, and what it is told of it."""

from datetime import date, timedelta

import pytest

from tests.unit.streams.enablement.world import START, TIERS, World, setup, tier_rules

DAY = timedelta(days=1)
KEY = "acme-cloud-gmbh"


def gold(**fields) -> World:
    world = World().acme(**fields).badge().badge("eve@acme.com", number=2)
    return world.sold("700.00", START - 300 * DAY, 1).sold("300.00", START - 10 * DAY, 2).look()


def test_a_tier_is_had_at_once_and_the_reasons_say_what_the_next_one_needs():
    world = World().acme().badge().look()
    partner = world.partners[KEY]
    assert (partner.tier, partner.tier_rank, partner.tier_since) == ("silver", 2, START.date())
    assert partner.reasons == (
        "Silver: 1 person certified for fleet (1 needed).",
        "Gold needs 1 more person certified, 1000.00 USD more revenue in 12 months.",
    )


def test_revenue_and_people_together_make_the_highest_tier():
    partner = gold().partners[KEY]
    assert (partner.tier, str(partner.revenue), partner.currency) == ("gold", "1000.00", "USD")


def test_amounts_in_another_currency_do_not_count_and_the_reason_says_so():
    world = World().acme().sold("5000.00", START, currency="EUR").look()
    partner = world.partners[KEY]
    assert (partner.revenue, partner.tier) == (0, "registered")
    assert "5000.00 EUR do not count: tiers are measured in USD, and nothing is converted." in partner.reasons


def test_a_tier_falls_after_its_grace_when_revenue_leaves_the_window_and_notice_is_given_before():
    world = gold()
    leaves = date(2027, 1, 26)  # 12 months after the older sale
    assert world.partners[KEY].tier_lapses_on == leaves + timedelta(days=10)
    world.walk(65)
    assert (world.now.date(), world.partners[KEY].tier) == (leaves, "gold")
    assert world.partners[KEY].reasons[0] == (
        "Gold is kept in grace, and falls on 2027-02-05: it needs 700.00 USD more revenue in 12 months."
    )
    assert world.partners[KEY].next_step.startswith("Partner manager: Gold is kept in grace")
    world.walk(10)
    assert (world.partners[KEY].tier, world.partners[KEY].tier_since) == ("silver", date(2027, 2, 5))
    assert [it for it in world.notices if it[1] == "gold"] == [("tier", "gold", "2027-02-05")] * 2


def test_a_long_sleep_falls_on_the_same_day_as_a_walk():
    walked, slept = gold().walk(90), gold().look(90)
    assert slept.partners[KEY].model_dump(exclude={"id", "causes"}) != {}
    assert (slept.partners[KEY].tier, slept.partners[KEY].tier_since) == ("silver", date(2027, 2, 5))
    assert walked.partners[KEY].tier_since == slept.partners[KEY].tier_since


def test_a_sale_in_grace_saves_the_tier():
    world = gold().walk(70)
    world.sold("700.00", world.now, 3)
    assert (world.partners[KEY].tier, world.partners[KEY].tier_since) == ("gold", START.date())
    assert world.walk(30).partners[KEY].tier == "gold"


def test_somebody_who_leaves_starts_the_grace_and_not_the_fall():
    world = World().acme().badge().put("crm/partner_user/u", email="ada@acme.com", partner="1").look()
    world.put("crm/partner_user/u", email="ada@acme.com", partner="1", active=False)
    assert (world.partners[KEY].tier, world.partners[KEY].tier_lapses_on) == ("silver", date(2026, 12, 22))
    assert world.walk(30).partners[KEY].tier == "registered"


def test_an_inactive_partner_has_no_tier():
    partner = World().acme(status="inactive").badge().look().partners[KEY]
    assert (partner.tier, partner.tier_rank, partner.reasons) == (
        None,
        0,
        ("It has no tier: it is no active partner.",),
    )


def test_a_tier_is_for_the_kinds_of_partner_that_the_rules_say():
    silver = TIERS[1].model_copy(update={"types": ("referral",)})
    rules = tier_rules(tiers=(TIERS[0], silver))
    world = World(setup(rules=rules)).acme().badge().look()
    assert (world.partners[KEY].tier, world.partners[KEY].reasons[1]) == (
        "registered",
        "Silver needs to be a referral partner.",
    )
    assert world.acme(types=("reseller", "referral")).partners[KEY].tier == "silver"


WON = {"name": "d", "stage": "won", "partner": "1", "amount": "400.00", "currency": "USD", "close_date": "2026-11-01"}


@pytest.mark.parametrize(
    ("sales", "revenue"),
    [
        ([("crm/deal/1", {})], 400),
        ([("crm/deal/1", {"stage": "proposal"})], 0),
        ([("crm/deal/1", {"partner": None})], 0),
        ([("crm/deal/1", {"close_date": "2025-11-22"})], 0),
        ([("crm/deal/1", {"close_date": "2026-12-01"})], 0),
        ([("crm/deal/1", {"tandem_key": "t"}), ("prm/deal/1", {"tandem_key": "t", "partner": KEY})], 400),
        ([("crm/deal/1", {}), ("prm/deal/1", {"partner": KEY})], 800),
    ],
)
def test_won_deals_with_a_partner_count_once(sales, revenue):
    world = World().acme()
    for ref, fields in sales:
        world.put(ref, **{**WON, **fields})
    assert world.look().partners[KEY].revenue == revenue


@pytest.mark.parametrize("deal_first", [True, False])
def test_a_transaction_and_the_deal_that_it_is_the_payment_of_are_one_sale(deal_first):
    world = World().acme().look()
    steps = [lambda: world.put("crm/deal/D1", **WON), lambda: world.sold("400.00", START, external_id="D1")]
    for step in steps if deal_first else steps[::-1]:
        step()
    assert world.partners[KEY].revenue == 400
    world.put("crm/deal/D1", **{**WON, "stage": "lost"})
    assert world.partners[KEY].revenue == 400, "now the transaction counts"
    world.gone("crm/transaction/t1")
    assert world.partners[KEY].revenue == 0


def test_a_sale_that_is_corrected_or_moves_to_another_partner_is_booked_there():
    world = World().acme().put("crm/partner/2", name="Bolt").sold("100.00", START).look()
    world.sold("150.00", START)
    assert world.partners[KEY].revenue == 150
    world.sold("150.00", START, partner="bolt")
    assert (world.partners[KEY].revenue, world.partners["bolt"].revenue) == (0, 150)
