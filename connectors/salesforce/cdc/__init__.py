"""Change Data Capture: from a gRPC stream of events to changes with whole records; nothing here writes to Salesforce."""
