"""Webhooks v3: what is sent, how it is signed, and what becomes of a receiver that fails."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from .conftest import Api


class Receiver:
    """A target URL that keeps what it gets and answers with `status`."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.requests.append((dict(self.headers), body))
                self.send_response(kept.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on stderr."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks?to=%2Facme%20x"

    def events(self) -> list[dict[str, Any]]:
        return [one for _, body in self.requests for one in json.loads(body)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def subscribe(api: Api, receiver: Receiver, *types: str | tuple[str, str]) -> None:
    made = [
        {"eventType": one} if isinstance(one, str) else {"eventType": one[0], "propertyName": one[1]} for one in types
    ]
    api.sandbox("PUT", "webhooks", {"target_url": receiver.url, "subscriptions": made})


def deliver(api: Api, **options: Any) -> Any:
    return api.sandbox("POST", "webhooks/deliver", options)


def test_a_property_change_says_who_changed_what(api: Api, receiver: Receiver) -> None:
    subscribe(
        api, receiver, "company.creation", ("company.propertyChange", "phone"), ("company.propertyChange", "city")
    )
    record_id = api.create("companies", name="Acme")
    api.sandbox("POST", "edit", {"object": "companies", "id": record_id, "properties": {"phone": "1", "name": "B"}})
    assert deliver(api) == {"requests": [{"events": 2, "attempt": 0, "status": 204}], "queued": 0, "given_up": 0}
    created, changed = receiver.events()
    assert (created["subscriptionType"], created["changeSource"], created["sourceId"]) == (
        "company.creation", "INTEGRATION", "18221010",
    )  # fmt: skip
    del changed["eventId"]
    assert changed == {
        "subscriptionId": 2,
        "portalId": 62515,
        "appId": 18221010,
        "occurredAt": 1795341600000,
        "subscriptionType": "company.propertyChange",
        "objectId": int(record_id),
        "changeSource": "CRM_UI",
        "sourceId": "userId:101",
        "propertyName": "phone",
        "propertyValue": "1",
        "attemptNumber": 0,
    }


def test_it_is_signed_over_the_decoded_uri_the_raw_body_and_the_time(api: Api, receiver: Receiver) -> None:
    subscribe(api, receiver, "company.creation")
    api.create("companies", name="Acme")
    deliver(api)
    headers, body = receiver.requests[0]
    uri = receiver.url.replace("%2F", "/")  # %20 stays as it is: it is not in the vendor's list
    signed = b"POST" + uri.encode() + body + headers["X-HubSpot-Request-Timestamp"].encode()
    expected = base64.b64encode(hmac.new(b"sandbox-secret", signed, hashlib.sha256).digest()).decode()
    assert headers["X-HubSpot-Signature-v3"] == expected
    assert headers["X-HubSpot-Request-Timestamp"] == "1795341600000"
    assert headers["X-HubSpot-Signature"] == hashlib.sha256(b"sandbox-secret" + body).hexdigest()


def test_a_timestamp_can_be_off(api: Api, receiver: Receiver) -> None:
    subscribe(api, receiver, "company.creation")
    api.create("companies", name="Acme")
    deliver(api, timestamp_offset=-301)
    assert receiver.requests[0][0]["X-HubSpot-Request-Timestamp"] == "1795341299000"


def test_at_most_a_hundred_travel_together(api: Api, receiver: Receiver) -> None:
    subscribe(api, receiver, "company.creation")
    for _ in range(3):
        api.batch("companies", "create", *[{"properties": {"name": "A"}}] * 50)
    assert [one["events"] for one in deliver(api)["requests"]] == [100, 50]


def test_a_receiver_that_fails_is_asked_ten_times_more_within_a_day(api: Api, receiver: Receiver) -> None:
    subscribe(api, receiver, "company.creation")
    api.create("companies", name="Acme")
    receiver.status, clock = 503, api.running.portal.clock
    assert deliver(api)["queued"] == 1
    assert deliver(api)["requests"] == []
    attempts = [deliver(api, everything=True)["requests"][0]["attempt"] for _ in range(9)]
    assert attempts == list(range(1, 10))
    clock.advance(24 * 3600)
    assert deliver(api) == {
        "requests": [{"events": 1, "attempt": 10, "status": 503}], "queued": 0, "given_up": 1,
    }  # fmt: skip
    assert receiver.events()[-1]["attemptNumber"] == 10


def test_notifications_can_come_twice_and_in_any_order(api: Api, receiver: Receiver) -> None:
    subscribe(api, receiver, "company.creation")
    made = [int(api.create("companies", name=str(number))) for number in range(5)]
    deliver(api, shuffle=True, duplicates=True)
    got = [one["objectId"] for one in receiver.events()]
    assert got != sorted(got)
    assert sorted(got) == sorted([*made, *made])


def test_a_merge_tells_of_the_deletion_and_of_no_property(api: Api, receiver: Receiver) -> None:
    subscribe(api, receiver, "company.merge", "company.deletion", ("company.propertyChange", "city"))
    first, second = api.create("companies", name="A"), api.create("companies", name="B", city="Bonn")
    new = api.sandbox("POST", "edit", {"object": "companies", "id": first, "merge": second})["id"]
    deliver(api)
    told = {one["subscriptionType"]: one for one in receiver.events()}
    assert set(told) == {"company.merge", "company.deletion"}
    assert told["company.deletion"]["objectId"] == int(second)
    merged = told["company.merge"]
    assert (merged["primaryObjectId"], merged["mergedObjectIds"]) == (int(first), [int(second)])
    assert (merged["newObjectId"], merged["numberOfPropertiesMoved"]) == (int(new), 1)


def test_a_privacy_deletion_is_a_deletion_too(api: Api, receiver: Receiver) -> None:
    subscribe(api, receiver, "contact.privacyDeletion", "contact.deletion")
    contact = api.create("contacts", email="a@acme.example")
    api.sandbox("POST", "edit", {"object": "contacts", "id": contact, "gdpr": True})
    deliver(api)
    assert sorted(one["subscriptionType"] for one in receiver.events()) == [
        "contact.deletion",
        "contact.privacyDeletion",
    ]


def test_an_association_is_told_from_the_side_that_is_subscribed(api: Api, receiver: Receiver) -> None:
    subscribe(api, receiver, "contact.associationChange")
    contact = api.create("contacts", email="a@acme.example")
    company = [api.create("companies", name=name) for name in "AB"][1]
    api.sandbox("POST", "associate", {"from": ["companies", company], "to": ["contacts", contact]})
    deliver(api)
    (told,) = receiver.events()
    assert (told["fromObjectId"], told["toObjectId"]) == (int(contact), int(company))
    assert (told["associationType"], told["associationRemoved"]) == ("CONTACT_TO_COMPANY", False)
    assert told["isPrimaryAssociation"] is False
    assert "objectId" not in told
