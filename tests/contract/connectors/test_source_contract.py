"""What every source promises, whatever the system."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.messages import ChangeKind
from tests.contract.connectors.worlds import SOURCES, Reader, SourceWorld


@pytest.fixture(params=SOURCES)
def world(request):
    with SOURCES[request.param]() as opened:
        yield opened


def lacks(world: SourceWorld, ability: str) -> bool:
    """Whether nobody can do this in the system, to whatever record."""
    return ability in getattr(world, "lacks", ())


def needs(world: SourceWorld, ability: str) -> None:
    if lacks(world, ability):
        pytest.skip(f"nobody can {ability} a record of this system")


def acme_and_friends(world: SourceWorld) -> list[str]:
    """Five records: two in one second, one much older, one deleted, one edited."""
    oldest = world.create("Oldest Ltd")
    world.wait(3600)
    ids = [world.create("Acme Robotics"), world.create("Borealis AG"), world.create("Cumulus SE")]
    world.wait(1)
    if not lacks(world, "delete"):
        world.delete(ids[1])
    if not lacks(world, "edit"):
        world.edit(ids[2], "Cumulus Clouds SE")
    return [oldest, *ids]


def test_the_first_start_tells_every_record(world):
    acme_and_friends(world)
    reader = Reader(world)
    reader.poll()
    assert reader.view() == world.state()


def test_nothing_is_told_twice_once_it_has_caught_up(world):
    acme_and_friends(world)
    reader = Reader(world)
    reader.poll()
    told = len(reader.told)
    reader.poll()
    world.wait(3600)
    reader.poll()
    reader.poll()
    assert len(reader.told) == told


def test_an_edit_is_told_with_its_new_values(world):
    needs(world, "edit")
    acme = world.create("Acme Robotics")
    reader = Reader(world)
    reader.poll()
    world.edit(acme, "Acme Robotics AG")
    reader.poll()
    assert (reader.told[-1].record_id, reader.view()[acme]) == (acme, "Acme Robotics AG")


def test_a_deletion_is_told_without_a_row(world):
    needs(world, "delete")
    acme = world.create("Acme Robotics")
    reader = Reader(world)
    reader.poll()
    world.delete(acme)
    reader.poll()
    assert (reader.told[-1].record_id, reader.told[-1].kind, reader.told[-1].row) == (acme, ChangeKind.DELETED, None)


def test_the_last_record_of_a_system_can_be_deleted_and_others_come_after_it(world):
    needs(world, "delete")
    acme = world.create("Acme Robotics")
    reader = Reader(world)
    reader.poll()
    world.delete(acme)
    reader.poll()
    assert reader.view() == {}
    borealis = world.create("Borealis AG")
    reader.poll()
    assert reader.view() == {borealis: "Borealis AG"}


def test_a_record_that_was_deleted_between_two_polls_is_told_as_deleted(world):
    needs(world, "delete")
    reader = Reader(world)
    world.create("Acme Robotics")
    reader.poll()
    world.wait(7200)
    borealis = world.create("Borealis AG")
    world.wait(1)
    world.delete(borealis)
    reader.poll()
    assert reader.view() == world.state()


def test_a_kill_after_any_number_of_events_loses_nothing_and_repeats_nothing_that_was_saved(world):
    acme_and_friends(world)
    undisturbed = Reader(world)
    total = undisturbed.poll()
    for after in range(total + 1):
        reader = Reader(world)
        reader.poll(stop_after=after)
        reader.poll()
        assert reader.view() == world.state()
        assert len(reader.told) == len(undisturbed.told)


def test_a_kill_after_each_single_event_still_arrives(world):
    acme_and_friends(world)
    reader = Reader(world)
    while reader.poll(stop_after=1):
        pass
    assert reader.view() == world.state()


def test_versions_of_one_record_only_rise(world):
    needs(world, "edit")
    acme = world.create("Acme Robotics")
    reader = Reader(world)
    for name in ("Acme 1", "Acme 2", "Acme 1"):
        reader.poll()
        world.edit(acme, name)
    reader.poll()
    versions = [change.version for change in reader.told]
    assert versions == sorted(set(versions))
    assert len(versions) == 4


def test_a_change_names_only_fields_of_the_mapping(world):
    world.create("Acme Robotics")
    reader = Reader(world)
    reader.poll()
    mapped = {path.partition(".")[0] for path in world.table.vendor_fields}
    assert set(reader.told[0].row) <= mapped


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.sampled_from(["Acme", "Borealis", "Cumulus"])),
        st.tuples(st.just("edit"), st.integers(0, 5), st.sampled_from(["One", "Two", "Three"])),
        st.tuples(st.just("delete"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.sampled_from([1, 3, 6, 4000])),
        st.tuples(st.just("poll"), st.one_of(st.none(), st.integers(0, 4))),
    ),
    max_size=30,
)


def perform(world: SourceWorld, reader: Reader, step: tuple) -> None:
    living = [] if lacks(world, step[0]) else sorted(world.state())
    match step:
        case ("create", name):
            world.create(name)
        case ("edit", number, name) if living:
            world.edit(living[number % len(living)], name)
        case ("delete", number) if living:
            world.delete(living[number % len(living)])
        case ("wait", seconds):
            world.wait(seconds)
        case ("poll", stop_after):
            reader.poll(stop_after)


@pytest.mark.parametrize("name", SOURCES)
def test_whatever_happens_between_polls_and_kills_the_last_states_are_those_of_the_system(name):
    with SOURCES[name]() as world:

        @settings(max_examples=60)
        @given(STEPS)
        def holds(steps):
            world.reset()
            reader = Reader(world)
            for step in steps:
                perform(world, reader, step)
            reader.poll()
            assert reader.view() == world.state()
            told = len(reader.told)
            reader.poll()
            assert len(reader.told) == told

        holds()
