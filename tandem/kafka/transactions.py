"""A transactional producer: what it commits appears all at once or never; it never decides what to do about a failure."""

import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicPartition

from schemas.log import Aborted, Fenced, LogError, Output, Partition, Unreachable
from tandem.kafka.conf import COMMIT_PATIENCE_S, FENCED, TXN_TIMEOUT_MS, Conf, producer

log = logging.getLogger(__name__)

ANY_PARTITION = -1  # the key decides
FLUSH_PATIENCE_S = 15.0
HARD_LIMIT_S = TXN_TIMEOUT_MS / 1000  # the broker has given a longer transaction up


@contextmanager
def _ending_in_time(transactional_id: str) -> Iterator[None]:
    """End the process if the block does not end in time.

    After a broker restart librdkafka 2.16 can wait in a transaction for ever, whatever timeout it is given (its issue
    5511). Whoever dies here is started again and goes on where it stopped; whoever waits holds its partitions for ever.
    """

    def die() -> None:
        log.critical("%s: a transaction did not end within %.0f s; ending the process", transactional_id, HARD_LIMIT_S)
        logging.shutdown()
        os._exit(1)

    timer = threading.Timer(HARD_LIMIT_S, die)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Ids(Protocol):
    """Which transactional id an instance uses."""

    def __call__(self, name: str) -> tuple[str | None, str]:
        """The id to use, and before it the one that is retired by this start, if any."""


def stable(name: str) -> tuple[None, str]:
    """The same id at every start, so that an instance fences its predecessor. What every real Kafka is for."""
    return None, name


class Transactions:
    """A transactional producer: what `commit` writes appears all at once or never."""

    def __init__(self, conf: Conf, name: str, ids: Ids = stable) -> None:
        retired, self._id = ids(name)
        self._single_use = self._id != name
        if retired is not None:
            self._prepared(conf, retired)  # ends what a predecessor left open
        self._producer = self._prepared(conf, self._id)

    def _prepared(self, conf: Conf, transactional_id: str) -> Producer:
        made = producer(conf, transactional_id=transactional_id)
        try:
            with _ending_in_time(transactional_id):
                self._patiently(lambda: made.init_transactions(COMMIT_PATIENCE_S))
        except KafkaException as error:
            raise Unreachable(f"no transaction could be prepared for {transactional_id}: {error}") from error
        return made

    def commit(
        self, outputs: Sequence[Output], offsets: Sequence[TopicPartition] = (), group: object | None = None
    ) -> dict[Partition, int]:
        """Write, and move the group; returns the next offset of each explicitly numbered partition written to."""
        ends: dict[Partition, int] = {}
        with _ending_in_time(self._id):
            self._commit(outputs, offsets, group, ends)
        return ends

    def _commit(
        self, outputs: Sequence[Output], offsets: Sequence[TopicPartition], group: object, ends: dict[Partition, int]
    ) -> None:
        try:
            self._producer.begin_transaction()
            self._produce(outputs, ends)
            self._flush()
            if offsets:
                self._patiently(
                    lambda: self._producer.send_offsets_to_transaction(list(offsets), group, COMMIT_PATIENCE_S)
                )
            self._patiently(lambda: self._producer.commit_transaction(COMMIT_PATIENCE_S))
        except KafkaException as error:
            self._abort(error)

    def _produce(self, outputs: Sequence[Output], ends: dict[Partition, int]) -> None:
        """Hand everything to the client: messages one by one, rows of a changelog (no headers) in batches."""
        rows: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
        for output in outputs:
            topic, key, value, headers, number = output
            if number is None or headers:
                self._send(output)
            else:
                rows[topic, number].append({"key": key, "value": value})

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is None:
                spot = Partition(str(message.topic()), int(message.partition() or 0))
                ends[spot] = int(message.offset() or 0) + 1

        for (topic, number), batch in rows.items():
            batch[-1]["callback"] = delivered
            self._send_rows(topic, number, batch)

    def _send(self, output: Output) -> None:
        number = ANY_PARTITION if output.partition is None else output.partition
        headers: Any = output.headers or []
        while True:
            try:
                self._producer.produce(output.topic, output.value, output.key, number, headers=headers)
            except BufferError:
                self._producer.poll(0.1)
            else:
                return

    def _send_rows(self, topic: str, number: int, batch: list[dict[str, Any]]) -> None:
        """`produce_batch` takes what fits and marks the rest, which is offered again once there is room."""
        while batch:
            self._producer.produce_batch(topic, batch, partition=number)
            refused = [(row, row.pop("_error")) for row in batch if "_error" in row]
            for _, error in refused:
                if error.code() != KafkaError._QUEUE_FULL:
                    raise KafkaException(error)
            batch = [row for row, _ in refused]
            if batch:
                self._producer.poll(0.1)

    def _flush(self) -> None:
        if self._producer.flush(FLUSH_PATIENCE_S):
            raise LogError(f"{self._id}: the broker took nothing for {FLUSH_PATIENCE_S:.0f} s; starting again")

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
        if not cause.fatal() and cause.code() not in FENCED and not self._single_use:
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
