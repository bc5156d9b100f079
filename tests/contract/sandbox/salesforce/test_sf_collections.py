"""Two hundred rows in one call: order, per-row errors, all or none."""

from __future__ import annotations

from typing import Any

from sandbox.salesforce import ids
from sandbox.salesforce.testing import Emulator

from .conftest import Api

UPSERT = "composite/sobjects/Partner_Overlap__c/Overlap_Key__c"


def overlap(key: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Partner_Overlap__c"}, "Overlap_Key__c": key, **fields}


def account(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Account"}, **fields}


def rows(*records: dict[str, Any], all_or_none: bool = False) -> dict[str, Any]:
    return {"allOrNone": all_or_none, "records": list(records)}


def codes(results: list[dict[str, Any]]) -> list[str]:
    return [one["errors"][0]["statusCode"] if one["errors"] else "ok" for one in results]


def test_an_upsert_keeps_the_order_and_tells_created_from_updated(api: Api) -> None:
    (first,) = api("PATCH", UPSERT, json=rows(overlap("b"))).json()
    assert first == {"id": first["id"], "success": True, "errors": [], "created": True}
    results = api("PATCH", UPSERT, json=rows(overlap("a"), overlap("b", Score__c=1.5), overlap("c"))).json()
    assert [one["created"] for one in results] == [True, False, True]
    assert results[1]["id"] == first["id"]
    found = api.query("SELECT Overlap_Key__c FROM Partner_Overlap__c ORDER BY Id")["records"]
    assert [one["Overlap_Key__c"] for one in found] == ["b", "a", "c"]


def test_a_call_whose_every_row_fails_is_still_a_200_and_failed_rows_have_no_id(api: Api) -> None:
    answered = api("PATCH", UPSERT, json=rows(overlap("a", Score__c="high"), overlap("b", Nope__c=1)))
    assert answered.status_code == 200
    assert codes(answered.json()) == ["JSON_PARSER_ERROR", "INVALID_FIELD"]
    assert answered.json()[1] == {
        "success": False,
        "created": False,
        "errors": [{
            "statusCode": "INVALID_FIELD",
            "message": "No such column 'Nope__c' on sobject of type Partner_Overlap__c",
            "fields": [],
        }],
    }  # fmt: skip


def test_attributes_that_are_missing_or_late_are_refused_row_by_row(api: Api) -> None:
    late = {"Overlap_Key__c": "b", "attributes": {"type": "Partner_Overlap__c"}}
    results = api("PATCH", UPSERT, json=rows({"Overlap_Key__c": "a"}, late, overlap("c"))).json()
    assert codes(results) == ["JSON_PARSER_ERROR", "JSON_PARSER_ERROR", "ok"]
    assert results[0]["errors"][0]["message"].startswith("Nested object for polymorphic foreign key must have")


def test_every_row_that_shares_its_key_with_another_of_the_call_is_refused(api: Api) -> None:
    results = api("PATCH", UPSERT, json=rows(overlap("a"), overlap("b"), overlap("A"))).json()
    assert codes(results) == ["DUPLICATE_VALUE", "ok", "DUPLICATE_VALUE"]
    assert results[0]["errors"][0] == {
        "statusCode": "DUPLICATE_VALUE",
        "message": "Duplicate external id specified: a",
        "fields": ["Overlap_Key__c"],
    }


def test_a_key_that_matches_several_rows_is_refused_with_their_ids(api: Api) -> None:
    made = [api.create("Account", Name=name, Region_Code__c="EU") for name in "AB"]
    (result,) = api(
        "PATCH", "composite/sobjects/Account/Region_Code__c", json=rows(account(Region_Code__c="EU", Name="C"))
    ).json()
    assert codes([result]) == ["DUPLICATE_EXTERNAL_ID"]
    assert ", ".join(made) in result["errors"][0]["message"]


def test_all_or_none_undoes_the_good_rows_and_says_so(api: Api) -> None:
    results = api("PATCH", UPSERT, json=rows(overlap("a"), overlap("b", Score__c="x"), all_or_none=True)).json()
    assert codes(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "JSON_PARSER_ERROR"]
    assert "id" not in results[0]
    assert api.query("SELECT COUNT() FROM Partner_Overlap__c")["totalSize"] == 0


def test_a_row_of_another_type_or_without_its_key_is_refused(api: Api) -> None:
    results = api("PATCH", UPSERT, json=rows(account(Name="A"), overlap(""), overlap("c"))).json()
    assert codes(results) == ["INVALID_TYPE", "MISSING_ARGUMENT", "ok"]


def test_more_than_200_rows_are_refused_as_a_whole(api: Api) -> None:
    answered = api("PATCH", UPSERT, json=rows(*(overlap(str(number)) for number in range(201))))
    assert answered.status_code == 400
    assert answered.json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    assert api.query("SELECT COUNT() FROM Partner_Overlap__c")["totalSize"] == 0


def test_200_rows_are_taken(api: Api) -> None:
    results = api("PATCH", UPSERT, json=rows(*(overlap(str(number)) for number in range(200)))).json()
    assert codes(results) == ["ok"] * 200


def test_a_field_that_is_no_external_id_cannot_be_the_key(api: Api) -> None:
    refused = api.refusal("PATCH", "composite/sobjects/Account/Phone", json=rows(account(Name="A")))
    assert refused[:2] == (404, "NOT_FOUND")


def test_an_upsert_by_id_updates_what_exists(api: Api) -> None:
    made = api.create("Account", Name="A")
    results = api(
        "PATCH",
        "composite/sobjects/Account/Id",
        json=rows(account(Id=made, Name="B"), account(Id=ids.make("001", 999), Name="C")),
    ).json()
    assert codes(results) == ["ok", "INVALID_CROSS_REFERENCE_KEY"]
    assert api.names("SELECT Name FROM Account") == ["B"]


def test_rows_of_several_types_are_created_and_updated(api: Api) -> None:
    results = api("POST", "composite/sobjects", json=rows(account(Name="A"), overlap("k"), account())).json()
    assert codes(results) == ["ok", "ok", "REQUIRED_FIELD_MISSING"]
    assert "created" not in results[0]
    changes = rows(account(Id=results[0]["id"], Name="B"), overlap("k2") | {"id": results[1]["id"]}, account(Name="C"))
    assert codes(api("PATCH", "composite/sobjects", json=changes).json()) == ["ok", "ok", "MISSING_ARGUMENT"]
    assert api.names("SELECT Name FROM Account") == ["B"]


def test_more_than_ten_changes_of_type_are_refused(api: Api) -> None:
    mixed = [account(Name="A") if number % 2 else overlap(str(number)) for number in range(11)]
    assert api.refusal("POST", "composite/sobjects", json=rows(*mixed))[1] == "LIMIT_EXCEEDED"
    assert codes(api("POST", "composite/sobjects", json=rows(*mixed[:10])).json()) == ["ok"] * 10


def test_rows_are_deleted_by_their_ids(api: Api) -> None:
    made = [api.create("Account", Name=name) for name in "AB"]
    listed = ",".join([*made, made[0], "nonsense"])
    results = api("DELETE", "composite/sobjects", params={"ids": listed, "allOrNone": "false"}).json()
    assert codes(results) == ["ok", "ok", "ENTITY_IS_DELETED", "MALFORMED_ID"]


def test_a_delete_with_all_or_none_leaves_everything_if_one_row_cannot_go(api: Api) -> None:
    made = api.create("Account", Name="A")
    results = api(
        "DELETE", "composite/sobjects", params={"ids": f"{made},{ids.make('001', 99)}", "allOrNone": "true"}
    ).json()
    assert codes(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_CROSS_REFERENCE_KEY"]
    assert api.names("SELECT Name FROM Account") == ["A"]


def test_rows_are_read_by_their_ids_in_order_with_null_for_those_not_there(api: Api) -> None:
    made = [api.create("Account", Name=name) for name in "AB"]
    asked = {"ids": [made[1], ids.make("001", 99), made[0][:15]], "fields": ["Name"]}
    found = api("POST", "composite/sobjects/Account", json=asked).json()
    assert [one and one["Name"] for one in found] == ["B", None, "A"]
    assert found[0]["Id"] == made[1]


def test_a_rolled_back_row_leaves_no_trace_in_the_ledger(api: Api, salesforce: Emulator) -> None:
    made = api.create("Account", Name="A")
    api("PATCH", "composite/sobjects", json=rows(account(Id=made, Name="B"), account(Id="x"), all_or_none=True))
    assert [one.kind for one in salesforce.org.store.writes(made)] == ["create"]
