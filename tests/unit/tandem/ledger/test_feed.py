"""What each message becomes, and that no record can stop the feed."""

import json
from typing import Any

import pytest

from schemas import topics
from schemas.codec import encode
from schemas.deadletters import RETRY_OF, from_record
from schemas.log import Output, Record
from schemas.messages import CaughtUp, Changed, PairRuled, RulingGiven, TimePassed
from tandem.ledger.feed import fed
from tandem.ledger.handlers import HANDLERS
from tests.unit.tandem.ledger.world import (
    SINKS,
    T0,
    World,
    changed,
    conflict,
    finished,
    letter,
    linked,
    overlapped,
    reported,
    resolved,
    told,
    write,
)


def as_input(output: Output, offset: int = 4) -> Record:
    return Record(output.topic, 0, offset, output.key, output.value, output.headers or [], 1_772_442_000_000)


def tell_raw(world: World, message: Any, **fields: Any) -> None:
    """A message with fields that its own model would refuse, or not write like that."""
    output = told(message)
    value = json.loads(output.value or b"") | fields
    world.broker.publish([output._replace(value=json.dumps(value).encode())])


def test_every_message_of_the_topics_has_a_handler():
    # TimePassed says nothing, PairRuled what the ruling says, and the other messages of the pairs are the streams' own.
    told_elsewhere = {TimePassed, PairRuled, *topics.MATCH_PAIRS.messages} - {RulingGiven}
    assert {message for topic in fed(SINKS) for message in topic.messages} - told_elsewhere == set(HANDLERS)


def test_a_record_is_as_its_highest_version_says_whatever_came_last(world: World):
    world.tell(changed("1", 2, record={"name": "Acme Robotics AG"}), changed("1", 1))
    world.catch_up()
    row = world.row("record")
    assert (row["version"], row["name"], row["party"], row["kind"]) == (2, "Acme Robotics AG", "us", "upserted")


def test_a_person_is_called_by_both_names(file: World):
    file.tell(changed("c1", entity="contact", record={"last_name": "Okafor", "first_name": "Ada"}))
    file.catch_up()
    assert file.row("record")["name"] == "Ada Okafor"


def test_a_deleted_record_is_known_as_such(file: World):
    file.tell(changed("1"), changed("1", 2, kind="deleted", record=None))
    file.catch_up()
    assert (file.row("record")["kind"], file.rows("change")[1]["fields"]) == ("deleted", None)


def test_a_decision_keeps_its_reasons_and_causes_and_the_crosswalk_the_last_word(world: World):
    world.tell(linked("1"), linked("1", None, 2))
    world.catch_up()
    first, second = sorted(world.rows("decision"), key=lambda row: row["decided_at"])
    assert first["reasons"] == ["same web domain acme.com"]
    assert first["causes"] == second["causes"] == [row["cause_id"] for row in world.rows("cause")][:1]
    assert (world.row("link")["key"], world.row("link")["decision_id"]) == (None, second["id"])


def test_a_write_and_its_outcomes_are_kept_side_by_side(world: World):
    it = write(
        "1", expected={"website": None}, parent={"field": "account", "entity": "account", "key": "k", "fields": {}}
    )
    world.tell(it, finished(it, "rejected", code="LOCKED"), finished(it, finished_at=T0))
    world.catch_up()
    row = world.row("write")
    assert (row["fields"], row["expected"]) == ({"website": "https://acme.com"}, {"website": None})
    assert {each["status"] for each in world.rows("outcome")} == {"rejected", "applied"}


def test_an_overlap_and_a_conflict_and_a_connection_stand_as_last_told(world: World):
    world.tell(overlapped("1"), overlapped("1", 2, "ended"), conflict("1"), conflict("1", still_open=False))
    world.tell(reported(used=5, quota=10), reported(state="paused", until=T0, nth=2))
    world.catch_up()
    assert world.row("overlap")["status"] == "ended"
    assert world.row("conflict")["open"] is False
    assert len(world.rows("conflict_record")) == 2
    row = world.row("connection")
    assert (row["state"], row["until"], row["used"]) == ("paused", T0, None)


def test_a_dead_letter_that_comes_again_after_it_was_resolved_is_open_again(world: World):
    it = letter("17")
    world.tell(it, resolved(it, "retried"))
    world.catch_up()
    row = world.row("dead_letter")
    assert (row["status"], row["resolved_by"], row["times"]) == ("retried", "dana", 1)
    world.tell(it)
    world.catch_up()
    row = world.row("dead_letter")
    assert (row["status"], row["resolved_by"], row["times"]) == ("open", None, 2)


def test_an_input_that_is_tried_again_and_fails_again_is_the_same_dead_letter():
    first = as_input(told(write("1")))
    parked = json.loads(from_record("sink:our-crm", first, "X", "", "").value or b"")
    again = first._replace(offset=99, headers=[*first.headers, (RETRY_OF, parked["id"].encode())])
    assert json.loads(from_record("sink:our-crm", again, "X", "", "").value or b"")["id"] == parked["id"]


def test_a_dead_letter_knows_the_write_that_it_was(file: World):
    it = write("1")
    file.broker.publish([from_record("sink:our-crm", as_input(told(it)), "X", "no", "mend it")])
    file.catch_up()
    assert file.row("dead_letter")["event_id"] == it.id


@pytest.mark.parametrize(
    ("output", "code"),
    [
        (Output("changes.account", b"k", b"{}", [("ce_type", b"tandem.account.changed")]), "INVALID_VALUE"),
        (Output("changes.account", b"k", b"{}", []), "NO_EVENT_TYPE"),
        (Output("changes.account", b"k", b"\xff\x00", [("ce_type", b"tandem.newer")]), "UNKNOWN_EVENT_TYPE"),
        (Output("changes.account", None, None, []), "NO_EVENT_TYPE"),
    ],
)
def test_a_record_that_cannot_be_read_is_written_down_and_the_rest_goes_on(world: World, output: Output, code: str):
    world.broker.publish([output])
    world.tell(changed("1"))
    world.catch_up()
    assert world.row("unreadable")["code"] == code
    assert world.row("record")["record_id"] == "1"


def test_a_message_that_has_no_place_there_is_written_down(file: World):
    stray = CaughtUp(connection="our-crm", party="us", entities=(), at=T0)
    file.broker.publish([encode(topics.OUTCOMES, "k", stray, source="x", event_id="1", trace=None)])
    file.catch_up()
    assert file.row("unreadable")["code"] == "NOT_EXPECTED"


def test_a_text_with_a_nul_is_stored_with_a_replacement_character(world: World):
    world.tell(changed("1", record={"name": "Acme\0Robotics \\u0000"}))
    world.catch_up()
    assert world.row("record")["name"] == "Acme\ufffdRobotics \\u0000"
    assert world.rows("unreadable") == []


@pytest.mark.parametrize("version", [2**63, 10**30])
def test_a_number_that_no_database_can_hold_is_written_down_as_unreadable(world: World, version: int):
    tell_raw(world, changed("1"), version=version)
    world.tell(changed("2"))
    world.catch_up()
    assert world.row("unreadable")["code"] == "INVALID_VALUE"
    assert world.row("record")["record_id"] == "2"


def test_an_id_that_no_index_takes_does_not_stop_the_feed(world: World):
    """PostgreSQL refuses keys of more than a third of a page that do not compress; SQLite takes them."""
    giant = "".join(chr(33 + (n * n * 31 + n // 7) % 90) for n in range(9000)).replace("/", "-")
    world.tell(changed("1"), changed(giant, connection="our-crm"), changed("2"))
    world.catch_up()
    known = {row["record_id"] for row in world.rows("record")}
    assert known >= {"1", "2"}
    assert len(known) + len(world.rows("unreadable")) == 3


def test_a_fault_of_a_handler_is_written_down_with_the_record(file: World, monkeypatch: pytest.MonkeyPatch):
    def failing(message: Changed, place: object) -> Any:
        raise RuntimeError("a bug")
        yield

    monkeypatch.setitem(HANDLERS, type(changed("1")), failing)  # type: ignore[arg-type]
    file.tell(changed("1"), reported())
    file.catch_up()
    assert file.row("unreadable")["reason"] == "RuntimeError: a bug"
    assert len(file.rows("connection")) == 1


def test_what_a_message_need_not_say_may_be_missing(world: World):
    bare = {"key": None, "field": None, "kept": None, "lost": None, "refs": (), "causes": ()}
    world.tell(
        changed("1", kind="deleted", record=None),
        linked("1", None, rule=None, causes=(), members=()),
        overlapped("1"),
        write("1", causes=(), reasons=()),
        finished(write("1"), target_id=None),
        conflict("1", **bare),
        letter("1"),
        reported(),
    )
    world.catch_up()
    assert world.rows("unreadable") == []
    assert (world.row("conflict")["kept"], world.row("conflict")["refs"]) == (None, [])


def test_a_row_that_a_table_refuses_does_not_stop_the_feed(world: World, monkeypatch: pytest.MonkeyPatch):
    whole = HANDLERS[type(reported())]
    monkeypatch.setitem(
        HANDLERS, type(reported()), lambda *it: [(do, {**row, "state": None}) for do, row in whole(*it)]
    )  # type: ignore[arg-type]
    world.tell(reported(), changed("1"))
    world.catch_up()
    assert (world.row("unreadable")["code"], len(world.rows("record"))) == ("NOT_STORABLE", 1)


def test_moments_are_kept_in_utc_whatever_zone_they_came_in(world: World):
    world.tell(changed("1", occurred_at="2026-03-02T10:30:00.123456+05:30"))
    world.catch_up()
    found = world.row("record")["occurred_at"]
    assert found.isoformat() == "2026-03-02T05:00:00.123456+00:00"
