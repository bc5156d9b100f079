"""The calls of Bulk API 2.0 as they go over the wire."""

import pytest

from connectors.salesforce.bulk import NULL, Bulk, Job, Kind, Outcomes, written
from connectors.salesforce.client import Mismatch
from connectors.salesforce.rows import of_csv

JOBS = "/services/data/v59.0/jobs"


@pytest.fixture
def bulk(client):
    return Bulk(client)


def test_a_query_over_deleted_records_too_is_a_query_all(org, bulk, answer):
    org.on("POST", f"{JOBS}/query", answer({"id": "750A", "state": "UploadComplete"}))
    assert bulk.query("SELECT Id FROM Account", deleted=True) == Job("750A", Kind.QUERY, "UploadComplete")
    assert org.calls("jobs/query")[0].body == {"operation": "queryAll", "query": "SELECT Id FROM Account"}


def test_an_upsert_names_its_external_id(org, bulk, answer):
    org.on("POST", f"{JOBS}/ingest", answer({"id": "750A", "state": "Open"}))
    bulk.ingest("Account", "upsert", "Tandem_Key__c")
    body = org.calls("jobs/ingest")[0].body
    assert (body["object"], body["operation"], body["externalIdFieldName"]) == ("Account", "upsert", "Tandem_Key__c")


def test_a_job_says_what_it_has_done(org, bulk, answer):
    said = {"id": "750A", "state": "Failed", "numberRecordsProcessed": 7, "errorMessage": "InvalidBatch"}
    org.on("GET", f"{JOBS}/query/750A", answer(said))
    job = bulk.state(Kind.QUERY, "750A")
    assert (job.ended, job.complete, job.processed, job.error) == (True, False, 7, "InvalidBatch")


def test_pages_of_results_follow_their_locator_to_the_last(org, bulk, answer):
    path = f"{JOBS}/query/750A/results"
    org.on(
        "GET", path,
        answer('"Id","Owner.Name"\n"001A","Dana"\n', headers={"Sforce-Locator": "MTA"}),
        answer('"Id","Owner.Name"\n"001B",""\n', headers={"Sforce-Locator": "null"}),
    )  # fmt: skip
    first = bulk.results("750A", most=1)
    last = bulk.results("750A", first.locator, most=1)
    assert (list(first.rows), first.locator) == ([{"Id": "001A", "Owner.Name": "Dana"}], "MTA")
    assert (list(last.rows), last.locator) == ([{"Id": "001B", "Owner.Name": ""}], None)
    assert [request.query for request in org.calls("results")] == [
        {"maxRecords": "1"}, {"maxRecords": "1", "locator": "MTA"},
    ]  # fmt: skip


def test_a_token_that_ran_out_in_mid_job_is_renewed(org, bulk, answer, refusal):
    expired = refusal("INVALID_SESSION_ID", status=401)
    org.on("GET", f"{JOBS}/ingest/750A/failedResults", expired, answer('"sf__Id","sf__Error"\n"","REQUIRED"\n'))
    (row,) = bulk.outcomes("750A", Outcomes.FAILED)
    assert row["sf__Error"] == "REQUIRED"
    assert len(org.calls("oauth2/token")) == 2


def test_a_job_that_is_gone_is_a_mismatch(org, bulk):
    with pytest.raises(Mismatch, match="NOT_FOUND"):
        bulk.state(Kind.QUERY, "750Z")


def test_a_null_is_written_as_such_and_an_absent_value_leaves_the_field_alone():
    rows = [{"Name": 'A "B", C\nD', "Phone": None}, {"Name": "", "Ok": True}]
    text = written(["Name", "Phone", "Ok"], rows).decode()
    assert text == f'Name,Phone,Ok\n"A ""B"", C\nD",{NULL},\n{NULL},,true\n'


def test_a_row_of_csv_reads_as_a_row_of_rest():
    types = {"IsDeleted": "boolean", "Size": "int", "Amount": "currency", "SystemModstamp": "datetime", "Day": "date"}
    cells = {
        "IsDeleted": "false", "Size": "7", "Amount": "12.5", "SystemModstamp": "2026-11-22T10:00:00.000Z",
        "Day": "2026-11-22", "Name": "", "Owner.Name": "Dana", "Owner.Email": "",
    }  # fmt: skip
    assert of_csv(cells, types) == {
        "IsDeleted": False, "Size": 7, "Amount": 12.5, "SystemModstamp": "2026-11-22T10:00:00.000+0000",
        "Day": "2026-11-22", "Name": None, "Owner": {"Name": "Dana", "Email": None},
    }  # fmt: skip
