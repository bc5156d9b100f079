"""Sentences about deals: which touches count for one, who brought it, what each model says, and what its CRM shows."""

from datetime import timedelta
from decimal import Decimal

import pytest

from schemas.entities import DealStage
from schemas.messages import AttributionDecided, Write
from streams.connected import Connected
from tests.unit.streams.attribution.world import (
    CRM,
    HUB,
    PRM,
    World,
    certified,
    day,
    deal,
    gone,
    offered,
    overlap,
    registered,
    routed,
    signalled,
    won,
)

D1, D2 = f"{CRM}/deal/d1", f"{CRM}/deal/d2"


def influenced(*events, **rules) -> tuple[str, ...]:
    world = World(**rules)
    world.tell(*events)
    fact = world.fact()
    return () if fact is None else fact.influenced_by


def test_the_models_stand_side_by_side_and_each_sums_to_the_amount():
    world = World()
    world.tell(deal(), overlap("red", -20), registered("blue", -5), signalled("green", at=2), routed(by="blue", at=3))
    assert world.amounts("first_touch") == {"red": "1000.00"}
    assert world.amounts("last_touch") == {"blue": "1000.00"}
    assert world.amounts("even") == {"blue": "500.00", "green": "250.00", "red": "250.00"}
    assert world.amounts("position") == {"blue": "500.00", "red": "400.00", "green": "100.00"}
    fact = world.fact()
    assert (fact.sourced_by, fact.influenced_by) == ("blue", ("blue", "green", "red"))
    assert [world.touches[each].kind for each in fact.touches] == ["overlap", "registration", "signal", "lead"]


def test_the_crm_shows_them_on_the_deal_by_display_name_and_amount():
    world = World()
    world.tell(deal(), overlap("red", -20), registered("blue", -5))
    assert world.shown[D1] == {
        "sourced_by": "Blue",
        "influenced_by": ["Blue", "Red"],
        "first_touch": ["Red: 1000.00 EUR"],
        "last_touch": ["Blue: 1000.00 EUR"],
        "even": ["Blue: 500.00 EUR", "Red: 500.00 EUR"],
        "position": ["Blue: 500.00 EUR", "Red: 500.00 EUR"],
        "touches": 2,
    }


def test_what_has_not_changed_is_neither_told_nor_written_again():
    world = World()
    world.tell(deal(), overlap())
    assert world.tell(deal(), overlap(), deal(version=2, next_step="call them")) == []


def test_only_the_fields_that_have_changed_are_written():
    world = World()
    world.tell(deal(), registered("blue", -5))
    (write,) = (it for it in world.tell(routed(by="blue", at=3)) if isinstance(it, Write))
    assert write.fields == {"touches": 2}


def test_a_crm_that_does_not_take_it_is_not_written():
    world = World(Connected(crms=(CRM, HUB), takes={"deal_attribution": (HUB,)}))
    world.tell(deal(), overlap())
    assert world.shown == {}
    assert world.fact() is not None


def test_of_a_deal_in_which_no_partner_has_a_part_nothing_is_told():
    assert World().tell(deal(), deal(version=2, amount=Decimal(5))) == []


def test_when_the_last_touch_falls_the_deal_is_told_empty_once():
    world = World()
    world.tell(deal(), overlap())
    said = world.tell(overlap(ended=3), overlap(ended=3))
    (fact,) = (it for it in said if isinstance(it, AttributionDecided))
    assert (fact.influenced_by, fact.models, fact.reasons) == ((), {}, ("No partner has a part in it.",))
    assert world.shown[D1]["influenced_by"] == []


def test_a_deal_without_an_amount_has_partners_and_no_shares():
    world = World()
    world.tell(deal(amount=None), registered())
    assert (world.fact().sourced_by, world.fact().models) == ("blue", {})
    world.tell(deal(version=2, amount=Decimal("0")))
    assert world.amounts("even") == {"blue": "0.00"}


def test_a_registration_brings_a_deal_that_was_opened_after_its_approval_only():
    before, after = World(), World()
    before.tell(deal(), registered(approved=-1))
    after.tell(deal(), registered(approved=1))
    assert (before.fact().sourced_by, after.fact().sourced_by) == ("blue", None)
    assert after.fact().influenced_by == ("blue",)


def test_an_overlap_alone_brings_no_deal_unless_the_rules_say_so():
    shipped, own = World(), World(touches={"sources": ("overlap",)})
    for world in (shipped, own):
        world.tell(deal(), overlap())
    assert (shipped.fact().sourced_by, own.fact().sourced_by) == (None, "blue")


def test_a_touch_about_the_deal_itself_brings_it_before_an_earlier_one_of_the_account():
    world = World()
    world.tell(deal(), registered("red", -50), routed("converted", "blue", at=-2, deal=D1))
    assert world.fact().sourced_by == "blue"


def test_where_nobody_knows_since_when_there_is_a_deal_only_a_touch_about_it_can_have_brought_it():
    world = World()
    world.tell(deal(created_at=None), registered("red", -50))
    assert world.fact().sourced_by is None
    world.tell(routed("converted", "blue", at=-2, deal=D1))
    assert world.fact().sourced_by == "blue"


def test_a_touch_further_back_than_the_rules_look_does_not_count():
    assert influenced(deal(), overlap("red", -366), overlap("blue", -364)) == ("blue",)


def test_a_touch_about_another_deal_of_the_account_does_not_count():
    world = World()
    world.tell(deal(), deal("d2"), registered(deal=D2), overlap("red"))
    assert world.fact(D1).influenced_by == ("red",)
    assert world.fact(D2).influenced_by == ("blue", "red")


def test_a_kind_that_does_not_count_is_recorded_all_the_same():
    world = World(touches={"counts": ("registration",)})
    world.tell(deal(), overlap())
    assert len(world.touches) == 1
    assert world.fact() is None


def test_what_comes_after_a_deal_was_closed_does_not_count():
    close = day(10).date()
    assert influenced(won(close), overlap("red", 9), overlap("blue", 11)) == ("red",)
    assert influenced(deal(close_date=close), overlap("red", 9), overlap("blue", 11)) == ("blue", "red")


def test_a_closed_deal_without_a_day_was_closed_when_it_was_last_changed_at_the_latest():
    assert influenced(won(None, at=day(10)), overlap("red", 9), overlap("blue", 11)) == ("red",)


def test_a_closed_deal_keeps_what_stood_on_its_last_day():
    world = World()
    world.tell(won(day(10).date()), overlap("red", -2), overlap("blue", -2))
    assert [it for it in world.tell(overlap("red", -2, ended=11)) if not hasattr(it, "touch")] == []
    world.tell(overlap("blue", -2, ended=9))
    assert world.fact().influenced_by == ("red",)


def test_what_a_newer_version_of_a_signal_no_longer_says_was_never_so():
    world = World()
    world.tell(won(day(10).date()), signalled("red", -2), signalled("blue", 12, version=2))
    assert world.fact().influenced_by == ()


def test_a_deal_that_is_opened_again_counts_on():
    world = World()
    world.tell(won(day(10).date()), overlap("red", 9), overlap("blue", 11))
    world.tell(deal(version=6, stage=DealStage.NEGOTIATION))
    assert world.fact().influenced_by == ("blue", "red")


TRAINED = {
    "within the deal's life": (4, ("blue",), 2),
    "before it was opened": (-1, ("blue",), 1),
    "after it was closed": (11, ("blue",), 1),
}


@pytest.mark.parametrize("when", TRAINED)
def test_a_certification_counts_within_the_deals_life_where_its_partner_has_another_touch(when: str):
    on, partners, touches = TRAINED[when]
    world = World()
    world.tell(won(day(10).date()), overlap("blue"), certified(on=on), certified("red", on=on, email="ben@red.com"))
    assert (world.fact().influenced_by, len(world.fact().touches)) == (partners, touches)


def test_a_certification_that_comes_before_the_other_touch_counts_as_soon_as_that_is_there():
    world = World()
    world.tell(deal(), certified(on=4))
    assert world.fact() is None
    world.tell(overlap())
    assert len(world.fact().touches) == 2


def test_of_many_certified_people_the_earliest_counts_as_the_rules_say():
    people = [certified(on=on, email=f"{on}@blue.com") for on in (40, 5, 70)]
    one, two = World(), World(training={"most": 2})
    for world in (one, two):
        world.tell(deal(), overlap(), *people)
    days = [world.touches[each].at for world in (one, two) for each in world.fact().touches[1:]]
    assert days == [day(on) - timedelta(hours=12) for on in (5, 5, 40)]


def test_a_deal_in_two_crms_counts_once_in_the_crm_that_is_named_first_and_is_shown_in_both():
    world = World()
    world.tell(deal("h1", crm=HUB, account="ha1", tandem_key="k1"), overlap("red", account="ha1", crm=HUB))
    assert world.amounts("even", f"{HUB}/deal/h1") == {"red": "1000.00"}
    world.tell(deal(tandem_key="k1"), registered())
    assert world.fact(f"{HUB}/deal/h1").models == {}
    assert world.amounts("even") == {"blue": "500.00", "red": "500.00"}
    assert world.shown[f"{HUB}/deal/h1"] == world.shown[D1]


def test_twins_that_part_count_each():
    world = World()
    world.tell(
        deal(tandem_key="k1"), deal("h1", crm=HUB, tandem_key="k1"), offered(offer="our-aws/offer/o1", state="released")
    )
    world.tell(offered(deal=f"{HUB}/deal/h1", offer="our-aws/offer/o2", state="released"))
    assert len(world.fact().touches) == 2
    world.tell(deal("h1", 2, crm=HUB))
    assert [len(world.fact(each).touches) for each in (D1, f"{HUB}/deal/h1")] == [1, 1]


def test_an_overlap_that_is_seen_from_the_account_in_two_crms_is_one_touch():
    world = World()
    world.tell(deal(tandem_key="k1"), deal("h1", crm=HUB, account="ha1", tandem_key="k1"))
    world.tell(overlap("blue", -10), overlap("blue", -9, account="ha1", crm=HUB), overlap("red", -8))
    assert len(world.fact().touches) == 2


def test_a_registration_that_names_its_deal_by_the_key_that_it_was_made_under_counts_for_it():
    assert influenced(deal(tandem_key="reg-1"), registered(deal="reg-1", account=None)) == ("blue",)


def test_a_deal_that_is_merged_into_another_brings_its_touches_along():
    world = World()
    world.tell(deal(), deal("d2"), deal("d3"), registered(deal=f"{CRM}/deal/d3", account=None))
    world.tell(gone("d3", into="d2"), gone("d2", into="d1"))
    assert (world.fact(D2).influenced_by, world.fact(D1).influenced_by) == ((), ("blue",))
    world.tell(registered(status="withdrawn", deal=f"{CRM}/deal/d3"))
    assert world.fact(D1).influenced_by == ()


def test_a_deleted_deal_has_no_shares_any_more_and_is_written_nothing():
    world = World()
    world.tell(deal(), overlap())
    said = world.tell(gone())
    assert [it.TYPE for it in said] == ["tandem.attribution.decided"]
    assert said[0].reasons == ("The deal is gone.",)


def test_a_deal_that_comes_back_is_written_all_of_it():
    world = World()
    world.tell(deal(), overlap(), gone())
    (write,) = (it for it in world.tell(deal(version=10)) if isinstance(it, Write))
    assert write.fields["influenced_by"] == ["Blue"]


def test_a_deal_that_moves_to_another_account_leaves_the_touches_of_the_first_behind():
    world = World()
    world.tell(deal(), overlap("red"), overlap("blue", account="a2"), deal(version=2, account="a2"))
    assert world.fact().influenced_by == ("blue",)


def test_a_deal_of_a_system_that_is_no_crm_of_ours_is_ignored():
    assert World().tell(overlap(), deal(crm=PRM))[1:] == []
