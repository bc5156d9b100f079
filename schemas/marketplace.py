"""The canonical records of cloud marketplaces and co-sell, and what a deal shows of them; no cloud's own spelling."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, Field

from schemas.entities import Amount, Entity, Text


class OfferState(StrEnum):
    """How far a private offer has come, the same for every marketplace. That a buyer has looked at it is told by none."""

    DRAFT = "draft"
    CREATING = "creating"
    CREATE_FAILED = "create_failed"
    RELEASED = "released"
    PARTNER_ACTION = "partner_action"  # a reseller is authorised and has to make the offer
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    ENDED = "ended"
    RENEWED = "renewed"
    REPLACED = "replaced"
    TERMINATED = "terminated"


class ChangeSetStatus(StrEnum):
    """How far an asynchronous change of the marketplace has come."""

    PREPARING = "preparing"
    APPLYING = "applying"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"
    FAILED = "failed"


class AgreementStatus(StrEnum):
    """What the marketplace says of an agreement."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    RENEWED = "renewed"
    REPLACED = "replaced"
    ROLLED_BACK = "rolled_back"
    SUPERSEDED = "superseded"
    TERMINATED = "terminated"


class ReviewStatus(StrEnum):
    """Where a co-sell opportunity stands with the cloud vendor's reviewers."""

    PENDING_SUBMISSION = "pending_submission"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    ACTION_REQUIRED = "action_required"


class CosellStage(StrEnum):
    """How far a co-sell opportunity has come, as the cloud vendor counts; there is no won: a won one is committed."""

    PROSPECT = "prospect"
    QUALIFIED = "qualified"
    TECHNICAL_VALIDATION = "technical_validation"
    BUSINESS_VALIDATION = "business_validation"
    COMMITTED = "committed"
    LAUNCHED = "launched"
    CLOSED_LOST = "closed_lost"


class Offer(Entity):
    """A private offer as the marketplace holds it, and as it is asked for. Days are UTC and inclusive."""

    name: Text = Field(description="What the offer is called; the buyer sees it.", examples=["Acme Robotics 2027"])
    description: str | None = Field(default=None, description="What the buyer reads below the name.")
    released: bool = Field(default=False, description="Whether the buyer can see it; else it is a draft.")
    released_at: AwareDatetime | None = Field(default=None, description="When it was released.")
    product: str | None = Field(default=None, description="The product's id.", examples=["prod-4fzxyzexample"])
    product_name: str | None = Field(default=None, description="What the product is called.")
    buyer_accounts: tuple[str, ...] = Field(
        default=(), description="Cloud accounts that may accept it; none: the offer is public."
    )
    accept_by: date | None = Field(default=None, description="The last day on which it can be accepted.")
    amount: Amount | None = Field(default=None, description="What the buyer pays in all, where that is fixed.")
    currency: str | None = Field(default=None, description="ISO 4217 code of the amount.")
    starts_on: date | None = Field(default=None, description="First day of the agreement, where it is a fixed one.")
    ends_on: date | None = Field(default=None, description="Last day of the agreement, where it is a fixed one.")
    duration: str | None = Field(
        default=None, description="How long it runs from acceptance, ISO 8601.", examples=["P12M"]
    )
    schedule: tuple[str, ...] = Field(
        default=(), description="Payments, each a day and an amount.", examples=[["2027-01-01 5000.00"]]
    )
    grants: tuple[str, ...] = Field(
        default=(), description="What is bought, each a dimension and a quantity.", examples=[["seats=40"]]
    )
    pricing_model: str | None = Field(default=None, description="contract, usage, byol or free.")
    eula: str | None = Field(
        default=None,
        description="`standard <version>`, or for a write the address of our own terms; never a signed address.",
        examples=["standard 2022-07-14"],
    )
    resale_authorization: str | None = Field(default=None, description="The authorisation that a reseller uses.")
    offer_set: str | None = Field(default=None, description="The set that it is sold in.")
    replaces_agreement: str | None = Field(default=None, description="The agreement that it replaces when accepted.")
    renews_agreement: str | None = Field(default=None, description="The agreement that it renews when accepted.")
    by_marketplace: bool = Field(default=False, description="Whether the marketplace made it by itself, as a renewal.")
    arn: str | None = Field(default=None, description="Its full name, which co-sell systems ask for.")


class OfferSet(Entity):
    """Offers that are accepted together."""

    name: Text = Field(description="What the set is called.")
    released: bool = Field(default=False, description="Whether the buyer can see it.")
    released_at: AwareDatetime | None = Field(default=None, description="When it was released.")
    offers: tuple[str, ...] = Field(default=(), description="Ids of its offers.")
    arn: str | None = Field(default=None, description="Its full name.")


class ResaleAuthorization(Entity):
    """What a reseller may sell of ours, at which price: the way to an offer that the reseller makes."""

    name: Text = Field(description="What it is called.")
    status: str = Field(description="draft, active or restricted.")
    product: str | None = Field(default=None, description="The product's id.")
    product_name: str | None = Field(default=None, description="What the product is called.")
    manufacturer_account: str | None = Field(default=None, description="Whose product it is.")
    reseller_account: str | None = Field(default=None, description="Who may sell it.")
    reseller_name: str | None = Field(default=None, description="What the reseller is called.")
    until: date | None = Field(default=None, description="The last day on which offers can be made of it.")


class ChangeSet(Entity):
    """An asynchronous change of the marketplace: asked for, at work, done or failed."""

    name: str | None = Field(default=None, description="As it was named when it was asked for.")
    status: ChangeSetStatus = Field(description="How far it has come.")
    entities: tuple[str, ...] = Field(default=(), description="Ids of what it makes or changes, without revisions.")
    failure: str | None = Field(default=None, description="Whose fault a failure is: client_error or server_fault.")
    errors: tuple[str, ...] = Field(
        default=(), description="Why it failed: code, change type and the marketplace's words, one line each."
    )
    started_at: AwareDatetime | None = Field(default=None, description="When it was asked for.")
    ended_at: AwareDatetime | None = Field(default=None, description="When it was over.")


class Agreement(Entity):
    """What a buyer and a seller have agreed on by accepting an offer."""

    status: AgreementStatus = Field(description="What the marketplace says.")
    offer: str | None = Field(default=None, description="The offer that was accepted.")
    offer_set: str | None = Field(default=None, description="The offer set that was accepted.")
    product: str | None = Field(default=None, description="The product's id.")
    buyer_account: str | None = Field(default=None, description="Who accepted it.")
    seller_account: str | None = Field(default=None, description="Who proposed it.")
    accepted_at: AwareDatetime | None = Field(default=None, description="When it was accepted.")
    starts_at: AwareDatetime | None = Field(default=None, description="When it begins to hold.")
    ends_at: AwareDatetime | None = Field(default=None, description="When it ends; none where it never does.")
    amount: Amount | None = Field(default=None, description="What it is worth in all.")
    currency: str | None = Field(default=None, description="ISO 4217 code of the amount.")
    initial_agreement: str | None = Field(default=None, description="The first of the chain that it belongs to.")
    at_end: str | None = Field(default=None, description="What happens at its end: renew, replace or expire.")
    at_end_reason: str | None = Field(default=None, description="Why, where it says so.")
    renewal_offer: str | None = Field(default=None, description="The offer that will renew it.")
    licenses: tuple[str, ...] = Field(default=(), description="Full names of its licences.")


class Cosell(Entity):
    """A co-sell opportunity: a deal as the cloud vendor's sales people see it."""

    title: str | None = Field(default=None, description="What the project is called.")
    deal: str | None = Field(default=None, description="The deal's id in our CRM, which we write there.")
    origin: str | None = Field(default=None, description="partner_referral or aws_referral.")
    review: ReviewStatus = Field(
        default=ReviewStatus.PENDING_SUBMISSION, description="Where it stands with the reviewers."
    )
    review_comments: str | None = Field(default=None, description="What the reviewers say.")
    stage: CosellStage = Field(default=CosellStage.PROSPECT, description="How far it has come.")
    lost_reason: str | None = Field(default=None, description="Why it was lost, one of the vendor's reasons.")
    next_steps: str | None = Field(default=None, description="What happens next, 255 characters.")
    close_date: date | None = Field(default=None, description="When the deal is to be closed.")
    company: str | None = Field(default=None, description="The customer's name.")
    website: str | None = Field(default=None, description="The customer's web address.")
    industry: str | None = Field(default=None, description="One of the vendor's industries.")
    country: str | None = Field(default=None, description="ISO 3166 code of two letters.")
    state: str | None = Field(default=None, description="State or region.")
    city: str | None = Field(default=None, description="City.")
    postal_code: str | None = Field(default=None, description="Postal code.")
    street: str | None = Field(default=None, description="Street and number.")
    buyer_account: str | None = Field(default=None, description="The customer's cloud account, 12 digits.")
    problem: str | None = Field(default=None, description="The customer's problem, 20 to 2000 characters.")
    use_case: str | None = Field(default=None, description="One of the vendor's use cases.")
    delivery: tuple[str, ...] = Field(default=(), description="Delivery models, the vendor's words.")
    needs: tuple[str, ...] = Field(default=(), description="What is asked of the cloud vendor, its words.")
    activities: tuple[str, ...] = Field(default=(), description="What sales has done so far, the vendor's words.")
    opportunity_type: str | None = Field(default=None, description="The vendor's word: new business, renewal ...")
    monthly_spend: Amount | None = Field(default=None, description="Expected monthly spend at the cloud vendor.")
    spend_currency: str | None = Field(default=None, description="ISO 4217 code of that.")
    software_amount: Amount | None = Field(default=None, description="What the software is worth.")
    software_currency: str | None = Field(default=None, description="ISO 4217 code of that.")
    software_from: date | None = Field(default=None, description="First day of the agreement.")
    software_until: date | None = Field(default=None, description="Last day of the agreement.")
    software_model: str | None = Field(default=None, description="Contract, Pay-as-you-go or Subscription.")
    solutions: tuple[str, ...] = Field(default=(), description="Ids of the solutions associated with it.")
    offers: tuple[str, ...] = Field(default=(), description="Full names of the offers associated with it.")
    offer_sets: tuple[str, ...] = Field(default=(), description="Full names of the offer sets associated with it.")
    cloud_stage: str | None = Field(default=None, description="How far the vendor's own sales say that it has come.")
    cloud_next_steps: str | None = Field(default=None, description="What the vendor's own sales will do next.")
    modified: str | None = Field(default=None, description="The vendor's stamp of the last change, as it is.")
    involvement: str | None = Field(default=None, description="Co-Sell or For Visibility Only; of a submission.")
    visibility: str | None = Field(default=None, description="Full or Limited; of a submission.")


class CosellInvitation(Entity):
    """The cloud vendor invites us into a deal of its own."""

    status: str = Field(description="pending, accepted, rejected or expired.")
    title: str | None = Field(default=None, description="What the project is called.")
    company: str | None = Field(default=None, description="The customer's name.")
    website: str | None = Field(default=None, description="The customer's web address.")
    industry: str | None = Field(default=None, description="The customer's industry.")
    country: str | None = Field(default=None, description="ISO 3166 code of two letters.")
    problem: str | None = Field(default=None, description="The customer's problem.")
    close_date: date | None = Field(default=None, description="When the project is to be done.")
    monthly_spend: Amount | None = Field(default=None, description="Expected monthly spend.")
    spend_currency: str | None = Field(default=None, description="ISO 4217 code of that.")
    sender: str | None = Field(default=None, description="Who invites.")
    invited_at: AwareDatetime | None = Field(default=None, description="When.")
    expires_at: AwareDatetime | None = Field(default=None, description="Until when it can be accepted.")
    cosell: str | None = Field(default=None, description="The opportunity that it became, once accepted.")


class CosellSubmission(Entity):
    """That a co-sell opportunity is submitted to the cloud vendor's reviewers."""

    involvement: str = Field(description="Co-Sell or For Visibility Only.", examples=["Co-Sell"])
    visibility: str | None = Field(default=None, description="Full or Limited.", examples=["Full"])


class CosellSolution(Entity):
    """A solution of ours that a co-sell opportunity sells."""

    solution: str = Field(description="The solution's id.", examples=["S-0000001"])


class CosellOffer(Entity):
    """The private offer, or the offer set, of a co-sell opportunity: one of them, or none."""

    offer: str | None = Field(default=None, description="The offer's full name.")
    offer_set: str | None = Field(default=None, description="The offer set's full name.")


class DealOffer(Entity):
    """What a deal in a CRM shows of its private offer and its co-sell opportunity. A null clears the field."""

    offer_state: OfferState | None = Field(default=None, description="How far the offer has come.")
    offer_id: str | None = Field(default=None, description="The offer's id.")
    offer_url: str | None = Field(default=None, description="Where a seller looks at it.")
    offer_amount: Amount | None = Field(default=None, description="What the offer, or its agreement, is worth.")
    offer_currency: str | None = Field(default=None, description="ISO 4217 code of that.")
    offer_accept_by: date | None = Field(default=None, description="The last day on which it can be accepted.")
    agreement_id: str | None = Field(default=None, description="The agreement that holds now.")
    agreement_starts_on: date | None = Field(default=None, description="Its first day.")
    agreement_ends_on: date | None = Field(default=None, description="Its last day.")
    cosell_id: str | None = Field(default=None, description="The co-sell opportunity's id.")
    cosell_status: ReviewStatus | None = Field(default=None, description="Where it stands with the reviewers.")
    cosell_stage: CosellStage | None = Field(default=None, description="How far it has come.")
    cosell_url: str | None = Field(default=None, description="Where it is looked at.")
    offer_next_step: str | None = Field(default=None, description="What happens next and who has to do it.")
    offer_problem: str | None = Field(default=None, description="What a seller has to correct, in words.")
    offer_changed_at: AwareDatetime | None = Field(default=None, description="When any of this last changed.")


class PrivateOffer(Entity):
    """A private offer as a record of its own in a CRM, in the related list of its deal and account."""

    key: str = Field(description="External id: the marketplace and the offer's id.", examples=["aws/offer-abc"])
    deal: str | None = Field(default=None, description="The deal's id in that CRM; none while it is unlinked.")
    account: str | None = Field(default=None, description="The account's id in that CRM.")
    marketplace: str = Field(description="aws, azure or google.")
    offer_id: str = Field(description="The offer's id.")
    name: str = Field(description="What the offer is called.")
    state: OfferState = Field(description="How far it has come.")
    url: str | None = Field(default=None, description="Where a seller looks at it.")
    product_name: str | None = Field(default=None, description="What the product is called.")
    buyer_account: str | None = Field(default=None, description="The cloud account that may accept it.")
    reseller_name: str | None = Field(default=None, description="Who sells it, where that is not us.")
    amount: Amount | None = Field(default=None, description="What it is worth.")
    currency: str | None = Field(default=None, description="ISO 4217 code of the amount.")
    accept_by: date | None = Field(default=None, description="The last day on which it can be accepted.")
    released_on: AwareDatetime | None = Field(default=None, description="When it was released.")
    accepted_on: AwareDatetime | None = Field(default=None, description="When it was accepted.")
    starts_on: date | None = Field(default=None, description="First day of the agreement.")
    ends_on: date | None = Field(default=None, description="Last day of the agreement.")
    agreement_id: str | None = Field(default=None, description="The agreement that holds now.")
    reasons: tuple[str, ...] = Field(default=(), description="Why it belongs to this deal.")
    main_reason: str | None = Field(default=None, description="The strongest of the reasons.")
    last_changed: AwareDatetime | None = Field(default=None, description="When any of this last changed.")
