"""What a Salesforce connection can be told; it never opens one."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.addresses import bare_address


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClientCredentials(_Strict):
    """OAuth 2.0 client credentials: the connected app's run-as user is who Tandem is."""

    method: Literal["client_credentials"] = Field(description="Which OAuth flow.", examples=["client_credentials"])
    client_id: str = Field(description="The connected app's consumer key.", examples=["3MVG9..."])
    client_secret: SecretStr = Field(description="The connected app's consumer secret.", examples=["19552799256"])


class JwtBearer(_Strict):
    """OAuth 2.0 JWT bearer: a private key instead of a shared secret; the app must be pre-authorised for the user."""

    method: Literal["jwt_bearer"] = Field(description="Which OAuth flow.", examples=["jwt_bearer"])
    client_id: str = Field(description="The connected app's consumer key.", examples=["3MVG9..."])
    username: str = Field(description="The user that Tandem is.", examples=["tandem@acme.com"])
    private_key_file: Path = Field(
        description="PEM file of the key whose certificate the app holds.", examples=["/run/secrets/sf.pem"]
    )
    audience: str = Field(
        default="https://login.salesforce.com",
        description="Whom the assertion is for: https://test.salesforce.com for a sandbox org.",
        examples=["https://test.salesforce.com"],
    )


class Settings(_Strict):
    """One Salesforce org, as one user."""

    base_url: str = Field(
        description="The org's My Domain address. Plain http is accepted for this machine only.",
        examples=["https://acme.my.salesforce.com"],
    )
    auth: Annotated[ClientCredentials | JwtBearer, Field(discriminator="method")] = Field(
        description="How Tandem proves who it is.",
        examples=[{"method": "client_credentials", "client_id": "3MVG9...", "client_secret": "..."}],
    )
    api_version: str = Field(
        default="59.0", pattern=r"^\d+\.0$", description="Version of the REST API.", examples=["59.0"]
    )
    timeout_s: float = Field(default=60.0, gt=0, description="Seconds to wait for an answer.", examples=[60.0])
    overlap_s: int = Field(
        default=600,
        ge=1,
        description="How far back each poll reads again: a record can show up this much later than its own stamp says.",
        examples=[600],
    )
    page_size: int = Field(default=2000, ge=1, le=2000, description="Records per query.", examples=[2000])
    api_reserve_share: float = Field(
        default=0.1,
        ge=0,
        lt=1,
        description="Share of the org's daily API calls that Tandem never touches.",
        examples=[0.1],
    )
    slow_share: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="From this share of the API calls that Tandem may use, it spreads the rest over a day.",
        examples=[0.8],
    )
    changes: Literal["cdc", "poll"] = Field(
        default="cdc",
        description="How changes are read: `cdc`, the stream of Change Data Capture, or `poll`, queries only.",
        examples=["poll"],
    )
    pubsub_address: str = Field(
        default="api.pubsub.salesforce.com:7443",
        description="Host and port of the Pub/Sub API. TLS is left out for this machine only.",
        examples=["api.deu.pubsub.salesforce.com:7443"],
    )
    channel: str = Field(
        default="/data/ChangeEvents",
        pattern=r"^/data/[A-Za-z][A-Za-z0-9_]*$",
        description="The channel of change events; one of your own ends in __chn.",
        examples=["/data/Tandem__chn"],
    )
    selected: tuple[str, ...] | None = Field(
        default=None,
        description="Objects that the channel carries; without it Salesforce is asked (View Setup and Configuration).",
        examples=[["Account", "Contact", "Lead", "Opportunity"]],
    )
    linger_s: float = Field(
        default=1.0,
        gt=0,
        le=60,
        description="Seconds that a look at the stream waits for a first event.",
        examples=[1.0],
    )
    silence_s: float = Field(
        default=300.0,
        gt=270,
        description="A stream that says nothing for so long is opened anew; Salesforce speaks within 270 seconds.",
        examples=[300.0],
    )
    poll_every_s: float = Field(
        default=60.0,
        ge=0,
        description="Seconds between two polls of what the stream does not carry: formulas, objects not selected.",
        examples=[300.0],
    )
    bulk_from: int = Field(
        default=100_000,
        ge=1,
        description="So many records or more are read by a Bulk API 2.0 query, fewer page by page.",
        examples=[100000],
    )
    bulk_page: int = Field(
        default=50_000, ge=1, le=250_000, description="Records per page of bulk results.", examples=[50000]
    )
    integration_user: str = Field(
        default="",
        description="Id or username of the user that Tandem writes as; asked of Salesforce when empty.",
        examples=["005xx000001Sv6eAAC", "tandem@acme.com"],
    )
    client_name: str = Field(
        default="tandem",
        pattern=r"^[A-Za-z0-9_./-]+$",
        description="How Tandem names itself in Sforce-Call-Options; it shows in the origin of change events.",
        examples=["tandem"],
    )
    compare: bool = Field(
        default=True,
        description="Read before writing, and leave alone what already agrees.",
        examples=[True],
    )
    bulk_rows: int = Field(
        default=2000,
        ge=0,
        description="From so many writes on that wait for one object, they go as a Bulk API 2.0 job; 0: never.",
        examples=[2000],
    )
    bulk_poll_s: float = Field(
        default=5.0,
        gt=0,
        description="Seconds to the second look at a bulk job; later looks come ever more rarely, up to a minute.",
        examples=[5.0],
    )

    @field_validator("pubsub_address")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        parts = urlsplit(f"//{value}")
        try:
            whole = bool(parts.hostname and parts.port) and value == parts.netloc and "@" not in value
        except ValueError:
            whole = False
        if not whole:
            raise ValueError("give host and port, such as api.pubsub.salesforce.com:7443")
        return value

    @field_validator("base_url")
    @classmethod
    def _bare_address(cls, value: str) -> str:
        return bare_address(value, "https://acme.my.salesforce.com")
