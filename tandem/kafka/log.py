"""`schemas.log.Log` and `Journal` on Kafka transactions.

Exactly once rests on four things: one transactional id per instance (a successor fences its predecessor), offsets sent
with the group's metadata (a member of an older generation cannot commit), records flushed *before* the offsets are sent
(so what a new owner restores includes every batch that can still commit), and readers that see committed records only.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition

from schemas.log import Aborted, Fenced, Listener, LogError, Output, Partition, Record
from tandem.kafka.conf import FENCED, Conf, consumer, rest
from tandem.kafka.reader import PATIENCE_S, Reader, as_record
from tandem.kafka.transactions import Ids, Transactions, stable


def group_id(name: str) -> str:
    """The consumer group of a lane or a sink."""
    return f"tandem.{name}"


class KafkaJournal:
    """Transactions and a memory for one source (`schemas.log.Journal`): a second one of the name fences the first."""

    def __init__(self, conf: Conf, name: str, ids: Ids = stable) -> None:
        self._transactions = Transactions(conf, f"tandem.{name}", ids)
        self._reader = Reader(conf)

    def commit(self, outputs: Sequence[Output], positions: Mapping[Partition, int]) -> dict[Partition, int]:
        """One transaction; a source has no positions in any topic."""
        return self._transactions.commit(outputs)

    def restore(self, partition: Partition, start: int = 0) -> Iterator[Record]:
        """The committed records up to the end as of now."""
        return self._reader.read(partition, start)

    def close(self) -> None:
        """Nothing is open between two commits."""


class KafkaLog:
    """One member of a consumer group, with its transactions (`schemas.log.Log`).

    `instance` names this worker for good (`stream-0`): started again under its name it takes its place at once, and a
    second one under the same name fences the first.
    """

    def __init__(self, conf: Conf, group: str, topic: str, instance: str, ids: Ids = stable) -> None:
        self._topic = topic
        self._transactions = Transactions(conf, f"tandem.{group}.{instance}", ids)
        self._reader = Reader(conf)
        self._consumer = consumer(conf, group_id=group_id(group), group_instance_id=instance)
        self._started: dict[Partition, int] = {}
        self._rebalanced = False

    def start(self, listener: Listener) -> None:
        """Join the group; the listener hears of partitions from within `poll`."""

        def assigned(_: Consumer, partitions: list[TopicPartition]) -> None:
            self._rebalanced = True
            listener.assigned([Partition(spot.topic, spot.partition) for spot in partitions])

        def revoked(_: Consumer, partitions: list[TopicPartition]) -> None:
            self._rebalanced = True
            listener.revoked([Partition(spot.topic, spot.partition) for spot in partitions])

        self._consumer.subscribe([self._topic], on_assign=assigned, on_revoke=revoked, on_lost=revoked)

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """At most `limit` records; none from a poll in which the assignment changed (they are read again)."""
        self._rebalanced = False
        records = []
        for message in self._consume(limit, timeout):
            error = message.error()
            if error is None:
                records.append(as_record(message))
            elif error.code() in FENCED:
                raise Fenced(f"another instance has taken over: {error.str()}. Remedy: give each worker its own name.")
            elif not error.retriable():
                raise LogError(f"{self._topic}: {error.str()}")
        firsts = {record.partition: record.offset for record in reversed(records)}
        self._started = {Partition(self._topic, number): offset for number, offset in firsts.items()}
        if self._rebalanced and records:
            self._go_back()
            return []
        return records

    def _consume(self, limit: int, timeout: float) -> list[Message]:
        return rest(self._consumer, timeout) if limit == 0 else self._consumer.consume(limit, timeout)

    def _go_back_to_committed(self) -> None:
        """Read on from the last committed positions: a sink may hold records from before the last poll."""
        try:
            for spot in self._consumer.committed(self._consumer.assignment(), PATIENCE_S):
                offset = spot.offset if spot.offset >= 0 else OFFSET_BEGINNING
                self._consumer.seek(TopicPartition(spot.topic, spot.partition, offset))
        except KafkaException as error:
            raise LogError(f"{self._topic}: the committed positions are not known: {error.args[0].str()}") from error

    def _go_back(self) -> None:
        """Read on from where the last poll started, as far as the partitions are still ours."""
        ours = {Partition(spot.topic, spot.partition) for spot in self._consumer.assignment()}
        for partition, offset in self._started.items():
            if partition in ours:
                self._consumer.seek(TopicPartition(*partition, offset))

    def commit(self, outputs: Sequence[Output], positions: Mapping[Partition, int]) -> dict[Partition, int]:
        """One transaction; see `schemas.log.Log`."""
        offsets = [TopicPartition(*partition, offset) for partition, offset in positions.items()]
        try:
            return self._transactions.commit(outputs, offsets, self._consumer.consumer_group_metadata())
        except Aborted:
            self._go_back_to_committed()
            raise

    def restore(self, partition: Partition, start: int = 0) -> Iterator[Record]:
        """The committed records up to the end as of now."""
        return self._reader.read(partition, start)

    def identity(self, topic: str) -> str:
        """The broker's own id of the topic."""
        return self._reader.identity(topic)

    def close(self) -> None:
        """Leave the group at once; nothing uncommitted is kept."""
        with suppress(RuntimeError):  # closed already
            self._consumer.close()
