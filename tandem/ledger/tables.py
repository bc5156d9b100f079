"""The tables of the ledger: what each row is, and from which topic position it comes; they hold no behaviour.

Rows have the ids of their messages, so that the same message fed twice is one row. Every row names its `position_id` and
`at_offset`: with them a rebuild knows what the topics no longer hold.
"""

from datetime import datetime
from typing import Any, Optional

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.ledger.base import Base, Big, Fed, Key
from tandem.ledger.offer_tables import OfferLink, OfferLinkRecord, OfferMatch, Ruling, RulingRecord
from tandem.ledger.partner_tables import (
    AttributionPartner,
    AttributionRow,
    CertificationRow,
    FeeRow,
    LeadRoute,
    NoticeRow,
    PartnerRecord,
    PartnerRow,
    TouchRow,
)
from tandem.ledger.registration_tables import RegistrationRecord, RegistrationRow
from tandem.ledger.sharing_tables import ShareRow
from tandem.ledger.types import BigId

__all__ = [
    "AttributionPartner", "AttributionRow", "Base", "Cause", "CertificationRow", "Change", "Conflict", "ConflictRecord",
    "Connection", "DeadLetter", "Decision", "FeeRow", "Feeder", "Gap", "LeadRoute", "Link", "NoticeRow", "OfferLink",
    "OfferLinkRecord", "OfferMatch", "Outcome", "Overlap", "PartnerRecord", "PartnerRow", "Position", "Record",
    "RegistrationRecord", "RegistrationRow", "Ruling", "RulingRecord", "ShareRow", "TouchRow", "Unreadable", "Write",
]  # fmt: skip


class Position(Base):
    """Where one partition of one topic stands; a topic that was made anew has rows of its own."""

    __tablename__ = "position"
    __table_args__ = (Index(None, "topic", "partition", "identity", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str]
    partition: Mapped[int]
    identity: Mapped[str]
    next: Mapped[Big]


class Feeder(Base):
    """The process that feeds the ledger: when it was last known to be alive. One row."""

    __tablename__ = "feeder"

    id: Mapped[int] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]


class Gap(Base):
    """Records that a topic had dropped by age before they were fed: this ledger will never know them."""

    __tablename__ = "gap"

    position_id: Mapped[int] = mapped_column(primary_key=True)
    at_offset: Mapped[Big] = mapped_column(primary_key=True)
    until_offset: Mapped[Big]
    found_at: Mapped[datetime]


class Unreadable(Base):
    """A record that no row could be made of; a newer Tandem may know it (`tandem ledger rebuild`)."""

    __tablename__ = "unreadable"

    position_id: Mapped[int] = mapped_column(primary_key=True)
    at_offset: Mapped[Big] = mapped_column(primary_key=True)
    code: Mapped[str]
    reason: Mapped[str]


class Change(Fed, Base):
    """One change of one record, as its source told it."""

    __tablename__ = "change"
    __table_args__ = (Index(None, "ref", "version"), Index(None, "connection", "told_at"))

    id: Mapped[Key]
    ref: Mapped[str]
    connection: Mapped[str]
    kind: Mapped[str]
    version: Mapped[Big]
    occurred_at: Mapped[datetime]
    told_at: Mapped[datetime]
    actor: Mapped[Optional[str]]
    own: Mapped[bool]
    origin: Mapped[Optional[str]]
    transaction: Mapped[Optional[str]]
    merged_into: Mapped[Optional[str]]
    absorbed: Mapped[list[str]]
    fields: Mapped[Optional[dict[str, Any]]]


class Record(Fed, Base):
    """One record of one system as it was last told."""

    __tablename__ = "record"
    __table_args__ = (Index(None, "record_id"), Index(None, "connection", "entity"))

    ref: Mapped[Key]
    connection: Mapped[str]
    entity: Mapped[str]
    record_id: Mapped[str]
    party: Mapped[str]
    name: Mapped[Optional[str]]
    kind: Mapped[str]
    version: Mapped[Big]
    occurred_at: Mapped[datetime]
    change_id: Mapped[str]


class Link(Fed, Base):
    """Which thing a record of ours stands for now: the crosswalk."""

    __tablename__ = "link"
    __table_args__ = (Index(None, "key"),)

    ref: Mapped[Key]
    entity: Mapped[str]
    key: Mapped[Optional[str]]
    members: Mapped[list[str]]
    rule: Mapped[Optional[str]]
    confidence: Mapped[float]
    decision_id: Mapped[str]
    decided_at: Mapped[datetime]


class Overlap(Fed, Base):
    """One overlap as it stands."""

    __tablename__ = "overlap"
    __table_args__ = (Index(None, "our_ref"), Index(None, "partner_account"))

    key: Mapped[Key]
    our_ref: Mapped[str]
    partner: Mapped[str]
    partner_account: Mapped[str]
    status: Mapped[str]
    confidence: Mapped[float]
    main_reason: Mapped[str]
    content: Mapped[dict[str, Any]]
    decision_id: Mapped[str]
    decided_at: Mapped[datetime]


class Decision(Fed, Base):
    """What was decided of one subject, and why: every link, overlap, offer, lead and so on, each time."""

    __tablename__ = "decision"
    __table_args__ = (Index(None, "subject"),)

    id: Mapped[Key]
    subject: Mapped[Key]
    kind: Mapped[str]
    reasons: Mapped[list[str]]
    causes: Mapped[list[str]]
    content: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]


class Write(Fed, Base):
    """What was to be written where, and why."""

    __tablename__ = "write"
    __table_args__ = (Index(None, "connection", "entity", "key"), Index(None, "key"))

    id: Mapped[Key]
    connection: Mapped[str]
    entity: Mapped[str]
    key: Mapped[str]
    match_by: Mapped[str]
    action: Mapped[str]
    fields: Mapped[dict[str, Any]]
    expected: Mapped[Optional[dict[str, Any]]]
    parent: Mapped[Optional[dict[str, Any]]]
    reasons: Mapped[list[str]]
    causes: Mapped[list[str]]
    decided_at: Mapped[datetime]


class Outcome(Fed, Base):
    """What became of one write; a write that was retried has several."""

    __tablename__ = "outcome"
    __table_args__ = (
        Index(None, "write_id"),
        Index(None, "connection", "finished_at"),
        Index(None, "target_id"),
    )

    id: Mapped[Key]
    write_id: Mapped[str]
    connection: Mapped[str]
    entity: Mapped[str]
    key: Mapped[str]
    status: Mapped[str]
    target_id: Mapped[Optional[str]]
    code: Mapped[Optional[str]]
    reason: Mapped[Optional[str]]
    decided_at: Mapped[datetime]
    finished_at: Mapped[datetime]


class Cause(Fed, Base):
    """One change that a decision, a write or a conflict came from."""

    __tablename__ = "cause"
    __table_args__ = (Index(None, "cause_id", "kind"),)

    kind: Mapped[Key]
    effect_id: Mapped[Key]
    cause_id: Mapped[Key]


class Conflict(Fed, Base):
    """Where systems disagree, as it stands."""

    __tablename__ = "conflict"
    __table_args__ = (
        Index(None, "found_at"),
        Index("conflict_open", "kind", sqlite_where=text("open"), postgresql_where=text("open")),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    entity: Mapped[str]
    key: Mapped[Optional[str]]
    refs: Mapped[list[str]]
    field: Mapped[Optional[str]]
    kept: Mapped[Any] = mapped_column(nullable=True)
    lost: Mapped[Any] = mapped_column(nullable=True)
    open: Mapped[bool]
    reason: Mapped[str]
    remedy: Mapped[str]
    causes: Mapped[list[str]]
    found_at: Mapped[datetime]


class ConflictRecord(Fed, Base):
    """One record that a conflict concerns."""

    __tablename__ = "conflict_record"
    __table_args__ = (Index(None, "ref"),)

    conflict_id: Mapped[Key]
    ref: Mapped[Key]


class DeadLetter(Fed, Base):
    """What could not be processed: open until a person retries or discards it, and open again if it comes again."""

    __tablename__ = "dead_letter"
    __table_args__ = (
        Index(
            "dead_letter_open", "stage", sqlite_where=text("status = 'open'"), postgresql_where=text("status = 'open'")
        ),
        Index(None, "event_id"),
    )

    id: Mapped[Key]
    stage: Mapped[str]
    subject: Mapped[str]
    field: Mapped[Optional[str]]
    code: Mapped[str]
    reason: Mapped[str]
    remedy: Mapped[str]
    origin: Mapped[Optional[str]]
    payload: Mapped[Optional[str]]
    event_id: Mapped[Optional[str]]
    first_parked_at: Mapped[datetime]
    parked_at: Mapped[datetime]
    times: Mapped[int]
    status: Mapped[str]
    resolved_by: Mapped[Optional[str]]
    resolved_at: Mapped[Optional[datetime]]
    note: Mapped[Optional[str]]


class Connection(Fed, Base):
    """How one process of one connection is, by its own last word."""

    __tablename__ = "connection"

    connection: Mapped[Key]
    role: Mapped[Key]
    state: Mapped[str]
    reason: Mapped[str]
    remedy: Mapped[str]
    until: Mapped[Optional[datetime]]
    used: Mapped[Optional[Big]]
    quota: Mapped[Optional[Big]]
    reserve: Mapped[Optional[Big]]
    at: Mapped[datetime]
