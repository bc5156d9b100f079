"""What a Crossbeam connection can be told; it never opens one."""

import re
from collections import Counter
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.addresses import bare_address
from connectors.listening import Host, Patience, Port


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccessToken(_Strict):
    """A token that somebody else renews; Crossbeam's are good for a day."""

    method: Literal["token"] = Field(description="Which way.", examples=["token"])
    token: SecretStr = Field(description="The access token.", examples=["eyJhbGciOi..."])


class RefreshToken(_Strict):
    """OAuth 2.0: the refresh token of a custom integration, asked for with the scope offline_access."""

    method: Literal["refresh_token"] = Field(description="Which way.", examples=["refresh_token"])
    client_id: str = Field(description="The integration's client id.", examples=["aBcD1234"])
    client_secret: SecretStr = Field(description="The integration's client secret.", examples=["4f5a6b7c..."])
    refresh_token: SecretStr = Field(description="The refresh token.", examples=["v1.Mabc..."])
    sign_in: str = Field(
        default="https://auth.crossbeam.com",
        description="Address where tokens are handed out. Plain http is accepted for this machine only.",
        examples=["https://auth.crossbeam.com"],
    )

    @field_validator("sign_in")
    @classmethod
    def _bare(cls, value: str) -> str:
        return bare_address(value, "https://auth.crossbeam.com")


class Webhooks(_Strict):
    """Where Crossbeam sends its signals to; it does so for Enterprise plans."""

    secret: SecretStr = Field(description="The webhook's secret key.", examples=["1111...secret"])
    host: Host = "127.0.0.1"
    port: Port = Field(default=8088, examples=[8088])
    path: str = Field(
        pattern=r"^/\S{16,}$",
        description="The path of the webhook's address; let it be hard to guess.",
        examples=["/crossbeam/61e68950-415c-4618-84a2"],
    )
    patience_s: Patience = Field(default=1.0, lt=10)
    answer_s: float = Field(
        default=10.0,
        gt=0,
        description="Seconds that a request may wait to be published; then it is answered 503, and Crossbeam tries again.",
        examples=[10.0],
    )


class Settings(_Strict):
    """One organization at Crossbeam."""

    base_url: str = Field(
        default="https://api.crossbeam.com",
        description="Address of the API. Plain http is accepted for this machine only.",
        examples=["https://api.crossbeam.com"],
    )
    auth: Annotated[AccessToken | RefreshToken, Field(discriminator="method")] = Field(
        description="How Tandem proves who it is.", examples=[{"method": "token", "token": "eyJhbGciOi..."}]
    )
    organization: str = Field(
        pattern=r"^[0-9A-Fa-f-]{36}$",
        description="Your organization's uuid, from the organization's settings.",
        examples=["36dff61a-70b1-4201-9e99-5f37cd2b6650"],
    )
    partners: dict[str, str] = Field(
        default_factory=dict,
        description="Partner's name or uuid at Crossbeam to the partner's key; what is not here is left out.",
        examples=[{"Acme Cloud": "acme"}],
    )
    exports: int = Field(
        default=5000, ge=1, description="Record exports that your plan allows in a year.", examples=[5000, 50000]
    )
    exports_renew: str = Field(
        default="01-01",
        description="Month and day on which your plan's year begins.",
        examples=["01-01", "07-15"],
    )
    export_reserve_share: float = Field(
        default=0.1, ge=0, lt=1, description="Share of the record exports that Tandem leaves to others.", examples=[0.1]
    )
    poll_s: float = Field(
        default=900.0, ge=0, description="Seconds between two readings of what has changed.", examples=[900.0]
    )
    page_size: int = Field(default=100, ge=1, le=1000, description="Records per call.", examples=[100])
    webhooks: Webhooks | None = Field(
        default=None,
        description="Where signals are pushed to, besides being read.",
        examples=[{"secret": "1111...secret", "path": "/crossbeam/61e68950-415c-4618-84a2"}],
    )
    timeout_s: float = Field(default=30.0, gt=0, description="Seconds to wait for an answer.", examples=[30.0])

    @field_validator("base_url")
    @classmethod
    def _bare(cls, value: str) -> str:
        return bare_address(value, "https://api.crossbeam.com")

    @field_validator("partners")
    @classmethod
    def _one_each(cls, value: dict[str, str]) -> dict[str, str]:
        if wrong := next((key for key in value.values() if not re.fullmatch(r"[\w-]+", key)), None):
            raise ValueError(f"{wrong!r} is no partner key: letters, digits, - and _")
        if doubled := [name for name, count in Counter(map(str.casefold, value)).items() if count > 1]:
            raise ValueError(f"{doubled[0]!r} stands here twice, since case does not count")
        return value

    @field_validator("exports_renew")
    @classmethod
    def _a_day(cls, value: str) -> str:
        try:
            date.fromisoformat(f"2027-{value}")  # no leap year: 02-29 comes only every fourth
        except ValueError:
            raise ValueError("give month and day, as 07-15") from None
        return value
