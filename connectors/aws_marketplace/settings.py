"""What an AWS Marketplace connection can be told; it never opens one."""

from pydantic import Field

from connectors.aws.settings import Access


class Settings(Access):
    """One seller account of AWS Marketplace."""

    seller_account: str | None = Field(
        default=None,
        pattern=r"^\d{12}$",
        description="The seller's AWS account, to be checked; none: whichever the credentials are of.",
        examples=["123456789012"],
    )
    poll_s: int = Field(
        default=300,
        ge=0,
        description="Seconds between two readings of what has changed, in case that events were lost; without a queue "
        "every pass reads it.",
        examples=[300],
    )
    sweep_s: int = Field(
        default=86_400,
        ge=0,
        description="Seconds between two comparisons of all that there is; the first is at the start.",
        examples=[86400],
    )
    linger_s: int = Field(
        default=1,
        ge=0,
        le=20,
        description="Seconds that a pass waits for the first message of the queue.",
        examples=[1],
    )
    overlap_s: int = Field(
        default=300, ge=1, description="Seconds that a reading goes back behind the last one.", examples=[300]
    )
    public_offers: bool = Field(
        default=False,
        description="Whether offers are read, too, that are for no buyer in particular.",
        examples=[False],
    )
    busy_s: float = Field(
        default=60.0,
        gt=0,
        description="Seconds until a write is tried again whose offer a running change set has locked.",
        examples=[60.0],
    )
