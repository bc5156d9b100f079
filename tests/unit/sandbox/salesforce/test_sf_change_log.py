"""Schemas, bitmaps, differences and positions of the change log, each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.metadata.model import FieldDef, Row
from sandbox.salesforce.metadata.standard import standard_schema
from sandbox.salesforce.org import Org, Settings
from sandbox.salesforce.pubsub import origin, schema
from sandbox.salesforce.pubsub.changes import changes_of
from sandbox.salesforce.pubsub.errors import Refused
from sandbox.salesforce.pubsub.log import MAX_EVENT
from sandbox.salesforce.store import Applied, Write

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
OBJECTS = standard_schema()
ACCOUNT = schema.build(OBJECTS.require("Account"))
CONTACT = schema.build(OBJECTS.require("Contact"))
ADMIN = "admin@tandem.example"


def org(**changes: Any) -> Org:
    made = Org(Settings(clock=lambda: NOW, **changes))
    made.changes.forget()
    return made


def account(made: Org, **fields: Any) -> str:
    return made.dml.create(made.schema.require("Account"), {"Name": "A", **fields}, made.admin_id)


def read(made: Org) -> list[Any]:
    return made.changes.read(frozenset({"Account"}), 0, 1000)


@given(st.sets(st.sampled_from(sorted(CONTACT.places))))
def test_bitmaps_name_exactly_the_fields_that_they_were_made_of(names: set[str]) -> None:
    found = set()
    for text in CONTACT.bitmaps(names):
        place, _, bits = text.rpartition("-")
        for number in range(64):
            if int(bits, 16) >> number & 1:
                found.add((int(place), number) if place else (number, None))
    assert found == {CONTACT.places[name] for name in names}


def test_the_example_of_the_vendor_is_read_from_the_lowest_bit() -> None:
    names = [name for name, place in ACCOUNT.places.items() if place in ((5, None), (6, None))]
    assert len(names) == 2
    assert ACCOUNT.bitmaps(names) == ["0x60"]


def test_a_schema_changes_its_id_with_a_field_and_events_keep_theirs() -> None:
    made = org()
    account(made)
    before = read(made)[0].schema.id
    made.schema.require("Account").add([FieldDef("New__c", "string", "New", length=10, custom=True)])
    account(made, New__c="x")
    first, second = read(made)
    assert first.schema.id == before != second.schema.id
    assert "New__c" in second.schema.places
    known = made.changes.schema_by_id(before)
    assert known is not None
    assert "New__c" not in known.places


def test_a_formula_has_no_place_in_an_event() -> None:
    definition = standard_schema().require("Lead")
    definition.add([FieldDef("F__c", "double", "F", custom=True, calculated=True, createable=False, updateable=False)])
    assert "F__c" not in schema.build(definition).places


def update(before: Row, after: Row) -> list[Any]:
    full: Row = {"Id": "001", "LastModifiedDate": NOW}
    one = Applied("Account", {**full, **before}, {**full, **after}, Write("update", "005", NOW, ()))
    return changes_of([one], OBJECTS.require, lambda _: ACCOUNT, 100)


def lines(count: int, *changed: int) -> str:
    return "\n".join(("other " if number in changed else "words ") + "x" * 50 for number in range(count))


@pytest.mark.parametrize(
    ("old", "new", "diffed"),
    [
        (lines(40), lines(40, 3), True),
        (lines(40), lines(40, *range(20)), False),
        (lines(40), lines(40) + "y" * 5000, False),
        (lines(10), lines(10, 3), False),
        ("x" * 2000, "y" * 2000, False),
        (None, lines(40), False),
    ],
    ids=["few lines", "many lines", "length", "short", "longer than the text", "from nothing"],
)
def test_a_difference_is_sent_on_the_vendors_conditions_only(old: str | None, new: str, diffed: bool) -> None:
    (change,) = update({"Description": old}, {"Description": new})
    assert (change.diffed == ("Description",)) is diffed
    assert (change.values["Description"] == new) is not diffed


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=30, max_size=60), st.integers(0, 29))
def test_a_difference_makes_the_new_text_of_the_old_one(words: Sequence[str], at: int) -> None:
    old = [word * 60 for word in words]
    new = [*old[:at], "z" * 60, *old[at + 1 :]]
    (change,) = update({"Description": "\n".join(old)}, {"Description": "\n".join(new)})
    if change.diffed:
        assert patched(old, change.values["Description"].split("\n")[2:]) == new
    else:
        assert change.values["Description"] == "\n".join(new)


def patched(old: list[str], diff: list[str]) -> list[str]:
    made, done = list[str](), 0
    for line in diff:
        if line.startswith("@@"):
            start = int(line.split()[1].partition(",")[0]) * -1 - 1
            made += old[done:start]
            done = start
        elif line.startswith("-"):
            assert old[done] == line[1:]
            done += 1
        else:
            made.append(line[1:])
    return made + old[done:]


def test_an_event_of_more_than_a_megabyte_is_a_gap() -> None:
    made = org()
    made.schema.require("Account").add([FieldDef("Huge__c", "textarea", "Huge", length=MAX_EVENT * 2, custom=True)])
    account(made, Huge__c="x" * MAX_EVENT)
    (event,) = read(made)
    assert len(event.payload) < 1000


def test_each_changed_field_of_an_update_counts_towards_an_overflow() -> None:
    made = org(overflow_after=5)
    records = [account(made) for _ in range(3)]
    definition = made.schema.require("Account")
    with made.store.savepoint():
        for number, one in enumerate(records):  # Phone, Website and LastModifiedDate: 3 changes each
            made.dml.update(definition, one, {"Phone": f"{number}", "Website": f"{number}"}, made.admin_id)
    assert [one.header["changeType"] for one in read(made)[3:]] == ["UPDATE", "GAP_OVERFLOW"]


@given(st.lists(st.integers(0, 3600 * 24), min_size=1, max_size=20))
def test_positions_rise_and_an_id_is_good_as_long_as_its_event_is_kept(pauses: list[int]) -> None:
    made = org()
    for pause in pauses:
        made.clock.advance(pause)
        account(made)
    events = read(made)
    positions = [one.position for one in events]
    assert positions == sorted(set(positions))
    assert all(one.at >= made.clock() - timedelta(hours=72) for one in events)
    for one in positions:
        assert made.changes.position_of(made.changes.replay_id(one)) == one
    made.clock.advance(72 * 3600 + 1)
    for one in positions:
        with pytest.raises(Refused, match=r"replayid\.corrupted"):
            made.changes.position_of(made.changes.replay_id(one))


def test_the_same_seed_gives_the_same_stream() -> None:
    def stream(seed: int) -> list[tuple[Any, ...]]:
        made = org(seed=seed)
        for _ in range(3):
            account(made)
        return [(one.position, one.id, one.header["transactionKey"]) for one in read(made)]

    assert stream(1) == stream(1) != stream(2)


@pytest.mark.parametrize(
    ("path", "options", "expected"),
    [
        ("/services/data/v59.0/sobjects/Account", "client=tandem", "com/salesforce/api/rest/59.0;client=tandem"),
        ("/services/data/v61.0/composite/sobjects", "", "com/salesforce/api/rest/61.0"),
        (
            "/services/data/v59.0/jobs/ingest/750",
            "client=x, defaultNamespace=y",
            "com/salesforce/api/bulkapi/59.0;client=x",
        ),
        ("/__sandbox__/edit", "client=x", ""),
    ],
)
def test_the_origin_of_a_request_is_its_api_version_and_client(path: str, options: str, expected: str) -> None:
    assert origin.of_request(path, options) == expected
