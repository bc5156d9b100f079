"""Follows whole topics from their beginning, for those who watch; it belongs to no group and commits nothing."""

from collections.abc import Iterable, Iterator

from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from schemas.log import LogError, Record
from tandem.kafka.conf import Conf, consumer
from tandem.kafka.reader import as_record


class Tail:
    """Committed records of topics that exist, oldest first within a partition."""

    def __init__(self, conf: Conf, topics: Iterable[str]) -> None:
        self._client = consumer(conf, group_id="tandem-tail")
        found = self._client.list_topics(timeout=15).topics
        spots = [(name, number) for name in topics for number in found[name].partitions]
        self._client.assign([TopicPartition(name, number, OFFSET_BEGINNING) for name, number in spots])

    def read(self, timeout: float) -> Iterator[Record]:
        """What has come since the last call, waiting at most `timeout` seconds for the first."""
        for message in self._client.consume(2000, timeout):
            error = message.error()
            if error is None:
                yield as_record(message)
            elif not error.retriable():
                raise LogError(error.str())

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
