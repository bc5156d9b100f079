"""Automations of the systems themselves: what they make of our writes ends, however they answer each other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.reconcile import Rules
from tests.unit.streams.reconcile.world import World

ACME = {"name": "Acme", "website": "acme.com"}
PER_EDIT = 2 * (Rules().max_hops + 2)


def pair(triggers: dict, **more) -> World:
    world = World(triggers=triggers, **more)
    for name, crm in world.crms.items():
        crm.create("account", ACME, f"{name}1")
    world.start()
    world.tick(600)
    return world


def decided(world: World) -> int:
    return sum(len(world.decided(name)) for name in world.crms)


def capitals(before: dict, after: dict, own: bool) -> dict:
    return {**after, "NAME": after["NAME"].upper()}


def back(before: dict, after: dict, own: bool) -> dict:
    """Whatever our user writes as a phone number is taken back."""
    return {**after, "PHONE": before["PHONE"] if own else after["PHONE"]}


def appending(field: str, to: str):
    """Where one field changes, the other gets a letter more."""

    def trigger(before: dict, after: dict, own: bool) -> dict:
        return {**after, to: (after[to] or "") + "x"} if before[field] != after[field] else after

    return trigger


def test_what_an_org_makes_of_our_value_is_settled_and_goes_nowhere():
    world = pair({})
    world.bob.trigger = capitals
    before = decided(world)
    world.ann.edit("account", "ann1", {"name": "Acme Robotics"})
    world.settle()
    assert world.bob.values("account", "bob1")["name"] == "ACME ROBOTICS"
    assert world.ann.values("account", "ann1")["name"] == "Acme Robotics"
    assert decided(world) == before + 1
    assert world.open() == []


def test_what_an_org_changes_beside_our_value_is_passed_on():
    def follow(before: dict, after: dict, own: bool) -> dict:
        return {**after, "COUNTRY": "DE"} if (after["PHONE"] or "").startswith("+49") else after

    world = pair({"bob": follow})
    world.ann.edit("account", "ann1", {"phone": "+49 30"})
    world.settle()
    assert world.ann.values("account", "ann1")["country"] == "DE"


def test_a_value_that_an_org_takes_back_is_not_sent_for_ever_and_is_shown():
    world = pair({"bob": back})
    before = decided(world)
    world.ann.edit("account", "ann1", {"phone": "1"})
    world.settle()
    assert decided(world) - before <= 4
    (conflict,) = world.open("automation")
    assert (conflict.field, conflict.lost) == ("phone", "1")
    world.bob.edit("account", "bob1", {"phone": "2"})
    world.settle()
    assert world.ann.values("account", "ann1")["phone"] == "2"
    assert world.open() == []


def test_two_automations_that_answer_each_other_are_stopped_and_shown():
    world = pair({"ann": appending("COUNTRY", "PHONE"), "bob": appending("PHONE", "COUNTRY")})
    before = decided(world)
    world.ann.edit("account", "ann1", {"phone": "1"})
    world.settle()
    assert decided(world) - before <= PER_EDIT
    assert {conflict.kind for conflict in world.open()} == {"automation"}
    world.tick(3600)
    world.ann.edit("account", "ann1", {"name": "Acme Robotics"})
    world.settle()
    assert world.bob.values("account", "bob1")["name"] == "Acme Robotics"


@pytest.mark.parametrize("owner", ["COUNTRY", "CITY"])
def test_an_automation_that_answers_itself_through_the_system_of_record_is_stopped(owner):
    def flip(before: dict, after: dict, own: bool) -> dict:
        other = {"CITY": "STREET", "STREET": "CITY", "COUNTRY": "POSTAL_CODE", "POSTAL_CODE": "COUNTRY"}
        made = dict(after)
        for field, beside in other.items():
            if own and before[field] != after[field]:
                made[beside] = f"{made[beside] or ''}x"
        return made

    world = pair({"bob": flip})
    before = decided(world)
    world.ann.edit("account", "ann1", {"city": "Berlin", "country": "DE"})
    world.settle()
    assert decided(world) - before <= 2 * PER_EDIT


chars = st.sampled_from("ab")


@st.composite
def automations(draw):
    """An automation that appends to, copies or swaps fields, under our user or another one."""
    steps = draw(st.lists(st.tuples(st.sampled_from(["copy", "append", "swap"]), FIELD, FIELD), min_size=1, max_size=2))
    only_own = draw(st.booleans())

    def trigger(before: dict, after: dict, own: bool) -> dict:
        made = dict(after)
        for kind, one, other in steps if own or not only_own else ():
            if kind == "copy" and before[one] != after[one]:
                made[other] = made[one]
            elif kind == "append" and before[one] != after[one] and one != other:
                made[other] = (made[other] or "") + "x"
            elif kind == "swap" and own:
                made[one], made[other] = made[other] or "-", made[one] or "-"
        return made

    return trigger


FIELD = st.sampled_from(["PHONE", "COUNTRY", "POSTAL_CODE", "NAME", "CITY"])


@settings(max_examples=80)
@given(
    ann=automations(),
    bob=automations(),
    edits=st.lists(st.tuples(st.sampled_from(["ann", "bob"]), FIELD, chars), min_size=1, max_size=5),
    coalesce=st.booleans(),
)
def test_whatever_two_automations_do_there_is_an_end_and_a_bound(ann, bob, edits, coalesce):
    world = pair({"ann": ann, "bob": bob})
    before = decided(world)
    for name, field, value in edits:
        world.crms[name].edit("account", f"{name}1", {field.lower(): value})
        world.settle(coalesce)
        world.tick(100)
    assert world.dead() == []
    # Each edit and each answer may start a chain in each of the five fields.
    assert decided(world) - before <= 5 * PER_EDIT * len(edits)
