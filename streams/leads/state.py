"""The rows that lead routing remembers, and their names; it holds no logic but what a row says of itself.

All rows stand under one key. What was read: `lead/<ref>`, `partner_lead/<ref>`, `deal/<ref>`, `said/<partner>` and, by the
words of the rules, `partner/<key>`, `registration/<ref>`, `around/<account>` what partners have to do with it. What is
decided: `route/<lead>`, `load/<partner>` what a partner has, `told/<connection>/<entity>/<key>`, `ruling/<id>`. Ways to find
them: `alias/<partner record>` its key, `partner_leads/<lead>` the records of PRMs that stand for a lead, `found/<mail>` leads
that partners found themselves, `lead_of/<deal>`, `same/<tandem key>` leads that are one, `held/<partner>|<shard>|<lead>` what
a partner has or is offered, `every/<shard>|<partner>` all partners, `version/<account>` what was read of it. The index of
candidates (`streams.leads.pools`): `index`, `pool/<pool>/<bucket>/<0: eligible, 1: not>/<order>/<partner>`,
`count/<pool>/<bucket>`, `turn/<pool>`. `opened`: since when leads are routed. Companies and the agenda have their own rows.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from schemas.entities import Lead, Population
from schemas.messages import HeldCertification, LeadCandidate, PartnerDecided, RouteState
from schemas.partners import PartnerLead, PartnerStatus
from streams.agenda import Mark, Meta, Planned
from streams.companies import CompanyKey, CompanyRow

OPEN = frozenset({RouteState.OFFERED, RouteState.ACCEPTED, RouteState.WORKING})  # what counts against a capacity
HAD = frozenset({RouteState.ACCEPTED, RouteState.WORKING, RouteState.CONVERTED})


class Part(BaseModel):
    """Something of a row."""

    model_config = ConfigDict(frozen=True)


class LeadCard(Part):
    """A lead as last seen. `copied`: Tandem made it from one in another system."""

    t: Literal["lead"] = "lead"
    ref: str
    version: int
    lead: Lead
    change: str
    alive: bool = True
    merged_into: str | None = None
    copied: bool = False

    @property
    def name(self) -> str:
        """Who and where, for people."""
        it = self.lead
        return f"{' '.join(filter(None, (it.first_name, it.last_name)))}, {it.company}"


class PartnerLeadRow(Part):
    """A partner's lead as a PRM last showed it."""

    t: Literal["partner_lead"] = "partner_lead"
    ref: str
    version: int
    record: PartnerLead
    change: str
    alive: bool = True


class DealRow(Part):
    """What routing needs to know of a deal: `partner` is the connection and how the deal names it."""

    t: Literal["deal"] = "deal"
    version: int
    stage: str = ""
    account: str | None = None
    partner: str | None = None
    change: str = ""


class Said(Part):
    """A partner as enablement last told of it."""

    t: Literal["said"] = "said"
    fact: PartnerDecided


class PartnerRow(Part):
    """A partner by the words of the rules. `places` are territories, and countries outside of them; `pools`: its indexes."""

    t: Literal["partner"] = "partner"
    key: str
    name: str
    refs: tuple[str, ...] = ()
    status: PartnerStatus
    types: tuple[str, ...] = ()
    country: str = ""
    places: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    capacity: int | None = None
    weight: int = 1
    no_leads: bool = False
    tier: str | None = None
    tier_rank: int = 0
    certifications: tuple[HeldCertification, ...] = ()
    pools: tuple[str, ...] = ()

    @property
    def active(self) -> bool:
        """Whether it may be passed leads."""
        return self.status is PartnerStatus.ACTIVE


class Load(Part):
    """What a partner has: open leads, deals won and lost of leads, and its place in the order of each pool."""

    t: Literal["load"] = "load"
    open: int = 0
    won: int = 0
    lost: int = 0
    passes: dict[str, int] = Field(default_factory=dict)


class RegistrationRow(Part):
    """A registration as last decided; `live` while it protects its partner."""

    t: Literal["registration"] = "registration"
    ref: str
    partner: str
    name: str
    account: str | None = None
    live: bool = False
    until: date | None = None
    since: str = ""


class Around(Part):
    """What partners have to do with one of our accounts: overlaps by key, deals counted by whose they are, registrations."""

    t: Literal["around"] = "around"
    overlaps: dict[str, tuple[str, Population]] = Field(default_factory=dict)
    deals: dict[str, int] = Field(default_factory=dict)
    registrations: tuple[str, ...] = ()


class Points(Part):
    """A row that points to another thing."""

    t: Literal["points"] = "points"
    ref: str


class Refs(Part):
    """Some records; sorted."""

    t: Literal["refs"] = "refs"
    refs: tuple[str, ...] = ()


class Told(Part):
    """What a record was last told, and how often: canonical field to JSON value."""

    t: Literal["told"] = "told"
    fields: dict[str, JsonValue] = Field(default_factory=dict)
    seq: int = 0


class Index(Part):
    """Which rules the index of candidates was made for, and how far: shards that are still to be read, pools to be dropped."""

    t: Literal["index"] = "index"
    pools: tuple[str, ...] = ()
    shards: int = 0
    drop: tuple[str, ...] = ()


class Count(Part):
    """How many partners of a bucket are eligible, and how many have something against them."""

    t: Literal["count"] = "count"
    n: int = 0
    against: int = 0


class Number(Part):
    """A version, or a place in an order."""

    t: Literal["number"] = "number"
    n: int = 0


class Opened(Part):
    """Since when leads are routed: a while after everything was read once."""

    t: Literal["opened"] = "opened"
    at: AwareDatetime


class Route(Part):
    """One leading lead on its way.

    `tried` are partners that had it or were offered it, and why not any more; `holders` those that had it at any time;
    `given_up` are rules that found nobody; `asked` counts the offers under the present rule; `basis` is of what decided;
    `settled`: a person or a right decided, so an edit changes nothing. `seen` are the versions of the PRMs' records when it
    was offered: only later ones are answers; `late` are answers that came too late. `said` is of the last fact.
    """

    t: Literal["route"] = "route"
    lead: str
    state: RouteState | None = None
    was: RouteState | None = None
    partner: str | None = None
    holders: tuple[str, ...] = ()
    assignment: int = 0
    asked: int = 0
    rule: str | None = None
    tried: dict[str, str] = Field(default_factory=dict)
    given_up: tuple[str, ...] = ()
    basis: str = ""
    settled: bool = False
    offered_at: AwareDatetime | None = None
    respond_by: AwareDatetime | None = None
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    waits: str = ""
    candidates: tuple[LeadCandidate, ...] = ()
    further: int = 0
    account: str | None = None
    deal: str | None = None
    related: tuple[str, ...] = ()
    inputs: Lead | None = None
    seen: dict[str, int] = Field(default_factory=dict)
    late: tuple[str, ...] = ()
    said: str = ""
    seq: int = 0

    def now(self, **changes: object) -> "Route":
        """The same, with these changes."""
        return self.model_copy(update=changes)


AnyRow = (
    Meta | Planned | Mark | CompanyRow | CompanyKey | LeadCard | PartnerLeadRow | DealRow | Said | PartnerRow | Load
    | RegistrationRow | Around | Points | Refs | Told | Index | Count | Number | Opened | Route
)  # fmt: skip
ROW: TypeAdapter[BaseModel] = TypeAdapter(Annotated[AnyRow, Field(discriminator="t")])
MARK = Mark()


def connection_of(ref: str) -> str:
    """The connection in a record's name."""
    return ref.split("/", 1)[0]


def id_of(ref: str) -> str:
    """The record's id in a record's name."""
    return ref.split("/", 2)[2]
