"""The rows that the lane of private offers remembers, and their names; it holds no logic but what a row says of itself.

All rows stand under one key. What was read: `deal/<ref>`, `company/<ref>`, `offer/<ref>`, `offer_set/<ref>`,
`authorization/<ref>`, `change_set/<ref>`, `agreement/<ref>`, `cosell/<ref>`, `invitation/<ref>`. What is decided:
`link/<deal ref>`, one for each deal that leads; `referral/<ref>`, `answer/<invitation>`, `told/<what is shown>`,
`ruling/<id>`. Ways to find them: `owner/<ref>` the deal that something belongs to, `sent/<command>` the deal that a command
was sent for, `named/<key>` the change set of an attempt, `same/<tandem key>` deals that are one, `deal_id/<id>`,
`child/<account>|<deal>`, `authorized/<authorisation>|<deal>`, `replacing/<agreement>|<deal>`,
`renewing/<agreement>|<offer>`, `of_offer/<offer>|<agreement>`, `chain/<first agreement>|<agreement>`, `in_set/<offer>`,
`says/<deal id>` and `tells/<opportunity id>`, `domain/<domain>`, `company_name/<words>`, `arriving/<opportunity>`,
`agenda/<day>|<deal>`. What matching remembers stands under `match/`.
"""

from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, TypeAdapter

from schemas.entities import Account
from schemas.marketplace import (
    Agreement,
    AgreementStatus,
    ChangeSet,
    Cosell,
    OfferSet,
    OfferState,
    ResaleAuthorization,
)
from schemas.messages import OfferLinkDecided
from streams.offers.matching import ROWS
from streams.offers.parts import DealCard, InvitationCard, OfferCard, Part, Sent

META = "meta"


class Meta(Part):
    """Tandem's own clock, as the last word about it, and the connections that have been looked at once from end to end."""

    t: Literal["meta"] = "meta"
    now: AwareDatetime | None = None
    read: AwareDatetime | None = None  # when the marketplace was last looked at from end to end
    looked: tuple[str, ...] = ()


class Company(Part):
    """A company as last seen."""

    t: Literal["company"] = "company"
    ref: str
    version: int
    account: Account
    alive: bool = True


class Read(Part):
    """Something that was read of a cloud: under which name, in which version, by which change."""

    ref: str
    version: int
    change: str = ""

    @property
    def record_id(self) -> str:
        """Its id in its system."""
        return id_of(self.ref)


class OfferSetRow(Read):
    """An offer set as last seen."""

    t: Literal["offer_set"] = "offer_set"
    record: OfferSet


class AuthorizationRow(Read):
    """A resale authorisation as last seen."""

    t: Literal["authorization"] = "authorization"
    record: ResaleAuthorization


class ChangeSetRow(Read):
    """A change set as last seen."""

    t: Literal["change_set"] = "change_set"
    record: ChangeSet


class AgreementRow(Read):
    """An agreement as last seen."""

    t: Literal["agreement"] = "agreement"
    record: Agreement

    @property
    def active(self) -> bool:
        """Whether it holds now."""
        return self.record.status is AgreementStatus.ACTIVE


class CosellRow(Read):
    """A co-sell opportunity as last seen."""

    t: Literal["cosell"] = "cosell"
    record: Cosell


class Points(Part):
    """A row that points to another thing."""

    t: Literal["points"] = "points"
    ref: str


class Refs(Part):
    """Some records; sorted."""

    t: Literal["refs"] = "refs"
    refs: tuple[str, ...] = ()


class Mark(Part):
    """A row whose name says everything."""

    t: Literal["mark"] = "mark"


class Told(Part):
    """What a record in a CRM was last told: canonical field to JSON value."""

    t: Literal["told"] = "told"
    fields: dict[str, JsonValue] = Field(default_factory=dict)


class Approval(Part):
    """Whether a person allows just this request."""

    digest: str
    status: Literal["waiting", "given", "refused"]
    words: str = ""


class Order(Part):
    """What is asked of an offer that stands: another last day, or that it can no longer be accepted."""

    kind: Literal["extend", "cancel"]
    offer: str  # empty: the one that is being made
    until: date
    words: str
    by_deal: bool = False
    tries: int = 0  # how often it was sent


class Link(Part):
    """One leading deal and its chain: what was tried, what belongs to it, what was sent, and how far it has come.

    `key` and `digest` are of the last attempt to make an offer; `ask` is what the deal asked when it was last heeded.
    """

    t: Literal["link"] = "link"
    deal: str
    attempt: int = 0
    faults: int = 0  # attempts in a row that failed by the marketplace's own fault
    key: str | None = None
    digest: str | None = None
    ask: str | None = None
    accept_by: date | None = None  # the deal's last day when it was last heeded
    change_set: str | None = None
    offer: str | None = None
    because: tuple[str, ...] = ()  # why that offer is its own
    ruled: bool = False  # a person linked it
    past: tuple[str, ...] = ()  # offers that it had before
    apart: tuple[str, ...] = ()  # offers that a person says are not its own
    renewals: tuple[str, ...] = ()  # offers that the marketplace made to renew its agreement
    approval: Approval | None = None
    order: Order | None = None
    cosell: str | None = None
    rest: str | None = None  # what came next of the opportunity when nothing was on its way
    base: dict[str, JsonValue] = Field(default_factory=dict)  # what we last wrote to the opportunity
    sent: dict[str, Sent] = Field(default_factory=dict)
    seq: int = 0  # counts the commands
    state: OfferState | None = None
    why: str = ""
    fact: OfferLinkDecided | None = None
    wake: str | None = None

    @property
    def offers(self) -> tuple[str, ...]:
        """The offers that its agreements come from."""
        return (*(() if self.offer is None else (self.offer,)), *self.renewals)

    @property
    def busy(self) -> bool:
        """Whether there is anything that only this deal has."""
        return any((self.key, self.offer, self.past, self.cosell, self.approval))


class Referral(Part):
    """A deal that was asked for because the cloud vendor brought it, by its key."""

    t: Literal["referral"] = "referral"
    key: str


class Answer(Part):
    """What was ruled of an invitation, and what was sent."""

    t: Literal["answer"] = "answer"
    ruled: Literal["accepted", "rejected"] | None = None
    sent: dict[str, Sent] = Field(default_factory=dict)
    seq: int = 0


AnyRow = (
    Meta | DealCard | Company | OfferCard | OfferSetRow | AuthorizationRow | ChangeSetRow | AgreementRow | CosellRow
    | InvitationCard | Points | Refs | Mark | Told | Link | Referral | Answer | ROWS
)  # fmt: skip
ROW: TypeAdapter[BaseModel] = TypeAdapter(Annotated[AnyRow, Field(discriminator="t")])
MARK = Mark()
Cloud = TypeVar("Cloud", bound=Read)


def id_of(ref: str) -> str:
    """The record's id in a record's name."""
    return ref.split("/", 2)[2]


def connection_of(ref: str) -> str:
    """The connection in a record's name."""
    return ref.split("/", 1)[0]
