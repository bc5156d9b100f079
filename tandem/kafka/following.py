"""Reads whole topics from given positions, for those who keep the positions themselves; it joins no group, commits nothing."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]

from schemas.log import LogError, Partition, Record, Unreachable, WrongTopic
from tandem.kafka.conf import Conf, admin, consumer
from tandem.kafka.reader import PATIENCE_S, as_record


class Extent(NamedTuple):
    """What a topic holds of one partition: from `first` up to, and without, `end`; `identity` is the topic's own."""

    identity: str
    first: int
    end: int


class Batch(NamedTuple):
    """What was read, and for each partition that moved the next offset to read."""

    records: list[Record]
    reached: dict[Partition, int]


class Following:
    """The committed records of some topics. `identity` tells a topic from one of its name that was made later."""

    def __init__(self, conf: Conf, topics: Iterable[str], identity: Callable[[str], str]) -> None:
        self._topics, self._identity = list(topics), identity
        self._admin = admin(conf)
        # An offset that is gone is an error here: who keeps the positions has to know of the gap.
        self._client = consumer(conf, group_id="tandem-following", enable_partition_eof=True, auto_offset_reset="error")

    def extents(self) -> dict[Partition, Extent]:
        """What there is to read now; control records at the end count, as they do for `Batch.reached`."""
        try:
            found = self._client.list_topics(timeout=PATIENCE_S).topics
        except KafkaException as error:
            raise Unreachable(f"the broker does not answer: {error.args[0].str()}") from error
        missing = [name for name in self._topics if name not in found]
        if missing:
            raise WrongTopic(f"there is no topic {', '.join(missing)}. Remedy: start `tandem up`, which makes them.")
        spots = [Partition(name, number) for name in self._topics for number in found[name].partitions]
        firsts, ends = self._offsets(spots, OffsetSpec.earliest()), self._offsets(spots, OffsetSpec.latest())  # type: ignore[no-untyped-call]
        identities = self.identities()
        return {spot: Extent(identities[spot.topic], firsts[spot], ends[spot]) for spot in spots}

    def identities(self) -> dict[str, str]:
        """What each topic is called by its broker."""
        return {name: self._identity(name) for name in self._topics}

    def _offsets(self, spots: Iterable[Partition], which: OffsetSpec) -> dict[Partition, int]:
        asked = {TopicPartition(*spot): which for spot in spots}
        listed = self._admin.list_offsets(asked, isolation_level=IsolationLevel.READ_COMMITTED)
        return {Partition(it.topic, it.partition): future.result(PATIENCE_S).offset for it, future in listed.items()}

    def assign(self, positions: Mapping[Partition, int]) -> None:
        """Read on from these offsets."""
        self._client.assign([TopicPartition(*spot, offset) for spot, offset in positions.items()])

    def poll(self, limit: int, timeout: float) -> Batch:
        """At most `limit` records, waiting at most `timeout` seconds."""
        batch = Batch([], {})
        for message in self._client.consume(limit, timeout):
            spot, error = Partition(str(message.topic()), int(message.partition() or 0)), message.error()
            if error is None:
                record = as_record(message)
                batch.records.append(record)
                batch.reached[spot] = record.offset + 1
            elif error.code() == KafkaError._PARTITION_EOF:
                batch.reached[spot] = int(message.offset() or 0)
            elif not error.retriable():
                raise LogError(f"{spot}: {error.str()}")
        return batch

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
