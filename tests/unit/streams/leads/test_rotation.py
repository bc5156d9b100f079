"""In turn: over any stretch of leads everybody has its share by weight, whoever comes, goes, is full or was away."""

from collections import Counter
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.streams.leads.world import World

weights = st.lists(st.integers(1, 5), min_size=1, max_size=5)


def routed(world: World, count: int, first: int = 0) -> list[str]:
    return [str(world.who(world.lead(f"l{n}"))[1]) for n in range(first, first + count)]


@settings(max_examples=25, deadline=None)
@given(weights, st.integers(5, 40))
def test_over_any_window_nobody_is_more_than_its_own_lead_and_the_others_ahead(shares: list[int], count: int):
    world = World()
    for n, weight in enumerate(shares):
        world.partner(f"p{n}", weight=weight)
    got = routed(world, count)
    upto = {n: [0, *accumulate(int(each == f"p{n}") for each in got)] for n in range(len(shares))}
    for begin in range(count):
        for end in range(begin + 1, count + 1):
            per_weight = [(upto[n][end] - upto[n][begin]) / share for n, share in enumerate(shares)]
            for one, share in zip(per_weight, shares, strict=True):
                for other, others in zip(per_weight, shares, strict=True):
                    assert one - other <= 1 / share + 1 / others + 1e-9
                    assert len({*shares}) > 1 or one - other <= 1 / share + 1e-9
            assert begin > 0 or max(per_weight) - min(per_weight) <= 1 + 1e-9


def test_a_newcomer_comes_first_once_and_is_owed_nothing_of_before():
    world = World()
    world.partner("acme")
    world.partner("blue")
    routed(world, 10)
    world.partner("cyan")
    assert Counter(routed(world, 9, 10)) == {"acme": 3, "blue": 3, "cyan": 3}


def test_who_was_away_is_owed_nothing_of_that_time():
    world = World()
    world.partner("acme")
    world.partner("blue")
    world.partner("blue", no_leads=True)
    routed(world, 10)
    world.partner("blue")
    assert Counter(routed(world, 6, 10)) == {"acme": 3, "blue": 3}


def test_a_lead_that_is_passed_on_took_the_turn_of_who_declined_it():
    world = World()
    for key in ("acme", "blue", "cyan"):
        world.partner(key)
    lead = world.lead("1")
    world.answer(lead, "acme", "declined")
    assert world.who(lead)[1] == "blue"
    assert world.who(world.lead("2"))[1] == "cyan"
    assert world.who(world.lead("3"))[1] == "acme"


def test_the_turns_go_on_where_they_were_after_a_restart():
    world = World()
    for key in ("acme", "blue", "cyan"):
        world.partner(key)
    routed(world, 4)
    assert routed(world.again(), 2, 4) == ["blue", "cyan"]


def test_leads_that_only_some_can_have_do_not_cost_them_more_than_their_turn():
    world = World()
    world.partner("acme", territories=("dach", "texas"))
    world.partner("blue", territories=("dach",))
    for n in range(20):
        world.lead(f"t{n}", country="US", state="TX")
    assert Counter(routed(world, 10)) == {"acme": 5, "blue": 5}
