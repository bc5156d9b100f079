"""The ledger on a broker: each committed record once, whatever is killed; aborted ones never."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from schemas.topics import Topic
from tandem.broker import EmbeddedBroker
from tandem.kafka.admin import Admin
from tandem.kafka.following import Following
from tandem.kafka.log import KafkaJournal
from tandem.kafka.reader import Reader
from tandem.ledger.feed import fed
from tandem.ledger.follow import Follower
from tandem.ledger.queries import Role, status
from tandem.ledger.reading import of_one_life
from tandem.ledger.rebuild import rebuild
from tandem.ledger.store import Store
from tests.unit.tandem.ledger.test_exactly_once import everything
from tests.unit.tandem.ledger.world import SINKS, changed, letter, opened_at, reported, told, write

PATIENCE_S = 60
FEEDER = """
import sys, threading
from datetime import UTC, datetime
from tandem.kafka.following import Following
from tandem.kafka.reader import Reader
from tandem.ledger.follow import Follower
from tandem.ledger.store import opened
bootstrap, url, port_file, *names = sys.argv[1:]
conf = {"bootstrap.servers": bootstrap}
from pathlib import Path
from tandem.ledger.reading import of_one_life
identity = of_one_life(Path(port_file)) if port_file else Reader(conf).identity
Follower(opened(url), Following(conf, names, identity), lambda: datetime.now(UTC), batch=20).run(threading.Event())
"""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def topics(broker) -> list[Topic]:
    found = list(fed(SINKS))
    Admin({"bootstrap.servers": broker.bootstrap}, 2, 1).ensure(found)
    return found


@pytest.fixture
def feed(conf, broker, topics):
    def make() -> Following:
        port_file = port_file_of(broker)
        identity = of_one_life(Path(port_file)) if port_file else Reader(conf).identity
        return Following(conf, [topic.name for topic in topics], identity)

    return make


def port_file_of(broker) -> str:
    return str(broker.data / "port") if isinstance(broker, EmbeddedBroker) else ""


@pytest.fixture
def store(tmp_path) -> Store:
    return opened_at(tmp_path / "ledger.db")


def caught_up(store: Store, feed: Following) -> Follower:
    """Feed up to where the topics end now."""
    follower = Follower(store, feed, now)
    follower.start()
    ends, deadline = feed.extents(), time.monotonic() + PATIENCE_S
    while any(follower.reached[spot] < extent.end for spot, extent in ends.items()):
        follower.turn(0.2)
        assert time.monotonic() < deadline, "the topics were not read to their end"
    return follower


def ids_in(store: Store, table: str, where: str = "true") -> set[str]:
    with store.reading() as connection:
        return set(connection.scalars(text(f"SELECT id FROM {table} WHERE {where}")))


def test_a_ledger_is_fed_from_the_broker_and_then_not_behind_it(conf, ids, feed, store, name):
    journal = KafkaJournal(conf, name, ids)
    journal.commit([told(message) for message in everything()], {})
    follower = caught_up(store, feed())
    assert follower.fed >= len(everything())
    assert ids_in(store, "write") >= {write("1").id}
    with store.reading() as connection:
        found = status(connection, "here", [Role("our-crm", "source", "us")], now(), feed().extents())
    assert found.ledger.behind <= 2, "the ends of transactions that moved no record are saved a second later"


def test_a_second_start_reads_nothing_twice(conf, ids, feed, store, name):
    journal = KafkaJournal(conf, name, ids)
    journal.commit([told(letter(name))], {})
    caught_up(store, feed())
    assert caught_up(store, feed()).fed == 0


def test_a_rebuild_from_the_broker_is_the_ledger_again(conf, ids, feed, store, name):
    journal = KafkaJournal(conf, name, ids)
    journal.commit([told(changed(name)), told(reported())], {})
    caught_up(store, feed())
    tables = ("change", "write", "outcome", "decision", "dead_letter")
    before = {table: ids_in(store, table) for table in tables}
    rebuild(store, feed(), now)
    assert {table: ids_in(store, table) for table in tables} == before


def test_whatever_is_killed_each_record_is_fed_once(conf, broker, ids, topics, store, name, feed):
    """A dead letter counts how often it came, so that one fed twice would show."""
    chance, journal = random.Random(7), KafkaJournal(conf, name, ids)
    names = [topic.name for topic in topics]
    command = [sys.executable, "-W", "ignore", "-c", FEEDER, broker.bootstrap, f"sqlite:///{store.path}"]
    letters = [letter(f"{name}-{number}") for number in range(150)]
    for round_ in range(3):
        process = subprocess.Popen([*command, port_file_of(broker), *names])
        for start in range(round_ * 50, round_ * 50 + 50, 10):
            journal.commit([told(each) for each in letters[start : start + 10]], {})
        arrives(store, letters[round_ * 50].id, process)
        time.sleep(chance.random() * 0.3)  # where it is killed is left to chance
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    caught_up(store, feed())
    with store.reading() as connection:
        counted = dict(connection.execute(text("SELECT id, times FROM dead_letter")).all())
    assert {each.id: counted.get(each.id) for each in letters} == {each.id: 1 for each in letters}


def arrives(store: Store, letter_id: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not (store.path.exists() and is_there(store, letter_id)):
        assert process.poll() is None, "the feeder ended by itself"
        assert time.monotonic() < deadline, "the feeder fed nothing"
        time.sleep(0.05)


def is_there(store: Store, letter_id: str) -> bool:
    with store.reading() as connection:
        made = connection.scalar(text("SELECT count(*) FROM sqlite_master WHERE name = 'dead_letter'"))
        asked = text("SELECT count(*) FROM dead_letter WHERE id = :id")
        return bool(made and connection.scalar(asked, {"id": letter_id}))
