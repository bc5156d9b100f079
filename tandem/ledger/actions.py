"""What can be done to a table with one message, as SQL for both databases; it never says which message does what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from typing import Any

from sqlalchemy import Connection, Delete, Table, Update, bindparam, delete, literal_column, update

from tandem.ledger import bulk
from tandem.ledger.bulk import Conflict, Row
from tandem.ledger.tables import Base, DeadLetter, Record


class Verb(Enum):
    """How a row gets into its table."""

    ADD = "add"  # what happened stays as it was first told
    PUT = "put"  # the last word counts
    DROP = "drop"  # it is no longer so
    RESOLVE = "resolve"  # a person has dealt with it


@dataclass(frozen=True, slots=True)
class Action:
    """A verb and a table."""

    verb: Verb
    model: type[Base]

    @property
    def table(self) -> Table:
        """The table."""
        found: Any = self.model.__table__
        return found  # type: ignore[no-any-return]


Step = tuple[Action, Row]


def perform(connection: Connection, steps: Iterable[Step]) -> None:
    """Do all steps. What concerns one table keeps its order; tables do not depend on each other."""
    runs: dict[type[Base], list[tuple[Action, list[Row]]]] = {}
    for action, row in steps:
        run = runs.setdefault(action.model, [])
        if not run or run[-1][0] is not action:
            run.append((action, []))
        run[-1][1].append(row)
    for run in runs.values():
        for action, rows in run:
            _perform(connection, action, rows)


def _perform(connection: Connection, action: Action, rows: list[Row]) -> None:
    match action:
        case Action(Verb.ADD):
            bulk.insert(connection, action.table, rows, _conflict(action))
        case Action(Verb.PUT, model) if model is DeadLetter:
            for row in rows:  # each time counts
                bulk.insert(connection, action.table, [row], _conflict(action))
        case Action(Verb.PUT):
            bulk.insert(connection, action.table, _last(action, rows), _conflict(action))
        case _:
            connection.execute(_statement(action), rows)


def _last(action: Action, rows: Sequence[Row]) -> list[Row]:
    """One row for each key: the last, or of a record the last of its highest version."""
    key = [column.name for column in action.table.primary_key]
    kept: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        which = tuple(row[name] for name in key)
        before = kept.get(which)
        if before is None or action.model is not Record or row["version"] >= before["version"]:
            kept[which] = row
    return list(kept.values())


@cache
def _conflict(action: Action) -> Conflict:
    """What an insert does about a row that is there."""
    return partial(_keep if action.verb is Verb.ADD else _replace, action)


def _keep(action: Action, insert: Any) -> Any:
    return insert.on_conflict_do_nothing(index_elements=list(action.table.primary_key))


def _replace(action: Action, insert: Any) -> Any:
    table, key = action.table, list(action.table.primary_key)
    others = {column.name: insert.excluded[column.name] for column in table.columns if column not in key}
    if action.model is DeadLetter:
        others |= {"times": table.c.times + literal_column("1"), "first_parked_at": table.c.first_parked_at}
    newer = insert.excluded.version >= table.c.version if action.model is Record else None
    return insert.on_conflict_do_update(index_elements=key, set_=others, where=newer)


@cache
def _statement(action: Action) -> Update | Delete:
    table = action.table
    if action.verb is Verb.DROP:
        return delete(table).where(*(column == bindparam(column.name) for column in table.primary_key))
    told = ("status", "resolved_by", "resolved_at", "note", "position_id", "at_offset")
    return update(table).where(table.c.id == bindparam("which")).values({name: bindparam(name) for name in told})
