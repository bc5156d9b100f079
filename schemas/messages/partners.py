"""What is decided of partners and of what passes between us and them: capability, leads, registrations, money, credit."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from schemas.entities import Amount, Lead
from schemas.messages.base import Message
from schemas.partners import PartnerStatus, Registration, RegistrationStatus


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Decided(Message):
    id: str = Field(description="Hash of what decided it.")
    reasons: tuple[str, ...] = Field(default=(), description="Why, in words that a partner manager understands.")
    causes: tuple[str, ...] = Field(default=(), description="Ids of the changes that it came from.")
    decided_at: AwareDatetime = Field(description="When the change that caused it happened.")


class CertificationStatus(StrEnum):
    """Whether a certification counts: while in force, and while it is about to lapse."""

    IN_FORCE = "in_force"
    LAPSING = "lapsing"
    LAPSED = "lapsed"
    REVOKED = "revoked"


class CertificationDecided(_Decided):
    """A person at a partner holds a certification, is about to lose it, or has lost it."""

    TYPE: ClassVar[str] = "tandem.certification.decided"

    partner: str | None = Field(description="The partner's key; none where the person is known to no partner.")
    email: str = Field(description="Who holds it.")
    program: str = Field(description="Which certification, as tiers.toml calls it.", examples=["fleet-specialist"])
    name: str = Field(description="What it is called.")
    product: str | None = Field(default=None, description="The product that it is about.")
    level: int = Field(default=1, ge=1, description="How high it stands among those of the product.")
    issued_on: date = Field(description="The day from which it counts.")
    expires_on: date | None = Field(default=None, description="The last day on which it counts; none: for ever.")
    status: CertificationStatus = Field(description="Whether it counts.")
    evidence: tuple[str, ...] = Field(default=(), description="The records that prove it.")


class HeldCertification(_Part):
    """A certification that counts, as one of a partner's."""

    email: str
    program: str
    product: str | None = None
    level: int = 1
    expires_on: date | None = None


class MilestoneState(_Part):
    """One milestone of a partner's onboarding."""

    name: str = Field(description="What it is called.", examples=["30 days"])
    due_on: date
    done_on: date | None = None
    late: bool = False
    missing: tuple[str, ...] = Field(default=(), description="What it still needs, in words.")


class PartnerDecided(_Decided):
    """One partner as all our systems together know it, with its tier and what its people are certified for."""

    TYPE: ClassVar[str] = "tandem.partner.decided"

    partner: str = Field(description="The partner's key in all our systems.", examples=["acme"])
    name: str = Field(description="The partner's display name.")
    refs: tuple[str, ...] = Field(
        description="The records that stand for it; sorted.", examples=[["our-prm/partner/part_1"]]
    )
    users: tuple[str, ...] = Field(default=(), description="Mail addresses of its active people; sorted.")
    domains: tuple[str, ...] = Field(default=(), description="Its web and mail domains; sorted.")
    status: PartnerStatus = Field(description="Whether it may be passed leads and may register deals.")
    types: tuple[str, ...] = ()
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2 code of its seat.")
    territories: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    capacity: int | None = Field(default=None, description="Most open leads at once; none: any number.")
    weight: int = Field(default=1, description="Its share in fair rotation.")
    no_leads: bool = False
    email: str | None = None
    owner_email: str | None = None
    agreed_on: date | None = None
    tier: str | None = Field(default=None, description="The tier by the published rules; none: below the lowest.")
    tier_rank: int = Field(default=0, ge=0, description="0: none; then 1 for the lowest tier.")
    tier_since: date | None = None
    tier_lapses_on: date | None = Field(default=None, description="When it falls, if nothing changes.")
    revenue: Amount | None = Field(default=None, description="Revenue that counts for the tier.")
    currency: str | None = None
    certifications: tuple[HeldCertification, ...] = Field(default=(), description="What counts now; sorted.")
    milestones: tuple[MilestoneState, ...] = Field(default=(), description="Its onboarding, in order.")
    next_step: str | None = Field(default=None, description="What has to be done next, and by whom.")


class NoticeGiven(_Decided):
    """Something lapses soon, or is late: said once, ahead of the day, to the partner and to its manager."""

    TYPE: ClassVar[str] = "tandem.notice.given"

    partner: str = Field(description="The partner's key.")
    about: str = Field(description="certification, tier, milestone, lead or registration.")
    subject: str = Field(description="Which one.", examples=["ada@acme.com: fleet-specialist"])
    due_on: date = Field(description="The day.")
    to: tuple[str, ...] = Field(default=(), description="Mail addresses of those whom it concerns.")
    words: str = Field(description="What to say.")


class RouteState(StrEnum):
    """Where a lead is on its way."""

    WAITING = "waiting"  # somebody has to correct something first
    OFFERED = "offered"
    ACCEPTED = "accepted"
    WORKING = "working"
    CONVERTED = "converted"
    WON = "won"
    LOST = "lost"
    DIRECT = "direct"  # direct sales has it
    CLOSED = "closed"  # disqualified, deleted or merged before a partner had it


class LeadCandidate(_Part):
    """A partner that was looked at for a lead, and why it won or lost."""

    partner: str = Field(description="The partner's key.")
    name: str = Field(description="The partner's display name.")
    eligible: bool = Field(description="Whether the rule would let it have the lead.")
    won: bool = Field(default=False, description="Whether it was offered the lead.")
    score: float = Field(default=0.0, description="By the rule's ranking; more is better.")
    reasons: tuple[str, ...] = Field(default=(), description="What speaks for it and against it, in words.")
    signals: dict[str, float] = Field(
        default_factory=dict, description="What a rule that weighs was given, 0 to 1 by name of the signal."
    )


class LeadRouted(_Decided):
    """Where a lead is, who has it and why, and every partner that was looked at."""

    TYPE: ClassVar[str] = "tandem.lead.routed"

    lead: str = Field(description="The lead.", examples=["our-crm/lead/00Qxx0000001"])
    name: str = Field(description="Who and where, for people.", examples=["Ada Okafor, Acme Robotics"])
    state: RouteState = Field(description="Where it is on its way.")
    previous: RouteState | None = Field(default=None, description="Where it was before.")
    partner: str | None = Field(default=None, description="Who has it; none: nobody or direct sales.")
    partner_name: str | None = None
    assignment: int = Field(default=0, ge=0, description="Counts the offers of this lead, from 1.")
    rule: str | None = Field(default=None, description="The rule that applied.")
    rules_version: str = Field(default="", description="Hash of the rules that were in force.")
    offered_at: AwareDatetime | None = None
    respond_by: AwareDatetime | None = None
    candidates: tuple[LeadCandidate, ...] = Field(
        default=(), description="Those that were looked at, the winner first."
    )
    further: int = Field(default=0, ge=0, description="How many more were eligible and would have come later.")
    account: str | None = Field(default=None, description="Our account that the lead belongs to.")
    deal: str | None = Field(default=None, description="Our deal that it became.")
    inputs: Lead | None = Field(default=None, description="The lead as it was when it was decided.")
    related: tuple[str, ...] = Field(
        default=(), description="What partners had to do with its company then.", examples=[["acme overlap customer"]]
    )
    next_step: str | None = Field(default=None, description="What has to be done next, and by whom.")


class Approval(_Part):
    """One level of approval of a registration."""

    level: int = Field(ge=1)
    approvers: tuple[str, ...] = Field(description="Who may decide, by mail address or role.")
    asked_at: AwareDatetime
    due_at: AwareDatetime = Field(description="When it is escalated.")
    escalated: bool = False
    by: str | None = Field(default=None, description="Who has decided.")
    decided_at: AwareDatetime | None = None


class RegistrationDecided(_Decided):
    """Where a deal registration stands, whom it protects until when, and why."""

    TYPE: ClassVar[str] = "tandem.registration.decided"

    registration: str = Field(description="The registration.", examples=["our-prm/registration/deal_1"])
    twins: tuple[str, ...] = Field(default=(), description="The same registration in further systems.")
    name: str = Field(description="For people.", examples=["Acme Robotics, by Blue Reseller"])
    status: RegistrationStatus = Field(description="Where it stands.")
    previous: RegistrationStatus | None = Field(default=None, description="Where it stood before.")
    partner: str = Field(description="The partner's key.")
    partner_name: str = Field(description="The partner's display name.")
    account: str | None = Field(default=None, description="Our account that the customer is.")
    deal: str | None = Field(default=None, description="Our deal that it became or belongs to.")
    submitted_at: AwareDatetime | None = None
    approved_at: AwareDatetime | None = None
    approved_by: str | None = None
    protected_until: date | None = Field(default=None, description="The last day of protection.")
    missing: tuple[str, ...] = Field(default=(), description="What the partner has to fill in.")
    conflict_with: str | None = Field(default=None, description="The record that stands against it.")
    rule: str | None = Field(default=None, description="The rule of engagement that decided.")
    approvals: tuple[Approval, ...] = Field(default=(), description="Who has to decide or has decided, in order.")
    margin_percent: Amount | None = Field(default=None, description="Margin or fee, percent of the amount.")
    rules_version: str = Field(default="", description="Hash of the rules that were in force.")
    inputs: Registration | None = Field(default=None, description="The registration as it was when it was decided.")
    next_step: str | None = Field(default=None, description="What has to be done next, and by whom.")


class FeeDecided(_Decided):
    """What a partner is due for a deal that was won; computed anew when the deal changes."""

    TYPE: ClassVar[str] = "tandem.fee.decided"

    deal: str = Field(description="The deal.")
    registration: str | None = Field(default=None, description="The registration that it comes from.")
    partner: str = Field(description="The partner's key.")
    kind: str = Field(description="`referral_fee` or `margin`.")
    amount: Amount = Field(description="What is due; 0 where the deal is no longer won.")
    currency: str = Field(description="ISO 4217 code.")
    percent: Amount = Field(description="The rate.")
    basis_amount: Amount = Field(description="What it was computed from.")
    basis: str = Field(description="The same in words.")


class TouchKind(StrEnum):
    """In which way a partner had a part in an account."""

    OVERLAP = "overlap"
    LEAD = "lead"
    REGISTRATION = "registration"
    COSELL = "cosell"
    OFFER = "offer"
    TRAINING = "training"
    SIGNAL = "signal"


class TouchRecorded(_Decided):
    """A partner had a part in an account, or is no longer held to have had one."""

    TYPE: ClassVar[str] = "tandem.touch.recorded"

    touch: str = Field(description="Which one: the same touch has the same name.")
    kind: TouchKind = Field(description="In which way.")
    partner: str = Field(description="The partner's key.")
    partner_name: str = Field(description="The partner's display name.")
    account: str | None = Field(default=None, description="Our account.")
    deal: str | None = Field(default=None, description="Our deal, where it was about one.")
    at: AwareDatetime = Field(description="When the partner did it.")
    ref: str = Field(description="The record that proves it.")
    standing: bool = Field(default=True, description="False: it was taken back.")
    words: str = Field(description="What the partner did, in words.")


class Share(_Part):
    """One partner's share of a deal by one model."""

    partner: str
    name: str
    amount: Amount = Field(description="Its part of the deal's amount.")
    weight: Amount = Field(description="Its part of 1.")


class AttributionDecided(_Decided):
    """Which partners brought a deal and had a part in it, by several models side by side; each sums to the amount."""

    TYPE: ClassVar[str] = "tandem.attribution.decided"

    deal: str = Field(description="The deal.")
    deal_name: str = Field(description="What it is called.")
    account: str | None = None
    amount: Amount | None = Field(default=None, description="What is attributed; none while the deal has no amount.")
    currency: str | None = None
    sourced_by: str | None = Field(default=None, description="Key of the partner that brought it; none: direct sales.")
    influenced_by: tuple[str, ...] = Field(
        default=(), description="Keys of the partners that had a part in it; sorted."
    )
    models: dict[str, tuple[Share, ...]] = Field(
        default_factory=dict,
        description="`first_touch`, `last_touch`, `even`, `position`: shares that sum to the amount.",
    )
    touches: tuple[str, ...] = Field(default=(), description="The touches that count, the earliest first.")
