"""One Subscribe call: what it still owes the client, where it stands, and when it speaks or ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from grpc.aio import EOF  # type: ignore[attr-defined]  # the stubs leave it out

from connectors.salesforce.pubsub import pubsub_api_pb2 as pb

from ..org import Org
from . import errors
from .errors import Refused
from .log import Stored

# "If a client requests more than 100 events, the server considers the number of requested events to be 100"
# (vendor, Pub/Sub API allocations); it holds across all requests of a call.
MAX_PENDING = 100
# Far below the 4 MB that a gRPC client takes by default.
_MAX_RESPONSE = 1024 * 1024
Context = Any  # grpc.aio.ServicerContext[pb.FetchRequest, pb.FetchResponse]; its stubs know no read() with EOF


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose call it is: the org it was made to and the token it was made with."""

    org: Org
    token: str


class Subscription:
    """`run` serves the call to its end; it raises Refused where the platform ends the call with an error."""

    def __init__(self, caller: Caller, context: Context, current: Callable[[], Org]) -> None:
        self._org, self._token, self._context, self._current = caller.org, caller.token, context, current
        self._loop = asyncio.get_running_loop()
        self._kick = asyncio.Event()
        self._refusal: Refused | None = None
        self._finished = False
        self._drops, self._keepalives = self._org.mischief.drops, self._org.mischief.keepalives
        self._spoke = self._loop.time()
        self.pending, self.position, self.topic = 0, 0, ""
        self._entities: frozenset[str] = frozenset()

    async def run(self) -> None:
        first = await self._context.read()
        if first is EOF:
            return
        self._open(first)
        log = self._org.changes
        log.listeners.append(self._wake)
        self._org.streams.append(self)
        await self._context.send_initial_metadata(())  # tells the client that the subscription stands
        reading = asyncio.create_task(self._read_on())
        try:
            while not self._over():
                self._kick.clear()
                await self._deliver()
                if not self._over():
                    await self._rest()
        finally:
            reading.cancel()
            log.listeners.remove(self._wake)
            self._org.streams.remove(self)

    def _open(self, first: pb.FetchRequest) -> None:
        if not first.topic_name:
            raise errors.topic_empty()
        entities = self._org.changes.channels.resolve(first.topic_name)
        if entities is None:
            raise errors.topic_not_found(first.topic_name)
        self.topic, self._entities = first.topic_name, entities
        if first.replay_preset == pb.CUSTOM:
            if not first.replay_id:
                raise errors.replay_id_missing()
            self.position = self._org.changes.position_of(first.replay_id)
        elif first.replay_preset == pb.LATEST:
            self.position = self._org.changes.tip()
        self._ask(first)

    def _ask(self, request: pb.FetchRequest) -> None:
        if request.topic_name and request.topic_name != self.topic:
            raise errors.topic_mismatch()
        if request.num_requested <= 0:
            raise errors.requested_events_invalid()
        self.pending = min(MAX_PENDING, self.pending + request.num_requested)

    async def _read_on(self) -> None:
        """Takes further requests while the stream is served."""
        try:
            while (request := await self._context.read()) is not EOF:
                self._ask(request)
                self._kick.set()
            self._finished = True
        except Refused as refused:
            self._refusal = refused
        self._kick.set()

    def _over(self) -> bool:
        """Whether the call has ended well; raises Refused where it has not."""
        if self._refusal is not None:
            raise self._refusal
        if self._current() is not self._org or self._org.mischief.drops != self._drops:
            raise errors.stream_reset()
        if not self._org.auth.alive(self._token):
            raise errors.auth_error()
        idle = self._loop.time() - self._spoke >= self._org.settings.pubsub_idle
        return self.pending == 0 and (self._finished or idle)

    async def _deliver(self) -> None:
        """Sends what is there, never more than was asked for."""
        while self.pending and not self._org.mischief.silent:
            found = self._org.changes.read(self._entities, self.position, self.pending)
            if not found:
                break
            batch = _fitting(found)
            self.pending -= len(batch)
            self.position = batch[-1].position
            await self._send([self._event(one) for one in batch])
        if self._keepalive_due() and not self._org.mischief.silent:
            self._keepalives = self._org.mischief.keepalives
            self.position = self._org.changes.tip()
            await self._send([])

    def _keepalive_due(self) -> bool:
        """The keepalive is sent where events are owed and there are none."""
        ordered = self._org.mischief.keepalives != self._keepalives
        late = self._loop.time() - self._spoke >= self._org.settings.pubsub_keepalive
        return self.pending > 0 and (ordered or late)

    async def _rest(self) -> None:
        """Waits for a commit, a request, an order of the test, or the next keepalive."""
        settings = self._org.settings
        patience = settings.pubsub_keepalive if self.pending else settings.pubsub_idle
        left = patience - (self._loop.time() - self._spoke)
        try:
            await asyncio.wait_for(self._kick.wait(), max(left, 0.001) if not self._org.mischief.silent else None)
        except TimeoutError:
            return

    async def _send(self, events: list[pb.ConsumerEvent]) -> None:
        latest = self._org.changes.replay_id(self.position)
        await self._context.write(
            pb.FetchResponse(
                events=events, latest_replay_id=latest, rpc_id=str(uuid4()), pending_num_requested=self.pending
            )
        )
        self._spoke = self._loop.time()

    def _event(self, one: Stored) -> pb.ConsumerEvent:
        event = pb.ProducerEvent(id=one.id, schema_id=one.schema.id, payload=one.payload)
        return pb.ConsumerEvent(event=event, replay_id=self._org.changes.replay_id(one.position))

    def _wake(self) -> None:
        """Called from whatever thread commits."""
        self._loop.call_soon_threadsafe(self._kick.set)


def _fitting(found: list[Stored]) -> list[Stored]:
    """As many events as one response should hold, at least one."""
    size, batch = 0, list[Stored]()
    for one in found:
        size += len(one.payload)
        if batch and size > _MAX_RESPONSE:
            break
        batch.append(one)
    return batch
