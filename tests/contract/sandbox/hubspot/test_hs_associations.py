"""Associations: types, primary, labels, custom objects, and what a read of many says."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api

PRIMARY = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}


@pytest.fixture
def pair(api: Api) -> tuple[str, str]:
    # Two more companies, so that the ids of the pair differ.
    return api.create("contacts", email="a@acme.example"), [api.create("companies", name=n) for n in "ABC"][2]


def pairs(api: Api, action: str, *inputs: Any, path: str = "/crm/v4/associations/contacts/companies") -> Any:
    return api("POST", f"{path}/batch/{action}", json={"inputs": list(inputs)})


def link(start: str, end: str, *types: Any) -> dict[str, Any]:
    return {"from": {"id": start}, "to": {"id": end}, **({"types": list(types)} if types else {})}


def types_of(api: Api, start: str) -> list[tuple[int, list[int]]]:
    found = api("GET", f"/crm/v4/objects/contacts/{start}/associations/companies").json()["results"]
    return [(one["toObjectId"], [kind["typeId"] for kind in one["associationTypes"]]) for one in found]


def test_the_default_association_goes_both_ways(api: Api, pair: tuple[str, str]) -> None:
    done = pairs(api, "associate/default", link(*pair))
    assert [one["associationSpec"]["associationTypeId"] for one in done.json()["results"]] == [279, 280]
    back = api("GET", f"/crm/v4/objects/companies/{pair[1]}/associations/contacts").json()["results"]
    assert [one["toObjectId"] for one in back] == [int(pair[0])]


def test_a_contact_has_one_primary_company(api: Api, pair: tuple[str, str]) -> None:
    contact, first = pair
    second = api.create("companies", name="D")
    assert pairs(api, "create", link(contact, first, PRIMARY)).json()["results"][0]["labels"] == ["Primary"]
    assert pairs(api, "create", link(contact, second, PRIMARY)).status_code == 201
    assert types_of(api, contact) == [(int(first), [279]), (int(second), [279, 1])]


def test_ids_are_numbers_in_v4_and_texts_in_the_dated_versions(api: Api, pair: tuple[str, str]) -> None:
    pairs(api, "create", link(*pair, PRIMARY))
    dated = pairs(api, "read", {"id": pair[0]}, path="/crm/associations/2026-09/contacts/companies").json()
    assert dated["results"][0]["to"][0]["toObjectId"] == pair[1]
    assert pairs(api, "read", {"id": pair[0]}).json()["results"][0]["to"][0]["toObjectId"] == int(pair[1])


def test_pairs_that_cannot_be_are_errors_beside_the_others(api: Api, pair: tuple[str, str]) -> None:
    done = pairs(
        api, "create", link(*pair, PRIMARY), link("unknown_id", pair[1], PRIMARY), link(pair[0], "77", PRIMARY)
    )
    assert (done.status_code, done.json()["numErrors"]) == (207, 2)
    first = done.json()["errors"][0]
    assert first["subCategory"] == "crm.associations.INVALID_IDENTIFIER"
    assert (first["message"], first["context"]) == ("unknown_id is not a valid ID", {"id": ["unknown_id"]})
    wrong_way = pairs(api, "create", link(*pair, {**PRIMARY, "associationTypeId": 2}))
    assert (wrong_way.status_code, wrong_way.json()["results"]) == (207, [])


def test_a_read_names_the_records_without_associations(api: Api, pair: tuple[str, str]) -> None:
    lonely = api.create("contacts", email="b@acme.example")
    pairs(api, "create", link(*pair, PRIMARY))
    read = pairs(api, "read", {"id": pair[0]}, {"id": lonely})
    assert (read.status_code, len(read.json()["results"])) == (207, 1)
    error = read.json()["errors"][0]
    assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert error["context"] == {"fromObjectId": [lonely]}
    assert pairs(api, "read", *[{"id": pair[0]}] * 101).status_code == 400


def test_labels_can_go_and_the_association_stays_until_all_of_it_goes(api: Api, pair: tuple[str, str]) -> None:
    label = {"label": "Advisor", "name": "advisor"}
    made = api("POST", "/crm/v4/associations/contacts/companies/labels", json=label).json()["results"]
    advisor = {"associationCategory": "USER_DEFINED", "associationTypeId": made[0]["typeId"]}
    pairs(api, "create", link(*pair, advisor))
    assert types_of(api, pair[0]) == [(int(pair[1]), [279, made[0]["typeId"]])]
    assert pairs(api, "labels/archive", link(*pair, advisor)).status_code == 204
    assert types_of(api, pair[0]) == [(int(pair[1]), [279])]
    gone = {"from": {"id": pair[0]}, "to": [{"id": pair[1]}]}
    assert pairs(api, "archive", gone).status_code == 204
    assert pairs(api, "archive", gone).status_code == 204
    assert types_of(api, pair[0]) == []


def test_a_deleted_record_is_associated_with_nobody_until_it_is_back(api: Api, pair: tuple[str, str]) -> None:
    pairs(api, "create", link(*pair, PRIMARY))
    api.objects("DELETE", f"companies/{pair[1]}")
    assert types_of(api, pair[0]) == []
    api.sandbox("POST", "edit", {"object": "companies", "id": pair[1], "restore": True})
    assert types_of(api, pair[0]) == [(int(pair[1]), [279, 1])]


def test_one_pair_can_be_put_and_deleted(api: Api, pair: tuple[str, str]) -> None:
    path = f"/crm/v4/objects/contacts/{pair[0]}/associations/companies/{pair[1]}"
    assert api("PUT", path, json=[PRIMARY]).status_code == 201
    assert api("GET", f"/crm/v3/objects/contacts/{pair[0]}/associations/companies").json()["results"] == [
        {"id": pair[1], "type": "contact_to_company"}
    ]
    assert api("DELETE", path).status_code == 204
    assert types_of(api, pair[0]) == []
    default = f"/crm/v4/objects/contacts/{pair[0]}/associations/default/companies/{pair[1]}"
    assert api("PUT", default).status_code == 200
