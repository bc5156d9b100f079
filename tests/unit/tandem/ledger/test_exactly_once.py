"""Whatever dies and whenever, the rows are those of one clean pass over the topics."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.messages import Message
from tandem.ledger.store import Store
from tests.support.memory_feed import MemoryFeed
from tests.support.memory_log import Crash
from tests.unit.tandem.ledger.offer_world import matched, offered, ruling
from tests.unit.tandem.ledger.partner_world import (
    attributed,
    certified,
    due,
    noticed,
    partner,
    registered,
    routed,
    touched,
)
from tests.unit.tandem.ledger.world import (
    CrashAt,
    World,
    changed,
    conflict,
    contents,
    emptied,
    finished,
    letter,
    linked,
    opened_at,
    overlapped,
    reported,
    resolved,
    told,
    write,
)

names = st.sampled_from(["1", "2", "3"])
times = st.integers(1, 4)
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(changed, names, times),
    st.builds(linked, names, st.sampled_from(["T-1", None]), times),
    st.builds(overlapped, names, times, st.sampled_from(["active", "ended"])),
    st.builds(write, names, times),
    st.builds(finished, st.builds(write, names, times), st.sampled_from(["applied", "rejected"])),
    st.builds(conflict, names, times, still_open=st.booleans()),
    st.builds(letter, names),
    st.builds(resolved, st.builds(letter, names), st.sampled_from(["discarded", "retried"]), times),
    st.builds(offered, names, times, st.sampled_from(["creating", "released", None])),
    st.builds(matched, names, times, st.sampled_from(["proposed", "unlinked"])),
    st.builds(ruling, names, nth=times),
    st.builds(partner, st.sampled_from(["blue", "red"]), times),
    st.builds(routed, names, times, st.sampled_from(["offered", "accepted"])),
    st.builds(registered, names, times, st.sampled_from(["in_review", "approved"])),
    st.builds(attributed, nth=times, shares=st.sampled_from(["blue=1.00", "blue=0.50 red=0.50"])),
    st.builds(touched, names, times, standing=st.booleans()),
    st.one_of(st.builds(certified, nth=times), st.builds(noticed, nth=times), st.builds(due, nth=times)),
    st.builds(reported, state=st.sampled_from(["running", "stopped"]), nth=times),
)


def everything() -> list[Message]:
    """A little of each, with what overwrites what."""
    one, other = write("1"), letter("1")
    return [
        *(changed(name, version) for name in "123" for version in (1, 2)),
        linked("1"), linked("1", None, 2), overlapped("1"), overlapped("1", 2, "ended"),
        one, finished(one, "rejected", code="X"), finished(one), conflict("1"), conflict("1", 2, still_open=False),
        offered("1"), offered("1", 2, "released"), matched("x"), matched("x", 2, "unlinked"), ruling("1"),
        partner(), partner(nth=2, tier=None), certified(), noticed(), routed(), routed(nth=5, state="accepted"), registered(),
        registered(nth=6, status="converted"), due(), touched(), attributed(), attributed(nth=8, shares="red=12500.00"),
        other, resolved(other), other, letter("2"), reported(), reported(state="stopped", nth=2),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def stores_in_files(file_of_tables: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store]:
    folder = tmp_path_factory.mktemp("ledgers")
    one, two = (opened_at(shutil.copy(file_of_tables, folder / name)) for name in ("clean.db", "killed.db"))
    return one, two


def killed_and_started_again(world: World, nth: int, batch: int) -> bool:
    """Feed, dying at the nth step; then feed the rest. Whether it did die."""
    crash = CrashAt(world.store, nth)
    try:
        world.catch_up(batch)
    except Crash:
        return True
    finally:
        crash.remove()
        world.catch_up(batch)
    return False


@pytest.mark.parametrize(("batch", "stride"), [(100, 5), (4, 9)])
def test_a_kill_at_any_step_leaves_no_trace_in_the_rows(new_store: Callable[[], Store], batch: int, stride: int):
    clean, store = World(new_store()), new_store()
    clean.tell(*everything())
    clean.catch_up()
    expected = contents(clean.store)
    nth, died = 1, True
    while died:
        emptied(store)
        world = World(store, clean.broker)
        world.feed = MemoryFeed(clean.broker, clean.feed.topics, random.Random(nth))
        died = killed_and_started_again(world, nth, batch)
        assert contents(store) == expected, f"killed at step {nth}"
        nth += stride
    assert nth > 20


def test_a_kill_while_the_tables_are_made_leaves_none_of_them_half_made(tmp_path: Path):
    for nth in (2, 30, 50):
        world = World(opened_at(tmp_path / f"new-{nth}.db"))
        world.tell(changed("1"))
        assert killed_and_started_again(world, nth, 100)
        assert world.row("record")["record_id"] == "1"


@settings(max_examples=50)
@given(st.lists(messages, max_size=25), st.lists(st.integers(1, 40), max_size=3), st.integers(1, 9), st.integers())
def test_any_history_any_kills_any_order_of_partitions(
    stores_in_files: tuple[Store, Store], history: list[Message], kills: list[int], batch: int, seed: int
):
    for store in stores_in_files:
        emptied(store)
    clean, world = map(World, stores_in_files)
    world.broker = clean.broker
    clean.tell(*history)
    clean.catch_up()
    world.feed = MemoryFeed(clean.broker, clean.feed.topics, random.Random(seed))
    for nth in kills:
        killed_and_started_again(world, nth, batch)
    world.catch_up(batch)
    assert contents(world.store) == contents(clean.store)


def test_two_followers_at_once_feed_each_record_once(store: Store):
    clean = World(store)
    clean.tell(*everything())
    other = World(store, clean.broker)
    one, two = clean.follower(batch=3), other.follower(batch=5)
    while one.turn(0) + two.turn(0) + one.turn(0):
        pass
    assert one.fed + two.fed == len(everything())
    assert store_rows(clean, "dead_letter", "times") == [2, 1]


def store_rows(world: World, table: str, column: str) -> list[object]:
    return sorted((row[column] for row in world.rows(table)), key=str, reverse=True)


def test_a_ledger_that_was_fed_goes_on_where_it_stood(world: World):
    world.tell(changed("1"))
    assert world.catch_up().fed == 1
    world.tell(changed("2"))
    assert world.catch_up().fed == 1
    assert {row["record_id"] for row in world.rows("record")} == {"1", "2"}


def test_a_topic_that_was_made_anew_is_read_from_its_beginning_and_nothing_doubles(world: World):
    world.tell(changed("1"), letter("1"))
    world.catch_up()
    before = world.rows("change")
    fresh = World(world.store)
    fresh.feed.lives = dict.fromkeys(fresh.feed.topics, "second")
    fresh.tell(changed("1"), changed("1", 2))
    assert fresh.catch_up().fed == 2
    assert len(fresh.rows("change")) == 2
    assert before[0] in fresh.rows("change")
    assert fresh.row("record")["version"] == 2


def test_a_topic_that_is_made_anew_while_it_is_followed_is_noticed(world: World):
    world.tell(changed("1"))
    follower = world.catch_up()
    world.broker.topics.clear()
    world.feed.lives = dict.fromkeys(world.feed.topics, "second")
    world.tell(changed("2"))
    assert follower.turn(0) == 0
    world.now = world.now.replace(hour=23)
    assert follower.turn(0) == 1
    assert len(world.rows("record")) == 2


def test_what_a_topic_dropped_before_it_was_fed_is_written_down_as_a_gap(world: World):
    world.tell(*(changed("1", version) for version in range(1, 6)))
    (spot,) = (spot for spot, records in world.broker.topics.items() if records)
    world.follower()
    world.feed.dropped[spot] = 3
    assert world.catch_up().fed == 2
    gap = world.row("gap")
    assert (gap["at_offset"], gap["until_offset"], gap["found_at"]) == (0, 3, world.now)


def test_a_broker_that_lost_records_is_read_from_its_beginning(world: World):
    world.tell(changed("1"), changed("1", 2))
    world.catch_up()
    world.broker.topics.clear()
    world.tell(changed("1", 3))
    assert world.catch_up().fed == 1
    assert world.row("record")["version"] == 3
    assert world.rows("gap") == []


def test_the_first_look_at_an_old_topic_is_no_gap(world: World):
    world.tell(changed("1"), changed("1", 2))
    (spot,) = (spot for spot, records in world.broker.topics.items() if records)
    world.feed.dropped[spot] = 1
    assert world.catch_up().fed == 1
    assert world.rows("gap") == []


def test_history_told_by_stages_is_what_the_topics_hold():
    assert {told(message).topic for message in everything()} >= {"facts.link", "outcomes", "writes.our-crm"}
