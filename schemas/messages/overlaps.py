"""What account mapping says, to the world and between its own steps."""

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from schemas.entities import Amount, Overlap
from schemas.messages.base import Message


class OverlapDecided(Message):
    """Account mapping decided an overlap, changed it or ended it."""

    TYPE: ClassVar[str] = "tandem.overlap.decided"

    id: str = Field(description="Hash of what decided it.")
    connection: str = Field(description="The connection of our account.")
    overlap: Overlap = Field(description="The overlap as it is now.")
    causes: tuple[str, ...] = Field(description="Ids of the changes that it came from.")
    decided_at: AwareDatetime = Field(description="When the change that caused it happened.")


class AccountCard(BaseModel):
    """What an overlap shows of an account, besides the evidence (internal)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    record_id: str
    name: str
    website: str | None = None
    population: str
    owner_name: str | None = None
    # Of ours, where partners take overlaps: what its population by sharing.toml was, and what else populations look at.
    shared_as: str = ""
    city: str | None = None
    lists: tuple[str, ...] = ()
    named: bool | None = None
    # Of ours: what the ideal customer profile reads.
    country: str | None = None
    industry: str | None = None
    employees: int | None = None
    annual_revenue: Amount | None = None
    technologies: tuple[str, ...] = ()


class Presence(Message):
    """An account holds a match key, or has let go of it: the repartitioned input of pair finding (internal)."""

    TYPE: ClassVar[str] = "tandem.key.presence"

    key: str = Field(description="The match key.", examples=["domain:acme.com"])
    ref: str = Field(description="The record.")
    party: str = Field(description="Whose record it is.")
    version: int = Field(description="Counts the accepted changes of the record, from 1.")
    held: bool = Field(description="Whether the record holds the key.")
    features: str = Field(default="", description="The record's match features as JSON text; empty when let go.")
    card: AccountCard | None = Field(default=None, description="What an overlap shows of the record.")
    cause: str = Field(description="Id of the change.")
    at: AwareDatetime = Field(description="When the change happened.")


class OursSeen(Message):
    """One of our accounts as it is now, sent to where its overlaps are decided (internal)."""

    TYPE: ClassVar[str] = "tandem.ours.seen"

    ref: str
    connection: str
    version: int
    card: AccountCard | None = Field(description="None when the account was deleted.")
    features: str = Field(default="", description="Its match features as JSON text; empty when it was deleted.")
    cause: str
    at: AwareDatetime


class PairScored(Message):
    """Under one match key, one of our accounts and one of a partner's match, or no longer do (internal)."""

    TYPE: ClassVar[str] = "tandem.pair.scored"

    ours: str = Field(description="Our record.")
    theirs: str = Field(description="The partner's record.")
    party: str = Field(description="Whose the partner's record is.")
    key: str = Field(description="The match key under which they met.")
    our_version: int
    their_version: int
    matched: bool = Field(description="Whether they match under this key.")
    confidence: float = Field(default=0.0, ge=0, le=1)
    relation: str = "same"
    reasons: tuple[str, ...] = ()
    card: AccountCard | None = Field(default=None, description="The partner's account, when they match.")
    features: str = Field(default="", description="Its match features as JSON text, when they match.")
    cause: str
    at: AwareDatetime


class NameCrowd(Message):
    """How many accounts of each party share the name of one of ours, by level (internal)."""

    TYPE: ClassVar[str] = "tandem.name.crowd"

    ours: str = Field(description="Our record.")
    key: str = Field(description="The match key of the name.", examples=["name:acmerobotics"])
    levels: dict[str, int] = Field(description="Party to level, those above 0 only; empty where the name is rare.")
    cause: str
    at: AwareDatetime


class PairRuled(Message):
    """A person holds a record and another for one company: from now on they meet under a key of their own (internal)."""

    TYPE: ClassVar[str] = "tandem.pair.ruled"

    ref: str = Field(description="The record that is to hold the key.")
    key: str = Field(description="The match key that the two share.")
    cause: str = Field(description="Id of the ruling.")
    at: AwareDatetime


class HotKeyFound(Message):
    """A match key is held by too many accounts to compare them, has cooled down, or is held by twice as many as before."""

    TYPE: ClassVar[str] = "tandem.hot_key.found"

    key: str = Field(description="The match key.", examples=["domain:webmail.example"])
    counts: dict[str, int] = Field(description="Party to the number of its accounts that hold the key.")
    hot: bool = Field(description="Whether it is over the cap of accounts that one party may compare under one key.")
    skipped: int = Field(ge=0, description="Comparisons with our accounts that the cap saves.")
    cause: str = Field(description="Id of the change.")
    at: AwareDatetime = Field(description="When the change happened.")
