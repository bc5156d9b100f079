"""Several entities in one object: each record is told for what it stands for, and its end for what it stood for."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Change, Event, Progress, Unreadable
from connectors.errors import RetryLater
from connectors.members import standing
from mappings.loader import load
from schemas.messages import ChangeKind

TABLES = {entity: load("salesforce")[entity] for entity in ("account", "partner", "lead")}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Org:
    """A source in miniature: tells each edit for each entity of its object, with one cursor for each entity."""

    def __init__(self) -> None:
        self.edits: list[tuple[str, dict | None]] = []
        self.asked: list[Mapping[str, str]] = []
        self.closed = 0

    def edit(self, record_id: str, **row: object) -> None:
        self.edits.append((record_id, row))

    def delete(self, record_id: str) -> None:
        self.edits.append((record_id, None))

    def changes(self, cursors: Mapping[str, str]) -> Iterator[Event]:
        self.asked.append(dict(cursors))
        try:
            for entity in TABLES:
                for number in range(int(cursors.get(f"{entity}/", 0)), len(self.edits)):
                    record_id, row = self.edits[number]
                    kind = ChangeKind.DELETED if row is None else ChangeKind.UPSERTED
                    at = str(number + 1)
                    yield Change(entity, record_id, kind, number + 1, row, NOON, at, slot="", absorbed=("x",))
        finally:
            self.closed += 1


class Hub:
    """What was told and saved; it can be killed after any event."""

    def __init__(self, org: Org) -> None:
        self.org, self.cursors, self.told = org, dict[str, str](), list[Change]()

    def look(self, stop_after: int | None = None) -> list[Change]:
        before = len(self.told)
        events = standing(TABLES, dict(self.cursors), self.org.changes)
        for number, event in enumerate(events if stop_after != 0 else (), 1):
            assert not isinstance(event, Unreadable)
            if isinstance(event, Change):
                self.told.append(event)
            if event.cursor is None:
                self.cursors.pop(event.place, None)
            else:
                self.cursors[event.place] = event.cursor
            if number == stop_after:
                events.close()
                break
        return self.told[before:]

    def view(self, entity: str) -> set[str]:
        last = {change.record_id: change for change in self.told if change.entity == entity}
        return {record_id for record_id, change in last.items() if change.row is not None}


def said(changes: list[Change], entity: str) -> list[tuple[str, str]]:
    return [(change.record_id, change.kind.value) for change in changes if change.entity == entity]


@pytest.fixture
def org() -> Org:
    return Org()


@pytest.fixture
def hub(org: Org) -> Hub:
    return Hub(org)


def test_a_record_is_told_for_each_entity_that_it_stands_for(org, hub):
    org.edit("a", Is_Partner__c=True)
    org.edit("b", Is_Partner__c=False)
    told = hub.look()
    assert said(told, "account") == [("a", "upserted"), ("b", "upserted")]
    assert said(told, "partner") == [("a", "upserted")]
    assert hub.look() == []


def test_a_record_that_no_longer_stands_for_an_entity_is_told_as_deleted_of_it_once(org, hub):
    org.edit("a", Is_Partner__c=True)
    hub.look()
    org.edit("a", Is_Partner__c=False)
    told = hub.look()
    assert (said(told, "account"), said(told, "partner")) == ([("a", "upserted")], [("a", "deleted")])
    (gone,) = [change for change in told if change.entity == "partner"]
    assert (gone.row, gone.absorbed, gone.version) == (None, (), 2)
    org.edit("a", Is_Partner__c=False)
    assert said(hub.look(), "partner") == []
    org.edit("a", Is_Partner__c=True)
    assert said(hub.look(), "partner") == [("a", "upserted")]


def test_a_deletion_is_told_for_each_entity_that_the_record_stood_for(org, hub):
    org.edit("a", Is_Partner__c=True)
    org.edit("b")
    hub.look()
    org.delete("a")
    org.delete("b")
    told = hub.look()
    assert said(told, "account") == [("a", "deleted"), ("b", "deleted")]
    assert said(told, "partner") == [("a", "deleted")]


def test_what_never_stood_for_an_entity_moves_the_cursor_all_the_same(org, hub):
    org.edit("b", Is_Partner__c=False)
    hub.look()
    hub.look()
    assert org.asked[-1]["partner/"] == "1"


def test_the_slots_of_its_own_are_not_shown_to_the_source(org, hub):
    org.edit("a", Is_Partner__c=True)
    hub.look()
    assert {"partner/member:a", "partner/members"} <= set(hub.cursors)
    hub.look()
    assert set(org.asked[-1]) == {"account/", "partner/", "lead/"}


def test_a_table_with_unless_only_remembers_nobody_and_tells_the_end_of_whatever_it_does_not_take(org, hub):
    org.edit("l", RecordType={"DeveloperName": "Deal_Registration"})
    assert said(hub.look(), "lead") == []
    org.edit("l", RecordType=None)
    assert said(hub.look(), "lead") == [("l", "upserted")]
    org.edit("l", RecordType={"DeveloperName": "Deal_Registration"})
    assert said(hub.look(), "lead") == [("l", "deleted")]
    assert not any("member" in key for key in hub.cursors if key.startswith("lead/"))


def test_a_lead_that_was_told_in_the_first_look_and_left_in_it_is_told_as_deleted(org, hub):
    org.edit("l", RecordType=None)
    org.edit("l", RecordType={"DeveloperName": "Deal_Registration"})
    assert said(hub.look(), "lead") == [("l", "upserted"), ("l", "deleted")]


def test_a_condition_that_is_new_to_a_connection_tells_the_end_of_what_may_have_been_told_before(org, hub):
    hub.cursors["partner/"] = "0"
    org.edit("b", Is_Partner__c=False)
    assert said(hub.look(), "partner") == [("b", "deleted")]


def test_tables_without_conditions_are_left_as_they_are(org):
    events = [Change("account", "a", ChangeKind.UPSERTED, 1, {}, NOON, "1"), Progress("account", "2")]
    assert list(standing({"account": TABLES["account"]}, {}, lambda own: iter_of(events))) == events


def iter_of(events: list[Event]) -> Iterator[Event]:
    yield from events


def test_an_error_of_the_source_goes_through_and_a_look_that_is_broken_off_closes_it(org, hub):
    def broken(_: Mapping[str, str]) -> Iterator[Event]:
        raise RetryLater("later")
        yield

    with pytest.raises(RetryLater):
        list(standing(TABLES, {}, broken))
    org.edit("a", Is_Partner__c=True)
    hub.look(stop_after=1)
    assert org.closed == 0  # it was not even asked
    hub.look(stop_after=2)
    assert org.closed == 1


EDITS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["partner", "registration", "plain", "delete", "look", "kill"])),
    max_size=25,
)


@settings(max_examples=60)
@given(EDITS)
def test_whatever_happens_between_looks_and_kills_each_entity_has_the_records_that_stand_for_it(edits):
    org = Org()
    hub = Hub(org)
    for number, (record_id, what) in enumerate(edits):
        match what:
            case "look":
                hub.look()
            case "kill":
                hub.look(stop_after=number % 5)
            case "delete":
                org.delete(record_id)
            case _:
                kind = {"DeveloperName": "Deal_Registration"} if what == "registration" else None
                org.edit(record_id, Is_Partner__c=what == "partner", RecordType=kind)
    hub.look()
    last = dict(org.edits)
    for entity, table in TABLES.items():
        wanted = {record_id for record_id, row in last.items() if row is not None and table.takes(row)}
        assert hub.view(entity) == wanted
        versions = [change.version for change in hub.told if change.entity == entity]
        assert versions == sorted(set(versions))
