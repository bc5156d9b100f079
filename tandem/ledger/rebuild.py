"""Builds a second ledger from offset zero beside the one that serves, then lets it take its place in one transaction.

Whoever asks meanwhile is answered from the old one, then from the new one, never from half of one. What the topics no
longer hold (changes older than their retention, decisions that compaction has dropped) is carried over from the old one.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, and_, create_engine, or_, select, text, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.elements import ColumnElement

from schemas.log import LogError, Partition
from tandem.kafka.following import Extent
from tandem.ledger.follow import Follower
from tandem.ledger.migrating import migrate
from tandem.ledger.positions import POSITION
from tandem.ledger.reading import Feed
from tandem.ledger.store import REBUILT, SCHEMA, SWAP_LOCK, Store
from tandem.ledger.tables import Base
from tandem.settings import ConfigError

log = logging.getLogger(__name__)

# What happened: kept though its topic, which is compacted, holds the last word only.
HISTORY = ("decision", "cause")
# Of the ledger itself, not of the topics.
OWN = ("position", "feeder")
BEFORE = f"{SCHEMA}_before"
REBUILD_LOCK = SWAP_LOCK + 2
QUIET_TURNS = 50  # so many polls without a record, and the end is not reached: the broker tells nothing


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: records fed from the topics, rows carried over from the ledger before."""

    fed: int
    carried: int


def rebuild(
    store: Store,
    feed: Feed,
    now: Callable[[], datetime],
    progress: Callable[[int], None] = lambda fed: None,
    carry: bool = True,
) -> Rebuilt:
    """Rebuild the ledger. One that was interrupted leaves nothing that counts, and the next begins anew."""
    migrate(store)
    with _alone(store):
        beside = store.beside()
        _empty(beside)
        try:
            return _rebuilt(store, beside, feed, now, carry, progress)
        finally:
            feed.close()
            if store.is_sqlite:
                beside.close()
            _empty(beside)


def _rebuilt(
    store: Store, beside: Store, feed: Feed, now: Callable[[], datetime], carry: bool, progress: Callable[[int], None]
) -> Rebuilt:
    migrate(beside)
    extents = feed.extents()
    _begin(store, beside, extents)
    follower = Follower(beside, feed, now)
    follower.start()
    _feed(follower, {spot: extent.end for spot, extent in extents.items()}, progress)
    swap = _swap_file if store.is_sqlite else _swap_schema
    return Rebuilt(follower.fed, swap(store, beside, extents if carry else None))


def _feed(follower: Follower, ends: Mapping[Partition, int], progress: Callable[[int], None]) -> None:
    """Up to where the topics ended at the start; what has come since is fed by whoever follows."""
    quiet = 0
    while any(follower.reached[spot] < end for spot, end in ends.items()):
        quiet = 0 if follower.turn(timeout=0.2) else quiet + 1
        if quiet > QUIET_TURNS:
            raise LogError("the topics cannot be read to their end: the broker tells nothing. Remedy: try it again")
        progress(follower.fed)


def _empty(store: Store) -> None:
    """Take away what a rebuild before has left."""
    if store.is_sqlite:
        for suffix in ("", "-wal", "-shm"):
            store.path.with_name(store.path.name + suffix).unlink(missing_ok=True)
        return
    with store.engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {REBUILT} CASCADE"))


def _begin(store: Store, beside: Store, extents: Mapping[Partition, Extent]) -> None:
    """The new one knows the same positions by the same numbers, and stands at the beginning of each topic."""
    with store.reading() as connection:
        rows = [dict(row) for row in connection.execute(select(POSITION)).mappings()]
    firsts = {(spot.topic, spot.number, it.identity): it.first for spot, it in extents.items()}
    for row in rows:
        row["next"] = firsts.get((row["topic"], row["partition"], row["identity"]), row["next"])
    with beside.writing() as connection:
        if rows:
            connection.execute(POSITION.insert(), rows)
        if not store.is_sqlite:
            highest = max((row["id"] for row in rows), default=0) + 1
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('position', 'id'), {highest}, false)"))


def _swap_schema(store: Store, beside: Store, extents: Mapping[Partition, Extent] | None) -> int:
    """PostgreSQL: the schemas change names. Alone, so that nobody of ours asks or feeds in between."""
    carried = 0
    if extents is not None:
        with store.engine.begin() as connection:
            carried = _carry(connection, SCHEMA, REBUILT, extents)
    with store.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SWAP_LOCK})
        connection.execute(text(f"ALTER SCHEMA {SCHEMA} RENAME TO {BEFORE}"))
        connection.execute(text(f"ALTER SCHEMA {REBUILT} RENAME TO {SCHEMA}"))
        connection.execute(text(f"DROP SCHEMA {BEFORE} CASCADE"))
    return carried


def _swap_file(store: Store, beside: Store, extents: Mapping[Partition, Extent] | None) -> int:
    """SQLite: the rows are exchanged within the file. A file must not be replaced while its write-ahead log is in use."""
    carried = 0
    with store.engine.connect() as connection, _attached(connection, beside.path):
        if extents is not None:
            with connection.begin():
                carried = _carry(connection, "main", "rebuilt", extents)
        with connection.begin():
            for it in Base.metadata.sorted_tables:
                names = ", ".join(f'"{each.name}"' for each in it.columns)
                insert = f'INSERT INTO main."{it.name}" ({names}) SELECT {names} FROM rebuilt."{it.name}"'  # noqa: S608
                connection.exec_driver_sql(f'DELETE FROM main."{it.name}"')  # noqa: S608  our own tables
                connection.exec_driver_sql(insert)
    return carried


@contextmanager
def _attached(connection: Connection, path: Path) -> Iterator[None]:
    """Outside of any transaction, which is where SQLite attaches and detaches."""
    driver = connection.connection
    driver.execute("ATTACH DATABASE ? AS rebuilt", (str(path),))
    try:
        yield
    finally:
        driver.execute("DETACH DATABASE rebuilt")


def _carry(connection: Connection, old: str, new: str, extents: Mapping[Partition, Extent]) -> int:
    """Copy what the topics no longer hold. What they do hold is newer, so rows that are there stay."""
    carried = 0
    gone = _Gone(connection, old, extents)
    for table in Base.metadata.sorted_tables:
        if table.name in OWN:
            continue
        before, after = (table.to_metadata(MetaData(), schema=schema) for schema in (old, new))
        rows = select(before).where(true() if table.name in HISTORY else gone.rows(before))
        insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name](after)
        statement = insert.from_select([each.name for each in before.columns], rows)
        key = [each.name for each in after.primary_key]
        counted = connection.execution_options(preserve_rowcount=True)
        carried += counted.execute(statement.on_conflict_do_nothing(index_elements=key)).rowcount
    return carried


class _Gone:
    """Which rows come from records that no topic holds any more."""

    def __init__(self, connection: Connection, schema: str, extents: Mapping[Partition, Extent]) -> None:
        positions = POSITION.to_metadata(MetaData(), schema=schema)
        held = {(spot.topic, spot.number, extent.identity): extent.first for spot, extent in extents.items()}
        known = {row.id: (row.topic, row.partition, row.identity) for row in connection.execute(select(positions))}
        self._firsts = {key: held[spot] for key, spot in known.items() if spot in held}

    def rows(self, table: Table) -> ColumnElement[bool]:
        """The condition."""
        spot, at = table.c.position_id, table.c.at_offset
        dropped = (and_(spot == key, at < first) for key, first in self._firsts.items() if first > 0)
        return or_(spot.not_in(self._firsts), *dropped)


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """One rebuild at a time; the lock goes with the process."""
    busy = ConfigError(f"{store.name} is being rebuilt already. Remedy: wait for that to end.")
    if store.is_sqlite:
        lock = create_engine(f"sqlite:///{store.path}.lock", connect_args={"timeout": 0}, poolclass=NullPool)
        with lock.connect() as connection:
            try:
                connection.execute(text("BEGIN EXCLUSIVE"))
            except OperationalError as error:
                raise busy from error
            yield
        return
    with store.engine.connect() as connection:
        key = {"key": REBUILD_LOCK}
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key):
            raise busy
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
            connection.commit()
