"""What an xAPI connection can be told; it never opens one."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.addresses import bare_address
from connectors.listening import Host, Patience, Port


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Basic(_Strict):
    """A key and a secret, as learning record stores hand them out."""

    method: Literal["basic"] = Field(description="Which way.", examples=["basic"])
    key: str = Field(min_length=1, description="The key, or the user name.", examples=["8a7b6c5d"])
    secret: SecretStr = Field(min_length=1, description="The secret, or the password.", examples=["9f8e7d6c"])


class Bearer(_Strict):
    """An OAuth token that somebody else renews."""

    method: Literal["token"] = Field(description="Which way.", examples=["token"])
    token: SecretStr = Field(min_length=1, description="The access token.", examples=["eyJhbGciOi..."])


class SecretHeader(_Strict):
    """A header that only the sender knows the value of."""

    method: Literal["header"] = Field(description="Which way.", examples=["header"])
    name: str = Field(min_length=1, description="The header's name.", examples=["X-Tandem-Secret"])
    secret: SecretStr = Field(min_length=1, description="Its value.", examples=["9f8e7d6c"])


class Receiver(_Strict):
    """Where systems send their statements to."""

    auth: Annotated[Basic | SecretHeader, Field(discriminator="method")] = Field(
        description="How a sender proves that it may send.",
        examples=[{"method": "basic", "key": "moodle", "secret": "9f8e7d6c"}],
    )
    host: Host = "127.0.0.1"
    port: Port = Field(default=8086, examples=[8086])
    path: str = Field(
        default="/xAPI",
        pattern=r"^(/[A-Za-z0-9._-]+)*$",
        description="Path before /statements and /about; the sender's endpoint is the address with this path.",
        examples=["/xAPI"],
    )
    patience_s: Patience = Field(default=1.0, lt=10)
    answer_s: float = Field(
        default=20.0,
        gt=0,
        description="Seconds that a request may wait to be published; then it is answered 503 and has to come again.",
        examples=[20.0],
    )
    remember_days: float = Field(
        default=7.0,
        gt=0,
        description="Days for which the ids of statements are known: what comes again is told once.",
        examples=[7.0],
    )


class Settings(_Strict):
    """One learning record store, or one place to send statements to, or both."""

    endpoint: str | None = Field(
        default=None,
        description="Address of the store's xAPI, without /statements. Plain http is accepted for this machine only.",
        examples=["https://lrs.acme.com/xAPI"],
    )
    auth: Annotated[Basic | Bearer, Field(discriminator="method")] | None = Field(
        default=None,
        description="How Tandem proves who it is to the store; needed with `endpoint`.",
        examples=[{"method": "basic", "key": "8a7b6c5d", "secret": "9f8e7d6c"}],
    )
    receiver: Receiver | None = Field(
        default=None,
        description="Where statements are sent to, in place of the store or beside it.",
        examples=[{"auth": {"method": "basic", "key": "moodle", "secret": "9f8e7d6c"}, "host": "0.0.0.0"}],  # noqa: S104
    )
    version: str = Field(
        default="1.0.3",
        pattern=r"^\d+\.\d+\.\d+$",
        description="The version of xAPI that is spoken with the store.",
        examples=["1.0.3"],
    )
    start: AwareDatetime | None = Field(
        default=None,
        description="Statements that were stored before are not read; none: all are.",
        examples=["2026-01-01T00:00:00Z"],
    )
    poll_s: float = Field(
        default=15.0, ge=0, description="Seconds between two readings of the store at least.", examples=[15.0]
    )
    page_size: int = Field(default=200, ge=1, le=5000, description="Statements per call.", examples=[200])
    overlap_s: int = Field(
        default=60,
        ge=1,
        description="How far back each reading goes, where the store does not say through when it is consistent.",
        examples=[60],
    )
    unknown_verbs: Literal["skip", "park"] = Field(
        default="skip",
        description="A statement whose verb mappings/xapi.toml does not name: left out and counted, or a dead letter.",
        examples=["skip"],
    )
    language: str = Field(default="en", description="The language in which names are preferred.", examples=["en", "de"])
    timeout_s: float = Field(default=30.0, gt=0, description="Seconds to wait for an answer.", examples=[30.0])

    @field_validator("endpoint")
    @classmethod
    def _address_with_path(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.query or parts.fragment:
            raise ValueError("give the address and path only, such as https://lrs.acme.com/xAPI")
        bare = bare_address(parts._replace(path="").geturl(), "https://lrs.acme.com/xAPI")
        return bare + parts.path.rstrip("/").removesuffix("/statements")

    @model_validator(mode="after")
    def _with_a_key(self) -> "Settings":
        if (self.endpoint is None) != (self.auth is None):
            raise ValueError("give `endpoint` and `auth` together")
        return self
