"""Types of the generated service; kept by hand, for the generator writes none."""

import grpc
import grpc.aio

from connectors.salesforce.pubsub import pubsub_api_pb2 as pb

class PubSubStub:
    Subscribe: grpc.StreamStreamMultiCallable[pb.FetchRequest, pb.FetchResponse]
    GetSchema: grpc.UnaryUnaryMultiCallable[pb.SchemaRequest, pb.SchemaInfo]
    GetTopic: grpc.UnaryUnaryMultiCallable[pb.TopicRequest, pb.TopicInfo]
    Publish: grpc.UnaryUnaryMultiCallable[pb.PublishRequest, pb.PublishResponse]
    PublishStream: grpc.StreamStreamMultiCallable[pb.PublishRequest, pb.PublishResponse]
    ManagedSubscribe: grpc.StreamStreamMultiCallable[pb.ManagedFetchRequest, pb.ManagedFetchResponse]
    def __init__(self, channel: grpc.Channel) -> None: ...

class PubSubServicer: ...

def add_PubSubServicer_to_server(servicer: PubSubServicer, server: grpc.Server | grpc.aio.Server) -> None: ...  # noqa: N802
