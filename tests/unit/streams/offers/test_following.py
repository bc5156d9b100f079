"""An offer that stands: extended, cancelled, accepted, ended, renewed, and the days on which people are reminded."""

from datetime import timedelta

import pytest

from schemas.messages import Ruling
from tests.unit.streams.offers.world import World

DEAL = "crm/deal/006A"


def released(**more) -> World:
    return World(**more).start().deal().work()


def accepted() -> World:
    world = released()
    world.clouds.accept(world.clouds.offers_of(DEAL)[0])
    return world.settle()


def agreement(world: World) -> str:
    return world.clouds.active()[-1]


def test_a_later_last_day_in_the_deal_extends_the_offer():
    world = released().deal(accept_by="2027-01-31").work()
    (write,) = world.changes()
    assert write.fields == {"accept_by": "2027-01-31"}
    assert write.key == world.shown()["offer_id"]
    assert world.shown()["offer_accept_by"] == "2027-01-31"
    assert [fact.step for fact in world.facts()][-1] == "The last day to accept is another one."


def test_an_earlier_last_day_in_the_deal_does_nothing():
    assert released().deal(accept_by="2026-12-01").work().changes() == []


def test_a_day_that_a_person_moved_in_the_marketplace_is_not_moved_back():
    world = World().start().deal(accept_by="2026-12-31").work()
    world.clouds.by_hand(world.clouds.offers_of(DEAL)[0], world.clouds.today + timedelta(days=5))
    world.settle().deal(next_step="call")
    assert world.changes() == []
    assert world.shown()["offer_accept_by"] == "2026-11-27"


def test_a_person_extends_an_offer_that_stands_or_has_run_out():
    world = released().rule(Ruling.EXTEND_OFFER, DEAL, until="2027-02-01").work()
    assert world.shown()["offer_accept_by"] == "2027-02-01"
    assert "dana has extended the offer to 2027-02-01." in world.changes()[0].reasons
    world.days(120)
    assert world.state() == "expired"
    assert world.rule(Ruling.EXTEND_OFFER, DEAL, until="2027-05-01").work().state() == "released"


def test_an_extension_that_is_none_is_not_sent():
    world = released().rule(Ruling.EXTEND_OFFER, DEAL, until="2026-12-01").rule(Ruling.EXTEND_OFFER, DEAL)
    assert world.rule(Ruling.EXTEND_OFFER, DEAL, until="2020-01-01").work().changes() == []


@pytest.mark.parametrize("by_deal", [True, False])
def test_an_offer_is_cancelled_by_moving_its_last_day_to_yesterday(by_deal):
    world = released()
    world = world.deal(offer_request="cancel") if by_deal else world.rule(Ruling.CANCEL_OFFER, DEAL)
    assert world.shown()["offer_next_step"] == "The offer is being cancelled."
    world.work()
    assert [write.fields for write in world.changes()] == [{"accept_by": "2026-11-21"}]
    assert world.state() == "cancelled"
    assert world.link().reasons == ("We moved the last day to accept it to 2026-11-21.",)


def test_cancelling_an_offer_that_is_being_made_waits_until_it_is_there():
    world = World().start().deal().deal(offer_request="cancel")
    assert world.changes() == []
    assert world.work().state() == "cancelled"


def test_an_accepted_offer_is_not_cancelled_and_the_deal_says_why():
    world = accepted().deal(offer_request="cancel").work()
    assert world.changes() == []
    assert world.state() == "accepted"
    assert "so it cannot be cancelled" in world.shown()["offer_next_step"]
    assert world.rule(Ruling.CANCEL_OFFER, DEAL).changes() == []


def test_a_cancellation_that_fails_is_told_and_asked_for_again_when_the_deal_asks_again():
    world = released().deal(offer_request="cancel").work("client_error")
    assert world.state() == "released"
    assert "The offer could not be cancelled." in world.problem()
    assert len(world.changes()) == 1
    assert world.deal(offer_request=None).problem() == ""
    assert world.deal(offer_request="cancel").work().state() == "cancelled"


def test_a_change_that_fails_by_the_marketplaces_fault_is_tried_three_times():
    world = released().deal(offer_request="cancel").work("server_fault")
    assert len(world.changes()) == 3
    assert "could not be cancelled" in world.problem()


def test_a_change_that_is_refused_is_told():
    world = released()
    world.clouds.refusals = 1
    assert "The last day could not be moved." in world.deal(accept_by="2027-03-03").problem()


def test_what_a_person_cut_short_is_cancelled_and_what_ran_out_has_expired():
    by_hand, alone = released(), released().days(31)
    by_hand.clouds.by_hand(by_hand.clouds.offers_of(DEAL)[0], by_hand.clouds.today - timedelta(days=1))
    by_hand.settle()
    assert by_hand.state() == "cancelled"
    assert "cut short to 2026-11-21" in by_hand.link().reasons[0]
    assert alone.state() == "expired"
    assert "there is no agreement" in alone.link().reasons[0]


def test_the_last_day_counts_in_full():
    assert released().days(30).state() == "released"


def test_a_day_is_over_only_once_the_marketplace_was_read_on_the_next():
    """A ruling tells the hour too; but the offer may have been extended meanwhile by somebody else."""
    world = released()
    world.clouds.by_hand(world.clouds.offers_of(DEAL)[0], world.clouds.today + timedelta(days=90))
    world.clouds.now += timedelta(days=60)
    world.clouds.dirty.clear()  # nobody is told
    world.publish(world.ruling(Ruling.APPROVE_OFFER, DEAL))
    world.drain()
    assert world.state() == "released"
    assert world.settle(whole=True).state() == "released"
    assert [fact.state for fact in world.facts()][-1] == "released"


def test_people_are_reminded_before_the_last_day_once_for_each_span():
    world = released()
    steps = []
    for _ in range(31):
        world.days(1)
        steps.append(world.shown()["offer_next_step"])
    assert list(dict.fromkeys(steps)) == [
        "The buyer has to accept the offer until 2026-12-22.",
        "The buyer has to accept the offer until 2026-12-22. Less than 15 days are left: remind them, or move the last day.",
        "The buyer has to accept the offer until 2026-12-22. Less than 4 days are left: remind them, or move the last day.",
        "To have a new offer made, correct the deal and ask for one once more.",
    ]
    assert steps.index(next(step for step in steps if "15 days" in step)) == 15
    assert len(world.facts()) == 3 + 3


def test_people_are_reminded_before_an_agreement_ends():
    world = accepted()
    world.clouds.put(agreement(world), at_end="renew")
    assert world.settle().shown()["offer_next_step"] is None
    assert world.days(276).shown()["offer_next_step"] == (
        "The agreement ends on 2027-11-22, in less than 91 days. It renews by itself."
    )
    assert "in less than 31 days" in world.days(60).shown()["offer_next_step"]
    assert "was to end on 2027-11-22" in world.days(30).shown()["offer_next_step"]


def test_a_lost_deal_whose_offer_can_still_be_accepted_says_so():
    assert released().deal(stage="lost").shown()["offer_next_step"] == (
        "The deal is lost, and the buyer can still accept the offer until 2026-12-22: cancel it."
    )


def test_an_agreement_stands_on_the_deal_with_its_worth_and_its_days():
    shown = accepted().shown()
    assert shown["offer_state"] == "accepted"
    assert shown["agreement_id"].startswith("agmt-")
    assert (shown["agreement_starts_on"], shown["agreement_ends_on"]) == ("2026-11-22", "2027-11-22")
    assert (shown["offer_amount"], shown["offer_currency"]) == ("12000.00", "USD")


@pytest.mark.parametrize(
    ("status", "state"), [("expired", "ended"), ("cancelled", "terminated"), ("terminated", "terminated")]
)
def test_an_agreement_that_ends_has_ended_in_its_own_way(status, state):
    world = accepted()
    world.clouds.end(agreement(world), status)
    assert world.settle().state() == state


@pytest.mark.parametrize("status", ["renewed", "replaced"])
def test_a_chain_that_goes_on_stays_accepted_with_the_newer_agreement(status):
    world = accepted()
    first = agreement(world)
    world.clouds.end(first, status)
    world.tell(first)
    world.drain()
    assert world.state() == status  # the one that follows is not known yet
    world.settle()
    second = agreement(world)
    assert world.state() == "accepted"
    assert world.link().agreements == (first, second)
    assert world.shown()["agreement_id"] == second.rpartition("/")[2]
    world.clouds.end(second, "expired")
    assert world.settle().state() == "ended"


def test_a_deleted_deal_is_written_to_no_more_and_its_offer_is_left_as_it_is():
    world = released()
    world.clouds.put(DEAL, gone=True)
    before = len(world.settle().decided("crm"))
    world.clouds.accept(world.clouds.offers_of(DEAL)[0])
    world.settle()
    assert [write.entity for write in world.decided("crm")[before:]] == ["private_offer"]
    assert world.state() == "accepted"
    assert world.changes() == []


def test_a_person_cancels_an_offer_that_is_being_made_and_it_is_once_it_is_there():
    world = World().start().deal().rule(Ruling.CANCEL_OFFER, DEAL)
    assert world.changes() == []
    assert world.work().state() == "cancelled"
