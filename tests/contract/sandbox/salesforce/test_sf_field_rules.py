"""What a field takes and what it refuses, in the platform's codes."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.salesforce import ids
from sandbox.salesforce.testing import Emulator

from .conftest import Api

OVERLAP = "sobjects/Partner_Overlap__c"


def parse_error(kind: str, token: str, value: str) -> str:
    return (
        f"Cannot deserialize instance of {kind} from {token} value {value} or request may be missing a required field"
    )


@pytest.mark.parametrize(
    ("field", "value", "code", "message"),
    [
        ("Link__c", "x" * 256, "STRING_TOO_LONG", f"Link: data value too large: {'x' * 256} (max length=255)"),
        (
            "Our_Population__c", "Friend", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Our Population: bad value for restricted picklist field: Friend",
        ),
        ("Score__c", "1", "JSON_PARSER_ERROR", parse_error("double", "VALUE_STRING", "1")),
        ("Share__c", True, "JSON_PARSER_ERROR", parse_error("percent", "VALUE_TRUE", "true")),
        ("Shared__c", "FALSE", "JSON_PARSER_ERROR", parse_error("boolean", "VALUE_STRING", "FALSE")),
        ("Shared__c", None, "INVALID_TYPE_ON_FIELD_IN_RECORD", "Shared: value not of required type: "),
        ("Notes__c", {"a": 1}, "JSON_PARSER_ERROR", parse_error("string", "START_OBJECT", "{")),
        ("Notes__c", 7, "JSON_PARSER_ERROR", parse_error("string", "VALUE_NUMBER_INT", "7")),
        ("Since__c", "2026-02-31", "JSON_PARSER_ERROR", parse_error("date", "VALUE_STRING", "2026-02-31")),
        (
            "Seen_At__c", "2013-08-12T15:20:00+0000", "JSON_PARSER_ERROR",
            parse_error("datetime", "VALUE_STRING", "2013-08-12T15:20:00+0000"),
        ),
        ("Score__c", 1000, "NUMBER_OUTSIDE_VALID_RANGE", "Score: value outside of valid range on numeric field: 1000"),
        ("Account__c", "nope", "MALFORMED_ID", "Account: id value of incorrect type: nope"),
        ("Account__c", ids.make("001", 77), "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        (
            "Account__c", ids.make("005", 1), "FIELD_INTEGRITY_EXCEPTION",
            f"Account: id value of incorrect type: {ids.make('005', 1)}",
        ),
        ("Nope__c", 1, "INVALID_FIELD", "No such column 'Nope__c' on sobject of type Partner_Overlap__c"),
    ],
)  # fmt: skip
def test_a_value_that_a_field_does_not_take_is_refused(
    api: Api, field: str, value: Any, code: str, message: str
) -> None:
    refused = api("POST", OVERLAP, json={"Overlap_Key__c": "k", field: value})
    assert refused.status_code == 400
    assert (refused.json()[0]["errorCode"], refused.json()[0]["message"]) == (code, message)
    assert api.query("SELECT COUNT() FROM Partner_Overlap__c")["totalSize"] == 0


def test_what_is_accepted_comes_back_in_the_platforms_form(api: Api) -> None:
    given = {
        "Overlap_Key__c": "k", "Score__c": 12, "Since__c": "2026-02-28", "Seen_At__c": "2026-11-22T12:30:15.987+02:00",
        "Notes__c": "  two words \n", "Link__c": "", "Our_Population__c": "CUSTOMER",
    }  # fmt: skip
    row = api("GET", f"{OVERLAP}/{api.create('Partner_Overlap__c', **given)}").json()
    assert row["Score__c"] == 12.0
    assert row["Since__c"] == "2026-02-28"
    assert row["Seen_At__c"] == "2026-11-22T10:30:15.000+0000"
    assert row["Notes__c"] == "two words"
    assert row["Link__c"] is None
    assert row["Our_Population__c"] == "Customer"


def test_defaults_and_the_auto_number_are_filled_in(api: Api) -> None:
    row = api("GET", f"{OVERLAP}/{api.create('Partner_Overlap__c', Overlap_Key__c='k')}").json()
    assert (row["Name"], row["Shared__c"], row["Our_Population__c"]) == ("PO-00001", True, "Prospect")


def test_missing_required_fields_are_all_named(api: Api) -> None:
    refused = api("POST", "sobjects/Lead", json={"FirstName": "Ada"})
    assert refused.json() == [{
        "message": "Required fields are missing: [LastName, Company]",
        "errorCode": "REQUIRED_FIELD_MISSING",
        "fields": ["LastName", "Company"],
    }]  # fmt: skip


def test_a_required_field_cannot_be_emptied_later(api: Api) -> None:
    record_id = api.create("Account", Name="Acme")
    assert api.refusal("PATCH", f"sobjects/Account/{record_id}", json={"Name": " "})[1] == "REQUIRED_FIELD_MISSING"


def test_fields_that_the_platform_keeps_cannot_be_written_and_are_named(api: Api) -> None:
    refused = api("POST", OVERLAP, json={"Overlap_Key__c": "k", "Name": "x", "SystemModstamp": None})
    assert refused.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert refused.json()[0]["fields"] == ["Name", "SystemModstamp"]


def test_the_id_may_not_be_in_the_body(api: Api) -> None:
    assert api.refusal("POST", "sobjects/Account", json={"Name": "A", "Id": ids.make("001", 1)}) == (
        400,
        "INVALID_FIELD",
        "The Id field should not be specified in the sobject data.",
    )


def test_a_unique_value_is_refused_with_the_id_of_the_row_that_has_it_whatever_the_case(api: Api) -> None:
    first = api.create("Account", Name="Acme", Source_Id__c="a-1")
    refused = api.refusal("POST", "sobjects/Account", json={"Name": "Other", "Source_Id__c": "A-1"})
    assert refused == (
        400,
        "DUPLICATE_VALUE",
        f"duplicate value found: Source_Id__c duplicates value on record with id: {first}",
    )


def test_a_unique_value_is_free_again_when_its_row_is_deleted(api: Api) -> None:
    first = api.create("Account", Name="Acme", Source_Id__c="a-1")
    api("DELETE", f"sobjects/Account/{first}")
    assert api.create("Account", Name="Other", Source_Id__c="a-1") != first


def test_a_deleted_record_cannot_be_a_parent(api: Api) -> None:
    gone = api.create("Account", Name="Acme")
    api("DELETE", f"sobjects/Account/{gone}")
    assert api.refusal("POST", "sobjects/Account", json={"Name": "B", "ParentId": gone})[1] == "ENTITY_IS_DELETED"


def test_users_cannot_be_created_through_the_api(api: Api) -> None:
    assert api.refusal("POST", "sobjects/User", json={"LastName": "x"}) == (
        400,
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "entity type cannot be inserted: User",
    )


def test_an_email_address_is_checked(api: Api) -> None:
    assert api.refusal("POST", "sobjects/Contact", json={"LastName": "Ng", "Email": "ng"}) == (
        400,
        "INVALID_EMAIL_ADDRESS",
        "Email: invalid email address: ng",
    )


def test_describe_tells_what_the_metadata_says(api: Api) -> None:
    told = api("GET", f"{OVERLAP}/describe").json()
    assert (told["name"], told["custom"], told["keyPrefix"], told["createable"]) == (
        "Partner_Overlap__c", True, "a00", True,
    )  # fmt: skip
    fields = {one["name"]: one for one in told["fields"]}
    key, link, notes = fields["Overlap_Key__c"], fields["Account__c"], fields["Notes__c"]
    assert (key["type"], key["length"], key["externalId"], key["unique"], key["nillable"]) == (
        "string", 64, True, True, False,
    )  # fmt: skip
    assert (link["type"], link["referenceTo"], link["relationshipName"]) == ("reference", ["Account"], "Account__r")
    assert (notes["type"], notes["length"], notes["filterable"], notes["sortable"]) == ("textarea", 1000, False, False)
    assert fields["Name"]["createable"] is False
    population = fields["Our_Population__c"]
    assert population["restrictedPicklist"] is True
    assert [one["value"] for one in population["picklistValues"] if one["defaultValue"]] == ["Prospect"]
    (children,) = [
        one
        for one in api("GET", "sobjects/Account/describe").json()["childRelationships"]
        if one["childSObject"] == "Partner_Overlap__c"
    ]
    assert (children["field"], children["relationshipName"]) == ("Account__c", "Partner_Overlaps__r")


def test_the_global_describe_lists_standard_and_deployed_objects(api: Api) -> None:
    listed = [one["name"] for one in api("GET", "sobjects/").json()["sobjects"]]
    setup = ["PermissionSet", "PermissionSetAssignment", "RecordType"]
    assert listed == ["Account", "Contact", "Lead", "Opportunity", "Partner_Overlap__c", *setup, "User"]


def test_an_inactive_user_cannot_own_anything(api: Api, salesforce: Emulator) -> None:
    org = salesforce.org
    row = org.store.get("User", org.admin_id)
    assert row is not None
    salesforce.call(lambda: org.store.put("User", {**row, "IsActive": False}, org.store.writes(org.admin_id)[0]))
    refused = api.refusal("POST", "sobjects/Account", json={"Name": "A", "OwnerId": org.admin_id})
    assert refused[1] == "INACTIVE_OWNER_OR_USER"
