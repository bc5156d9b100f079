"""Forgets what is old and settled, when a person asks for it; how things stand now is never forgotten."""

from datetime import datetime

from sqlalchemy import Connection, Table, and_, delete, exists, or_, select
from sqlalchemy.sql.elements import ColumnElement

from tandem.ledger.overlaps import VERDICTS
from tandem.ledger.store import Store
from tandem.ledger.tables import Base

T = Base.metadata.tables
OPEN = "open"
# Tables of how things stand, each row by the decision that holds.
HOLDING = (
    "link", "overlap", "offer_link", "offer_match", "partner", "certification", "lead_route", "registration", "fee", "touch",
    "attribution",
)  # fmt: skip
# Tables of the records that such a row names, or once named, by the column that they share.
NAMED = {
    "offer_link_record": ("offer_link", "deal"),
    "partner_record": ("partner", "partner"),
    "registration_record": ("registration", "registration"),
    "attribution_partner": ("attribution", "deal"),
}


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
    holding = [select(T[name].c.decision_id) for name in HOLDING]
    finished = exists().where(outcome.write_id == write.id, outcome.finished_at < before)
    return [
        (T["change"], and_(change.told_at < before, change.id.not_in(last))),
        (T["write"], finished),
        (T["outcome"], outcome.finished_at < before),
        (T["decision"], and_(decision.decided_at < before, *(decision.id.not_in(each) for each in holding))),
        (T["dead_letter"], and_(letter.status != OPEN, letter.resolved_at < before)),
        (T["conflict"], and_(~conflict.open, conflict.found_at < before)),
        (T["conflict_record"], of.conflict_id.not_in(select(conflict.id))),
        *((T[name], T[name].c[key].not_in(select(T[of].c[key]))) for name, (of, key) in NAMED.items()),
        (T["notice"], T["notice"].c.decided_at < before),
        (
            T["ruling"],
            and_(T["ruling"].c.at < before, T["ruling"].c.ruling.not_in(VERDICTS)),
        ),  # what matching learns from
        (T["ruling_record"], T["ruling_record"].c.ruling_id.not_in(select(T["ruling"].c.id))),
        (T["gap"], T["gap"].c.found_at < before),
        (T["cause"], _without_effect()),
    ]


def _without_effect() -> ColumnElement[bool]:
    cause = T["cause"].c
    kinds = ("decision", "write", "conflict")
    return or_(*(and_(cause.kind == kind, cause.effect_id.not_in(select(T[kind].c.id))) for kind in kinds))
