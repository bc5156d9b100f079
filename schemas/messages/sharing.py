"""What sharing with partners says: what was granted, withheld and taken back, and what passes before that is decided."""

from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, Field

from schemas.entities import Overlap
from schemas.messages.base import Message
from schemas.messages.overlaps import AccountCard


class ShareVerdict(StrEnum):
    """What happened to something that a partner could see."""

    GRANTED = "granted"  # the partner sees it from now on
    WITHHELD = "withheld"  # it is there, and the partner does not see it
    REVOKED = "revoked"  # the partner saw it, and it was taken out of its system
    CAPPED = "capped"  # accounts of the partner are held back: they are too many, or came too fast
    RELEASED = "released"  # a person has let them through
    CONSENTED = "consented"  # a side has agreed
    WITHDRAWN = "withdrawn"  # a side agrees no longer


class ShareDecided(Message):
    """An entry of the audit of what leaves to a partner. It stands in the hub of its owner; no partner is shown it."""

    TYPE: ClassVar[str] = "tandem.share.decided"

    id: str = Field(description="Hash of what decided it.")
    partner: str = Field(description="The partner's key.", examples=["acme"])
    verdict: ShareVerdict = Field(description="What happened.")
    ref: str | None = Field(default=None, description="Our account, where one is concerned.")
    theirs: str | None = Field(default=None, description="The partner's account, where one is concerned.")
    population: str | None = Field(default=None, description="The population of sharing.toml that our account is of.")
    level: str | None = Field(default=None, description="How much of that population this partner sees.")
    fields: tuple[str, ...] = Field(default=(), description="The fields that left, or were taken back.")
    count: int | None = Field(default=None, description="How many accounts of the partner are held back, or were.")
    by: str | None = Field(default=None, description="Who ruled it, where a person did.")
    reasons: tuple[str, ...] = Field(default=(), description="Why, in words.")
    causes: tuple[str, ...] = Field(default=(), description="Ids of the changes that it came from.")
    decided_at: AwareDatetime = Field(description="When the change that caused it happened.")


class OverlapOffered(Message):
    """An overlap that a partner's system takes, as it is now, before it is decided what leaves (internal)."""

    TYPE: ClassVar[str] = "tandem.overlap.offered"

    party: str = Field(description="Whose system it is: `partner:<key>`.")
    connection: str = Field(description="The connection that would be written to.")
    ref: str = Field(description="Our account.")
    theirs: str | None = Field(default=None, description="The partner's account.")
    overlap: Overlap | None = Field(default=None, description="None when there is no overlap to show any more.")
    card: AccountCard | None = Field(default=None, description="What could be shown of our account.")
    cause: str = Field(description="Id of the change.")
    at: AwareDatetime = Field(description="When the change happened.")


class AccountListed(Message):
    """An account came onto a partner's list, became another company, or went (internal)."""

    TYPE: ClassVar[str] = "tandem.account.listed"

    party: str = Field(description="Whose list it is.")
    ref: str = Field(description="The partner's account.")
    present: bool = Field(description="Whether it is on the list now.")
    cause: str = Field(description="Id of the change.")
    at: AwareDatetime = Field(description="When the change happened, by the vendor's clock.")
    seen_at: AwareDatetime = Field(description="When Tandem learned of it, by its own clock where that is known.")


class SharesReviewed(Message):
    """What was decided for a partner is decided again, a part at a time: after a ruling or a new policy (internal)."""

    TYPE: ClassVar[str] = "tandem.shares.reviewed"

    party: str = Field(description="Whose shares.")
    part: str = Field(default="", description="Those whose hashed name begins so; empty: all, to be divided if many.")
    started: bool = Field(
        default=False, description="A process has started: only another policy than before is a reason to do it."
    )
    cause: str = Field(description="Id of what asked for it.")
    at: AwareDatetime = Field(description="When that happened.")
