"""Forgets what is old and settled, when a person asks for it; how things stand now is never forgotten."""

from datetime import datetime

from sqlalchemy import Connection, Table, and_, delete, exists, or_, select
from sqlalchemy.sql.elements import ColumnElement

from tandem.ledger.store import Store
from tandem.ledger.tables import Base

T = Base.metadata.tables
OPEN = "open"


def prune(store: Store, before: datetime) -> dict[str, int]:
    """Delete what was over before that moment, in one transaction; returns the number of rows by table.

    Kept whatever their age: the last change of each record, the decisions that hold, writes without an outcome, open
    dead letters and conflicts. A rebuild brings back what the topics still hold.
    """
    with store.writing() as connection:
        return {table.name: _delete(connection, table, old) for table, old in _old(before)}


def _delete(connection: Connection, table: Table, old: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(old)).rowcount


def _old(before: datetime) -> list[tuple[Table, ColumnElement[bool]]]:
    """Each table and what is old in it; later ones ask what earlier ones have left."""
    change, write, outcome, decision = (T[name].c for name in ("change", "write", "outcome", "decision"))
    letter, conflict, of = T["dead_letter"].c, T["conflict"].c, T["conflict_record"].c
    last = select(T["record"].c.change_id)
    holding = [select(T[name].c.decision_id) for name in ("link", "overlap", "offer_link", "offer_match")]
    finished = exists().where(outcome.write_id == write.id, outcome.finished_at < before)
    return [
        (T["change"], and_(change.told_at < before, change.id.not_in(last))),
        (T["write"], finished),
        (T["outcome"], outcome.finished_at < before),
        (T["decision"], and_(decision.decided_at < before, *(decision.id.not_in(each) for each in holding))),
        (T["dead_letter"], and_(letter.status != OPEN, letter.resolved_at < before)),
        (T["conflict"], and_(~conflict.open, conflict.found_at < before)),
        (T["conflict_record"], of.conflict_id.not_in(select(conflict.id))),
        (T["offer_link_record"], T["offer_link_record"].c.deal.not_in(select(T["offer_link"].c.deal))),
        (T["ruling"], T["ruling"].c.at < before),
        (T["ruling_record"], T["ruling_record"].c.ruling_id.not_in(select(T["ruling"].c.id))),
        (T["gap"], T["gap"].c.found_at < before),
        (T["cause"], _without_effect()),
    ]


def _without_effect() -> ColumnElement[bool]:
    cause = T["cause"].c
    kinds = ("decision", "write", "conflict")
    return or_(*(and_(cause.kind == kind, cause.effect_id.not_in(select(T[kind].c.id))) for kind in kinds))
