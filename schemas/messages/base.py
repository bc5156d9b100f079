"""What every message has, and how ids and records are named; it knows no particular message."""

import hashlib
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


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
