"""What reconciliation says: which records are one thing, where they disagree, and what people rule."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, Field, JsonValue

from schemas.messages.base import Message


class LinkRule(StrEnum):
    """How two records came to be held for the same thing, the surest first."""

    EXPLICIT = "explicit"
    EXTERNAL_ID = "external_id"
    KEY = "key"
    SCORE = "score"


class LinkDecided(Message):
    """Which thing a record of ours stands for: the crosswalk, one row per record."""

    TYPE: ClassVar[str] = "tandem.link.decided"

    id: str = Field(description="Hash of what decided it.")
    ref: str = Field(description="The record.", examples=["our-crm/account/001xx000003DGb2AAG"])
    entity: str = Field(description="The canonical entity.")
    key: str | None = Field(description="The key of the thing; none where the record no longer stands for one.")
    members: tuple[str, ...] = Field(description="Every record that stands for it now, this one too; sorted.")
    rule: LinkRule | None = Field(default=None, description="By what it was linked; none where it stands alone.")
    confidence: float = Field(default=1.0, ge=0, le=1, description="How sure that is.")
    reasons: tuple[str, ...] = Field(default=(), description="Why, in words.")
    causes: tuple[str, ...] = Field(default=(), description="Ids of the changes that it came from.")
    decided_at: AwareDatetime = Field(description="When the change that caused it happened.")


class ConflictKind(StrEnum):
    """What people have to know of, or to decide."""

    FIELD = "field"  # both sides changed a field; the ownership decided which value stays
    CROSSWALK = "crosswalk"  # several records claim one; nothing is linked until a person says which
    MANUAL = "manual"  # the systems differ in a field that no system may overwrite
    MASS_DELETION = "mass_deletion"  # more deletions than the set share; they wait for a person
    MATCH = "match"  # two accounts were ruled to be one company, or not, on other evidence than there is now
    AUTOMATION = "automation"  # automations of two systems answer each other; the hub stopped passing it on


class ConflictFound(Message):
    """Two systems disagree in a way that is shown, whether it was settled by rule or waits for a person."""

    TYPE: ClassVar[str] = "tandem.conflict.found"

    id: str = Field(description="Stable id: the same disagreement has the same id.")
    kind: ConflictKind = Field(description="What kind of disagreement.")
    entity: str = Field(description="The canonical entity.")
    key: str | None = Field(default=None, description="The key of the thing, where it has one.")
    refs: tuple[str, ...] = Field(description="The records concerned; sorted.")
    field: str | None = Field(default=None, description="The field, where one is concerned.")
    kept: JsonValue = Field(default=None, description="The value that stays.")
    lost: JsonValue = Field(default=None, description="The value that lost.")
    open: bool = Field(description="Whether it waits for a person.")
    reason: str = Field(description="What happened and by which rule it was settled, in words.")
    remedy: str = Field(default="", description="What a person can do, where it is open.")
    causes: tuple[str, ...] = Field(default=(), description="Ids of the changes that it came from.")
    found_at: AwareDatetime = Field(description="When the change that caused it happened.")


class Ruling(StrEnum):
    """What a person can tell: of records that are kept in step, private offers, leads and registrations."""

    LINK = "link"
    UNLINK = "unlink"
    CONFIRM_DELETIONS = "confirm_deletions"
    DISCARD_DELETIONS = "discard_deletions"
    APPROVE_OFFER = "approve_offer"
    REFUSE_OFFER = "refuse_offer"
    EXTEND_OFFER = "extend_offer"
    CANCEL_OFFER = "cancel_offer"
    ACCEPT_INVITATION = "accept_invitation"
    REJECT_INVITATION = "reject_invitation"
    ACCEPT_LEAD = "accept_lead"
    DECLINE_LEAD = "decline_lead"
    ASSIGN_LEAD = "assign_lead"
    APPROVE_REGISTRATION = "approve_registration"
    REJECT_REGISTRATION = "reject_registration"
    RETURN_REGISTRATION = "return_registration"
    EXTEND_REGISTRATION = "extend_registration"
    WITHDRAW_REGISTRATION = "withdraw_registration"
    REASSIGN_REGISTRATION = "reassign_registration"
    SAME_COMPANY = "same_company"
    RELATED_COMPANY = "related_company"
    DIFFERENT_COMPANY = "different_company"
    CONSENT_SHARING = "consent_sharing"
    REVOKE_SHARING = "revoke_sharing"
    RELEASE_SHARING = "release_sharing"


class RulingGiven(Message):
    """A person has ruled: two records belong together, a mass deletion is meant, an offer may be made (or not)."""

    TYPE: ClassVar[str] = "tandem.ruling.given"

    id: str = Field(description="Stable id of the ruling.")
    ruling: Ruling = Field(description="What is ruled.")
    refs: tuple[str, ...] = Field(default=(), description="The records that it is about: those to link, or the deal.")
    until: date | None = Field(default=None, description="The new last day, where an offer is extended.")
    note: str | None = Field(default=None, description="Why, in that person's words.")
    connection: str | None = Field(default=None, description="The connection whose deletions are meant.")
    partner: str | None = Field(default=None, description="The partner's key, where something is given to a partner.")
    by: str = Field(description="Who says so.")
    at: AwareDatetime = Field(description="When.")
