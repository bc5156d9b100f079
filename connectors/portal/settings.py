"""What a portal connection can be told; it never opens one."""

from collections import Counter

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.listening import Host, Patience, Port


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Token(_Strict):
    """One partner's token; a partner may have several, for the time in which one replaces another."""

    partner: str = Field(min_length=1, description="The partner's key.", examples=["acme"])
    token: SecretStr = Field(description="What the partner sends as a bearer token.", examples=["f3b1c0d9e8a7f6b5c4d3"])

    @field_validator("token")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < SHORTEST:
            raise ValueError(f"give a token of {SHORTEST} characters at least")
        return value


SHORTEST = 16  # characters of a token


class Settings(_Strict):
    """Where partners register deals and answer leads over HTTP."""

    tokens: tuple[Token, ...] = Field(
        min_length=1,
        description="Who may call: each token speaks for one partner.",
        examples=[[{"partner": "acme", "token": "f3b1c0d9e8a7f6b5c4d3"}]],
    )
    host: Host = "127.0.0.1"
    port: Port = Field(default=8087, examples=[8087])
    patience_s: Patience = Field(default=1.0, lt=10)
    answer_s: float = Field(
        default=20.0,
        gt=0,
        description="Seconds that a request may wait to be published; then it is answered 503 and has to come again.",
        examples=[20.0],
    )

    @field_validator("tokens")
    @classmethod
    def _one_partner_each(cls, value: tuple[Token, ...]) -> tuple[Token, ...]:
        counted = Counter(each.token.get_secret_value() for each in value)
        doubled = [each.partner for each in value if counted[each.token.get_secret_value()] > 1]
        if doubled:
            raise ValueError(f"the tokens of {', '.join(doubled)} are the same: give each its own")
        return value
