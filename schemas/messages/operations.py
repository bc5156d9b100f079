"""How the hub itself is doing: what was parked, where sources stand, how connections are."""

from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, Field

from schemas.messages.base import Message


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


class Resolution(StrEnum):
    """What a person did about a dead letter."""

    RETRIED = "retried"  # its input was published again; if it is parked again, it is open again
    DISCARDED = "discarded"


class DeadLetterResolved(Message):
    """A person has dealt with a dead letter; published together with the input where that is tried again."""

    TYPE: ClassVar[str] = "tandem.deadletter.resolved"

    id: str = Field(description="The dead letter's id.")
    how: Resolution = Field(description="Whether its input was published again, or is given up.")
    by: str = Field(description="Who did it.", examples=["dana"])
    at: AwareDatetime = Field(description="When.")
    note: str = Field(default="", description="Why, in that person's words.")


class CursorSaved(Message):
    """Where a source has got to: one slot of its cursor (the state of a source, compacted)."""

    TYPE: ClassVar[str] = "tandem.cursor.saved"

    connection: str
    entity: str
    slot: str = Field(description="Empty for a source with one cursor; the row's id where each row has its own.")
    value: str = Field(description="Opaque text minted by the source.")


class ConnectionState(StrEnum):
    """How a connection's process is."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class ConnectionReported(Message):
    """How one process of a connection is, and what it has used of its quota (compacted: the last word counts)."""

    TYPE: ClassVar[str] = "tandem.connection.reported"

    connection: str = Field(description="The connection.")
    role: str = Field(description="`source` or `sink`.")
    state: ConnectionState = Field(description="Running, paused until a time, or stopped until a person acts.")
    reason: str = Field(default="", description="Why it is paused or stopped, or how far a snapshot has come.")
    remedy: str = Field(default="", description="What to do about it.")
    until: AwareDatetime | None = Field(default=None, description="When it goes on, where that is known.")
    used: int | None = Field(default=None, description="Calls of the quota that are used.")
    quota: int | None = Field(default=None, description="Calls that the quota allows.")
    reserve: int | None = Field(default=None, description="Calls of it that Tandem never touches.")
    at: AwareDatetime = Field(description="When it was reported.")
