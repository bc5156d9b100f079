"""The messages on the topics: events in the past tense, commands imperative; they never know how they travel."""

from schemas.entities import Account, AccountSummary, Contact, Deal, Lead, Overlap
from schemas.messages.base import Message, identity, record_ref
from schemas.messages.changes import (
    CHANGED,
    AccountChanged,
    CaughtUp,
    Changed,
    ChangeKind,
    ContactChanged,
    DealChanged,
    LeadChanged,
)
from schemas.messages.operations import (
    ConnectionReported,
    ConnectionState,
    CursorSaved,
    DeadLetter,
    DeadLetterResolved,
    Resolution,
)
from schemas.messages.overlaps import AccountCard, OursSeen, OverlapDecided, PairScored, Presence
from schemas.messages.reconciliation import ConflictFound, ConflictKind, LinkDecided, LinkRule, Ruling, RulingGiven
from schemas.messages.writes import MatchBy, Parent, Write, WriteAction, WriteFinished, WriteStatus

MESSAGES: tuple[type[Message], ...] = (
    *CHANGED.values(), CaughtUp, OverlapDecided, Write, WriteFinished, DeadLetter, DeadLetterResolved, LinkDecided, ConflictFound,
    RulingGiven, ConnectionReported, Presence, OursSeen, PairScored, CursorSaved,
)  # fmt: skip
ENTITIES = (Account, Contact, Lead, Deal, Overlap, AccountSummary)

__all__ = [
    "CHANGED",
    "ENTITIES",
    "MESSAGES",
    "AccountCard",
    "AccountChanged",
    "CaughtUp",
    "ChangeKind",
    "Changed",
    "ConflictFound",
    "ConflictKind",
    "ConnectionReported",
    "ConnectionState",
    "ContactChanged",
    "CursorSaved",
    "DeadLetter",
    "DeadLetterResolved",
    "DealChanged",
    "LeadChanged",
    "LinkDecided",
    "LinkRule",
    "MatchBy",
    "Message",
    "OursSeen",
    "OverlapDecided",
    "PairScored",
    "Parent",
    "Presence",
    "Resolution",
    "Ruling",
    "RulingGiven",
    "Write",
    "WriteAction",
    "WriteFinished",
    "WriteStatus",
    "identity",
    "record_ref",
]
