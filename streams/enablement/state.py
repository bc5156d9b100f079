"""The rows that enablement remembers, and their names; it holds no logic.

All rows stand under one key. What was read: `partner/<ref>`, `user/<ref>`, `learner/<ref>`, `enrollment/<ref>`,
`credential/<ref>`, `statement/<ref>`, `sale/<ref>` (a transaction or a deal), `voided/<statement>`, `routed/<lead>`. What
hangs on it: `done/<who>` the items that somebody has, each in `proof/<who>\\x1f<item>`; `on/<connection>|<who>|<item>` who was
once enrolled; `ledger/<claim>` what was sold by day. A claim is a partner as a system names it,
`<connection>\\x1f<key or id>`; `who` is a mail address, its SHA-1 or a learner.
What is decided: `home/<ref>` the partner that a record stands for, `anchor/<key>` and `anchored/<ref>` who a key was made
for, `person/<address>`, `cert/<address>|<program>`, `standing/<key>`, `onboarding/<key>`, `shown/<ref>`, `sent/<command>`,
`sweep`.
Ways to find them: `records/<key>`, `keyed/<explicit key>`, `domain/<domain>`, `into/<ref>` records merged into one,
`users/<address>`, `learners/<address>`, `hash/<sha1>` an address, `claimed/<claim>\\x1f<address>`, `at/<domain>\\x1f<address>`,
`staff/<key>|<address>`, `selling/<name>` and `billed/<name>` deals and transactions that may be one sale, `open/<key>`,
`all/<bucket>|<what>`. The clock and what comes due are `streams.agenda`'s, companies `streams.companies`'.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from schemas.learning import LearningKind
from schemas.messages import CertificationDecided, PartnerDecided
from schemas.partners import Partner, PartnerUser
from streams.agenda import Mark, Meta, Planned
from streams.companies import CompanyKey, CompanyRow

END = "\x1f"  # after a text that may hold any other sign


class Part(BaseModel):
    """A piece of what is remembered; it is never changed, only replaced."""

    model_config = ConfigDict(frozen=True)


class Read(Part):
    """Something that was read: in which version, and whether it is still there."""

    version: int
    alive: bool = True


class PartnerRow(Read):
    """A partner's record as last seen; `record` stays when it is gone."""

    t: Literal["partner"] = "partner"
    record: Partner | None = None
    merged_into: str | None = None
    domains: tuple[str, ...] = ()


class UserRow(Read):
    """A partner's person as last seen."""

    t: Literal["user"] = "user"
    record: PartnerUser | None = None


class LearnerRow(Read):
    """A user of a learning system as last seen; the address stays when the user is gone."""

    t: Literal["learner"] = "learner"
    email: str | None = None


class Proof(Part):
    """One reason why somebody holds an item: from when to before when it counts."""

    issued: AwareDatetime
    expires: AwareDatetime | None = None  # as the learning system says; none: it says nothing
    credential: bool = False
    standing: bool = True  # False: it was taken back


class ProofRow(Read):
    """A credential, an enrolment or a statement as last seen, and where its proofs stand."""

    t: Literal["proof_of"] = "proof_of"
    who: str | None = None
    item: str | None = None  # in `done/<who>`


class ItemRow(Part):
    """Everything that proves that somebody holds an item; proof by its record's name."""

    t: Literal["item"] = "item"
    proofs: dict[str, Proof]


class Learned(Part):
    """An item of a learning system."""

    connection: str
    item: str
    name: str | None = None
    kind: LearningKind = LearningKind.OTHER


class DoneRow(Part):
    """The items of which somebody has proofs, by the name of the row with them."""

    t: Literal["done"] = "done"
    items: dict[str, Learned]


class Booking(Part):
    """What a sale adds to a partner's revenue."""

    claim: str
    day: date
    currency: str
    amount: Decimal


class SaleRow(Read):
    """A transaction or a deal as last seen: what it would add, what it does add, and the names by which it is known."""

    t: Literal["sale"] = "sale"
    worth: Booking | None = None
    booked: Booking | None = None
    names: tuple[str, ...] = ()


class Ledger(Part):
    """What was sold on which day, by currency."""

    t: Literal["ledger"] = "ledger"
    days: dict[str, dict[str, Decimal]]


class Points(Part):
    """A row that points to another thing."""

    t: Literal["points"] = "points"
    to: str


class Refs(Part):
    """Some records; sorted."""

    t: Literal["refs"] = "refs"
    refs: tuple[str, ...] = ()


class Held(Part):
    """A certification of a person, from when to before when."""

    program: str
    product: str | None = None
    level: int = 1
    start: AwareDatetime
    end: AwareDatetime | None = None


class Person(Part):
    """A person: whose, and what they are certified for, now or in future."""

    t: Literal["person"] = "person"
    partner: str | None = None
    held: tuple[Held, ...] = ()
    programs: tuple[str, ...] = ()  # those that anything was said of


class Told(Part):
    """Which notices of one thing were given: how many days ahead since it was last safe, and each ever, by day."""

    ahead: int | None = None
    ever: tuple[str, ...] = ()


class CertRow(Part):
    """What was last said of a person's certification."""

    t: Literal["cert"] = "cert"
    fact: CertificationDecided
    told: Told = Told()


class Standing(Part):
    """A partner's tier, since when its needs are not met, and what was last said of the partner."""

    t: Literal["standing"] = "standing"
    tier: str | None = None
    since: date | None = None
    foreseen: dict[str, AwareDatetime] = Field(default_factory=dict)  # by tier, when its needs will no longer be met
    unmet: dict[str, AwareDatetime] = Field(default_factory=dict)  # by tier, since when they are not
    told: Told = Told()
    fact: PartnerDecided | None = None


class Onboarding(Part):
    """A new partner: when each milestone was reached, and of which the lateness was said."""

    t: Literal["onboarding"] = "onboarding"
    done: dict[str, date] = Field(default_factory=dict)
    late: tuple[str, ...] = ()


class Sent(Part):
    """A command that was sent, and what became of it."""

    t: Literal["sent"] = "sent"
    write: str
    partner: str
    status: str | None = None
    reason: str | None = None


class Shown(Part):
    """What a partner's record was last told."""

    t: Literal["shown"] = "shown"
    fields: dict[str, JsonValue]


class Routed(Part):
    """A lead that is open with a partner."""

    t: Literal["routed"] = "routed"
    partner: str | None = None


class Count(Part):
    """How many."""

    t: Literal["count"] = "count"
    number: int


class Sweep(Part):
    """The rules by which everything was last looked at; `bucket` is the next one to look at by them."""

    t: Literal["sweep"] = "sweep"
    version: str
    bucket: int | None = None


AnyRow = (
    Meta | Planned | Mark | CompanyRow | CompanyKey | PartnerRow | UserRow | LearnerRow | ProofRow | ItemRow | DoneRow
    | SaleRow | Ledger | Points | Refs | Person | CertRow | Standing | Onboarding | Sent | Shown | Routed | Count | Sweep
)  # fmt: skip
ROW: TypeAdapter[BaseModel] = TypeAdapter(Annotated[AnyRow, Field(discriminator="t")])
MARK = Mark()


def id_of(ref: str) -> str:
    """The record's id in a record's name."""
    return ref.split("/", 2)[2]


def connection_of(ref: str) -> str:
    """The connection in a record's name."""
    return ref.split("/", 1)[0]
