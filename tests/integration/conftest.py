"""Each test of the suite runs on every broker: the embedded one, and a real Apache Kafka (marked `kafka`)."""

import uuid
from collections.abc import Iterator

import pytest

from schemas.topics import Cleanup, Topic
from tandem.broker import EmbeddedBroker
from tandem.kafka.admin import Admin
from tandem.kafka.transactions import Ids, stable
from tests.support.brokers import Broker, embedded, real_kafka

MAKERS = {"embedded": embedded, "kafka": real_kafka}


@pytest.fixture(scope="session", params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    found = MAKERS[request.param](tmp_path_factory.mktemp(request.param))
    found.start()
    yield found
    found.stop()


@pytest.fixture
def conf(broker: Broker) -> dict[str, str | int]:
    return {"bootstrap.servers": broker.bootstrap, "session.timeout.ms": 6000, "heartbeat.interval.ms": 1000}


@pytest.fixture
def ids(broker: Broker) -> Ids:
    """How transactional ids are chosen on this broker."""
    return broker.transactional_ids if isinstance(broker, EmbeddedBroker) else stable


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"t-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def make_topic(conf, name):
    def make(suffix: str, partitions: int = 2, cleanup: Cleanup = Cleanup.DELETE) -> str:
        topic = Topic(f"{name}.{suffix}", "key", "", (), cleanup)
        Admin(conf, partitions, 1).ensure([topic])
        return topic.name

    return make
