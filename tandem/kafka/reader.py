"""Reads single partitions up to their end, for restoring state; it belongs to no group and commits nothing."""

import secrets
from collections.abc import Iterator
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]

from schemas.log import Partition, Record
from tandem.kafka.conf import Conf, admin, consumer

PATIENCE_S = 15.0
NO_ID = "A" * 22  # sixteen zero bytes in base64


class Reader:
    """Reads committed records of single partitions up to their end; it belongs to no group."""

    def __init__(self, conf: Conf) -> None:
        self._conf = conf
        self._admin = admin(conf)

    def read(self, partition: Partition, start: int = 0) -> Iterator[Record]:
        """From `start` (or the oldest kept) up to the end as of now, an open transaction at the end included.

        The end is asked for uncommitted: a reader of committed records stops short of an open transaction, whose
        owner may have committed its offsets already. So it is waited for, until it is decided or times out.
        """
        spot = TopicPartition(*partition)
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        listed = self._admin.list_offsets({spot: latest}, isolation_level=IsolationLevel.READ_UNCOMMITTED)
        end = listed[spot].result().offset
        if start >= end:
            return
        client = consumer(self._conf, group_id="tandem-reader", enable_partition_eof=True)
        try:
            client.assign([TopicPartition(*partition, start or OFFSET_BEGINNING)])
            at = start
            while at < end:
                for message in client.consume(5000, 0.5):
                    error = message.error()
                    if error is not None and error.code() != KafkaError._PARTITION_EOF:
                        raise KafkaException(error)
                    at = int(message.offset() or 0) + (error is None)
                    if error is None and at <= end:
                        yield as_record(message)
        finally:
            client.close()

    def identity(self, topic: str) -> str:
        """The broker's own id of a topic: one that was made anew has another id.

        For a broker that gives none, another one at each call: what was cached of the topic cannot be trusted then.
        """
        described = self._admin.describe_topics(TopicCollection([topic]))[topic].result(PATIENCE_S)
        found = str(described.topic_id)
        return secrets.token_hex(16) if found == NO_ID else found


def as_record(message: Message) -> Record:
    """A client's message as a record."""
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    headers: Any = message.headers() or []
    return Record(topic, partition, offset, message.key(), message.value(), headers, message.timestamp()[1])  # type: ignore[arg-type]
