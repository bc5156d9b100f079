"""Properties, groups, custom objects, pipelines, owners and the account."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.hubspot.testing import emulator, standing_still

from .conftest import Api, unique_key

OVERLAP = {
    "name": "partner_overlap",
    "labels": {"singular": "Partner overlap", "plural": "Partner overlaps"},
    "requiredProperties": ["overlap_key"],
    "searchableProperties": ["overlap_key"],
    "primaryDisplayProperty": "overlap_key",
    "properties": [
        {"name": "overlap_key", "label": "Key", "type": "string", "fieldType": "text", "hasUniqueValue": True}
    ],
    "associatedObjects": ["COMPANY"],
}
BODY = {"name": "score", "label": "Score", "type": "number", "fieldType": "number", "groupName": "companyinformation"}


def test_a_property_can_be_written_from_its_creation_on(api: Api) -> None:
    assert api.objects("POST", "companies", {"properties": {"name": "A", "score": "1"}}).status_code == 400
    made = api("POST", "/crm/v3/properties/companies", json=BODY)
    assert (made.status_code, made.json()["modificationMetadata"]["archivable"]) == (201, True)
    assert api("GET", "/crm/properties/2026-09/0-2/score").json() == made.json()
    api.create("companies", name="A", score="1")
    assert api("POST", "/crm/v3/properties/companies", json=BODY).status_code == 409


@pytest.mark.parametrize(
    "change", [{"fieldType": "text"}, {"name": "Score"}, {"groupName": "nope"}, {"label": ""}, {"type": "decimal"}]
)
def test_a_property_that_cannot_be_is_refused(api: Api, change: dict[str, Any]) -> None:
    assert api("POST", "/crm/v3/properties/companies", json={**BODY, **change}).status_code == 400


def test_ten_properties_may_be_unique_and_none_becomes_so_later(api: Api) -> None:
    for number in range(10):
        unique_key(api, name=f"key_{number}")
    extra = {**BODY, "type": "string", "fieldType": "text", "name": "key_10", "hasUniqueValue": True}
    assert "at most 10" in api("POST", "/crm/v3/properties/companies", json=extra).json()["message"]
    api("POST", "/crm/v3/properties/companies", json=BODY)
    late = api("PATCH", "/crm/v3/properties/companies/score", json={"hasUniqueValue": True})
    assert late.status_code == 400


def test_an_unknown_property_is_not_found(api: Api) -> None:
    missing = api("GET", "/crm/v3/properties/companies/nope")
    assert (missing.status_code, missing.json()["category"]) == (404, "OBJECT_NOT_FOUND")


def test_groups_hold_properties(api: Api) -> None:
    group = {"name": "tandem", "label": "Tandem"}
    assert api("POST", "/crm/v3/properties/companies/groups", json=group).status_code == 201
    assert api("POST", "/crm/v3/properties/companies/groups", json=group).status_code == 409
    assert "tandem" in [one["name"] for one in api("GET", "/crm/v3/properties/companies/groups").json()["results"]]
    assert api("POST", "/crm/v3/properties/companies", json={**BODY, "groupName": "tandem"}).status_code == 201


def test_a_custom_object_has_records_searches_and_associations(api: Api) -> None:
    made = api("POST", "/crm-object-schemas/v3/schemas", json=OVERLAP)
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["objectTypeId"][:2], body["fullyQualifiedName"]) == ("2-", "p62515_partner_overlap")
    refused = api.objects("POST", "partner_overlap", {"properties": {}})
    assert refused.json()["context"] == {"properties": ["[overlap_key]"]}
    record = api.create(body["objectTypeId"], overlap_key="k1")
    upserted = api.batch(
        "p62515_partner_overlap", "upsert", {"id": "k1", "idProperty": "overlap_key", "properties": {}}
    ).json()
    assert [(one["id"], one["new"]) for one in upserted["results"]] == [(record, False)]
    assert api.ids("partner_overlap", query="k1") == [record]
    company = api.create("companies", name="A")
    path = "/crm/v4/associations/partner_overlap/companies/batch/associate/default"
    done = api("POST", path, json={"inputs": [{"from": {"id": record}, "to": {"id": company}}]})
    assert done.json()["results"][0]["associationSpec"]["associationCategory"] == "USER_DEFINED"
    assert api("GET", "/crm-object-schemas/2026-09/schemas").json()["results"][0]["name"] == "partner_overlap"


def test_a_portal_without_enterprise_has_no_custom_objects() -> None:
    with emulator(standing_still(enterprise=False)) as running:
        api = Api(running)
        assert api("POST", "/crm-object-schemas/v3/schemas", json=OVERLAP).status_code == 403
        assert api("GET", "/crm-object-schemas/v3/schemas").json() == {"results": []}
        assert api.objects("GET", "partner_overlap").status_code == 400


def test_the_default_pipeline_has_the_recorded_stages_and_fills_itself_in(api: Api) -> None:
    (pipeline,) = api("GET", "/crm/pipelines/2026-09/deals").json()["results"]
    assert (pipeline["id"], pipeline["stages"][5]["id"]) == ("default", "closedwon")
    assert pipeline["stages"][5]["metadata"] == {"isClosed": "true", "probability": "1.0"}
    deal = api.create("deals", dealname="D", dealstage="closedwon")
    assert api.get("deals", deal)["properties"]["pipeline"] == "default"
    assert api("GET", "/crm/v3/pipelines/deals/nope").status_code == 404


def test_owners_can_own_records(api: Api) -> None:
    owners = api("GET", "/crm/v3/owners").json()["results"]
    assert len(owners) == 12
    by_mail = api("GET", "/crm/v3/owners", params={"email": owners[3]["email"]}).json()["results"]
    assert by_mail == [owners[3]]
    api.create("companies", name="A", hubspot_owner_id=owners[3]["id"])
    assert api("GET", f"/crm/v3/owners/{owners[3]['id']}").json() == owners[3]
    assert api("GET", "/crm/v3/owners/1").status_code == 404


def test_the_account_says_who_it_is_and_what_it_has_used(api: Api) -> None:
    assert api("GET", "/account-info/v3/details").json()["portalId"] == 62515
    (usage,) = api("GET", "/account-info/2026-09/api-usage/daily/private-apps").json()["results"]
    assert (usage["name"], usage["currentUsage"]) == ("private-apps-api-calls-daily", 2)
    assert usage["resetsAt"] == "2026-11-23T00:00:00.000Z"
