"""What is to be written where, and what became of it; they never know the vendor."""

from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from schemas.messages.base import Message


class MatchBy(StrEnum):
    """How a write finds its record: by our external id (creates it if it is not there) or by the vendor's own id."""

    EXTERNAL_ID = "external_id"
    ID = "id"


class WriteAction(StrEnum):
    """What a write asks for: values, or that the record goes to where its system keeps deleted ones."""

    SET = "set"
    ARCHIVE = "archive"


class Parent(BaseModel):
    """A record that must be there together with the one that is written: both land, or neither where the system can."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    field: str = Field(description="The field of the written record that points to it.", examples=["account"])
    entity: str = Field(description="Its canonical entity.", examples=["account"])
    key: str = Field(description="Its external id.")
    fields: dict[str, JsonValue] = Field(description="Canonical field to JSON value.")


class Write(Message):
    """Bring a record of one system to these values. Fields are canonical names; a null is really written."""

    TYPE: ClassVar[str] = "tandem.write.requested"

    id: str = Field(description="Idempotency key: hash of what decided it.")
    connection: str = Field(description="The connection to write to.")
    entity: str = Field(description="The canonical entity.", examples=["overlap", "account_summary"])
    match_by: MatchBy = Field(description="How the record is found.")
    key: str = Field(description="The external id or the vendor's id.")
    fields: dict[str, JsonValue] = Field(description="Canonical field to JSON value.")
    action: WriteAction = Field(default=WriteAction.SET, description="Set values, or archive the record.")
    expected: dict[str, JsonValue] | None = Field(
        default=None,
        description="What the decision took these fields to be: where one is neither that nor the new value, the "
        "record has changed since, and nothing is written.",
    )
    parent: Parent | None = Field(default=None, description="A record that must be there together with this one.")
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
    OVERTAKEN = "overtaken"  # the record had changed since the decision; the newer change will be decided


class WriteFinished(Message):
    """A write reached its system, found it in agreement, came too late, or was refused for good."""

    TYPE: ClassVar[str] = "tandem.write.finished"

    write_id: str = Field(description="The write's idempotency key.")
    connection: str = Field(description="The connection that was written to.")
    entity: str = Field(description="The canonical entity.")
    key: str = Field(description="The external id or the vendor's id.")
    status: WriteStatus = Field(description="What became of it.")
    target_id: str | None = Field(default=None, description="The record's id in the target.")
    code: str | None = Field(default=None, description="The vendor's error code, when rejected.")
    reason: str | None = Field(
        default=None, description="The vendor's words, when rejected; what stood there, when overtaken."
    )
    decided_at: AwareDatetime = Field(description="When the change that caused the write happened.")
    finished_at: AwareDatetime = Field(description="When the outcome was known.")
