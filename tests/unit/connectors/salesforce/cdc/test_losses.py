"""What no event tells is found by query: gaps, overflows, lost places; nothing is lost and nothing is skipped in silence."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import RetryLater
from schemas.messages import ChangeKind


def held(world):
    return {each: row["Name"] for each, row in world.view().items()}


def test_a_gap_event_reads_its_record_again(world):
    acme = world.create(Name="Acme")
    world.pull()
    world.pubsub("gap", object="Account")
    world.update(acme, Name="Acme AG")
    new = world.create(Name="New")
    told = world.pull()
    assert {change.record_id for change in told} == {acme, new}
    assert held(world) == {acme: "Acme AG", new: "New"}


def test_gaps_of_deletions_and_undeletions_arrive_as_what_they_are(world):
    acme = world.create(Name="Acme")
    world.pull()
    world.pubsub("gap", object="Account")
    world.delete(acme)
    (gone,) = world.pull()
    world.door("undelete", user="admin@tandem.example", object="Account", id=acme)
    (back,) = world.pull()
    assert (gone.kind, back.kind) == (ChangeKind.DELETED, ChangeKind.RESTORED)


def test_an_overflow_reads_the_object_from_its_commit_on(world, caplog):
    old = world.create(Name="Old")
    world.pull()
    told = len(world.told)
    world.wait(7200)
    world.pubsub("overflow", after=1)
    ids = world.together(*({"object": "Account", "fields": {"Name": f"Account {n}"}} for n in range(6)))
    world.pull()
    assert {change.record_id for change in world.told[told:]} == set(ids)
    assert held(world) == world.state()
    assert old not in {change.record_id for change in world.told[told:]}
    assert "an event of it (GAP_OVERFLOW) names no records" in caplog.text


def test_an_overflow_finds_the_deletions_too(world):
    ids = [world.create(Name=f"Account {n}") for n in range(4)]
    world.pull()
    world.pubsub("overflow", after=1)
    world.together(*({"object": "Account", "id": each, "delete": True} for each in ids))
    world.pull()
    assert held(world) == {}


@pytest.mark.parametrize("killed_after", range(9))
def test_a_kill_at_any_event_of_an_overflow_loses_nothing(world, killed_after):
    world.create(Name="Old")
    world.pull()
    world.pubsub("overflow", after=1)
    world.together(*({"object": "Account", "fields": {"Name": f"Account {n}"}} for n in range(4)))
    world.pull(stop_after=killed_after)
    world.pull()
    assert held(world) == world.state()


def test_a_wildcard_of_records_reads_the_whole_object(world):
    acme = world.create(Name="Acme")
    world.pull()
    world.wait(7200)
    org = world.running.org
    row = org.store.get("Account", acme)
    world.running.call(lambda: org.store.put("Account", {**row, "Name": "Converted"}, org.store.writes(acme)[-1]))
    world.running.call(org.changes.forget)
    world.pubsub("announce", object="Account", type="GAP_UPDATE", ids=["001*"])
    world.pull()
    assert held(world) == {acme: "Converted"}


@pytest.mark.parametrize("loss", ["corrupt", "age"])
def test_a_lost_place_is_recovered_by_query_and_said(world, caplog, loss):
    acme, borealis = world.create(Name="Acme"), world.create(Name="Borealis")
    world.pull()
    world.restart()
    world.update(acme, Name="Acme AG")
    world.delete(borealis)
    new = world.create(Name="New")
    world.pubsub(loss)
    world.pull()
    assert held(world) == world.state() == {acme: "Acme AG", new: "New"}
    assert "the place in the stream is lost" in caplog.text
    assert any("reading what changed since" in note and "is lost" in note for note in world.notes)
    world.update(new, Name="Newer")
    assert [change.row["Name"] for change in world.pull()] == ["Newer"]


def test_a_place_that_is_lost_while_the_stream_is_open_is_recovered_too(world):
    acme = world.create(Name="Acme")
    world.pull()
    world.update(acme, Name="Acme AG")
    world.pubsub("age")
    world.pubsub("drop")
    world.pull()
    assert held(world) == world.state()


@pytest.mark.parametrize("killed_after", range(12))
def test_a_kill_at_any_event_of_a_recovery_loses_nothing(world, killed_after):
    ids = [world.create(Name=f"Account {n}") for n in range(4)]
    world.pull()
    world.restart()
    world.update(ids[0], Name="Edited")
    world.delete(ids[1])
    world.pubsub("corrupt")
    world.pull(stop_after=killed_after)
    world.update(ids[2], Name="Edited during the recovery")
    world.pull()
    assert held(world) == world.state()


def test_a_merge_that_was_missed_is_told_with_its_winner_and_losers(world):
    winner, loser = world.create(Name="Winner"), world.create(Name="Loser")
    world.pull()
    world.restart(page_size=1)
    world.wait(60)
    world.door("merge", user="admin@tandem.example", object="Account", master=winner, losers=[loser])
    world.wait(60)
    world.update(winner, Name="Winner AG")
    world.pubsub("corrupt")
    told = world.pull()
    (lost,) = [change for change in told if change.record_id == loser]
    assert (lost.kind, lost.merged_into) == (ChangeKind.MERGED, winner)
    assert any(change.absorbed == (loser,) for change in told if change.record_id == winner)


def test_a_merge_is_told_by_polling_too(world):
    world.restart(changes="poll", page_size=200)
    winner, loser = world.create(Name="Winner"), world.create(Name="Loser")
    world.pull()
    world.wait(60)
    world.door("merge", user="admin@tandem.example", object="Account", master=winner, losers=[loser])
    told = {change.record_id: change for change in world.pull()}
    assert (told[loser].kind, told[loser].merged_into) == (ChangeKind.MERGED, winner)
    assert told[winner].absorbed == (loser,)


def test_a_start_before_any_place_is_known_reads_what_came_since(opened):
    """No keepalive came before the process died: the stream's place is unknown, and it begins anew from now on."""
    world = opened(pubsub_keepalive=270.0)
    world.restart(linger_s=0.05)
    world.create(Name="Acme")
    world.pull()
    assert world.cursors["/stream"].startswith("- ")
    world.restart()
    world.create(Name="Borealis")
    world.pull()
    assert held(world) == world.state()


def test_a_stream_that_falls_silent_before_it_told_any_place_is_made_good_by_query(opened, caplog):
    world = opened(pubsub_keepalive=270.0)
    world.restart(linger_s=0.05)
    world.pull()
    world.pubsub("silence")
    acme = world.create(Name="Acme")
    world.now += timedelta(seconds=301)
    world.pull()
    assert held(world) == {acme: "Acme"}
    assert "the place in the stream is lost (nothing was heard for more than 300 s)" in caplog.text


def test_an_event_that_cannot_be_read_is_made_good_by_query(world, caplog):
    acme = world.create(Name="Acme")
    world.pull()
    world.restart()
    world.update(acme, Name="Acme AG")
    log = world.running.org.changes

    def garble():
        log.tip()
        log._events[-1]._payload = b"\x01"

    world.running.call(garble)
    world.pull()
    assert held(world) == {acme: "Acme AG"}
    assert "cannot be read" in caplog.text


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.sampled_from(["Acme", "Borealis"])),
        st.tuples(st.just("edit"), st.integers(0, 5), st.sampled_from(["One", "Two"])),
        st.tuples(st.just("delete"), st.integers(0, 5)),
        st.tuples(st.just("undelete"), st.integers(0, 5)),
        st.tuples(st.just("merge"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.sampled_from([1, 4000])),
        st.tuples(st.just("pubsub"), st.sampled_from(["corrupt", "age", "drop"])),
        st.tuples(st.just("gap"), st.integers(0, 2)),
        st.tuples(st.just("expire"),),
        st.tuples(st.just("pull"), st.one_of(st.none(), st.integers(0, 5))),
    ),
    max_size=25,
)  # fmt: skip


def perform(world, step):
    living = sorted(world.state())
    match step:
        case ("create", name):
            world.create(Name=name)
        case ("edit", number, name) if living:
            world.update(living[number % len(living)], Name=name)
        case ("delete", number) if living:
            world.delete(living[number % len(living)])
        case ("merge", number) if len(living) > 1:
            master, loser = living[number % len(living)], living[number % len(living) - 1]
            world.door("merge", user="admin@tandem.example", object="Account", master=master, losers=[loser])
        case ("undelete", number):
            undelete(world, number)
        case ("pull", stop_after):
            pull(world, stop_after)
        case _:
            break_something(world, step)


def undelete(world, number):
    rows = world.running.call(lambda: world.running.org.store.rows("Account"))
    gone = sorted(row["Id"] for row in rows if row["IsDeleted"] and not row["MasterRecordId"])
    if gone:
        world.door("undelete", user="admin@tandem.example", object="Account", id=gone[number % len(gone)])


def break_something(world, step):
    match step:
        case ("wait", seconds):
            world.wait(seconds)
        case ("pubsub", action):
            world.pubsub(action)
        case ("gap", times):
            world.pubsub("gap", object="Account", times=times)
        case ("expire",):
            world.door("expire-tokens")


def pull(world, stop_after=None):
    try:
        world.pull(stop_after)
    except RetryLater:
        world.pull(stop_after)


def test_whatever_breaks_between_looks_and_kills_the_last_states_are_those_of_the_org(world):
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(STEPS)
    def holds(steps):
        world.door("reset")
        world.restart()
        world.cursors, world.told = {}, []
        for step in steps:
            perform(world, step)
        pull(world)
        assert held(world) == world.state()
        told = len(world.told)
        pull(world)
        assert len(world.told) == told
        for record in {change.record_id for change in world.told}:
            versions = [change.version for change in world.told if change.record_id == record]
            assert versions == sorted(set(versions))

    holds()
