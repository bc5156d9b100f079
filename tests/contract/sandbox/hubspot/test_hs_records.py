"""One record at a time: values that are refused, ids, lists, archive and restore."""

from __future__ import annotations

import json

import pytest

from sandbox.hubspot.testing import emulator, standing_still

from .conftest import Api, unique_key


@pytest.mark.parametrize(
    "path", ["/crm/v3/objects/companies", "/crm/objects/2026-09/0-2", "/crm/objects/2026-03/company"]
)
def test_numbered_and_dated_paths_and_every_name_of_a_type_lead_to_the_same_records(api: Api, path: str) -> None:
    record_id = api("POST", path, json={"properties": {"name": "Acme"}}).json()["id"]
    assert api.get("companies", record_id, "name")["properties"]["name"] == "Acme"


def test_a_date_that_was_no_release_is_not_found(api: Api) -> None:
    assert api("GET", "/crm/objects/2026-04/companies").status_code == 404


def test_an_unknown_property_is_refused_with_the_recorded_body(api: Api) -> None:
    refused = api.objects("POST", "contacts", {"properties": {"first000name": "a", "last000name": "b"}})
    body = refused.json()
    assert (refused.status_code, body["category"]) == (400, "VALIDATION_ERROR")
    prefix, listed = body["message"].split(": ", 1)
    assert prefix == "Property values were not valid"
    first = {"isValid": False, "message": 'Property "first000name" does not exist', "error": "PROPERTY_DOESNT_EXIST"}
    assert json.loads(listed)[0] == {**first, "name": "first000name"}
    assert body["errors"][1]["context"] == {"propertyName": ["last000name"]}
    assert refused.headers["X-HubSpot-Correlation-Id"] == body["correlationId"]


@pytest.mark.parametrize("value", [None, 5, True, ["a"]])
def test_a_value_that_is_no_text_is_refused(api: Api, value: object) -> None:
    refused = api.objects("POST", "companies", {"properties": {"name": value}})
    assert (refused.status_code, "must be a string" in refused.json()["message"]) == (400, True)


@pytest.mark.parametrize(
    ("kind", "name", "value", "code"),
    [
        ("companies", "industry", "Computer Software", "INVALID_OPTION"),
        ("companies", "annualrevenue", "1,000", "INVALID_DOUBLE"),
        ("companies", "hs_object_id", "5", "READ_ONLY_VALUE"),
        ("companies", "hubspot_owner_id", "1", "INVALID_OPTION"),
        ("contacts", "email", "nobody", "INVALID_EMAIL"),
        ("deals", "closedate", "next week", "INVALID_LONG"),
        ("deals", "dealstage", "won", "INVALID_OPTION"),
    ],
)
def test_a_value_that_does_not_fit_its_property_is_refused(
    api: Api, kind: str, name: str, value: str, code: str
) -> None:
    refused = api.objects("POST", kind, {"properties": {name: value}})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, code)


@pytest.mark.parametrize("given", ["2026-11-22T11:00:00.5+01:00", "1795341600500", "2026-11-22T10:00:00.500Z"])
def test_times_are_read_in_iso_and_milliseconds_and_shown_in_iso(api: Api, given: str) -> None:
    record_id = api.create("deals", dealname="D", closedate=given)
    assert api.get("deals", record_id, "closedate")["properties"]["closedate"] == "2026-11-22T10:00:00.500Z"


def test_an_empty_text_clears_and_a_property_without_value_is_null(api: Api) -> None:
    record_id = api.create("companies", name="Acme", city="Bonn")
    changed = api.objects("PATCH", f"companies/{record_id}", {"properties": {"city": ""}})
    assert changed.status_code == 200
    assert api.get("companies", record_id, "city", "no_such")["properties"]["city"] is None


def test_a_write_that_changes_nothing_moves_no_time_and_is_not_effective(api: Api) -> None:
    record_id = api.create("companies", name="Acme")
    before = api.get("companies", record_id)["updatedAt"]
    api.running.portal.clock.advance(60)
    api.objects("PATCH", f"companies/{record_id}", {"properties": {"name": "Acme"}})
    assert api.get("companies", record_id)["updatedAt"] == before
    assert api.sandbox("GET", f"writes?object=companies&id={record_id}") == {
        record_id: {"applied": 2, "effective": 1, "by_source": {"INTEGRATION": 1}, "last_changed": ["name"]}
    }


def test_contacts_and_companies_share_ids_and_keep_their_own_name_for_the_last_change(api: Api) -> None:
    contact, company = api.create("contacts", email="A@Acme.example"), api.create("companies", name="Acme")
    assert contact == company
    assert "lastmodifieddate" in api.get("contacts", contact)["properties"]
    assert "hs_lastmodifieddate" in api.get("companies", company)["properties"]


def test_a_contact_with_a_known_email_conflicts_and_names_the_existing_one(api: Api) -> None:
    existing = api.create("contacts", email="a@acme.example")
    refused = api.objects("POST", "contacts", {"properties": {"email": "A@acme.example"}})
    assert refused.status_code == 409
    assert refused.json()["message"] == f"Contact already exists. Existing ID: {existing}"
    assert refused.json()["category"] == "CONFLICT"


def test_two_companies_may_have_one_domain_but_not_one_unique_value(api: Api) -> None:
    key = unique_key(api)
    api.create("companies", domain="acme.example", **{key: "1"})
    api.create("companies", domain="acme.example")
    refused = api.objects("POST", "companies", {"properties": {"name": "B", key: "1"}})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "CONFLICTING_UNIQUE_VALUE")


def test_a_record_is_found_by_a_unique_property_only(api: Api) -> None:
    record_id = api.create("contacts", email="a@acme.example", phone="1")
    assert api.get("contacts", "A@acme.example", idProperty="email")["id"] == record_id
    refused = api.objects("GET", "contacts/1", params={"idProperty": "phone"})
    assert (
        refused.json()["message"]
        == "Unable to perform update/upsert by non-unique 0-1 property phone in portal ID 62515"
    )


def test_a_deleted_record_is_in_the_archived_list_until_it_is_restored(api: Api) -> None:
    record_id = api.create("companies", name="Acme")
    assert api.objects("DELETE", f"companies/{record_id}").status_code == 204
    assert api.objects("DELETE", f"companies/{record_id}").status_code == 204
    assert api.objects("GET", f"companies/{record_id}").status_code == 404
    assert api.objects("PATCH", f"companies/{record_id}", {"properties": {"name": "B"}}).status_code == 404
    archived = api.objects("GET", "companies", params={"archived": "true"}).json()["results"]
    assert [(one["id"], one["archived"], "archivedAt" in one) for one in archived] == [(record_id, True, True)]
    api.sandbox("POST", "edit", {"object": "companies", "id": record_id, "restore": True})
    assert api.get("companies", record_id)["archived"] is False


def test_a_list_goes_by_number_and_its_cursor_leads_to_the_rest(api: Api) -> None:
    made = [api.create("companies", name=str(number)) for number in range(7)]
    assert len({len(one) for one in made}) == 2
    first = api.objects("GET", "companies", params={"limit": "4"}).json()
    second = api.objects("GET", "companies", params={"limit": "4", "after": first["paging"]["next"]["after"]}).json()
    assert [one["id"] for one in first["results"] + second["results"]] == made
    assert "paging" not in second


def test_a_long_url_is_refused_before_anything_is_read(api: Api) -> None:
    names = ",".join(f"property_number_{number}" for number in range(600))
    assert api.objects("GET", "companies", params={"properties": names}).status_code == 414


def test_a_lead_needs_a_name_and_a_contact(api: Api) -> None:
    contact = api.create("contacts", email="a@acme.example")
    refused = api.objects("POST", "leads", {"properties": {"hs_lead_name": "L"}})
    assert refused.json()["message"] == "A lead must be associated with an existing contact"
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}]
    body = {"properties": {"hs_lead_name": "L"}, "associations": [{"to": {"id": contact}, "types": types}]}
    made = api.objects("POST", "0-136", body)
    assert made.status_code == 201, made.text
    shown = api.objects("GET", f"leads/{made.json()['id']}", params={"associations": "contacts"}).json()
    assert shown["associations"]["contacts"]["results"][0]["id"] == contact


def test_what_an_admin_requires_holds_from_2026_09_on_and_not_before() -> None:
    with emulator(standing_still(required={"0-3": ("amount",)})) as running:
        api = Api(running)
        body = {"properties": {"dealname": "D"}}
        assert api("POST", "/crm/v3/objects/deals", json=body).status_code == 201
        refused = api("POST", "/crm/objects/2026-09/deals", json=body)
        assert (refused.status_code, refused.json()["context"]) == (400, {"properties": ["[amount]"]})
