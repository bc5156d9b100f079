"""What becomes of commands: an outcome counts once, and one of something else not at all."""

from schemas.messages import WriteStatus
from tests.unit.streams.offers.world import World

DEAL = "crm/deal/006A"


def refused() -> World:
    world = World().start()
    world.clouds.refusals = 1
    return world.deal()


def test_a_dead_letter_that_a_person_sends_again_is_followed():
    world = refused()
    assert world.state() == "create_failed"
    again = world.clouds.write(world.asked()[0])
    world.publish(again)
    world.work()
    assert world.state() == "released"
    assert world.problem() == ""
    assert len(world.asked()) == 1


def test_an_outcome_of_something_that_was_never_sent_is_passed_over():
    world = World().start().deal()
    for change in ({"key": "other"}, {"write_id": "other", "status": WriteStatus.REJECTED}, {"connection": "x"}):
        world.publish(world.finished[0].model_copy(update=change))
    before = world.outputs()
    world.drain()
    assert {**world.outputs(), "rows": 0} == {**before, "rows": 0}


def test_a_refusal_that_is_told_after_the_change_set_was_seen_changes_nothing():
    world = World().start().deal().work()
    world.publish(world.finished[0].model_copy(update={"status": WriteStatus.REJECTED, "target_id": None}))
    world.drain()
    assert world.state() == "released"
