"""The rows that attribution remembers, and their names; it holds no logic but what a row says of itself.

All rows stand under one key. What was read: `deal/<ref>`, `partner/<key>`, `proof/<what proves touches>`. What follows from
it: `touch/<name>`, `credit/<deal>` what was said of a deal, `told/<deal>` what its CRM was told. Ways to find them:
`same/<tandem key>|<deal>`, `merged/<into>|<deal>`, `on_account/<account>|<deal>`, `tally/<account>`,
`at_account/<account>|<when>|<touch>`, `at_deal/<deal or key>|<when>|<touch>`, `trained/<partner>|<day>|<touch>`,
`last_trained/<partner>`, `named/<partner as its record names it>|<touch>`, `partner_ref/<record>`, `has/<partner>|<deal>`,
`todo/<deal>` what is to be looked at with the next events.
"""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from schemas.entities import DealStage
from schemas.messages import AttributionDecided, TouchKind

CLOSED = frozenset({DealStage.WON, DealStage.LOST})


class Part(BaseModel):
    """A piece of what is remembered; it is never changed, only replaced."""

    model_config = ConfigDict(frozen=True)


class DealRow(Part):
    """A deal as last seen. `closed_on`: the last day on which a touch counts, once it is won or lost."""

    t: Literal["deal"] = "deal"
    ref: str
    version: int
    name: str
    account: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    created_at: AwareDatetime | None = None
    closed_on: date | None = None
    tandem_key: str | None = None
    alive: bool = True
    merged_into: str | None = None

    @property
    def connection(self) -> str:
        """The CRM that it stands in."""
        return self.ref.split("/", 1)[0]

    @property
    def record_id(self) -> str:
        """Its id there."""
        return self.ref.split("/", 2)[2]


class PartnerRow(Part):
    """A partner as enablement knows it."""

    t: Literal["partner"] = "partner"
    name: str
    refs: tuple[str, ...] = ()


class Touch(Part):
    """One touch. `named` and `home`: the partner as its record names it, and where; `partner`: the key that this means.

    `dated` says whether its record tells when it was; else it is dated by the first word of it. `until`: since when it is
    taken back. Touches with one `same` are one thing that is seen from several accounts.
    """

    t: Literal["touch"] = "touch"
    name: str
    kind: TouchKind
    named: str
    home: str | None = None
    given: str = ""
    partner: str = ""
    partner_name: str = ""
    accounts: tuple[str, ...] = ()
    deal: str | None = None
    at: AwareDatetime
    dated: bool = True
    until: AwareDatetime | None = None
    ref: str
    same: str
    words: str

    @property
    def when(self) -> str:
        """Sorts as text the way touches follow each other."""
        return f"{stamp(self.at)}|{self.name}"


class Proof(Part):
    """What a record or fact proves now: names of touches; `version` is that of a record."""

    t: Literal["proof"] = "proof"
    version: int | None = None
    touches: tuple[str, ...] = ()


class Tally(Part):
    """How many touches and deals an account has."""

    t: Literal["tally"] = "tally"
    touches: int = 0
    deals: int = 0


class Credit(Part):
    """What was said of a deal, and the partners whose certifications count for it."""

    t: Literal["credit"] = "credit"
    fact: AttributionDecided
    partners: tuple[str, ...] = ()


class Told(Part):
    """What a deal's CRM was last told: canonical field to JSON value."""

    t: Literal["told"] = "told"
    fields: dict[str, JsonValue] = Field(default_factory=dict)


class Points(Part):
    """A row that points to another thing."""

    t: Literal["points"] = "points"
    to: str


class Mark(Part):
    """A row whose name says everything."""

    t: Literal["mark"] = "mark"


AnyRow = DealRow | PartnerRow | Touch | Proof | Tally | Credit | Told | Points | Mark
ROW: TypeAdapter[BaseModel] = TypeAdapter(Annotated[AnyRow, Field(discriminator="t")])
MARK = Mark()


def stamp(at: datetime) -> str:
    """A moment as text that sorts the way moments do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def start_of(day: date) -> datetime:
    """The first moment of a day, UTC."""
    return datetime.combine(day, time(), UTC)
