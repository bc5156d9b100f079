"""The messages on the topics: events in the past tense, commands imperative; they never know how they travel."""

from schemas.entities import Account, AccountSummary, Contact, Deal, Lead, Overlap
from schemas.marketplace import (
    Agreement,
    ChangeSet,
    Cosell,
    CosellInvitation,
    CosellOffer,
    CosellSolution,
    CosellSubmission,
    DealOffer,
    Offer,
    OfferSet,
    PrivateOffer,
    ResaleAuthorization,
)
from schemas.messages.base import Message, identity, record_ref
from schemas.messages.changes import (
    CHANGED,
    CRM_ENTITIES,
    AccountChanged,
    AgreementChanged,
    CaughtUp,
    Changed,
    ChangeKind,
    ChangeSetChanged,
    ContactChanged,
    CosellChanged,
    CosellInvitationChanged,
    DealChanged,
    LeadChanged,
    OfferChanged,
    OfferSetChanged,
    ResaleAuthorizationChanged,
    TimePassed,
)
from schemas.messages.offers import MatchStatus, OfferCandidate, OfferLinkDecided, OfferMatched
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
    RulingGiven, OfferLinkDecided, OfferMatched, TimePassed, ConnectionReported, Presence, OursSeen, PairScored, CursorSaved,
)  # fmt: skip
ENTITIES = (
    Account, Contact, Lead, Deal, Overlap, AccountSummary, Offer, OfferSet, ResaleAuthorization, ChangeSet, Agreement,
    Cosell, CosellInvitation, CosellSubmission, CosellSolution, CosellOffer, DealOffer, PrivateOffer,
)  # fmt: skip

__all__ = [
    "CHANGED",
    "CRM_ENTITIES",
    "ENTITIES",
    "MESSAGES",
    "AccountCard",
    "AccountChanged",
    "AgreementChanged",
    "CaughtUp",
    "ChangeKind",
    "ChangeSetChanged",
    "Changed",
    "ConflictFound",
    "ConflictKind",
    "ConnectionReported",
    "ConnectionState",
    "ContactChanged",
    "CosellChanged",
    "CosellInvitationChanged",
    "CursorSaved",
    "DeadLetter",
    "DeadLetterResolved",
    "DealChanged",
    "LeadChanged",
    "LinkDecided",
    "LinkRule",
    "MatchBy",
    "MatchStatus",
    "Message",
    "OfferCandidate",
    "OfferChanged",
    "OfferLinkDecided",
    "OfferMatched",
    "OfferSetChanged",
    "OursSeen",
    "OverlapDecided",
    "PairScored",
    "Parent",
    "Presence",
    "ResaleAuthorizationChanged",
    "Resolution",
    "Ruling",
    "RulingGiven",
    "TimePassed",
    "Write",
    "WriteAction",
    "WriteFinished",
    "WriteStatus",
    "identity",
    "record_ref",
]
