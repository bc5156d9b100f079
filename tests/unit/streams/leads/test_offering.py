"""An offer runs until it is answered or its time is over; then the next one is asked, and in the end direct sales."""

import pytest

from schemas.entities import Lead
from tests.unit.streams.leads.world import CRM, ROTATE, World, rules

TWO = ROTATE.replace("attempts = 3", "attempts = 2")


@pytest.fixture
def world() -> World:
    """Three partners, and one lead that the first of them is offered."""
    made = World()
    for key in ("acme", "blue", "cyan"):
        made.partner(key, territories=("dach",))
    made.lead()
    assert made.who(LEAD) == ("offered", "acme")
    return made


LEAD = f"{CRM}/lead/1"


def test_the_lead_and_the_prm_show_who_was_asked_until_when_and_why(world: World):
    shown, passed = world.on_lead(LEAD), world.in_prm(LEAD)
    assert (shown["partner_account"], shown["respond_by"]) == ("p-acme", "2026-11-23T12:00:00Z")
    assert shown["next_step"] == "Acme answers by 2026-11-23 12:00 UTC; else the next one is asked."
    assert any(each.startswith("Blue: ") for each in shown["reasons"])
    assert (passed["partner"], passed["status"], passed["last_name"]) == ("part-acme", "offered", "Okafor")


def test_a_partner_that_is_in_no_prm_is_shown_on_the_lead_only():
    world = World()
    world.partner("acme", refs=(f"{CRM}/partner/p-acme",))
    lead = world.lead()
    assert (world.on_lead(lead)["partner"], world.in_prm(lead)) == ("acme", {})


def test_silence_passes_it_on_when_the_time_is_over_and_not_before(world: World):
    world.tick(hours=23, minutes=59)
    assert world.who(LEAD) == ("offered", "acme")
    world.tick(minutes=1)
    assert world.who(LEAD) == ("offered", "blue")
    assert "Acme did not answer by 2026-11-23 12:00 UTC." in world.reasons(LEAD)
    assert world.in_prm(LEAD)["partner"] == "part-blue"


def test_the_time_runs_on_over_a_restart(world: World):
    world.again()
    world.tick(hours=25)
    assert world.who(LEAD) == ("offered", "blue")


def test_a_partner_that_declines_is_not_asked_again(world: World):
    world.answer(LEAD, "acme", "declined", "No time.")
    assert world.who(LEAD) == ("offered", "blue")
    assert world.losers(LEAD)["acme"] == "declined it: No time"
    world.answer(LEAD, "blue", "declined")
    world.answer(LEAD, "cyan", "declined")
    assert world.who(LEAD) == ("direct", None)
    assert world.in_prm(LEAD)["status"] == "withdrawn"


def test_after_so_many_attempts_direct_sales_takes_it():
    world = World(rules(TWO))
    for key in ("acme", "blue", "cyan"):
        world.partner(key)
    lead = world.lead()
    world.tick(hours=25)
    world.tick(hours=25)
    assert world.who(lead) == ("direct", None)
    assert "The rule all asks 2 partners, and no more." in world.reasons(lead)


def test_attempts_that_are_used_up_may_lead_to_the_next_rule():
    second = ROTATE.replace('"all"', '"second"')
    world = World(rules(TWO.replace("attempts = 2", "attempts = 1").replace('"direct"', '"next"') + second))
    for key in ("acme", "blue"):
        world.partner(key)
    lead = world.lead()
    world.tick(hours=25)
    assert (world.last[lead].rule, world.who(lead)[0]) == ("second", "offered")


def test_an_acceptance_stops_the_clock_and_is_not_told_to_the_prm_that_said_it(world: World):
    before = len(world.writes)
    world.answer(LEAD, "acme", "accepted")
    world.tick(hours=100)
    assert world.who(LEAD) == ("accepted", "acme")
    assert [each.entity for each in world.writes[before:]] == ["lead_assignment"]


def test_an_answer_that_comes_after_the_lead_has_passed_on_is_refused_in_words_and_set_right(world: World):
    world.tick(hours=25)
    before = len(world.writes)
    world.answer(LEAD, "acme", "accepted")
    assert world.who(LEAD) == ("offered", "blue")
    assert "Acme took it, which does not count: it had passed on." in world.reasons(LEAD)
    assert {each.entity for each in world.writes[before:]} == {"lead_assignment", "partner_lead"}
    assert world.in_prm(LEAD)["partner"] == "part-blue"


def test_our_own_write_that_comes_back_is_no_answer(world: World):
    world.answer(LEAD, "acme", "offered")
    assert world.who(LEAD) == ("offered", "acme")


def test_an_old_refusal_does_not_count_when_a_person_gives_it_to_the_partner_again(world: World):
    world.answer(LEAD, "acme", "declined")
    world.rule("assign_lead", LEAD, "acme")
    assert world.who(LEAD) == ("offered", "acme")
    world.answer(LEAD, "acme", "accepted")
    assert world.who(LEAD) == ("accepted", "acme")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "inactive"}, "is no longer an active partner"),
        ({"no_leads": True}, "wants no leads"),
        ({"territories": ("texas",)}, "does not serve dach"),
        ({"products": ("arm",)}, "does not sell fleet"),
    ],
)
def test_an_open_offer_moves_on_when_the_partner_can_no_longer_have_it(change: dict, words: str):
    world = World()
    for key in ("acme", "blue"):
        world.partner(key, territories=("dach",))
    lead = world.lead(product="fleet")
    world.partner("acme", **{"territories": ("dach",), **change})
    assert world.who(lead) == ("offered", "blue")
    assert words in world.reasons(lead)


def test_what_a_partner_has_taken_stays_unless_it_is_no_partner_any_more(world: World):
    world.answer(LEAD, "acme", "accepted")
    world.partner("acme", territories=("texas",))
    assert world.who(LEAD) == ("accepted", "acme")
    world.partner("acme", status="inactive")
    assert world.who(LEAD) == ("offered", "blue")


def test_a_partner_with_many_leads_loses_them_part_after_part():
    world = World()
    world.partner("acme")
    leads = [world.lead(str(n)) for n in range(60)]
    world.partner("blue")
    world.partner("acme", status="inactive")
    world.tick(minutes=1)
    assert {world.who(lead) for lead in leads} == {("offered", "blue")}
    world.prove()


def test_who_is_full_is_passed_by_and_comes_back_when_there_is_room():
    world = World()
    world.partner("acme", capacity=1)
    first = world.lead("1")
    second = world.lead("2")
    assert world.who(second) == ("direct", None)
    assert world.losers(second) == {"acme": "has 1 open leads and takes 1"}
    world.answer(first, "acme", "lost")
    assert world.who(world.lead("3")) == ("offered", "acme")


def test_an_edit_of_what_decides_nothing_changes_nothing(world: World):
    said = len(world.facts)
    world.lead(title="CTO", employees=5)
    world.lead(title="CEO", employees=7)
    assert world.who(LEAD) == ("offered", "acme")
    assert all(it.assignment == 1 for it in world.facts[said:])


def test_an_edit_of_what_decides_moves_the_offer_only_if_the_partner_cannot_have_it(world: World):
    world.lead(product="fleet")
    assert world.who(LEAD) == ("offered", "acme")
    world.partner("texan", territories=("texas",))
    world.lead(country="US", state="Texas")
    assert world.who(LEAD) == ("offered", "texan")
    assert "The lead was edited and left Acme." in world.reasons(LEAD)
    assert world.last[LEAD].inputs == Lead(last_name="Okafor", company="Company 1 111", country="US", state="Texas")


def test_an_edit_after_the_partner_has_taken_it_changes_nothing(world: World):
    world.answer(LEAD, "acme", "accepted")
    world.lead(country="US", state="Texas")
    assert world.who(LEAD) == ("accepted", "acme")


def test_what_is_with_direct_sales_goes_to_a_partner_when_an_edit_makes_it_fit():
    world = World()
    world.partner("acme", territories=("dach",))
    lead = world.lead(country=None)
    assert world.who(lead) == ("direct", None)
    world.lead(country="Austria")
    assert world.who(lead) == ("offered", "acme")


def test_people_accept_and_decline_for_a_partner(world: World):
    world.rule("decline_lead", LEAD, note="On holiday.")
    assert world.who(LEAD) == ("offered", "blue")
    world.rule("accept_lead", LEAD, "blue")
    assert world.who(LEAD) == ("accepted", "blue")
    assert world.in_prm(LEAD)["status"] == "accepted"


def test_people_give_a_lead_to_a_partner_or_to_direct_sales(world: World):
    world.rule("assign_lead", LEAD, "cyan", "They know Ada.")
    assert world.who(LEAD) == ("offered", "cyan")
    assert world.last[LEAD].reasons[0] == "dana gave it to Cyan: They know Ada."
    world.rule("assign_lead", LEAD)
    assert world.who(LEAD) == ("direct", None)
    world.lead(country="Austria")
    assert world.who(LEAD) == ("direct", None)


@pytest.mark.parametrize(
    ("ruling", "partner", "words"),
    [
        ("accept_lead", "blue", "Acme is offered it now"),
        ("decline_lead", "blue", "Acme is offered it now"),
        ("assign_lead", "nobody", "no partner has that key"),
        ("assign_lead", "acme", "Acme is offered it now"),
    ],
)
def test_a_ruling_that_cannot_be_followed_is_refused_in_words(world: World, ruling: str, partner: str, words: str):
    world.rule(ruling, LEAD, partner)
    assert world.who(LEAD) == ("offered", "acme")
    assert words in world.reasons(LEAD)


def test_a_ruling_that_comes_twice_counts_once(world: World):
    given = world.rule("decline_lead", LEAD)
    world.tell(given)
    assert world.who(LEAD) == ("offered", "blue")


def test_a_ruling_over_a_lead_that_nobody_knows_is_passed_over(world: World):
    world.rule("accept_lead", f"{CRM}/lead/99")
    assert f"{CRM}/lead/99" not in world.last
