"""A ledger in each database, and topics in memory to feed it from."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tandem.ledger.migrating import migrate
from tandem.ledger.store import Store, opened
from tests.support.postgres import Postgres, postgres
from tests.unit.tandem.ledger.world import World, emptied, opened_at


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture(scope="session")
def databases(server: Postgres) -> list[str]:
    """Two PostgreSQL databases with the tables in them, which every test finds without rows."""
    urls = [server.url(server.database()) for _ in range(2)]
    for url in urls:
        made = opened(url)
        migrate(made)
        made.close()
    return urls


@pytest.fixture(scope="session")
def file_of_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables in it, to copy."""
    path = tmp_path_factory.mktemp("ledger") / "tables.db"
    made = opened(f"sqlite:///{path}")
    migrate(made)
    made.close()  # which brings its write-ahead log into the file
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path, file_of_tables: Path) -> Iterator[Callable[[], Store]]:
    """Makes ledgers without rows, all in one kind of database."""
    made: list[Store] = []

    def make() -> Store:
        if request.param == "sqlite":
            made.append(opened_at(shutil.copy(file_of_tables, tmp_path / f"ledger-{len(made)}.db")))
        else:
            made.append(opened(request.getfixturevalue("databases")[len(made)]))
            emptied(made[-1])
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Store:
    return new_store()


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


@pytest.fixture
def file(tmp_path: Path, file_of_tables: Path) -> World:
    """For what does not depend on the database."""
    return World(opened_at(shutil.copy(file_of_tables, tmp_path / "ledger.db")))
