"""What the parts of this decision hand to each other: deals and companies as they are known, and commands; no logic."""

from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from mappings.offers import OfferRules
from schemas.entities import Account, Deal
from schemas.marketplace import AgreementStatus, Cosell, CosellInvitation, Offer, OfferState
from schemas.messages import MatchBy


class Part(BaseModel):
    """A piece of what is remembered; it is never changed, only replaced."""

    model_config = ConfigDict(frozen=True)


class DealCard(Part):
    """A deal as last seen, and its company."""

    t: Literal["deal"] = "deal"
    ref: str
    version: int
    deal: Deal
    company: Account | None = None
    change: str = ""  # id of the change that told it
    alive: bool = True

    @property
    def record_id(self) -> str:
        """The deal's id in its CRM."""
        return self.ref.split("/", 2)[2]

    @property
    def connection(self) -> str:
        """The CRM that it stands in."""
        return self.ref.split("/", 1)[0]


class OfferCard(Part):
    """An offer as last seen, and what its agreement says of the buyer."""

    t: Literal["offer"] = "offer"
    ref: str
    version: int
    offer: Offer
    buyer_account: str | None = None  # of an agreement, where the offer is for several accounts or none
    agreement_status: AgreementStatus | None = None
    shortened: bool = False  # between two reads its last day was moved from one to come to one that is over
    change: str = ""
    alive: bool = True

    @property
    def record_id(self) -> str:
        """The offer's id."""
        return self.ref.split("/", 2)[2]


class Command(Part):
    """Something to be written to one of the connections, before it has an id."""

    connection: str
    entity: str
    match_by: MatchBy
    key: str
    fields: dict[str, JsonValue]
    expected: dict[str, JsonValue] | None = None
    reasons: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Two commands of the same name concern the same step."""
        return f"{self.connection}/{self.entity}/{self.key}"


class Problem(Part):
    """Why something cannot be sent: the deal's field, what is wrong with it, and what to do."""

    field: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        words = self.field.replace(".", " ").replace("_", " ")
        return f"{words[:1].upper()}{words[1:]}: {self.reason} {self.remedy}"


class Setup(Part):
    """Who takes part, by name of the connection, and by which rules."""

    deals: tuple[str, ...]
    marketplace: str | None
    partner_central: str | None
    rules: OfferRules
    offer_records: tuple[str, ...] = ()  # the CRMs that hold each private offer as a record of its own

    @property
    def connections(self) -> tuple[str, ...]:
        """Everyone who has to have been looked at before it can be known that something is not there."""
        clouds = (name for name in (self.marketplace, self.partner_central) if name is not None)
        return (*self.deals, *clouds)


class Sent(Part):
    """A command on its way or done: which write it was, and what became of it."""

    write: str
    fields: dict[str, JsonValue]
    status: Literal["sent", "applied", "overtaken", "rejected"] = "sent"
    target: str | None = None
    reason: str | None = None
    seen: str | None = None  # of a co-sell command: `streams.offers.cosell.stamp` of the read that it was decided on
    at: AwareDatetime


class CosellWanted(Part):
    """What the co-sell part has to know of a link: the deal, the offer that belongs there, and what has been sent."""

    card: DealCard
    state: OfferState | None
    offer_arn: str | None = None
    offer_set_arn: str | None = None
    agreement_active: bool = False
    agreement_amount: str | None = None
    agreement_currency: str | None = None
    agreement_from: date | None = None
    agreement_until: date | None = None
    cosell_ref: str | None = None  # the opportunity, once there is one
    seen: Cosell | None = None  # as last read
    base: dict[str, JsonValue] = {}  # the fields as we last wrote them: the base of a three-way merge
    sent: dict[str, Sent] = {}  # by `Command.name`


class CosellNext(Part):
    """What the co-sell part says: what to send now, what is in the way, and what happens next."""

    commands: tuple[Command, ...] = ()
    problems: tuple[Problem, ...] = ()
    next_step: str | None = None
    wanted: bool = False  # whether the deal is to be shared at all
    moving: bool = False  # whether that is over within seconds: something was sent, or is to be read back


class InvitationCard(Part):
    """An invitation as last seen."""

    t: Literal["invitation"] = "invitation"
    ref: str
    version: int
    invitation: CosellInvitation
    change: str = ""


Moment = datetime
