"""What the push loop promises while the target takes what it is given: order, batches, retries, positions."""

from datetime import timedelta

import pytest

from connectors.base import Retry
from connectors.errors import PauseConnection, RetryLater
from connectors.push import MAX_WAITING, RETRY_BUDGET
from connectors.salesforce.writing.ingest import JOB
from schemas import topics
from schemas.log import Partition
from schemas.messages import WriteFinished
from tests.support.memory_log import Crash
from tests.unit.connectors.push_world import AT, GROUP, REFUSED, TOPIC, World


def test_a_write_is_applied_and_its_outcome_published_with_its_trace():
    world = World()
    world.ask("a", partner_count=2)
    assert world.turn() == 1
    [finished] = world.finished()
    assert finished == WriteFinished(
        write_id="w1",
        connection="our-crm",
        entity="account_summary",
        key="a",
        status="applied",
        target_id="id of a",
        decided_at=AT,
        finished_at=AT,
    )
    [record] = world.broker.read(topics.OUTCOMES.name)
    assert record.key == b"our-crm/account_summary/a"
    assert dict(record.headers)["traceparent"] == b"00-abc-def-01"
    assert (world.behind(), world.push.waiting, world.push.stats.applied) == (0, 0, 1)


def test_a_write_that_changes_nothing_is_said_to_be_unchanged():
    world = World()
    world.target.holds["a"] = {"partner_count": 2}
    world.ask("a", partner_count=2)
    world.turn()
    assert world.outcomes() == {"w1": ("unchanged", None)}
    assert world.push.stats.unchanged == 1


def test_batches_are_of_one_entity_and_no_larger_than_the_sink_takes():
    world = World(batch_size=2)
    for key in "abc":
        world.ask(key, partner_count=1)
    world.ask("o", "overlap", partner="acme")
    world.turn()
    assert world.sent() == [["a", "b"], ["c"], ["o"]]


def test_a_backlog_goes_in_as_large_a_batch_as_a_sink_may_take():
    world = World(batch_size=10_000)
    for number in range(2500):
        world.ask(f"k{number}", partner_count=number)
    assert world.turn() == 2500
    assert [len(call) for call in world.sent()] == [2500]
    assert MAX_WAITING >= JOB


def test_a_retry_holds_back_only_its_own_record_and_in_order():
    world = World()
    world.target.answers["a"] = [Retry("locked", after=60)]
    world.ask("a", partner_count=1)
    world.ask("b", partner_count=1)
    assert world.turn() == 1
    world.ask("b", partner_count=2)
    world.ask("a", best_partner="Acme")
    assert world.turn(later=59) == 1
    assert world.sent() == [["a", "b"], ["b"]]
    assert world.turn(later=1) == 2
    assert world.target.calls[-1] == [("a", {"partner_count": 1, "best_partner": "Acme"})]
    assert world.push.stats.retried == 1


def test_several_waiting_writes_go_as_one_and_later_values_win():
    world = World()
    world.ask("a", partner_count=1, best_partner="Acme")
    world.ask("a", partner_count=2)
    world.ask("a", partner_count=3, partner_since=None)
    assert world.turn() == 3
    assert world.target.calls == [[("a", {"partner_count": 3, "best_partner": "Acme", "partner_since": None})]]
    assert world.outcomes() == dict.fromkeys(("w1", "w2", "w3"), ("applied", None))


def test_writes_that_were_refused_together_go_without_the_last_until_the_bad_one_is_found():
    world = World()
    world.target.refuses = "bad"
    world.ask("a", partner_count=1)
    world.ask("a", best_partner="bad")
    world.ask("a", partner_count=3)
    while world.behind():
        world.turn()
    assert [call[0][1] for call in world.target.calls] == [
        {"partner_count": 3, "best_partner": "bad"},
        {"partner_count": 1, "best_partner": "bad"},
        {"partner_count": 1},
        {"partner_count": 3, "best_partner": "bad"},
        {"best_partner": "bad"},
        {"partner_count": 3},
    ]
    assert world.outcomes() == {
        "w1": ("applied", None),
        "w2": ("rejected", "FIELD_INTEGRITY"),
        "w3": ("applied", None),
    }
    world.ask("a", partner_count=4)
    world.ask("a", partner_count=5)
    world.turn()
    assert world.target.calls[-1] == [("a", {"partner_count": 5})]


def test_a_value_that_was_written_before_a_crash_is_not_undone_by_an_older_one():
    world = World(faults=["die-before"])
    world.target.refuses = "bad"
    world.ask("a", partner_count=1)
    world.ask("a", partner_count=2)
    with pytest.raises(Crash):
        world.turn()
    world.start()
    world.ask("a", best_partner="bad")
    while world.behind():
        world.turn()
    assert world.target.effects["a", "partner_count"] == [2]
    assert world.outcomes()["w3"] == ("rejected", "FIELD_INTEGRITY")


def test_a_refused_write_is_parked_with_the_vendors_words_and_has_an_outcome():
    world = World()
    world.target.answers["a"] = [REFUSED]
    world.ask("a", best_partner="x")
    world.ask("b", best_partner="y")
    assert world.turn() == 2
    [letter] = world.letters()
    assert (letter.stage, letter.code, letter.field) == ("sink:our-crm", "FIELD_INTEGRITY", "best_partner")
    assert letter.reason == "account_summary/a: too long, says the vendor"
    assert (letter.remedy, letter.origin) == ("shorten it", "writes.our-crm[0]@0")
    assert '"fields":{"best_partner":"x"}' in letter.payload
    refused = next(it for it in world.finished() if it.key == "a")
    assert (refused.status, refused.code, refused.reason, refused.target_id) == (
        "rejected",
        "FIELD_INTEGRITY",
        "too long, says the vendor",
        None,
    )
    assert world.outcomes()["w2"] == ("applied", None)
    assert world.behind() == 0


def test_a_retry_without_a_time_waits_twice_as_long_each_time():
    world = World()
    world.target.answers["a"] = [Retry("locked")] * 4
    world.ask("a", partner_count=1)
    world.turn()
    for seconds in (1, 2, 4, 8):
        before = len(world.target.calls)
        world.turn(later=seconds - 0.5)
        assert len(world.target.calls) == before
        world.turn(later=0.5)
        assert len(world.target.calls) == before + 1
    assert world.outcomes() == {"w1": ("applied", None)}


def test_a_record_that_is_never_taken_is_parked_when_its_tries_are_used_up():
    world = World()
    world.target.answers["a"] = [Retry("locked by a batch job")] * 50
    world.ask("a", partner_count=1)
    for _ in range(RETRY_BUDGET):
        assert world.outcomes() == {}
        world.turn(later=301)
    assert world.sent() == [["a"]] * RETRY_BUDGET
    assert world.outcomes() == {"w1": ("rejected", "RETRIES_EXHAUSTED")}
    [letter] = world.letters()
    assert f"still refused after {RETRY_BUDGET} tries: locked by a batch job" in letter.reason
    assert "retry the dead letter" in letter.remedy
    assert world.behind() == 0


def test_the_write_behind_a_parked_one_has_its_own_tries():
    world = World()
    world.target.answers["a"] = [Retry("locked")] * (RETRY_BUDGET + 2)
    world.ask("a", partner_count=1)
    world.ask("a", partner_count=2)
    while world.behind():
        world.turn(later=301)
    assert world.outcomes() == {"w1": ("rejected", "RETRIES_EXHAUSTED"), "w2": ("applied", None)}
    assert len(world.target.calls) == RETRY_BUDGET + 3


def test_a_position_never_passes_a_write_without_an_outcome():
    world = World()
    spot = (GROUP, Partition(TOPIC.name, 0))
    world.target.answers["b"] = [Retry("locked", after=60)]
    for key in "abc":
        world.ask(key, partner_count=1)
    world.turn()
    assert world.outcomes().keys() == {"w1", "w3"}
    assert world.broker.committed[spot] == 1
    world.turn(later=60)
    assert world.broker.committed[spot] == 3


@pytest.mark.parametrize("fault", ["die-before", "abort"])
def test_outcomes_that_were_not_committed_are_found_again_by_sending_again(fault):
    world = World(faults=[fault])
    world.ask("a", partner_count=1)
    try:
        assert world.turn() == 0
    except Crash:
        world.start()
    assert world.outcomes() == {}
    world.turn()
    assert world.sent() == [["a"], ["a"]]
    assert world.outcomes() == {"w1": ("unchanged", None)}
    assert world.target.effects["a", "partner_count"] == [1]


def test_an_abort_brings_back_writes_that_were_held_since_earlier_polls():
    world = World()
    world.target.answers["a"] = [Retry("locked", after=60)]
    world.ask("a", partner_count=1)
    world.turn()
    world.broker.faults = ["abort"]
    world.ask("b", partner_count=1)
    assert world.turn() == 0
    world.turn(later=60)
    assert world.outcomes().keys() == {"w1", "w2"}


@pytest.mark.parametrize(
    ("error", "waits"),
    [(RetryLater("busy", after=30), 30), (PauseConnection("quota", "buy"), 900), (RetryLater("busy"), 1)],
)
def test_a_busy_vendor_pauses_every_record_and_all_go_on_later(error, waits):
    world = World(batch_size=1)
    world.target.raises = [("before", error)]
    world.ask("a", partner_count=1)
    world.ask("b", partner_count=1)
    assert world.turn() == 0
    world.ask("c", partner_count=1)
    assert world.turn(later=waits - 0.5) == 0
    assert world.sent() == [["a"]]
    assert world.push.waiting == 3
    assert world.turn(later=0.5) == 3
    assert world.sent() == [["a"], ["a"], ["b"], ["c"]]


def test_a_vendor_that_stays_busy_costs_no_write_its_tries():
    world = World()
    world.target.raises = [("before", RetryLater("busy"))] * (RETRY_BUDGET * 2)
    world.ask("a", partner_count=1)
    for _ in range(RETRY_BUDGET * 2):
        assert world.turn(later=301) == 0
    assert world.turn(later=301) == 1
    assert world.outcomes() == {"w1": ("applied", None)}


def test_pauses_grow_and_start_small_again_after_an_answer():
    world = World()
    busy = ("before", RetryLater("busy"))
    world.target.raises = [busy, busy, None, busy]
    world.ask("a", partner_count=1)
    world.turn()
    world.turn(later=1)
    world.turn(later=1)
    assert len(world.target.calls) == 2
    world.turn(later=1)
    world.ask("a", partner_count=2)
    world.turn()
    world.turn(later=1)
    assert len(world.target.calls) == 5
    assert world.outcomes().keys() == {"w1", "w2"}


def test_what_a_slow_vendor_took_is_committed_before_the_rest_goes():
    world = World(batch_size=1)
    for number in range(5):
        world.ask(f"001{number}", partner_count=number)
    taken = world.target.write

    def slowly(*args):
        world.now += timedelta(seconds=25)
        return taken(*args)

    world.target.write = slowly
    assert [world.turn(), world.turn(), world.turn()] == [3, 2, 0]
    assert world.broker.committed[GROUP, Partition(TOPIC.name, 0)] == 5
