"""How an AWS account is reached and who Tandem is there; it never opens a connection."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.addresses import bare_address


class Strict(BaseModel):
    """Settings that refuse keys they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DefaultChain(Strict):
    """What boto3 finds by itself: the environment, a container's or an instance's role, the shared files."""

    method: Literal["default"] = Field(default="default", description="Which way.", examples=["default"])


class Keys(Strict):
    """An access key."""

    method: Literal["keys"] = Field(description="Which way.", examples=["keys"])
    access_key_id: SecretStr = Field(description="The key's id.", examples=["env:AWS_ACCESS_KEY_ID"])
    secret_access_key: SecretStr = Field(description="The key itself.", examples=["env:AWS_SECRET_ACCESS_KEY"])
    session_token: SecretStr | None = Field(
        default=None, description="The token of temporary keys.", examples=["env:AWS_SESSION_TOKEN"]
    )


class Profile(Strict):
    """A profile of the shared AWS files."""

    method: Literal["profile"] = Field(description="Which way.", examples=["profile"])
    name: str = Field(min_length=1, description="The profile's name.", examples=["marketplace"])


class Role(Strict):
    """A role that is assumed with what boto3 finds by itself; its keys are renewed before they run out."""

    method: Literal["role"] = Field(description="Which way.", examples=["role"])
    role_arn: str = Field(
        pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$",
        description="The role's full name.",
        examples=["arn:aws:iam::123456789012:role/tandem-marketplace"],
    )
    external_id: SecretStr | None = Field(
        default=None, description="What the role's trust policy asks for.", examples=["env:TANDEM_EXTERNAL_ID"]
    )
    session_name: str = Field(
        default="tandem", pattern=r"^[\w+=,.@-]{2,64}$", description="How Tandem is named there.", examples=["tandem"]
    )


Auth = Annotated[DefaultChain | Keys | Profile | Role, Field(discriminator="method")]


class Access(Strict):
    """One AWS account, in one region. The addresses are all that tells a sandbox from AWS."""

    region: str = Field(
        default="us-east-1",
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d$",
        description="Where the services are; Marketplace and Partner Central are in us-east-1 only.",
        examples=["us-east-1"],
    )
    base_url: str | None = Field(
        default=None,
        description="Address of the services in place of AWS's own. Plain http is accepted for this machine only.",
        examples=["http://127.0.0.1:8090"],
    )
    queue_base_url: str | None = Field(
        default=None,
        description="Address of SQS and STS in place of AWS's own; none: that of `base_url`.",
        examples=["http://127.0.0.1:8091"],
    )
    queue_url: str | None = Field(
        default=None,
        description="The SQS queue that EventBridge's rules send events to; without one changes are found by polling. "
        "Every connection needs a queue of its own: a message is read once.",
        examples=["https://sqs.us-east-1.amazonaws.com/123456789012/tandem-marketplace"],
    )
    auth: Auth = Field(
        default_factory=DefaultChain, description="How Tandem proves who it is.", examples=[{"method": "default"}]
    )
    timeout_s: float = Field(default=30.0, gt=0, description="Seconds to wait for an answer.", examples=[30.0])
    rate_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="Share of AWS's calls per second and per day that reading and writing each take at most; other tools "
        "have the rest.",
        examples=[0.5],
    )

    @field_validator("base_url", "queue_base_url")
    @classmethod
    def _bare_address(cls, value: str | None) -> str | None:
        return None if value is None else bare_address(value, "http://127.0.0.1:8090")
