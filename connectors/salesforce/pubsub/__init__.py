"""The vendor's Pub/Sub API contract (package `eventbus.v1`) and the stubs made from it; it holds no behaviour.

`pubsub_api.proto` is the vendor's published contract (forcedotcom/pub-sub-api, CC0): names, types and field numbers
are the wire. The two `_pb2` modules are generated; the proto's first line says how.
"""
