"""The first reading of objects: pages or bulk, resumable, with progress, from a replay point taken before it."""

import pytest

from connectors.base import Change
from connectors.errors import RetryLater
from mappings.loader import load

TABLES = load("salesforce")


def held(world, entity="account"):
    return {each: row["Name"] for each, row in world.view(entity).items()}


def patient(world, tries=20):
    """Looks as a runner does: after the wait that was asked for."""
    for _ in range(tries):
        try:
            return world.pull()
        except RetryLater as error:
            world.wait(error.after)
    raise AssertionError("it never came to an end")


@pytest.fixture
def large(world):
    """An object with more records than are read page by page."""
    for number in range(7):
        world.create(Name=f"Account {number}", NumberOfEmployees=number, Website=None, BillingCity='Ber\nlin, "Mitte"')
    world.restart(bulk_from=5, bulk_page=3)
    return world


def test_a_small_object_is_read_page_by_page_and_says_how_far_it_is(world):
    for number in range(5):
        world.create(Name=f"Account {number}")
    world.pull()
    assert held(world) == world.state()
    assert world.notes == ["Account: 2 of 5", "Account: 4 of 5", "Account: 5 of 5"]


def test_a_large_object_is_read_by_a_bulk_query_with_the_same_rows_as_by_pages(large):
    patient(large)
    by_bulk = {each: dict(row) for each, row in large.view().items()}
    large.restart(bulk_from=1000)
    large.cursors, large.told = {}, []
    large.pull()
    by_pages = {each: dict(row) for each, row in large.view().items()}
    table = TABLES["account"]
    assert by_bulk == by_pages
    assert all(table.to_canonical(row) for row in by_bulk.values())


def test_a_bulk_query_says_how_far_it_is(large):
    patient(large)
    assert [note for note in large.notes if note != "Account: 0 of 7"] == [
        "Account: 3 of 7", "Account: 6 of 7", "Account: 7 of 7",
    ]  # fmt: skip


def test_while_salesforce_prepares_a_bulk_query_the_source_asks_for_time(large):
    with pytest.raises(RetryLater, match=r"Account: Salesforce prepares 7 records \(bulk job 750") as raised:
        large.pull()
    assert raised.value.after == 10


def test_a_process_that_dies_while_a_bulk_query_runs_goes_on_with_the_same_job(large):
    with pytest.raises(RetryLater):
        large.pull()
    large.restart()
    patient(large)
    assert held(large) == large.state()
    assert large.running.org.usage.query_jobs == 1


@pytest.mark.parametrize("killed_after", range(14))
def test_a_kill_at_any_event_of_a_bulk_query_repeats_nothing_and_loses_nothing(large, killed_after):
    large.running.org.jobs.pace.kind = "at_once"
    large.pull(stop_after=killed_after)
    patient(large)
    assert held(large) == large.state()
    assert len(large.told) == 7


def test_a_token_that_runs_out_in_mid_job_is_renewed(large):
    with pytest.raises(RetryLater):
        large.pull()
    large.door("expire-tokens")
    large.arm(kind="expired_token", path="results", nth=(2,))
    patient(large)
    assert held(large) == large.state()


def test_a_bulk_query_that_fails_is_made_good_page_by_page(large, caplog):
    large.arm(kind="fail_job", object="Account", nth=(1,), message="InternalServerError")
    patient(large)
    assert held(large) == large.state()
    assert "is read page by page" in caplog.text


def test_a_bulk_query_that_is_refused_is_made_good_page_by_page(large, caplog):
    large.arm(kind="refuse", path="jobs/query", method="POST", code="API_ERROR", status=400, nth=(1,))
    patient(large)
    assert held(large) == large.state()
    assert "is read page by page" in caplog.text


def test_a_job_that_salesforce_has_forgotten_is_no_end(large):
    with pytest.raises(RetryLater):
        large.pull()
    jobs = large.running.org.jobs
    large.running.call(jobs._jobs.clear)
    patient(large)
    assert held(large) == large.state()


def test_the_results_are_deleted_when_they_are_told(large):
    patient(large)
    assert large.running.org.jobs._jobs == {}


def test_what_changes_during_the_snapshot_is_told_after_it(world):
    ids = [world.create(Name=f"Account {n}") for n in range(6)]
    events = world.source.changes(world.tables, {})
    for event in events:
        world._commit(event)
        if isinstance(event, Change) and event.record_id == ids[1]:
            world.update(ids[0], Name="Edited behind the walk")
            world.delete(ids[5])
            new = world.create(Name="New")
    assert held(world) == world.state()
    assert held(world)[new] == "New"


def test_a_mapping_that_changed_reads_the_object_anew(world):
    acme = world.create(Name="Acme", Phone="112")
    world.pull()
    table = TABLES["account"]
    fields = {name: each for name, each in table.fields.items() if name != "phone"}
    world.restart()
    world.tables = {"account": type(table)(**{**_parts(table), "fields": fields})}
    (change,) = world.pull()
    assert (change.record_id, "Phone" in change.row) == (acme, False)
    assert change.version > world.told[0].version


def _parts(table):
    return {name: getattr(table, name) for name in table.__dataclass_fields__}


def test_an_object_that_joins_later_is_read_from_its_beginning(world):
    world.create(Name="Acme")
    world.pull()
    contact = world.create("Contact", LastName="Okafor")
    world.tables = {**world.tables, "contact": TABLES["contact"]}
    assert [change.record_id for change in world.pull()] == [contact]
    world.update(contact, "Contact", LastName="Reyes")
    assert [change.row["LastName"] for change in world.pull()] == ["Reyes"]


def test_an_object_that_was_left_out_for_a_while_is_read_from_its_beginning(world):
    acme, contact = world.create(Name="Acme"), world.create("Contact", LastName="Okafor")
    both = {"account": TABLES["account"], "contact": TABLES["contact"]}
    world.tables = both
    world.pull()
    world.tables = {"account": TABLES["account"]}
    world.restart()
    world.update(contact, "Contact", LastName="Reyes")
    world.pull()
    world.update(acme, Name="Acme AG")
    world.pull()
    world.tables = both
    world.restart()
    (change,) = world.pull()
    assert (change.record_id, change.row["LastName"]) == (contact, "Reyes")
