"""What the AWS connectors share: access, calls, pace, errors and the queue of events; it is no connector itself."""
