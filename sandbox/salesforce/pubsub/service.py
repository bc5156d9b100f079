"""The Pub/Sub API on a gRPC socket: who may call, topics, schemas, subscriptions; it makes no events itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn
from uuid import uuid4

import grpc
import grpc.aio

from connectors.salesforce.pubsub import pubsub_api_pb2 as pb
from connectors.salesforce.pubsub.pubsub_api_pb2_grpc import PubSubServicer, add_PubSubServicer_to_server

from .. import ids
from ..errors import SalesforceError
from ..org import Org
from . import errors
from .errors import PREFIX, Refused
from .stream import Caller, Context, Subscription


class PubSub(PubSubServicer):
    """Publish, PublishStream and ManagedSubscribe are not emulated: gRPC answers UNIMPLEMENTED for them."""

    def __init__(self, current: Callable[[], Org]) -> None:
        self._current = current

    async def Subscribe(self, _: Any, context: Context) -> None:  # noqa: N802 - the contract's name
        try:
            caller = self._caller("Subscribe", context)
            await Subscription(caller, context, self._current).run()
        except Refused as refused:
            await _end(context, refused)

    async def GetTopic(self, request: pb.TopicRequest, context: Context) -> pb.TopicInfo:  # noqa: N802
        try:
            return self._topic(self._caller("GetTopic", context).org, request.topic_name)
        except Refused as refused:
            await _end(context, refused)

    async def GetSchema(self, request: pb.SchemaRequest, context: Context) -> pb.SchemaInfo:  # noqa: N802
        try:
            org = self._caller("GetSchema", context).org
            found = org.changes.schema_by_id(request.schema_id)
            if found is None:
                raise errors.schema_missing()
            return pb.SchemaInfo(schema_json=found.json, schema_id=found.id, rpc_id=str(uuid4()))
        except Refused as refused:
            await _end(context, refused)

    def _topic(self, org: Org, topic: str) -> pb.TopicInfo:
        """The schema id is that of the one object of a topic; a channel of several objects has none."""
        if not topic:
            raise errors.topic_empty()
        channels = org.changes.channels
        if channels.resolve(topic) is None:
            raise errors.topic_not_found(topic)
        sobject = channels.object_of(topic.rpartition("/")[2])
        schema_id = org.changes.schema_of(org.schema.require(sobject)).id if sobject else ""
        return pb.TopicInfo(
            topic_name=topic, tenant_guid=f"core/tandem/{org.id}", can_publish=False, can_subscribe=True,
            schema_id=schema_id, rpc_id=str(uuid4()),
        )  # fmt: skip

    def _caller(self, rpc: str, context: Context) -> Caller:
        """The session of a call by its metadata; raises Refused."""
        given = {name: str(value) for name, value in context.invocation_metadata()}
        for name in ("accesstoken", "instanceurl", "tenantid"):
            if not given.get(name, "").strip():
                raise errors.auth_headers_invalid(name)
        if not given["instanceurl"].startswith(("http://", "https://")):
            raise errors.auth_headers_invalid("instanceurl")
        org = self._current()
        if ids.normalise(given["tenantid"]) != org.id:
            raise errors.auth_error()
        try:
            org.auth.check(f"Bearer {given['accesstoken']}")
        except SalesforceError:
            raise errors.auth_error() from None
        org.mischief.refuse(rpc)
        return Caller(org, given["accesstoken"])


async def _end(context: Context, refused: Refused) -> NoReturn:
    """The error code and the id of the call are in the trailers; the id is in the words, too."""
    rpc_id = str(uuid4())
    trailers = (("error-code", PREFIX + refused.code), ("rpc-id", rpc_id)) if refused.code else ()
    await context.abort(refused.status, f"{refused.message} rpcId: {rpc_id}", trailers)
    raise AssertionError("abort returned")


async def start(current: Callable[[], Org], host: str, port: int) -> tuple[grpc.aio.Server, int]:
    """A listening server and its port; port 0 takes a free one. Raises OSError for a port that is taken."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    add_PubSubServicer_to_server(PubSub(current), server)
    try:
        bound = server.add_insecure_port(f"{host}:{port}")
    except RuntimeError as taken:
        raise OSError(f"pub/sub port {port} on {host} cannot be had: {taken}") from taken
    await server.start()
    return server, bound
