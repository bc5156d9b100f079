"""The Pub/Sub API: one channel to it, a subscription with flow control, schemas; it decides nothing about changes."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import grpc

from connectors.addresses import is_loopback
from connectors.errors import BadCredentials, ConnectorError, PauseConnection, RetryLater, StopMapping
from connectors.salesforce.client import SIGN_IN_REMEDY, Client
from connectors.salesforce.pubsub import pubsub_api_pb2 as pb
from connectors.salesforce.pubsub.pubsub_api_pb2_grpc import PubSubStub
from connectors.salesforce.settings import Settings

log = logging.getLogger(__name__)
# The most that may be owed at once, over all requests of a call (vendor, Pub/Sub API allocations).
MOST = 100
_CODE = "error-code"
_PREFIX = "sfdc.platform.eventbus.grpc."


class PositionLost(Exception):
    """The replay id is refused: it is too old, or no longer one of this org's."""


class TokenRefused(Exception):
    """The token has run out; the position is none the worse for it."""


class StreamEnded(Exception):
    """The stream is gone, as streams go: it can be opened again at the same place."""


class Arrived(NamedTuple):
    """One answer: events, or none in a keepalive. `latest` is the position after it, `owed` what is still to come."""

    events: Sequence[pb.ConsumerEvent]
    latest: bytes
    owed: int
    heard: datetime


class EventBus:
    """Calls go out with the token of `client`; `clock` tells when something was heard."""

    def __init__(self, client: Client, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client, self._settings, self._clock = client, settings, clock
        self._channel: grpc.Channel | None = None

    def subscribe(self, after: bytes | None) -> "Subscription":
        """A stream of what comes after a position, or, without one, from now on."""
        return Subscription(self._stub().Subscribe, self._metadata(), self._settings.channel, after, self._clock)

    def schema(self, schema_id: str) -> str:
        """The JSON text of a schema; signs in anew once."""
        for last in (False, True):
            metadata = self._metadata()
            try:
                answer = self._stub().GetSchema(
                    pb.SchemaRequest(schema_id=schema_id), metadata=metadata, timeout=self._settings.timeout_s
                )
                return str(answer.schema_json)
            except grpc.RpcError as error:
                said = meaning(error)
                if not isinstance(said, TokenRefused) or last:
                    raise said if isinstance(said, ConnectorError) else RetryLater(f"no schema: {said}") from error
                self.renew()
        raise AssertionError("two tries, each returns or raises")

    def renew(self) -> None:
        """The token was refused: the next call has another one."""
        self._client.renew(self._client.access().token)

    def close(self) -> None:
        """Let go of the connection."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _stub(self) -> Any:
        if self._channel is None:
            address = self._settings.pubsub_address
            if is_loopback(address.rpartition(":")[0].strip("[]")):
                self._channel = grpc.insecure_channel(address, [("grpc.enable_http_proxy", 0)])
            else:
                self._channel = grpc.secure_channel(address, grpc.ssl_channel_credentials())
        return PubSubStub(self._channel)

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        access = self._client.access()
        return ("accesstoken", access.token), ("instanceurl", access.instance_url), ("tenantid", access.org_id)


class Subscription:
    """An open stream. A thread takes in what comes; what is not yet taken out is not asked for again."""

    def __init__(
        self,
        subscribe: Callable[..., Any],
        metadata: tuple[tuple[str, str], ...],
        topic: str,
        after: bytes | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._clock, self.heard = clock, clock()
        self._asked: queue.SimpleQueue[pb.FetchRequest | None] = queue.SimpleQueue()
        self._arrived: queue.SimpleQueue[Arrived | Exception] = queue.SimpleQueue()
        first = pb.FetchRequest(topic_name=topic, num_requested=MOST, replay_preset=pb.LATEST)
        if after is not None:
            first.replay_preset, first.replay_id = pb.CUSTOM, after
        self._asked.put(first)
        self._call = subscribe(self._requests(), metadata=metadata)
        self._thread = threading.Thread(target=self._listen, name="salesforce-events", daemon=True)
        self._thread.start()

    def receive(self, wait_s: float) -> Arrived | None:
        """What came next, or None where nothing came in time.

        Raises `PositionLost`, `TokenRefused`, `StreamEnded`, or an error of `connectors.errors`.
        """
        try:
            found = self._arrived.get(timeout=wait_s) if wait_s else self._arrived.get_nowait()
        except queue.Empty:
            return None
        if isinstance(found, Exception):
            self._arrived.put(found)  # it stays so, however often it is asked
            raise found
        if found.events:
            self._asked.put(pb.FetchRequest(num_requested=len(found.events)))
        return found

    def close(self) -> None:
        """End the call; what is not taken out is thrown away."""
        self._asked.put(None)
        self._call.cancel()
        self._thread.join(5)

    def _requests(self) -> Iterator[pb.FetchRequest]:
        while (request := self._asked.get()) is not None:
            yield request

    def _listen(self) -> None:
        try:
            for answer in self._call:
                self.heard = self._clock()
                latest = answer.events[-1].replay_id if answer.events else answer.latest_replay_id
                self._arrived.put(Arrived(answer.events, latest, answer.pending_num_requested, self.heard))
            self._arrived.put(StreamEnded("Salesforce ended the stream"))
        except grpc.RpcError as error:
            self._arrived.put(meaning(error))


def meaning(error: Any) -> Exception:
    """What a status says: the trailer's code decides, the words where a proxy has dropped the trailers."""
    status, words = error.code(), str(error.details() or "")
    trailers = {str(name): str(value) for name, value in error.trailing_metadata() or ()}
    code = trailers.get(_CODE, "").removeprefix(_PREFIX)
    said = f"{code or status.name}: {words}"
    if code.startswith("subscription.fetch.replayid.") or (
        not code and status is grpc.StatusCode.INVALID_ARGUMENT and "replay" in words.lower()
    ):
        return PositionLost(said)
    if code.startswith("service.auth.") or status is grpc.StatusCode.UNAUTHENTICATED:
        return TokenRefused(said)
    return _refusal(code, status, said) or StreamEnded(said)


def _refusal(code: str, status: grpc.StatusCode, said: str) -> ConnectorError | None:
    """What opening the stream again at once does not mend."""
    if code.startswith("topic.") or status in {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.PERMISSION_DENIED}:
        remedy = "correct `channel`, select the objects for Change Data Capture, give the user View All on them"
        return StopMapping(f"Salesforce refuses the channel: {said}.", remedy)
    if status is grpc.StatusCode.UNIMPLEMENTED:
        return StopMapping(f"there is no Pub/Sub API at this address: {said}.", "correct `pubsub_address`")
    if code.startswith("concurrent."):
        return RetryLater(f"too many streams are open: {said}", "end another client of the Pub/Sub API", 60.0)
    if status is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return PauseConnection(f"Salesforce delivers no more events: {said}.", "wait, or buy event deliveries")
    return None


def credentials_refused(reason: object) -> BadCredentials:
    """A new token did not help either."""
    return BadCredentials(f"Salesforce refused the stream, even with a new token: {reason}.", SIGN_IN_REMEDY)
