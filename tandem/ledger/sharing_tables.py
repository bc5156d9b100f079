"""The table of what left to partners, was withheld, taken back or held back; it holds no behaviour."""

from datetime import datetime
from typing import Any, Optional

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tandem.ledger.base import Base, Fed, Key


class ShareRow(Fed, Base):
    """One entry of the audit; none of them is ever changed or pruned."""

    __tablename__ = "share"
    __table_args__ = (Index(None, "partner", "decided_at"), Index(None, "ref"), Index(None, "theirs"))

    id: Mapped[Key]
    partner: Mapped[str]
    verdict: Mapped[str]
    ref: Mapped[Optional[str]]
    theirs: Mapped[Optional[str]]
    content: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]
