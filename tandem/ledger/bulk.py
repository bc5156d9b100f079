"""Many rows into one table by one statement of the driver: what makes feeding keep up; it never says what a row means.

Measured on the same rows against `Connection.execute` with a list: see docs/explanation/ledger.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import JSON, Connection, Table, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB

from tandem.ledger.types import Utc, serialize

Row = dict[str, Any]
Conflict = Callable[[Any], Any]  # from an insert to the same one that says what to do about a row that is there
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Bulk:
    """A statement of the driver, and how the values of some columns are given to it."""

    sql: str
    columns: Sequence[tuple[str, Convert | None]]

    def values(self, rows: Sequence[Row]) -> list[list[Any]]:
        """The values, column by column."""
        found = []
        for name, convert in self.columns:
            column = [row[name] for row in rows]
            found.append([None if it is None else convert(it) for it in column] if convert else column)
        return found


def insert(connection: Connection, table: Table, rows: Sequence[Row], conflict: Conflict) -> None:
    """Insert them in order. For PostgreSQL no two rows may have one key, unless those that are there stay."""
    bulk = prepared(table, connection.dialect.name, conflict)
    values = list(zip(*bulk.values(rows), strict=True))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(bulk.sql, values)
        return
    names = [name for name, _ in bulk.columns]
    document = to_json([dict(zip(names, row, strict=True)) for row in values]).decode()
    connection.exec_driver_sql(bulk.sql, {"rows": document})


@cache
def prepared(table: Table, dialect: str, conflict: Conflict) -> Bulk:
    """The statement, made once."""
    return _of_sqlite(table, conflict) if dialect == "sqlite" else _of_postgresql(table, conflict)


def _of_sqlite(table: Table, conflict: Conflict) -> Bulk:
    compiled = conflict(sqlite.insert(table)).compile(dialect=sqlite.dialect(paramstyle="qmark"))
    converts: Mapping[type, Convert] = {Utc: _moment_as_text, JSON: serialize}
    return Bulk(str(compiled), [(name, _convert(table, name, converts)) for name in compiled.positiontup])


def _of_postgresql(table: Table, conflict: Conflict) -> Bulk:
    """All rows travel as one JSON document, which the server takes apart."""
    columns = list(table.columns)
    kinds = [column(it.name, Text() if isinstance(it.type, JSON) else it.type) for it in columns]
    document = cast(bindparam("rows"), postgresql.JSON)
    given = func.json_to_recordset(document).table_valued(*kinds).render_derived(with_types=True)
    chosen = [cast(given.c[it.name], JSONB) if isinstance(it.type, JSON) else given.c[it.name] for it in columns]
    names = [it.name for it in columns]
    statement = conflict(postgresql.insert(table).from_select(names, select(*chosen)))
    dialect = postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
    return Bulk(
        str(statement.compile(dialect=dialect)), [(name, _convert(table, name, {JSON: serialize})) for name in names]
    )


def _convert(table: Table, name: str, converts: Mapping[type, Convert]) -> Convert | None:
    kind = table.c[name].type
    return next((convert for each, convert in converts.items() if isinstance(kind, each)), None)


def _moment_as_text(moment: datetime) -> str:
    """As SQLAlchemy keeps it in SQLite."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
