"""Brings the tables of a ledger up to date, forward only; it never touches a topic."""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from tandem.ledger.store import NoLedger, Store, WrongLedger, missing

MIGRATION_LOCK = 7_305_809_922


def migrate(store: Store) -> None:
    """Make the tables, or change them to what this Tandem needs, in one transaction; two at once wait for each other."""
    if store.is_sqlite:
        store.path.parent.mkdir(parents=True, exist_ok=True)
    with store.writing() as connection:
        if revision(connection) == _head():
            return
        if not store.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {store.schema}"))
        found = revision(connection)
        if found is not None and found not in _revisions():
            raise WrongLedger(_newer(store, found))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def expect(store: Store, connection: Connection) -> None:
    """Raise `NoLedger` or `WrongLedger` unless the tables are as this Tandem needs them."""
    found, head = revision(connection), _head()
    if found is None:
        raise NoLedger(missing(store.name))
    if found not in _revisions():
        raise WrongLedger(_newer(store, found))
    if found != head:
        raise WrongLedger(
            f"the ledger at {store.name} is of an older Tandem (revision {found}, needed is {head}). Remedy: start "
            "`tandem up` or `tandem ledger run`, which brings it up to date."
        )


def revision(connection: Connection) -> str | None:
    """The revision of the tables; none where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _newer(store: Store, found: str) -> str:
    return f"the ledger at {store.name} is of a newer Tandem (revision {found}). Remedy: run that one, or a newer."


def _head() -> str:
    return _revisions()[0]


@cache
def _revisions() -> tuple[str, ...]:
    """All that this Tandem has, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "tandem.ledger:migrations")
    config.set_main_option("path_separator", "os")
    return config
