"""What a HubSpot connection can be told; it never opens one."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.addresses import bare_address
from connectors.listening import Host, Patience, Port


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccessToken(_Strict):
    """A token that never runs out: of a private app, or a service key."""

    method: Literal["token"] = Field(description="Which way.", examples=["token"])
    token: SecretStr = Field(description="The private app's token, or the service key.", examples=["pat-eu1-..."])


class RefreshToken(_Strict):
    """OAuth 2.0: the refresh token of an app's installation in the portal; the app itself is named in `app`."""

    method: Literal["refresh_token"] = Field(description="Which way.", examples=["refresh_token"])
    refresh_token: SecretStr = Field(description="The installation's refresh token.", examples=["eu1-..."])


class App(_Strict):
    """The app at HubSpot that Tandem is: it reads the journal, and its secret signs the webhooks."""

    client_id: str = Field(description="The app's client id.", examples=["0b1c2d3e-..."])
    client_secret: SecretStr = Field(description="The app's client secret.", examples=["4f5a6b7c-..."])


class Listener(_Strict):
    """Where HubSpot sends its webhooks to."""

    public_url: str = Field(
        description="The target address as HubSpot knows it: it is part of every signature.",
        examples=["https://tandem.acme.com/hubspot"],
    )
    host: Host = "127.0.0.1"
    port: Port = Field(default=8085, examples=[8085])
    patience_s: Patience = Field(default=1.0, lt=5)
    search_every_s: int = Field(
        default=3600,
        ge=1,
        description="Seconds between two searches for what no webhook told; the first is at the start.",
        examples=[3600],
    )
    answer_s: float = Field(
        default=4.0,
        gt=0,
        lt=5,
        description="Seconds that a request may wait to be published; HubSpot gives up after five and sends it again.",
        examples=[4.0],
    )


class Settings(_Strict):
    """One HubSpot portal, as one app."""

    base_url: str = Field(
        default="https://api.hubapi.com",
        description="Address of the API. Plain http is accepted for this machine only.",
        examples=["https://api.hubapi.com"],
    )
    auth: Annotated[AccessToken | RefreshToken, Field(discriminator="method")] = Field(
        description="How Tandem proves who it is.", examples=[{"method": "token", "token": "pat-eu1-..."}]
    )
    app: App | None = Field(
        default=None,
        description="The app behind a refresh token, the journal or the webhooks.",
        examples=[{"client_id": "0b1c2d3e-...", "client_secret": "4f5a6b7c-..."}],
    )
    app_id: int | None = Field(
        default=None,
        description="The app's number at HubSpot: what it wrote is recognised as Tandem's own.",
        examples=[18221010],
    )
    api: str = Field(
        default="2026-09",
        pattern=r"^(v3|\d{4}-\d{2})$",
        description="Version in the paths: a date, or v3 for the numbered ones.",
        examples=["2026-09", "v3"],
    )
    journal_api: str = Field(
        default="2026-03",
        pattern=r"^\d{4}-\d{2}$",
        description="Version of the webhooks journal, which has dates only.",
        examples=["2026-03"],
    )
    changes: Literal["search", "journal", "webhooks"] = Field(
        default="search",
        description="How changes are noticed: by searching, by the webhooks journal, or by pushed webhooks.",
        examples=["search"],
    )
    listener: Listener | None = Field(
        default=None,
        description="Where webhooks arrive; needed for changes = webhooks.",
        examples=[{"public_url": "https://tandem.acme.com/hubspot"}],
    )
    timeout_s: float = Field(default=30.0, gt=0, description="Seconds to wait for an answer.", examples=[30.0])
    overlap_s: int = Field(
        default=600,
        ge=1,
        description="How far back each poll reads again: the search shows a record this much later than its stamp.",
        examples=[600],
    )
    page_size: int = Field(default=200, ge=2, le=200, description="Records per search.", examples=[200])
    deletions_every_s: int = Field(
        default=300,
        ge=0,
        description="Seconds between two readings of the archived records, which search does not show.",
        examples=[300],
    )
    searches_per_s: int = Field(
        default=4,
        ge=1,
        description="Searches in a second; HubSpot allows five to all apps of the portal together.",
        examples=[4],
    )
    api_reserve_share: float = Field(
        default=0.1,
        ge=0,
        lt=1,
        description="Share of the portal's daily API calls that Tandem never touches.",
        examples=[0.1],
    )
    overlaps: Literal["object", "property"] = Field(
        default="object",
        description="Where overlaps are written: as records of the custom object, which needs Enterprise, or as a "
        "property of the company.",
        examples=["object"],
    )
    compare: bool = Field(
        default=True, description="Read before writing, and leave alone what already agrees.", examples=[True]
    )

    @field_validator("base_url")
    @classmethod
    def _bare_address(cls, value: str) -> str:
        return bare_address(value, "https://api.hubapi.com")

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if self.app is None and (self.changes != "search" or isinstance(self.auth, RefreshToken)):
            raise ValueError("give `app`: a refresh token, the journal and the webhooks belong to an app")
        if self.listener is None and self.changes == "webhooks":
            raise ValueError("give `listener`: webhooks arrive there")
        return self
