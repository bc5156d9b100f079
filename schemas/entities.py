"""The canonical records that vendors' records are normalised into; they never carry a vendor's field name."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Amount = Annotated[Decimal, WithJsonSchema({"type": "string", "format": "decimal"})]


class Population(StrEnum):
    """Where an account stands with the party that holds it: three populations that all account-mapping tools share."""

    CUSTOMER = "customer"
    OPEN_OPPORTUNITY = "open_opportunity"
    PROSPECT = "prospect"


class Relation(StrEnum):
    """How two accounts relate: the same company, or two units of one family."""

    SAME = "same"
    RELATED = "related"


class OverlapBand(StrEnum):
    """How sure an overlap is: safe to act upon, or for a person to confirm."""

    LINKED = "linked"
    TO_CONFIRM = "to_confirm"


class OverlapStatus(StrEnum):
    """An overlap is active while the evidence holds; afterwards it is ended, never deleted."""

    ACTIVE = "active"
    ENDED = "ended"


class DealStage(StrEnum):
    """How far a deal has come: the stages that CRMs share, whatever they call them."""

    QUALIFICATION = "qualification"
    MEETING = "meeting"
    DECISION_MAKER = "decision_maker"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    WON = "won"
    LOST = "lost"


class LeadStatus(StrEnum):
    """How far a lead has come."""

    NEW = "new"
    WORKING = "working"
    CONVERTED = "converted"
    DISQUALIFIED = "disqualified"


class OfferRequest(StrEnum):
    """What a deal asks of its private offer; nothing is asked for twice while it stands there."""

    CREATE = "create"
    CANCEL = "cancel"


class Entity(BaseModel):
    """A canonical record. Readers ignore fields they do not know, so that a newer writer can add one."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Account(Entity):
    """A company as one party's system knows it."""

    name: Text = Field(description="The name as it stands in the system of record.", examples=["Acme Robotics GmbH"])
    website: str | None = Field(
        default=None, description="Web address, with or without a scheme.", examples=["https://acme.com"]
    )
    domains: tuple[str, ...] = Field(default=(), description="Further web domains of the company.")
    former_domains: tuple[str, ...] = Field(default=(), description="Web domains that it has given up.")
    contact_domains: tuple[str, ...] = Field(
        default=(), description="Domains of the mail addresses of its contacts.", examples=[("acme.com",)]
    )
    other_names: tuple[str, ...] = Field(
        default=(), description="Further names: legal name, brand, short or former name.", examples=[("Acme",)]
    )
    country: str | None = Field(default=None, description="Country name or ISO 3166 code.", examples=["Germany"])
    city: str | None = Field(default=None, description="City.", examples=["Berlin"])
    postal_code: str | None = Field(default=None, description="Postal code.", examples=["10115"])
    street: str | None = Field(default=None, description="Street and number.", examples=["Invalidenstr. 1"])
    phone: str | None = Field(default=None, description="Phone number as written.", examples=["+49 30 1234567"])
    registration_ids: dict[str, str] = Field(
        default_factory=dict, description="Registration numbers by kind.", examples=[{"duns": "150483782"}]
    )
    population: Population = Field(default=Population.PROSPECT, description="Where the account stands with its holder.")
    owner_name: str | None = Field(
        default=None, description="The person who owns the account.", examples=["Dana Reyes"]
    )
    owner_email: str | None = Field(default=None, description="That person's mail address.", examples=["dana@acme.com"])
    source_id: str | None = Field(default=None, description="The account's id in the system that it was imported from.")
    employees: int | None = Field(default=None, description="Number of employees.", examples=[250])
    industry: str | None = Field(
        default=None, description="Industry, in the system's own words.", examples=["Software"]
    )
    annual_revenue: Amount | None = Field(default=None, description="Revenue a year, in the account's currency.")
    technologies: tuple[str, ...] = Field(default=(), description="What it uses.", examples=[("Kafka", "AWS")])
    description: str | None = Field(default=None, description="What the company does, in free text.")
    lists: tuple[str, ...] = Field(
        default=(), description="Reports or lists of its system that name it.", examples=[("Strategic accounts",)]
    )
    named: bool | None = Field(default=None, description="Whether it is a named account, kept for direct sales.")
    tandem_key: str | None = Field(
        default=None, description="The key that Tandem has given to what stands in several systems; its explicit link."
    )


class Contact(Entity):
    """A person at an account."""

    last_name: Text = Field(description="Family name.", examples=["Okafor"])
    first_name: str | None = Field(default=None, description="Given name.", examples=["Ada"])
    email: str | None = Field(default=None, description="Mail address.", examples=["ada@acme.com"])
    phone: str | None = Field(default=None, description="Phone number as written.")
    title: str | None = Field(default=None, description="Job title.", examples=["Head of Robotics"])
    account: str | None = Field(default=None, description="The account's id in the same system.")
    owner_email: str | None = Field(default=None, description="Who owns the contact.")
    tandem_key: str | None = Field(
        default=None, description="The key that Tandem has given to what stands in several systems; its explicit link."
    )


class Lead(Entity):
    """Somebody who may become a customer, before there is an account."""

    last_name: Text = Field(description="Family name.", examples=["Okafor"])
    company: Text = Field(description="The company's name as the lead gave it.", examples=["Acme Robotics"])
    first_name: str | None = Field(default=None, description="Given name.")
    email: str | None = Field(default=None, description="Mail address.")
    phone: str | None = Field(default=None, description="Phone number as written.")
    title: str | None = Field(default=None, description="Job title.")
    country: str | None = Field(default=None, description="Country name or ISO 3166 code.")
    source: str | None = Field(default=None, description="Where the lead came from, in the system's own words.")
    status: LeadStatus = Field(default=LeadStatus.NEW, description="How far it has come.")
    converted_account: str | None = Field(default=None, description="The account that it became, in the same system.")
    converted_contact: str | None = Field(default=None, description="The contact that it became, in the same system.")
    converted_deal: str | None = Field(default=None, description="The deal that it became, in the same system.")
    owner_email: str | None = Field(default=None, description="Who owns the lead.")
    website: str | None = Field(default=None, description="The company's web address.", examples=["https://acme.com"])
    city: str | None = Field(default=None, description="City.", examples=["Berlin"])
    state: str | None = Field(default=None, description="State or province, as the lead gave it.", examples=["Texas"])
    postal_code: str | None = Field(default=None, description="Postal code.", examples=["10115"])
    industry: str | None = Field(default=None, description="The company's industry.")
    employees: int | None = Field(default=None, description="Number of employees of the company.", examples=[250])
    product: str | None = Field(default=None, description="The product that it asks for.", examples=["fleet"])
    language: str | None = Field(default=None, description="ISO 639-1 code or name.", examples=["de"])
    amount: Amount | None = Field(default=None, description="What it may be worth, in the lead's currency.")
    currency: str | None = Field(default=None, description="ISO 4217 code of the amount.")
    partner: str | None = Field(
        default=None, description="The partner that it came from, by its key or its id in the same system."
    )
    no_partner: bool | None = Field(default=None, description="Whether it may not be passed to a partner.")
    created_at: AwareDatetime | None = Field(default=None, description="When it came in.")
    tandem_key: str | None = Field(
        default=None, description="The key that Tandem has given to what stands in several systems; its explicit link."
    )


class Deal(Entity):
    """An opportunity to sell something to an account. Money is decimal, never a float."""

    name: Text = Field(description="What the deal is called.", examples=["Acme Robotics: 40 seats"])
    stage: DealStage = Field(default=DealStage.QUALIFICATION, description="How far it has come.")
    account: str | None = Field(default=None, description="The account's id in the same system.")
    amount: Amount | None = Field(default=None, description="Worth, in the deal's currency.", examples=["12500.00"])
    currency: str | None = Field(default=None, description="ISO 4217 code of the amount.", examples=["EUR"])
    close_date: date | None = Field(default=None, description="Expected or real day of closing.")
    next_step: str | None = Field(default=None, description="What happens next, in free text.")
    owner_email: str | None = Field(default=None, description="Who owns the deal.")
    offer_request: OfferRequest | None = Field(default=None, description="What is asked of the private offer.")
    offer_ref: str | None = Field(
        default=None, description="An offer that somebody made by hand, as people noted it.", examples=["offer-abc123"]
    )
    buyer_account: str | None = Field(
        default=None, description="The buyer's cloud account, 12 digits at AWS.", examples=["123456789012"]
    )
    product: str | None = Field(default=None, description="The marketplace product's id; none: the usual one.")
    accept_by: date | None = Field(default=None, description="The last day on which the offer can be accepted.")
    starts_on: date | None = Field(default=None, description="First day of the agreement; none: at acceptance.")
    ends_on: date | None = Field(default=None, description="Last day of the agreement, with a first day.")
    duration_months: int | None = Field(default=None, description="How long it runs from acceptance.", examples=[12])
    schedule: tuple[str, ...] = Field(
        default=(), description="Payments, each a day and an amount.", examples=[["2027-01-01 5000.00"]]
    )
    grants: tuple[str, ...] = Field(
        default=(), description="What is bought, each a dimension and a quantity.", examples=[["seats=40"]]
    )
    replaces_agreement: str | None = Field(default=None, description="The agreement that the offer replaces.")
    resale_authorization: str | None = Field(default=None, description="The authorisation that a reseller uses.")
    cosell: bool | None = Field(default=None, description="Whether the deal is shared with the cloud vendor.")
    cosell_ref: str | None = Field(
        default=None, description="A co-sell opportunity that somebody made by hand.", examples=["O1234567"]
    )
    problem: str | None = Field(default=None, description="The customer's problem, for the cloud vendor.")
    use_case: str | None = Field(default=None, description="The customer's use case, for the cloud vendor.")
    industry: str | None = Field(default=None, description="The customer's industry, for the cloud vendor.")
    lost_reason: str | None = Field(default=None, description="Why the deal was lost.")
    product_line: str | None = Field(default=None, description="What is sold, as registrations call it.")
    partner: str | None = Field(
        default=None,
        description="The partner of the deal, by its key or its id in the same system; none: direct sales.",
    )
    created_at: AwareDatetime | None = Field(default=None, description="When the deal was opened.")
    tandem_key: str | None = Field(
        default=None, description="The key that Tandem has given to what stands in several systems; its explicit link."
    )


class Overlap(Entity):
    """An account that we and one partner both hold, as the rep sees it on our account."""

    key: str = Field(description="External id: stable for one of our accounts and one of the partner's.")
    account: str = Field(description="Our account's id in our system.")
    partner: str = Field(description="The partner's key, as in the connection's party.", examples=["acme"])
    partner_name: str = Field(description="The partner's display name.", examples=["Acme Cloud"])
    partner_account: str = Field(description="The account's id in the partner's system.")
    partner_accounts: tuple[str, ...] = Field(
        default=(), description="The ids of all the partner's accounts that match ours, that one too."
    )
    partner_account_name: str = Field(description="The account's name in the partner's system.")
    partner_account_website: str | None = Field(
        default=None, description="The account's website in the partner's system."
    )
    partner_owner_name: str | None = Field(default=None, description="Who owns the account at the partner.")
    our_population: Population = Field(description="Where the account stands with us.")
    partner_population: Population = Field(description="Where the account stands with the partner.")
    relation: Relation = Field(description="The same company, or a related one.")
    confidence: float = Field(ge=0, le=1, description="How sure the match is, 0 to 1.")
    reasons: tuple[str, ...] = Field(
        description="Why the two are held to be the same, in words that a rep understands."
    )
    main_reason: str = Field(description="The strongest of the reasons, for where there is room for one.")
    status: OverlapStatus = Field(description="Active while the evidence holds.")
    first_seen: AwareDatetime = Field(description="When this overlap was first decided.")
    last_changed: AwareDatetime = Field(description="When any field of this overlap last changed.")
    ended_on: AwareDatetime | None = Field(default=None, description="When it ended; empty while it is active.")
    band: OverlapBand | None = Field(
        default=None, description="Linked, or to be confirmed by a person; empty on overlaps of older versions."
    )
    kin: str | None = Field(
        default=None,
        description="How the two are related, where they are not the same company.",
        examples=["one group: acme.com, other country"],
    )
    fit_band: str | None = Field(
        default=None, pattern="^[A-D]$", description="How well the company fits the ideal customer profile, A is best."
    )
    fit: int | None = Field(default=None, ge=0, le=100, description="The same, 0 to 100.")
    partner_evidence: int | None = Field(
        default=None, ge=0, le=100, description="How much speaks for the company through partners, 0 to 100."
    )
    evidence_codes: tuple[str, ...] = Field(
        default=(), description="What the fit and the partner evidence rest on.", examples=[("PARTNER_CUSTOMER",)]
    )
    icp_version: str | None = Field(default=None, description="The version of the profile that the fit is of.")
    fit_known: int | None = Field(
        default=None,
        ge=0,
        le=100,
        description="How much of what the profile looks at is known of the company, percent.",
    )
    partner_population_since: AwareDatetime | None = Field(
        default=None, description="Since when the account stands so with the partner, as far as it was seen."
    )
    partner_population_before: Population | None = Field(
        default=None, description="Where it stood with the partner before; empty where it never stood elsewhere."
    )


class AccountSummary(Entity):
    """What the overlaps of one of our accounts add up to, written onto the account itself."""

    account: str = Field(description="Our account's id in our system.")
    partner_count: int = Field(ge=0, description="Number of partners with an active overlap.")
    best_partner: str | None = Field(
        default=None, description="Display name of the partner with the strongest position."
    )
    partner_since: AwareDatetime | None = Field(
        default=None, description="Since when there has been an active overlap."
    )
    fit_band: str | None = Field(
        default=None, pattern="^[A-D]$", description="How well the company fits the ideal customer profile, A is best."
    )
    fit: int | None = Field(default=None, ge=0, le=100, description="The same, 0 to 100.")
    fit_known: int | None = Field(
        default=None,
        ge=0,
        le=100,
        description="How much of what the profile looks at is known of the company, percent.",
    )
    partner_evidence: int | None = Field(
        default=None, ge=0, le=100, description="The strongest evidence of one partner, 0 to 100."
    )
    readiness: int | None = Field(
        default=None, ge=0, le=100, description="How ready we are to act on it with a partner, 0 to 100."
    )
    momentum: int | None = Field(
        default=None, ge=-100, le=100, description="What moved with partners of late: above 0 for the better."
    )
    qualified: bool = Field(default=False, description="Whether fit and partner evidence qualify the account.")
    qualified_codes: tuple[str, ...] = Field(
        default=(), description="Why, as codes of a closed list.", examples=[("FITS_ICP", "THEIR_CUSTOMER")]
    )
    icp_version: str | None = Field(default=None, description="The version of the profile that the fit is of.")
