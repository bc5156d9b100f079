"""What a committed write says on the stream, read over real gRPC."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.salesforce.testing import START, Emulator, emulator
from sandbox.salesforce.triggers import Trigger

from .conftest import Api, settings
from .pubsub_client import Client, connected

ACCOUNTS, ALL = "/data/AccountChangeEvent", "/data/ChangeEvents"
MS = round(START.timestamp() * 1000)


@pytest.fixture
def events(salesforce: Emulator) -> Iterator[Client]:
    with connected(salesforce) as client:
        yield client


def test_a_new_record_comes_whole_with_the_header_of_its_transaction(
    api: Api, events: Client, salesforce: Emulator
) -> None:
    made = api.create("Account", Name="Acme", NumberOfEmployees=7, AnnualRevenue=1.5, BillingCity="Lyon")
    event = events.subscribe(ACCOUNTS).one()
    assert event.values == {
        "Name": "Acme", "NumberOfEmployees": 7, "AnnualRevenue": 1.5, "OwnerId": salesforce.org.integration_id,
        "CreatedDate": MS, "CreatedById": salesforce.org.integration_id,
        "LastModifiedDate": MS, "LastModifiedById": salesforce.org.integration_id,
        "BillingAddress": {**dict.fromkeys(event.body["BillingAddress"]), "City": "Lyon"},
    }  # fmt: skip
    header = event.header
    assert (header["entityName"], event.ids, event.kind) == ("Account", [made], "CREATE")
    assert (event.changed, event.nulled, event.diffed) == ([], [], [])
    assert (header["sequenceNumber"], header["commitTimestamp"]) == (1, MS)
    assert header["commitUser"] == salesforce.org.integration_id
    assert header["commitNumber"] > 2**53
    assert len(header["transactionKey"]) == 36


def test_an_update_carries_the_changed_fields_and_names_them_and_those_set_to_null(api: Api, events: Client) -> None:
    made = api.create("Account", Name="Acme", Phone="1", Website="acme.example", BillingCity="Lyon", BillingStreet="1")
    api(
        "PATCH",
        f"sobjects/Account/{made}",
        json={"Name": "Acme", "Phone": None, "BillingCity": "Nice", "Type": "Other"},
    )
    _, update = events.subscribe(ACCOUNTS).events(2)
    assert update.kind == "UPDATE"
    assert sorted(update.changed) == ["BillingAddress.City", "LastModifiedDate", "Phone", "Type"]
    assert update.nulled == ["Phone"]
    assert update.values == {
        "Type": "Other",
        "LastModifiedDate": MS,
        "BillingAddress": {**dict.fromkeys(update.body["BillingAddress"]), "City": "Nice"},
    }


def test_the_bitmaps_are_hexadecimal_from_the_lowest_bit_and_compound_fields_stand_apart(
    api: Api, events: Client
) -> None:
    made = api.create("Contact", LastName="Ng", FirstName="Ada", Email="a@b.example")
    api("PATCH", f"sobjects/Contact/{made}", json={"FirstName": None, "LastName": "Ngo", "Email": None})
    _, update = events.subscribe("/data/ContactChangeEvent").events(2)
    fields = [one["name"] for one in events.schema(update.raw.event.schema_id)["fields"]]
    top = 1 << fields.index("Email") | 1 << fields.index("LastModifiedDate")
    name = fields.index("Name")
    assert [int(one, 16) for one in update.header["changedFields"][:1]] == [top]
    assert update.header["changedFields"][1:] == [f"{name}-0x06"]
    assert update.header["nulledFields"][1:] == [f"{name}-0x02"]
    assert all(len(one.partition("0x")[2]) % 2 == 0 for one in update.header["changedFields"])
    assert update.body["Name"]["LastName"] == "Ngo"


def test_the_user_is_named_in_the_body_only_when_it_is_another_than_before(
    api: Api, events: Client, salesforce: Emulator
) -> None:
    made = api.create("Account", Name="Acme")
    for phone in ("1", "2"):
        edit = {"user": "admin@tandem.example", "object": "Account", "id": made, "fields": {"Phone": phone}}
        api.sandbox("POST", "edit", json=edit)
    _, first, second = events.subscribe(ACCOUNTS).events(3)
    assert first.values["LastModifiedById"] == salesforce.org.admin_id
    assert "LastModifiedById" in first.changed
    assert "LastModifiedById" not in second.changed
    assert second.header["commitUser"] == salesforce.org.admin_id


def test_an_update_without_a_change_carries_the_date_alone(api: Api, events: Client) -> None:
    made = api.create("Account", Name="Acme")
    api("PATCH", f"sobjects/Account/{made}", json={"Name": "Acme"})
    _, update = events.subscribe(ACCOUNTS).events(2)
    assert update.changed == ["LastModifiedDate"]


def test_a_deletion_has_no_body(api: Api, events: Client) -> None:
    made = api.create("Account", Name="Acme")
    api("DELETE", f"sobjects/Account/{made}")
    _, gone = events.subscribe(ACCOUNTS).events(2)
    assert (gone.kind, gone.ids, gone.values, gone.changed) == ("DELETE", [made], {}, [])


def test_the_origin_names_the_api_and_the_client_and_is_empty_for_a_write_behind_the_api(
    api: Api, events: Client
) -> None:
    made = api.create("Account", Name="Acme")
    path = f"sobjects/Account/{made}"
    api("PATCH", path, json={"Phone": "1"}, headers={"Sforce-Call-Options": "client=tandem"})
    edit = {"user": "admin@tandem.example", "object": "Account", "id": made, "fields": {"Phone": "2"}}
    api.sandbox("POST", "edit", json=edit)
    api.sandbox("POST", "edit", json={**edit, "origin": "com/salesforce/api/soap/59.0;client=SfdcInternalAPI/"})
    origins = [one.header["changeOrigin"] for one in events.subscribe(ACCOUNTS).events(4)]
    assert origins == [
        "com/salesforce/api/rest/59.0",
        "com/salesforce/api/rest/59.0;client=tandem",
        "",
        "com/salesforce/api/soap/59.0;client=SfdcInternalAPI/",
    ]


def test_the_same_change_of_several_records_in_one_transaction_is_one_event(api: Api, events: Client) -> None:
    made = [api.create("Account", Name=name) for name in "ABC"]
    records = [{"attributes": {"type": "Account"}, "Id": one, "Industry": "Apparel"} for one in made]
    records[2]["Industry"] = "Banking"
    api("PATCH", "composite/sobjects", json={"records": records})
    api("DELETE", "composite/sobjects", params={"ids": ",".join(made)})
    found = events.subscribe(ACCOUNTS).events(6)[3:]
    assert [(one.kind, one.ids, one.header["sequenceNumber"]) for one in found] == [
        ("UPDATE", made[:2], 1), ("UPDATE", made[2:], 2), ("DELETE", made, 1),
    ]  # fmt: skip
    assert found[0].header["transactionKey"] == found[1].header["transactionKey"] != found[2].header["transactionKey"]
    assert found[0].header["commitNumber"] == found[1].header["commitNumber"] < found[2].header["commitNumber"]


def test_a_write_that_was_rolled_back_says_nothing(api: Api, events: Client) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": "A"}, {"attributes": {"type": "Account"}}]
    api("POST", "composite/sobjects", json={"records": records, "allOrNone": True})
    api("POST", "composite/sobjects", json={"records": records, "allOrNone": False})
    assert events.subscribe(ACCOUNTS).one().values["Name"] == "A"
    assert api.sandbox("GET", "pubsub").json()["events"] == 1


def test_objects_that_are_not_selected_leave_holes_in_the_sequence(api: Api, events: Client) -> None:
    account = api.create("Account", Name="A")
    records: list[dict[str, Any]] = [
        {"attributes": {"type": "Partner_Overlap__c"}, "Overlap_Key__c": "k", "Account__c": account},
        {"attributes": {"type": "Account"}, "Name": "B"},
    ]
    made = api("POST", "composite/sobjects", json={"records": records}).json()
    assert all(one["success"] for one in made), made
    second = events.subscribe(ALL).events(2)[1]
    assert (second.ids, second.header["sequenceNumber"]) == ([made[1]["id"]], 2)
    assert events.topic("/data/Partner_Overlap__ChangeEvent").can_subscribe


def test_dates_are_milliseconds_and_formulas_system_stamps_and_ids_are_not_carried(api: Api, events: Client) -> None:
    made = api.create("Opportunity", Name="Big", StageName="Prospecting", CloseDate="2026-12-31")
    event = events.subscribe("/data/OpportunityChangeEvent").one()
    day = round(datetime(2026, 12, 31, tzinfo=UTC).timestamp() * 1000)
    assert (event.ids, event.values["CloseDate"], event.values["IsClosed"]) == ([made], day, False)
    assert not {"Id", "IsDeleted", "SystemModstamp"} & set(event.body)


def test_a_stage_moves_the_probability_and_both_are_told(api: Api, events: Client) -> None:
    made = api.create("Opportunity", Name="Big", StageName="Prospecting", CloseDate="2026-12-31")
    api("PATCH", f"sobjects/Opportunity/{made}", json={"StageName": "Closed Won"})
    _, update = events.subscribe("/data/OpportunityChangeEvent").events(2)
    assert sorted(update.changed) == ["IsClosed", "IsWon", "LastModifiedDate", "Probability", "StageName"]
    assert update.values["Probability"] == 100


def paragraphs(changed: int | None = None) -> str:
    return "\n".join(f"{'Other' if number == changed else 'Some'} words of line {number}. " + "x" * 60
                     for number in range(20)).strip()  # fmt: skip


def test_a_small_change_of_a_long_text_comes_as_a_difference(api: Api, events: Client) -> None:
    made = api.create("Account", Name="A", Description=paragraphs())
    api("PATCH", f"sobjects/Account/{made}", json={"Description": paragraphs(7)})
    create, update = events.subscribe(ACCOUNTS).events(2)
    assert create.values["Description"] == paragraphs()
    assert update.diffed == ["Description"]
    assert "Description" in update.changed
    line, digest = paragraphs().split("\n")[7], hashlib.sha256(paragraphs(7).encode()).hexdigest()
    other = line.replace("Some", "Other")
    assert update.values["Description"] == f"--- \n+++ {digest}\n@@ -8,1 +8,1 @@\n-{line}\n+{other}"


def test_a_long_text_that_is_rewritten_and_a_short_one_come_whole(api: Api, events: Client) -> None:
    made = api.create("Account", Name="A", Description=paragraphs())
    for text in ("y" * 1500, "short"):
        api("PATCH", f"sobjects/Account/{made}", json={"Description": text})
    _, rewritten, short = events.subscribe(ACCOUNTS).events(3)
    assert (rewritten.diffed, rewritten.values["Description"]) == ([], "y" * 1500)
    assert (short.diffed, short.values["Description"]) == ([], "short")


def test_an_admins_automation_writes_other_fields_as_the_writing_user_in_the_same_transaction() -> None:
    count = Trigger("Account", lambda old, new: {"AccountNumber": f"N-{new['Name']}"}, "after")
    with emulator(settings(triggers=[count])) as running, connected(running) as client:
        api = Api(running)
        rule = {"object": "Account", "on": ["create"], "upper": ["Name"], "set": {"Description": "checked"}}
        api.create("Account", Name="first")
        assert api.sandbox("PUT", "triggers", json=[rule]).json() == {"triggers": 1}
        made = api.create("Account", Name="acme")
        assert api("GET", f"sobjects/Account/{made}").json()["Name"] == "ACME"
        first, numbered, second = client.subscribe(ACCOUNTS).events(3)
    assert (second.values["Name"], second.values["Description"]) == ("ACME", "checked")
    assert (numbered.kind, numbered.values["AccountNumber"]) == ("UPDATE", "N-first")
    assert numbered.header["transactionKey"] == first.header["transactionKey"]
    assert (numbered.header["sequenceNumber"], numbered.header["commitUser"]) == (2, first.header["commitUser"])


def test_a_trigger_that_cannot_be_used_is_refused_and_named(api: Api) -> None:
    refused = api.sandbox("PUT", "triggers", json=[{"object": "Account", "set": {"Nme": "x"}}])
    assert refused.status_code == 400
    assert refused.json()["error"] == "trigger 1: Account has no field 'Nme'"


def test_what_the_org_was_seeded_with_is_no_news(tmp_path: Any) -> None:
    source = tmp_path / "records.jsonl"
    source.write_text('{"attributes": {"type": "Lead"}, "LastName": "Ng", "Company": "Acme"}\n')
    with emulator(settings(data=source)) as running, connected(running) as client:
        made = Api(running).create("Account", Name="Acme")
        assert client.subscribe(ALL).one().ids == [made]
