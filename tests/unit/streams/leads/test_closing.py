"""The loop closes: worked, converted, won or lost comes back from either side; leads that go, merge or stand twice."""

import pytest

from tests.unit.streams.leads.world import CRM, HUB, PRM, World

LEAD = f"{CRM}/lead/1"


@pytest.fixture
def world() -> World:
    """A lead that Acme has taken; Blue would be next."""
    made = World()
    made.partner("acme")
    made.partner("blue")
    made.lead()
    made.answer(LEAD, "acme", "accepted")
    assert made.who(LEAD) == ("accepted", "acme")
    return made


def test_what_the_partner_says_in_the_prm_shows_on_the_lead(world: World):
    for status in ("working", "converted", "won"):
        world.answer(LEAD, "acme", status)
        assert world.who(LEAD) == (status, "acme")
        assert world.on_lead(LEAD)["route_state"] == status


def test_a_partner_that_loses_it_keeps_its_name_on_it_and_has_room_again(world: World):
    world.answer(LEAD, "acme", "lost", "They bought elsewhere.")
    assert world.who(LEAD) == ("lost", "acme")
    assert "Acme says lost: They bought elsewhere." in world.reasons(LEAD)
    world.prove()


def test_a_partner_can_give_it_back(world: World):
    world.answer(LEAD, "acme", "declined", "Too far away")
    assert world.who(LEAD) == ("offered", "blue")
    assert "Acme gave it back: Too far away." in world.reasons(LEAD)


def test_a_conversion_in_the_crm_and_the_fate_of_its_deal_are_told_to_the_partner(world: World):
    world.lead(status="converted", converted_deal="d1")
    assert (world.who(LEAD), world.last[LEAD].deal) == (("converted", "acme"), f"{CRM}/deal/d1")
    world.deal("d1", stage="won")
    assert world.who(LEAD) == ("won", "acme")
    assert world.in_prm(LEAD)["status"] == "won"
    world.deal("d1", stage="negotiation")
    assert world.who(LEAD) == ("converted", "acme")
    world.deal("d1", stage="lost")
    assert world.who(LEAD) == ("lost", "acme")


def test_a_deal_that_was_read_before_its_lead_counts_as_well(world: World):
    world.deal("d1", stage="won")
    world.lead(status="converted", converted_deal="d1")
    assert world.who(LEAD) == ("won", "acme")


def test_a_lead_that_is_disqualified_is_lost_for_who_had_it_and_closed_for_who_had_not(world: World):
    world.lead("2")
    world.lead("2", status="disqualified")
    world.lead("1", status="disqualified")
    assert world.who(LEAD) == ("lost", "acme")
    assert world.who(f"{CRM}/lead/2") == ("closed", None)
    assert world.in_prm(f"{CRM}/lead/2")["status"] == "withdrawn"


def test_direct_sales_that_is_faster_than_the_partner_has_it(world: World):
    lead = world.lead("2")
    world.lead("2", status="converted", converted_deal="d2")
    assert world.who(lead) == ("converted", None)
    assert world.in_prm(lead)["status"] == "withdrawn"
    world.deal("d2", stage="won")
    assert world.who(lead) == ("won", None)


@pytest.mark.parametrize(
    ("more", "words"),
    [({}, "deleted in its CRM"), ({"merged_into": "9"}, f"merged into {CRM}/lead/9")],
)
def test_a_lead_that_is_gone_is_withdrawn_at_the_partner(world: World, more: dict, words: str):
    world.gone(LEAD, **more)
    assert world.who(LEAD) == ("closed", None)
    assert words in world.reasons(LEAD)
    assert world.in_prm(LEAD)["status"] == "withdrawn"
    world.prove()


def test_a_lead_that_comes_back_sets_out_anew(world: World):
    world.gone(LEAD)
    world.lead()
    assert world.who(LEAD)[0] == "offered"


def test_a_win_and_a_loss_count_for_what_the_partner_is_worth(world: World):
    world.answer(LEAD, "acme", "won")
    load = world.rows.get("load/acme")
    assert (load.open, load.won, load.lost) == (0, 1, 0)  # type: ignore[union-attr]


def test_an_older_change_that_comes_late_is_ignored(world: World):
    old = world.events[-1]
    world.answer(LEAD, "acme", "working")
    world.tell(old)
    assert world.who(LEAD) == ("working", "acme")


def test_the_same_lead_in_two_crms_is_routed_once_and_both_show_it():
    world = World()
    world.partner("acme")
    world.partner("blue")
    first = world.lead("1", tandem_key="k")
    second = world.lead("77", HUB, tandem_key="k", company="Company 1 111")
    assert world.who(first) == ("offered", "acme")
    assert world.who(second) == (None, None)
    assert world.on_lead(second)["partner"] == "acme"
    world.prove()


def test_a_copy_that_tandem_made_waits_for_the_lead_that_it_was_made_from():
    world = World()
    world.partner("acme")
    world.partner("blue")
    first = world.lead("1")
    copy = world.lead("77", HUB, tandem_key="k", own=True)
    assert world.who(copy) == (None, None)
    world.lead("1", tandem_key="k")
    world.tick(minutes=5)
    assert world.who(first) == ("offered", "acme")
    assert world.who(copy) == (None, None)
    assert world.on_lead(copy)["partner"] == "acme"


def test_two_leads_that_turn_out_to_be_one_are_had_once():
    world = World()
    world.partner("acme")
    world.partner("blue")
    first, second = world.lead("1"), world.lead("77", HUB)
    assert (world.who(first)[1], world.who(second)[1]) == ("acme", "blue")
    world.lead("1", tandem_key="k")
    world.lead("77", HUB, tandem_key="k")
    assert world.who(first) == ("offered", "acme")
    assert world.who(second) == ("closed", None)
    assert world.in_prm(second)["status"] == "withdrawn"
    assert world.on_lead(second)["partner"] == "acme"
    world.prove()


def test_when_the_leading_one_is_deleted_its_twin_sets_out():
    world = World()
    world.partner("acme")
    first = world.lead("1", tandem_key="k")
    second = world.lead("77", HUB, tandem_key="k")
    world.gone(first)
    assert world.who(first) == ("closed", None)
    assert world.who(second) == ("offered", "acme")
    world.prove()


def test_what_a_partner_found_itself_is_followed_to_its_end():
    from schemas.messages import PartnerLeadChanged
    from schemas.partners import PartnerLead

    world = World()
    world.partner("blue")
    own = f"{PRM}/partner_lead/own"
    for status in ("accepted", "working", "won"):
        record = PartnerLead(partner="part-blue", last_name="Okafor", company="Zyxtron", status=status)
        world.changed(PartnerLeadChanged, PRM, "own", record)
        assert world.who(own) == (status, "blue")
    world.prove()


def test_a_lead_that_was_converted_is_written_no_more_but_the_partner_is_told(world: World):
    world.lead(status="converted", converted_deal="d1")
    world.deal("d1", stage="won")
    assert world.on_lead(LEAD)["route_state"] == "accepted"
    assert world.in_prm(LEAD)["status"] == "won"


@pytest.mark.parametrize("said", ["accepted", "declined", "working", "lost"])
def test_what_a_partner_says_after_the_lead_has_gone_on_is_overwritten_once(world: World, said: str):
    world.lead(status="converted", converted_deal="d1")
    world.deal("d1", stage="won")
    before = len(world.writes)
    world.answer(LEAD, "acme", said)
    world.tick(minutes=1)
    assert world.who(LEAD) == ("won", "acme")
    assert [each.fields["status"] for each in world.writes[before:]] == ["won"]


def test_what_a_partner_says_of_a_lead_that_it_no_longer_has_is_overwritten(world: World):
    world.lead("2")
    world.lead("2", status="disqualified")
    lead = f"{CRM}/lead/2"
    before = len(world.writes)
    world.answer(lead, "blue", "lost")
    assert world.who(lead) == ("closed", None)
    assert [each.fields["status"] for each in world.writes[before:]] == ["withdrawn"]


def test_an_older_write_that_arrives_after_the_partners_answer_is_overwritten(world: World):
    world.answer(LEAD, "acme", "won")
    world.answer(LEAD, "acme", "offered")  # what an edit had told it, on its way while the partner answered
    assert world.who(LEAD) == ("won", "acme")
    assert world.writes[-1].fields["status"] == "won"
