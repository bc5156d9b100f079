"""The first tables.

Revision 0001, after none. Types are written out here: a revision must not change when the models do.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

TEXT, INTEGER, BIG = sa.Text(), sa.Integer(), sa.BigInteger()
BOOLEAN = sa.Boolean()
FLOAT: sa.types.TypeEngine[float] = sa.Double()
BIG_ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON: sa.types.TypeEngine[Any] = sa.JSON().with_variant(JSONB(), "postgresql")


Columns = dict[str, sa.types.TypeEngine[Any]]


def _table(name: str, key: Columns, needed: Columns, optional: Columns) -> None:
    op.create_table(
        name,
        *(sa.Column(each, kind, nullable=False) for each, kind in (key | needed).items()),
        *(sa.Column(each, kind, nullable=True) for each, kind in optional.items()),
        sa.PrimaryKeyConstraint(*key, name=f"{name}_pkey"),
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(f"{table}_{'_'.join(columns)}", table, list(columns))


def _partial(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    """Make all of them."""
    _own()
    _told()
    _decided()
    _done()


def _own() -> None:
    _table("position", {"id": BIG_ID}, {"topic": TEXT, "partition": INTEGER, "identity": TEXT, "next": BIG}, {})
    op.create_index("position_topic_partition_identity", "position", ["topic", "partition", "identity"], unique=True)
    _table("feeder", {"id": INTEGER}, {"seen_at": MOMENT}, {})
    _table("gap", {"position_id": INTEGER, "at_offset": BIG}, {"until_offset": BIG, "found_at": MOMENT}, {})
    _table("unreadable", {"position_id": INTEGER, "at_offset": BIG}, {"code": TEXT, "reason": TEXT}, {})


def _told() -> None:
    _table(
        "change",
        {"id": TEXT},
        {
            "ref": TEXT,
            "connection": TEXT,
            "kind": TEXT,
            "version": BIG,
            "occurred_at": MOMENT,
            "told_at": MOMENT,
            "own": BOOLEAN,
            "absorbed": JSON,
            "position_id": INTEGER,
            "at_offset": BIG,
        },
        {"actor": TEXT, "origin": TEXT, "transaction": TEXT, "merged_into": TEXT, "fields": JSON},
    )
    _index("change", "connection", "told_at")
    _index("change", "ref", "version")
    _table(
        "record",
        {"ref": TEXT},
        {
            "connection": TEXT,
            "entity": TEXT,
            "record_id": TEXT,
            "party": TEXT,
            "kind": TEXT,
            "version": BIG,
            "occurred_at": MOMENT,
            "change_id": TEXT,
            "position_id": INTEGER,
            "at_offset": BIG,
        },
        {"name": TEXT},
    )
    _index("record", "connection", "entity")
    _index("record", "record_id")


def _decided() -> None:
    _table(
        "link",
        {"ref": TEXT},
        {
            "entity": TEXT,
            "members": JSON,
            "confidence": FLOAT,
            "decision_id": TEXT,
            "decided_at": MOMENT,
            "position_id": INTEGER,
            "at_offset": BIG,
        },
        {"key": TEXT, "rule": TEXT},
    )
    _index("link", "key")
    _table(
        "overlap",
        {"key": TEXT},
        {
            "our_ref": TEXT,
            "partner": TEXT,
            "partner_account": TEXT,
            "status": TEXT,
            "confidence": FLOAT,
            "main_reason": TEXT,
            "content": JSON,
            "decision_id": TEXT,
            "decided_at": MOMENT,
            "position_id": INTEGER,
            "at_offset": BIG,
        },
        {},
    )
    _index("overlap", "our_ref")
    _index("overlap", "partner_account")
    _table(
        "decision",
        {"id": TEXT, "subject": TEXT},
        {
            "kind": TEXT,
            "reasons": JSON,
            "causes": JSON,
            "content": JSON,
            "decided_at": MOMENT,
            "position_id": INTEGER,
            "at_offset": BIG,
        },
        {},
    )
    _index("decision", "subject")
    _table("cause", {"kind": TEXT, "effect_id": TEXT, "cause_id": TEXT}, {"position_id": INTEGER, "at_offset": BIG}, {})
    _index("cause", "cause_id", "kind")
    _table(
        "conflict",
        {"id": TEXT},
        {
            "kind": TEXT,
            "entity": TEXT,
            "refs": JSON,
            "open": BOOLEAN,
            "reason": TEXT,
            "remedy": TEXT,
            "causes": JSON,
            "found_at": MOMENT,
            "position_id": INTEGER,
            "at_offset": BIG,
        },
        {"key": TEXT, "field": TEXT, "kept": JSON, "lost": JSON},
    )
    _index("conflict", "found_at")
    _partial("conflict_open", "conflict", "kind", "open")
    _table("conflict_record", {"conflict_id": TEXT, "ref": TEXT}, {"position_id": INTEGER, "at_offset": BIG}, {})
    _index("conflict_record", "ref")


def _done() -> None:
    _table(
        "write",
        {"id": TEXT},
        {
            "connection": TEXT,
            "entity": TEXT,
            "key": TEXT,
            "match_by": TEXT,
            "action": TEXT,
            "fields": JSON,
            "reasons": JSON,
            "causes": JSON,
            "decided_at": MOMENT,
            "position_id": INTEGER,
            "at_offset": BIG,
        },
        {"expected": JSON, "parent": JSON},
    )
    _index("write", "connection", "entity", "key")
    _index("write", "key")
    _table(
        "outcome",
        {"id": TEXT},
        {
            "write_id": TEXT,
            "connection": TEXT,
            "entity": TEXT,
            "key": TEXT,
            "status": TEXT,
            "decided_at": MOMENT,
            "finished_at": MOMENT,
            "position_id": INTEGER,
            "at_offset": BIG,
        },
        {"target_id": TEXT, "code": TEXT, "reason": TEXT},
    )
    _index("outcome", "connection", "finished_at")
    _index("outcome", "target_id")
    _index("outcome", "write_id")
    _table(
        "dead_letter",
        {"id": TEXT},
        {
            "stage": TEXT,
            "subject": TEXT,
            "code": TEXT,
            "reason": TEXT,
            "remedy": TEXT,
            "first_parked_at": MOMENT,
            "parked_at": MOMENT,
            "times": INTEGER,
            "status": TEXT,
            "position_id": INTEGER,
            "at_offset": BIG,
        },
        {
            "field": TEXT,
            "origin": TEXT,
            "payload": TEXT,
            "event_id": TEXT,
            "resolved_by": TEXT,
            "resolved_at": MOMENT,
            "note": TEXT,
        },
    )
    _index("dead_letter", "event_id")
    _partial("dead_letter_open", "dead_letter", "stage", "status = 'open'")
    _table(
        "connection",
        {"connection": TEXT, "role": TEXT},
        {"state": TEXT, "reason": TEXT, "remedy": TEXT, "at": MOMENT, "position_id": INTEGER, "at_offset": BIG},
        {"until": MOMENT, "used": BIG, "quota": BIG, "reserve": BIG},
    )
