"""Conditional requests on one row: ETags for accounts, dates for all, 412 and 304."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.salesforce.testing import Emulator

from .conftest import Api

OLD = "Sun, 22 Nov 2026 09:59:59 GMT"
NOW = "Sun, 22 Nov 2026 10:00:00 GMT"


@pytest.fixture
def made(api: Api) -> str:
    return api.create("Account", Name="A", Source_Id__c="s1")


def patch(api: Api, record_id: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api("PATCH", f"sobjects/Account/{record_id}", json={"Phone": "1"}, headers=named).status_code


def test_a_tag_changes_with_the_row_and_an_old_one_is_refused(api: Api, salesforce: Emulator, made: str) -> None:
    tag = api("GET", f"sobjects/Account/{made}").headers["ETag"]
    assert patch(api, made, If_Match=tag) == 204
    salesforce.org.clock.advance(60)
    refused = api("PATCH", f"sobjects/Account/{made}", json={"Phone": "2"}, headers={"If-Match": tag})
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (412, "PRECONDITION_FAILED")
    assert api("GET", f"sobjects/Account/{made}").json()["Phone"] == "1"


def test_one_of_several_tags_is_enough_also_with_the_ending_of_a_compressed_answer(api: Api, made: str) -> None:
    tag = api("GET", f"sobjects/Account/{made}").headers["ETag"]
    assert patch(api, made, If_Match=f'"other", {tag[:-1]}-gzip"') == 204


def test_what_the_caller_has_is_not_sent_again(api: Api, made: str) -> None:
    read = api("GET", f"sobjects/Account/{made}")
    for headers in ({"If-None-Match": read.headers["ETag"]}, {"If-Modified-Since": read.headers["Last-Modified"]}):
        again = api("GET", f"sobjects/Account/{made}", headers=headers)
        assert (again.status_code, again.content) == (304, b"")
    assert api("GET", f"sobjects/Account/{made}", headers={"If-Modified-Since": OLD}).status_code == 200


@pytest.mark.parametrize(("since", "status"), [(OLD, 412), (NOW, 204)])
def test_a_row_changed_since_is_not_overwritten(api: Api, made: str, since: str, status: int) -> None:
    assert patch(api, made, If_Unmodified_Since=since) == status
    upsert = api("PATCH", "sobjects/Account/Source_Id__c/s1", json={}, headers={"If-Unmodified-Since": since})
    assert upsert.status_code == (412 if status == 412 else 200)


def test_other_objects_have_dates_but_no_tags(api: Api) -> None:
    lead = api.create("Lead", LastName="L", Company="C")
    read = api("GET", f"sobjects/Lead/{lead}")
    assert "ETag" not in read.headers
    assert read.headers["Last-Modified"] == NOW
    changed = api("PATCH", f"sobjects/Lead/{lead}", json={"Phone": "1"}, headers={"If-Match": '"x"'})
    assert changed.status_code == 204


@pytest.mark.parametrize("headers", [{"If_Match": "x"}, {"If_None_Match": "x"}, {"If_Unmodified_Since": "soon"}])
def test_a_header_that_cannot_be_read_is_refused(api: Api, made: str, headers: dict[str, Any]) -> None:
    assert patch(api, made, **headers) == 400


def test_a_delete_does_not_look_at_conditions(api: Api, made: str) -> None:
    assert api("DELETE", f"sobjects/Account/{made}", headers={"If-Match": '"x"'}).status_code == 204


def test_a_row_that_an_upsert_creates_meets_every_condition(api: Api) -> None:
    created = api(
        "PATCH", "sobjects/Account/Source_Id__c/new", json={"Name": "A"}, headers={"If-Unmodified-Since": OLD}
    )
    assert created.status_code == 201
