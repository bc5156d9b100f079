"""What a Skilljar connection can be told; it never opens one."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors import hinting
from connectors.addresses import bare_address
from connectors.listening import Port

Name = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Client(_Strict):
    """A client of the second API (dashboard, API Credentials), by which enrolments and certificates are read."""

    client_id: str = Field(description="The client's id.", examples=["0b1c2d3e"])
    client_secret: SecretStr = Field(description="The client's secret.", examples=["4f5a6b7c..."])


class Listener(hinting.Listener):
    """Where Skilljar posts its webhooks; see docs/how-to/connect-skilljar.md."""

    secret: SecretStr = Field(
        description="What the webhook's additional header X-Tandem-Secret holds, or its password of basic auth.",
        examples=["7f2b41..."],
    )
    port: Port = Field(default=8087, examples=[8087])


class Settings(_Strict):
    """One training domain of a Skilljar organization."""

    base_url: str = Field(
        default="https://api.skilljar.com",
        description="Address of the APIs. Plain http is accepted for this machine only.",
        examples=["https://api.skilljar.com"],
    )
    domain: Name = Field(description="Name of the training domain.", examples=["learn.acme.com"])
    api_key: SecretStr = Field(description="Key of the first API.", examples=["sk-live-..."])
    client: Client = Field(
        description="Client of the second API.",
        examples=[{"client_id": "0b1c2d3e", "client_secret": "4f5a6b7c..."}],
    )
    paths: tuple[Name, ...] = Field(
        default=(), description="Ids of the published paths whose enrolments are read.", examples=[["abcdefg123456"]]
    )
    poll_s: float = Field(
        default=60.0,
        ge=0,
        description="Seconds between two looks for what is new: enrolments, completions, certificates.",
        examples=[60.0],
    )
    list_every_s: float = Field(
        default=600.0, ge=0, description="Seconds between two readings of users, paths and courses.", examples=[600.0]
    )
    reread_s: float = Field(
        default=21_600.0,
        ge=0,
        description="Seconds between two readings of everything: progress, what was switched off or taken back.",
        examples=[21600.0],
    )
    overlap_s: int = Field(
        default=600, ge=1, description="How far back each look for what is new goes.", examples=[600]
    )
    calls_per_minute: int = Field(
        default=500, ge=10, description="Calls in a minute; Skilljar allows 600 to all.", examples=[500]
    )
    calls_per_hour: int = Field(
        default=4000, ge=60, description="Calls in an hour; Skilljar allows 5,000 to all.", examples=[4000]
    )
    max_removed_rows: int = Field(
        default=50, ge=0, description="Records of a kind that may be gone at once without a question.", examples=[50]
    )
    max_removed_share: float = Field(
        default=0.25, ge=0, le=1, description="Share of the known records that may be gone at once.", examples=[0.25]
    )
    confirm_removals: int | None = Field(
        default=None, description="A person's yes to so many records being gone; set by the command.", examples=[120]
    )
    page_size: int = Field(
        default=1000, ge=1, le=1000, description="Rows of a page, where as many fit.", examples=[1000]
    )
    timeout_s: float = Field(default=30.0, gt=0, description="Seconds to wait for an answer.", examples=[30.0])
    listener: Listener | None = Field(
        default=None, description="Where webhooks arrive, if there are any.", examples=[{"secret": "7f2b41..."}]
    )

    @field_validator("base_url")
    @classmethod
    def _bare_address(cls, value: str) -> str:
        return bare_address(value, "https://api.skilljar.com")
