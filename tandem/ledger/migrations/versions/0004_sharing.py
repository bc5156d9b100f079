"""The audit of what left to partners.

Revision 0004, after 0003. Types are written out here: a revision must not change when the models do.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

TEXT = sa.Text()
JSON: sa.types.TypeEngine[Any] = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the table; what the topic holds of it is fed from the beginning."""
    op.create_table(
        "share",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("partner", TEXT, nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("at_offset", sa.BigInteger(), nullable=False),
        sa.Column("ref", TEXT, nullable=True),
        sa.Column("theirs", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="share_pkey"),
    )
    op.create_index("share_partner_decided_at", "share", ["partner", "decided_at"])
    for column in ("ref", "theirs"):
        op.create_index(f"share_{column}", "share", [column])
