"""What a PartnerStack connection can be told; it never opens one."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.addresses import bare_address
from connectors.listening import Host, Patience, Port


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Listener(_Strict):
    """Where PartnerStack sends its webhooks to. They are not signed: who knows the secret in the path is believed."""

    public_url: str = Field(
        description="The address of this listener as PartnerStack reaches it; the webhook's target is this address, a "
        "slash and the secret.",
        examples=["https://tandem.acme.com/partnerstack"],
    )
    secret: SecretStr = Field(
        min_length=16,
        description="The last part of the target's path: at least 16 letters and digits that nobody can guess.",
        examples=["4f5a6b7c8d9e0f1a2b3c"],
    )
    host: Host = "127.0.0.1"
    port: Port = Field(default=8087, examples=[8087])
    patience_s: Patience = Field(default=1.0, lt=5)
    poll_every_s: int = Field(
        default=900,
        ge=1,
        description="Seconds between two listings for what no webhook told; the first is at the start.",
        examples=[900],
    )
    answer_s: float = Field(
        default=4.0,
        gt=0,
        lt=30,
        description="Seconds that a webhook may wait to be published; then it is answered 503.",
        examples=[4.0],
    )


class Settings(_Strict):
    """One company's PartnerStack account, by its vendor API v2."""

    base_url: str = Field(
        default="https://api.partnerstack.com",
        description="Address of the API. Plain http is accepted for this machine only.",
        examples=["https://api.partnerstack.com"],
    )
    public_key: str = Field(min_length=1, description="The account's public key.", examples=["pk_AbCd..."])
    secret_key: SecretStr = Field(
        min_length=1, description="The account's private (secret) key.", examples=["sk_AbCd..."]
    )
    currency: str = Field(
        default="USD",
        pattern="^[A-Z]{3}$",
        description="ISO 4217 code of the amounts of deals and leads, of which PartnerStack names none.",
        examples=["USD"],
    )
    listener: Listener | None = Field(
        default=None,
        description="Where webhooks arrive; without it all is found by listing.",
        examples=[{"public_url": "https://tandem.acme.com/partnerstack", "secret": "4f5a6b7c8d9e0f1a2b3c"}],
    )
    timeout_s: float = Field(default=30.0, gt=0, description="Seconds to wait for an answer.", examples=[30.0])
    page_size: int = Field(default=250, ge=1, le=250, description="Records per page of a list.", examples=[250])
    overlap_s: int = Field(
        default=60,
        ge=1,
        description="How far back each listing reads again: a record may show up this much later than its stamp says.",
        examples=[60],
    )
    sweep_s: int = Field(
        default=21600,
        ge=0,
        description="Seconds between two readings of everything: they find what was archived, and what became of "
        "transactions and rewards, which PartnerStack lists by their creation only.",
        examples=[21600],
    )
    calls_per_minute: int = Field(
        default=2000,
        ge=1,
        le=4000,
        description="Calls in a minute; PartnerStack allows 4,000 to one address.",
        examples=[2000],
    )

    @field_validator("base_url")
    @classmethod
    def _bare_address(cls, value: str) -> str:
        return bare_address(value, "https://api.partnerstack.com")
