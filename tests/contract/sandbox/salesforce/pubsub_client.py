"""A bare client of the Pub/Sub API, as the vendor's examples have it, that reads events by their own schema."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import fastavro
import grpc

from connectors.salesforce.pubsub import pubsub_api_pb2 as pb
from connectors.salesforce.pubsub.pubsub_api_pb2_grpc import PubSubStub
from sandbox.salesforce.testing import Emulator

PATIENCE = 10


@dataclass
class Event:
    """A decoded event: `changed`, `nulled` and `diffed` are field names, `Name.FirstName` inside a compound one."""

    header: dict[str, Any]
    body: dict[str, Any]
    changed: list[str]
    nulled: list[str]
    diffed: list[str]
    replay_id: bytes
    raw: pb.ConsumerEvent

    @property
    def kind(self) -> str:
        return str(self.header["changeType"])

    @property
    def ids(self) -> list[str]:
        return list(self.header["recordIds"])

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.body.items() if value is not None}


class Feed:
    """One Subscribe call."""

    def __init__(self, client: Client, first: pb.FetchRequest) -> None:
        self._client = client
        self._requests: queue.SimpleQueue[pb.FetchRequest | None] = queue.SimpleQueue()
        self._requests.put(first)
        self._call = client.stub.Subscribe(iter(self._requests.get, None), metadata=client.head, timeout=PATIENCE)

    def ask(self, count: int, topic: str = "") -> None:
        self._requests.put(pb.FetchRequest(num_requested=count, topic_name=topic))

    def response(self) -> pb.FetchResponse:
        return next(self._call)

    def opened(self) -> Feed:
        """Once the subscription stands: what is written from now on is after its start."""
        self._call.initial_metadata()
        return self

    def events(self, count: int) -> list[Event]:
        """So many events, over as many responses as it takes."""
        found: list[Event] = []
        while len(found) < count:
            found += [self._client.decode(one) for one in self.response().events]
        assert len(found) == count
        return found

    def one(self) -> Event:
        return self.events(1)[0]

    def ended(self) -> bool:
        """Waits for the next word of the server; true if it is that the call has ended well."""
        return next(self._call, None) is None

    def refusal(self) -> tuple[str, str]:
        """(gRPC status, error code without its common part) that ends the call."""
        try:
            while True:
                self.response()
        except grpc.RpcError as ended:
            return reason(ended)

    def end(self) -> None:
        """The client is done: no more requests; what is owed still comes."""
        self._requests.put(None)

    def close(self) -> None:
        self._call.cancel()
        self._requests.put(None)


class Client:
    """Calls as the integration user; `head` is the metadata, for a test to spoil."""

    def __init__(self, running: Emulator, channel: grpc.Channel) -> None:
        self.stub = PubSubStub(channel)
        org = running.call(lambda: running.org.id)
        self.head = (("accesstoken", running.token()), ("instanceurl", running.base_url), ("tenantid", org))
        self._feeds: list[Feed] = []

    def subscribe(self, topic: str, count: int = 100, preset: int = pb.EARLIEST, replay_id: bytes = b"") -> Feed:
        request = pb.FetchRequest(topic_name=topic, num_requested=count, replay_id=replay_id)
        request.replay_preset = preset  # type: ignore[assignment]
        self._feeds.append(Feed(self, request))
        return self._feeds[-1]

    def schema(self, schema_id: str) -> dict[str, Any]:
        answered = self.stub.GetSchema(pb.SchemaRequest(schema_id=schema_id), metadata=self.head, timeout=PATIENCE)
        assert answered.schema_id == schema_id
        found: dict[str, Any] = json.loads(answered.schema_json)
        return found

    def topic(self, name: str) -> pb.TopicInfo:
        return self.stub.GetTopic(pb.TopicRequest(topic_name=name), metadata=self.head, timeout=PATIENCE)

    def decode(self, event: pb.ConsumerEvent) -> Event:
        schema = self.schema(event.event.schema_id)
        body = fastavro.schemaless_reader(BytesIO(event.event.payload), fastavro.parse_schema(dict(schema)), None)
        assert isinstance(body, dict)
        header = body.pop("ChangeEventHeader")
        names = [names_of(schema["fields"], header[key]) for key in ("changedFields", "nulledFields", "diffFields")]
        return Event(header, body, *names, event.replay_id, event)

    def close(self) -> None:
        for one in self._feeds:
            one.close()


def names_of(fields: list[dict[str, Any]], bitmaps: list[str]) -> list[str]:
    """The vendor's reading: bits from the lowest, `4-0x06` for a compound field at position 4."""
    found = []
    for text in bitmaps:
        place, _, bits = text.rpartition("-")
        parts, prefix = fields, ""
        if place:
            compound = fields[int(place)]
            record = next(one for one in compound["type"] if isinstance(one, dict) or one == "Address")
            parts, prefix = (record["fields"] if isinstance(record, dict) else ADDRESS), f"{compound['name']}."
        assert bits.startswith("0x")
        found += [prefix + one["name"] for number, one in enumerate(parts) if int(bits, 16) >> number & 1]
    return found


ADDRESS = [{"name": one} for one in ("Street", "City", "State", "PostalCode", "Country")]


def reason(ended: grpc.RpcError) -> tuple[str, str]:
    assert isinstance(ended, grpc.Call)
    trailers = {str(one.key): str(one.value) for one in ended.trailing_metadata() or ()}
    code = trailers.get("error-code", "")
    assert not code or code.startswith("sfdc.platform.eventbus.grpc.")
    return ended.code().name, code.removeprefix("sfdc.platform.eventbus.grpc.")


@contextmanager
def connected(running: Emulator) -> Iterator[Client]:
    with grpc.insecure_channel(running.pubsub_address) as channel:
        client = Client(running, channel)
        try:
            yield client
        finally:
            client.close()
