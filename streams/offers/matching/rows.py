"""What matching remembers between two events: facts, blocks, fits, links and what was said; it decides nothing."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from schemas.messages import MatchStatus
from streams.offers.parts import Part


class Terms(Part):
    """What a deal and an offer both say of the bargain. Unknown is None or empty; months are whole."""

    product: str | None = None
    amounts: tuple[Decimal, ...] = ()  # the price and the total of the schedule, where they differ
    currency: str | None = None
    accept_by: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    months: int | None = None
    grants: tuple[str, ...] = ()
    agreement: str | None = None  # that it replaces or renews
    resale_authorization: str | None = None


class DealRow(Part):
    """A deal as matching reads it. `words` and the like are folded as `streams.matching.names` folds them."""

    t: Literal["match_deal"] = "match_deal"
    ref: str
    name: str
    company: str = ""
    lost: bool = False
    words: tuple[str, ...] = ()  # of the company's name
    labels: tuple[str, ...] = ()  # of its web domains
    topics: tuple[str, ...] = ()  # further words of the deal's name
    numbers: tuple[str, ...] = ()  # quotes, orders: digits only
    years: tuple[int, ...] = ()
    offer_ids: tuple[str, ...] = ()  # of the offers that it names, in lower case
    buyer_account: str | None = None
    close_date: date | None = None
    terms: Terms
    change: str = ""
    keys: tuple[str, ...] = ()

    @property
    def record_id(self) -> str:
        """The deal's id in its CRM."""
        return self.ref.split("/", 2)[2]


class OfferRow(Part):
    """An offer as matching reads it."""

    t: Literal["match_offer"] = "match_offer"
    ref: str
    name: str
    words: tuple[str, ...] = ()  # of its name, without ids, numbers, the product and filler
    told: tuple[str, ...] = ()  # the same of its description
    numbers: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()  # what may be ids of deals, as written
    buyer_accounts: tuple[str, ...] = ()
    accepted: bool = False
    draft: bool = False
    public: bool = False
    released_on: date | None = None
    terms: Terms
    change: str = ""
    keys: tuple[str, ...] = ()

    @property
    def record_id(self) -> str:
        """The offer's id."""
        return self.ref.split("/", 2)[2]


class Block(Part):
    """Who shares a key. Above `blocks.CAP` on one side it pairs nobody: only the counts stay, members get own rows."""

    t: Literal["match_block"] = "match_block"
    deals: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    deal_count: int = 0
    offer_count: int = 0


class Member(Part):
    """One who shares a key that pairs nobody; the row's name says who."""

    t: Literal["match_member"] = "match_member"


class Fits(Part):
    """The log-odds of the pairs of one deal or offer that are worth a word, by the other's ref."""

    t: Literal["match_fits"] = "match_fits"
    scores: dict[str, float]


class Taken(Part):
    """The deal that an offer belongs to."""

    t: Literal["match_taken"] = "match_taken"
    deal: str
    why: str = ""


class TakenBy(Part):
    """The offers that belong to a deal."""

    t: Literal["match_taken_by"] = "match_taken_by"
    offers: tuple[str, ...]


class Never(Part):
    """The deals that a person has taken an offer away from."""

    t: Literal["match_never"] = "match_never"
    deals: tuple[str, ...]


class Held(Part):
    """What was last said of an offer: `content` is the hash of all of it."""

    t: Literal["match_held"] = "match_held"
    status: MatchStatus
    deal: str | None
    content: str


class Todo(Part):
    """Whose pairs have to be weighed anew, and which offers only looked at again."""

    t: Literal["match_todo"] = "match_todo"
    weigh: tuple[str, ...] = ()
    look: tuple[str, ...] = ()


class Day(Part):
    """The last day that was seen; as `match/day/<day>`: the offers whose last day it is."""

    t: Literal["match_day"] = "match_day"
    day: date
    offers: tuple[str, ...] = ()


ROWS = Annotated[
    DealRow | OfferRow | Block | Member | Fits | Taken | TakenBy | Never | Held | Todo | Day, Field(discriminator="t")
]
