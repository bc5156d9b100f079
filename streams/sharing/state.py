"""The rows that the lane of sharing remembers of one partner, and their names; they hold no logic.

All rows of a partner stand under its key: `` the partner's standing, `account/<their record>` what is on its list,
`shown/<hash of their connection and our record>` each overlap that was ever offered, `meets/<their record>|<the same hash>`
what finds it by the partner's account.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from schemas.messages import AccountCard, OverlapOffered, ShareVerdict, identity
from streams.sharing.policy import NO_RULINGS, Consent

STANDING = ""


class Part(BaseModel):
    """A row."""

    model_config = ConfigDict(frozen=True)


class Standing(Part):
    """Where a partner stands: what people ruled, how long its list is and how it changed today.

    `policy` is the digest of the terms that its shares were decided by. `epoch` counts the releases: an account is held
    back while it was held in this epoch. `told` is the number of held accounts from which on they are told again.
    """

    t: Literal["standing"] = "standing"
    consent: Consent = NO_RULINGS
    ruled_at: AwareDatetime | None = None
    policy: str = ""
    first_day: date | None = None
    day: date | None = None
    size: int = 0
    at_start: int = 0  # of the day
    adds: int = 0  # of the day
    held: int = 0
    epoch: int = 0
    told: int = 1


class Listed(Part):
    """An account on the partner's list, since `at` as the company that it is; `held`: the epoch in which it was held back."""

    t: Literal["listed"] = "listed"
    at: AwareDatetime
    held: int | None = None


class Shown(Part):
    """An overlap as it was offered last, and what of it stands in the partner's system; no `fields`: nothing does.

    `card`: our account as it was when something of it left last.
    """

    t: Literal["shown"] = "shown"
    offer: OverlapOffered
    fields: dict[str, JsonValue] | None = None
    card: AccountCard | None = None
    verdict: ShareVerdict | None = None


class Meets(Part):
    """That an overlap is with an account of the partner."""

    t: Literal["meets"] = "meets"


Row = Annotated[Standing | Listed | Shown | Meets, Field(discriminator="t")]
ROW: TypeAdapter[Row] = TypeAdapter(Row)


def listed(ref: str) -> str:
    """The row of an account of the partner."""
    return f"account/{ref}"


def shown(offer: OverlapOffered) -> str:
    """The row of what was offered."""
    return f"{SHOWN}{identity(offer.connection, offer.ref)}"


def meets(theirs: str, offer: OverlapOffered) -> str:
    """The row that finds it by the partner's account."""
    return f"{met_by(theirs)}{identity(offer.connection, offer.ref)}"


def met_by(theirs: str) -> str:
    """How the names of the rows begin that find the overlaps with an account of the partner."""
    return f"meets/{theirs}|"


SHOWN = "shown/"
