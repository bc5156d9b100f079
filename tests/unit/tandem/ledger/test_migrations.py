"""The revisions make exactly the tables that the models describe, and go forward only."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

import tandem.ledger
from tandem.ledger.migrating import expect, migrate, revision
from tandem.ledger.store import NoLedger, Store, WrongLedger
from tandem.ledger.tables import Base
from tests.unit.tandem.ledger.world import World, changed, opened_at


def test_models_and_revisions_agree(store: Store):
    with store.writing() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_indexes_of_some_rows_only_are_the_same_in_both_databases(store: Store):
    """A comparison of models does not look into conditions."""
    listing = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'dead_letter_open'",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE indexname = 'dead_letter_open'",
    }
    with store.reading() as connection:
        made = connection.scalar(text(listing[connection.dialect.name]))
    assert "status = 'open'" in made


def test_migrating_twice_changes_nothing(world: World):
    world.tell(changed("1"))
    world.catch_up()
    migrate(world.store)
    assert world.row("record")["record_id"] == "1"


def test_a_ledger_that_is_not_there_is_told_with_what_makes_it_and_is_not_made_by_asking(tmp_path: Path):
    path = tmp_path / "none.db"
    with pytest.raises(NoLedger, match="`tandem ledger run` makes it"), opened_at(path).reading():
        pytest.fail("there is nothing to read")
    assert not path.exists()


def test_a_ledger_without_tables_is_told_with_what_makes_them(tmp_path: Path):
    path = tmp_path / "empty.db"
    path.touch()
    store = opened_at(path)
    with pytest.raises(NoLedger, match="makes it"), store.reading() as connection:
        expect(store, connection)


@pytest.fixture
def newer(world: World) -> Iterator[World]:
    """A ledger that a Tandem of the future has made."""
    with world.store.writing() as connection:
        head = revision(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    yield world
    with world.store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})


def test_a_ledger_of_a_newer_tandem_is_neither_fed_nor_read(newer: World):
    with pytest.raises(WrongLedger, match=r"is of a newer Tandem .* Remedy: run that one"):
        migrate(newer.store)
    with pytest.raises(WrongLedger, match="newer"), newer.store.reading() as connection:
        expect(newer.store, connection)


def test_no_revision_goes_back():
    versions = Path(tandem.ledger.__file__).parent / "migrations" / "versions"
    assert [path.name for path in versions.glob("0*.py") if "def downgrade" in path.read_text(encoding="utf-8")] == []
