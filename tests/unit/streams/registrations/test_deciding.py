"""From submission to a decision: quality, conflict, levels of approval, and who may say what."""

from decimal import Decimal

import pytest

from mappings.engagement import Outcome, load
from schemas.messages import Ruling
from streams import companies
from streams.registrations import decide
from tests.unit.streams.registrations.world import ACME, DANA, GLOBEX, LEE, SPELT, World, known, of, ruled

LARGE = {"amount": "90000.00"}


def test_nothing_is_decided_before_all_systems_were_read_once():
    world = World(started=False).tell(known("blue")).registers()
    assert world.facts == []
    assert world.look().status() == "approved"


def test_a_registration_that_nothing_stands_against_is_approved_by_rule_and_protected():
    world = World().registers(hours=1)
    fact = world.fact()
    assert (fact.status, fact.approved_by) == ("approved", "rule 'nothing stands against it'")
    assert str(fact.protected_until) == "2026-05-31"
    assert world.shown()["status"] == "approved"
    assert world.shown()["protected_until"] == "2026-05-31"


def test_protection_lasts_as_long_as_the_rule_for_the_type_of_deal_says():
    assert str(World().registers(deal_type="referral").fact().protected_until) == "2026-05-01"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": None}, "Amount: enter the expected amount."),
        ({"amount": "-1"}, "Amount: enter an amount above zero."),
        ({"amount": "999"}, "Amount: registrations begin at 1000 EUR."),
        ({"currency": "USD"}, "Currency: use one of EUR."),
        ({"contact_email": "ada@gmail.com"}, "not one of a free mail service"),
        ({"contact_email": "ada@blue.example"}, "not one of your own"),
        ({"contact_email": "ada"}, "Contact email: enter a whole mail address."),
        ({"products": ("rockets",)}, "Products: rockets cannot be registered; there are fleet, vision."),
        ({"expected_close": "2026-03-01"}, "2026-03-01 is over"),
        ({"expected_close": "2036-03-01"}, "enter a day until 2028-03-01"),
        ({"deal_type": None}, "Deal type: enter referral, resale or co-sell."),
    ],
)
def test_what_is_missing_or_wrong_is_returned_in_words_that_the_partner_can_act_on(fields, words):
    world = World(quality={"minimum": {"EUR": Decimal(1000)}, "products": ("fleet", "vision")}).registers(**fields)
    assert world.status() == "returned"
    assert any(words in each for each in world.fact().missing), world.fact().missing
    assert world.shown()["missing"] == list(world.fact().missing)


def test_everything_that_is_missing_is_said_at_once():
    assert len(World().registers(amount=None, contact_email=None, expected_close=None).fact().missing) == 3


def test_two_spellings_of_one_company_are_one_company_and_the_earlier_one_is_protected():
    world = World().registers("a", hours=1).registers("b", SPELT, hours=2)
    assert (world.status("a"), world.status("b")) == ("approved", "submitted")
    assert world.fact("b").conflict_with == "prm/registration/a"
    told = world.shown("b")
    assert told["conflict_with"] == "another partner's registration"
    assert "protected until 2026-05-31" in told["reasons"][0]


def test_the_partner_never_reads_who_the_other_partner_is():
    world = World().registers("a", hours=1, **LARGE).registers("b", SPELT, hours=2)
    world.ruling(Ruling.APPROVE_REGISTRATION, "a").ruling(Ruling.APPROVE_REGISTRATION, "b")
    said = str(world.shown("b")) + str([write.reasons for write in world.writes("registration_outcome", "prm")])
    assert [word for word in ("Blue", "blue", DANA, "registration/a") if word in said] == []


def test_the_rules_may_reject_instead_of_letting_it_wait():
    conflict = tuple(
        rule.model_copy(update={"outcome": Outcome.REJECT}) if rule.against == "registration" else rule
        for rule in load().conflict
    )
    world = World(conflict=conflict).registers("a", hours=1).registers("b", SPELT, hours=2)
    assert world.status("b") == "rejected"
    assert world.fact("b").rule == "protected for another partner"


def test_an_earlier_one_that_arrives_late_displaces_one_that_is_still_in_review():
    world = World().registers("b", SPELT, hours=2, **LARGE)
    assert world.status("b") == "in_review"
    world.registers("a", hours=1, **LARGE)
    assert (world.status("a"), world.status("b")) == ("in_review", "submitted")
    assert world.fact("b").approvals == ()
    assert world.ruling(Ruling.APPROVE_REGISTRATION, "b").status("b") == "submitted"


def test_against_one_that_is_approved_already_an_earlier_one_goes_to_a_person():
    world = World().registers("b", SPELT, hours=2).registers("a", hours=1)
    assert (world.status("a"), world.status("b")) == ("in_review", "approved")
    assert world.fact("a").conflict_with == "prm/registration/b"
    assert [level.approvers for level in world.fact("a").approvals] == [(DANA,)]
    world.ruling(Ruling.APPROVE_REGISTRATION, "a")
    assert world.status("a") == "in_review"
    assert "cannot be approved while prm/registration/b" in world.fact("a").next_step
    world.ruling(Ruling.REJECT_REGISTRATION, "b", note="The other one was first.")
    assert (world.status("b"), world.shown("b")["reasons"]) == ("rejected", ["The other one was first."])
    assert world.status("a") == "approved"


def test_an_unsure_match_goes_to_a_person_who_can_say_that_they_are_two_companies():
    other = {
        **SPELT,
        "company": "Acme Robots",
        "website": "acme.org",
        "contact_email": "bo@acme.org",
    }
    world = World().registers("a", hours=1).registers("b", other, hours=2)
    assert world.status("b") == "in_review"
    assert "perhaps the same company" in world.fact("b").reasons[0]
    world.ruling(Ruling.APPROVE_REGISTRATION, "b").ruling(Ruling.APPROVE_REGISTRATION, "b", by=LEE)
    assert (world.status("a"), world.status("b")) == ("approved", "approved")


def test_an_open_deal_of_direct_sales_counts_by_its_stage_and_age():
    world = World().account().deal(stage="meeting", created_at="2026-02-01T00:00:00Z").registers("a")
    assert (world.status("a"), world.fact("a").rule) == ("in_review", "with direct sales")
    world.deal(stage="negotiation")
    assert (world.status("a"), world.fact("a").rule) == ("rejected", "late stage with direct sales")
    stale = World().account().deal(stage="meeting", created_at="2025-06-01T00:00:00Z").registers("a")
    assert stale.status("a") == "approved"
    assert "stale with direct sales" in stale.fact("a").reasons[0]
    assert stale.shown("a")["reasons"] == ["It is approved."]


@pytest.mark.parametrize(
    ("account", "rule"),
    [({"named": True}, "named account"), ({"population": "customer"}, "existing customer"), ({}, None)],
)
def test_named_accounts_and_customers_go_to_a_person(account, rule):
    world = World().account(**account).registers()
    assert world.status() == ("approved" if rule is None else "in_review")
    assert rule is None or world.fact().rule == rule
    assert world.fact().account == "crm/account/001"


def test_a_private_offer_in_flight_stands_against_it_until_it_is_over():
    world = World().account().deal(stage="won", created_at="2025-01-01T00:00:00Z").deal(stage="meeting")
    world.offers("crm/deal/006", "released").registers("a")
    assert (world.status(), world.fact().rule) == ("rejected", "offer in flight")
    assert World().account().deal(stage="lost").offers("crm/deal/006", "released").registers().status() == "approved"


def test_a_deal_of_the_same_partner_and_the_deal_that_it_names_are_no_conflict():
    assert World().account().deal(partner="001blue", stage="meeting").registers().status() == "approved"
    assert World().account().deal(partner="001red", stage="meeting").registers().fact().rule == "with another partner"
    assert World().account().deal(stage="negotiation").registers(deal="006").status() == "approved"


def test_a_second_registration_of_the_same_partner_goes_to_a_person():
    world = World().registers("a", hours=1).registers("b", {**SPELT, "partner": "p-blue"}, hours=2)
    assert (world.status("b"), world.fact("b").rule) == ("in_review", "second registration of a partner")


def test_only_an_approver_of_the_level_approves_and_others_are_told_in_words():
    world = World().registers(**LARGE)
    assert [level.approvers for level in world.fact().approvals] == [(DANA,)]
    world.ruling(Ruling.APPROVE_REGISTRATION, by="eve@us.example")
    assert world.status() == "in_review"
    assert "eve@us.example is no approver of level 1: that is dana@us.example." in world.fact().next_step
    assert "eve@us.example" not in str(world.shown())
    world.ruling(Ruling.APPROVE_REGISTRATION, by="Dana@US.example")
    assert (world.status(), world.fact().approved_by) == ("approved", "Dana@US.example")


def test_two_levels_are_asked_one_after_the_other():
    world = World().account(named=True).registers()
    world.ruling(Ruling.APPROVE_REGISTRATION, by=LEE)
    assert len(world.fact().approvals) == 1
    world.ruling(Ruling.APPROVE_REGISTRATION, by=DANA)
    assert [(level.level, level.by) for level in world.fact().approvals] == [(1, DANA), (2, None)]
    world.ruling(Ruling.APPROVE_REGISTRATION, by=LEE)
    assert (world.status(), world.fact().approved_by) == ("approved", f"{DANA}, {LEE}")


def test_after_a_day_without_an_answer_it_is_escalated_and_told_once():
    world = World().registers(**LARGE).later(hours=23)
    assert world.notices == []
    world.later(hours=1).later(hours=1).later(hours=1)
    (notice,) = world.notices
    assert (notice.about, notice.to) == ("registration", (LEE,))
    assert world.fact().approvals[0].escalated
    assert world.ruling(Ruling.APPROVE_REGISTRATION, by=LEE).status() == "approved"


def test_where_the_partner_has_no_manager_the_next_ones_are_asked_at_once():
    world = World().tell(known("blue", owner_email=None)).registers(**LARGE)
    assert [(level.approvers, level.escalated) for level in world.fact().approvals] == [((LEE,), True)]


def test_a_ruling_that_comes_twice_counts_once():
    world = World().account(named=True).registers()
    ruling = {"ruling": Ruling.APPROVE_REGISTRATION, "refs": ("prm/registration/a",), "by": DANA, "at": world.now}
    from schemas.messages import RulingGiven

    given = RulingGiven(id="r1", **ruling)
    world.tell(given, given.model_copy(update={"by": LEE}))
    assert [level.by for level in world.fact().approvals] == [DANA, None]


def test_a_returned_one_keeps_its_time_when_it_is_completed_within_the_days_of_the_rules():
    world = World().registers("a", hours=1, amount=None).later(days=3)
    first = world.fact("a").submitted_at
    world.registers("a", amount="12500.00")
    assert (world.status("a"), world.fact("a").submitted_at) == ("approved", first)


def test_a_returned_one_that_is_completed_later_begins_anew():
    world = World().registers("a", hours=1, amount=None).later(days=8)
    world.registers("a", amount="12500.00")
    assert (world.status("a"), world.fact("a").submitted_at) == ("approved", world.now)


def test_a_returned_one_that_is_still_not_complete_is_told_what_is_left():
    world = World().registers(amount=None, expected_close=None).registers(amount="12500.00")
    assert (world.status(), len(world.fact().missing)) == ("returned", 1)


def test_a_returned_one_that_nobody_completes_expires():
    assert World().registers(amount=None).later(days=30).status() == "expired"


def test_what_a_person_returns_names_what_is_missing_and_is_judged_again_when_it_changes():
    world = World().registers(**LARGE).ruling(Ruling.RETURN_REGISTRATION, note="Which site is it for?")
    assert (world.status(), world.fact().missing) == ("returned", ("Which site is it for?",))
    world.registers(description="For Berlin.")
    assert world.status() == "in_review"


def test_a_registration_waits_for_its_partner_to_be_known_and_later_ones_wait_for_it_meanwhile():
    world = World().registers("a", hours=1, partner="p-new").registers("b", SPELT, hours=2)
    assert (world.status("a"), world.status("b")) == ("submitted", "submitted")
    world.tell(known("new"))
    assert (world.status("a"), world.status("b")) == ("approved", "submitted")


def test_it_is_not_waited_for_ever_for_a_partner_that_nobody_knows():
    world = World().registers("a", hours=1, partner="p-new").registers("b", SPELT, hours=2)
    assert world.later(hours=25).status("b") == "approved"


def test_a_later_version_that_comes_first_is_not_undone_by_an_older_one():
    world = World()
    newer = of("registration", "a", 5, {**ACME, "amount": "20000.00"}, world.now)
    older = of("registration", "a", 4, {**GLOBEX}, world.now)
    world.tell(newer, older)
    assert world.fact().inputs.company == "Acme Robotics GmbH"


def test_every_fact_names_the_version_of_the_rules():
    assert World().registers().fact().rules_version
    assert World().registers().fact().rules_version != World(quality={"required": ()}).registers().fact().rules_version


def test_where_nothing_is_connected_there_is_no_step():
    from streams.connected import Connected
    from streams.registrations import Setup, steps

    assert steps(Setup(connected=Connected(), rules=ruled())) == ()


def test_more_registrations_of_one_company_than_the_matcher_compares_still_have_one_winner(monkeypatch):
    monkeypatch.setattr(companies, "CAP", 3)
    world = World(started=False)
    for nth in range(7):
        world.tell(known(f"p{nth}")).registers(f"r{nth}", {**ACME, "partner": f"p{nth}"}, hours=nth)
    world.look()
    assert [fact.registration for fact in world.facts if fact.status == "approved"] == ["prm/registration/r0"]
    world.ruling(Ruling.WITHDRAW_REGISTRATION, "r0").later(days=1)
    latest = {fact.registration: fact.status.value for fact in world.facts}
    assert list(latest.values()).count("approved") <= 1


def test_those_that_have_waited_for_the_first_look_are_taken_in_the_order_of_their_submission(monkeypatch):
    monkeypatch.setattr(decide, "LINE", 2)
    world = World(started=False).tell(*map(known, ("blue", "red")))
    world.registers("z", GLOBEX, hours=1).registers("y", GLOBEX, hours=0)
    world.registers("b", SPELT, hours=3).registers("a", hours=2).look()
    assert {fact.registration[-1] for fact in world.facts} == {"y", "z"}
    world.registers("b", description="Changed while it waits.")
    assert "b" not in {fact.registration[-1] for fact in world.facts}
    world.look()
    assert (world.status("a"), world.status("b")) == ("approved", "submitted")
