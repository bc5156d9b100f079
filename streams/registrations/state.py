"""The rows that the lane of deal registration remembers, and their names; it holds no logic but what a row says of itself.

All rows stand under one key. What was read: `reading/<ref>`, `partner/<key>`, `account/<ref>`, `deal/<ref>`, `offer/<deal>`.
What is decided: `case/<ref>`, one for each registration that leads. Ways to find them: `partner_ref/<partner record>`,
`says/<partner or record>|<registration>`, `deal_of/<account>|<deal>`, `deal_key/<tandem key>|<deal>`,
`names_deal/<text>|<registration>`, `deal_reg/<deal>` the registration that a deal is tied to, `made/<key or deal>` deals that
were made for one, `twin/<group>|<ref>`, `leads/<group>`, `cleared/<a>|<b>` companies that a person says are two,
`unready/<time>|<ref>` and `queued/<ref>` what waits for everything to be read,
`group/<ref>`, `told/<record>` what was last written to it, `ruling/<id>`. The clock, the agenda and the companies
have rows of their own (`streams.agenda`, `streams.companies`); the kinds of the latter are `OPEN_KIND`, `HELD_KIND` and
`ACCOUNT_KIND`.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, TypeAdapter

from schemas.entities import Account, Amount
from schemas.messages.partners import Approval, FeeDecided, RegistrationDecided
from schemas.partners import RegistrationStatus
from streams.agenda import Mark, Meta, Planned
from streams.companies import CompanyKey, CompanyRow
from streams.registrations.parts import (
    AccountCard,
    DealCard,
    Inputs,
    Made,
    OfferCard,
    Part,
    PartnerCard,
    Reading,
    Verdict,
)

OPEN_KIND, HELD_KIND, ACCOUNT_KIND = "open", "held", "account"


class Points(Part):
    """A row that points to another thing."""

    t: Literal["points"] = "points"
    ref: str


class Told(Part):
    """What a record was last told: canonical field to JSON value; `seq` counts the writes."""

    t: Literal["told"] = "told"
    fields: dict[str, JsonValue] = Field(default_factory=dict)
    seq: int = 0


class Case(Part):
    """One registration: where it stands, why, whom it protects until when, and what was said of it."""

    t: Literal["case"] = "case"
    ref: str
    twins: tuple[str, ...] = ()
    folded: str | None = None  # it is the same registration as that one, which leads
    status: RegistrationStatus | None = None
    previous: RegistrationStatus | None = None
    since: AwareDatetime | None = None  # of the status, by Tandem's clock
    submitted_at: AwareDatetime | None = None
    partner: str | None = None
    fixed: bool = False  # the partner is the one that was approved, or that a person has named
    reasons: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    rule: str | None = None
    conflict_with: str | None = None
    conflict_words: str | None = None
    next_step: str | None = None  # for our own people
    shown_step: str | None = None  # the same for the partner
    note: str | None = None  # what was asked last and could not be done
    course: str | None = None  # which levels the approvals are of
    approvals: tuple[Approval, ...] = ()
    approved_at: AwareDatetime | None = None
    approved_by: str | None = None
    protected_until: date | None = None
    extensions: int = 0
    margin: Amount | None = None
    kind: str | None = None
    claim: Account | None = None  # the company as it stands in the index
    place: str | None = None  # under which kind: open or held
    account: str | None = None
    deal: str | None = None
    by_deal: bool = False  # the deal has brought it where it stands
    problem: str | None = None
    made: Made | None = None
    returned_digest: str | None = None
    expiry_told: date | None = None  # the last day of protection of which the nearest notice was given
    expiry_days: int | None = None
    stale_on: date | None = None  # when the notice of stagnation was given
    fees: dict[str, FeeDecided] = Field(default_factory=dict)  # by topic key, as last said
    inputs: Inputs | None = None
    verdict: Verdict | None = None
    fact: RegistrationDecided | None = None

    @property
    def protected(self) -> bool:
        """Whether it stands against other partners: approved, or expired and not yet in the pool."""
        approved = self.status is RegistrationStatus.APPROVED
        return approved or (self.status is RegistrationStatus.EXPIRED and self.protected_until is not None)


AnyRow = (
    Meta | Planned | Mark | CompanyRow | CompanyKey | Reading | PartnerCard | AccountCard | DealCard | OfferCard | Points
    | Told | Case
)  # fmt: skip
ROW: TypeAdapter[BaseModel] = TypeAdapter(Annotated[AnyRow, Field(discriminator="t")])
MARK = Mark()


def id_of(ref: str) -> str:
    """The record's id in a record's name."""
    return ref.split("/", 2)[2]


def connection_of(ref: str) -> str:
    """The connection in a record's name."""
    return ref.split("/", 1)[0]
