"""What time, partners, people and other systems do to a registration after it was approved."""

from datetime import date

import pytest

from mappings.engagement import load
from schemas.messages import ChangeKind, Ruling
from tests.unit.streams.registrations.world import ACME, DANA, GLOBEX, SPELT, World, after, known

LARGE = {"amount": "90000.00"}


def working(world: World, days: int, step: int = 20) -> World:
    """Time passes, and the partner works on it all the while."""
    for _ in range(0, days, step):
        world.later(days=step)
        world.registers("a", active_at=world.now.isoformat())
    return world


def test_it_is_told_ahead_of_the_day_on_which_protection_ends_each_notice_once():
    world = working(World().registers(), 80)
    assert [str(notice.due_on) for notice in world.notices] == ["2026-05-31"]
    world.later(days=1).later(days=1)
    assert len(world.notices) == 1
    world.later(days=6)
    assert [notice.to for notice in world.notices] == [("rep@blue.example", DANA)] * 2


def test_protection_ends_after_its_last_day_then_the_company_is_in_the_pool():
    world = working(World().registers(), 80).later(days=10)
    assert world.status() == "approved"  # its last day
    assert world.later(days=1).status() == "expired"
    assert world.later(days=6).status() == "expired"
    assert world.later(days=1).status() == "reclaimed"
    assert world.shown()["status"] == "reclaimed"


def test_a_stale_one_is_told_and_then_reclaimed_and_the_next_valid_one_is_taken_up():
    world = World().registers("a", hours=1).registers("b", SPELT, hours=2).later(days=31)
    assert [str(notice.due_on) for notice in world.notices] == ["2026-04-16"]
    assert world.later(days=13).status("a") == "approved"
    world.later(days=1)
    assert (world.status("a"), world.status("b")) == ("reclaimed", "approved")
    assert (world.shown("a")["status"], world.shown("b")["status"]) == ("reclaimed", "approved")


def test_work_on_the_registration_or_on_its_deal_keeps_it():
    world = World().registers(deal="006").deal(stage="meeting").later(days=31)
    assert len(world.notices) == 1
    world.deal(next_step="Demo on Friday").later(days=15)
    assert world.status() == "approved"


def test_what_tandem_writes_itself_is_no_work_on_a_deal():
    world = World().registers(deal="006").deal(stage="meeting").later(days=20)
    world.tell(world.changed("deal", "006", {"partner": "blue"}, own=True))
    world.later(days=11)
    assert len(world.notices) == 1


def test_an_extension_holds_within_the_rules_and_is_refused_in_words_beyond_them():
    world = World().registers()
    assert world.ruling(Ruling.EXTEND_REGISTRATION, until=date(2026, 6, 30)).fact().protected_until == date(2026, 6, 30)
    world.ruling(Ruling.EXTEND_REGISTRATION, until=date(2026, 12, 31))
    assert world.fact().protected_until == date(2026, 6, 30)
    assert "allow 30 days at once, until 2026-07-30" in world.fact().next_step
    world.ruling(Ruling.EXTEND_REGISTRATION, until=date(2026, 7, 30))
    world.ruling(Ruling.EXTEND_REGISTRATION, until=date(2026, 8, 1))
    assert "it was extended 2 times" in world.fact().next_step
    assert world.fact().protected_until == date(2026, 7, 30)


def test_an_expired_one_can_be_extended_until_it_is_in_the_pool():
    world = working(World().registers(), 80).later(days=12)
    assert world.status() == "expired"
    world.ruling(Ruling.EXTEND_REGISTRATION, until=date(2026, 6, 20))
    assert (world.status(), world.fact().protected_until) == ("approved", date(2026, 6, 20))


def test_a_withdrawn_one_lets_the_next_one_in():
    world = World().registers("a", hours=1).registers("b", SPELT, hours=2)
    world.ruling(Ruling.WITHDRAW_REGISTRATION, "a")
    assert (world.status("a"), world.status("b")) == ("withdrawn", "approved")


def test_a_deleted_record_is_withdrawn():
    world = World().registers()
    world.tell(world.changed("registration", "a", None, kind=ChangeKind.DELETED))
    assert world.status() == "withdrawn"


@pytest.mark.parametrize(
    ("said", "status"),
    [("approved", "approved"), ("rejected", "rejected"), ("withdrawn", "withdrawn"), ("lost", "lost")],
)
def test_what_somebody_sets_by_hand_in_the_prm_counts_by_the_stated_rule(said, status):
    world = World().registers(**LARGE).registers(status=said, stage="by hand")
    assert world.status() == status
    assert "somebody in prm" in world.fact().reasons[0]


def test_what_does_not_count_by_the_rule_is_written_back():
    rules = load().by_hand.model_copy(update={"approved": "ignore"})
    world = World(by_hand=rules.model_dump()).registers(**LARGE)
    world.registers(status="in_review").registers(status="approved")
    assert world.status() == "in_review"
    assert world.writes("registration_outcome", "prm")[-1].fields["status"] == "in_review"


def test_our_own_status_that_is_read_back_late_is_not_taken_for_somebodys_word():
    world = World().registers(**LARGE).ruling(Ruling.APPROVE_REGISTRATION).later(days=1)
    world.ruling(Ruling.WITHDRAW_REGISTRATION)
    for echo in ("in_review", "approved", "withdrawn"):
        world.registers(status=echo)
    assert world.status() == "withdrawn"
    world.registers(status="approved")
    assert world.status() == "approved"  # that was somebody


def test_an_approval_by_hand_never_counts_against_another_partners_protection():
    world = World().registers("a", hours=1).registers("b", SPELT, hours=2).registers("b", status="approved")
    assert (world.status("a"), world.status("b")) == ("approved", "submitted")
    assert "cannot be approved while prm/registration/a" in world.fact("b").next_step
    assert world.writes("registration_outcome", "prm")[-1].fields["status"] == "submitted"


@pytest.mark.parametrize("status", ["rejected", "expired", "withdrawn", "lost", "converted", "returned", "reclaimed"])
def test_what_was_decided_before_tandem_came_is_taken_up_as_it_stands(status):
    world = World().registers(status=status)
    assert world.status() == status
    assert world.writes("deal") == []


def test_a_rejected_one_that_is_submitted_again_begins_anew():
    world = World().registers(**LARGE).ruling(Ruling.REJECT_REGISTRATION, note="Not ours.").registers(status="rejected")
    world.later(days=1).registers(status="submitted", amount="100.00")
    assert (world.status(), world.fact().submitted_at) == ("approved", world.now)


def test_a_draft_is_not_judged_and_protects_nothing():
    world = World().registers("a", status="draft").registers("b", SPELT)
    assert [fact.registration for fact in world.facts] == ["prm/registration/b"]
    world.registers("a", status="submitted")
    assert world.status("a") != "draft"


def test_a_partner_that_is_no_longer_active_loses_its_registrations():
    world = World().registers("a").registers("c", GLOBEX, **LARGE)
    world.tell(known("blue", status="inactive"))
    assert (world.status("a"), world.status("c")) == ("expired", "expired")
    assert world.later(days=7).status("a") == "reclaimed"
    assert world.status("c") == "expired"


def test_or_they_are_given_to_the_partner_that_the_rules_name():
    world = World(inactive={"outcome": "reassign", "reassign_to": "green"}).registers()
    world.tell(known("blue", status="inactive"))
    assert (world.status(), world.fact().partner) == ("approved", "green")


@pytest.mark.parametrize("status", ["pending", "inactive"])
def test_a_partner_that_is_not_active_gets_nothing_approved(status):
    world = World().tell(known("blue", status=status)).registers("a", hours=1).registers("b", SPELT, hours=2)
    assert world.status("a") in {"submitted", "expired"}
    assert world.status("b") == "approved"


def test_a_person_gives_a_registration_to_another_partner_with_its_protection():
    world = World().registers()
    world.ruling(Ruling.REASSIGN_REGISTRATION, partner="red")
    assert (world.fact().partner, world.status(), str(world.fact().protected_until)) == (
        "red",
        "approved",
        "2026-05-31",
    )
    world.ruling(Ruling.REASSIGN_REGISTRATION, partner="nobody")
    assert (world.fact().partner, "no partner has that key" in world.fact().next_step) == ("red", True)


def test_it_cannot_be_given_away_beside_another_protection_of_the_same_company():
    second = {**ACME, "company": "Acme Robotics"}
    world = World().registers("a", hours=1).registers("b", second, hours=2)
    world.ruling(Ruling.APPROVE_REGISTRATION, "b").ruling(Ruling.APPROVE_REGISTRATION, "b", by="lee@us.example")
    assert (world.status("a"), world.status("b")) == ("approved", "approved")
    world.ruling(Ruling.REASSIGN_REGISTRATION, "a", partner="red")
    assert world.fact("a").partner == "blue"
    assert "cannot be approved while prm/registration/b" in world.fact("a").next_step


def test_another_company_after_approval_is_judged_again():
    world = World().registers("a", hours=1).registers("c", {**GLOBEX, "partner": "red"}, hours=2)
    globex = {name: GLOBEX[name] for name in ("company", "website", "contact_email")}
    world.registers("a", **globex)
    assert (world.status("a"), world.status("c")) == ("in_review", "approved")
    assert world.fact("a").protected_until is None


def test_a_better_spelling_after_approval_changes_nothing():
    world = World().registers().registers(company="Acme Robotics Gesellschaft mbH", city="Berlin")
    assert {(fact.status.value, str(fact.protected_until)) for fact in world.facts} == {("approved", "2026-05-31")}


def test_two_systems_that_hold_one_registration_hold_one():
    world = World().deal("006", stage="meeting").registers("a", hours=1, deal="006")
    world.registers("L1", {**ACME, "partner": "001blue"}, hours=1, deal="006", connection="crm")
    assert world.fact("a").twins == ("crm/registration/L1",)
    assert [fact.registration for fact in world.facts if fact.status == "approved"][-1] == "prm/registration/a"
    assert world.shown("L1", connection="crm")["status"] == "approved"
    assert [case.ref for case in world.cases() if case.status is not None] == ["prm/registration/a"]


def test_records_that_turn_out_to_be_one_registration_later_become_one():
    world = World().deal("006", stage="meeting").registers("a", hours=1)
    world.registers("L1", {**ACME, "partner": "001blue"}, hours=1, connection="crm")
    assert world.fact("L1", "crm").rule == "second registration of a partner"
    world.registers("a", deal="006").registers("L1", deal="006", connection="crm")
    assert (world.status("a"), world.fact("a").twins) == ("approved", ("crm/registration/L1",))
    assert world.fact("L1", "crm").status == "withdrawn"
    assert "same registration as prm/registration/a" in world.fact("L1", "crm").reasons[0]


def test_timers_survive_a_restart():
    world = World().registers("a", **LARGE)
    world.lane = None
    assert world.later(hours=25).fact().approvals[0].escalated


def test_an_approval_by_hand_does_not_count_for_a_partner_that_is_not_active_and_protects_nothing():
    world = World().registers("a", hours=1, **LARGE).tell(known("blue", after(2), status="inactive"))
    world.registers("a", status="expired").registers("a", status="approved")
    assert (world.status("a"), world.fact("a").protected_until) == ("expired", None)
    assert "only an active partner's registration is approved" in str(world.fact("a").reasons)
    assert world.writes("registration_outcome", "prm")[-1].fields["status"] == "expired"
    assert world.registers("b", SPELT, hours=3).status("b") == "approved"


def test_what_is_set_by_hand_counts_as_often_as_it_is_set():
    world = World().registers(**LARGE).registers(status="in_review")
    for said in ("approved", "rejected", "approved", "rejected"):
        world.registers(status=said)
        assert world.status() == said


@pytest.mark.parametrize("said", ["submitted", "in_review"])
def test_what_moves_nothing_when_it_is_set_by_hand_is_written_back(said):
    world = World().registers(hours=1).registers(status="approved")
    world.registers(status=said)
    assert world.status() == "approved"
    assert world.writes("registration_outcome", "prm")[-1].fields["status"] == "approved"


def test_what_was_rejected_and_is_of_another_company_now_is_not_approved_by_hand_beside_its_protection():
    world = World().registers("a", hours=1).ruling(Ruling.REJECT_REGISTRATION, "a").registers("a", status="rejected")
    world.registers("b", {**GLOBEX, "partner": "red"}, hours=2)
    world.registers("a", company=GLOBEX["company"], website=GLOBEX["website"], contact_email=GLOBEX["contact_email"])
    world.registers("a", status="approved")
    assert (world.status("a"), world.status("b")) == ("in_review", "approved")
    assert [fact.status.value for fact in world.facts if fact.registration.endswith("/a")].count("approved") == 1


def test_an_answer_of_ours_that_is_not_the_last_one_is_written_over_whoever_set_it():
    world = World().registers(**LARGE)
    world.registers(status="lost").ruling(Ruling.WITHDRAW_REGISTRATION)  # in review, withdrawn: neither was read back
    assert world.status() == "withdrawn"
    before = len(world.writes("registration_outcome", "prm"))
    world.registers(status="in_review")
    assert world.status() == "withdrawn"
    assert [each.fields["status"] for each in world.writes("registration_outcome", "prm")[before:]] == ["withdrawn"]
    world.registers(status="withdrawn").registers(status="approved")
    assert world.status() == "approved"
