"""The process shell: command line, settings, Kafka, broker, telemetry; it never decides anything about a record."""
