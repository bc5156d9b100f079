"""What an admin sets up to refuse a save: validation, duplicates, locks, storage, assignment."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.salesforce.testing import Emulator

from .conftest import Api


def arm(api: Api, *rules: dict[str, Any]) -> None:
    answered = api.sandbox("PUT", "rules", json=list(rules))
    assert answered.status_code == 200, answered.text


def refused(api: Api, method: str, path: str, **options: Any) -> dict[str, Any]:
    answered = api(method, path, **options)
    assert answered.status_code >= 400, answered.text
    return dict(answered.json()[0])


def lead(**fields: Any) -> dict[str, Any]:
    return {"LastName": "Lee", "Company": "Acme", **fields}


NO_PHONE = {
    "kind": "validation",
    "object": "Account",
    "when": "Phone = null AND Industry = 'Energy'",
    "message": "An energy account needs a phone",
    "field": "Phone",
}


def test_a_validation_rule_refuses_with_its_message_and_field(api: Api) -> None:
    arm(api, NO_PHONE)
    assert refused(api, "POST", "sobjects/Account", json={"Name": "A", "Industry": "Energy"}) == {
        "message": "An energy account needs a phone",
        "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "fields": ["Phone"],
    }
    api.create("Account", Name="A", Industry="Energy", Phone="1")
    assert api.names("SELECT Name FROM Account") == ["A"]


def test_a_validation_rule_sees_the_row_as_it_would_be_after_an_update(api: Api) -> None:
    made = api.create("Account", Name="A", Phone="1")
    arm(api, NO_PHONE)
    changes = {"attributes": {"type": "Account"}, "Id": made, "Industry": "Energy", "Phone": None}
    (row,) = api("PATCH", "composite/sobjects", json={"records": [changes]}).json()
    assert row["errors"] == [
        {
            "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "message": "An energy account needs a phone",
            "fields": ["Phone"],
        }
    ]
    assert api("PATCH", f"sobjects/Account/{made}", json={"Industry": "Energy"}).status_code == 204


def duplicate(action: str, **changes: Any) -> dict[str, Any]:
    return {"kind": "duplicate", "object": "Lead", "fields": ["Email"], "action": action, "name": "Leads_DR", **changes}


ALLOW = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}


def test_a_duplicate_is_refused_in_the_recorded_shape(api: Api) -> None:
    made = api.create("Lead", **lead(Email="a@acme.com"))
    arm(api, duplicate("alert"))
    assert refused(api, "POST", "sobjects/Lead", json=lead(Email="A@acme.com")) == {
        "duplicateResut": {
            "allowSave": True,
            "duplicateRule": "Leads_DR",
            "duplicateRuleEntityType": "Lead",
            "errorMessage": "Use one of these records?",
            "matchResults": [{
                "entityType": "Lead",
                "errors": [],
                "matchEngine": "ExactMatchEngine",
                "matchRecords": [{
                    "additionalInformation": [],
                    "fieldDiffs": [],
                    "matchConfidence": 100,
                    "record": {
                        "attributes": {"type": "Lead", "url": f"/services/data/v59.0/sobjects/Lead/{made}"},
                        "Id": made,
                    },
                }],
                "rule": "Leads_DR_MR",
                "size": 1,
                "success": True,
            }],
        },
        "errorCode": "DUPLICATES_DETECTED",
        "message": "Use one of these records?",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("action", "headers", "status"),
    [("allow", {}, 201), ("alert", {}, 400), ("alert", ALLOW, 201), ("block", {}, 400), ("block", ALLOW, 400)],
)
def test_the_header_saves_an_alert_but_not_a_block(api: Api, action: str, headers: dict[str, str], status: int) -> None:
    api.create("Lead", **lead(Email="a@acme.com"))
    arm(api, duplicate(action))
    answered = api("POST", "sobjects/Lead", json=lead(Email="a@acme.com"), headers=headers)
    assert answered.status_code == status
    if status == 400:
        assert answered.json()[0]["duplicateResut"]["allowSave"] is (action == "alert")


def test_a_row_does_not_duplicate_itself_and_an_empty_field_matches_nothing(api: Api) -> None:
    made = api.create("Lead", **lead(Email="a@acme.com"))
    api.create("Lead", **lead())
    arm(api, duplicate("block"))
    assert api("PATCH", f"sobjects/Lead/{made}", json={"Phone": "1"}).status_code == 204
    assert api("POST", "sobjects/Lead", json=lead()).status_code == 201


def test_details_of_the_matched_record_come_when_asked_for(api: Api) -> None:
    api.create("Lead", **lead(Email="a@acme.com"))
    arm(api, duplicate("block"))
    headers = {"Sforce-Duplicate-Rule-Header": "includeRecordDetails=true"}
    found = refused(api, "POST", "sobjects/Lead", json=lead(Email="a@acme.com"), headers=headers)
    assert found["duplicateResut"]["matchResults"][0]["matchRecords"][0]["record"]["Email"] == "a@acme.com"


def test_a_duplicate_in_a_collection_fails_alone(api: Api) -> None:
    arm(api, duplicate("block"))
    records = [{"attributes": {"type": "Lead"}, **lead(Email=mail)} for mail in ("a@x.com", "a@x.com", "b@x.com")]
    results = api("POST", "composite/sobjects", json={"records": records}).json()
    assert [one["success"] for one in results] == [True, False, True]
    assert results[1]["errors"][0]["statusCode"] == "DUPLICATES_DETECTED"


def test_a_row_in_an_approval_is_locked_and_one_in_another_job_cannot_be_had(api: Api) -> None:
    made = {name: api.create("Account", Name=name) for name in ("approval", "row", "free")}
    arm(api, *({"kind": "lock", "object": "Account", "when": f"Name = '{by}'", "by": by} for by in ("approval", "row")))
    codes = [api("PATCH", f"sobjects/Account/{one}", json={"Phone": "1"}) for one in made.values()]
    assert [one.status_code for one in codes] == [400, 400, 204]
    assert [one.json()[0]["errorCode"] for one in codes[:2]] == ["ENTITY_IS_LOCKED", "UNABLE_TO_LOCK_ROW"]
    assert refused(api, "DELETE", f"sobjects/Account/{made['approval']}")["errorCode"] == "ENTITY_IS_LOCKED"


def test_a_full_org_takes_no_new_rows_but_changes_old_ones(api: Api) -> None:
    made = api.create("Account", Name="A")
    arm(api, {"kind": "storage", "rows": 1})
    assert refused(api, "POST", "sobjects/Lead", json=lead())["errorCode"] == "STORAGE_LIMIT_EXCEEDED"
    assert api("PATCH", f"sobjects/Account/{made}", json={"Phone": "1"}).status_code == 204


def test_an_assignment_rule_undoes_an_owner_unless_the_call_says_false(api: Api, salesforce: Emulator) -> None:
    queue = next(str(row["Id"]) for row in salesforce.org.store.rows("User"))
    ours = salesforce.org.integration_id
    arm(api, {"kind": "assignment", "object": "Lead", "owner": queue})
    for headers, owner in (({}, queue), ({"Sforce-Auto-Assign": "FALSE"}, ours)):
        made = api("POST", "sobjects/Lead", json=lead(OwnerId=ours), headers=headers).json()["id"]
        assert api("GET", f"sobjects/Lead/{made}").json()["OwnerId"] == owner


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"kind": "validation", "object": "Nope", "when": "Id != null", "message": "x"}, "not an object of this org"),
        ({"kind": "validation", "object": "Account", "when": "Nope__c = 1", "message": "x"}, "No such column"),
        ({"kind": "duplicate", "object": "Lead", "fields": ["Nope"]}, "Lead has no field Nope"),
        ({"kind": "assignment", "object": "Lead", "owner": "me"}, "not the id of a user"),
        ({"kind": "storm"}, "rule 0"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_and_says_why(api: Api, rule: dict[str, Any], says: str) -> None:
    answered = api.sandbox("PUT", "rules", json=[rule])
    assert answered.status_code == 400
    assert says in answered.json()["error"]


def test_rules_can_be_listed_and_removed(api: Api) -> None:
    arm(api, NO_PHONE)
    assert [one["kind"] for one in api.sandbox("GET", "rules").json()] == ["validation"]
    assert api.sandbox("DELETE", "rules").json() == []
    api.create("Account", Name="A", Industry="Energy")
