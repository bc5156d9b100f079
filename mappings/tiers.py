"""The published rules of partner tiers as data, checked key by key; it decides nothing."""

from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from mappings import learning
from mappings.errors import nearest
from mappings.learning import LearningRules
from mappings.rulebook import Rule, Rulebook, read

FILE = "tiers.toml"


class Notice(Rule):
    """How many days ahead notice is given, the earliest first."""

    certification_days: tuple[int, ...]
    tier_days: tuple[int, ...]


class Sales(StrEnum):
    """Where revenue is read."""

    TRANSACTIONS = "transactions"
    DEALS = "deals"


class Revenue(Rule):
    """Which revenue counts."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    months: int = Field(ge=1, le=36)
    sources: tuple[Sales, ...] = Field(alias="from", min_length=1)


class Certified(Rule):
    """So many people with a certification: of a product, from a level on, of a program, or any."""

    people: int = Field(ge=1)
    product: str | None = None
    level: int = Field(default=1, ge=1)
    program: str | None = None

    def covers(self, product: str | None, level: int, program: str) -> bool:
        """Whether a certification counts here."""
        return self.product in (None, product) and self.program in (None, program) and level >= self.level

    def within(self, other: "Certified") -> bool:
        """Whether everything that counts here counts there, too."""
        return (
            other.product in (None, self.product)
            and other.program in (None, self.program)
            and other.level <= self.level
        )


class Tier(Rule):
    """One tier and what it needs beyond the lower ones."""

    tier: str = Field(min_length=1)
    name: str = Field(min_length=1)
    grace_days: int = Field(default=0, ge=0)
    revenue: Decimal = Field(default=Decimal(0), ge=0)
    certified: tuple[Certified, ...] = ()
    types: tuple[str, ...] = ()


class TierRules(Rule):
    """All of `tiers.toml`."""

    notice: Notice
    revenue: Revenue
    tiers: tuple[Tier, ...]


def load(overrides: Path | None = None, learned: LearningRules | None = None) -> TierRules:
    """The shipped rules as changed by `<overrides>/tiers.toml`. Raises `MappingError`.

    `learned`: the programs that tiers may name; none: those of the same folder's `learning.toml`.
    """
    book = read(FILE, TierRules, overrides)
    _check_notice(book)
    _check_names(book, learned if learned is not None else learning.load(overrides))
    _check_order(book)
    return book.rules


def _check_notice(book: Rulebook[TierRules]) -> None:
    for key, days in (("certification_days", book.rules.notice.certification_days),
                      ("tier_days", book.rules.notice.tier_days)):  # fmt: skip
        if any(each < 1 for each in days) or list(days) != sorted(set(days), reverse=True):
            book.refuse(f"{list(days)} are no days ahead.", "give different days, the earliest first", "notice", key)


def _check_names(book: Rulebook[TierRules], learned: LearningRules) -> None:
    names: set[str] = set()
    for at, tier in enumerate(book.rules.tiers):
        if tier.tier in names:
            book.refuse(f"two tiers are called {tier.tier!r}.", "give each its own name", "tiers", at, "tier")
        names.add(tier.tier)
        for need in tier.certified:
            _check_need(book, learned, at, need)


def _check_need(book: Rulebook[TierRules], learned: LearningRules, at: int, need: Certified) -> None:
    programs = {each.program: each for each in learned.programs}
    products = {each.product for each in learned.programs if each.product}
    if need.program is not None and need.program not in programs:
        reason = f"no program is called {need.program!r}."
        book.refuse(reason, nearest(need.program, programs), "tiers", at, "certified")
    if need.product is not None and need.product not in products:
        reason = f"no program is about the product {need.product!r}."
        book.refuse(reason, nearest(need.product, products), "tiers", at, "certified")
    fitting = [each for each in learned.programs if need.covers(each.product, each.level, each.program)]
    if programs and not fitting:
        reason = (
            f"no program of learning.toml counts for level {need.level} of what is asked, so nobody can have the tier."
        )
        book.refuse(reason, "lower `level`, or add the program to learning.toml", "tiers", at, "certified")


def _check_order(book: Rulebook[TierRules]) -> None:
    """A lower tier that asks for more of the same would make what a higher one says void."""
    for at, tier in enumerate(book.rules.tiers):
        for lower in book.rules.tiers[:at]:
            _check_pair(book, at, tier, lower)


def _check_pair(book: Rulebook[TierRules], at: int, tier: Tier, lower: Tier) -> None:
    words = f"it comes after {lower.tier!r}, which needs more"
    if tier.revenue and tier.revenue < lower.revenue:
        reason = f"{tier.tier!r} cannot be reached with {tier.revenue}: {words} ({lower.revenue})."
        book.refuse(reason, f"raise it to {lower.revenue} or leave it out", "tiers", at, "revenue")
    for need in tier.certified:
        more = [each for each in lower.certified if each.within(need) and each.people > need.people]
        if more:
            reason = f"{tier.tier!r} cannot be reached with {need.people} certified people: {words} ({more[0].people})."
            book.refuse(reason, "raise `people`, or put the tiers in order, the lowest first", "tiers", at, "certified")
    if tier.types and lower.types and not set(tier.types) <= set(lower.types):
        alone = sorted(set(tier.types) - set(lower.types))
        reason = (
            f"{', '.join(alone)} cannot reach {tier.tier!r}: it comes after {lower.tier!r}, which they cannot have."
        )
        book.refuse(reason, f"add them to the types of {lower.tier!r}", "tiers", at, "types")
