"""Partners, certifications, leads, registrations, fees, touches and attribution.

Revision 0003, after 0002. Types are written out here: a revision must not change when the models do.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

TEXT, INTEGER, BIG, BOOLEAN = sa.Text(), sa.Integer(), sa.BigInteger(), sa.Boolean()
MOMENT = sa.DateTime(timezone=True)
JSON: sa.types.TypeEngine[Any] = sa.JSON().with_variant(JSONB(), "postgresql")

Columns = dict[str, sa.types.TypeEngine[Any]]
FED: Columns = {"position_id": INTEGER, "at_offset": BIG}
DECIDED: Columns = {"content": JSON, "decision_id": TEXT, "decided_at": MOMENT}


def _table(name: str, key: str, needed: Columns, optional: str, *indexes: str) -> None:
    """`key` and `optional`: names of columns of text, with spaces between."""
    keys, others = key.split(), optional.split()
    op.create_table(
        name,
        *(sa.Column(each, TEXT, nullable=False) for each in keys),
        *(sa.Column(each, kind, nullable=False) for each, kind in (needed | FED).items()),
        *(sa.Column(each, TEXT, nullable=True) for each in others),
        sa.PrimaryKeyConstraint(*keys, name=f"{name}_pkey"),
    )
    for each in indexes:
        op.create_index(f"{name}_{each}", name, [each])


def upgrade() -> None:
    """Make the tables; what the topics hold of them is fed from the beginning."""
    named: Columns = {"name": TEXT}
    _table("partner", "partner", named | {"status": TEXT} | DECIDED, "tier")
    _table("partner_record", "partner ref", {}, "", "ref")
    _table("certification", "email program", {"status": TEXT} | DECIDED, "partner expires_on", "partner")
    notice: Columns = dict.fromkeys(("partner", "about", "subject", "due_on", "words"), TEXT)
    _table("notice", "id", notice | {"to": JSON, "decided_at": MOMENT}, "", "partner", "due_on")
    _table("lead_route", "lead", named | {"state": TEXT} | DECIDED, "partner rule deal", "partner", "deal", "state")
    _registrations(named)
    money: Columns = dict.fromkeys(("kind", "amount", "currency"), TEXT)
    _table("fee", "deal partner", money | DECIDED, "registration", "partner")
    touch: Columns = {"kind": TEXT, "partner": TEXT, "ref": TEXT, "standing": BOOLEAN, "at": MOMENT}
    _table("touch", "touch", touch | DECIDED, "account deal", "partner", "deal", "ref")
    _table("attribution", "deal", {"deal_name": TEXT} | DECIDED, "sourced_by")
    _table("attribution_partner", "deal partner", {}, "", "partner")
    op.add_column("ruling", sa.Column("partner", TEXT, nullable=True))


def _registrations(named: Columns) -> None:
    needed = named | {"status": TEXT, "partner": TEXT} | DECIDED
    _table("registration", "registration", needed, "account deal protected_until", "partner", "deal", "status")
    _table("registration_record", "registration ref", {}, "", "ref")
