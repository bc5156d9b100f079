"""What the parts of this decision hand to each other: registrations, partners, deals as they are known; no logic."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from mappings.engagement import Against, Engagement
from schemas.entities import Account, Amount, Deal, DealStage
from schemas.marketplace import OfferState
from schemas.partners import PartnerStatus, Registration, RegistrationStatus
from streams.connected import Connected


@dataclass(frozen=True, slots=True)
class Setup:
    """Who takes part, and by which rules."""

    connected: Connected
    rules: Engagement

    @property
    def connections(self) -> tuple[str, ...]:
        """Everyone who has to have been looked at before it can be known that something is not there."""
        return tuple(dict.fromkeys((*self.connected.prms, *self.connected.crms)))


class Part(BaseModel):
    """A piece of what is remembered; it is never changed, only replaced."""

    model_config = ConfigDict(frozen=True)


class Hand(Part):
    """A status that somebody has set in the registration's own system, and that is not heeded yet."""

    status: RegistrationStatus
    at: AwareDatetime
    by: str
    change: str


class Reading(Part):
    """One record of a registration as last read, and what its system has said of the status so far."""

    t: Literal["reading"] = "reading"
    ref: str
    version: int
    record: Registration
    alive: bool = True
    change: str
    at: AwareDatetime  # of this version
    first_at: AwareDatetime  # of the earliest version that was no draft
    content_at: AwareDatetime  # of the last version in which the partner's own fields changed
    digest: str  # of those fields
    heard: RegistrationStatus | None = None
    expect: tuple[RegistrationStatus, ...] = ()  # what we wrote there and have not read back yet
    hand: Hand | None = None

    @property
    def connection(self) -> str:
        """The system that holds it."""
        return self.ref.split("/", 1)[0]

    @property
    def record_id(self) -> str:
        """Its id there."""
        return self.ref.split("/", 2)[2]


class PartnerCard(Part):
    """What deal registration has to know of a partner."""

    t: Literal["partner"] = "partner"
    key: str
    name: str
    status: PartnerStatus
    refs: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    tier: str | None = None
    email: str | None = None
    owner_email: str | None = None


class AccountCard(Part):
    """An account of ours as last seen."""

    t: Literal["account"] = "account"
    ref: str
    version: int
    account: Account
    alive: bool = True


class DealCard(Part):
    """A deal of ours as last seen. `active_at`: when somebody other than Tandem last changed it."""

    t: Literal["deal"] = "deal"
    ref: str
    version: int
    deal: Deal
    alive: bool = True
    change: str
    seen_at: AwareDatetime
    active_at: AwareDatetime | None = None
    merged_into: str | None = None

    @property
    def open(self) -> bool:
        """Whether it is still to be won."""
        return self.alive and self.deal.stage not in {DealStage.WON, DealStage.LOST}


class OfferCard(Part):
    """How far the private offer of a deal has come."""

    t: Literal["offer"] = "offer"
    deal: str
    state: OfferState | None


class Found(Part):
    """Something that may stand against a registration. `sure`: it is the same company beyond doubt."""

    against: Against
    ref: str
    name: str
    confidence: float
    sure: bool
    because: str = ""
    held: bool = False  # a registration: it is protected now
    earlier: bool = False  # a registration: it was submitted before
    stage: DealStage | None = None
    age_days: int | None = None
    until: date | None = None


class Inputs(Part):
    """All that a registration is judged by, beside the rules: the same inputs lead to the same verdict."""

    ref: str
    registration: Registration
    partner: PartnerCard
    today: date
    submitted_at: AwareDatetime
    found: tuple[Found, ...] = ()


class LevelPlan(Part):
    """One level of approval with the people in it."""

    approvers: tuple[str, ...]
    escalate_to: tuple[str, ...]
    hours: int


class Verdict(Part):
    """What the rules say. `reasons` are for partner managers, `words` may be read by the partner."""

    outcome: Literal["return", "reject", "wait", "review", "approve"]
    missing: tuple[str, ...] = ()
    rule: str | None = None
    conflict_with: str | None = None
    conflict_words: str | None = None
    reasons: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    approval: str | None = None
    levels: tuple[LevelPlan, ...] = ()
    protection_days: int = 0
    margin: Amount | None = None
    kind: str | None = None


class Made(Part):
    """The deal that was asked for in the first CRM, and what became of it."""

    write: str
    connection: str
    key: str
    digest: str
    status: Literal["sent", "applied", "rejected"] = "sent"
    target: str | None = None
    reason: str | None = None
