"""What every sink promises, whatever the system."""

import pytest

from connectors.base import Applied, Overtaken, Rejected
from connectors.errors import RetryLater
from schemas.messages import Write, WriteAction
from tests.contract.connectors.worlds import SINKS, SinkWorld, push, send, writes

SEVERAL = 230  # more than any call takes that a sink makes for a large batch
STEPS = 12  # more calls than a write of two rows takes


@pytest.fixture(params=SINKS)
def world(request):
    with SINKS[request.param]() as opened:
        why = getattr(opened, "exempt", {}).get(request.function.__name__)
        if why is not None:
            pytest.skip(why)
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
    assert list(world.restart().write(world.tables, [])) == []


def test_a_batch_may_be_as_large_as_the_sink_says(world: SinkWorld):
    keys = world.keys(min(world.restart().batch_size, SEVERAL))
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


def one(world: SinkWorld, key: str, **update: object) -> Write:
    """A write of the good values, otherwise as `update` says."""
    (write,) = writes(world, {key: world.good})
    return write.model_copy(update=update)


def test_a_write_goes_where_the_expected_still_stands(world: SinkWorld):
    (key,) = world.keys(1)
    send(world, {key: world.good})
    (outcome,) = push(world, [one(world, key, fields=dict(world.changed), expected=dict(world.good))])
    assert isinstance(outcome, Applied)
    assert outcome.changed
    stored = world.read(key)
    assert {name: stored[name] for name in world.changed} == dict(world.changed)


def test_a_write_whose_record_has_changed_is_overtaken_and_says_what_stands_there(world: SinkWorld):
    (key,) = world.keys(1)
    send(world, {key: world.good})
    world.edit(key, {world.nullable: "somebody else's"})
    wanted = {world.nullable: "ours"}
    (outcome,) = push(world, [one(world, key, fields=wanted, expected={world.nullable: world.good[world.nullable]})])
    assert isinstance(outcome, Overtaken)
    assert "somebody else's" in outcome.found
    assert world.read(key)[world.nullable] == "somebody else's"


def test_one_that_is_overtaken_does_not_hold_back_its_neighbours(world: SinkWorld):
    keys = world.keys(3)
    send(world, dict.fromkeys(keys, world.good))
    world.edit(keys[1], {world.nullable: "somebody else's"})
    expected = {world.nullable: world.good[world.nullable]}
    outcomes = push(world, [one(world, key, fields={world.nullable: "ours"}, expected=expected) for key in keys])
    assert [type(outcome) for outcome in outcomes] == [Applied, Overtaken, Applied]
    assert [world.read(key)[world.nullable] for key in keys] == ["ours", "somebody else's", "ours"]


def test_a_write_whose_values_stand_already_is_applied_whatever_was_expected(world: SinkWorld):
    (key,) = world.keys(1)
    send(world, {key: world.changed})
    (outcome,) = push(world, [one(world, key, fields=dict(world.changed), expected=dict(world.good))])
    assert isinstance(outcome, Applied)
    assert not outcome.changed


def test_a_record_that_was_to_be_there_and_is_gone_is_not_made_anew(world: SinkWorld):
    (key,) = world.keys(1)
    send(world, {key: world.good})
    world.remove(key)
    (outcome,) = push(world, [one(world, key, fields=dict(world.changed), expected=dict(world.good))])
    assert isinstance(outcome, Overtaken)
    assert world.read(key) is None


def needs_archives(world: SinkWorld) -> None:
    if not getattr(world, "archives", True):
        pytest.skip("this system removes nothing")


def test_an_archived_record_is_gone_and_a_second_archive_changes_nothing(world: SinkWorld):
    needs_archives(world)
    (key,) = world.keys(1)
    send(world, {key: world.good})
    archive = one(world, key, fields={}, action=WriteAction.ARCHIVE)
    (first,) = push(world, [archive])
    assert isinstance(first, Applied)
    assert first.changed
    assert world.read(key) is None
    (second,) = push(world, [archive])
    assert isinstance(second, Applied)
    assert not second.changed


def test_an_archive_is_overtaken_where_the_record_has_changed(world: SinkWorld):
    needs_archives(world)
    (key,) = world.keys(1)
    send(world, {key: world.good})
    world.edit(key, {world.nullable: "still needed"})
    expected = {world.nullable: world.good[world.nullable]}
    (outcome,) = push(world, [one(world, key, fields={}, action=WriteAction.ARCHIVE, expected=expected)])
    assert isinstance(outcome, Overtaken)
    assert world.read(key) is not None


def test_archives_and_values_keep_their_places_in_one_batch(world: SinkWorld):
    needs_archives(world)
    keys = world.keys(3)
    send(world, dict.fromkeys(keys, world.good))
    archive = one(world, keys[1], fields={}, action=WriteAction.ARCHIVE)
    outcomes = push(world, [one(world, keys[0]), archive, one(world, keys[2], fields=dict(world.changed))])
    assert [outcome.changed for outcome in outcomes] == [False, True, True]
    assert world.read(keys[1]) is None


def test_several_writes_to_one_record_go_as_one_and_each_has_its_outcome(world: SinkWorld):
    (key,) = world.keys(1)
    batch = [one(world, key), one(world, key, fields={world.nullable: "the last"})]
    first, second = push(world, batch)
    assert first == second
    assert world.read(key) == {**world.read(key), **world.good, world.nullable: "the last"}
    assert world.effects(key) == 1


def test_a_look_tells_what_stands_in_the_fields_of_each_write_and_changes_nothing(world: SinkWorld):
    there, empty, gone = world.keys(3)
    send(world, {there: world.good, gone: world.good})
    world.remove(gone)
    before = world.effects(there)
    batch = [one(world, there, fields=dict(world.changed)), one(world, gone), one(world, empty)]
    found = world.restart().look(world.table, batch)
    blank = None if world.creates else dict.fromkeys(world.good)
    assert list(found) == [{name: world.read(there)[name] for name in world.changed}, None, blank]
    assert world.effects(there) == before


def test_a_parent_comes_with_its_record_and_again_changes_neither(world: SinkWorld):
    if world.parent is None:
        pytest.skip("no record of this kind is written with a parent")
    (key,) = world.keys(1)
    write = one(world, key, parent=world.parent)
    (first,) = push(world, [write])
    assert isinstance(first, Applied)
    assert world.parents() == 1
    (again,) = push(world, [write])
    assert (again.target_id, again.changed) == (first.target_id, False)
    assert (world.parents(), world.effects(key)) == (1, 1)


def test_a_parent_stays_away_when_its_record_is_refused(world: SinkWorld):
    if world.parent is None:
        pytest.skip("no record of this kind is written with a parent")
    bad, good = world.keys(2)
    refused, landed = push(
        world, [one(world, bad, fields=dict(world.bad), parent=world.parent), one(world, good, fields=dict(world.good))]
    )
    assert isinstance(refused, Rejected)
    assert isinstance(landed, Applied)
    assert (world.parents(), world.read(bad)) == (0, None)


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_write_that_dies_at_any_step_and_comes_again_has_one_visible_effect(world: SinkWorld, step: int):
    keys = world.keys(2)
    batch = [one(world, key) for key in keys]
    world.break_after(step)
    sink = world.restart()
    for _ in range(STEPS):
        try:
            outcomes = sink.write(world.tables, batch)
            break
        except RetryLater as later:
            world.wait(int(later.after or 1))
            # The process is killed where the connection broke, and lives on where the sink only waits.
            sink = world.restart() if later.after is None else sink
    assert all(isinstance(outcome, Applied) for outcome in outcomes)
    assert [world.effects(key) for key in keys] == [1, 1]
    for key in keys:
        assert {name: world.read(key)[name] for name in world.good} == dict(world.good)
