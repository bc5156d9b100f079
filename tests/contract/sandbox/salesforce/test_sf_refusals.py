"""Every error code that the product knows can be provoked, and batches can break in the middle."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from connectors.salesforce.errors import Recovery, disposition, of_answer, of_row
from sandbox.salesforce.faults import FaultPlanError, parse_rules

from .conftest import Api

# facts of the vendor: the codes that a writer meets, apart from those that only the sign-in gives
CODES = """
UNABLE_TO_LOCK_ROW SERVER_UNAVAILABLE QUERY_TIMEOUT REQUEST_RUNNING_TOO_LONG TOO_MANY_APEX_REQUESTS
TXN_SECURITY_METERING_ERROR UNKNOWN_EXCEPTION CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY ALL_OR_NONE_OPERATION_ROLLED_BACK
PROCESSING_HALTED INVALID_SESSION_ID REQUEST_LIMIT_EXCEEDED LIMIT_EXCEEDED STORAGE_LIMIT_EXCEEDED API_DISABLED_FOR_ORG
API_CURRENTLY_DISABLED FIELD_CUSTOM_VALIDATION_EXCEPTION FIELD_FILTER_VALIDATION_EXCEPTION FIELD_INTEGRITY_EXCEPTION
REQUIRED_FIELD_MISSING STRING_TOO_LONG INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST INVALID_EMAIL_ADDRESS
NUMBER_OUTSIDE_VALID_RANGE DUPLICATES_DETECTED DUPLICATE_VALUE DUPLICATE_EXTERNAL_ID INSUFFICIENT_ACCESS
INSUFFICIENT_ACCESS_OR_READONLY INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY INVALID_CROSS_REFERENCE_KEY
ENTITY_IS_LOCKED CANNOT_UPDATE_CONVERTED_LEAD INACTIVE_OWNER_OR_USER CANNOT_EXECUTE_FLOW_TRIGGER INVALID_FIELD
INVALID_TYPE INVALID_FIELD_FOR_INSERT_UPDATE NOT_FOUND ENTITY_IS_DELETED PRECONDITION_FAILED
""".split()


def arm(api: Api, *rules: dict[str, Any]) -> None:
    answered = api.sandbox("PUT", "faults", json=list(rules))
    assert answered.status_code == 200, answered.text


def accounts(*names: str) -> dict[str, Any]:
    return {"allOrNone": False, "records": [{"attributes": {"type": "Account"}, "Name": name} for name in names]}


@pytest.mark.parametrize("code", CODES)
def test_a_row_can_be_refused_with_the_code_and_the_product_knows_it(api: Api, code: str) -> None:
    arm(api, {"kind": "refuse", "object": "Account", "nth": [2], "code": code, "message": "so it is", "field": "Name"})
    results = api("POST", "composite/sobjects", json=accounts("A", "B", "C")).json()
    assert [one["success"] for one in results] == [True, False, True]
    assert results[1]["errors"] == [{"statusCode": code, "message": "so it is", "fields": ["Name"]}]
    assert disposition(of_row(results[1]["errors"])).known


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("REQUEST_LIMIT_EXCEEDED", 403), ("API_DISABLED_FOR_ORG", 403), ("INVALID_SESSION_ID", 401),
        ("UNKNOWN_EXCEPTION", 500), ("SERVER_UNAVAILABLE", 503), ("QUERY_TIMEOUT", 400), ("INVALID_TYPE", 400),
    ],
)  # fmt: skip
def test_a_whole_request_can_be_refused_with_the_code_and_its_status(api: Api, code: str, status: int) -> None:
    arm(api, {"kind": "refuse", "code": code, "method": "POST", "nth": [1]})
    refused = api("POST", "composite/sobjects", json=accounts("A"))
    assert refused.status_code == status
    assert disposition(of_answer(refused.json(), status)).known
    assert api.names("SELECT Name FROM Account") == []


@pytest.mark.parametrize("status", [406, 420])
def test_a_status_that_others_have_met_can_be_given(api: Api, status: int) -> None:
    arm(api, {"kind": "refuse", "code": "UNKNOWN_EXCEPTION", "status": status, "nth": [1]})
    assert api("GET", "limits").status_code == status


def test_a_refusal_of_one_row_answers_the_resource_of_one_row_with_its_status(api: Api) -> None:
    arm(api, {"kind": "refuse", "object": "Account", "code": "ENTITY_IS_LOCKED", "times": 1, "probability": 1})
    assert api.refusal("POST", "sobjects/Account", json={"Name": "A"})[:2] == (400, "ENTITY_IS_LOCKED")
    assert api("POST", "sobjects/Account", json={"Name": "A"}).status_code == 201


def test_the_words_decide_where_the_code_alone_does_not(api: Api) -> None:
    rule = {"kind": "refuse", "object": "Account", "nth": [1], "code": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"}
    arm(api, {**rule, "message": "AccountTrigger: System.DmlException: UNABLE_TO_LOCK_ROW"})
    (row,) = api("POST", "composite/sobjects", json=accounts("A")).json()
    assert disposition(of_row(row["errors"])).recovery is Recovery.RETRY


def test_rows_of_other_objects_are_not_counted(api: Api) -> None:
    arm(api, {"kind": "refuse", "object": "Lead", "nth": [1], "code": "UNABLE_TO_LOCK_ROW"})
    assert api("POST", "sobjects/Account", json={"Name": "A"}).status_code == 201
    lead = {"LastName": "L", "Company": "C"}
    assert api.refusal("POST", "sobjects/Lead", json=lead)[1] == "UNABLE_TO_LOCK_ROW"


@pytest.mark.parametrize(("all_or_none", "left"), [(False, ["A", "B"]), (True, [])])
def test_a_batch_can_break_in_the_middle(api: Api, all_or_none: bool, left: list[str]) -> None:
    arm(api, {"kind": "half_batch", "rows": 2, "nth": [1], "path": "composite/sobjects"})
    with pytest.raises(requests.ConnectionError):
        api("POST", "composite/sobjects", json={**accounts("A", "B", "C"), "allOrNone": all_or_none})
    assert api.names("SELECT Name FROM Account") == left
    assert api("POST", "composite/sobjects", json=accounts("C")).status_code == 200


def test_half_of_a_deletion_can_be_done(api: Api) -> None:
    made = [api.create("Account", Name=name) for name in "AB"]
    arm(api, {"kind": "half_batch", "rows": 1, "nth": [1]})
    with pytest.raises(requests.ConnectionError):
        api("DELETE", "composite/sobjects", params={"ids": ",".join(made)})
    assert api.names("SELECT Name FROM Account") == ["B"]


@pytest.mark.parametrize("seconds", [90, -90])
def test_the_clock_of_the_org_can_be_wrong_for_a_call(api: Api, seconds: float) -> None:
    arm(api, {"kind": "clock_skew", "seconds": seconds, "nth": [2], "method": "POST"})
    stamps = [api("GET", f"sobjects/Account/{api.create('Account', Name='A')}").json()["SystemModstamp"] for _ in "123"]
    wrong = "2026-11-22T10:01:30.000+0000" if seconds > 0 else "2026-11-22T09:58:30.000+0000"
    assert stamps == ["2026-11-22T10:00:00.000+0000", wrong, "2026-11-22T10:00:00.000+0000"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [({"kind": "refuse"}, "a refusal needs a code"), ({"kind": "slow", "seconds": -1}, "cannot be early")],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any], says: str) -> None:
    with pytest.raises(FaultPlanError, match=says):
        parse_rules([rule])
