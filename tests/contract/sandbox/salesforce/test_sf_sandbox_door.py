"""Behind the platform's back: loading, editing as somebody else, counting writes, starting over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.salesforce.seeding import SeedError, build
from sandbox.salesforce.testing import Emulator, emulator

from .conftest import Api, settings

CSV = "id,name,website,country,city,zipcode\na1,Acme Robotics,http://acme.example,France,Lyon,69001\na2,Globex,,Belgium,,\n"


def test_loaded_records_get_ids_and_owners_who_are_not_the_integration(api: Api, salesforce: Emulator) -> None:
    lines = b'{"Name": "A"}\n\n{"Name": "B", "Owner": {"Username": "admin@tandem.example"}}\n'
    loaded = api.sandbox("POST", "load", params={"object": "Account"}, data=lines).json()
    assert loaded["loaded"] == 2
    found = api.query("SELECT Id, OwnerId, CreatedById FROM Account ORDER BY Id")["records"]
    assert [one["Id"] for one in found] == loaded["ids"]
    org = salesforce.org
    assert found[0]["OwnerId"] not in (org.admin_id, org.integration_id)
    assert found[1]["OwnerId"] == org.admin_id
    assert {one["CreatedById"] for one in found} == {org.admin_id}


def test_a_bad_line_loads_nothing_and_is_named(api: Api) -> None:
    refused = api.sandbox("POST", "load", params={"object": "Account"}, data=b'{"Name": "A"}\n{"Nme": "B"}')
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("body, line 2: No such column 'Nme'")
    assert api.names("SELECT Name FROM Account") == []


def test_an_edit_is_made_by_another_user_and_counted_as_theirs(api: Api, salesforce: Emulator) -> None:
    record_id = api.create("Account", Name="Acme")
    edit = {"user": "admin@tandem.example", "object": "Account", "id": record_id, "fields": {"Phone": "1"}}
    assert api.sandbox("POST", "edit", json=edit).status_code == 200
    row = api("GET", f"sobjects/Account/{record_id}").json()
    assert (row["Phone"], row["LastModifiedById"]) == ("1", salesforce.org.admin_id)
    counts = api.sandbox("GET", "writes", params={"object": "Account", "id": record_id}).json()
    assert counts == {
        record_id: {
            "applied": 2,
            "effective": 2,
            "by_user": {salesforce.org.integration_id: 1, salesforce.org.admin_id: 1},
            "last_changed": ["Phone"],
        }
    }


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"user": "nobody", "object": "Account"}, "'nobody' is missing or not a known user"),
        ({"user": "admin@tandem.example", "object": "Nope"}, "'Nope' is not an object of this org"),
        (
            {"user": "admin@tandem.example", "object": "Account", "fields": {"Name": "x" * 256}},
            "STRING_TOO_LONG",
        ),
    ],
)
def test_an_edit_that_cannot_be_made_says_why(api: Api, edit: dict[str, object], says: str) -> None:
    refused = api.sandbox("POST", "edit", json=edit)
    assert refused.status_code == 400
    assert says in refused.json()["error"]


def test_a_dump_holds_every_row_deleted_ones_too(api: Api) -> None:
    gone = api.create("Account", Name="A")
    api.create("Account", Name="B")
    api("DELETE", f"sobjects/Account/{gone}")
    dumped = [json.loads(line) for line in api.sandbox("GET", "dump", params={"object": "Account"}).text.splitlines()]
    assert [(one["Name"], one["IsDeleted"]) for one in dumped] == [("A", True), ("B", False)]


def test_a_reset_brings_the_start_back(tmp_path: Path) -> None:
    source = tmp_path / "ours.csv"
    source.write_text(CSV)
    with emulator(settings(accounts=source, seed=3)) as running:
        before = Api(running).sandbox("GET", "dump", params={"object": "Account"}).text
        Api(running).create("Account", Name="C")
        assert Api(running).sandbox("POST", "reset").json()["records"]["Account"] == 2
        assert Api(running).sandbox("GET", "dump", params={"object": "Account"}).text == before


def test_the_clock_can_be_moved_from_outside(api: Api) -> None:
    assert api.sandbox("POST", "clock", json={"seconds": 90}).json() == {"now": "2026-11-22T10:01:30+00:00"}
    assert api.sandbox("GET", "health").json()["now"] == "2026-11-22T10:01:30+00:00"


def test_every_token_can_be_expired_from_outside(api: Api) -> None:
    assert api.sandbox("POST", "expire-tokens").json() == {"expired": 1}
    assert api.refusal("GET", "limits")[0] == 401


def test_a_company_list_becomes_accounts_with_owners_and_populations(tmp_path: Path) -> None:
    source = tmp_path / "ours.csv"
    source.write_text(CSV)
    org = build(settings(accounts=source))
    acme, globex = org.store.rows("Account")
    assert (acme["Name"], acme["Website"], acme["BillingCity"], acme["Source_Id__c"]) == (
        "Acme Robotics", "http://acme.example", "Lyon", "a1",
    )  # fmt: skip
    assert globex["Website"] is None
    assert {acme["Partner_Population__c"], globex["Partner_Population__c"]} <= {
        "Customer", "Open Opportunity", "Prospect",
    }  # fmt: skip
    assert len(org.store.rows("User")) == 14


def test_a_company_without_a_name_stops_the_load_and_is_named(tmp_path: Path) -> None:
    source = tmp_path / "ours.csv"
    source.write_text(CSV + "a3,,,France,,\n")
    with pytest.raises(SeedError, match=r"line 4, id a3: Required fields are missing: \[Name\]"):
        build(settings(accounts=source))


def test_a_list_without_a_column_is_refused_and_names_it(tmp_path: Path) -> None:
    source = tmp_path / "ours.csv"
    source.write_text("id,name\n")
    with pytest.raises(SeedError, match="column 'city' is missing"):
        build(settings(accounts=source))
