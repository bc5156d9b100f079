"""What a poll tells, what it drops, and what the cursor keeps."""

from datetime import UTC, datetime, timedelta

from connectors.base import Change, Progress
from connectors.salesforce.soql import Position
from connectors.salesforce.window import Record, Window
from schemas.messages import ChangeKind

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OVERLAP = timedelta(seconds=600)


def acme(seconds, name="Acme Robotics", record_id="001A"):
    row = None if name is None else {"Name": name}
    return Record(record_id, NOON + timedelta(seconds=seconds), row, actor="005A", own=False)


def told(window, record, horizon=0):
    return list(window.observe(record, NOON + timedelta(seconds=horizon)))


def saved(cursors, *events):
    """The cursors after the events, as a runner keeps them."""
    for event in events:
        if event.cursor is None:
            cursors.pop(event.slot, None)
        else:
            cursors[event.slot] = event.cursor
    return cursors


def test_a_record_behind_the_window_moves_the_floor():
    (change,) = told(Window("account", {}, OVERLAP), acme(-3600))
    assert (change.slot, change.cursor) == ("", "2026-11-22T11:00:00Z 001A")


def test_a_record_within_the_window_gets_a_slot_of_its_own():
    (change,) = told(Window("account", {}, OVERLAP), acme(-10))
    assert change.slot == "seen:001A"
    assert change.cursor.startswith("2026-11-22T11:59:50Z 0 ")


def test_the_same_record_is_told_once():
    cursors = saved({}, *told(Window("account", {}, OVERLAP), acme(0)))
    assert told(Window("account", cursors, OVERLAP), acme(0)) == []


def test_a_second_edit_within_the_same_second_is_told_and_has_a_higher_version():
    cursors = saved({}, *told(Window("account", {}, OVERLAP), acme(0)))
    (second,) = told(Window("account", cursors, OVERLAP), acme(0, "Acme Robotics AG"))
    (third,) = told(Window("account", saved(cursors, second), OVERLAP), acme(0))
    stamp = int(NOON.timestamp()) * 1000
    assert [second.version, third.version] == [stamp + 1, stamp + 2]
    assert second.row == {"Name": "Acme Robotics AG"}


def test_a_later_stamp_without_a_new_value_is_told_too():
    cursors = saved({}, *told(Window("account", {}, OVERLAP), acme(0)))
    (change,) = told(Window("account", cursors, OVERLAP), acme(1))
    assert change.version == int(NOON.timestamp()) * 1000 + 1000


def test_a_deletion_carries_no_row():
    (change,) = told(Window("account", {}, OVERLAP), acme(0, name=None))
    assert (change.kind, change.row) == (ChangeKind.DELETED, None)


def test_slots_are_forgotten_once_the_floor_has_passed_them_and_the_floor_goes_first():
    first = Window("account", {}, OVERLAP)
    cursors = saved({}, *told(first, acme(0)), *told(first, acme(500, record_id="001B")))
    events = list(Window("account", cursors, OVERLAP).advance(NOON + timedelta(seconds=601)))
    assert events == [Progress("account", "2026-11-22T12:00:01Z"), Progress("account", None, "seen:001A")]
    assert set(saved(cursors, *events)) == {"", "seen:001B"}


def test_a_record_exactly_at_the_edge_of_the_overlap_is_kept():
    cursors = saved({}, *told(Window("account", {}, OVERLAP), acme(0)))
    assert list(Window("account", cursors, OVERLAP).advance(NOON + OVERLAP)) == []


def test_nothing_is_written_while_nothing_leaves_the_window():
    assert list(Window("account", {"": "2026-11-22T11:00:00Z"}, OVERLAP).advance(NOON)) == []


def test_a_settled_org_keeps_one_slot():
    cursors = saved({}, *told(Window("account", {}, OVERLAP), acme(0)))
    events = list(Window("account", cursors, OVERLAP).settle(Position(NOON, "001A")))
    assert saved(cursors, *events) == {"": "2026-11-22T12:00:00Z 001A"}


def test_a_slot_that_a_crash_left_behind_is_forgotten_by_the_next_poll():
    cursors = {"": "2026-11-22T12:00:01Z", **saved({}, *told(Window("account", {}, OVERLAP), acme(0)))}
    assert list(Window("account", cursors, OVERLAP).advance(NOON + timedelta(seconds=601))) == [
        Progress("account", None, "seen:001A")
    ]


def test_a_change_says_who_made_it():
    record = acme(0)._replace(actor="005TANDEM", own=True)
    (change,) = told(Window("account", {}, OVERLAP), record)
    assert isinstance(change, Change)
    assert (change.actor, change.own, change.occurred_at) == ("005TANDEM", True, NOON)
