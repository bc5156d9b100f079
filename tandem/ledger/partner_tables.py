"""The tables of partners, leads, certifications, touches, fees and attribution as they stand; they hold no behaviour.

Days are text, as 2027-01-31; money is text too, so that no database makes a float of it.
"""

from datetime import datetime
from typing import Any, Optional

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tandem.ledger.base import Base, Fed, Key


class Decided(Fed):
    """What was decided last of one thing: all that was said, by which decision, and when."""

    content: Mapped[dict[str, Any]]
    decision_id: Mapped[str]
    decided_at: Mapped[datetime]


class PartnerRow(Decided, Base):
    """One partner as all our systems together know it."""

    __tablename__ = "partner"

    partner: Mapped[Key]
    name: Mapped[str]
    status: Mapped[str]
    tier: Mapped[Optional[str]]


class PartnerRecord(Fed, Base):
    """One record that stands, or once stood, for a partner; the partner itself says which do."""

    __tablename__ = "partner_record"
    __table_args__ = (Index(None, "ref"),)

    partner: Mapped[Key]
    ref: Mapped[Key]


class CertificationRow(Decided, Base):
    """What one person is certified for, or was."""

    __tablename__ = "certification"
    __table_args__ = (Index(None, "partner"),)

    email: Mapped[Key]
    program: Mapped[Key]
    partner: Mapped[Optional[str]]
    status: Mapped[str]
    expires_on: Mapped[Optional[str]]


class NoticeRow(Fed, Base):
    """Something that lapses soon or is late, as it was said once."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "partner"), Index(None, "due_on"))

    id: Mapped[Key]
    partner: Mapped[str]
    about: Mapped[str]
    subject: Mapped[str]
    due_on: Mapped[str]
    to: Mapped[list[str]]
    words: Mapped[str]
    decided_at: Mapped[datetime]


class LeadRoute(Decided, Base):
    """Where one lead is, who has it, and by which rule."""

    __tablename__ = "lead_route"
    __table_args__ = (Index(None, "partner"), Index(None, "deal"), Index(None, "state"))

    lead: Mapped[Key]
    name: Mapped[str]
    state: Mapped[str]
    partner: Mapped[Optional[str]]
    rule: Mapped[Optional[str]]
    deal: Mapped[Optional[str]]


class FeeRow(Decided, Base):
    """What one partner is due for one deal."""

    __tablename__ = "fee"
    __table_args__ = (Index(None, "partner"),)

    deal: Mapped[Key]
    partner: Mapped[Key]
    registration: Mapped[Optional[str]]
    kind: Mapped[str]
    amount: Mapped[str]
    currency: Mapped[str]


class TouchRow(Decided, Base):
    """One part that a partner had in an account. `at`: when the partner did it."""

    __tablename__ = "touch"
    __table_args__ = (Index(None, "partner"), Index(None, "deal"), Index(None, "ref"))

    touch: Mapped[Key]
    kind: Mapped[str]
    partner: Mapped[str]
    account: Mapped[Optional[str]]
    deal: Mapped[Optional[str]]
    ref: Mapped[str]
    standing: Mapped[bool]
    at: Mapped[datetime]


class AttributionRow(Decided, Base):
    """Which partners brought one deal and had a part in it, and their shares by each model."""

    __tablename__ = "attribution"

    deal: Mapped[Key]
    deal_name: Mapped[str]
    sourced_by: Mapped[Optional[str]]


class AttributionPartner(Fed, Base):
    """One partner that has, or once had, a part in a deal; the attribution itself says which do."""

    __tablename__ = "attribution_partner"
    __table_args__ = (Index(None, "partner"),)

    deal: Mapped[Key]
    partner: Mapped[Key]
