"""What is decided of private offers: the link of a deal to its offer, and which deal an offer of unknown origin is for."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from schemas.entities import Amount
from schemas.marketplace import CosellStage, OfferState, ReviewStatus
from schemas.messages.base import Message


class OfferLinkDecided(Message):
    """The whole chain of one deal as it stands after a change: deal, co-sell opportunity, offer, agreements, licences."""

    TYPE: ClassVar[str] = "tandem.offer_link.decided"

    id: str = Field(description="Hash of what decided it.")
    deal: str = Field(description="The deal that leads.", examples=["our-crm/deal/006xx000001T2HjAAK"])
    deal_name: str | None = Field(default=None, description="What the deal is called.")
    twins: tuple[str, ...] = Field(default=(), description="The same deal in further CRMs.")
    state: OfferState | None = Field(description="How far the private offer has come; none while there is none.")
    previous: OfferState | None = Field(default=None, description="How far it had come before.")
    step: str = Field(description="What has happened, in words.", examples=["The buyer has accepted the offer."])
    reasons: tuple[str, ...] = Field(default=(), description="Why, in words: the rule, the event or the read.")
    cosell: str | None = Field(default=None, description="The co-sell opportunity.", examples=["our-ace/cosell/O123"])
    cosell_status: ReviewStatus | None = Field(default=None, description="Where it stands with the reviewers.")
    cosell_stage: CosellStage | None = Field(default=None, description="How far it has come.")
    change_set: str | None = Field(default=None, description="The change set that makes or changes the offer.")
    offer: str | None = Field(default=None, description="The offer.", examples=["our-aws/offer/offer-abc123"])
    offer_set: str | None = Field(default=None, description="The offer set.")
    agreements: tuple[str, ...] = Field(default=(), description="The agreements before and after, oldest first.")
    licenses: tuple[str, ...] = Field(default=(), description="Full names of the licences.")
    amount: Amount | None = Field(default=None, description="What the offer or the agreement is worth.")
    currency: str | None = Field(default=None, description="ISO 4217 code of the amount.")
    accept_by: date | None = Field(default=None, description="The last day on which the offer can be accepted.")
    ends_on: date | None = Field(default=None, description="The last day of the agreement.")
    next_step: str | None = Field(default=None, description="What happens next and who has to do it.")
    problem: str | None = Field(default=None, description="What a seller has to correct.")
    approval: str | None = Field(default=None, description="waiting, given or refused, where a person has to approve.")
    causes: tuple[str, ...] = Field(default=(), description="Ids of the changes that it came from.")
    decided_at: AwareDatetime = Field(description="When the change that caused it happened.")


class MatchStatus(StrEnum):
    """What is held of an offer that Tandem did not make."""

    LINKED = "linked"
    PROPOSED = "proposed"
    UNLINKED = "unlinked"


class OfferCandidate(BaseModel):
    """A deal that an offer may be for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    deal: str = Field(description="The deal.", examples=["our-crm/deal/006xx000001T2HjAAK"])
    name: str = Field(description="What the deal is called.")
    score: float = Field(ge=0, le=1, description="How sure it is that the offer is for this deal.")
    reasons: tuple[str, ...] = Field(description="What speaks for it and against it, in words.")


class OfferMatched(Message):
    """Which deal an offer is for that somebody made by hand: linked, proposed for one click, or unlinked."""

    TYPE: ClassVar[str] = "tandem.offer.matched"

    id: str = Field(description="Hash of what decided it.")
    offer: str = Field(description="The offer.", examples=["our-aws/offer/offer-abc123"])
    offer_name: str = Field(description="What the offer is called.")
    status: MatchStatus = Field(description="Whether it is linked.")
    deal: str | None = Field(default=None, description="The deal that it is linked to, or proposed for.")
    confidence: float = Field(default=0.0, ge=0, le=1, description="How sure that is.")
    reasons: tuple[str, ...] = Field(default=(), description="Why, in words.")
    candidates: tuple[OfferCandidate, ...] = Field(default=(), description="The best candidates, the best one first.")
    causes: tuple[str, ...] = Field(default=(), description="Ids of the changes that it came from.")
    decided_at: AwareDatetime = Field(description="When the change that caused it happened.")
