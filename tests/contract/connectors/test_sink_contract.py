"""What every sink promises, whatever the system."""

import pytest

from connectors.base import Applied, Rejected
from tests.contract.connectors.worlds import SINKS, SinkWorld, send


@pytest.fixture(params=SINKS)
def world(request):
    with SINKS[request.param]() as opened:
        yield opened


def test_a_write_arrives_with_every_field(world: SinkWorld):
    (key,) = world.keys(1)
    (outcome,) = send(world, {key: world.good})
    assert isinstance(outcome, Applied)
    assert outcome.changed
    stored = world.read(key)
    assert {name: stored[name] for name in world.good} == dict(world.good)


def test_there_is_one_outcome_for_each_write_in_their_order(world: SinkWorld):
    keys = world.keys(3)
    first = send(world, {keys[1]: world.good})
    outcomes = send(world, {keys[0]: world.good, keys[1]: world.good, keys[2]: world.bad})
    assert [type(outcome) for outcome in outcomes] == [Applied, Applied, Rejected]
    assert (outcomes[1].target_id, outcomes[1].changed) == (first[0].target_id, False)


def test_no_writes_are_no_outcomes(world: SinkWorld):
    assert list(world.restart().write(world.table, [])) == []


def test_a_batch_may_be_as_large_as_the_sink_says(world: SinkWorld):
    keys = world.keys(world.restart().batch_size)
    outcomes = send(world, dict.fromkeys(keys, world.good))
    assert len(outcomes) == len(keys)
    assert all(isinstance(outcome, Applied) for outcome in outcomes)


def test_a_null_is_really_written(world: SinkWorld):
    (key,) = world.keys(1)
    send(world, {key: world.good})
    send(world, {key: {world.nullable: None}})
    assert world.read(key)[world.nullable] is None


def test_fields_that_a_write_does_not_name_are_left_alone(world: SinkWorld):
    (key,) = world.keys(1)
    send(world, {key: world.good})
    send(world, {key: {world.nullable: None}})
    stored = world.read(key)
    assert all(stored[name] == value for name, value in world.good.items() if name != world.nullable)


def test_a_bad_row_does_not_fail_its_neighbours(world: SinkWorld):
    keys = world.keys(3)
    outcomes = send(world, {keys[0]: world.good, keys[1]: world.bad, keys[2]: world.good})
    assert [isinstance(outcome, Applied) for outcome in outcomes] == [True, False, True]
    assert world.effects(keys[2]) == 1


def test_a_refusal_says_the_code_the_reason_and_what_to_do(world: SinkWorld):
    (key,) = world.keys(1)
    (outcome,) = send(world, {key: world.bad})
    assert isinstance(outcome, Rejected)
    assert outcome.code
    assert outcome.reason
    assert outcome.remedy


def test_a_field_that_the_mapping_does_not_know_rejects_only_its_row(world: SinkWorld):
    keys = world.keys(2)
    outcomes = send(world, {keys[0]: {**world.good, "shoe_size": 43}, keys[1]: world.good})
    assert isinstance(outcomes[0], Rejected)
    assert outcomes[0].field == "shoe_size"
    assert isinstance(outcomes[1], Applied)


def test_writing_twice_has_one_visible_effect(world: SinkWorld):
    (key,) = world.keys(1)
    send(world, {key: world.good})
    (again,) = send(world, {key: world.good})
    assert isinstance(again, Applied)
    assert not again.changed
    assert world.effects(key) == 1


def test_an_update_changes_the_same_record(world: SinkWorld):
    (key,) = world.keys(1)
    (first,) = send(world, {key: world.good})
    (second,) = send(world, {key: world.changed})
    assert (second.target_id, second.changed) == (first.target_id, True)
    stored = world.read(key)
    assert {name: stored[name] for name in world.changed} == dict(world.changed)
