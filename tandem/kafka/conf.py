"""The client settings on which exactly once rests, and how a client is made of them; nothing here decides anything."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient

from tandem.settings import ConfigError

log = logging.getLogger("tandem.kafka")

Client = TypeVar("Client")
Value = str | int | float | bool
Conf = Mapping[str, Value]
TXN_TIMEOUT_MS = 30_000  # an abandoned transaction blocks its readers for at most this long
COMMIT_PATIENCE_S = 20.0
FENCED = {
    KafkaError._FENCED,
    KafkaError.FENCED_INSTANCE_ID,
    KafkaError.PRODUCER_FENCED,
}
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


def consumer(conf: Conf, **own: Value) -> Consumer:
    """A consumer; `own` settings are written with underscores for dots."""
    return _made(Consumer, _complete(CONSUMER, _without(conf, PRODUCER), _dotted(own)))


def producer(conf: Conf, **own: Value) -> Producer:
    """A producer; `own` settings are written with underscores for dots."""
    return _made(Producer, _complete(PRODUCER, _without(conf, CONSUMER), _dotted(own)))


def admin(conf: Conf) -> AdminClient:
    """An administrator's client."""
    return _made(AdminClient, _complete(_without(_without(conf, PRODUCER), CONSUMER)))


def rest(client: Consumer, seconds: float) -> list[Message]:
    """Fetch nothing for so long and keep the membership; what had come already is handed on."""
    held = client.assignment()
    client.pause(held)
    try:
        return client.consume(1, seconds)
    finally:
        client.resume([spot for spot in held if spot in client.assignment()])


def _made(client: Callable[..., Client], conf: dict[str, Any]) -> Client:
    try:
        return client(conf, logger=log)
    except KafkaException as error:
        raise ConfigError(f"[kafka.options] cannot be used: {error.args[0].str()}. Remedy: correct it.") from error


def _complete(*parts: Conf) -> dict[str, Any]:
    """All parts as one, later ones winning, and who hears of the client's troubles."""
    return {name: value for part in parts for name, value in part.items()} | {"error_cb": _complain}


def _without(conf: Conf, others: Conf) -> dict[str, Value]:
    return {name: value for name, value in conf.items() if name not in others}


def _dotted(own: Conf) -> dict[str, Value]:
    return {name.replace("_", "."): value for name, value in own.items()}


def _complain(error: KafkaError) -> None:
    log.warning("%s", error.str())
