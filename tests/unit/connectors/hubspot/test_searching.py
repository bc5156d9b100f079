"""The source by search, and each complaint that users have of others (facts, peers 6.2)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import StopMapping
from connectors.hubspot import source
from mappings.loader import load
from schemas.messages import ChangeKind
from tests.unit.connectors.hubspot.conftest import TABLES, Reading, clock


def test_a_record_is_told_with_its_mapped_fields_its_company_and_its_owner(portal):
    owner, mail = next(iter(portal.running.portal.crm.owners.items()))
    acme = portal.create("companies", name="Acme Robotics", domain="acme.com", lifecyclestage="opportunity")
    ada = portal.create("contacts", lastname="Okafor", email="ada@acme.com", hubspot_owner_id=owner)
    portal.join(ada, acme)
    reading = Reading(portal.source(), "account", "contact")
    told = {change.entity: TABLES[change.entity].to_fields(change.row) for change in reading.poll()}
    company, contact = told["account"], told["contact"]
    assert (company["name"], company["domains"], company["population"]) == (
        "Acme Robotics",
        ["acme.com"],
        "open_opportunity",
    )
    assert (contact["account"], contact["owner_email"], contact["title"]) == (acme, mail, None)


def test_of_several_companies_the_primary_one_is_told(portal):
    first, second = (portal.create("companies", name=name) for name in ("First", "Second"))
    deal = portal.create("deals", dealname="Forty seats", dealstage="contractsent", closedate="2026-12-18")
    portal.join(deal, first, "deals", primary=None)
    portal.join(deal, second, "deals", primary=5)
    (change,) = Reading(portal.source(), "deal").poll()
    told = TABLES["deal"].to_fields(change.row)
    assert (told["account"], told["stage"], told["close_date"]) == (second, "negotiation", "2026-12-18")


def test_four_digit_and_five_digit_ids_of_one_stamp_are_all_told(portal):
    ids = {portal.create("companies", name=f"Company {number}") for number in range(12)}
    assert {len(id_) for id_ in ids} == {4, 5}
    reading = Reading(portal.source(page_size=2))
    assert {change.record_id for change in reading.poll()} == ids


def test_more_than_a_search_shows_is_told_to_the_last(portal, monkeypatch):
    monkeypatch.setattr("sandbox.hubspot.search.WINDOW", 10)
    ids = set()
    for number in range(35):
        portal.wait(number % 3)
        ids.add(portal.create("companies", name=f"Company {number}"))
    reading = Reading(portal.source(page_size=4))
    assert [change.record_id for change in reading.poll()] == sorted(ids, key=int)
    assert reading.poll() == []


def test_pages_shorter_than_asked_for_do_not_end_the_walk(opened):
    portal = opened(short_pages=True)
    portal.prepare()
    ids = {portal.create("companies", name=f"Company {number}") for number in range(25)}
    assert {change.record_id for change in Reading(portal.source(page_size=4)).poll()} == ids


def test_many_properties_never_make_an_address_too_long(opened):
    portal = opened(max_url=600)
    portal.prepare()
    acme = portal.create("companies", name="Acme Robotics")
    gone = portal.create("companies", name="Gone Ltd")
    reading = Reading(portal.source())
    reading.poll()
    portal.wait(1)
    portal.delete("companies", gone)
    assert [(change.record_id, change.kind) for change in reading.poll()] == [(gone, ChangeKind.DELETED)]
    assert set(reading.held()) == {acme}


def test_what_shows_late_in_the_search_is_not_missed(opened):
    portal = opened(index_lag=3)
    portal.prepare()
    early = portal.create("companies", name="Early AG")
    portal.wait(3)
    late = portal.create("companies", name="Late AG")
    portal.wait(1)
    portal.edit("companies", early, name="Early SE")
    reading = Reading(portal.source())
    reading.poll()
    portal.wait(3)
    reading.poll()
    assert {row["name"] for row in reading.held().values()} == {"Early SE", "Late AG"}
    assert late in reading.held()


def test_an_archived_record_that_the_search_still_shows_stays_gone(opened):
    portal = opened(index_lag=3)
    portal.prepare()
    acme = portal.create("companies", name="Acme Robotics")
    portal.wait(4)
    reading = Reading(portal.source())
    reading.poll()
    portal.delete("companies", acme)
    assert [change.kind for change in reading.poll()] == [ChangeKind.DELETED]
    assert reading.poll() == []
    assert reading.held() == {}


def test_the_same_record_is_told_again_with_every_edit(portal):
    acme = portal.create("companies", name="Acme")
    reading = Reading(portal.source())
    for name in ("Acme 1", "Acme 2", "Acme 1"):
        reading.poll()
        portal.edit("companies", acme, name=name)
    reading.poll()
    assert [change.row["name"] for change in reading.told] == ["Acme", "Acme 1", "Acme 2", "Acme 1"]


def test_a_restored_record_lives_again(portal):
    acme = portal.create("companies", name="Acme")
    reading = Reading(portal.source())
    reading.poll()
    portal.delete("companies", acme)
    reading.poll()
    portal.wait(1)
    portal.restore("companies", acme)
    assert [change.kind for change in reading.poll()] == [ChangeKind.RESTORED]
    assert set(reading.held()) == {acme}


@pytest.mark.parametrize("new_record", [True, False])
def test_a_merge_tells_the_losers_and_the_winner_at_once(portal, new_record):
    one, two = (portal.create("companies", name=name) for name in ("Acme One", "Acme Two"))
    reading = Reading(portal.source())
    reading.poll()
    portal.wait(1)
    winner = portal.merge("companies", one, two, new_record)
    told = reading.poll()
    losers = [one, two] if new_record else [two]
    assert [(change.record_id, change.merged_into) for change in told[:-1]] == [(loser, winner) for loser in losers]
    assert {change.kind for change in told[:-1]} == {ChangeKind.MERGED}
    assert (told[-1].record_id, told[-1].absorbed) == (winner, tuple(losers))
    assert len({change.transaction for change in told}) == 1
    assert reading.poll() == []
    portal.wait(1)
    portal.edit("companies", winner, name="Acme")
    assert [(change.record_id, change.absorbed) for change in reading.poll()] == [(winner, ())]


def test_what_our_app_created_and_nobody_changed_is_our_own(portal):
    from tests.unit.connectors.hubspot.conftest import write

    portal.sink().write(dict(TABLES), [write("account", "crm/a-1", name="Ours")])
    theirs = portal.create("companies", name="Theirs")
    told = {change.record_id: change.own for change in Reading(portal.source()).poll()}
    assert told.pop(theirs) is False
    assert list(told.values()) == [True]


def test_a_property_that_the_portal_has_not_stops_the_mapping_and_names_its_line(portal, tmp_path):
    (tmp_path / "hubspot.toml").write_text('[account.fields]\ncity = "town"\n')
    tables = {"account": load("hubspot", tmp_path)["account"]}
    with pytest.raises(StopMapping, match=r"\[account\] fields.city: HubSpot refuses companies.town"):
        list(source(portal.settings(), clock, "acme-crm").changes(tables, {}))


def test_archived_records_are_read_only_now_and_then(portal):
    portal.create("companies", name="Acme")
    reading = Reading(portal.source(deletions_every_s=300))
    reading.poll()
    before = portal.calls("GET /crm/objects")
    reading.poll()
    assert portal.calls("GET /crm/objects") == before


STEP = st.one_of(
    st.tuples(st.just("create"), st.sampled_from(["Acme", "Borealis"])),
    st.tuples(st.just("edit"), st.integers(0, 5), st.sampled_from(["One", "Two", "Three"])),
    st.tuples(st.just("delete"), st.integers(0, 5)),
    st.tuples(st.just("restore"), st.integers(0, 5)),
    st.tuples(st.just("merge"), st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.sampled_from([1, 3, 9])),
    st.tuples(st.just("poll")),
)
STEPS = st.lists(STEP, max_size=30)


def perform(portal, reading, step):
    rows = list(portal.running.portal.store.rows("0-2"))
    living = [row.id for row in rows if not row.archived]
    archived = [row.id for row in rows if row.archived]
    match step:
        case ("create", name):
            portal.create("companies", name=name)
        case ("edit", number, name) if living:
            portal.edit("companies", living[number % len(living)], name=name)
        case ("delete", number) if living:
            portal.delete("companies", living[number % len(living)])
        case ("restore", number) if archived:
            portal.wait(3)
            portal.restore("companies", archived[number % len(archived)])
        case ("merge", one, two) if len(living) > 1 and one % len(living) != two % len(living):
            portal.merge("companies", living[one % len(living)], living[two % len(living)])
        case ("wait", seconds):
            portal.wait(seconds)
        case ("poll",):
            reading.poll()


def test_a_late_index_skewed_clocks_and_short_pages_change_nothing_in_the_end(opened):
    portal = opened(index_lag=2, clock_skew=0.9, short_pages=True)

    @settings(max_examples=40)
    @given(STEPS)
    def holds(steps):
        portal.reset()
        reading = Reading(portal.source(page_size=3))
        for step in steps:
            perform(portal, reading, step)
        portal.wait(3)
        reading.poll()
        rows = portal.running.portal.store.rows("0-2")
        assert {id_: row["name"] for id_, row in reading.held().items()} == {
            row.id: row.properties["name"] for row in rows if not row.archived
        }

    holds()
