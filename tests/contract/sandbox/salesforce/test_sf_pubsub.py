"""The Pub/Sub API's protocol over real gRPC: who may call, where a stream starts, how much it sends, how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from connectors.salesforce.pubsub import pubsub_api_pb2 as pb
from sandbox.salesforce.auth import ConnectedApp
from sandbox.salesforce.metadata.standard import standard_schema
from sandbox.salesforce.pubsub.topics import ChannelError, channels
from sandbox.salesforce.testing import Emulator, emulator

from .conftest import Api, settings
from .pubsub_client import Client, connected, reason

ACCOUNTS, ALL = "/data/AccountChangeEvent", "/data/ChangeEvents"
HOUR = 3600


@pytest.fixture
def client(salesforce: Emulator) -> Iterator[Client]:
    with connected(salesforce) as made:
        yield made


def accounts(api: Api, names: str) -> list[str]:
    return [api.create("Account", Name=name) for name in names]


def test_a_stream_starts_at_the_tip_at_the_earliest_or_after_an_id(api: Api, client: Client) -> None:
    accounts(api, "AB")
    tip = client.subscribe(ACCOUNTS, preset=pb.LATEST).opened()
    accounts(api, "CD")
    assert [one.values["Name"] for one in tip.events(2)] == ["C", "D"]
    found = client.subscribe(ACCOUNTS).events(4)
    assert [one.values["Name"] for one in found] == ["A", "B", "C", "D"]
    after = client.subscribe(ACCOUNTS, preset=pb.CUSTOM, replay_id=found[1].replay_id).events(2)
    assert [one.values["Name"] for one in after] == ["C", "D"]


def test_no_more_events_come_than_were_asked_for_and_requests_add_up(api: Api, client: Client) -> None:
    accounts(api, "ABCDE")
    feed = client.subscribe(ACCOUNTS, count=2)
    first = feed.response()
    assert (len(first.events), first.pending_num_requested) == (2, 0)
    assert first.latest_replay_id == first.events[-1].replay_id
    feed.ask(1)
    assert len(feed.response().events) == 1
    feed.ask(4)
    third = feed.response()
    assert (len(third.events), third.pending_num_requested) == (2, 2)


def test_more_than_100_requested_count_as_100(api: Api, client: Client) -> None:
    feed = client.subscribe(ACCOUNTS, count=500, preset=pb.LATEST).opened()
    accounts(api, "A")
    assert feed.response().pending_num_requested == 99


@pytest.mark.parametrize("count", [0, -1])
def test_no_events_cannot_be_requested_first_or_later(api: Api, client: Client, count: int) -> None:
    refused = ("INVALID_ARGUMENT", "subscription.fetch.requested.events.invalid")
    assert client.subscribe(ACCOUNTS, count=count).refusal() == refused
    feed = client.subscribe(ACCOUNTS).opened()
    feed.ask(count)
    assert feed.refusal() == refused


def test_the_start_counts_in_the_first_request_only_and_the_topic_cannot_change(api: Api, client: Client) -> None:
    accounts(api, "AB")
    feed = client.subscribe(ACCOUNTS, count=1)
    assert feed.one().values["Name"] == "A"
    feed.ask(1, topic=ACCOUNTS)
    assert feed.one().values["Name"] == "B"
    feed.ask(1, topic=ALL)
    assert feed.refusal() == ("INVALID_ARGUMENT", "subscription.fetch.topic.mismatch")


@pytest.mark.parametrize(
    ("topic", "refused"),
    [
        ("", ("INVALID_ARGUMENT", "topic.validation.empty")),
        ("/data/NopeChangeEvent", ("NOT_FOUND", "topic.not.found")),
        ("/data/Nope__chn", ("NOT_FOUND", "topic.not.found")),
        ("/event/Nope__e", ("NOT_FOUND", "topic.not.found")),
        ("/data/UserChangeEvent", ("NOT_FOUND", "topic.not.found")),
    ],
)
def test_a_topic_that_does_not_exist_is_refused(client: Client, topic: str, refused: tuple[str, str]) -> None:
    assert client.subscribe(topic).refusal() == refused
    with pytest.raises(grpc.RpcError) as asked:
        client.topic(topic)
    assert reason(asked.value) == refused


def test_a_topic_tells_its_schema_and_the_channel_of_many_objects_has_none(client: Client) -> None:
    topic = client.topic(ACCOUNTS)
    assert (topic.can_subscribe, topic.can_publish) == (True, False)
    schema = client.schema(topic.schema_id)
    assert (schema["name"], schema["namespace"]) == ("AccountChangeEvent", "com.sforce.eventbus")
    assert schema["fields"][0]["name"] == "ChangeEventHeader"
    assert client.topic("/data/Partner_Overlap__ChangeEvent").schema_id != topic.schema_id
    assert client.topic(ALL).schema_id == ""


def test_a_schema_that_is_not_known_is_refused(client: Client) -> None:
    with pytest.raises(grpc.RpcError) as asked:
        client.schema("nope")
    assert reason(asked.value) == ("INVALID_ARGUMENT", "schema.validation.failed")


CORRUPTED = ("INVALID_ARGUMENT", "subscription.fetch.replayid.corrupted")


def test_a_custom_start_needs_an_id_that_the_stream_gave_out(api: Api, client: Client) -> None:
    missing = client.subscribe(ACCOUNTS, preset=pb.CUSTOM).refusal()
    assert missing == ("INVALID_ARGUMENT", "subscription.fetch.replayid.validation.failed")
    accounts(api, "A")
    known = client.subscribe(ACCOUNTS).one().replay_id
    for wrong in (b"1", b"\x00" * 10, known[:-1], known[:2] + b"\x7f" + known[3:]):
        assert client.subscribe(ACCOUNTS, preset=pb.CUSTOM, replay_id=wrong).refusal() == CORRUPTED


def test_events_and_their_ids_are_kept_for_72_hours(api: Api, client: Client, salesforce: Emulator) -> None:
    accounts(api, "A")
    old = client.subscribe(ACCOUNTS).one().replay_id
    salesforce.org.clock.advance(71 * HOUR)
    accounts(api, "B")
    assert client.subscribe(ACCOUNTS, preset=pb.CUSTOM, replay_id=old).one().values["Name"] == "B"
    salesforce.org.clock.advance(2 * HOUR)
    assert client.subscribe(ACCOUNTS).one().values["Name"] == "B"
    assert client.subscribe(ACCOUNTS, preset=pb.CUSTOM, replay_id=old).refusal() == CORRUPTED


def test_the_id_of_a_keepalive_keeps_an_idle_topic_in_the_window(
    api: Api, client: Client, salesforce: Emulator
) -> None:
    accounts(api, "A")
    feed = client.subscribe(ACCOUNTS)
    feed.one()
    salesforce.org.clock.advance(70 * HOUR)
    api.sandbox("POST", "pubsub/keepalive")
    empty = feed.response()
    assert (len(empty.events), empty.pending_num_requested) == (0, 99)
    salesforce.org.clock.advance(70 * HOUR)
    accounts(api, "B")
    resumed = client.subscribe(ACCOUNTS, preset=pb.CUSTOM, replay_id=empty.latest_replay_id)
    assert resumed.one().values["Name"] == "B"


def test_a_silent_stream_gets_a_keepalive_and_one_that_owes_nothing_ends() -> None:
    with emulator(settings(pubsub_keepalive=0.05, pubsub_idle=0.05)) as running, connected(running) as client:
        accounts(Api(running), "A")
        owing, paid = client.subscribe(ACCOUNTS, count=2), client.subscribe(ACCOUNTS, count=1)
        assert len(owing.response().events) == 1
        assert [len(owing.response().events) for _ in range(2)] == [0, 0]
        assert paid.one().values["Name"] == "A"
        assert paid.ended()


def test_a_client_that_asks_no_more_gets_what_is_owed_and_then_the_end(api: Api, client: Client) -> None:
    feed = client.subscribe(ACCOUNTS, count=2)
    feed.end()
    accounts(api, "AB")
    assert len(feed.events(2)) == 2
    assert feed.ended()


@pytest.mark.parametrize("name", ["accesstoken", "instanceurl", "tenantid"])
def test_every_call_needs_all_three_headers(client: Client, name: str) -> None:
    head = client.head
    for spoilt in (tuple(one for one in head if one[0] != name), tuple((k, " " if k == name else v) for k, v in head)):
        client.head = spoilt  # type: ignore[assignment]
        assert client.subscribe(ACCOUNTS).refusal() == ("UNAUTHENTICATED", "service.auth.headers.invalid")


@pytest.mark.parametrize("name", ["accesstoken", "tenantid"])
def test_a_token_or_an_org_that_is_not_known_is_an_authentication_error(client: Client, name: str) -> None:
    client.head = tuple((k, "00D000000000001EAA" if k == name else v) for k, v in client.head)  # type: ignore[assignment]
    assert client.subscribe(ACCOUNTS).refusal() == ("UNAUTHENTICATED", "service.auth.error")
    with pytest.raises(grpc.RpcError) as asked:
        client.topic(ACCOUNTS)
    assert reason(asked.value) == ("UNAUTHENTICATED", "service.auth.error")


def test_a_token_that_is_voided_ends_an_open_stream(api: Api, client: Client) -> None:
    feed = client.subscribe(ACCOUNTS).opened()
    api.sandbox("POST", "expire-tokens")
    assert feed.refusal() == ("UNAUTHENTICATED", "service.auth.error")


def test_a_token_that_runs_out_ends_an_open_stream() -> None:
    with emulator(settings(app=ConnectedApp(token_ttl=60))) as running, connected(running) as client:
        feed = client.subscribe(ACCOUNTS).opened()
        running.org.clock.advance(61)
        assert feed.refusal() == ("UNAUTHENTICATED", "service.auth.error")


def test_publishing_and_managed_subscriptions_are_not_had(client: Client) -> None:
    with pytest.raises(grpc.RpcError) as asked:
        client.stub.Publish(pb.PublishRequest(topic_name=ACCOUNTS), metadata=client.head, timeout=5)
    assert reason(asked.value) == ("UNIMPLEMENTED", "")


def member(folder: Path, channel: str, entity: str) -> None:
    path = folder / "platformEventChannelMembers" / f"{channel}_{entity}.platformEventChannelMember-meta.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        '<PlatformEventChannelMember xmlns="http://soap.sforce.com/2006/04/metadata">'
        f"<eventChannel>{channel}</eventChannel><selectedEntity>{entity}</selectedEntity></PlatformEventChannelMember>"
    )


def test_the_package_selects_the_objects_and_has_channels_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    own = tmp_path / "platformEventChannels"
    own.mkdir()
    (own / "Tandem__chn.platformEventChannel-meta.xml").write_text("<PlatformEventChannel/>")
    member(tmp_path, "ChangeEvents", "AccountChangeEvent")
    member(tmp_path, "Tandem__chn", "LeadChangeEvent")
    with emulator(settings(sfdx=tmp_path)) as running, connected(running) as client:
        api = Api(running)
        api.create("Contact", LastName="Ng")
        api.create("Lead", LastName="Ng", Company="Acme")
        api.create("Account", Name="A")
        assert [one.header["entityName"] for one in client.subscribe(ALL).events(1)] == ["Account"]
        assert client.subscribe("/data/Tandem__chn").one().header["entityName"] == "Lead"
        assert client.subscribe("/data/LeadChangeEvent").one().header["entityName"] == "Lead"
        assert api.sandbox("GET", "pubsub").json()["events"] == 2


DEPLOY = Path(__file__).parents[4] / "deploy/salesforce"


def test_the_shipped_package_selects_the_four_objects_and_its_channel_carries_them_too() -> None:
    found = channels(standard_schema(), DEPLOY, ())
    four = {"Account", "Contact", "Lead", "Opportunity"}
    assert found.resolve(ALL) == four
    assert found.resolve("/data/Tandem__chn") == four


@pytest.mark.parametrize(
    ("channel", "entity", "says"),
    [
        ("ChangeEvents", "NopeChangeEvent", "NopeChangeEvent is not a change event of this org"),
        ("Nope__chn", "AccountChangeEvent", "Nope__chn has no platformEventChannel file"),
    ],
)
def test_a_member_that_cannot_be_used_is_refused_with_its_file(
    tmp_path: Path, channel: str, entity: str, says: str
) -> None:
    member(tmp_path, channel, entity)
    with pytest.raises(ChannelError, match=r"platformEventChannelMember-meta\.xml: ") as refused:
        channels(standard_schema(), tmp_path, ())
    assert says in str(refused.value)
