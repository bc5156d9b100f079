"""composite and composite graph: references, atomic graphs, limits, and what is halted."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .conftest import Api

BASE = "/services/data/v59.0/sobjects"


def node(method: str, path: str, reference: str, body: Any = None) -> dict[str, Any]:
    made = {"method": method, "url": f"{BASE}/{path}", "referenceId": reference}
    return made if body is None else {**made, "body": body}


def account(reference: str, **fields: Any) -> dict[str, Any]:
    return node("POST", "Account", reference, fields)


def family(name: str, **contact: Any) -> dict[str, Any]:
    """A graph of an account and a contact of it."""
    child = {"LastName": f"{name} child", "AccountId": "@{parent.id}", **contact}
    return {"graphId": name, "compositeRequest": [account("parent", Name=name), node("POST", "Contact", "kid", child)]}


def run(api: Api, *graphs: dict[str, Any]) -> list[dict[str, Any]]:
    answered = api("POST", "composite/graph", json={"graphs": list(graphs)})
    assert answered.status_code == 200, answered.text
    return list(answered.json()["graphs"])


def parts(graph: dict[str, Any]) -> list[dict[str, Any]]:
    return list(graph["graphResponse"]["compositeResponse"])


def test_parent_and_child_land_together(api: Api) -> None:
    (graph,) = run(api, family("g1"))
    assert (graph["graphId"], graph["isSuccessful"]) == ("g1", True)
    parent, kid = parts(graph)
    assert parent == {
        "body": {"id": parent["body"]["id"], "success": True, "errors": []},
        "httpHeaders": {"Location": f"{BASE}/Account/{parent['body']['id']}"},
        "httpStatusCode": 201,
        "referenceId": "parent",
    }
    (found,) = api.query("SELECT Id, AccountId FROM Contact")["records"]
    assert (found["Id"], found["AccountId"]) == (kid["body"]["id"], parent["body"]["id"])


def test_a_graph_is_whole_or_not_at_all_and_the_others_are_not_concerned(api: Api) -> None:
    bad, good = run(api, family("bad", Email="nonsense"), family("good"))
    assert (bad["isSuccessful"], good["isSuccessful"]) == (False, True)
    halted, culprit = parts(bad)
    assert halted["httpStatusCode"] == 400
    assert halted["body"] == [
        {
            "message": "The transaction was rolled back since another operation in the same transaction failed.",
            "errorCode": "PROCESSING_HALTED",
        }
    ]
    assert culprit["body"][0]["errorCode"] == "INVALID_EMAIL_ADDRESS"
    assert api.names("SELECT Name FROM Account") == ["good"]


def test_after_more_than_fourteen_failures_the_rest_is_not_tried(api: Api) -> None:
    graphs = run(api, *(family(f"bad{number}", Email="x") for number in range(15)), family("last"))
    assert not any(one["isSuccessful"] for one in graphs)
    assert [one["body"][0]["errorCode"] for one in parts(graphs[-1])] == ["PROCESSING_HALTED"] * 2
    assert parts(graphs[14])[1]["body"][0]["errorCode"] == "INVALID_EMAIL_ADDRESS"
    assert api.names("SELECT Name FROM Account") == []


def test_with_fourteen_failures_the_rest_is_still_tried(api: Api) -> None:
    graphs = run(api, *(family(f"bad{number}", Email="x") for number in range(14)), family("last"))
    assert graphs[-1]["isSuccessful"]


def test_rows_are_read_updated_upserted_and_deleted_by_reference(api: Api) -> None:
    steps = [
        node("PATCH", "Account/Source_Id__c/s1", "made", {"Name": "A"}),
        node("PATCH", "Account/@{made.id}", "renamed", {"Name": "B"}),
        node("GET", "Account/@{made.id}?fields=Name", "read"),
        account("copy", Name="Copy of @{read.Name}"),
        node("DELETE", "Account/Source_Id__c/s1", "gone"),
    ]
    (graph,) = run(api, {"graphId": "g", "compositeRequest": steps})
    assert [one["httpStatusCode"] for one in parts(graph)] == [201, 204, 200, 201, 204]
    assert api.names("SELECT Name FROM Account") == ["Copy of B"]


def test_a_reference_to_nothing_is_worded_as_the_platform_does(api: Api) -> None:
    (graph,) = run(api, {"graphId": "g", "compositeRequest": [account("a", Name="@{nobody.id}")]})
    (part,) = parts(graph)
    assert part["body"] == [
        {
            "errorCode": "PROCESSING_HALTED",
            "message": "Invalid reference specified. No value for nobody.id found in nobody",
        }
    ]  # recorded from a live org


def chain(length: int) -> dict[str, Any]:
    steps = [account("n0", Name="0")]
    steps += [account(f"n{number}", Name="x", ParentId=f"@{{n{number - 1}.id}}") for number in range(1, length)]
    return {"graphId": "chain", "compositeRequest": steps}


def flat(name: str, count: int) -> dict[str, Any]:
    return {"graphId": name, "compositeRequest": [account(f"n{number}", Name="x") for number in range(count)]}


def test_a_graph_of_the_greatest_depth_and_a_payload_of_the_greatest_size_are_taken(api: Api) -> None:
    assert run(api, chain(15))[0]["isSuccessful"]
    assert all(one["isSuccessful"] for one in run(api, flat("a", 250), flat("b", 250)))


@pytest.mark.parametrize(
    "graphs",
    [
        [flat(f"g{number}", 1) for number in range(76)],
        [chain(16)],
        [flat("a", 250), flat("b", 251)],
        [{
            "graphId": "kinds",
            "compositeRequest": [
                {**account(f"n{number}", Name="x"), "url": f"/services/data/v{46 + number}.0/sobjects/Account"}
                for number in range(16)
            ],
        }],
    ],
    ids=["76 graphs", "depth 16", "501 nodes", "16 kinds of nodes"],
)  # fmt: skip
def test_what_is_over_a_limit_is_refused_as_a_whole(api: Api, graphs: list[dict[str, Any]]) -> None:
    assert api.refusal("POST", "composite/graph", json={"graphs": graphs})[:2] == (400, "LIMIT_EXCEEDED")
    assert api.names("SELECT Name FROM Account") == []


@pytest.mark.parametrize(
    "graphs",
    [
        [],
        [flat("", 1)],
        [flat("g", 1), flat("g", 1)],
        [{"graphId": "g", "compositeRequest": [account("twice", Name="A"), account("twice", Name="B")]}],
        [{"graphId": "g", "compositeRequest": []}],
    ],
)
def test_a_payload_without_the_right_shape_is_refused(api: Api, graphs: list[dict[str, Any]]) -> None:
    assert api("POST", "composite/graph", json={"graphs": graphs}).status_code == 400


def test_another_resource_is_no_node(api: Api) -> None:
    query = {"method": "GET", "url": "/services/data/v59.0/query?q=SELECT+Id+FROM+Account", "referenceId": "q"}
    (graph,) = run(api, {"graphId": "g", "compositeRequest": [query]})
    assert parts(graph)[0]["httpStatusCode"] == 404


def test_half_of_the_graphs_can_be_applied_before_the_connection_breaks(api: Api) -> None:
    api.sandbox("PUT", "faults", json=[{"kind": "half_batch", "nth": [1], "rows": 1}])
    with pytest.raises(requests.ConnectionError):
        run(api, family("a"), family("b"))
    assert api.names("SELECT Name FROM Account") == ["a"]


def composite(api: Api, *nodes: dict[str, Any], all_or_none: bool) -> list[dict[str, Any]]:
    answered = api("POST", "composite", json={"allOrNone": all_or_none, "compositeRequest": list(nodes)})
    assert answered.status_code == 200, answered.text
    return list(answered.json()["compositeResponse"])


def test_a_composite_goes_on_after_a_failure_and_halts_only_what_refers_to_it(api: Api) -> None:
    child = node("POST", "Contact", "kid", {"LastName": "C", "AccountId": "@{bad.id}"})
    answers = composite(api, account("bad"), child, account("good", Name="A"), all_or_none=False)
    assert [one["httpStatusCode"] for one in answers] == [400, 400, 201]
    assert answers[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert api.names("SELECT Name FROM Account") == ["A"]


def test_a_composite_with_all_or_none_leaves_nothing_of_a_failure(api: Api) -> None:
    answers = composite(api, account("good", Name="A"), account("bad"), all_or_none=True)
    assert [one["body"][0]["errorCode"] for one in answers] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert api.names("SELECT Name FROM Account") == []


def test_a_composite_takes_25_subrequests(api: Api) -> None:
    nodes = [account(f"n{number}", Name="x") for number in range(26)]
    assert len(composite(api, *nodes[:25], all_or_none=True)) == 25
    assert api.refusal("POST", "composite", json={"compositeRequest": nodes})[1] == "LIMIT_EXCEEDED"
