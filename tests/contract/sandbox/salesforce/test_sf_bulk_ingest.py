"""Bulk API 2.0 ingest: one upload, states, the outcome of each row, and the answers that never arrive."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import requests

from sandbox.salesforce.testing import Emulator

from .conftest import Api

KEY = "Overlap_Key__c"


def opened(api: Api, operation: str = "upsert", sobject: str = "Partner_Overlap__c", **body: Any) -> str:
    if operation == "upsert":
        body = {"externalIdFieldName": KEY, **body}
    made = api("POST", "jobs/ingest", json={"operation": operation, "object": sobject, "contentType": "CSV", **body})
    assert made.status_code == 200, made.text
    return str(made.json()["id"])


def put(api: Api, job: str, text: str) -> requests.Response:
    headers = {"Content-Type": "text/csv; charset=UTF-8"}
    return api("PUT", f"jobs/ingest/{job}/batches", data=text.encode(), headers=headers)


def close(api: Api, job: str) -> requests.Response:
    return api("PATCH", f"jobs/ingest/{job}", json={"state": "UploadComplete"})


def run(api: Api, text: str, operation: str = "upsert", sobject: str = "Partner_Overlap__c", **body: Any) -> str:
    job = opened(api, operation, sobject, **body)
    assert put(api, job, text).status_code == 201
    assert close(api, job).json()["state"] == "UploadComplete"
    return job


def finished(api: Api, job: str) -> dict[str, Any]:
    return [api("GET", f"jobs/ingest/{job}").json() for _ in range(2)][-1]


def rows(api: Api, job: str, which: str) -> list[dict[str, str]]:
    answered = api("GET", f"jobs/ingest/{job}/{which}")
    assert answered.status_code == 200, answered.text
    return list(csv.DictReader(io.StringIO(answered.text)))


def test_rows_are_created_and_updated_each_with_its_outcome(api: Api) -> None:
    made = api.create("Partner_Overlap__c", Overlap_Key__c="a")
    job = run(api, f"{KEY},Score__c,Shared__c\na,1.5,true\nb,2.5,false\n")
    info = finished(api, job)
    assert (info["state"], info["numberRecordsProcessed"], info["numberRecordsFailed"]) == ("JobComplete", 2, 0)
    good = rows(api, job, "successfulResults")
    assert [(one["sf__Created"], one[KEY]) for one in good] == [("false", "a"), ("true", "b")]
    assert good[0]["sf__Id"] == made
    assert rows(api, job, "failedResults") == rows(api, job, "unprocessedrecords") == []
    found = api.query("SELECT Score__c, Shared__c FROM Partner_Overlap__c ORDER BY Overlap_Key__c")["records"]
    assert [(one["Score__c"], one["Shared__c"]) for one in found] == [(1.5, True), (2.5, False)]


def test_a_new_job_tells_where_its_data_goes(api: Api) -> None:
    made = api("POST", "jobs/ingest", json={"operation": "insert", "object": "Account"}).json()
    assert made["contentUrl"] == f"services/data/v59.0/jobs/ingest/{made['id']}/batches"
    assert (made["state"], made["lineEnding"]) == ("Open", "LF")


def test_a_job_that_is_complete_can_hold_failed_rows(api: Api) -> None:
    job = run(api, f'{KEY},Since__c\na,2026-11-22\n"b","2003-04-987654321987654321"\n')
    info = finished(api, job)
    assert (info["state"], info["numberRecordsProcessed"], info["numberRecordsFailed"]) == ("JobComplete", 2, 1)
    assert api("GET", f"jobs/ingest/{job}/failedResults").text == (
        f'"sf__Id","sf__Error",{KEY},Since__c\n'
        '"","INVALID_FIELD:Failed to deserialize field at col 1. Due to, \'2003-04-987654321987654321\' is not a valid '
        'value for the type xsd:date:Since__c --","b","2003-04-987654321987654321"\n'
    )  # recorded from a live org


def test_an_empty_cell_leaves_the_value_and_not_available_empties_it(api: Api) -> None:
    api.create("Partner_Overlap__c", Overlap_Key__c="a", Score__c=1.5, Notes__c="keep")
    finished(api, run(api, f"{KEY},Score__c,Notes__c\na,#N/A,\n"))
    (row,) = api.query("SELECT Score__c, Notes__c FROM Partner_Overlap__c")["records"]
    assert (row["Score__c"], row["Notes__c"]) == (None, "keep")


def test_a_parent_is_named_by_its_external_id_in_a_column_of_two_parts(api: Api) -> None:
    account = api.create("Account", Name="A", Source_Id__c="s1")
    job = run(api, f"{KEY},Account__r.Source_Id__c\na,s1\nb,s2\nc,#N/A\n")
    finished(api, job)
    (bad,) = rows(api, job, "failedResults")
    assert bad["sf__Error"].startswith("INVALID_FIELD:Foreign key external ID: s2 not found")
    found = api.query("SELECT Account__c FROM Partner_Overlap__c ORDER BY Overlap_Key__c")["records"]
    assert [one["Account__c"] for one in found] == [account, None]


def test_an_unknown_column_fails_the_whole_job(api: Api) -> None:
    job = run(api, f"{KEY},StageName_invalid_field_on_purpose\na,x\n")
    info = finished(api, job)
    assert (info["state"], info["numberRecordsProcessed"]) == ("Failed", 0)
    assert info["errorMessage"] == "InvalidBatch : Field name not found : StageName_invalid_field_on_purpose"
    assert len(rows(api, job, "unprocessedrecords")) == 1
    assert api.query("SELECT COUNT() FROM Partner_Overlap__c")["totalSize"] == 0


@pytest.mark.parametrize(
    ("body", "text", "says"),
    [
        ({}, f"{KEY}\r\na\r\n", "LineEnding is invalid on user data. Current LineEnding setting is LF"),
        ({"lineEnding": "CRLF"}, f"{KEY}\na\n", "Current LineEnding setting is CRLF"),
        ({"columnDelimiter": "PIPE"}, f"{KEY},Score__c\na,1\n", f"Field name not found : {KEY},Score__c"),
        ({}, f"{KEY},Score__c\na\n", "Row 2 has 1 columns, the header 2"),
        ({}, "Score__c\n1\n", f"Field name not found : {KEY}"),
        ({}, f"{KEY},Account__r.Name\na,b\n", "Field name not found : Account__r.Name"),
        ({}, f'{KEY}\n"a\n', "Failed to parse CSV"),
    ],
)
def test_a_file_that_cannot_be_read_fails_the_job_and_says_why(
    api: Api, body: dict[str, Any], text: str, says: str
) -> None:
    info = finished(api, run(api, text, **body))
    assert info["state"] == "Failed"
    assert says in info["errorMessage"]


def test_delimiter_and_line_ending_of_the_job_are_those_of_the_results(api: Api) -> None:
    job = run(api, f"{KEY};Notes__c\r\na;b\r\n", lineEnding="CRLF", columnDelimiter="SEMICOLON")
    finished(api, job)
    text = api("GET", f"jobs/ingest/{job}/successfulResults").text
    assert text.startswith(f'"sf__Id";"sf__Created";{KEY};Notes__c\r\n')


def test_quoted_values_keep_commas_quotes_and_line_breaks(api: Api) -> None:
    finished(api, run(api, f'{KEY},Notes__c\na,"one, ""two""\nthree"\n'))
    (row,) = api.query("SELECT Notes__c FROM Partner_Overlap__c")["records"]
    assert row["Notes__c"] == 'one, "two"\nthree'


def test_insert_update_and_delete_go_by_their_own_columns(api: Api) -> None:
    finished(api, run(api, "Name,Phone\nA,1\nB,2\n", "insert", "Account"))
    ids = {one["Name"]: one["Id"] for one in api.query("SELECT Id, Name FROM Account")["records"]}
    job = run(api, f"Id,Phone\n{ids['A']},9\nnonsense,9\n", "update", "Account")
    finished(api, job)
    (bad,) = rows(api, job, "failedResults")
    assert (bad["sf__Id"], bad["sf__Error"].partition(":")[0]) == ("nonsense", "MALFORMED_ID")
    finished(api, run(api, f"Id\n{ids['B']}\n", "delete", "Account"))
    left = api.query("SELECT Name, Phone FROM Account")["records"]
    assert [(one["Name"], one["Phone"]) for one in left] == [("A", "9")]


def test_the_same_external_id_twice_refuses_both_rows(api: Api) -> None:
    job = run(api, f"{KEY}\na\nb\na\n")
    assert finished(api, job)["numberRecordsFailed"] == 2
    assert {one["sf__Error"] for one in rows(api, job, "failedResults")} == {
        f"DUPLICATE_VALUE:Duplicate external id specified: a:{KEY} --"
    }


def test_data_is_taken_once(api: Api) -> None:
    job = opened(api)
    assert put(api, job, f"{KEY}\na\n").status_code == 201
    refused = put(api, job, f"{KEY}\nb\n")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "BULK_API_ERROR")
    assert refused.json()[0]["message"].startswith(f"Found multipe contents for job: <{job[:15]}>")


def test_data_that_is_too_large_is_refused(api: Api, salesforce: Emulator) -> None:
    salesforce.org.jobs.max_bytes = 10
    job = opened(api)
    assert put(api, job, f"{KEY}\n" + "a" * 10).status_code == 413
    assert salesforce.org.jobs.get("ingest", job).info.state == "Open"


def test_data_of_another_type_and_data_after_the_end_are_refused(api: Api) -> None:
    job = opened(api)
    assert (
        api("PUT", f"jobs/ingest/{job}/batches", data=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
    )
    api("PATCH", f"jobs/ingest/{job}", json={"state": "Aborted"})
    assert put(api, job, f"{KEY}\na\n").json()[0]["errorCode"] == "INVALIDJOBSTATE"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"operation": "merge", "object": "Account"}, "INVALIDJOB"),
        ({"operation": "upsert", "object": "Account"}, "INVALIDJOB"),
        ({"operation": "upsert", "object": "Account", "externalIdFieldName": "Phone"}, "INVALIDJOB"),
        ({"operation": "insert", "object": "Account", "externalIdFieldName": "Source_Id__c"}, "INVALIDJOB"),
        ({"operation": "insert", "object": "Nope"}, "INVALIDENTITY"),
        ({"operation": "hardDelete", "object": "Account"}, "FEATURENOTENABLED"),
        ({"operation": "insert", "object": "Account", "delimiter": ","}, "JSON_PARSER_ERROR"),
    ],
)
def test_a_job_that_is_described_wrongly_is_refused(api: Api, body: dict[str, Any], code: str) -> None:
    assert api.refusal("POST", "jobs/ingest", json=body)[:2] == (400, code)


def test_a_job_without_data_fails_when_it_is_closed_and_run(api: Api) -> None:
    job = opened(api)
    close(api, job)
    assert "Unable to find any data" in finished(api, job)["errorMessage"]


def test_an_open_job_cannot_be_deleted_but_an_aborted_one_can(api: Api) -> None:
    job = opened(api)
    assert api.refusal("DELETE", f"jobs/ingest/{job}")[1] == "INVALIDJOBSTATE"
    api("PATCH", f"jobs/ingest/{job}", json={"state": "Aborted"})
    assert api("DELETE", f"jobs/ingest/{job}").status_code == 204
    assert api("GET", f"jobs/ingest/{job}").status_code == 404


def test_a_held_job_shows_its_progress_and_an_abort_leaves_the_rest_unprocessed(api: Api) -> None:
    api.sandbox("PUT", "jobs", json={"pace": "held", "rows": 2})
    job = run(api, f"{KEY}\na\nb\nc\n")
    info = [finished(api, job) for _ in range(2)][-1]
    assert (info["state"], info["numberRecordsProcessed"]) == ("InProgress", 2)
    assert api.refusal("GET", f"jobs/ingest/{job}/successfulResults")[1] == "INVALIDJOBSTATE"
    api("PATCH", f"jobs/ingest/{job}", json={"state": "Aborted"})
    assert [one[KEY] for one in rows(api, job, "successfulResults")] == ["a", "b"]
    assert [one[KEY] for one in rows(api, job, "unprocessedrecords")] == ["c"]


def test_a_held_job_goes_on_where_it_stood(api: Api) -> None:
    api.sandbox("PUT", "jobs", json={"pace": "held", "rows": 2})
    job = run(api, f"{KEY}\na\nb\nc\n")
    finished(api, job)
    api.sandbox("POST", "jobs")
    assert [one["sf__Created"] for one in rows(api, job, "successfulResults")] == ["true"] * 3


def test_a_job_can_fail_half_way_and_what_was_done_stays_done(api: Api) -> None:
    api.sandbox("PUT", "faults", json=[{"kind": "fail_job", "nth": [1], "rows": 2, "message": "InternalServerError"}])
    job = run(api, f"{KEY}\na\nb\nc\n")
    info = finished(api, job)
    assert (info["state"], info["errorMessage"], info["numberRecordsProcessed"]) == ("Failed", "InternalServerError", 2)
    assert len(rows(api, job, "unprocessedrecords")) == 1
    assert api.query("SELECT COUNT() FROM Partner_Overlap__c")["totalSize"] == 2
    assert finished(api, run(api, f"{KEY}\nc\n"))["state"] == "JobComplete"  # the fault was for the first job


def test_the_answer_to_the_upload_can_be_lost_though_the_data_arrived(api: Api) -> None:
    api.sandbox("PUT", "faults", json=[{"kind": "reset_after", "nth": [1], "method": "PUT", "path": "batches"}])
    job = opened(api)
    with pytest.raises(requests.ConnectionError):
        put(api, job, f"{KEY}\na\n")
    assert put(api, job, f"{KEY}\na\n").json()[0]["errorCode"] == "BULK_API_ERROR"
    close(api, job)
    assert finished(api, job)["numberRecordsProcessed"] == 1


def test_the_answer_to_the_close_can_be_lost_though_the_job_runs(api: Api) -> None:
    api.sandbox("PUT", "faults", json=[{"kind": "reset_after", "nth": [1], "method": "PATCH", "path": "jobs/ingest"}])
    job = opened(api)
    put(api, job, f"{KEY}\na\n")
    with pytest.raises(requests.ConnectionError):
        close(api, job)
    assert close(api, job).json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert finished(api, job)["state"] == "JobComplete"


def test_the_answer_to_the_creation_can_be_lost_and_the_job_is_in_the_list(api: Api) -> None:
    api.sandbox("PUT", "faults", json=[{"kind": "reset_after", "nth": [1], "method": "POST", "path": "jobs/ingest"}])
    with pytest.raises(requests.ConnectionError):
        opened(api)
    (listed,) = api("GET", "jobs/ingest").json()["records"]
    assert (listed["state"], listed["operation"]) == ("Open", "upsert")


def test_a_token_that_expires_in_mid_job_does_not_stop_the_job(api: Api, salesforce: Emulator) -> None:
    job = run(api, f"{KEY}\na\n")
    api.sandbox("PUT", "faults", json=[{"kind": "expired_token", "nth": [1], "path": "jobs"}])
    assert api.refusal("GET", f"jobs/ingest/{job}")[:2] == (401, "INVALID_SESSION_ID")
    assert finished(Api(salesforce), job)["state"] == "JobComplete"


def test_rows_are_refused_by_rules_and_faults_as_everywhere_else(api: Api) -> None:
    rule = {"kind": "validation", "object": "Partner_Overlap__c", "when": "Score__c > 100", "message": "At most 100"}
    api.sandbox("PUT", "rules", json=[rule])
    api.sandbox("PUT", "faults", json=[{"kind": "lock_row", "nth": [1]}])
    job = run(api, f"{KEY},Score__c\na,1\nb,101\nc,1\n")
    assert finished(api, job)["numberRecordsFailed"] == 2
    errors = [one["sf__Error"] for one in rows(api, job, "failedResults")]
    assert errors[0].startswith("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access")
    assert errors[1] == "FIELD_CUSTOM_VALIDATION_EXCEPTION:At most 100:--"


def test_more_rows_than_one_transaction_holds_are_taken(api: Api) -> None:
    api.sandbox("PUT", "jobs", json={"pace": "at_once"})
    job = run_at_once(api, f"{KEY}\n" + "".join(f"k{number}\n" for number in range(450)))
    assert len(rows(api, job, "successfulResults")) == 450


def run_at_once(api: Api, text: str) -> str:
    job = opened(api)
    put(api, job, text)
    assert close(api, job).json()["state"] == "JobComplete"
    return job


def test_a_pace_that_does_not_exist_is_refused(api: Api) -> None:
    assert api.sandbox("PUT", "jobs", json={"pace": "fast"}).status_code == 400
