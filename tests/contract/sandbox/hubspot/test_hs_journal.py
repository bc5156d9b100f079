"""The journal: what a subscription lets in, how its pages are fetched, and when they are gone."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.hubspot.testing import Emulator, emulator, standing_still

from .conftest import Api

ROOT = "/webhooks-journal"


class Reader(Api):
    def __init__(self, running: Emulator) -> None:
        super().__init__(running, running.journal_token())

    def subscribe(self, object_type: str, actions: list[str], *properties: str, **more: Any) -> requests.Response:
        body = {"subscriptionType": "OBJECT", "portalId": 62515, "objectTypeId": object_type, "actions": actions}
        return self("POST", f"{ROOT}/subscriptions/2026-09", json={**body, "properties": list(properties), **more})

    def entry(self, path: str) -> requests.Response:
        return self("GET", f"{ROOT}/journal/2026-09/{path}")

    def events(self, path: str = "earliest") -> list[dict[str, Any]]:
        entry = self.entry(path)
        assert entry.status_code == 200, entry.text
        # The file needs no token: its URL is signed.
        return list(requests.get(entry.json()["url"], timeout=10).json()["journalEvents"])


@pytest.fixture
def reader(hubspot: Emulator) -> Reader:
    return Reader(hubspot)


def test_an_event_carries_the_subscribed_properties_and_not_who_wrote(reader: Reader, api: Api) -> None:
    assert reader.subscribe("0-2", ["CREATE", "UPDATE"], "name", "city").status_code == 200
    record_id = api.create("companies", name="Acme", phone="1")
    api.objects("PATCH", f"companies/{record_id}", {"properties": {"phone": "2"}})
    api.objects("PATCH", f"companies/{record_id}", {"properties": {"name": "", "domain": "a.example"}})
    common = {
        "type": "OBJECT",
        "portalId": 62515,
        "occurredAt": "2026-11-22T10:00:00.000Z",
        "objectTypeId": "0-2",
        "objectId": int(record_id),
    }
    assert reader.events() == [
        {**common, "action": "CREATE", "propertyChanges": {"name": "Acme"}},
        {**common, "action": "UPDATE", "propertyChanges": {"name": None}},
    ]


def test_only_subscribed_types_and_actions_are_told_and_nothing_from_before(reader: Reader, api: Api) -> None:
    api.create("companies", name="before")
    reader.subscribe("0-2", ["DELETE", "RESTORE"])
    company = api.create("companies", name="Acme")
    contact = api.create("contacts", email="a@acme.example")
    for kind, record_id in (("companies", company), ("contacts", contact)):
        api.objects("DELETE", f"{kind}/{record_id}")
    api.sandbox("POST", "edit", {"object": "companies", "id": company, "restore": True})
    assert [(one["action"], one["objectId"]) for one in reader.events()] == [
        ("DELETE", int(company)),
        ("RESTORE", int(company)),
    ]


def test_a_merge_names_the_records_that_it_took_in(reader: Reader, api: Api) -> None:
    reader.subscribe("0-2", ["MERGE"])
    first, second = api.create("companies", name="A"), api.create("companies", name="B")
    new = api.sandbox("POST", "edit", {"object": "companies", "id": first, "merge": second})["id"]
    (event,) = reader.events()
    assert (event["objectId"], event["mergedObjectIds"]) == (int(new), [int(first), int(second)])


def test_a_privacy_deletion_is_told_as_such(reader: Reader, api: Api) -> None:
    reader.subscribe("0-1", ["GDPR_DELETE"], subscriptionType="GDPR_PRIVACY_DELETION")
    contact = api.create("contacts", email="a@acme.example")
    api.sandbox("POST", "edit", {"object": "contacts", "id": contact, "gdpr": True})
    assert [(one["type"], one["action"]) for one in reader.events()] == [("GDPR_PRIVACY_DELETION", "GDPR_DELETE")]


def test_associations_are_told_with_both_ends_and_the_type(reader: Reader, api: Api) -> None:
    reader.subscribe("0-1", ["ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"], subscriptionType="ASSOCIATION")
    contact = api.create("contacts", email="a@acme.example")
    company = [api.create("companies", name=name) for name in "AB"][1]
    ends = {"from": ["contacts", contact], "to": ["companies", company]}
    api.sandbox("POST", "associate", {**ends, "types": [1]})
    api.sandbox("POST", "associate", {**ends, "types": [1], "remove": True})
    told = [(one["action"], one["associationTypeId"], one["isPrimary"]) for one in reader.events()]
    assert told == [("ASSOCIATION_ADDED", 279, False), ("ASSOCIATION_ADDED", 1, True), ("ASSOCIATION_REMOVED", 1, True)]
    assert {(one["fromObjectId"], one["toObjectId"]) for one in reader.events()} == {(int(contact), int(company))}


def test_the_offset_leads_from_page_to_page_and_then_to_nothing() -> None:
    with emulator(standing_still(journal_page=2)) as running:
        api, reader = Api(running), Reader(running)
        assert reader.entry("earliest").status_code == reader.entry("latest").status_code == 204
        reader.subscribe("0-2", ["CREATE"], "name")
        for number in range(5):
            api.create("companies", name=str(number))
        entry, names = reader.entry("earliest"), list[str]()
        while entry.status_code == 200:
            page = requests.get(entry.json()["url"], timeout=10).json()
            assert page["offset"] == entry.json()["currentOffset"]
            names += [one["propertyChanges"]["name"] for one in page["journalEvents"]]
            entry = reader.entry(f"offset/{page['offset']}/next")
        assert (entry.status_code, entry.text, names) == (204, "", list("01234"))
        assert [len(reader.events("earliest")), len(reader.events("latest"))] == [2, 1]


def test_many_pages_come_in_one_call() -> None:
    with emulator(standing_still(journal_page=1)) as running:
        api, reader = Api(running), Reader(running)
        reader.subscribe("0-2", ["CREATE"], "name")
        for number in range(4):
            api.create("companies", name=str(number))
        first = reader.entry("batch/earliest/2").json()
        offsets = [one["currentOffset"] for one in first["results"]]
        rest = reader.entry(f"batch/{offsets[-1]}/next/100").json()
        assert (first["status"], len(offsets), len(rest["results"])) == ("COMPLETE", 2, 2)
        assert (
            reader.entry("batch/latest/1").json()["results"][0]["currentOffset"] == rest["results"][1]["currentOffset"]
        )
        read = reader("POST", f"{ROOT}/journal/2026-09/batch/read", json={"inputs": [offsets[0], "nope"]})
        assert (read.status_code, len(read.json()["results"]), read.json()["numErrors"]) == (207, 1, 1)
        assert reader.entry("batch/earliest/101").status_code == 400


def test_pages_are_kept_three_days(reader: Reader, api: Api) -> None:
    reader.subscribe("0-2", ["CREATE"], "name")
    api.create("companies", name="old")
    offset = reader.entry("latest").json()["currentOffset"]
    reader.running.portal.clock.advance(3 * 86400)
    token = Reader(reader.running)
    api.create("companies", name="new")
    lost = token.entry(f"offset/{offset}/next")
    assert (lost.status_code, lost.json()["category"]) == (404, "OBJECT_NOT_FOUND")
    assert [one["propertyChanges"]["name"] for one in token.events()] == ["new"]
    assert token.entry("offset/550e8400-e29b-41d4-a716-446655440000/next").status_code == 404


def test_the_url_of_a_page_ends_after_a_while_and_cannot_be_made_up(reader: Reader, api: Api) -> None:
    reader.subscribe("0-2", ["CREATE"], "name")
    api.create("companies", name="A")
    url = reader.entry("earliest").json()["url"]
    assert requests.get(url + "0", timeout=10).status_code == 403
    reader.running.portal.clock.advance(300)
    assert requests.get(url, timeout=10).status_code == 403


def test_the_journal_may_come_late() -> None:
    with emulator(standing_still(journal_delay=20.0)) as running:
        api, reader = Api(running), Reader(running)
        reader.subscribe("0-2", ["CREATE"], "name")
        api.create("companies", name="A")
        assert reader.entry("earliest").status_code == 204
        running.portal.clock.advance(20)
        assert len(reader.events()) == 1


def test_the_local_journal_is_that_of_the_portal(reader: Reader, api: Api) -> None:
    reader.subscribe("0-2", ["CREATE"], "name")
    api.create("companies", name="A")
    local = f"{ROOT}/journal-local/2026-03/earliest"
    assert reader("GET", local, params={"installPortalId": "62515"}).status_code == 200
    assert reader("GET", local, params={"installPortalId": "1"}).status_code == 400


def test_subscriptions_are_listed_replaced_and_ended(reader: Reader, api: Api) -> None:
    first = reader.subscribe("0-2", ["CREATE"], "name").json()
    second = reader.subscribe("0-2", ["DELETE"]).json()
    assert (first["id"], first["appId"]) == (second["id"], 18221010)
    path = f"{ROOT}/subscriptions/2026-09"
    assert [one["actions"] for one in reader("GET", path).json()["results"]] == [["DELETE"]]
    assert reader("DELETE", f"{path}/{first['id']}").status_code == 204
    assert reader("DELETE", f"{path}/{first['id']}").status_code == 404
    reader.subscribe("0-2", ["CREATE"])
    assert reader("DELETE", f"{path}/portals/62515").status_code == 204
    assert reader("GET", path).json() == {"results": []}


@pytest.mark.parametrize(
    "change",
    [
        {"portalId": 1},
        {"actions": []},
        {"actions": ["TOUCH"]},
        {"objectTypeId": "companies"},
        {"subscriptionType": "X"},
    ],
)
def test_a_subscription_that_cannot_be_is_refused(reader: Reader, change: dict[str, Any]) -> None:
    body = {"subscriptionType": "OBJECT", "portalId": 62515, "objectTypeId": "0-2", "actions": ["CREATE"], **change}
    assert reader("POST", f"{ROOT}/subscriptions/2026-09", json=body).status_code == 400


def test_the_private_app_has_no_part_in_it(api: Api) -> None:
    assert api("GET", f"{ROOT}/journal/2026-09/earliest").status_code == 403


def test_a_hundred_calls_a_second_are_enough() -> None:
    with emulator(standing_still(journal_per_second=2)) as running:
        reader = Reader(running)
        assert [reader.entry("earliest").status_code for _ in range(3)] == [204, 204, 429]
        assert reader.entry("earliest").headers["Retry-After"] == "1"
