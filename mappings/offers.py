"""The rules of private offers and co-sell as data, checked key by key; it decides nothing."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mappings.build import Place
from mappings.errors import MappingError, nearest
from mappings.loader import PACKAGE
from schemas.entities import DealStage
from schemas.marketplace import CosellStage

FILE = "offers.toml"
Raw = dict[str, Any]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Create(_Table):
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


class Follow(_Table):
    """When a next step is shown ahead of a day, and where people look at things."""

    expiring_days: tuple[int, ...]
    ending_days: tuple[int, ...]
    offer_url: str
    cosell_url: str


class Match(_Table):
    """How sure a match must be to be linked, or proposed; 0 to 1."""

    link_at: float = Field(gt=0, le=1)
    propose_at: float = Field(gt=0, le=1)


class CosellRules(_Table):
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


class OfferRules(_Table):
    """All of `offers.toml`."""

    create: Create
    follow: Follow
    match: Match
    cosell: CosellRules


def load(overrides: Path | None = None) -> OfferRules:
    """The shipped rules as changed by `<overrides>/offers.toml`, tables merged key by key. Raises `MappingError`."""
    shipped, text = f"{PACKAGE}/{FILE}", resources.files(PACKAGE).joinpath(FILE).read_text("utf-8")
    merged, place = _parse(shipped, text), Place().behind(shipped, text)
    own = None if overrides is None else overrides / FILE
    if own is not None and own.is_file():
        text = own.read_text("utf-8")
        merged, place = _merge(merged, _parse(str(own), text)), place.behind(str(own), text)
    try:
        return OfferRules.model_validate(merged)
    except ValidationError as error:
        raise _told(error, place) from error


def _parse(file: str, text: str) -> Raw:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"this is no TOML: {error}.", "correct the line", file=file) from error


def _merge(base: Raw, own: Raw) -> Raw:
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        merged[key] = _merge(before, value) if isinstance(value, dict) and isinstance(before, dict) else value
    return merged


def _told(error: ValidationError, place: Place) -> MappingError:
    first = error.errors(include_url=False)[0]
    *tables, key = (str(part) for part in first["loc"] if isinstance(part, str))
    file, line = place.find(".".join(tables), key)
    where: dict[str, Any] = {"file": file, "line": line, "table": ".".join(tables), "key": key}
    if first["type"] != "extra_forbidden":
        remedy = "correct the value; the comments of the shipped table say what belongs there"
        return MappingError(f"{first['msg']}.", remedy, **where)
    model: type[BaseModel] = OfferRules
    for part in tables:
        inner = model.model_fields[part].annotation
        model = inner if isinstance(inner, type) else model
    remedy = nearest(key, tuple(model.model_fields))
    return MappingError(f"no key is called {key!r}.", remedy, **where)
