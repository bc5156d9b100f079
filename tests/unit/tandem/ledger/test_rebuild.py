"""A ledger is built anew while the old one serves: whoever asks sees one of the two, whole."""

import pytest

from schemas import topics
from schemas.log import LogError, Output, Partition
from tandem.ledger.rebuild import rebuild
from tandem.ledger.store import REBUILT
from tandem.settings import ConfigError
from tests.unit.tandem.ledger.test_exactly_once import everything
from tests.unit.tandem.ledger.world import World, changed, contents, letter, linked, overlapped, write


def built_anew(world: World, **more: bool) -> tuple[int, int]:
    done = rebuild(world.store, world.feed, lambda: world.now, **more)
    return done.fed, done.carried


def drop_all(world: World, topic: topics.Topic) -> None:
    """The topic has dropped everything by age."""
    for spot, records in world.broker.topics.items():
        if spot.topic == topic.name:
            world.feed.dropped[spot] = len(records)


def test_it_holds_what_the_old_one_held(world: World):
    world.tell(*everything())
    world.catch_up()
    before = contents(world.store)
    assert built_anew(world) == (len(everything()), 0)
    assert contents(world.store) == before


def test_wrong_rows_are_gone_afterwards(world: World):
    world.tell(changed("1"))
    world.catch_up()
    before = contents(world.store)
    with world.store.writing() as connection:
        connection.exec_driver_sql("UPDATE record SET name = 'wrong'")
    built_anew(world)
    assert contents(world.store) == before


def test_the_old_one_serves_and_is_fed_while_the_new_one_is_built_and_nothing_is_lost(world: World):
    world.tell(*everything())
    follower = world.catch_up()
    seen: list[int] = []

    def meanwhile(fed: int) -> None:
        if not seen:
            world.tell(changed("7"))
            world.feed.at, kept = at_first, world.feed.at
            assert follower.turn(0) == 1
            world.feed.at = kept
        seen.append(len(world.rows("record")))

    at_first = dict(world.feed.at)
    rebuild(world.store, world.feed, lambda: world.now, meanwhile)
    assert set(seen) == {4}
    clean = World(world.store, world.broker)
    clean.catch_up()
    assert len(clean.rows("record")) == 4
    assert len(clean.rows("change")) == 7


def test_a_follower_goes_on_from_the_new_ones_positions(world: World):
    world.tell(*everything())
    follower = world.follower(batch=1)
    for _ in range(8):  # often enough for the driver to prepare its statements
        follower.turn(0)
    other = World(world.store, world.broker)
    built_anew(other)
    expected = contents(world.store)
    while follower.turn(0):
        pass
    assert contents(world.store) == expected


def test_what_the_topics_no_longer_hold_is_carried_over(world: World):
    world.tell(changed("1"), changed("2"), write("1"))
    world.catch_up()
    before = contents(world.store)
    for topic in (topics.ACCOUNT_CHANGES, topics.writes("our-crm")):
        drop_all(world, topic)
    fed, carried = built_anew(world)
    assert (fed, carried) == (0, 6)
    after = contents(world.store)
    assert {name: after[name] for name in ("change", "record", "write", "cause")} == {
        name: before[name] for name in ("change", "record", "write", "cause")
    }


def test_what_the_topics_no_longer_hold_can_be_left_out(world: World):
    world.tell(changed("1"))
    world.catch_up()
    drop_all(world, topics.ACCOUNT_CHANGES)
    assert built_anew(world, carry=False) == (0, 0)
    assert world.rows("record") == []


def test_decisions_that_compaction_has_dropped_stay_known_and_the_last_word_counts(world: World):
    world.tell(linked("1"))
    world.catch_up()
    for records in world.broker.topics.values():
        records.clear()
    world.tell(linked("1", None, 2))
    world.feed.lives = {topics.LINKS.name: "first"}
    world.catch_up()
    built_anew(world)
    assert len(world.rows("decision")) == 2
    assert world.row("link")["key"] is None


def test_a_key_that_was_taken_back_is_not_carried_over(world: World):
    world.tell(linked("1"), overlapped("1"))
    world.catch_up()
    (spot,) = (spot for spot, records in world.broker.topics.items() if records and spot.topic == "facts.link")
    (record,) = world.broker.topics[spot]
    world.broker.append(Output(spot.topic, record.key, None, None, spot.number))
    world.catch_up()
    assert world.rows("link") == []
    built_anew(world)
    assert world.rows("link") == []
    assert len(world.rows("decision")) == 2


def test_history_of_a_broker_that_began_anew_is_kept(world: World):
    world.tell(changed("1"), letter("1"))
    world.catch_up()
    fresh = World(world.store)
    fresh.feed.lives = dict.fromkeys(fresh.feed.topics, "second")
    fresh.tell(changed("2"))
    fresh.catch_up()
    fed, carried = built_anew(fresh)
    assert (fed, carried) == (1, 3)
    assert len(fresh.rows("change")) == 2


def test_a_rebuild_that_fails_leaves_the_old_one_as_it_was_and_can_be_started_again(world: World):
    world.tell(*everything())
    world.catch_up()
    before = contents(world.store)
    spot = Partition(topics.LINKS.name, 0)
    whole = world.feed.extents
    world.feed.extents = lambda: {**whole(), spot: whole()[spot]._replace(end=99)}
    with pytest.raises(LogError, match="cannot be read to their end"):
        built_anew(world)
    assert contents(world.store) == before
    world.feed.extents = whole
    built_anew(world)
    assert contents(world.store) == before


def test_only_one_rebuild_runs_at_a_time(world: World):
    world.tell(changed("1"))
    world.catch_up()

    def another(_: int) -> None:
        with pytest.raises(ConfigError, match="is being rebuilt already"):
            rebuild(world.store, World(world.store, world.broker).feed, lambda: world.now)

    rebuild(world.store, world.feed, lambda: world.now, another)
    assert world.row("record")["record_id"] == "1"


def test_nothing_of_a_rebuild_is_left_behind(world: World):
    world.tell(changed("1"))
    built_anew(world)
    if world.store.is_sqlite:
        assert [path.name for path in world.store.path.parent.glob("*rebuilt*")] == []
    else:
        with world.store.reading() as connection:
            asked = f"SELECT nspname FROM pg_namespace WHERE nspname IN ('{REBUILT}', 'tandem_before')"
            assert connection.exec_driver_sql(asked).all() == []
