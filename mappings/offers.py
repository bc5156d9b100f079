"""The rules of private offers and co-sell as data, checked key by key; it decides nothing."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from pydantic import Field

from mappings.rulebook import Rule, read
from schemas.entities import DealStage
from schemas.marketplace import CosellStage

FILE = "offers.toml"


class Create(Rule):
    """What an offer is made of where the deal says nothing, and which offers need a person."""

    when: tuple[DealStage, ...]
    approve_above: Mapping[str, Decimal]
    currency: str
    currencies: tuple[str, ...]
    product: str
    accept_within_days: int = Field(ge=1)
    duration_months: int = Field(ge=1, le=60)
    grants: tuple[str, ...]
    eula: str
    name: str
    description: str


class Follow(Rule):
    """When a next step is shown ahead of a day, and where people look at things."""

    expiring_days: tuple[int, ...]
    ending_days: tuple[int, ...]
    offer_url: str
    cosell_url: str


class Match(Rule):
    """How sure a match must be to be linked, or proposed; 0 to 1."""

    link_at: float = Field(gt=0, le=1)
    propose_at: float = Field(gt=0, le=1)


class CosellRules(Rule):
    """What an opportunity is made of where the deal says nothing, and how stages and reasons correspond."""

    when: tuple[DealStage, ...]
    submit: bool
    solution: str
    involvement: str
    visibility: str
    needs: tuple[str, ...]
    delivery: tuple[str, ...]
    activities: tuple[str, ...]
    opportunity_type: str
    use_case: str
    industry: str
    software_model: str
    monthly_spend: Decimal
    accept_invitations: bool
    reason_lost: str
    stages: Mapping[DealStage, CosellStage]
    deal_stages: Mapping[CosellStage, DealStage]
    lost_reasons: Mapping[str, str]


class OfferRules(Rule):
    """All of `offers.toml`."""

    create: Create
    follow: Follow
    match: Match
    cosell: CosellRules


def load(overrides: Path | None = None) -> OfferRules:
    """The shipped rules as changed by `<overrides>/offers.toml`, tables merged key by key. Raises `MappingError`."""
    return read(FILE, OfferRules, overrides).rules
