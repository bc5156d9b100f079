"""Bulk API 2.0 query: states, pages, CSV, refusals, and what a client meets when things go wrong."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import requests

from sandbox.salesforce.testing import Emulator, emulator

from .conftest import Api, settings


def start(api: Api, soql: str, **body: Any) -> str:
    made = api("POST", "jobs/query", json={"operation": "query", "query": soql, **body})
    assert made.status_code == 200, made.text
    return str(made.json()["id"])


def finish(api: Api, job: str) -> dict[str, Any]:
    """Polls until the job stands still."""
    seen = [api("GET", f"jobs/query/{job}").json() for _ in range(3)]
    assert seen[-1]["state"] == seen[-2]["state"]
    return dict(seen[-1])


def lines(answer: requests.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.text)))


def test_a_new_job_answers_in_the_recorded_shape(api: Api) -> None:
    made = api("POST", "jobs/query", json={"operation": "query", "query": "SELECT Id FROM Account"}).json()
    assert made["id"].startswith("750")
    assert {name: made[name] for name in ("operation", "object", "state", "apiVersion", "lineEnding")} == {
        "operation": "query", "object": "Account", "state": "UploadComplete", "apiVersion": 59.0, "lineEnding": "LF",
    }  # fmt: skip
    assert (made["concurrencyMode"], made["contentType"], made["columnDelimiter"]) == ("Parallel", "CSV", "COMMA")


def test_a_job_goes_one_state_on_at_each_poll(api: Api) -> None:
    api.create("Account", Name="A")
    job = start(api, "SELECT Name FROM Account")
    states = [api("GET", f"jobs/query/{job}").json() for _ in range(3)]
    assert [one["state"] for one in states] == ["InProgress", "JobComplete", "JobComplete"]
    assert [one["numberRecordsProcessed"] for one in states] == [0, 1, 1]
    assert states[-1]["jobType"] == "V2Query"


def test_results_come_in_pages_until_the_locator_is_the_word_null(api: Api) -> None:
    for name in "ABCDE":
        api.create("Account", Name=name)
    job = start(api, "SELECT Name FROM Account ORDER BY Name")
    finish(api, job)
    found, locator, counts = [], None, []
    while locator != "null":
        asked = {"maxRecords": 2, **({"locator": locator} if locator else {})}
        page = api("GET", f"jobs/query/{job}/results", params=asked)
        assert lines(page)[0] == ["Name"]
        found += [one for (one,) in lines(page)[1:]]
        locator = page.headers["Sforce-Locator"]
        counts.append(page.headers["Sforce-NumberOfRecords"])
    assert (found, counts) == (list("ABCDE"), ["2", "2", "1"])


def test_a_page_can_be_read_again_and_an_unknown_locator_is_refused(api: Api) -> None:
    for name in "ABC":
        api.create("Account", Name=name)
    job = start(api, "SELECT Name FROM Account ORDER BY Name")
    finish(api, job)
    locator = api("GET", f"jobs/query/{job}/results", params={"maxRecords": 1}).headers["Sforce-Locator"]
    twice = [api("GET", f"jobs/query/{job}/results", params={"locator": locator}).text for _ in range(2)]
    assert twice[0] == twice[1] == '"Name"\n"B"\n"C"\n'
    for wrong in ("!!", "OTk", "eA"):
        assert api.refusal("GET", f"jobs/query/{job}/results", params={"locator": wrong})[1] == "INVALID_QUERY_LOCATOR"


def test_values_are_quoted_and_printed_as_csv(api: Api) -> None:
    made = api.create("Account", Name='Ac"me, Inc\nBerlin', NumberOfEmployees=5)
    api.create("Contact", LastName="C", AccountId=made)
    soql = "SELECT Account.Name, Account.NumberOfEmployees, IsDeleted, Title, CreatedDate FROM Contact"
    job = start(api, soql)
    finish(api, job)
    text = api("GET", f"jobs/query/{job}/results").text
    assert text == (
        '"Account.Name","Account.NumberOfEmployees","IsDeleted","Title","CreatedDate"\n'
        '"Ac""me, Inc\nBerlin","5","false","","2026-11-22T10:00:00.000Z"\n'
    )


def test_delimiter_and_line_ending_are_as_asked_for(api: Api) -> None:
    api.create("Account", Name="A", Phone="1")
    job = start(api, "SELECT Name, Phone FROM Account", columnDelimiter="PIPE", lineEnding="CRLF")
    finish(api, job)
    assert api("GET", f"jobs/query/{job}/results").text == '"Name"|"Phone"\r\n"A"|"1"\r\n'


def test_query_all_has_the_deleted_rows(api: Api) -> None:
    gone = api.create("Account", Name="gone")
    api("DELETE", f"sobjects/Account/{gone}")
    jobs = [start(api, "SELECT Name FROM Account", operation=one) for one in ("query", "queryAll")]
    for job in jobs:
        finish(api, job)
    found = [api("GET", f"jobs/query/{job}/results").text for job in jobs]
    assert found == ['"Name"\n', '"Name"\n"gone"\n']


@pytest.mark.parametrize(
    ("soql", "code", "says"),
    [
        ("SELECT COUNT() FROM Account", "API_ERROR", "Aggregate functions"),
        ("SELECT Name, COUNT(Id) FROM Account GROUP BY Name", "API_ERROR", "GROUP BY"),
        ("SELECT Name FROM Account LIMIT 5 OFFSET 5", "API_ERROR", "OFFSET"),
        ("SELECT Name, (SELECT Id FROM Contacts) FROM Account", "API_ERROR", "Aggregate Relationships"),
        ("SELECT Nope__c FROM Account", "INVALID_FIELD", "No such column"),
        ("SELECT Name FROM Nope", "INVALID_TYPE", "not supported"),
        ("SELECT", "MALFORMED_QUERY", "unexpected token"),
    ],
)
def test_soql_that_bulk_does_not_take_is_refused_at_once(api: Api, soql: str, code: str, says: str) -> None:
    status, found, message = api.refusal("POST", "jobs/query", json={"operation": "query", "query": soql})
    assert (status, found) == (400, code)
    assert says in message


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "insert"},
        {"operation": "query", "columnDelimiter": "COLON"},
        {"operation": "query", "lineEnding": "CR"},
        {"operation": "query", "contentType": "JSON"},
        {"operation": "query", "maxRecords": 5},
    ],
)
def test_a_job_that_is_described_wrongly_is_refused(api: Api, body: dict[str, Any]) -> None:
    refused = api.refusal("POST", "jobs/query", json={"query": "SELECT Id FROM Account", **body})
    assert refused[:2] in ((400, "INVALIDJOB"), (400, "JSON_PARSER_ERROR"))


def test_results_are_there_only_when_the_job_is_complete_and_only_in_its_version(
    api: Api, salesforce: Emulator
) -> None:
    job = start(api, "SELECT Name FROM Account")
    assert api.refusal("GET", f"jobs/query/{job}/results")[:2] == (400, "INVALIDJOBSTATE")
    finish(api, job)
    assert Api(salesforce, "v60.0")("GET", f"jobs/query/{job}/results").status_code == 409


def test_a_job_is_aborted_once_and_deleted_when_it_has_ended(api: Api) -> None:
    job = start(api, "SELECT Name FROM Account")
    assert api("PATCH", f"jobs/query/{job}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    late = api("PATCH", f"jobs/query/{job}", json={"state": "Aborted"})
    assert late.status_code == 400
    assert late.json() == [
        {"errorCode": "INVALIDJOBSTATE", "message": "Aborting already Completed Job not allowed"}
    ]  # recorded from a live org
    assert api("DELETE", f"jobs/query/{job}").status_code == 204
    assert api("GET", f"jobs/query/{job}").status_code == 404


def test_a_job_in_progress_cannot_be_deleted(api: Api) -> None:
    job = start(api, "SELECT Name FROM Account")
    api("GET", f"jobs/query/{job}")
    assert api.refusal("DELETE", f"jobs/query/{job}")[:2] == (400, "INVALIDJOBSTATE")


def test_a_held_job_stays_in_progress_until_it_is_let_go(api: Api) -> None:
    api.create("Account", Name="A")
    api.sandbox("PUT", "jobs", json={"pace": "held"})
    job = start(api, "SELECT Name FROM Account")
    assert finish(api, job)["state"] == "InProgress"
    assert api.sandbox("POST", "jobs").json()["jobs"] == {job: "JobComplete"}


def test_the_rows_are_those_of_the_moment_at_which_the_job_runs(api: Api) -> None:
    job = start(api, "SELECT Name FROM Account")
    api.create("Account", Name="late, but in time")
    finish(api, job)
    api.create("Account", Name="too late")
    assert len(lines(api("GET", f"jobs/query/{job}/results"))) == 2


def test_a_token_that_expires_in_mid_job_costs_nothing_but_a_sign_in(api: Api, salesforce: Emulator) -> None:
    api.create("Account", Name="A")
    job = start(api, "SELECT Name FROM Account")
    api.sandbox("POST", "expire-tokens")
    assert api.refusal("GET", f"jobs/query/{job}")[:2] == (401, "INVALID_SESSION_ID")
    again = Api(salesforce)
    finish(again, job)
    assert lines(again("GET", f"jobs/query/{job}/results"))[1:] == [["A"]]


def test_jobs_are_listed_and_counted_in_the_limits(api: Api) -> None:
    job = start(api, "SELECT Name FROM Account")
    assert [one["id"] for one in api("GET", "jobs/query").json()["records"]] == [job]
    assert api("GET", "jobs/ingest").json()["records"] == []
    assert api("GET", "limits").json()["DailyBulkV2QueryJobs"] == {"Max": 10000, "Remaining": 9999}


def test_columns_of_an_old_version_are_in_the_order_of_the_alphabet() -> None:
    with emulator(settings()) as running:
        api = Api(running, "v49.0")
        job = start(api, "SELECT Phone, Name FROM Account")
        finish(api, job)
        assert api("GET", f"jobs/query/{job}/results").text == '"Name","Phone"\n'
