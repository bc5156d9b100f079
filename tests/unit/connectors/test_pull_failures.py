"""What the pull loop does when rows are bad, the vendor is busy, or a person is needed."""

from datetime import timedelta

import pytest

from connectors.base import Budget, Progress, Unreadable
from connectors.errors import (
    BadCredentials,
    BadInput,
    NeedsConfirmation,
    PauseConnection,
    RetryLater,
    StopMapping,
)
from schemas import topics
from schemas.codec import decode
from schemas.deadletters import TooManyDeadLetters
from schemas.messages import ConnectionReported
from tests.support.memory_log import MemoryBroker
from tests.unit.connectors.pull_world import AT, Script, Waiting, broker, ids, letters, pull_on, upsert


def test_a_row_that_the_mapping_refuses_is_parked_and_the_rest_goes_on():
    where = broker()
    pull = pull_on(where, Script([upsert(1), upsert(2, **{"owner name": ["Dana"]}), upsert(3)], []))
    assert pull.once() == 2
    assert ids(where) == ["b1", "b3"]
    [letter] = letters(where)
    assert (letter.subject, letter.field, letter.code) == ("list b2", "owner_name", "INVALID_VALUE")
    assert letter.reason == "['Dana'] is no text."
    assert "another converter" in letter.remedy
    assert letter.payload == "{'name': 'Acme', 'owner name': ['Dana']}"
    assert letter.parked_at == AT
    assert (pull.stats.changes, pull.stats.dead_letters) == (2, 1)


def test_a_row_that_was_parked_has_moved_the_cursor():
    source = Script([upsert(1, name="")], [])
    pull = pull_on(broker(), source)
    pull.once()
    pull.once()
    assert source.asked[1] == {"account/row:b1": "v1"}


def test_a_row_that_the_source_cannot_read_is_parked_with_its_own_words():
    where = broker()
    row = Unreadable("acme.csv row 17", "TOO_FEW_COLUMNS", "two of three.", "write them all", "name", "b7,Acme")
    pull_on(where, Script([upsert(1), row, upsert(2)])).once()
    assert ids(where) == ["b1", "b2"]
    [letter] = letters(where)
    assert letter.model_dump(exclude={"id", "origin"}) == {
        "stage": "source:acme-list",
        "subject": "acme.csv row 17",
        "field": "name",
        "code": "TOO_FEW_COLUMNS",
        "reason": "two of three.",
        "remedy": "write them all",
        "payload": "b7,Acme",
        "parked_at": AT,
    }


def test_half_a_character_is_parked_and_readable_in_the_dead_letter():
    where = broker()
    row = Unreadable("acme.jsonl row 2", "NO_ID", "the row has no id.", "fill it in", payload='{"name": "\ud800"}')
    pull_on(where, Script([upsert(1), upsert(2, city="\ud800"), row, upsert(3)])).once()
    assert ids(where) == ["b1", "b3"]
    first, second = letters(where)
    assert (first.subject, first.code) == ("list b2", "NO_UNICODE")
    assert second.payload == '{"name": "\\ud800"}'


def test_the_same_bad_row_always_parks_under_the_same_id():
    first, second = broker(), broker()
    for where in (first, second):
        pull_on(where, Script([upsert(1, name=""), upsert(2, name="")])).once()
    assert [letter.id for letter in letters(first)] == [letter.id for letter in letters(second)]
    assert len({letter.id for letter in letters(first)}) == 2


def test_too_many_dead_letters_stop_the_source_and_name_the_cause():
    where = broker()
    pull = pull_on(where, Script([upsert(number, name="") for number in range(150)]))
    with pytest.raises(TooManyDeadLetters, match=r"source:acme-list: 100 inputs in a row.*there is no value"):
        pull.once()
    assert (ids(where), letters(where)) == ([], [])


def test_a_good_row_between_bad_ones_keeps_the_source_going():
    where = broker()
    rows = [upsert(number, name="" if number % 90 else "Acme") for number in range(300)]
    pull_on(where, Script(rows)).once()
    assert (len(ids(where)), len(letters(where))) == (4, 296)


def test_what_came_before_the_vendor_broke_off_is_published_and_not_asked_for_again():
    where = broker()
    source = Script([upsert(1), upsert(2), RetryLater("busy")], [upsert(3)])
    pull = pull_on(where, source)
    with pytest.raises(RetryLater):
        pull.once()
    pull.once()
    assert ids(where) == ["b1", "b2", "b3"]
    assert source.asked == [{}, {"account/row:b1": "v1", "account/row:b2": "v1"}]


def test_a_busy_vendor_is_waited_for_as_long_as_it_says():
    where, stop = broker(), Waiting()
    later = (
        [RetryLater("busy", after=7.0)],
        [PauseConnection("quota", "buy more", after=900)],
        [RetryLater("", after=0)],
    )
    pull_on(where, Script(*later, [upsert(1)])).patiently(stop)
    assert stop.waited == [7.0, 900.0, 0.0]
    assert ids(where) == ["b1"]


def test_a_vendor_that_gives_no_time_is_waited_for_longer_and_longer_but_a_minute_at_most():
    stop = Waiting()
    pull_on(broker(), Script(*[[RetryLater("busy")] for _ in range(12)], [])).patiently(stop)
    bounds = [min(60, 0.5 * 2**tries) for tries in range(12)]
    assert len(stop.waited) == 12
    assert all(0 <= waited <= bound for waited, bound in zip(stop.waited, bounds, strict=True))


def test_an_aborted_commit_starts_the_pass_again():
    where, stop = broker("abort", "abort"), Waiting()
    pull_on(where, Script(*[[upsert(1)]] * 3)).patiently(stop)
    assert ids(where) == ["b1"]
    assert len(stop.waited) == 2


def test_being_told_to_stop_ends_the_wait_and_the_pass():
    source = Script([RetryLater("busy", after=3600)], [upsert(1)])
    where, stop = broker(), Waiting(ends_after=1)
    pull_on(where, source).patiently(stop)
    assert len(source.asked) <= 2
    assert stop.waited == [3600]


@pytest.mark.parametrize("kind", [StopMapping, BadCredentials, NeedsConfirmation, BadInput])
def test_what_needs_a_person_is_raised_at_once(kind):
    stop, source = Waiting(), Script([upsert(1), kind("it is so", "do this")])
    where = broker()
    with pytest.raises(kind, match="it is so Remedy: do this"):
        pull_on(where, source).patiently(stop)
    assert stop.waited == []
    assert ids(where) == ["b1"]


def test_a_bug_of_a_source_is_not_waited_out_and_publishes_nothing():
    where, stop = broker(), Waiting()
    with pytest.raises(ZeroDivisionError):
        pull_on(where, Script([upsert(1), ZeroDivisionError()])).patiently(stop)
    assert (stop.waited, ids(where)) == ([], [])


def reports(where: MemoryBroker) -> list[ConnectionReported]:
    return [decode(record) for record in where.read(topics.CONNECTIONS.name)]


def test_a_connection_says_when_it_waits_and_until_when_and_when_it_goes_on():
    where = broker()
    pull_on(where, Script([PauseConnection("quota is used up", "buy more", after=900)], [upsert(1)])).patiently(
        Waiting()
    )
    assert [(each.state, each.until, each.remedy) for each in reports(where)] == [
        ("paused", AT + timedelta(seconds=900), "buy more"),
        ("running", None, ""),
    ]


def test_a_connection_that_needs_a_person_says_so_before_it_stops():
    where = broker()
    with pytest.raises(StopMapping):
        pull_on(where, Script([StopMapping("a field is missing", "deploy it")])).patiently(Waiting())
    [said] = reports(where)
    assert (said.connection, said.role, said.state) == ("acme-list", "source", "stopped")
    assert (said.reason, said.remedy) == ("a field is missing", "deploy it")


def test_how_far_a_long_walk_has_come_is_said():
    where = broker()
    pull_on(where, Script([upsert(1), Progress("account", "page 1", note="Account: 1 of 2"), upsert(2)])).once()
    assert [each.reason for each in reports(where)] == ["Account: 1 of 2", ""]


def test_what_a_quota_stands_at_is_said():
    where, source = broker(), Script([])
    source.budget = lambda: Budget(used=40, quota=100, reserve=10)
    pull_on(where, source).once()
    [said] = reports(where)
    assert (said.used, said.quota, said.reserve) == (40, 100, 10)
