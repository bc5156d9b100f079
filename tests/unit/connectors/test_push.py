"""What the push loop promises: each write ends in an outcome, in the order of its record, whatever fails."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import push as module
from connectors.base import Applied, Outcome, Rejected, Retry
from connectors.errors import BadCredentials, PauseConnection, RetryLater, StopMapping
from connectors.push import RETRY_BUDGET, Push
from mappings.loader import load
from schemas import topics
from schemas.codec import decode, encode
from schemas.deadletters import TooManyDeadLetters
from schemas.log import Output, Partition
from schemas.messages import DeadLetter, MatchBy, Write, WriteFinished
from tests.support.memory_log import Crash, MemoryBroker, MemoryLog

AT = datetime(2026, 11, 22, tzinfo=UTC)
TABLES = {entity: table for entity, table in load("salesforce").items() if table.writes}
TOPIC = topics.writes("our-crm")
GROUP = "sink.our-crm"


class Target:
    """A vendor that holds values, changes nothing where they agree, and answers otherwise where it was told to."""

    def __init__(self, batch_size: int = 200) -> None:
        self.batch_size = batch_size
        self.calls: list[list[tuple[str, dict]]] = []
        self.holds: dict[str, dict] = defaultdict(dict)
        self.effects: dict[tuple[str, str], list] = defaultdict(list)
        self.answers: dict[str, list[Outcome]] = defaultdict(list)  # by key, taken one by one
        self.raises: list[tuple[str, Exception] | None] = []  # by call: ("before" or "after" the writing, error)
        self.refuses: object = None

    def write(self, table, batch: Sequence[Write]) -> list[Outcome]:
        assert len(batch) <= self.batch_size
        assert len({write.record for write in batch}) == len(batch)
        assert {write.entity for write in batch} == {table.entity}
        self.calls.append([(write.key, dict(write.fields)) for write in batch])
        when, error = (self.raises.pop(0) if self.raises else None) or ("", None)
        if when == "before":
            raise error
        outcomes = [self._one(write) for write in batch]
        if error:
            raise error
        return outcomes

    def _one(self, write: Write) -> Outcome:
        if self.answers[write.key]:
            return self.answers[write.key].pop(0)
        if self.refuses is not None and self.refuses in write.fields.values():
            return Rejected("FIELD_INTEGRITY", "as the vendor says", "correct it", "best_partner")
        differing = {name: value for name, value in write.fields.items() if self.holds[write.key].get(name) != value}
        self.holds[write.key] |= differing
        for name, value in differing.items():
            self.effects[write.key, name].append(value)
        return Applied(f"id of {write.key}", changed=bool(differing))


class World:
    """A broker with a topic of writes, a target and a clock; `push` is the running process."""

    def __init__(self, partitions: int = 1, faults: Sequence[str | None] = (), batch_size: int = 200) -> None:
        self.broker = MemoryBroker(partitions=partitions, faults=list(faults))
        self.target = Target(batch_size)
        self.now = AT
        self.written = 0
        self.start()

    def start(self) -> None:
        log = MemoryLog(self.broker, GROUP, TOPIC.name)
        self.push = Push("our-crm", TABLES, self.target, log, lambda: self.now)
        log.start(self.push)

    def ask(self, key: str, entity: str = "account_summary", **fields: object) -> str:
        """A write on the topic; its id."""
        self.written += 1
        write = Write(
            id=f"w{self.written}",
            connection="our-crm",
            entity=entity,
            match_by=MatchBy.ID,
            key=key,
            fields=fields,
            decided_at=AT,
        )
        self.broker.append(encode(TOPIC, write.record, write, source="t", event_id=write.id, trace=b"00-abc-def-01"))
        return write.id

    def turn(self, later: float = 0) -> int:
        self.now += timedelta(seconds=later)
        return self.push.turn(0)

    def sent(self) -> list[list[str]]:
        return [[key for key, _ in call] for call in self.target.calls]

    def outcomes(self) -> dict[str, tuple[str, str | None]]:
        """The last outcome of each write: status and code."""
        return {it.write_id: (it.status.value, it.code) for it in self.finished()}

    def finished(self) -> list[WriteFinished]:
        return [decode(record) for record in self.broker.read(topics.OUTCOMES.name)]

    def letters(self) -> list[DeadLetter]:
        return [decode(record) for record in self.broker.read(topics.DEADLETTERS.name)]

    def behind(self) -> int:
        return self.broker.behind(GROUP, TOPIC.name)


REFUSED = Rejected("FIELD_INTEGRITY", "too long, says the vendor", "shorten it", "best_partner")


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


@pytest.mark.parametrize("kind", [StopMapping, BadCredentials])
def test_what_needs_a_person_is_raised_and_commits_nothing(kind):
    world = World()
    world.target.raises = [("before", kind("no field Best_Partner__c", "deploy it"))]
    world.ask("a", partner_count=1)
    with pytest.raises(kind, match="no field Best_Partner__c Remedy: deploy it"):
        world.turn()
    assert (world.outcomes(), world.behind()) == ({}, 1)


def test_a_poison_record_is_parked_and_its_neighbours_go_on():
    world = World()
    headers = [("ce_type", b"tandem.write.requested")]
    world.ask("a", partner_count=1)
    world.broker.append(Output(TOPIC.name, b"k", b"{not json", headers))
    world.ask("b", partner_count=1)
    assert world.turn() == 2
    [letter] = world.letters()
    assert (letter.code, letter.origin, letter.payload) == ("INVALID_VALUE", "writes.our-crm[0]@1", "{not json")
    assert letter.remedy
    assert (world.behind(), world.outcomes().keys()) == (0, {"w1", "w2"})


def test_a_poison_record_alone_is_passed():
    world = World()
    world.broker.append(Output(TOPIC.name, b"k", None, None))
    assert world.turn() == 0
    assert ([letter.code for letter in world.letters()], world.behind()) == (["NO_EVENT_TYPE"], 0)


def test_a_write_of_an_entity_that_is_not_written_names_it_and_those_that_are():
    world = World()
    world.ask("a", "account", name="Acme")
    world.ask("b", partner_count=1)
    world.turn()
    [letter] = world.letters()
    assert letter.code == "NOT_WRITABLE"
    assert letter.reason == "our-crm takes only writes of account_summary, overlap, not account"
    assert "add the entity to the mapping" in letter.remedy
    assert world.sent() == [["b"]]
    assert world.behind() == 0


def test_a_message_that_is_no_write_is_named():
    world = World()
    finished = WriteFinished(
        write_id="w", connection="our-crm", entity="overlap", key="k", status="applied", decided_at=AT, finished_at=AT
    )
    world.broker.append(encode(TOPIC, "k", finished, source="t", event_id="e", trace=None))
    world.turn()
    assert "not tandem.write.finished" in world.letters()[0].reason


def test_a_value_that_the_mapping_cannot_express_is_parked_and_its_neighbours_go():
    world = World()
    world.ask("a", shoe_size=43)
    world.ask("b", partner_count=1)
    world.ask("c", partner_count="many")
    assert world.turn() == 3
    assert world.sent() == [["b"]]
    assert {letter.field: letter.code for letter in world.letters()} == {
        "shoe_size": "INVALID_VALUE",
        "partner_count": "INVALID_VALUE",
    }
    assert {write: status for write, (status, _) in world.outcomes().items()} == {
        "w1": "rejected",
        "w2": "applied",
        "w3": "rejected",
    }


def test_a_batch_of_nothing_but_inexpressible_writes_is_not_sent():
    world = World()
    world.ask("a", shoe_size=43)
    world.turn()
    assert (world.target.calls, world.behind()) == ([], 0)


def test_an_inexpressible_write_takes_no_good_one_to_the_same_record_with_it():
    world = World()
    world.ask("a", partner_count=1)
    world.ask("a", shoe_size=43)
    while world.behind():
        world.turn()
    assert world.outcomes() == {"w1": ("applied", None), "w2": ("rejected", "INVALID_VALUE")}


def test_no_more_writes_are_held_than_fit(monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 5)
    world = World(partitions=2)
    world.target.raises = [("before", PauseConnection("quota", "buy", after=60))]
    for number in range(12):
        world.ask(f"k{number}", partner_count=1)
    for _ in range(3):
        world.turn()
        assert world.push.waiting == 5
    world.turn(later=60)
    assert len(world.outcomes()) == 5
    while world.behind():
        world.turn()
        assert world.push.waiting <= 5
    assert len(world.outcomes()) == 12


def test_what_waits_in_a_partition_that_went_to_another_is_forgotten():
    world = World(partitions=2)
    for number in range(8):
        world.ask(f"k{number}", partner_count=1)
        world.target.answers[f"k{number}"] = [Retry("locked", after=60)]
    world.turn()
    mine, lost = Partition(TOPIC.name, 0), Partition(TOPIC.name, 1)
    kept = {decode(record).key for record in world.broker.topics[mine]}
    assert 0 < len(kept) < 8
    world.push.revoked([lost])
    assert world.push.waiting == len(kept)
    world.target.calls.clear()
    world.turn(later=60)
    assert {key for call in world.sent() for key in call} == kept
    assert world.broker.committed[GROUP, mine] == len(kept)
    assert world.broker.committed[GROUP, lost] == 0
    world.start()
    world.turn()
    assert len(world.outcomes()) == 8


def test_too_many_refusals_stop_the_sink_and_are_sent_again_when_it_is_mended():
    world = World()
    world.target.refuses = "bad"
    for number in range(150):
        world.ask(f"k{number}", best_partner="bad")
    with pytest.raises(TooManyDeadLetters, match=r"sink:our-crm: 100 inputs in a row.*as the vendor says"):
        world.turn()
    assert (world.letters(), world.outcomes(), world.behind()) == ([], {}, 150)
    world.target.refuses = None
    world.start()
    world.turn()
    assert set(world.outcomes().values()) == {("applied", None)}


def test_refusals_between_successes_keep_the_sink_going():
    world = World()
    world.target.refuses = "bad"
    for number in range(300):
        world.ask(f"k{number}", best_partner="bad" if number % 3 == 0 else "Acme")
    world.turn()
    assert (len(world.letters()), world.push.stats.applied, world.behind()) == (100, 200, 0)


class Door(MemoryLog):
    """A log that says when it was closed, and tells the process to stop after so many polls."""

    def __init__(self, broker: MemoryBroker, stop: threading.Event, polls: int) -> None:
        super().__init__(broker, GROUP, TOPIC.name)
        self.closed, self._stop, self._left = False, stop, polls

    def poll(self, limit: int, timeout: float) -> list:
        self._left -= 1
        if self._left <= 0:
            self._stop.set()
        return super().poll(limit, timeout)

    def close(self) -> None:
        self.closed = True
        super().close()


def test_it_runs_until_it_is_told_to_stop_and_what_is_in_hand_ends():
    world, stop = World(), threading.Event()
    world.ask("a", partner_count=1)
    door = Door(world.broker, stop, polls=1)
    Push("our-crm", TABLES, world.target, door, lambda: AT).run(stop)
    assert (world.outcomes(), door.closed) == ({"w1": ("applied", None)}, True)


def test_it_leaves_the_group_when_it_ends_by_an_error():
    world, stop = World(), threading.Event()
    world.ask("a", partner_count=1)
    world.target.raises = [("before", BadCredentials("no", "log in"))]
    door = Door(world.broker, stop, polls=9)
    with pytest.raises(BadCredentials):
        Push("our-crm", TABLES, world.target, door, lambda: AT).run(stop)
    assert door.closed


WRITES = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["best_partner", "partner_since"]), st.booleans()), max_size=14
)
CALLS = st.lists(st.sampled_from([None, "before", "after"]), max_size=8)


def finish(world: World, batches: list[list[tuple[str, str, bool]]]) -> None:
    """Ask for each batch and take turns until nothing is left, starting anew after each crash."""
    for _ in range(400):
        for key, name, bad in batches.pop(0) if batches else ():
            number = world.written + 1
            value = f"bad {number}" if bad else f"2026-11-22T10:00:{number:02}Z"
            world.ask(key, **{name: value})
        try:
            world.turn(later=301)
        except Crash:
            world.start()
        never_passed_without_an_outcome(world)
        if not batches and not world.behind():
            return
    raise AssertionError("the sink does not come to an end")


def never_passed_without_an_outcome(world: World) -> None:
    known = world.outcomes()
    for (_, spot), position in world.broker.committed.items():
        assert {decode(record).id for record in world.broker.topics[spot][:position]} <= known.keys()


class Picky(Target):
    """Refuses every value that begins with `bad`, and holds some records back now and then."""

    def __init__(self, batch_size: int, retries: list[str]) -> None:
        super().__init__(batch_size)
        for key in retries:
            self.answers[key].append(Retry("locked"))

    def _one(self, write: Write) -> Outcome:
        if any(str(value).startswith("bad") for value in write.fields.values()):
            return REFUSED
        return super()._one(write)


@given(
    writes=WRITES,
    cuts=st.sets(st.integers(1, 13)),
    faults=st.lists(st.sampled_from(["abort", "die-before", "die-after", None]), max_size=10),
    calls=CALLS,
    retries=st.lists(st.sampled_from("abc"), max_size=5),
    batch_size=st.integers(1, 3),
)
def test_whatever_dies_every_write_has_an_outcome_and_the_last_value_stands(
    writes, cuts, faults, calls, retries, batch_size
):
    world = World(partitions=2, faults=faults)
    world.target = Picky(batch_size, retries)
    world.target.raises = [when and (when, RetryLater("busy")) for when in calls]
    world.start()
    edges = [0, *sorted(cut for cut in cuts if cut < len(writes)), len(writes)]
    finish(world, [writes[start:end] for start, end in pairwise(edges)])
    good: dict[str, dict[str, str]] = defaultdict(dict)
    for number, (key, name, bad) in enumerate(writes, 1):
        if not bad:
            good[key][name] = f"2026-11-22T10:00:{number:02}Z"
    assert {key: held for key, held in world.target.holds.items() if held} == good
    assert world.outcomes().keys() == {f"w{number}" for number in range(1, len(writes) + 1)}
    refused = {write for write, (status, _) in world.outcomes().items() if status == "rejected"}
    asked = {record.position: decode(record).id for record in world.broker.read(TOPIC.name)}
    parked = {asked[letter.origin] for letter in world.letters()}
    assert refused <= parked <= {f"w{number}" for number, (_, _, bad) in enumerate(writes, 1) if bad}
    for values in world.target.effects.values():
        assert values == sorted(set(values))
