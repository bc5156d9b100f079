"""The messages on the topics: events in the past tense, commands imperative; they never know how they travel."""

import hashlib
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from schemas.entities import Account, AccountSummary, Overlap


class Message(BaseModel):
    """A value on a topic. `TYPE` is its CloudEvents type; readers ignore fields they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)
    TYPE: ClassVar[str]


def identity(*parts: str) -> str:
    """A stable 32-character id of the parts: the same parts give the same id in every process and on every day."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def record_ref(connection: str, entity: str, record_id: str) -> str:
    """How one record of one system is named everywhere: `our-crm/account/001xx000003DGb2AAG`."""
    return f"{connection}/{entity}/{record_id}"


class ChangeKind(StrEnum):
    """What happened to a record; an upsert carries the whole mapped record, a deletion none."""

    UPSERTED = "upserted"
    DELETED = "deleted"


class AccountChanged(Message):
    """An account was created, updated or deleted in one of the connected systems."""

    TYPE: ClassVar[str] = "tandem.account.changed"

    id: str = Field(description="Stable id of this change: the same change read twice has the same id.")
    connection: str = Field(description="The connection that it was read from.", examples=["our-crm"])
    party: str = Field(description="Whose system that is: `us` or `partner:<key>`.", examples=["us", "partner:acme"])
    record_id: str = Field(description="The record's id in that system.")
    kind: ChangeKind = Field(description="Upserted or deleted.")
    version: int = Field(description="Orders the changes of one record; for a CRM the modification stamp in epoch ms.")
    record: Account | None = Field(default=None, description="The record as it is now; none for a deletion.")
    occurred_at: AwareDatetime = Field(description="When it happened, by the vendor's clock.")
    actor: str | None = Field(default=None, description="Who changed it, as the vendor says.")
    own: bool = Field(default=False, description="Whether Tandem's own user made the change (a possible echo).")

    @property
    def ref(self) -> str:
        """The record's name across all systems."""
        return record_ref(self.connection, "account", self.record_id)


class OverlapDecided(Message):
    """Account mapping decided an overlap, changed it or ended it."""

    TYPE: ClassVar[str] = "tandem.overlap.decided"

    id: str = Field(description="Hash of what decided it.")
    connection: str = Field(description="The connection of our account.")
    overlap: Overlap = Field(description="The overlap as it is now.")
    causes: tuple[str, ...] = Field(description="Ids of the changes that it came from.")
    decided_at: AwareDatetime = Field(description="When the change that caused it happened.")


class MatchBy(StrEnum):
    """How a write finds its record: by our external id (creates it if it is not there) or by the vendor's own id."""

    EXTERNAL_ID = "external_id"
    ID = "id"


class Write(Message):
    """Bring a record of one system to these values. Fields are canonical names; a null is really written."""

    TYPE: ClassVar[str] = "tandem.write.requested"

    id: str = Field(description="Idempotency key: hash of what decided it.")
    connection: str = Field(description="The connection to write to.")
    entity: str = Field(description="The canonical entity.", examples=["overlap", "account_summary"])
    match_by: MatchBy = Field(description="How the record is found.")
    key: str = Field(description="The external id or the vendor's id.")
    fields: dict[str, JsonValue] = Field(description="Canonical field to JSON value.")
    reasons: tuple[str, ...] = Field(default=(), description="Why, in words that a rep understands.")
    causes: tuple[str, ...] = Field(default=(), description="Ids of the changes that it came from.")
    decided_at: AwareDatetime = Field(description="When the change that caused it happened.")

    @property
    def record(self) -> str:
        """What is ordered by key: all writes to one record follow each other."""
        return f"{self.entity}/{self.key}"


class WriteStatus(StrEnum):
    """What became of a write."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class WriteFinished(Message):
    """A write reached its system, found it in agreement, or was refused for good."""

    TYPE: ClassVar[str] = "tandem.write.finished"

    write_id: str = Field(description="The write's idempotency key.")
    connection: str = Field(description="The connection that was written to.")
    entity: str = Field(description="The canonical entity.")
    key: str = Field(description="The external id or the vendor's id.")
    status: WriteStatus = Field(description="Applied, unchanged (the target already agreed) or rejected.")
    target_id: str | None = Field(default=None, description="The record's id in the target.")
    code: str | None = Field(default=None, description="The vendor's error code, when rejected.")
    reason: str | None = Field(default=None, description="The vendor's words, when rejected.")
    decided_at: AwareDatetime = Field(description="When the change that caused the write happened.")
    finished_at: AwareDatetime = Field(description="When the outcome was known.")


class DeadLetter(Message):
    """Something that could not be processed, with what is wrong and what to do about it."""

    TYPE: ClassVar[str] = "tandem.deadletter.parked"

    id: str = Field(description="Stable id: the same input parks under the same id.")
    stage: str = Field(
        description="Where it was parked.", examples=["source:acme-list", "stream:accounts.pairs", "sink:our-crm"]
    )
    subject: str = Field(description="The record, row or topic position.", examples=["partners.csv row 17"])
    field: str | None = Field(default=None, description="The field at fault, where one is.")
    code: str = Field(description="What is wrong, as a code.", examples=["REQUIRED_FIELD_MISSING"])
    reason: str = Field(description="What is wrong, in words.")
    remedy: str = Field(description="What to do about it.")
    origin: str | None = Field(default=None, description="`topic[partition]@offset` of the input, where there is one.")
    payload: str | None = Field(
        default=None,
        description="The input as text, or the beginning of a very long one; bytes that are no UTF-8 are escaped.",
    )
    parked_at: AwareDatetime = Field(description="When it was parked.")


class AccountCard(BaseModel):
    """What an overlap shows of an account, besides the evidence (internal)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    record_id: str
    name: str
    website: str | None = None
    population: str
    owner_name: str | None = None


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
    cause: str
    at: AwareDatetime


class CursorSaved(Message):
    """Where a source has got to: one slot of its cursor (the state of a source, compacted)."""

    TYPE: ClassVar[str] = "tandem.cursor.saved"

    connection: str
    entity: str
    slot: str = Field(description="Empty for a source with one cursor; the row's id where each row has its own.")
    value: str = Field(description="Opaque text minted by the source.")


MESSAGES: tuple[type[Message], ...] = (
    AccountChanged, OverlapDecided, Write, WriteFinished, DeadLetter, Presence, OursSeen, PairScored, CursorSaved,
)  # fmt: skip
ENTITIES = (Account, Overlap, AccountSummary)
