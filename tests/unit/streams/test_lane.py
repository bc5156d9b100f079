"""What the exactly-once loop promises, over a log in memory that aborts and dies on demand."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from schemas import topics
from schemas.codec import decode, encode
from schemas.deadletters import TooManyDeadLetters
from schemas.log import Output, Record
from schemas.messages import DeadLetter, OursSeen
from streams.decision import Decision, Emission, Step
from streams.lane import Lane
from streams.state import OpenStore, in_memory, rocks_in
from tests.support.memory_log import Crash, MemoryBroker, MemoryLog

AT = datetime(2026, 1, 1, tzinfo=UTC)
FACTS = topics.Topic("facts.count", "key", "", (OursSeen,))


class Count(BaseModel):
    n: int = 0


def counting(state, event):
    if event.cause == "fail":
        raise RuntimeError("as the test asked")
    n = (state.get("") or Count()).n + 1
    return Decision({"": Count(n=n)}, [Emission(FACTS, event.ref, event.model_copy(update={"version": n}))])


STEP = Step("count", topics.MATCH_PAIRS, TypeAdapter(Count), counting)


def event(key: str, cause: str = "c") -> Output:
    message = OursSeen(ref=key, connection="our-crm", version=1, card=None, cause=cause, at=AT)
    return encode(topics.MATCH_PAIRS, key, message, source="test", event_id="e", trace=b"00-abc-def-01")


def lane_on(broker: MemoryBroker, open_store: OpenStore = in_memory, batch: int = 3) -> Lane:
    journal = MemoryLog(broker, "count", topics.MATCH_PAIRS.name)
    lane = Lane(STEP, journal, open_store, batch)
    journal.start(lane)
    return lane


def drain(lane: Lane) -> None:
    while lane.turn(0):
        pass


def run_through_crashes(broker: MemoryBroker, open_store: OpenStore = in_memory) -> None:
    while broker.behind("count", topics.MATCH_PAIRS.name):
        lane = lane_on(broker, open_store)
        try:
            while broker.behind("count", topics.MATCH_PAIRS.name):
                lane.turn(0)
        except Crash:
            pass
        finally:
            lane.revoked(lane._log._spots)


def counts(broker: MemoryBroker) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for record in broker.read(FACTS.name):
        found.setdefault(record.key.decode(), []).append(decode(record).version)
    return found


def letters(broker: MemoryBroker) -> list[DeadLetter]:
    return [decode(record) for record in broker.read(topics.DEADLETTERS.name)]


@given(
    keys=st.lists(st.sampled_from("abcde"), max_size=30),
    faults=st.lists(st.sampled_from(["abort", "die-before", "die-after", None]), max_size=12),
)
def test_each_event_counts_exactly_once_through_any_aborts_and_crashes(keys, faults):
    broker = MemoryBroker(faults=list(faults))
    broker.publish([event(key) for key in keys])
    run_through_crashes(broker)
    assert counts(broker) == {key: list(range(1, keys.count(key) + 1)) for key in set(keys)}


@settings(max_examples=5)  # each example opens RocksDB some ten times
@given(
    keys=st.lists(st.sampled_from("abcde"), max_size=20),
    faults=st.lists(st.sampled_from(["abort", "die-before", "die-after", None]), max_size=6),
)
def test_the_same_holds_with_state_on_disk_that_survives_the_crash(keys, faults, tmp_path_factory):
    broker = MemoryBroker(partitions=1, faults=list(faults))
    broker.publish([event(key) for key in keys])
    run_through_crashes(broker, rocks_in(tmp_path_factory.mktemp("state")))
    assert counts(broker) == {key: list(range(1, keys.count(key) + 1)) for key in set(keys)}


def test_state_on_disk_is_restored_from_where_it_left_off(tmp_path):
    broker = MemoryBroker()
    broker.publish([event("a") for _ in range(9)])
    first = lane_on(broker, rocks_in(tmp_path))
    drain(first)
    first.revoked(first._log._spots)
    again = lane_on(broker, rocks_in(tmp_path))
    drain(again)
    assert again.stats.restored_rows == 0
    broker.publish([event("a")])
    drain(again)
    assert counts(broker)["a"][-1] == 10


def test_state_of_a_changelog_that_was_made_anew_is_forgotten(tmp_path):
    opening = rocks_in(tmp_path)
    store = opening("count", 0, "first topic")
    store.apply({b"k": b"v"}, 7)
    store.close()
    store = opening("count", 0, "second topic")
    assert (store.get(b"k"), store.position) == (None, 0)


def test_a_poison_record_is_parked_with_its_position_and_the_rest_goes_on():
    broker = MemoryBroker(partitions=1)
    broker.publish([event("a"), Output(topics.MATCH_PAIRS.name, b"a", b"{not json", event("a").headers), event("a")])
    drain(lane_on(broker))
    assert counts(broker) == {"a": [1, 2]}
    [letter] = letters(broker)
    assert (letter.code, letter.origin, letter.payload) == ("INVALID_VALUE", "accounts.pairs[0]@1", "{not json")


@pytest.mark.parametrize(
    ("headers", "value", "code"),
    [
        (None, b"{}", "NO_EVENT_TYPE"),
        ([("ce_type", b"tandem.nonsense")], b"{}", "UNKNOWN_EVENT_TYPE"),
        ([("ce_type", b"tandem.ours.seen")], None, "NO_VALUE"),
        ([("ce_type", b"tandem.ours.seen")], b'{"ref": 1}', "INVALID_VALUE"),
        ([("ce_type", b"tandem.ours.seen")], b"\xff\xfe", "INVALID_VALUE"),
    ],
)
def test_every_kind_of_poison_has_its_code(headers, value, code):
    broker = MemoryBroker(partitions=1)
    broker.publish([Output(topics.MATCH_PAIRS.name, b"k", value, headers)])
    drain(lane_on(broker))
    assert [letter.code for letter in letters(broker)] == [code]


def test_an_event_on_which_the_decision_fails_is_parked_and_changes_no_state():
    broker = MemoryBroker(partitions=1)
    broker.publish([event("a"), event("a", cause="fail"), event("a")])
    drain(lane_on(broker))
    assert counts(broker) == {"a": [1, 2]}
    [letter] = letters(broker)
    assert letter.code == "DECISION_FAILED"
    assert "as the test asked" in letter.reason


def test_an_event_whose_decision_cannot_be_written_down_is_parked_and_changes_no_state():
    def unsayable(state, event):
        row = Count(n=(state.get("") or Count()).n + 1)
        said = event.model_copy(update={"connection": "\ud800"}) if event.cause == "half" else event
        return Decision({"": row}, [Emission(FACTS, event.ref, said.model_copy(update={"version": row.n}))])

    broker = MemoryBroker(partitions=1)
    broker.publish([event("a"), event("a", cause="half"), event("a")])
    journal = MemoryLog(broker, "count", topics.MATCH_PAIRS.name)
    lane = Lane(Step("count", topics.MATCH_PAIRS, TypeAdapter(Count), unsayable), journal, in_memory)
    journal.start(lane)
    drain(lane)
    assert counts(broker) == {"a": [1, 2]}
    assert [letter.code for letter in letters(broker)] == ["DECISION_FAILED"]


def test_too_many_dead_letters_stop_the_lane_and_nothing_of_the_batch_is_committed():
    broker = MemoryBroker(partitions=1)
    broker.publish([event("a", cause="fail") for _ in range(150)])
    lane = lane_on(broker, batch=1000)
    with pytest.raises(TooManyDeadLetters, match="100 inputs in a row"):
        lane.turn(0)
    assert letters(broker) == []
    assert broker.committed == {}


def test_what_a_decision_says_carries_the_trace_and_names_its_cause():
    broker = MemoryBroker(partitions=1)
    broker.publish([event("a")])
    drain(lane_on(broker))
    headers = dict(broker.read(FACTS.name)[0].headers)
    assert headers["traceparent"] == b"00-abc-def-01"
    assert headers["ce_id"] == b"accounts.pairs[0]@0/0"
    assert headers["ce_source"] == b"/tandem/stream:count"


def test_only_the_last_value_of_a_row_in_a_batch_reaches_the_changelog():
    broker = MemoryBroker(partitions=1)
    broker.publish([event("a") for _ in range(3)])
    drain(lane_on(broker))
    rows: list[Record] = broker.read("state.count")
    assert [record.value for record in rows] == [b'{"n":3}']
