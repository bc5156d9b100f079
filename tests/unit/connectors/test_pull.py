"""What the pull loop promises: each change is published once, with its cursor, through crashes and busy vendors."""

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Change, Event, Progress, Unreadable
from connectors.errors import (
    BadCredentials,
    BadInput,
    ConnectorError,
    NeedsConfirmation,
    PauseConnection,
    RetryLater,
    StopMapping,
)
from connectors.pull import Pull
from mappings.loader import load
from schemas import topics
from schemas.codec import decode, encode
from schemas.deadletters import TooManyDeadLetters
from schemas.log import Aborted
from schemas.messages import AccountChanged, ChangeKind, CursorSaved, DeadLetter
from tests.support.memory_log import Crash, MemoryBroker, MemoryLog

AT = datetime(2026, 11, 22, tzinfo=UTC)
TABLE = load("partner_list")["account"]
CURSORS = topics.cursors("acme-list")


class Script:
    """Yields what is written down and raises the errors among it; `asked` are the cursors that it was given."""

    def __init__(self, *passes: list[Event | Exception]) -> None:
        self.passes = list(passes)
        self.asked: list[dict[str, str]] = []

    def changes(self, table, cursors: Mapping[str, str]) -> Iterator[Event]:
        self.asked.append(dict(cursors))
        for event in self.passes.pop(0) if self.passes else ():
            if isinstance(event, Exception):
                raise event
            yield event


class Waiting(threading.Event):
    """An event on which nobody waits: it notes the seconds; with `ends_after`, it is set while one waits that often."""

    def __init__(self, ends_after: int | None = None) -> None:
        super().__init__()
        self.waited: list[float | None] = []
        self._ends_after = ends_after

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout)
        if len(self.waited) == self._ends_after:
            self.set()
        return self.is_set()


def broker(*faults: str | None) -> MemoryBroker:
    return MemoryBroker(partitions=1, faults=list(faults))


def pull_on(where: MemoryBroker, source, batch: int = 1000, table=TABLE) -> Pull:
    journal = MemoryLog(where, "", CURSORS.name)
    return Pull("acme-list", "partner:acme", table, source, journal, lambda: AT, batch)


def upsert(number: int, name: object = "Acme", version: int = 1, **row: object) -> Change:
    row = {"name": name, **row}
    return Change(f"b{number}", ChangeKind.UPSERTED, version, row, AT, cursor=f"v{version}", slot=f"row:b{number}")


def removal(number: int, version: int = 2) -> Change:
    return Change(f"b{number}", ChangeKind.DELETED, version, None, AT, cursor=None, slot=f"row:b{number}")


def published(where: MemoryBroker) -> list[AccountChanged]:
    return [decode(record) for record in where.read(topics.ACCOUNT_CHANGES.name)]


def letters(where: MemoryBroker) -> list[DeadLetter]:
    return [decode(record) for record in where.read(topics.DEADLETTERS.name)]


def ids(where: MemoryBroker) -> list[str]:
    return [change.record_id for change in published(where)]


@pytest.mark.parametrize(("fault", "arrived"), [("die-before", []), ("abort", []), ("die-after", ["b1", "b2"])])
def test_changes_and_cursors_are_committed_together_or_not_at_all(fault, arrived):
    where = broker(fault)
    with pytest.raises((Crash, Aborted)):
        pull_on(where, Script([upsert(1), upsert(2)])).once()
    assert ids(where) == arrived
    again = Script([])
    pull_on(where, again).once()
    assert again.asked == [{f"row:{record}": "v1" for record in arrived}]


def test_a_change_is_told_whole():
    where = broker()
    pull_on(where, Script([upsert(1, "Acme Robotics", 7, population="Open Opp")])).once()
    [change] = published(where)
    assert (change.connection, change.party, change.ref) == ("acme-list", "partner:acme", "acme-list/account/b1")
    assert (change.version, change.kind, change.occurred_at, change.own) == (7, ChangeKind.UPSERTED, AT, False)
    assert (change.record.name, change.record.population) == ("Acme Robotics", "open_opportunity")
    [record] = where.read(topics.ACCOUNT_CHANGES.name)
    headers = dict(record.headers)
    assert record.key == b"acme-list/account/b1"
    assert (headers["ce_source"], headers["ce_id"]) == (b"/tandem/source:acme-list", change.id.encode())
    assert headers["traceparent"].startswith(b"00-")


def test_the_cursors_that_were_committed_are_given_to_the_next_pass():
    source = Script([Progress("begun"), upsert(1), upsert(2, version=3)], [])
    pull = pull_on(broker(), source)
    pull.once()
    pull.once()
    assert source.asked == [{}, {"": "begun", "row:b1": "v1", "row:b2": "v3"}]


def test_the_cursor_of_a_row_that_is_gone_is_forgotten_in_memory_and_on_the_topic():
    where = broker()
    source = Script([upsert(1), upsert(2)], [removal(1)], [])
    pull = pull_on(where, source)
    for _ in range(3):
        pull.once()
    restarted = Script([])
    pull_on(where, restarted).once()
    assert source.asked[-1] == restarted.asked[0] == {"row:b2": "v1"}
    assert [record.value for record in where.read(CURSORS.name) if record.key == b"account/row:b1"][-1] is None


def test_the_cursors_of_another_entity_are_not_mixed_in():
    where = broker()
    other = CursorSaved(connection="acme-list", entity="account_summary", slot="row:b1", value="v9")
    where.append(encode(CURSORS, "account_summary/row:b1", other, source="test", event_id="e", trace=None))
    source = Script([])
    pull_on(where, source).once()
    assert source.asked == [{}]


def test_a_deletion_is_published_without_a_record():
    where = broker()
    pull_on(where, Script([removal(1)])).once()
    [change] = published(where)
    assert (change.kind, change.record) == (ChangeKind.DELETED, None)


def test_a_pass_without_anything_new_writes_nothing():
    where = broker("die-before")
    pull = pull_on(where, Script([]))
    assert pull.once() == 0
    assert where.faults == ["die-before"]
    assert pull.stats.passes == 1


def test_a_long_pass_is_committed_in_batches():
    where = broker(None, None, "die-before")
    with pytest.raises(Crash):
        pull_on(where, Script([upsert(number) for number in range(9)]), batch=4).once()
    assert ids(where) == [f"b{number}" for number in range(8)]


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
    assert source.asked[1] == {"row:b1": "v1"}


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
    assert source.asked == [{}, {"row:b1": "v1", "row:b2": "v1"}]


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


def test_the_id_of_a_change_depends_on_what_it_is_and_on_nothing_else():
    def identity(change: Change) -> str:
        where = broker()
        pull_on(where, Script([change])).once()
        return published(where)[0].id

    variants = [upsert(1), upsert(2), upsert(1, version=2), upsert(1, name="Bolt"), removal(1)]
    assert [identity(each) for each in variants] == [identity(each) for each in variants]
    assert len({identity(each) for each in variants}) == len(variants)


class Lists:
    """A source that holds versions of a list, as rows by id, and breaks off at the yields that `breaks` counts."""

    def __init__(self, breaks: set[int]) -> None:
        self.rows: dict[str, str] = {}
        self.version = 0
        self._breaks, self._yields = breaks, 0

    def changes(self, table, cursors: Mapping[str, str]) -> Iterator[Event]:
        for event in self._events(cursors):
            self._yields += 1
            if self._yields in self._breaks:
                raise RetryLater("as the test asked")
            yield event

    def _events(self, cursors: Mapping[str, str]) -> Iterator[Event]:
        if cursors.get("") == str(self.version):
            return
        for record, name in self.rows.items():
            if name == "unreadable" and f"bad:{record}" not in cursors:
                yield Unreadable(f"row {record}", "NO_CSV", "as the test asked", "none")
                yield Progress("told", f"bad:{record}")
            elif name != "unreadable" and cursors.get(f"row:{record}") != name:
                yield self._change(record, ChangeKind.UPSERTED, {"name": name}, name or "blank")
        for slot in sorted(cursors):
            kind, _, record = slot.partition(":")
            if kind == "row" and self.rows.get(record, "unreadable") == "unreadable":
                yield self._change(record, ChangeKind.DELETED, None, None)
            if kind == "bad" and self.rows.get(record) != "unreadable":
                yield Progress(None, slot)
        yield Progress(str(self.version))

    def _change(self, record, kind, row, cursor) -> Change:
        return Change(record, kind, self.version, row, AT, cursor, slot=f"row:{record}")


def told(where: MemoryBroker) -> dict[str, list[tuple[int, str | None]]]:
    """Record to its versions and names in the order in which they were published; None for a deletion."""
    found: dict[str, list[tuple[int, str | None]]] = {}
    for it in published(where):
        found.setdefault(it.record_id, []).append((it.version, it.record and it.record.name))
    return found


def follow(versions, faults=(), breaks=frozenset(), batch: int = 1000) -> MemoryBroker:
    """Each version is read until nothing is left; a dead process is started anew."""
    where = MemoryBroker(partitions=1, faults=list(faults))
    source = Lists(set(breaks))
    pull = None
    for source.version, source.rows in enumerate(versions, 1):
        done = False
        while not done:
            try:
                pull = pull or pull_on(where, source, batch)
                pull.once()
                done = True
            except Crash:
                pull = None
            except (Aborted, ConnectorError):
                pass
    return where


GOOD = ("Acme", "Bolt", "Core")
ROWS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([*GOOD, "", "unreadable"]))


@given(
    versions=st.lists(ROWS, max_size=4),
    faults=st.lists(st.sampled_from(["abort", "die-before", "die-after", None]), max_size=12),
    breaks=st.sets(st.integers(1, 40)),
    batch=st.integers(1, 6),
)
def test_whatever_dies_and_breaks_off_each_change_is_published_exactly_once(versions, faults, breaks, batch):
    undisturbed, disturbed = follow(versions), follow(versions, faults, breaks, batch)
    assert told(disturbed) == told(undisturbed)
    assert {it.id for it in letters(disturbed)} == {it.id for it in letters(undisturbed)}
    last = versions[-1] if versions else {}
    holds = {record: changes[-1][1] for record, changes in told(disturbed).items()}
    assert {record: holds.get(record) for record, name in last.items() if name in GOOD} == {
        record: name for record, name in last.items() if name in GOOD
    }
    assert {name for record, name in holds.items() if record not in last} <= {None}
