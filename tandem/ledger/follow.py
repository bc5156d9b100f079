"""Feeds the ledger from the topics, exactly once: rows and positions in one transaction; it publishes nothing.

Whatever dies, a batch is in the ledger with its positions or not at all, and the next start reads on from them. Two
followers cannot feed a record twice: each holds the positions it moves, and goes back when another has moved them.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from schemas.log import Partition, Record
from tandem.kafka.following import Batch
from tandem.ledger import tables
from tandem.ledger.actions import Action, Step, Verb, perform
from tandem.ledger.feed import steps, unreadable
from tandem.ledger.migrating import migrate
from tandem.ledger.positions import Displaced, Spot, hold, move, place
from tandem.ledger.reading import Feed
from tandem.ledger.store import Store

log = logging.getLogger(__name__)

BEAT = timedelta(seconds=5)  # so often the feeder says that it is alive, when there is nothing to feed
SETTLE = timedelta(seconds=1)  # so long a position waits that moved without a record (the end of a transaction)
LOOK = timedelta(seconds=30)  # so often it looks whether a topic was made anew
PUT_FEEDER = Action(Verb.PUT, tables.Feeder)
# What a database says of a value; of these an `OperationalError` may as well say that it cannot work.
REFUSALS = (DataError, IntegrityError, OverflowError, ValueError, OperationalError)
TOO_LARGE = "54"  # the class of PostgreSQL's codes for what exceeds a limit, as a key that no index takes


class Follower:
    """Feeds one store from one feed. `now` is the clock, `batch` the most records in one transaction."""

    def __init__(self, store: Store, feed: Feed, now: Callable[[], datetime], batch: int = 5000) -> None:
        self._store, self._feed, self._now, self._batch = store, feed, now, batch
        self._spots: dict[Partition, Spot] = {}
        self._moved: dict[Partition, int] = {}
        self._identities: Mapping[str, str] = {}
        self._saved = self._looked = now()
        self.fed = 0

    def run(self, stop: threading.Event) -> None:
        """Feed until told to stop."""
        try:
            self.start()
            while not stop.is_set():
                self.turn(timeout=0.2)
        finally:
            self._feed.close()

    def start(self) -> None:
        """Bring the tables up to date, and read on from the positions that they hold."""
        migrate(self._store)
        self._go_on()

    def _go_on(self) -> None:
        extents, now = self._feed.extents(), self._now()
        with self._store.writing() as connection:
            spots = place(connection, extents, now)
        self._spots, self._moved = spots, {}
        self._identities = {partition.topic: extent.identity for partition, extent in extents.items()}
        self._feed.assign({partition: spot.next for partition, spot in spots.items()})
        self._looked = now

    @property
    def reached(self) -> dict[Partition, int]:
        """The next offset to read of each partition."""
        return {partition: self._moved.get(partition, spot.next) for partition, spot in self._spots.items()}

    def turn(self, timeout: float) -> int:
        """One batch: returns how many records were fed."""
        now = self._now()
        if now - self._looked >= LOOK:
            self._look(now)
        batch = self._feed.poll(self._batch, timeout)
        self._moved |= {spot: at for spot, at in batch.reached.items() if at != self._spots[spot].next}
        if not batch.records and now - self._saved < (SETTLE if self._moved else BEAT):
            return 0
        try:
            self._save(batch, now)
        except Displaced:
            log.info("the positions have been moved by another; reading on from there")
            self._go_on()
            return 0
        self.fed += len(batch.records)
        return len(batch.records)

    def _look(self, now: datetime) -> None:
        if self._feed.identities() != self._identities:
            log.warning("a topic was made anew; reading it from its beginning")
            self._go_on()
        self._looked = now

    def _save(self, batch: Batch, now: datetime) -> None:
        moved = {spot: self._spots[spot]._replace(next=at) for spot, at in self._moved.items()}
        try:
            self._commit(batch.records, moved, now, perform_all)
        except REFUSALS as error:
            if not _is_about_a_value(error):
                raise
            log.warning("a record cannot be stored, feeding one by one: %s", error)
            self._commit(batch.records, moved, now, perform_each)
        self._spots |= moved
        self._moved = {}
        self._saved = now

    def _commit(
        self,
        records: list[Record],
        moved: Mapping[Partition, Spot],
        now: datetime,
        how: Callable[[Connection, Iterable[tuple[Record, int]]], None],
    ) -> None:
        placed = ((it, self._spots[Partition(it.topic, it.partition)].id) for it in records)
        with self._store.writing() as connection:
            hold(connection, {partition: self._spots[partition] for partition in moved})
            how(connection, placed)
            if moved:
                move(connection, moved)
            perform(connection, [(PUT_FEEDER, {"id": 1, "seen_at": now})])


def perform_all(connection: Connection, placed: Iterable[tuple[Record, int]]) -> None:
    """Everything at once."""
    perform(connection, (step for record, spot in placed for step in _steps(record, spot)))


def perform_each(connection: Connection, placed: Iterable[tuple[Record, int]]) -> None:
    """Record by record; one that the database refuses is written down as unreadable."""
    for record, spot in placed:
        try:
            with connection.begin_nested():
                perform(connection, _steps(record, spot))
        except REFUSALS as error:
            if not _is_about_a_value(error):
                raise
            perform(connection, [unreadable(record, spot, "NOT_STORABLE", str(error).partition("\n")[0])])


def _steps(record: Record, spot: int) -> Iterator[Step]:
    """What a record does; one on which Tandem itself fails is told in full, and does not stop the rest."""
    try:
        yield from list(steps(record, spot))
    except Exception as error:
        log.exception("%s could not be fed", record.position)
        yield unreadable(record, spot, "NOT_FED", f"{type(error).__name__}: {error}")


def _is_about_a_value(error: Exception) -> bool:
    """Whether the database refuses what a record says, rather than being unable to work."""
    if isinstance(error, OperationalError):
        return str(getattr(error.orig, "sqlstate", "")).startswith(TOO_LARGE)
    return True
