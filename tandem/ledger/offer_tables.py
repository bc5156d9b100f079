"""The tables of private offers and of what people rule over them; they hold no behaviour."""

from datetime import datetime
from typing import Any, Optional

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from tandem.ledger.base import Base, Fed, Key


class OfferLink(Fed, Base):
    """The chain of one deal as it stands: co-sell opportunity, private offer, agreements."""

    __tablename__ = "offer_link"
    __table_args__ = (
        Index(
            "offer_link_waiting",
            "deal",
            sqlite_where=text("approval = 'waiting'"),
            postgresql_where=text("approval = 'waiting'"),
        ),
    )

    deal: Mapped[Key]
    deal_name: Mapped[Optional[str]]
    state: Mapped[Optional[str]]
    approval: Mapped[Optional[str]]
    problem: Mapped[Optional[str]]
    content: Mapped[dict[str, Any]]
    decision_id: Mapped[str]
    decided_at: Mapped[datetime]


class OfferLinkRecord(Fed, Base):
    """One record that is, or once was, in the chain of a deal; the chain itself says which it is."""

    __tablename__ = "offer_link_record"
    __table_args__ = (Index(None, "ref"),)

    deal: Mapped[Key]
    ref: Mapped[Key]


class OfferMatch(Fed, Base):
    """What is held of an offer that Tandem did not make, as it stands."""

    __tablename__ = "offer_match"
    __table_args__ = (Index(None, "status"),)

    offer: Mapped[Key]
    offer_name: Mapped[str]
    status: Mapped[str]
    deal: Mapped[Optional[str]]
    confidence: Mapped[float]
    content: Mapped[dict[str, Any]]
    decision_id: Mapped[str]
    decided_at: Mapped[datetime]


class Ruling(Fed, Base):
    """What a person has ruled over private offers, leads or registrations."""

    __tablename__ = "ruling"

    id: Mapped[Key]
    ruling: Mapped[str]
    refs: Mapped[list[str]]
    until: Mapped[Optional[str]]
    note: Mapped[Optional[str]]
    partner: Mapped[Optional[str]]
    by: Mapped[str]
    at: Mapped[datetime]


class RulingRecord(Fed, Base):
    """One record that a ruling is about."""

    __tablename__ = "ruling_record"
    __table_args__ = (Index(None, "ref"),)

    ruling_id: Mapped[Key]
    ref: Mapped[Key]
