"""The only door to Kafka: `schemas.log.Log` on confluent-kafka transactions; it never looks into a record.

Exactly once rests on four things here: one transactional id per instance (a successor fences its predecessor), offsets
sent with the group's metadata (a member of an older generation cannot commit), records flushed *before* the offsets are
sent (so what a new owner restores includes every batch that can still commit), and readers that see committed records.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from schemas.log import Aborted, Fenced, Listener, LogError, Output, Partition, Record, Unreachable

log = logging.getLogger(__name__)

Conf = Mapping[str, str | int | float | bool]
TXN_TIMEOUT_MS = 30_000  # an abandoned transaction blocks its readers for at most this long
COMMIT_PATIENCE_S = 60.0
FENCED = {KafkaError._FENCED, KafkaError.FENCED_INSTANCE_ID, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED}  # noqa: SLF001, E501
QUIET = {KafkaError._PARTITION_EOF, KafkaError._MAX_POLL_EXCEEDED}  # noqa: SLF001
CONSUMER: Conf = {
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "isolation.level": "read_committed",
    "partition.assignment.strategy": "cooperative-sticky",
    "session.timeout.ms": 10_000,
    "heartbeat.interval.ms": 2_000,
    "max.poll.interval.ms": 600_000,  # a long restore happens between two polls
    "fetch.wait.max.ms": 50,
    "queued.max.messages.kbytes": 16_384,
}
PRODUCER: Conf = {
    "partitioner": "murmur2_random",  # as Java clients do, so that theirs and ours agree on a key's partition
    "linger.ms": 5,
    "queue.buffering.max.messages": 1_000_000,
    "transaction.timeout.ms": TXN_TIMEOUT_MS,
}


def _complain(error: KafkaError) -> None:
    log.warning("kafka: %s", error.str())


class Transactions:
    """A transactional producer: what `commit` writes appears all at once or never."""

    def __init__(self, conf: Conf, transactional_id: str) -> None:
        self._id = transactional_id
        self._producer = Producer({**PRODUCER, **conf, "transactional.id": transactional_id, "error_cb": _complain})
        try:
            self._producer.init_transactions(COMMIT_PATIENCE_S)
        except KafkaException as error:
            raise Unreachable(f"no transaction could be prepared for {transactional_id}: {error}") from error

    def commit(
        self, outputs: Sequence[Output], offsets: Sequence[TopicPartition] = (), group: object | None = None
    ) -> dict[Partition, int]:
        """Write, and move the group; returns the next offset of each explicitly numbered partition written to."""
        ends: dict[Partition, int] = {}
        try:
            self._producer.begin_transaction()
            self._produce(outputs, ends)
            self._patiently(lambda: self._flushed())
            if offsets:
                self._patiently(
                    lambda: self._producer.send_offsets_to_transaction(list(offsets), group, COMMIT_PATIENCE_S)
                )
            self._patiently(lambda: self._producer.commit_transaction(COMMIT_PATIENCE_S))
        except KafkaException as error:
            self._abort(error)
        return ends

    def _produce(self, outputs: Sequence[Output], ends: dict[Partition, int]) -> None:
        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is None:
                end = Partition(str(message.topic()), int(message.partition() or 0))
                ends[end] = int(message.offset() or 0) + 1

        last = {(output.topic, output.partition): nth for nth, output in enumerate(outputs) if output.partition is not None}
        watched = set(last.values())
        for nth, output in enumerate(outputs):
            extra: dict[str, Any] = {"on_delivery": delivered} if nth in watched else {}
            if output.partition is not None:
                extra["partition"] = output.partition
            if output.headers:
                extra["headers"] = output.headers
            while True:
                try:
                    self._producer.produce(output.topic, output.value, output.key, **extra)
                    break
                except BufferError:
                    self._producer.poll(0.1)

    def _flushed(self) -> None:
        if self._producer.flush(COMMIT_PATIENCE_S):
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "records are still waiting to be sent"))  # noqa: SLF001

    @staticmethod
    def _patiently(call: Callable[[], object]) -> None:
        deadline = time.monotonic() + COMMIT_PATIENCE_S
        while True:
            try:
                call()
            except KafkaException as error:
                if not error.args[0].retriable() or time.monotonic() > deadline:
                    raise
                log.warning("kafka: again, because %s", error)
            else:
                return

    def _abort(self, error: KafkaException) -> None:
        """Undo the open transaction and raise what the caller must do: stop (`Fenced`) or go back (`Aborted`)."""
        cause: KafkaError = error.args[0]
        if not cause.fatal() and cause.code() not in FENCED:
            try:
                self._patiently(lambda: self._producer.abort_transaction(COMMIT_PATIENCE_S))
            except KafkaException as worse:
                cause = worse.args[0]
            else:
                raise Aborted(cause.str()) from error
        if cause.code() in FENCED:
            raise Fenced(
                f"another instance of {self._id} has taken over ({cause.str()}). Remedy: run only one; this one stops."
            ) from error
        raise LogError(f"{self._id} cannot go on: {cause.str()}") from error


class Reader:
    """Reads committed records of single partitions up to their end; it belongs to no group."""

    def __init__(self, conf: Conf) -> None:
        self._conf = conf
        self._admin = AdminClient(dict(conf))

    def read(self, partition: Partition, start: int = 0) -> Iterator[Record]:
        """From `start` (or the oldest kept) up to the end as of now, an open transaction at the end included.

        The end is asked for uncommitted: a reader of committed records stops short of an open transaction, whose
        owner may have committed its offsets already. So it is waited for, until it is decided or times out.
        """
        spot = TopicPartition(*partition)
        listed = self._admin.list_offsets({spot: OffsetSpec.latest()}, isolation_level=IsolationLevel.READ_UNCOMMITTED)
        end = listed[spot].result().offset
        if start >= end:
            return
        consumer = Consumer({**CONSUMER, **self._conf, "group.id": "tandem-reader", "enable.partition.eof": True})
        try:
            consumer.assign([TopicPartition(*partition, start or OFFSET_BEGINNING)])
            at = start
            while at < end:
                for message in consumer.consume(5000, 0.5):
                    error = message.error()
                    if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001
                        raise KafkaException(error)
                    at = int(message.offset() or 0) + (error is None)
                    if error is None and at <= end:
                        yield _record(message)
        finally:
            consumer.close()


class KafkaJournal:
    """Transactions and a memory for one source (`schemas.log.Journal`): a second one of the name fences the first."""

    def __init__(self, conf: Conf, name: str) -> None:
        self._transactions = Transactions(conf, f"tandem.{name}")
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

    def __init__(self, conf: Conf, group: str, topic: str, instance: str) -> None:
        self._conf, self._topic = conf, topic
        self._transactions = Transactions(conf, f"tandem.{group}.{instance}")
        self._reader = Reader(conf)
        self._consumer = Consumer(
            {**CONSUMER, **conf, "group.id": f"tandem.{group}", "group.instance.id": instance, "error_cb": _complain}
        )
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
                records.append(_record(message))
            elif error.code() in FENCED:
                raise Fenced(f"another instance has taken over: {error.str()}. Remedy: give each worker its own name.")
            elif error.code() not in QUIET and not error.retriable():
                raise LogError(f"{self._topic}: {error.str()}")
        self._started = {}
        for record in records:
            self._started.setdefault(Partition(record.topic, record.partition), record.offset)
        if self._rebalanced and records:
            self._go_back()
            return []
        return records

    def _consume(self, limit: int, timeout: float) -> list[Message]:
        if limit > 0:
            return self._consumer.consume(limit, timeout)
        held = self._consumer.assignment()
        self._consumer.pause(held)
        try:
            return self._consumer.consume(1, timeout)
        finally:
            self._consumer.resume([spot for spot in held if spot in self._consumer.assignment()])

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
            self._go_back()
            raise

    def restore(self, partition: Partition, start: int = 0) -> Iterator[Record]:
        """The committed records up to the end as of now."""
        return self._reader.read(partition, start)

    def identity(self, topic: str) -> str:
        """The topic's id where the broker tells it, else its name."""
        return topic_identity(self._conf, topic)

    def close(self) -> None:
        """Leave the group at once; nothing uncommitted is kept."""
        with suppress(RuntimeError):  # closed already
            self._consumer.close()


def _record(message: Message) -> Record:
    return Record(
        str(message.topic()),
        int(message.partition() or 0),
        int(message.offset() or 0),
        message.key(),
        message.value(),
        message.headers() or [],
        message.timestamp()[1],
    )
