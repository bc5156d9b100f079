"""What a Moodle connection can be told; it never opens one."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors import hinting
from connectors.addresses import bare_address
from connectors.listening import Port

Name = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Everybody(_Strict):
    """All users whose mail address the token's user may see."""

    by: Literal["all"] = Field(description="Which way.", examples=["all"])


class Domains(_Strict):
    """The users whose mail address ends in one of these domains."""

    by: Literal["domains"] = Field(description="Which way.", examples=["domains"])
    domains: tuple[Name, ...] = Field(min_length=1, description="Mail domains.", examples=[["partner.example"]])


class Cohorts(_Strict):
    """The members of these cohorts."""

    by: Literal["cohorts"] = Field(description="Which way.", examples=["cohorts"])
    cohorts: tuple[Name, ...] = Field(min_length=1, description="Cohort ID numbers.", examples=[["partners"]])


class Listener(hinting.Listener):
    """Where a plugin of the site posts that something happened; see docs/how-to/connect-moodle.md."""

    secret: SecretStr = Field(description="What the header X-Tandem-Secret holds.", examples=["7f2b41..."])
    port: Port = Field(default=8086, examples=[8086])


class Settings(_Strict):
    """One Moodle site, by the token of one external service."""

    base_url: str = Field(
        description="Address of the site, with its path where it has one. Plain http is accepted for this machine only.",
        examples=["https://learn.acme.com", "https://acme.com/moodle"],
    )
    token: SecretStr = Field(description="Token of the external service.", examples=["3a7c9e..."])
    select: Annotated[Everybody | Domains | Cohorts, Field(discriminator="by")] = Field(
        description="Whose learning is read.",
        examples=[{"by": "cohorts", "cohorts": ["partners"]}, {"by": "domains", "domains": ["partner.example"]}],
    )
    paths: tuple[Name, ...] = Field(
        default=(),
        description="ID numbers of the cohorts that are learning paths: who is a member is enrolled.",
        examples=[["partner-technical"]],
    )
    calls_per_hour: int = Field(
        default=3600,
        ge=10,
        description="Calls that reading makes at most: an hour's worth at once, then evenly.",
        examples=[3600],
    )
    users_per_pass: int = Field(
        default=200,
        ge=1,
        description="Users whose courses and badges one pass reads; the next pass goes on with the following ones.",
        examples=[200],
    )
    list_every_s: float = Field(
        default=300.0, ge=0, description="Seconds between two readings of the list of users.", examples=[300.0]
    )
    max_removed_rows: int = Field(
        default=50, ge=0, description="Users that may be gone at once without a question.", examples=[50]
    )
    max_removed_share: float = Field(
        default=0.25, ge=0, le=1, description="Share of the known users that may be gone at once.", examples=[0.25]
    )
    confirm_removals: int | None = Field(
        default=None, description="A person's yes to so many users being gone; set by the command.", examples=[120]
    )
    role_id: int = Field(
        default=5, ge=1, description="Role that an enrolment gives; 5 is the student of a new site.", examples=[5]
    )
    auth: str = Field(
        default="manual",
        description="Authentication plugin of users that are made; with manual Moodle makes and mails a password.",
        examples=["manual", "oauth2"],
    )
    batch: int = Field(
        default=50,
        ge=1,
        le=100,
        description="Records in one writing call; PHP drops what is over its limit.",
        examples=[50],
    )
    timeout_s: float = Field(default=60.0, gt=0, description="Seconds to wait for an answer.", examples=[60.0])
    listener: Listener | None = Field(
        default=None, description="Where webhooks arrive, if a plugin sends any.", examples=[{"secret": "7f2b41..."}]
    )

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        path = urlsplit(value).path
        bare = bare_address(value.removesuffix("/").removesuffix(path.rstrip("/")), "https://learn.acme.com")
        return bare + path.rstrip("/")
