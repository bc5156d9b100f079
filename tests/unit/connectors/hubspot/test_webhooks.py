"""The source by pushed webhooks: nothing is acknowledged that is not kept."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import requests

from connectors.errors import BadInput
from connectors.hubspot.events import Happening
from connectors.hubspot.listener import Receiver
from connectors.hubspot.settings import Listener
from connectors.hubspot.signature import sign
from connectors.hubspot.webhooks import happening
from schemas.messages import ChangeKind
from tests.support.ports import free_port
from tests.unit.connectors.hubspot.conftest import Reading, clock

SUBSCRIBED = [
    {"eventType": f"{kind}.{what}"}
    for kind in ("company", "contact")
    for what in ("creation", "deletion", "merge", "restore", "associationChange", "privacyDeletion")
] + [{"eventType": "company.propertyChange", "propertyName": name} for name in ("name", "city")]


class Pushed:
    """A portal that pushes to a source, and the source's passes."""

    def __init__(self, portal, answer_s):
        port = free_port()
        self.portal, self.url = portal, f"http://127.0.0.1:{port}/hook%2Fus"
        listener = {"public_url": self.url, "port": port, "patience_s": 0, "answer_s": answer_s}
        self.reading = Reading(portal.source(changes="webhooks", listener=listener), "account", "contact")
        body = {"target_url": self.url, "subscriptions": SUBSCRIBED}
        portal.call(lambda: portal.running.portal.push.configure(body))
        self.pool = ThreadPoolExecutor(1)
        self.reading.poll()

    @property
    def source(self):
        return self.reading.source

    def deliver(self, **options):
        """Start sending what is due; its answer comes when the source has answered."""
        url = f"{self.portal.running.base_url}/__sandbox__/webhooks/deliver"
        return self.pool.submit(lambda: requests.post(url, json=options, timeout=30).json()["requests"])

    def arrived(self):
        """Wait until a request has come in, without taking it."""
        waiting = self.source._webhooks.receiver._waiting
        with waiting.not_empty:
            assert waiting.not_empty.wait_for(lambda: waiting.queue, timeout=5)

    def told(self, **options):
        """One delivery from the sending to its acknowledgement."""
        sending = self.deliver(**options)
        self.arrived()
        told = self.reading.poll()
        self.reading.poll()
        return told, [each["status"] for each in sending.result()]

    def close(self):
        self.source.close()
        self.pool.shutdown()


@pytest.fixture
def pushed(portal):
    made = []

    def build(answer_s=4.0):
        made.append(Pushed(portal, answer_s))
        return made[-1]

    yield build
    for each in made:
        each.close()


def test_a_webhook_is_answered_when_what_it_says_is_committed(portal, pushed):
    receiving = pushed()
    acme = portal.create("companies", name="Acme")
    sending = receiving.deliver()
    receiving.arrived()
    assert [change.record_id for change in receiving.reading.poll()] == [acme]
    assert not sending.done()
    receiving.reading.poll()
    assert [each["status"] for each in sending.result()] == [200]


def test_what_was_not_committed_is_not_acknowledged_and_comes_again(portal, pushed):
    receiving = pushed(answer_s=0.2)
    acme = portal.create("companies", name="Acme")
    sending = receiving.deliver()
    receiving.arrived()
    list(receiving.source.changes(receiving.reading.tables, dict(receiving.reading.cursors)))  # and nothing is saved
    receiving.reading.poll()
    assert {each["status"] for each in sending.result()} == {503}
    told, statuses = receiving.told(everything=True)
    assert ([change.record_id for change in told], statuses) == ([acme], [200])


def test_an_event_that_comes_twice_is_told_once_and_acknowledged_at_once(portal, pushed):
    receiving = pushed()
    portal.create("companies", name="Acme")
    told, _ = receiving.told()
    assert len(told) == 1
    portal.call(lambda: portal.running.portal.push.queue.extend(map(again, portal.running.portal.push.sent)))
    sending = receiving.deliver()
    receiving.arrived()
    assert receiving.reading.poll() == []
    assert [each["status"] for each in sending.result()] == [200]


def again(body):
    from sandbox.hubspot.push import Delivery

    return Delivery(body, 0, datetime(2026, 11, 22, tzinfo=UTC))


def test_events_out_of_order_and_doubled_end_in_the_last_state(portal, pushed):
    receiving = pushed()
    acme = portal.create("companies", name="Acme")
    for number in range(5):
        portal.wait(1)
        portal.edit("companies", acme, name=f"Acme {number}")
    receiving.told(shuffle=True, duplicates=True)
    assert receiving.reading.held()[acme]["name"] == "Acme 4"


def test_deletion_merge_association_and_privacy_deletion_are_told(portal, pushed):
    receiving = pushed()
    one, two, gone = (portal.create("companies", name=name) for name in ("One", "Two", "Gone"))
    ada, bob = (portal.create("contacts", lastname=name) for name in ("Ada", "Bob"))
    receiving.told()
    portal.join(ada, gone)
    (change,) = [each for each in receiving.told()[0] if each.entity == "contact"]
    assert change.row["association:companies"] == gone
    portal.delete("companies", gone)
    portal.purge(bob)
    winner = portal.merge("companies", one, two)
    kinds = {(each.entity, each.record_id): each.kind for each in receiving.told()[0]}
    assert kinds["account", gone] is ChangeKind.DELETED
    assert kinds["contact", bob] is ChangeKind.DELETED
    assert kinds["account", one] is kinds["account", two] is ChangeKind.MERGED
    assert kinds["account", winner] is ChangeKind.UPSERTED


def test_what_our_own_app_did_is_our_own(portal, pushed):
    receiving = pushed()
    crm, ours = portal.running.portal.crm, portal.running.portal.integration
    acme = portal.create("companies", name="Acme")
    assert [change.own for change in receiving.told()[0]] == [False]
    portal.wait(1)
    portal.call(lambda: crm.update(portal.type("companies"), portal.record("companies", acme), {"city": "Bonn"}, ours))
    assert [change.own for change in receiving.told()[0]] == [True]


def test_what_came_while_nobody_listened_is_found_by_the_search_at_the_start(portal, pushed):
    acme = portal.create("companies", name="Acme")
    assert set(pushed().reading.held()) == {acme}


@pytest.mark.parametrize("offset", [-301, 301])
def test_a_request_of_another_time_is_turned_away(portal, pushed, offset):
    receiving = pushed()
    portal.create("companies", name="Acme")
    assert [each["status"] for each in receiving.deliver(timestamp_offset=offset).result()] == [401]


@pytest.fixture
def receiver():
    made = Receiver(Listener(public_url="https://tandem.acme.com/hook", port=0, answer_s=0.1), "hush", clock)
    yield made
    made.close()


def post(receiver, body, **headers):
    timestamp = str(int(clock().timestamp() * 1000))
    signed = sign("hush", "POST", "https://tandem.acme.com/hook", body, timestamp)
    every = {"x-hubspot-signature-V3": signed, "X-HUBSPOT-REQUEST-TIMESTAMP": timestamp, **headers}
    return requests.post(f"http://127.0.0.1:{receiver.port}/any", data=body, headers=every, timeout=5).status_code


def test_header_names_are_read_in_any_case_and_an_unanswered_request_gets_503(receiver):
    assert post(receiver, b"[]") == 503
    assert receiver.taken(0)[0].late


def test_a_request_with_another_body_than_was_signed_is_turned_away(receiver):
    assert post(receiver, b"[]", **{"X-HubSpot-Signature-v3": "no"}) == 401
    assert receiver.taken(0) == []


@pytest.mark.parametrize("body", [b"{}", b"[1]", b"not json", b"\xff"])
def test_a_signed_request_that_is_no_list_of_events_is_refused(receiver, body):
    assert post(receiver, body) == 400


def test_a_request_that_is_too_large_is_refused_unread(receiver):
    assert post(receiver, b" " * ((1 << 20) + 1)) == 413


def test_a_port_that_is_taken_is_told(receiver):
    taken = Listener(public_url="https://tandem.acme.com/hook", port=receiver.port)
    with pytest.raises(BadInput, match="cannot be received"):
        Receiver(taken, "hush", clock)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            {"subscriptionType": "company.propertyChange", "objectId": 5, "propertyName": "name"},
            Happening("UPDATE", 7, (("0-2", "5"),), frozenset({"name"})),
        ),
        ({"eventType": "contact.creation", "objectId": 5}, Happening("CREATE", 7, (("0-1", "5"),))),
        (
            {"subscriptionType": "object.deletion", "objectTypeId": "2-77", "objectId": 5},
            Happening("DELETE", 7, (("2-77", "5"),)),
        ),
        (
            {"subscriptionType": "company.merge", "objectId": 1, "primaryObjectId": 1, "newObjectId": 9},
            Happening("MERGE", 7, (("0-2", "9"), ("0-2", "1"))),
        ),
        (
            {"subscriptionType": "contact.associationChange", "fromObjectId": 1, "toObjectId": 2,
             "associationType": "CONTACT_TO_COMPANY", "associationRemoved": True},
            Happening("ASSOCIATION_REMOVED", 7, (("0-1", "1"), ("0-2", "2"))),
        ),
        (
            {"subscriptionType": "company.creation", "objectId": 5, "changeSource": "INTEGRATION", "sourceId": "18"},
            Happening("CREATE", 7, (("0-2", "5"),), own=True),
        ),
        (
            {"subscriptionType": "company.creation", "objectId": 5, "changeSource": "CRM_UI", "sourceId": "userId:18"},
            Happening("CREATE", 7, (("0-2", "5"),)),
        ),
        ({"subscriptionType": "conversation.newMessage", "objectId": 5}, None),
    ],
)  # fmt: skip
def test_each_kind_of_webhook_is_read(event, expected):
    assert happening(json.loads(json.dumps({**event, "occurredAt": 7})), 18) == expected


def test_closing_answers_nobody_with_200(receiver):
    statuses = []
    sending = threading.Thread(target=lambda: statuses.append(post(receiver, b"[]")))
    sending.start()
    sending.join()
    assert statuses == [503]
