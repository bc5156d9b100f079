"""Statuses of the event bus, cursors as texts, and which event fields concern a mapping."""

import grpc
import pytest

from connectors.errors import PauseConnection, RetryLater, StopMapping
from connectors.salesforce.cdc.bus import PositionLost, StreamEnded, TokenRefused, meaning
from connectors.salesforce.cdc.cursors import StreamCursor, WalkState
from connectors.salesforce.cdc.events import ChangeEvent
from connectors.salesforce.cdc.selection import event_name
from connectors.salesforce.settings import Settings
from connectors.salesforce.shape import Shape
from mappings.loader import load

TABLES = load("salesforce")
P = "sfdc.platform.eventbus.grpc."
INVALID = grpc.StatusCode.INVALID_ARGUMENT


class Status(grpc.RpcError):
    def __init__(self, code, trailer="", words="as Salesforce says"):
        self._code, self._trailer, self._words = code, trailer, words

    def code(self):
        return self._code

    def details(self):
        return self._words

    def trailing_metadata(self):
        return (("error-code", self._trailer),) if self._trailer else ()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (Status(INVALID, f"{P}subscription.fetch.replayid.corrupted"), PositionLost),
        (Status(INVALID, f"{P}subscription.fetch.replayid.validation.failed"), PositionLost),
        (Status(INVALID, words="The Replay ID validation failed."), PositionLost),
        (Status(INVALID, f"{P}subscription.fetch.requested.events.invalid"), StreamEnded),
        (Status(INVALID, f"{P}schema.validation.failed", "no replay here"), StreamEnded),
        (Status(grpc.StatusCode.UNAUTHENTICATED, f"{P}service.auth.error"), TokenRefused),
        (Status(grpc.StatusCode.UNAUTHENTICATED), TokenRefused),
        (Status(grpc.StatusCode.UNAVAILABLE, words="RST_STREAM closed stream"), StreamEnded),
        (Status(grpc.StatusCode.UNAVAILABLE, f"{P}service.unavailable"), StreamEnded),
        (Status(grpc.StatusCode.NOT_FOUND, f"{P}topic.not.found"), StopMapping),
        (Status(grpc.StatusCode.PERMISSION_DENIED), StopMapping),
        (Status(grpc.StatusCode.UNIMPLEMENTED), StopMapping),
        (Status(grpc.StatusCode.RESOURCE_EXHAUSTED, f"{P}concurrent.client.limit.exceeded"), RetryLater),
        (Status(grpc.StatusCode.RESOURCE_EXHAUSTED), PauseConnection),
    ],
)
def test_a_status_says_what_to_do(status, kind):
    assert type(meaning(status)) is kind


@pytest.mark.parametrize("replay", [None, b"\x00\x01\xff" * 4])
def test_the_streams_cursor_reads_back(replay):
    cursor = StreamCursor(replay, 1795341600000, 1795341600999, 3)
    assert StreamCursor.parse(cursor.text()) == cursor


def test_a_walk_reads_back_and_its_text_is_short():
    state = WalkState("d", since=0, job="750A", locator="MTA", row=3, told=7, of=9, then=5, paged=True, bound=4)
    assert WalkState.parse(state.text()) == state
    assert WalkState("d", done=True).text() == '{"digest": "d", "done": true}'


def test_a_walk_under_way_is_followed_by_the_one_that_a_loss_asks_for():
    state = WalkState("d", at="2026-11-22T10:00:00Z 001A").again(500).again(700)
    assert (state.at, state.finished()) == ("2026-11-22T10:00:00Z 001A", WalkState("d", since=500))
    assert state.finished().finished().done
    assert WalkState("d", done=True).again(500) == WalkState("d", since=500)


def event(**changes):
    made = {"replay": b"", "object": "Account", "ids": ("001A",), "kind": "UPDATE", "transaction": "t", "sequence": 1}
    return ChangeEvent(**{**made, "at": 0, "user": "", "origin": "", **changes})


@pytest.mark.parametrize(
    ("changes", "unnamed"),
    [
        ({}, False),
        ({"kind": "GAP_OVERFLOW", "ids": ("000000000000000AAA",)}, True),
        ({"kind": "GAP_UPDATE", "ids": ("001*",)}, True),
        ({"kind": "GAP_UPDATE"}, False),
    ],
)
def test_an_event_may_stand_for_records_that_it_does_not_name(changes, unnamed):
    assert event(**changes).unnamed is unnamed


FIELDS = [
    {"name": name, "type": "string", "calculated": False}
    for name in ("Name", "FirstName", "LastName", "Street", "City", "BillingCity", "BillingStreet", "Phone", "Website")
] + [{"name": "OwnerId", "type": "reference", "relationshipName": "Owner", "calculated": False}]


@pytest.mark.parametrize(
    ("changed", "touched"),
    [
        (["Phone"], True),
        (["OwnerId"], True),
        (["BillingAddress.City"], True),
        (["Name"], True),
        (["Name.LastName"], True),
        (["LastModifiedDate", "LastModifiedById"], False),
        (["ShippingAddress.City"], False),
        (["*"], True),
        ([], False),
    ],
)
def test_an_update_concerns_the_mapping_if_a_mapped_field_or_the_link_to_a_parent_changed(changed, touched):
    shipping = {"name": "ShippingCity", "type": "string"}
    shape = Shape(TABLES["account"], {"fields": [*FIELDS, shipping]})
    assert shape.touched_by(changed) is touched


def test_an_unknown_part_of_a_compound_field_may_be_anything():
    assert Shape(TABLES["account"], {"fields": FIELDS}).touched_by(["ShippingAddress.Xyz"])


def test_a_custom_object_has_its_events_name():
    assert event_name("Partner_Overlap__c") == "Partner_Overlap__ChangeEvent"


@pytest.mark.parametrize("address", ["pubsub", "http://pubsub:7443", "pubsub:", "a@b:7443", "pubsub:port", ""])
def test_an_address_without_host_and_port_is_refused(address):
    auth = {"method": "client_credentials", "client_id": "a", "client_secret": "b"}
    with pytest.raises(ValueError, match="give host and port"):
        Settings(base_url="https://acme.my.salesforce.com", auth=auth, pubsub_address=address)
