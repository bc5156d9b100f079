"""The rules of engagement for deal registrations as data, checked key by key and rule by rule; it decides nothing."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mappings.engagement_checks import Place, check
from mappings.errors import MappingError, nearest
from mappings.loader import PACKAGE
from schemas.entities import DealStage
from schemas.partners import DealType, RegistrationStatus

FILE = "engagement.toml"
Raw = dict[str, Any]
Name = Annotated[str, Field(min_length=1)]
Days = Annotated[int, Field(ge=1, le=3650)]
Percent = Annotated[Decimal, Field(ge=0, le=100)]
Share = Annotated[float, Field(gt=0, le=1)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Against(StrEnum):
    """What a registration can be in conflict with."""

    REGISTRATION = "registration"
    OWN_REGISTRATION = "own_registration"
    DEAL = "deal"
    PARTNER_DEAL = "partner_deal"
    OFFER = "offer"
    NAMED_ACCOUNT = "named_account"
    CUSTOMER = "customer"
    ANY = "any"


class Outcome(StrEnum):
    """What follows from a conflict, the milder ones last."""

    REJECT = "reject"
    WAIT = "wait"
    QUEUE = "queue"
    ALLOW = "allow"


class Rule(_Table):
    """For which registrations a rule is; what is left out is for all."""

    name: Name
    deal_types: tuple[DealType, ...] = ()
    tiers: tuple[str, ...] = ()
    products: tuple[str, ...] = ()

    def fits(self, deal_type: DealType | None, tier: str | None, products: Iterable[str]) -> bool:
        """Whether the rule is for such a registration; of several products one is enough."""
        wanted = {each.casefold() for each in products}
        return (
            (not self.deal_types or deal_type in self.deal_types)
            and (not self.tiers or tier in self.tiers)
            and (not self.products or any(each.casefold() in wanted for each in self.products))
        )


class ConflictRule(Rule):
    """What follows from one kind of conflict, and what the partner reads of it."""

    against: Against
    outcome: Outcome
    explanation: Name
    stages: tuple[DealStage, ...] = ()
    older_than_days: Days | None = None
    younger_than_days: Days | None = None


class Level(_Table):
    """Who approves, for how long they are waited for, and who is asked then."""

    approvers: tuple[str, ...]
    escalate_to: tuple[str, ...]
    hours: int = Field(default=24, ge=1, le=24 * 90)


class ApprovalRule(Rule):
    """Which levels of approval a registration needs; none: it is approved by rule."""

    conflict: bool | None = None
    above: Mapping[str, Decimal] = Field(default_factory=dict)
    up_to: Mapping[str, Decimal] = Field(default_factory=dict)
    levels: tuple[Level, ...] = Field(max_length=2)


class ProtectionRule(Rule):
    """How many days an approved registration is protected."""

    days: Days


class MarginRule(Rule):
    """What a partner earns of a won deal, percent of its amount."""

    kind: Literal["referral_fee", "margin"]
    percent: Percent


class Quality(_Table):
    """What a registration has to have."""

    required: tuple[str, ...]
    minimum: Mapping[str, Decimal]
    refuse_free_mail: bool
    refuse_partner_mail: bool
    products: tuple[str, ...]
    closes_within_days: Days
    partner_within_hours: int = Field(ge=0, le=24 * 30)


class Company(_Table):
    """How sure the account matcher has to be, 0 to 1."""

    same_at: Share
    unsure_at: Share


class Returned(_Table):
    """How long a returned registration keeps its place, and its chance."""

    keep_days: Days
    expire_days: Days


class Extension(_Table):
    """How often protection can be extended, and by how many days each time."""

    times: int = Field(ge=0)
    days: Days


class Notices(_Table):
    """How many days before protection ends it is told."""

    before_expiry_days: tuple[Days, ...]


class Stagnation(_Table):
    """After how many days without work on it a notice is given, and after how many more it is reclaimed."""

    notice_after_days: Days
    reclaim_after_days: Days


class Reclaim(_Table):
    """How long an expired registration can still be extended."""

    after_expiry_days: int = Field(ge=0, le=3650)


Hand = Literal["honour", "ignore"]


class ByHand(_Table):
    """Whether a status counts that somebody has set in the registration's own system."""

    approved: Hand
    rejected: Hand
    withdrawn: Hand
    lost: Hand
    returned: Hand
    expired: Hand
    reclaimed: Hand
    converted: Hand

    def honours(self, status: RegistrationStatus) -> bool:
        """Whether that status counts; one that is not named does not."""
        return getattr(self, status.value, "ignore") == "honour"


class Inactive(_Table):
    """What becomes of the registrations of a partner that is no longer active."""

    outcome: Literal["expire", "reassign", "keep"]
    reassign_to: str


class Conversion(_Table):
    """Which approved registrations become a deal, and in which stage it begins."""

    deal_types: tuple[DealType, ...]
    stage: DealStage


class Engagement(_Table):
    """All of `engagement.toml`."""

    quality: Quality
    company: Company
    returned: Returned
    conflict: tuple[ConflictRule, ...]
    roles: Mapping[str, tuple[str, ...]]
    approval: tuple[ApprovalRule, ...]
    protection: tuple[ProtectionRule, ...]
    extension: Extension
    notices: Notices
    stagnation: Stagnation
    reclaim: Reclaim
    by_hand: ByHand
    inactive: Inactive
    conversion: Conversion
    margin: tuple[MarginRule, ...]


Fitting = TypeVar("Fitting", bound=Rule)


def first(
    rules: Iterable[Fitting], deal_type: DealType | None, tier: str | None, products: Iterable[str]
) -> Fitting | None:
    """The first rule of a list that is for such a registration."""
    wanted = tuple(products)
    return next((rule for rule in rules if rule.fits(deal_type, tier, wanted)), None)


def load(overrides: Path | None = None) -> Engagement:
    """The shipped rules as changed by `<overrides>/engagement.toml`. Raises `MappingError` with file, line and remedy."""
    shipped, text = f"{PACKAGE}/{FILE}", resources.files(PACKAGE).joinpath(FILE).read_text("utf-8")
    merged = _parse(shipped, text)
    place = Place(((shipped, text, merged),))
    own = None if overrides is None else overrides / FILE
    if own is not None and own.is_file():
        text = own.read_text("utf-8")
        changes = _parse(str(own), text)
        place = place.behind(str(own), text, changes)
        merged = _merge(merged, changes)
    try:
        rules = Engagement.model_validate(merged)
    except ValidationError as error:
        raise _told(error, place) from error
    check(rules, place)
    return rules


def _parse(file: str, text: str) -> Raw:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        number = int(line[1]) if line else None
        raise MappingError(f"this is no TOML: {error}.", "correct the line", file=file, line=number) from error


def _merge(base: Raw, own: Raw) -> Raw:
    """Tables key by key; lists, and what is filled in by currency, as a whole."""
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        merged[key] = {**before, **value} if isinstance(value, dict) and isinstance(before, dict) else value
    return merged


def _told(error: ValidationError, place: Place) -> MappingError:
    # A key that is spelt wrong is also one that is missing: the spelling says more.
    first_error = min(error.errors(include_url=False), key=lambda it: it["type"] != "extra_forbidden")
    loc = first_error["loc"]
    key = str(next((part for part in reversed(loc) if isinstance(part, str)), ""))
    if first_error["type"] != "extra_forbidden":
        remedy = "correct the value; the comments of the shipped table say what belongs there"
        if first_error["type"] == "missing":
            remedy = f"add {key!r}"
        return place.error(loc, f"{first_error['msg']}.", remedy)
    model: type[BaseModel] = Engagement
    for part in loc[:-1]:
        if isinstance(part, str):
            model = _inner(model.model_fields[part].annotation)
    return place.error(loc, f"no key is called {key!r}.", nearest(key, tuple(model.model_fields)))


def _inner(annotation: Any) -> type[BaseModel]:
    """The model of a table, or of the entries of a list of tables."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return _inner(annotation.__args__[0])
