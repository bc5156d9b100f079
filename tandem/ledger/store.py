"""Opens the database of the ledger: SQLite or PostgreSQL, to feed it or to ask it; it knows no table.

In PostgreSQL the ledger is one schema of its own, so that a rebuilt one can take its place by a change of names.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError

from schemas.log import Unreachable
from tandem.ledger.types import serialize
from tandem.settings import ConfigError

SCHEMA, REBUILT = "tandem", "tandem_rebuilt"
SWAP_LOCK = 7_305_809_921  # any number that nothing else in the database uses: held shared by all, alone by a swap
BUSY_S = 120  # how long a writer of SQLite waits for another: copying a rebuilt ledger is one transaction


class NoLedger(ConfigError):
    """The ledger is not there yet; the message says what makes it."""


class WrongLedger(ConfigError):
    """The ledger is not as this Tandem needs it; the message says what makes it so."""


@dataclass(frozen=True)
class Store:
    """One ledger: its database and, in PostgreSQL, its schema."""

    engine: Engine
    schema: str = SCHEMA

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def name(self) -> str:
        """Where it is, for people: without a password."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def path(self) -> Path:
        """The file of a SQLite ledger."""
        return Path(self.engine.url.database or "")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write: committed at the end, or leaving no trace."""
        with self._connected() as connected:
            connection = connected.execution_options(writes=True)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": SWAP_LOCK})
                    connection.execute(text(f"SET LOCAL search_path TO {self.schema}"))
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that sees one moment of one ledger, however many questions are asked."""
        if self.is_sqlite and not self.path.exists():
            raise NoLedger(missing(self.name))
        with self._connected() as connected, self._undisturbed(connected):
            connection = connected.execution_options(writes=False)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
                    connection.execute(text(f"SET LOCAL search_path TO {self.schema}"))
                yield connection

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            connection = self.engine.connect()
        except OperationalError as error:
            raise Unreachable(
                f"the ledger at {self.name} cannot be opened: {str(error.orig).strip()}. Remedy: start the database, or "
                "correct [ledger] url in the configuration."
            ) from error
        with connection:
            yield connection

    @contextmanager
    def _undisturbed(self, connection: Connection) -> Iterator[None]:
        """No other ledger takes this one's place meanwhile. Locked before the transaction, which sees what was before it."""
        if self.is_sqlite:
            yield
            return
        with connection.begin():
            connection.execute(text("SELECT pg_advisory_lock_shared(:lock)"), {"lock": SWAP_LOCK})
        try:
            yield
        finally:
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_unlock_shared(:lock)"), {"lock": SWAP_LOCK})

    def beside(self) -> "Store":
        """Where a ledger is rebuilt while this one serves."""
        if not self.is_sqlite:
            return Store(self.engine, REBUILT)
        url = self.engine.url.set(database=f"{self.path}.rebuilt")
        return opened(url.render_as_string(hide_password=False))

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def missing(name: str) -> str:
    """What to say where there is no ledger."""
    return f"there is no ledger at {name} yet. Remedy: `tandem up` or `tandem ledger run` makes it."


def opened(url: str) -> Store:
    """The store of an SQLAlchemy address; nothing is connected or made yet."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(f"[ledger] url is no SQLAlchemy address: {error}") from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise ConfigError(
            f"[ledger] url names {parsed.drivername!r}; a ledger is kept in postgresql+psycopg://... or sqlite:///FILE"
        )
    if parsed.get_backend_name() == "sqlite":
        return _file(parsed)
    return Store(
        create_engine(parsed, json_serializer=serialize, hide_parameters=True, pool_pre_ping=True, pool_size=2)
    )


def _file(url: Any) -> Store:
    if url.database in {None, "", ":memory:"}:
        raise ConfigError(
            "[ledger] url names a SQLite database in memory; name a file, as in sqlite:////data/ledger.db"
        )
    engine = create_engine(url, json_serializer=serialize, hide_parameters=True, connect_args={"timeout": BUSY_S})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return Store(engine)


def _prepare(connection: Any, _: object) -> None:
    """The module begins no transactions of its own: each begins when it is said to, also those that make tables."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")  # a power cut may undo the last commits, positions and rows alike
    connection.execute("PRAGMA cache_size=-65536")  # KiB


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
