"""The rules of engagement for deal registrations as data, checked key by key and rule by rule; it decides nothing."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from mappings import rulebook
from mappings.engagement_checks import check
from mappings.rulebook import Raw, source
from schemas.entities import DealStage
from schemas.partners import DealType, RegistrationStatus

FILE = "engagement.toml"
Name = Annotated[str, Field(min_length=1)]
Days = Annotated[int, Field(ge=1, le=3650)]
Percent = Annotated[Decimal, Field(ge=0, le=100)]
Share = Annotated[float, Field(gt=0, le=1)]


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


class Rule(rulebook.Rule):
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


class Level(rulebook.Rule):
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


class Quality(rulebook.Rule):
    """What a registration has to have."""

    required: tuple[str, ...]
    minimum: Mapping[str, Decimal]
    refuse_free_mail: bool
    refuse_partner_mail: bool
    products: tuple[str, ...]
    closes_within_days: Days
    partner_within_hours: int = Field(ge=0, le=24 * 30)


class Company(rulebook.Rule):
    """How sure the account matcher has to be, 0 to 1."""

    same_at: Share
    unsure_at: Share


class Returned(rulebook.Rule):
    """How long a returned registration keeps its place, and its chance."""

    keep_days: Days
    expire_days: Days


class Extension(rulebook.Rule):
    """How often protection can be extended, and by how many days each time."""

    times: int = Field(ge=0)
    days: Days


class Notices(rulebook.Rule):
    """How many days before protection ends it is told."""

    before_expiry_days: tuple[Days, ...]


class Stagnation(rulebook.Rule):
    """After how many days without work on it a notice is given, and after how many more it is reclaimed."""

    notice_after_days: Days
    reclaim_after_days: Days


class Reclaim(rulebook.Rule):
    """How long an expired registration can still be extended."""

    after_expiry_days: int = Field(ge=0, le=3650)


Hand = Literal["honour", "ignore"]


class ByHand(rulebook.Rule):
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


class Inactive(rulebook.Rule):
    """What becomes of the registrations of a partner that is no longer active."""

    outcome: Literal["expire", "reassign", "keep"]
    reassign_to: str


class Conversion(rulebook.Rule):
    """Which approved registrations become a deal, and in which stage it begins."""

    deal_types: tuple[DealType, ...]
    stage: DealStage


class Engagement(rulebook.Rule):
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
    # A rate is what is written there, and no binary fraction near it.
    book = source(FILE, overrides, merge=_merged, number=Decimal).checked(Engagement)
    check(book)
    return book.rules


def _merged(base: Raw, own: Raw) -> Raw:
    """Tables key by key; lists, and what is filled in by currency, as a whole."""
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        merged[key] = {**before, **value} if isinstance(value, dict) and isinstance(before, dict) else value
    return merged
