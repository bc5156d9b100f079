"""The shapes of `routing.toml`: territories, segments, intake and rules; they read no file and decide nothing."""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

from schemas.entities import LeadStatus, Population

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
# ISO 3166-1 alpha-2, and XK as it is used.
_CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC "
    "CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD "
    "GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH "
    "KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW "
    "MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC "
    "SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY "
    "UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
COUNTRIES = frozenset(_CODES.split())
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
Fallback = Literal["direct", "next"]
Served = Literal["territory", "segment", "product", "language"]
Signal = Literal["tier", "certified", "overlap", "relationship", "win_rate", "load", "country", "language"]


def _duration(value: object) -> object:
    found = re.fullmatch(r"\s*(\d+)\s+([a-z]+?)s?\s*", value) if isinstance(value, str) else None
    if found is None or found[2] not in UNITS:
        raise ValueError(f'{value!r} is no duration; write it as "24 hours", "30 minutes" or "2 days"')
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


def _country(value: object) -> object:
    if value not in COUNTRIES:
        raise ValueError(f'{value!r} is no country code; write it by ISO 3166-1 alpha-2, as "GB"')
    return value


Duration = Annotated[
    timedelta, BeforeValidator(_duration), PlainSerializer(lambda it: f"{it.total_seconds():.0f} seconds")
]
Country = Annotated[str, BeforeValidator(_country)]
Some = Annotated[tuple[str, ...], Field(min_length=1)]


class Table(BaseModel):
    """A table of the file. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Territory(Table):
    """A part of the world: countries, or states and beginnings of postal codes of a country."""

    countries: tuple[Country, ...] = ()
    states: Mapping[Country, Some] = Field(default_factory=dict)
    postal: Mapping[Country, Some] = Field(default_factory=dict)

    @cached_property
    def all_countries(self) -> frozenset[str]:
        """Every country that it has a part of."""
        return frozenset((*self.countries, *self.states, *self.postal))

    def holds(self, country: str, state: str, postal_code: str) -> bool:
        """Whether a place is in it; `state` and `postal_code` as `plain` writes them."""
        if country in self.countries:
            return True
        if state and state in map(plain, self.states.get(country, ())):
            return True
        return bool(postal_code) and postal_code.startswith(tuple(map(plain, self.postal.get(country, ()))))


class Segment(Table):
    """A size of company."""

    least: int = Field(default=0, ge=0, alias="from")
    most: int | None = Field(default=None, ge=0, alias="to")

    def holds(self, employees: int) -> bool:
        """Whether a company of so many people is of this size."""
        return employees >= self.least and (self.most is None or employees <= self.most)


class Intake(Table):
    """Which leads are routed at all."""

    statuses: tuple[LeadStatus, ...] = Field(min_length=1)
    sources: tuple[str, ...]
    except_sources: tuple[str, ...]
    max_age: Duration
    accept_within: Duration
    same_company: float = Field(ge=0.5, le=1)
    wait: Duration


class Scale(Table):
    """How much of a thing counts in full."""

    certified: int = Field(ge=1)
    load: int = Field(ge=1)


class Amount(Table):
    """What a lead may be worth: at least `min`, less than `below`."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    least: Decimal | None = Field(default=None, alias="min")
    below: Decimal | None = None

    def holds(self, amount: Decimal) -> bool:
        """Whether so much is within."""
        return (self.least is None or amount >= self.least) and (self.below is None or amount < self.below)


class When(Table):
    """What a lead must be like; nothing that is not named counts."""

    territory: Some | None = None
    country: Annotated[tuple[Country, ...], Field(min_length=1)] | None = None
    segment: Some | None = None
    product: Some | None = None
    language: Some | None = None
    industry: Some | None = None
    source: Some | None = None
    amount: Amount | None = None
    overlap: Annotated[tuple[Population, ...], Field(min_length=1)] | None = None
    relationship: bool | None = None


class Certified(Table):
    """A certification that somebody at the partner must hold; without a product, one for what the lead asks for."""

    product: str | None = None
    level: int = Field(default=1, ge=1)


class Must(Table):
    """What a partner must be like to be a candidate."""

    serves: tuple[Served, ...] = ()
    types: Some | None = None
    tier: str | None = None
    certification: Certified | None = None
    overlap: Annotated[tuple[Population, ...], Field(min_length=1)] | None = None
    relationship: bool = False
    capacity: bool = True
    only: Some | None = None
    never: tuple[str, ...] = Field(default=(), alias="except")


class Rank(Table):
    """What puts candidates in order."""

    by: Literal["score", "tier", "rotation"]
    weights: Mapping[Signal, Annotated[Decimal, Field(gt=0)]] = Field(default_factory=dict)


class Rule(Table):
    """Who gets the leads that fit."""

    name: Name
    about: str = ""
    when: When = When()
    partner: Must = Must()
    rank: Rank
    accept_within: Duration
    attempts: int = Field(ge=1, le=20)
    fallback: Fallback


class RoutingRules(Table):
    """All of `routing.toml`, with the names of the tiers, the lowest first."""

    tiers: Annotated[tuple[Name, ...], Field(min_length=1)]
    intake: Intake
    territories: Mapping[Name, Territory]
    segments: Mapping[Name, Segment]
    products: Mapping[Name, tuple[str, ...]]
    languages: Mapping[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")], tuple[str, ...]]
    scale: Scale
    rules: tuple[Rule, ...]

    @cached_property
    def version(self) -> str:
        """Changes whenever a decision could."""
        return digest(self)

    def rank_of(self, tier: str | None) -> int:
        """1 for the lowest tier, 0 for none."""
        return 0 if tier is None else self.tiers.index(tier) + 1


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """Lower case letters and digits only: how places and words are compared."""
    return "".join(character for character in text.casefold() if character.isalnum())


def digest(*parts: Any) -> str:
    """16 characters that change whenever one of the tables or texts does."""
    told = "\x1f".join(
        part.model_dump_json(by_alias=True) if isinstance(part, BaseModel) else repr(part) for part in parts
    )
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
