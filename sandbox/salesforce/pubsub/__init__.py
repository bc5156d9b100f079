"""Change Data Capture and the Pub/Sub API of the emulated org: what was committed, as events on a gRPC stream."""
