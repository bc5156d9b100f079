"""What a Partner Central connection can be told; it never opens one."""

from typing import Literal

from pydantic import Field

from connectors.aws.settings import Access


class Settings(Access):
    """One partner's account at AWS Partner Central. `queue_url` is the queue of its own that gets the events."""

    catalog: Literal["AWS", "Sandbox"] = Field(
        description="Which opportunities: the real ones, or those of Partner Central's own test catalog.",
        examples=["AWS"],
    )
    poll_s: float = Field(
        default=60.0,
        ge=0,
        description="Seconds between two listings of what has changed, for what no event told.",
        examples=[60.0],
    )
    overlap_s: int = Field(
        default=600,
        ge=1,
        description="How far back each listing goes: an opportunity can show up this much later than its own stamp says.",
        examples=[600],
    )
    reread_s: float = Field(
        default=21_600.0,
        ge=0,
        description="Seconds between two readings of everything: what AWS's sales people say of an opportunity, and what "
        "is associated with it, may change without its stamp.",
        examples=[21600.0],
    )
    linger_s: int = Field(
        default=1, ge=0, le=20, description="Seconds that a look into the queue waits for a first event.", examples=[1]
    )
    page_size: int = Field(default=100, ge=1, le=100, description="Records per listing.", examples=[100])
