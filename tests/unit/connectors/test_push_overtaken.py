"""What the push loop does with writes that came too late, and with archives."""

import pytest

from connectors.base import Overtaken
from schemas.messages import WriteAction
from tests.support.memory_log import Crash
from tests.unit.connectors.push_world import World


def test_a_write_that_came_too_late_is_said_to_be_overtaken_with_what_was_found_and_nothing_is_parked():
    world = World()
    world.target.holds["a"] = {"best_partner": "Globex"}
    world.ask("a", expected={"best_partner": "Acme"}, best_partner="Initech")
    assert world.turn() == 1
    [finished] = world.finished()
    assert (finished.status.value, finished.reason, finished.code) == ("overtaken", "best_partner is Globex", None)
    assert (world.letters(), world.push.stats.overtaken, world.behind()) == ([], 1, 0)


def test_a_write_without_expectations_goes_behind_one_that_is_overtaken():
    world = World()
    world.target.holds["a"] = {"best_partner": "Globex"}
    world.ask("a", expected={"best_partner": "Acme"}, best_partner="Initech")
    world.ask("a", partner_count=3)
    while world.behind():
        world.turn()
    assert world.outcomes() == {"w1": ("overtaken", None), "w2": ("applied", None)}
    assert world.target.holds["a"] == {"best_partner": "Globex", "partner_count": 3}


@pytest.mark.parametrize("fault", ["die-before", "abort"])
def test_a_value_of_our_own_that_a_crash_left_behind_overtakes_nothing(fault):
    world = World(faults=[fault])
    world.target.holds["a"] = {"best_partner": "Acme"}
    world.ask("a", expected={"best_partner": "Acme"}, best_partner="Globex")
    try:
        world.turn()
    except Crash:
        world.start()
    world.ask("a", expected={"best_partner": "Globex"}, best_partner="Initech")
    while world.behind():
        world.turn()
    assert world.outcomes() == {"w1": ("unchanged", None), "w2": ("applied", None)}
    assert world.target.holds["a"] == {"best_partner": "Initech"}


def test_what_the_first_of_several_expected_counts_for_all_of_them():
    world = World()
    world.target.holds["a"] = {"best_partner": "Acme"}
    world.ask("a", expected={"best_partner": "Acme"}, best_partner="Globex")
    world.ask("a", expected={"best_partner": "Globex"}, best_partner="Initech")
    assert world.turn() == 2
    assert [call for [call] in world.target.calls] == [("a", {"best_partner": "Initech"})]


def test_an_archive_goes_by_itself_behind_the_values_and_before_those_that_follow():
    world = World()
    world.ask("a", partner_count=1)
    world.ask("a", action=WriteAction.ARCHIVE)
    world.ask("a", partner_count=2)
    while world.behind():
        world.turn()
    assert [call for [call] in world.target.calls] == [
        ("a", {"partner_count": 1}),
        ("a", {}),
        ("a", {"partner_count": 2}),
    ]
    assert world.outcomes() == dict.fromkeys(("w1", "w2", "w3"), ("applied", None))


def test_an_outcome_that_is_overtaken_ends_a_row_of_refusals():
    world = World()
    world.target.refuses = "bad"
    for number in range(150):
        world.target.answers[f"k{number}"] = [Overtaken("somebody was faster")] if number == 75 else []
        world.ask(f"k{number}", best_partner="bad")
    world.turn()
    assert len(world.letters()) == 149
