"""API calls: the usage of every answer counts, the reserve is never touched, and a connection that slows down says so."""

import pytest

from connectors.errors import PauseConnection, RetryLater


def spend(world, share):
    usage = world.running.org.usage
    usage.used = int(usage.maximum * share)


def test_the_budget_is_that_of_the_last_answer(world):
    assert world.source.budget() is None
    world.pull()
    budget = world.source.budget()
    assert (budget.used, budget.quota, budget.reserve) == (world.calls(), 15000, 1500)


def test_from_the_slow_share_on_the_calls_are_spread_and_that_is_said(world):
    world.create(Name="Acme")
    world.pull()
    spend(world, 0.75)
    world.create(Name="Borealis")
    assert len(world.pull()) == 1
    world.create(Name="Cumulus")
    world.pull()
    with pytest.raises(RetryLater, match=r"slowed down: 112\d\d of 15000 API calls are used, 1500 are kept") as raised:
        world.pull()
    assert raised.value.after > 0


def test_after_the_wait_that_was_asked_for_it_goes_on(world):
    world.pull()
    spend(world, 0.75)
    for name in ("Acme", "Borealis", "Cumulus"):
        world.create(Name=name)
        try:
            world.pull()
        except RetryLater as slowed:
            world.wait(slowed.after + 1)
            world.pull()
    assert {row["Name"] for row in world.view().values()} == {"Acme", "Borealis", "Cumulus"}


def test_below_the_slow_share_nothing_is_slowed(world):
    world.pull()
    spend(world, 0.6)
    for name in ("Acme", "Borealis", "Cumulus"):
        world.create(Name=name)
        assert len(world.pull()) == 1


def test_the_reserve_is_never_touched_not_even_by_looking_whether_the_pause_is_over(world):
    """A day of pauses, each followed by one look."""
    world.pull()
    spend(world, 0.8934)
    reasons = []
    for number in range(60):
        world.create(Name=f"Account {number}")
        try:
            world.pull()
        except (RetryLater, PauseConnection) as error:
            reasons.append(error.reason)
            world.wait(error.after + 1)
    pauses = [reason for reason in reasons if "left to others" in reason]
    assert len(pauses) > 20
    assert world.calls() < 13500


def test_events_are_read_without_a_call_where_nothing_mapped_changed(world):
    acme = world.create(Name="Acme")
    world.pull()
    before = world.calls()
    for number in range(20):
        world.update(acme, AccountNumber=str(number))
        world.pull()
    assert world.calls() == before
