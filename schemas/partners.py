"""The canonical records of partner management: partners, what they register, pass on and earn; never a vendor's field name."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, Field

from schemas.entities import Amount, Entity, Text


class PartnerStatus(StrEnum):
    """Whether a partner may be passed leads and may register deals: only an active one."""

    PROSPECT = "prospect"
    PENDING = "pending"
    ACTIVE = "active"
    INACTIVE = "inactive"


class Partner(Entity):
    """A partner organisation as one of our systems knows it."""

    name: Text = Field(description="What the partner is called.", examples=["Acme Cloud"])
    key: str | None = Field(
        default=None, description="Its key in all our systems, where somebody set one.", examples=["acme"]
    )
    status: PartnerStatus = Field(default=PartnerStatus.ACTIVE, description="Where the partnership stands.")
    types: tuple[str, ...] = Field(default=(), description="What kind of partner.", examples=[["reseller", "referral"]])
    tier: str | None = Field(default=None, description="The tier as the system shows it.", examples=["gold"])
    website: str | None = Field(default=None, description="Web address.")
    domains: tuple[str, ...] = Field(default=(), description="Further domains, as of its people's mail addresses.")
    country: str | None = Field(default=None, description="Country of its seat: name or ISO 3166 code.")
    territories: tuple[str, ...] = Field(
        default=(),
        description="Where it sells: names of routing.toml's territories, or countries.",
        examples=[["dach"]],
    )
    segments: tuple[str, ...] = Field(default=(), description="Sizes of company that it serves.", examples=[["smb"]])
    products: tuple[str, ...] = Field(default=(), description="What it sells.", examples=[["fleet"]])
    languages: tuple[str, ...] = Field(default=(), description="ISO 639-1 codes.", examples=[["de", "en"]])
    capacity: int | None = Field(
        default=None, ge=0, description="Most open leads that it takes at once; none: any number."
    )
    weight: int | None = Field(default=None, ge=0, description="Its share in fair rotation; none: 1.")
    no_leads: bool | None = Field(default=None, description="Whether it wants no leads.")
    email: str | None = Field(default=None, description="Where its leads and notices go.")
    owner_email: str | None = Field(default=None, description="Our partner manager.")
    agreed_on: date | None = Field(default=None, description="The day on which the partner agreement was signed.")
    parent: str | None = Field(default=None, description="The id of its parent partner in the same system.")


class PartnerUser(Entity):
    """A person who works at a partner, as a CRM or PRM knows them."""

    email: Text = Field(description="Mail address: who it is in every system.", examples=["ada@acme.com"])
    partner: Text = Field(description="The partner's key, or its id in the same system.")
    first_name: str | None = Field(default=None, description="Given name.")
    last_name: str | None = Field(default=None, description="Family name.")
    role: str | None = Field(default=None, description="What they do there.", examples=["sales", "technical"])
    language: str | None = Field(default=None, description="ISO 639-1 code.")
    active: bool = Field(default=True, description="Whether they still work there.")


class RegistrationStatus(StrEnum):
    """Where a deal registration stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    RECLAIMED = "reclaimed"
    WITHDRAWN = "withdrawn"
    CONVERTED = "converted"
    LOST = "lost"


class DealType(StrEnum):
    """How a partner takes part in a deal."""

    REFERRAL = "referral"
    RESALE = "resale"
    COSELL = "cosell"


class Registration(Entity):
    """A deal that a partner registers, as a PRM, a CRM or the portal knows it. Shape: facts, prm 4.4."""

    partner: Text = Field(description="The partner's key, or its id in the same system.")
    company: Text = Field(description="The customer's name as the partner wrote it.", examples=["Acme Robotics"])
    name: str | None = Field(default=None, description="What the registration is called.")
    website: str | None = Field(default=None, description="The customer's web address.")
    country: str | None = Field(default=None, description="The customer's country.")
    city: str | None = Field(default=None, description="The customer's city.")
    postal_code: str | None = Field(default=None, description="The customer's postal code.")
    contact_first_name: str | None = Field(default=None, description="Given name of the contact at the customer.")
    contact_last_name: str | None = Field(default=None, description="Family name of the contact at the customer.")
    contact_email: str | None = Field(default=None, description="Mail address of the contact at the customer.")
    contact_phone: str | None = Field(default=None, description="Phone number of the contact at the customer.")
    user_email: str | None = Field(default=None, description="Who at the partner registered it.")
    products: tuple[str, ...] = Field(default=(), description="What the customer wants.", examples=[["fleet"]])
    amount: Amount | None = Field(default=None, description="Expected worth, in the registration's currency.")
    currency: str | None = Field(default=None, description="ISO 4217 code of the amount.")
    expected_close: date | None = Field(default=None, description="When the partner expects it to close.")
    deal_type: DealType | None = Field(default=None, description="Referral, resale or co-sell.")
    description: str | None = Field(default=None, description="What the partner says of it.")
    status: RegistrationStatus = Field(
        default=RegistrationStatus.SUBMITTED, description="Where its system says it stands."
    )
    stage: str | None = Field(default=None, description="The stage in its system's own words.")
    submitted_at: AwareDatetime | None = Field(default=None, description="When the partner submitted it.")
    active_at: AwareDatetime | None = Field(default=None, description="When the partner last worked on it.")
    deal: str | None = Field(default=None, description="Our deal's id or key, where somebody entered it.")
    lost_reason: str | None = Field(default=None, description="Why it was lost.")


class PartnerLeadStatus(StrEnum):
    """What a partner says of a lead that it was passed."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WORKING = "working"
    CONVERTED = "converted"
    WON = "won"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


class PartnerLead(Entity):
    """A lead as a partner sees it in the PRM. Written: what is passed to a partner; read: what the partner says of it."""

    partner: str | None = Field(default=None, description="The partner's key, or its id in the same system.")
    lead: str | None = Field(default=None, description="Our lead: connection/lead/id; none: the partner's own find.")
    last_name: str | None = Field(default=None, description="Family name.")
    first_name: str | None = Field(default=None, description="Given name.")
    company: str | None = Field(default=None, description="The company's name.")
    email: str | None = Field(default=None, description="Mail address.")
    phone: str | None = Field(default=None, description="Phone number as written.")
    website: str | None = Field(default=None, description="The company's web address.")
    country: str | None = Field(default=None, description="Country name or ISO 3166 code.")
    product: str | None = Field(default=None, description="The product that it asks for.")
    amount: Amount | None = Field(default=None, description="What it may be worth.")
    currency: str | None = Field(default=None, description="ISO 4217 code of the amount.")
    status: PartnerLeadStatus = Field(default=PartnerLeadStatus.OFFERED, description="Where the partner has it.")
    respond_by: AwareDatetime | None = Field(default=None, description="Until when the partner has to answer.")
    reason: str | None = Field(
        default=None, description="Why it was passed to this partner, or why it was declined or lost."
    )
    created_at: AwareDatetime | None = Field(default=None, description="When it came in.")


class PartnerCustomer(Entity):
    """A customer that a PRM credits to a partner."""

    partner: Text = Field(description="The partner's key, or its id in the same system.")
    name: str | None = Field(default=None, description="The customer's name.")
    email: str | None = Field(default=None, description="The customer's mail address.")
    external_id: str | None = Field(default=None, description="Our own id of the customer.")
    created_at: AwareDatetime | None = Field(default=None, description="Since when.")


class Transaction(Entity):
    """Revenue that a PRM credits to a partner."""

    partner: Text = Field(description="The partner's key, or its id in the same system.")
    customer: str | None = Field(default=None, description="The customer's id in the same system.")
    amount: Amount = Field(description="What was paid.")
    currency: Text = Field(description="ISO 4217 code of the amount.")
    product: str | None = Field(default=None, description="What was bought.")
    at: AwareDatetime = Field(description="When it was paid.")
    external_id: str | None = Field(default=None, description="Our own id of it.")


class Reward(Entity):
    """What a partner is owed or was paid, as the PRM says."""

    partner: Text = Field(description="The partner's key, or its id in the same system.")
    amount: Amount = Field(description="How much.")
    currency: Text = Field(description="ISO 4217 code of the amount.")
    status: str | None = Field(default=None, description="The system's own word: pending, approved, paid.")
    reason: str | None = Field(default=None, description="What it is for.")
    customer: str | None = Field(default=None, description="The customer's id in the same system.")
    at: AwareDatetime | None = Field(default=None, description="When it was made.")


class SignalKind(StrEnum):
    """What a partner network says of a partner and an account of ours."""

    DEAL_OPENED = "deal_opened"
    DEAL_WON = "deal_won"


class Signal(Entity):
    """Something that a partner has done with an account that we share."""

    kind: SignalKind = Field(description="What has happened.")
    partner: Text = Field(description="The partner's key.")
    account: str | None = Field(default=None, description="Our account's id in our CRM.")
    account_name: str | None = Field(default=None, description="What we call the account.")
    partner_account: str | None = Field(default=None, description="The account's id at the partner.")
    deal_name: str | None = Field(default=None, description="What the partner calls its deal.")
    deal_stage: str | None = Field(default=None, description="Where the partner's deal stands.")
    at: AwareDatetime = Field(description="When it happened.")


class PartnerStanding(Entity):
    """What Tandem shows on a partner's record in a CRM or PRM: its tier and certifications, and what lapses next."""

    partner_key: str | None = Field(default=None, description="Its key in all our systems.")
    earned_tier: str | None = Field(default=None, description="The tier by the published rules.", examples=["gold"])
    tier_since: date | None = Field(default=None, description="Since when.")
    tier_lapses_on: date | None = Field(default=None, description="When it falls, if nothing changes.")
    tier_reasons: tuple[str, ...] = Field(default=(), description="Why this tier, and what the next one needs.")
    certified_people: int | None = Field(default=None, description="People with a certification in force.")
    certifications: tuple[str, ...] = Field(
        default=(), description="What is in force, each with product, level and last day."
    )
    next_lapse_on: date | None = Field(default=None, description="When the next certification lapses.")
    onboarding: str | None = Field(default=None, description="How far onboarding has come.", examples=["60 days: late"])
    open_leads: int | None = Field(default=None, description="Leads that are open with the partner.")
    next_step: str | None = Field(default=None, description="What has to be done next, and by whom.")


class LeadAssignment(Entity):
    """What Tandem shows on a lead in the CRM: who has it, until when, and why."""

    route_state: str | None = Field(default=None, description="Offered, accepted, with direct sales ...")
    partner: str | None = Field(default=None, description="The partner's key.")
    partner_name: str | None = Field(default=None, description="The partner's display name.")
    partner_account: str | None = Field(default=None, description="The partner's own record in the same system.")
    offered_at: AwareDatetime | None = Field(default=None, description="Since when.")
    respond_by: AwareDatetime | None = Field(default=None, description="Until when the partner has to answer.")
    rule: str | None = Field(default=None, description="The routing rule that applied.")
    reasons: tuple[str, ...] = Field(default=(), description="Why this partner, and why not the others.")
    main_reason: str | None = Field(default=None, description="The strongest of them.")
    next_step: str | None = Field(default=None, description="What has to be done next, and by whom.")


class RegistrationOutcome(Entity):
    """What Tandem shows on a registration in the system that it came from, and in the others that hold it."""

    status: RegistrationStatus | None = Field(default=None, description="What was decided.")
    reasons: tuple[str, ...] = Field(default=(), description="Why, in words that the partner may read.")
    missing: tuple[str, ...] = Field(default=(), description="What the partner has to fill in.")
    conflict_with: str | None = Field(default=None, description="What it is in conflict with, in words.")
    approved_at: AwareDatetime | None = Field(default=None, description="When it was approved.")
    approved_by: str | None = Field(default=None, description="By whom, or by which rule.")
    protected_until: date | None = Field(default=None, description="The last day of protection.")
    deal: str | None = Field(default=None, description="Our deal's id in the same CRM, or its key.")
    margin: Amount | None = Field(default=None, description="Margin or fee, percent of the amount.")
    next_step: str | None = Field(default=None, description="What has to be done next, and by whom.")


class DealPartner(Entity):
    """What Tandem shows on a deal in the CRM of the partner that registered it."""

    partner: str | None = Field(default=None, description="The partner's key.")
    partner_name: str | None = Field(default=None, description="The partner's display name.")
    registration: str | None = Field(default=None, description="The registration: connection/registration/id.")
    registration_status: RegistrationStatus | None = Field(default=None, description="Where it stands.")
    protected_until: date | None = Field(default=None, description="The last day of protection.")
    margin_percent: Amount | None = Field(default=None, description="Margin or fee, percent of the amount.")
    fee_amount: Amount | None = Field(default=None, description="What the partner is due, once the deal is won.")
    fee_currency: str | None = Field(default=None, description="ISO 4217 code of it.")
    fee_basis: str | None = Field(default=None, description="What it was computed from, in words.")


class DealAttribution(Entity):
    """What Tandem shows on a deal in the CRM of every partner's part in it."""

    sourced_by: str | None = Field(default=None, description="Display name of the partner that brought it.")
    influenced_by: tuple[str, ...] = Field(
        default=(), description="Display names of the partners that had a part in it."
    )
    first_touch: tuple[str, ...] = Field(default=(), description="Partner and amount by the model `first touch`.")
    last_touch: tuple[str, ...] = Field(default=(), description="Partner and amount by the model `last touch`.")
    even: tuple[str, ...] = Field(default=(), description="Partner and amount by the model `even`.")
    position: tuple[str, ...] = Field(default=(), description="Partner and amount by the model `position based`.")
    touches: int | None = Field(default=None, description="How many touches that is.")
