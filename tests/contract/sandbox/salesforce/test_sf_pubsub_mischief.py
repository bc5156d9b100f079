"""What a test orders to go wrong on the stream, over real gRPC: drops, silence, spoilt ids, gaps, overflows, refusals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.salesforce.pubsub import pubsub_api_pb2 as pb
from sandbox.salesforce.testing import Emulator

from .conftest import Api
from .pubsub_client import Client, connected
from .test_sf_pubsub import ACCOUNTS, ALL, CORRUPTED, accounts


@pytest.fixture
def client(salesforce: Emulator) -> Iterator[Client]:
    with connected(salesforce) as made:
        yield made


def test_a_dropped_stream_ends_without_an_error_code_and_can_be_resumed(api: Api, client: Client) -> None:
    accounts(api, "AB")
    feed = client.subscribe(ACCOUNTS)
    first, _ = feed.events(2)
    api.sandbox("POST", "pubsub/drop")
    assert feed.refusal() == ("UNAVAILABLE", "")
    assert client.subscribe(ACCOUNTS, preset=pb.CUSTOM, replay_id=first.replay_id).one().values["Name"] == "B"


def test_a_silenced_stream_says_nothing_until_it_may_speak_again(api: Api, client: Client) -> None:
    feed = client.subscribe(ACCOUNTS).opened()
    assert api.sandbox("POST", "pubsub/silence").json()["silent"] is True
    accounts(api, "A")
    shown = api.sandbox("POST", "pubsub/keepalive").json()
    assert shown["streams"] == [{"topic": ACCOUNTS, "pending": 100}]
    api.sandbox("POST", "pubsub/silence", json={"silent": False})
    assert feed.one().values["Name"] == "A"


def test_ids_can_be_corrupted_and_the_log_can_be_aged_at_once(api: Api, client: Client) -> None:
    accounts(api, "A")
    known = client.subscribe(ACCOUNTS).one().replay_id
    api.sandbox("POST", "pubsub/corrupt")
    assert client.subscribe(ACCOUNTS, preset=pb.CUSTOM, replay_id=known).refusal() == CORRUPTED
    renewed = client.subscribe(ACCOUNTS).one().replay_id
    assert renewed != known
    assert api.sandbox("POST", "pubsub/age").json()["events"] == 0
    assert client.subscribe(ACCOUNTS, preset=pb.CUSTOM, replay_id=renewed).refusal() == CORRUPTED
    accounts(api, "B")
    assert client.subscribe(ACCOUNTS).one().values["Name"] == "B"


def test_events_can_come_as_gaps(api: Api, client: Client) -> None:
    api.sandbox("POST", "pubsub/gap", json={"object": "Account", "times": 2})
    (made,) = accounts(api, "A")
    api("PATCH", f"sobjects/Account/{made}", json={"Phone": "1"})
    api.create("Lead", LastName="Ng", Company="Acme")
    api("DELETE", f"sobjects/Account/{made}")
    found = client.subscribe(ALL).events(4)
    assert [one.kind for one in found] == ["GAP_CREATE", "GAP_UPDATE", "CREATE", "DELETE"]
    assert [(one.ids, one.values, one.changed) for one in found[:2]] == [([made], {}, [])] * 2


def test_an_event_can_be_announced_that_no_write_of_ours_made(api: Api, client: Client) -> None:
    order = {"object": "Account", "type": "GAP_UPDATE", "ids": ["001*"]}
    assert api.sandbox("POST", "pubsub/announce", json=order).status_code == 200
    event = client.subscribe(ACCOUNTS).one()
    assert (event.kind, event.ids, event.values) == ("GAP_UPDATE", ["001*"], {})
    assert api.sandbox("POST", "pubsub/announce", json={**order, "type": "LOST"}).status_code == 400


def test_after_too_many_changes_in_a_transaction_one_overflow_per_object_takes_over(api: Api, client: Client) -> None:
    api.sandbox("POST", "pubsub/overflow", json={"after": 3})
    admin = {"user": "admin@tandem.example"}
    edits = [{"object": "Account", "fields": {"Name": name}} for name in "ABCDE"]
    lead = {"object": "Lead", "fields": {"LastName": "Ng", "Company": "Acme"}}
    api.sandbox("POST", "edit", json={**admin, "edits": [*edits, lead, lead]})
    found = client.subscribe(ALL).events(5)
    assert [(one.kind, one.header["entityName"]) for one in found] == [
        ("CREATE", "Account"), ("CREATE", "Account"), ("CREATE", "Account"),
        ("GAP_OVERFLOW", "Account"), ("GAP_OVERFLOW", "Lead"),
    ]  # fmt: skip
    assert found[3].ids == ["000000000000000AAA"]
    assert [one.header["sequenceNumber"] for one in found] == [1, 2, 3, 4, 5]


def test_calls_can_be_refused_on_order(api: Api, client: Client) -> None:
    order = {"rpc": "Subscribe", "status": "RESOURCE_EXHAUSTED", "code": "concurrent.client.limit.exceeded"}
    api.sandbox("POST", "pubsub/refuse", json=order)
    accounts(api, "A")
    refused = client.subscribe(ACCOUNTS).refusal()
    assert refused == ("RESOURCE_EXHAUSTED", "concurrent.client.limit.exceeded")
    assert client.subscribe(ACCOUNTS).one().kind == "CREATE"


def test_an_order_that_is_none_is_refused(api: Api) -> None:
    assert "drop, silence" in api.sandbox("POST", "pubsub/dance").json()["error"]
    assert "object" in api.sandbox("POST", "pubsub/gap", json={}).json()["error"]


def test_a_reset_ends_the_streams_of_the_org_that_was(api: Api, client: Client) -> None:
    feed = client.subscribe(ACCOUNTS).opened()
    api.sandbox("POST", "reset")
    assert feed.refusal() == ("UNAVAILABLE", "")
