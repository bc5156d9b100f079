"""The tables of deal registrations as they stand; they hold no behaviour."""

from typing import Optional

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from tandem.ledger.base import Base, Fed, Key
from tandem.ledger.partner_tables import Decided


class RegistrationRow(Decided, Base):
    """Where one deal registration stands and whom it protects. `protected_until`: a day as text."""

    __tablename__ = "registration"
    __table_args__ = (Index(None, "partner"), Index(None, "deal"), Index(None, "status"))

    registration: Mapped[Key]
    name: Mapped[str]
    status: Mapped[str]
    partner: Mapped[str]
    account: Mapped[Optional[str]]
    deal: Mapped[Optional[str]]
    protected_until: Mapped[Optional[str]]


class RegistrationRecord(Fed, Base):
    """One record that is, or once was, the same registration in a further system; the registration itself says which."""

    __tablename__ = "registration_record"
    __table_args__ = (Index(None, "ref"),)

    registration: Mapped[Key]
    ref: Mapped[Key]
