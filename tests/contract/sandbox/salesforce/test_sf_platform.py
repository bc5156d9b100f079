"""Merge, undelete, lead conversion and edits of several records: one transaction each, told as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.salesforce.metadata.model import FieldDef
from sandbox.salesforce.testing import Emulator

from .conftest import Api
from .pubsub_client import Client, connected

ALL = "/data/ChangeEvents"
ADMIN = {"user": "admin@tandem.example"}


@pytest.fixture
def client(salesforce: Emulator) -> Iterator[Client]:
    with connected(salesforce) as made:
        yield made


def test_a_merge_updates_the_winner_deletes_the_losers_and_gives_it_their_children(api: Api, client: Client) -> None:
    winner, first, second = (api.create("Account", Name=name) for name in ("W", "L1", "L2"))
    contact = api.create("Contact", LastName="Ng", AccountId=first)
    fields = {"Phone": "1"}
    order = {**ADMIN, "object": "Account", "master": winner, "losers": [first, second], "fields": fields}
    assert api.sandbox("POST", "merge", json=order).json() == {"id": winner}
    rows = api.query("SELECT Id, IsDeleted, MasterRecordId FROM Account ORDER BY Id", "queryAll")["records"]
    assert [(one["IsDeleted"], one["MasterRecordId"]) for one in rows] == [
        (False, None),
        (True, winner),
        (True, winner),
    ]
    assert api.query("SELECT AccountId FROM Contact")["records"][0]["AccountId"] == winner
    found = client.subscribe(ALL).events(7)[4:]
    assert [(one.kind, one.ids) for one in found] == [
        ("UPDATE", [contact]), ("DELETE", [first, second]), ("UPDATE", [winner]),
    ]  # fmt: skip
    assert found[0].changed == ["AccountId"]
    assert sorted(found[2].changed) == ["LastModifiedById", "LastModifiedDate", "Phone"]
    assert len({one.header["transactionKey"] for one in found}) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"object": "Opportunity"}, "merge is for Account, Contact, Lead"),
        ({"losers": []}, "one to 2 records"),
        ({"losers": ["self"]}, "cannot be merged with itself"),
        ({"fields": {"Nme": "x"}}, "No such column 'Nme'"),
    ],
)
def test_a_merge_that_cannot_be_made_changes_nothing(api: Api, changes: dict[str, Any], says: str) -> None:
    winner, loser = api.create("Account", Name="W"), api.create("Account", Name="L")
    order = {**ADMIN, "object": "Account", "master": winner, "losers": [loser], **changes}
    order["losers"] = [winner if one == "self" else one for one in order["losers"]]
    refused = api.sandbox("POST", "merge", json=order)
    assert refused.status_code == 400
    assert says in refused.json()["error"]
    assert sorted(api.names("SELECT Name FROM Account")) == ["L", "W"]


def test_an_undelete_brings_a_record_back_whole_with_the_children_that_went_with_it(api: Api, client: Client) -> None:
    account = api.create("Account", Name="A", Phone="1")
    contact = api.create("Contact", LastName="Ng", AccountId=account)
    api("DELETE", f"sobjects/Account/{account}")
    assert api.sandbox("POST", "undelete", json={**ADMIN, "object": "Account", "id": account}).status_code == 200
    assert api("GET", f"sobjects/Contact/{contact}").json()["AccountId"] == account
    back = client.subscribe(ALL).events(6)[4:]
    assert [(one.kind, one.ids) for one in back] == [("UNDELETE", [account]), ("UNDELETE", [contact])]
    assert (back[0].values["Name"], back[0].values["Phone"], back[0].changed) == ("A", "1", [])


def test_an_undelete_of_what_is_there_or_whose_key_is_taken_is_refused(api: Api) -> None:
    old = api.create("Account", Name="A", Source_Id__c="k")
    order = {**ADMIN, "object": "Account", "id": old}
    assert "not in the recycle bin" in api.sandbox("POST", "undelete", json=order).json()["error"]
    api("DELETE", f"sobjects/Account/{old}")
    api.create("Account", Name="B", Source_Id__c="k")
    assert "DUPLICATE_VALUE" in api.sandbox("POST", "undelete", json=order).json()["error"]


def test_a_converted_lead_becomes_three_records_in_one_transaction(api: Api, client: Client) -> None:
    lead = api.create("Lead", FirstName="Ada", LastName="Ng", Company="Acme", Email="a@b.example", City="Lyon")
    made = api.sandbox("POST", "convert-lead", json={**ADMIN, "lead_id": lead}).json()
    account, contact, opportunity = (made[f"Converted{one}Id"] for one in ("Account", "Contact", "Opportunity"))
    row = api("GET", f"sobjects/Lead/{lead}").json()
    assert (row["IsConverted"], row["ConvertedDate"], row["Status"]) == (True, "2026-11-22", "Closed - Converted")
    assert row["ConvertedContactId"] == contact
    assert api("GET", f"sobjects/Contact/{contact}").json()["AccountId"] == account
    assert api("GET", f"sobjects/Account/{account}").json()["BillingCity"] == "Lyon"
    assert api("GET", f"sobjects/Opportunity/{opportunity}").json()["CloseDate"] == "2026-12-31"
    found = client.subscribe(ALL).events(5)[1:]
    assert [(one.kind, one.ids) for one in found] == [
        ("CREATE", [account]), ("CREATE", [contact]), ("CREATE", [opportunity]), ("UPDATE", [lead]),
    ]  # fmt: skip
    assert {"IsConverted", "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId"} <= set(
        found[3].changed
    )
    assert len({one.header["transactionKey"] for one in found}) == 1
    assert [one.header["sequenceNumber"] for one in found] == [1, 2, 3, 4]


def test_a_conversion_can_use_what_is_there_and_leave_out_the_opportunity(api: Api) -> None:
    account, lead = api.create("Account", Name="Acme"), api.create("Lead", LastName="Ng", Company="Acme Inc")
    order = {**ADMIN, "lead_id": lead, "account_id": account, "opportunity": False}
    made = api.sandbox("POST", "convert-lead", json=order).json()
    assert (made["ConvertedAccountId"], made["ConvertedOpportunityId"]) == (account, None)
    assert api.names("SELECT Name FROM Account") == ["Acme"]


def test_a_converted_lead_can_be_neither_converted_again_nor_updated(api: Api) -> None:
    lead = api.create("Lead", LastName="Ng", Company="Acme")
    order = {**ADMIN, "lead_id": lead}
    api.sandbox("POST", "convert-lead", json=order)
    assert "CANNOT_UPDATE_CONVERTED_LEAD" in api.sandbox("POST", "convert-lead", json=order).json()["error"]
    refused = api.refusal("PATCH", f"sobjects/Lead/{lead}", json={"Company": "B"})
    assert refused == (400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def test_a_conversion_with_a_word_that_is_not_known_says_which_there_are(api: Api) -> None:
    refused = api.sandbox("POST", "convert-lead", json={**ADMIN, "lead": "00Q"})
    assert refused.status_code == 400
    assert "lead_id" in refused.json()["error"]


def test_several_edits_are_one_transaction_or_none(api: Api, client: Client) -> None:
    account = api.create("Account", Name="A")
    good = {"object": "Account", "id": account, "fields": {"Phone": "1"}}
    bad = {"object": "Account", "fields": {}}
    refused = api.sandbox("POST", "edit", json={**ADMIN, "edits": [good, bad]})
    assert "REQUIRED_FIELD_MISSING" in refused.json()["error"]
    other = {"object": "Contact", "fields": {"LastName": "Ng", "AccountId": account}}
    ids = api.sandbox("POST", "edit", json={**ADMIN, "edits": [good, other]}).json()["ids"]
    found = client.subscribe(ALL).events(3)[1:]
    assert [(one.kind, one.ids) for one in found] == [("UPDATE", [account]), ("CREATE", [ids[1]])]
    assert len({one.header["transactionKey"] for one in found}) == 1


def test_a_record_that_a_transaction_writes_twice_has_both_events_in_order(api: Api, client: Client) -> None:
    first, second = (api.create("Account", Name=name) for name in "AB")
    phone = [(first, "1"), (first, "2"), (second, "1")]
    edits = [{"object": "Account", "id": one, "fields": {"Phone": number}} for one, number in phone]
    api.sandbox("POST", "edit", json={**ADMIN, "edits": edits})
    found = client.subscribe(ALL).events(5)[2:]
    assert [(one.ids, one.values["Phone"]) for one in found] == [([first], "1"), ([first], "2"), ([second], "1")]


def test_a_lookup_that_the_platform_clears_is_told_without_a_new_modification_date(api: Api, client: Client) -> None:
    parent = api.create("Account", Name="P")
    child = api.create("Account", Name="C", ParentId=parent)
    api("DELETE", f"sobjects/Account/{parent}")
    found = client.subscribe("/data/AccountChangeEvent").events(4)[2:]
    assert [(one.kind, one.ids, one.changed, one.nulled) for one in found] == [
        ("UPDATE", [child], ["ParentId"], ["ParentId"]), ("DELETE", [parent], [], []),
    ]  # fmt: skip


def test_parts_of_a_compound_field_and_a_formula_are_described(api: Api, salesforce: Emulator) -> None:
    formula = FieldDef("F__c", "double", "F", custom=True, calculated=True, createable=False, formula="Amount * 2")
    salesforce.org.schema.require("Contact").add([formula])
    described = {one["name"]: one for one in api("GET", "sobjects/Contact/describe").json()["fields"]}
    compounds = {name: described[name]["compoundFieldName"] for name in ("FirstName", "MailingCity", "Name", "Email")}
    assert compounds == {"FirstName": "Name", "MailingCity": "MailingAddress", "Name": None, "Email": None}
    assert (described["F__c"]["calculated"], described["F__c"]["calculatedFormula"]) == (True, "Amount * 2")


def test_the_clock_can_be_set_back(api: Api, client: Client) -> None:
    api.create("Account", Name="A")
    assert api.sandbox("POST", "clock", json={"seconds": -3600}).json()["now"].startswith("2026-11-22T09:00:00")
    api.create("Account", Name="B")
    first, second = client.subscribe(ALL).events(2)
    assert second.header["commitTimestamp"] == first.header["commitTimestamp"] - 3600_000
    assert second.header["commitNumber"] > first.header["commitNumber"]
    assert second.replay_id > first.replay_id
