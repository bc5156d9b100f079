"""One row at a time: create, read, update, delete, and by external id."""

from __future__ import annotations

import pytest

from sandbox.salesforce import ids
from sandbox.salesforce.testing import Emulator

from .conftest import Api


def test_a_created_row_has_an_id_of_18_characters_and_the_system_fields_of_its_user(
    api: Api, salesforce: Emulator
) -> None:
    made = api("POST", "sobjects/Account", json={"Name": "Acme Robotics"})
    assert made.status_code == 201
    record_id = made.json()["id"]
    assert made.json() == {"id": record_id, "success": True, "errors": []}
    assert record_id.startswith("001")
    assert ids.normalise(record_id[:15]) == record_id
    row = api("GET", f"sobjects/Account/{record_id}").json()
    assert row["CreatedDate"] == row["LastModifiedDate"] == row["SystemModstamp"] == "2026-11-22T10:00:00.000+0000"
    assert row["CreatedById"] == row["LastModifiedById"] == row["OwnerId"] == salesforce.org.integration_id
    assert row["IsDeleted"] is False
    assert row["Website"] is None


def test_a_read_gives_the_asked_fields_and_the_id_by_the_short_id_too(api: Api) -> None:
    record_id = api.create("Account", Name="Acme")
    row = api("GET", f"sobjects/Account/{record_id[:15]}", params={"fields": "name"}).json()
    assert row == {
        "attributes": {"type": "Account", "url": f"/services/data/v59.0/sobjects/Account/{record_id}"},
        "Name": "Acme",
        "Id": record_id,
    }


def test_an_update_moves_the_time_stamps_to_the_second_and_answers_with_no_body(api: Api, salesforce: Emulator) -> None:
    record_id = api.create("Account", Name="Acme")
    salesforce.org.clock.advance(1.9)
    changed = api("PATCH", f"sobjects/Account/{record_id}", json={"Phone": "+1 555"})
    assert (changed.status_code, changed.content) == (204, b"")
    row = api("GET", f"sobjects/Account/{record_id}").json()
    assert row["Phone"] == "+1 555"
    assert row["SystemModstamp"] == row["LastModifiedDate"] == "2026-11-22T10:00:01.000+0000"
    assert row["CreatedDate"] == "2026-11-22T10:00:00.000+0000"


def test_an_update_that_changes_no_value_still_moves_the_time_stamp_but_is_no_effective_write(
    api: Api, salesforce: Emulator
) -> None:
    record_id = api.create("Account", Name="Acme")
    salesforce.org.clock.advance(5)
    api("PATCH", f"sobjects/Account/{record_id}", json={"Name": "Acme"})
    row = api("GET", f"sobjects/Account/{record_id}").json()
    assert row["SystemModstamp"] == "2026-11-22T10:00:05.000+0000"
    counts = api.sandbox("GET", "writes", params={"object": "Account"}).json()[record_id]
    assert (counts["applied"], counts["effective"]) == (2, 1)


def test_a_deleted_row_is_gone_from_queries_but_not_from_query_all(api: Api, salesforce: Emulator) -> None:
    record_id = api.create("Account", Name="Acme")
    salesforce.org.clock.advance(60)
    assert api("DELETE", f"sobjects/Account/{record_id}").status_code == 204
    assert api.names("SELECT Name FROM Account") == []
    (row,) = api.query("SELECT Name, IsDeleted, SystemModstamp FROM Account", "queryAll")["records"]
    assert row["IsDeleted"] is True
    assert row["SystemModstamp"] == "2026-11-22T10:01:00.000+0000"


def test_a_deleted_row_can_be_neither_read_nor_written_nor_deleted_again(api: Api) -> None:
    path = f"sobjects/Account/{api.create('Account', Name='Acme')}"
    api("DELETE", path)
    gone = (404, "ENTITY_IS_DELETED", "entity is deleted")
    assert api.refusal("GET", path) == gone
    assert api.refusal("PATCH", path, json={"Name": "x"}) == gone
    assert api.refusal("DELETE", path) == gone


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_id_that_was_never_given_is_an_invalid_cross_reference(api: Api, method: str) -> None:
    unknown = ids.make("001", 999)
    body = {"json": {"Name": "x"}} if method == "PATCH" else {}
    assert api.refusal(method, f"sobjects/Account/{unknown}", **body)[:2] == (404, "INVALID_CROSS_REFERENCE_KEY")
    assert api.refusal("GET", f"sobjects/Account/{unknown}")[:2] == (404, "NOT_FOUND")


def test_a_text_that_is_no_id_is_taken_for_an_external_id_field(api: Api) -> None:
    assert api.refusal("PATCH", "sobjects/Account/nonsense", json={"Name": "x"}) == (
        404,
        "NOT_FOUND",
        "Provided external ID field does not exist or is not accessible: nonsense",
    )


def test_an_unknown_object_is_a_resource_that_does_not_exist(api: Api) -> None:
    assert api.refusal("POST", "sobjects/Nope__c", json={}) == (
        404,
        "NOT_FOUND",
        "The requested resource does not exist",
    )


def test_an_upsert_creates_with_201_and_updates_with_200(api: Api) -> None:
    path = "sobjects/Account/Source_Id__c/a-1"
    made = api("PATCH", path, json={"Name": "Acme"})
    assert (made.status_code, made.json()["created"]) == (201, True)
    again = api("PATCH", path, json={"Name": "Acme Robotics"})
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert again.json()["id"] == made.json()["id"]
    assert api("GET", path).json()["Name"] == "Acme Robotics"


def test_an_external_id_with_several_rows_is_answered_with_300_and_their_urls(api: Api) -> None:
    made = [api.create("Account", Name=name, Region_Code__c="EU") for name in ("A", "B")]
    expected = [f"/services/data/v59.0/sobjects/Account/{one}" for one in made]
    for method, body in (("GET", None), ("PATCH", {"Name": "C"})):
        several = api(method, "sobjects/Account/Region_Code__c/EU", json=body)
        assert several.status_code == 300
        assert several.json() == expected


def test_the_key_of_an_upsert_may_not_be_in_its_body(api: Api) -> None:
    assert api.refusal("PATCH", "sobjects/Account/Source_Id__c/a-1", json={"Name": "A", "Source_Id__c": "a-1"}) == (
        400,
        "INVALID_FIELD",
        "The Source_Id__c field should not be specified in the sobject data.",
    )


def test_a_field_that_is_no_external_id_cannot_be_a_key(api: Api) -> None:
    assert api.refusal("PATCH", "sobjects/Account/Phone/1", json={"Name": "A"})[:2] == (404, "NOT_FOUND")


def test_a_parent_can_be_named_by_its_external_id(api: Api) -> None:
    parent = api.create("Account", Name="Acme", Source_Id__c="a-1")
    made = api.create("Partner_Overlap__c", Overlap_Key__c="k", Account__r={"Source_Id__c": "A-1"})
    assert api("GET", f"sobjects/Partner_Overlap__c/{made}").json()["Account__c"] == parent


def test_a_parent_that_is_not_there_is_named_in_the_refusal(api: Api) -> None:
    body = {"Overlap_Key__c": "k", "Account__r": {"Source_Id__c": "zz"}}
    assert api.refusal("POST", "sobjects/Partner_Overlap__c", json=body) == (
        400,
        "INVALID_FIELD",
        "Foreign key external ID: zz not found for field Source_Id__c in entity Account",
    )


def test_a_deleted_parent_leaves_its_lookups_empty_and_takes_its_contacts_along(api: Api) -> None:
    parent = api.create("Account", Name="Acme")
    overlap = api.create("Partner_Overlap__c", Overlap_Key__c="k", Account__c=parent)
    contact = api.create("Contact", LastName="Ng", AccountId=parent)
    api("DELETE", f"sobjects/Account/{parent}")
    assert api("GET", f"sobjects/Partner_Overlap__c/{overlap}").json()["Account__c"] is None
    assert api.refusal("GET", f"sobjects/Contact/{contact}")[1] == "ENTITY_IS_DELETED"


def test_a_body_that_is_no_json_is_refused_with_its_place(api: Api) -> None:
    status, code, message = api.refusal(
        "POST", "sobjects/Account", data='{"Name": }', headers={"Content-Type": "application/json"}
    )
    assert (status, code) == (400, "JSON_PARSER_ERROR")
    assert "line:1" in message


def test_a_body_of_another_media_type_is_refused(api: Api) -> None:
    assert api.refusal("POST", "sobjects/Account", data="Name=x")[:2] == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_method_that_a_resource_does_not_have_is_refused_with_those_that_it_has(api: Api) -> None:
    assert api.refusal("DELETE", "limits") == (
        405,
        "METHOD_NOT_ALLOWED",
        "HTTP Method 'DELETE' not allowed. Allowed are GET",
    )


@pytest.mark.parametrize("version", ["v45.0", "v99.0"])
def test_versions_out_of_service_do_not_exist(api: Api, version: str) -> None:
    assert api.refusal("GET", f"/services/data/{version}/limits")[:2] == (404, "NOT_FOUND")


def test_an_older_version_is_served_and_named_in_the_urls(salesforce: Emulator) -> None:
    api = Api(salesforce, "v46.0")
    record_id = api.create("Account", Name="Acme")
    row = api("GET", f"sobjects/Account/{record_id}").json()
    assert row["attributes"]["url"] == f"/services/data/v46.0/sobjects/Account/{record_id}"
