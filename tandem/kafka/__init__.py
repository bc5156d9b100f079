"""The only door to Kafka: logs, transactions and topics on confluent-kafka; it never looks into a record."""
