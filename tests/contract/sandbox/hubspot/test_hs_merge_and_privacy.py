"""Merges and privacy deletions: which ids live on, and which are gone."""

from __future__ import annotations

from sandbox.hubspot.testing import emulator, standing_still

from .conftest import Api, unique_key, where


def merge(api: Api, kind: str, primary: str, other: str) -> str:
    done = api.objects("POST", f"{kind}/merge", {"primaryObjectId": primary, "objectIdToMerge": other})
    assert done.status_code == 200, done.text
    return str(done.json()["id"])


def test_a_merge_makes_a_new_record_and_both_old_ids_lead_to_it(api: Api) -> None:
    first, second = api.create("companies", name="Acme"), api.create("companies", name="ACME", city="Bonn")
    new = merge(api, "companies", first, second)
    assert new not in (first, second)
    for old in (first, second):
        shown = api.get("companies", old, "name", "city", "hs_merged_object_ids")
        assert (shown["id"], shown["properties"]["name"], shown["properties"]["city"]) == (new, "Acme", "Bonn")
        assert shown["properties"]["hs_merged_object_ids"] == f"{first};{second}"
    assert api.ids("companies") == [new]


def test_a_batch_read_of_merged_ids_shows_the_result_once(api: Api) -> None:
    first, second = api.create("companies", name="A"), api.create("companies", name="B")
    new = merge(api, "companies", first, second)
    read = api.batch("companies", "read", {"id": first}, {"id": second}).json()
    assert [one["id"] for one in read["results"]] == [new]


def test_a_portal_can_keep_the_id_of_the_primary_record() -> None:
    with emulator(standing_still(merge_makes_new_record=False)) as running:
        api = Api(running)
        first, second = api.create("companies", name="A"), api.create("companies", name="B")
        assert merge(api, "companies", first, second) == first
        assert api.get("companies", second)["id"] == first


def test_a_merge_frees_and_keeps_unique_values_and_moves_associations(api: Api) -> None:
    key = unique_key(api)
    first, second = api.create("companies", name="A"), api.create("companies", name="B", **{key: "k"})
    contact = api.create("contacts", email="a@acme.example")
    api.sandbox("POST", "associate", {"from": ["companies", second], "to": ["contacts", contact]})
    new = merge(api, "companies", first, second)
    assert api.get("companies", "k", idProperty=key)["id"] == new
    shown = api("GET", f"/crm/v4/objects/contacts/{contact}/associations/companies").json()["results"]
    assert [one["toObjectId"] for one in shown] == [int(new)]


def test_a_merge_with_itself_or_with_nothing_is_refused(api: Api) -> None:
    first = api.create("companies", name="A")
    for other, status in ((first, 400), ("77", 404)):
        body = {"primaryObjectId": first, "objectIdToMerge": other}
        assert api.objects("POST", "companies/merge", body).status_code == status


def test_a_privacy_deletion_leaves_nothing_behind(api: Api) -> None:
    contact = api.create("contacts", email="a@acme.example")
    body = {"objectId": "a@acme.example", "idProperty": "email"}
    assert api.objects("POST", "contacts/gdpr-delete", body).status_code == 204
    assert api.objects("GET", f"contacts/{contact}").status_code == 404
    assert api.objects("GET", "contacts", params={"archived": "true"}).json()["results"] == []
    assert api.ids("contacts", where("hs_object_id", "EQ", contact)) == []
    assert api.objects("POST", "companies/gdpr-delete", {"objectId": "1"}).status_code == 404
