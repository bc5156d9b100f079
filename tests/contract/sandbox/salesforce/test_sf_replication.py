"""The lists of updated and deleted records over a span of time."""

from __future__ import annotations

from sandbox.salesforce.testing import Emulator

from .conftest import Api

SPAN = {"start": "2026-11-22T10:00:00+00:00", "end": "2026-11-22T10:05:00+00:00"}


def test_records_are_listed_where_their_last_change_lies(api: Api, salesforce: Emulator) -> None:
    first, second = api.create("Account", Name="A"), api.create("Account", Name="B")
    salesforce.org.clock.advance(600)
    api("PATCH", f"sobjects/Account/{second}", json={"Name": "C"})
    salesforce.org.clock.advance(60)
    listed = api("GET", "sobjects/Account/updated/", params=SPAN).json()
    assert listed == {"ids": [first], "latestDateCovered": "2026-11-22T10:05:00.000+0000"}
    later = {"start": "2026-11-22T10:05:00Z", "end": "2026-11-22T10:59:00Z"}
    answered = api("GET", "sobjects/Account/updated/", params=later).json()
    assert answered == {"ids": [second], "latestDateCovered": "2026-11-22T10:11:00.000+0000"}


def test_deleted_records_are_listed_with_the_time_of_their_deletion(api: Api, salesforce: Emulator) -> None:
    gone = api.create("Account", Name="A")
    api.create("Account", Name="B")
    salesforce.org.clock.advance(90)
    api("DELETE", f"sobjects/Account/{gone}")
    salesforce.org.clock.advance(600)
    listed = api("GET", "sobjects/Account/deleted/", params=SPAN).json()
    assert listed["deletedRecords"] == [{"id": gone, "deletedDate": "2026-11-22T10:01:30.000+0000"}]
    assert listed["latestDateCovered"] == "2026-11-22T10:05:00.000+0000"


def test_a_start_of_more_than_30_days_ago_is_refused(api: Api) -> None:
    span = {"start": "2026-10-01T00:00:00Z", "end": "2026-10-02T00:00:00Z"}
    assert api.refusal("GET", "sobjects/Account/deleted", params=span) == (
        400,
        "INVALID_REPLICATION_DATE",
        "startDate cannot be more than 30 days ago",
    )


def test_a_span_of_less_than_a_minute_is_refused(api: Api) -> None:
    span = {"start": "2026-11-22T10:00:01Z", "end": "2026-11-22T10:00:59Z"}
    assert api.refusal("GET", "sobjects/Account/updated", params=span)[1] == "INVALID_REPLICATION_DATE"
