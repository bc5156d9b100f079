"""Private offers, and what people rule over them.

Revision 0002, after 0001. Types are written out here: a revision must not change when the models do.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

TEXT, INTEGER, BIG = sa.Text(), sa.Integer(), sa.BigInteger()
FLOAT: sa.types.TypeEngine[float] = sa.Double()
MOMENT = sa.DateTime(timezone=True)
JSON: sa.types.TypeEngine[Any] = sa.JSON().with_variant(JSONB(), "postgresql")

Columns = dict[str, sa.types.TypeEngine[Any]]
FED: Columns = {"position_id": INTEGER, "at_offset": BIG}


def _table(name: str, key: Columns, needed: Columns, optional: Columns) -> None:
    op.create_table(
        name,
        *(sa.Column(each, kind, nullable=False) for each, kind in (key | needed | FED).items()),
        *(sa.Column(each, kind, nullable=True) for each, kind in optional.items()),
        sa.PrimaryKeyConstraint(*key, name=f"{name}_pkey"),
    )


def upgrade() -> None:
    """Make the tables; what the topics hold of them is fed from the beginning."""
    decided: Columns = {"content": JSON, "decision_id": TEXT, "decided_at": MOMENT}
    _table("offer_link", {"deal": TEXT}, decided, {"deal_name": TEXT, "state": TEXT, "approval": TEXT, "problem": TEXT})
    waiting = sa.text("approval = 'waiting'")
    op.create_index("offer_link_waiting", "offer_link", ["deal"], sqlite_where=waiting, postgresql_where=waiting)
    _table("offer_link_record", {"deal": TEXT, "ref": TEXT}, {}, {})
    op.create_index("offer_link_record_ref", "offer_link_record", ["ref"])
    matched: Columns = {"offer_name": TEXT, "status": TEXT, "confidence": FLOAT}
    _table("offer_match", {"offer": TEXT}, matched | decided, {"deal": TEXT})
    op.create_index("offer_match_status", "offer_match", ["status"])
    _table(
        "ruling", {"id": TEXT}, {"ruling": TEXT, "refs": JSON, "by": TEXT, "at": MOMENT}, {"until": TEXT, "note": TEXT}
    )
    _table("ruling_record", {"ruling_id": TEXT, "ref": TEXT}, {}, {})
    op.create_index("ruling_record_ref", "ruling_record", ["ref"])
