"""The source by the webhooks journal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import hubspot
from connectors.errors import StopMapping
from schemas.messages import ChangeKind
from tests.unit.connectors.hubspot.conftest import TABLES, Reading
from tests.unit.connectors.hubspot.test_searching import STEP, perform

DAY = 86_400


@pytest.fixture
def reading(portal):
    followed = Reading(portal.source(changes="journal"), "account", "contact", "deal")
    followed.poll()
    return followed


def test_many_events_cost_one_reading_of_their_records(portal, reading):
    ids = [portal.create("companies", name=f"Company {number}") for number in range(60)]
    for id_ in ids:
        portal.edit("companies", id_, city="Berlin")
    before = portal.calls("/0-2/batch/read")
    told = reading.poll()
    assert {change.record_id for change in told} == set(ids)
    assert len(told) == 60
    assert portal.calls("/0-2/batch/read") - before <= 2


def test_a_property_that_did_not_change_keeps_its_value(portal, reading):
    acme = portal.create("companies", name="Acme", country="Germany")
    reading.poll()
    portal.wait(1)
    portal.edit("companies", acme, city="Berlin")
    (change,) = reading.poll()
    assert (change.row["name"], change.row["country"], change.row["city"]) == ("Acme", "Germany", "Berlin")


def test_a_change_of_a_property_that_is_not_mapped_is_not_told(portal, reading):
    acme = portal.create("companies", name="Acme")
    reading.poll()
    portal.wait(1)
    portal.edit("companies", acme, state="Bavaria")
    assert reading.poll() == []


def test_an_association_that_changes_alone_is_told_with_a_later_version(portal, reading):
    acme, globex = (portal.create("companies", name=name) for name in ("Acme", "Globex"))
    ada = portal.create("contacts", lastname="Okafor")
    portal.join(ada, acme)
    reading.poll()
    for seconds, company in ((1, globex), (DAY, acme)):
        portal.wait(seconds)
        portal.part(ada, portal.company_of(ada)[0])
        portal.join(ada, company)
        told = [change for change in reading.poll() if change.entity == "contact"]
        assert TABLES["contact"].to_fields(told[-1].row)["account"] == company
    versions = [change.version for change in reading.told if change.entity == "contact"]
    assert versions == sorted(set(versions))


def test_a_privacy_deletion_is_told_once_and_for_all(portal, reading):
    ada = portal.create("contacts", lastname="Okafor", email="ada@acme.com")
    reading.poll()
    portal.wait(1)
    portal.purge(ada)
    assert [(change.record_id, change.kind) for change in reading.poll()] == [(ada, ChangeKind.DELETED)]
    assert reading.poll() == []


def test_a_restored_record_is_told_as_restored(portal, reading):
    acme = portal.create("companies", name="Acme")
    reading.poll()
    portal.wait(1)
    portal.delete("companies", acme)
    reading.poll()
    portal.wait(DAY)
    portal.restore("companies", acme)
    (change,) = reading.poll()
    assert (change.kind, change.row["name"]) == (ChangeKind.RESTORED, "Acme")


@pytest.mark.parametrize("new_record", [True, False])
def test_a_merge_tells_the_losers_and_the_winner_at_once(portal, reading, new_record):
    one, two = (portal.create("companies", name=name) for name in ("Acme One", "Acme Two"))
    reading.poll()
    portal.wait(1)
    winner = portal.merge("companies", one, two, new_record)
    told = reading.poll()
    losers = [one, two] if new_record else [two]
    merged = [change for change in told if change.kind is ChangeKind.MERGED]
    assert [(change.record_id, change.merged_into) for change in merged] == [(loser, winner) for loser in losers]
    assert [(change.record_id, change.absorbed) for change in told if change.row] == [(winner, tuple(losers))]
    assert set(reading.held()) == {winner}


def test_a_lost_place_is_caught_up_by_search_and_said(portal, reading, caplog):
    kept = portal.create("companies", name="Kept")
    gone = portal.create("companies", name="Gone")
    reading.poll()
    portal.wait(DAY)
    portal.edit("companies", kept, name="Kept and renamed")
    portal.delete("companies", gone)
    portal.call(portal.running.portal.journal.drop_all)
    told = reading.poll()
    assert {(change.record_id, change.kind) for change in told} == {
        (kept, ChangeKind.UPSERTED),
        (gone, ChangeKind.DELETED),
    }
    assert "catching up by search" in caplog.text
    assert any("catching up by search" in note for note in reading.notes)
    portal.wait(1)
    portal.edit("companies", kept, name="Kept")
    assert [change.row["name"] for change in reading.poll()] == ["Kept"]


def test_a_place_older_than_three_days_is_caught_up_too(portal, reading):
    portal.create("companies", name="Acme")
    reading.poll()
    portal.wait(4 * DAY)
    late = portal.create("companies", name="Late")
    assert [change.record_id for change in reading.poll()] == [late]


def test_what_changes_while_the_first_search_runs_is_told_by_the_journal(portal):
    acme = portal.create("companies", name="Acme")
    reading = Reading(portal.source(changes="journal"))
    events = reading.source.changes(reading.tables, {})
    next(events)  # the journal's end is known, the search has not begun
    portal.edit("companies", acme, name="Acme AG")
    names = [event.row["name"] for event in events if getattr(event, "row", None)]
    assert names[-1] == "Acme AG"


def test_what_the_search_shows_only_after_the_journals_end_was_taken_is_found_by_another_search(opened):
    portal = opened(index_lag=3)
    portal.prepare(changes="journal")
    late = portal.create("companies", name="Late")
    at = portal.running.portal.clock
    reading = Reading(hubspot.source(portal.settings(changes="journal"), at, "acme-crm"))
    assert reading.poll() == []
    portal.wait(5)
    assert [change.record_id for change in reading.poll()] == [late]
    portal.wait(5)
    assert reading.poll() == []


def test_a_journal_that_tells_nothing_of_an_object_is_never_taken_for_silence(opened):
    portal = opened()
    portal.prepare()
    with pytest.raises(StopMapping, match="does not tell of companies"):
        Reading(portal.source(changes="journal")).poll()


def test_a_token_of_the_app_that_runs_out_is_renewed(portal, reading):
    acme = portal.create("companies", name="Acme")
    portal.call(portal.running.portal.auth.expire_all)
    assert [change.record_id for change in reading.poll()] == [acme]


@st.composite
def eventful(draw):
    """Steps in a portal, among them losses of the journal."""
    return [draw(st.one_of(st.just(("drop",)), STEP)) for _ in range(draw(st.integers(0, 25)))]


def test_a_late_index_skewed_clocks_merges_and_lost_places_change_nothing_in_the_end(opened):
    portal = opened(index_lag=2, clock_skew=0.9, short_pages=True)

    @settings(max_examples=40)
    @given(eventful())
    def holds(steps):
        portal.reset()
        portal.prepare(overlaps="property", changes="journal")
        portal.create("companies", name="First")  # so that the journal has an entry, whose loss can be seen
        portal.wait(3)
        at = portal.running.portal.clock
        reading = Reading(hubspot.source(portal.settings(page_size=3, changes="journal"), at, "acme-crm"))
        reading.poll()
        for step in steps:
            if step == ("drop",):
                portal.wait(3)
                portal.call(portal.running.portal.journal.drop_all)
                portal.create("companies", name="Next")
                portal.wait(1)
            else:
                perform(portal, reading, step)
        portal.wait(5)
        reading.poll()
        rows = portal.running.portal.store.rows("0-2")
        assert {id_: row["name"] for id_, row in reading.held().items()} == {
            row.id: row.properties["name"] for row in rows if not row.archived
        }

    holds()
