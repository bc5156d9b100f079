"""Which tier a partner has by the published rules, until when, and what the next one needs; pure, it knows no record."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from mappings.tiers import Certified, Tier, TierRules
from streams.enablement.spans import add_months
from streams.enablement.state import Held, Standing


class Sold(NamedTuple):
    """What was sold on a day."""

    day: date
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Capability:
    """What a partner can show: what it is, who is certified and what it has sold."""

    rules: TierRules
    types: tuple[str, ...]
    held: tuple[tuple[str, Held], ...]  # by mail address
    sold: tuple[Sold, ...]

    def revenue(self, at: datetime) -> Decimal:
        """What counts of it then: the window's, in the rules' currency."""
        wanted = self.rules.revenue
        counted = (it.amount for it in self._window(at) if it.currency == wanted.currency)
        return sum(counted, Decimal(0))

    def other(self, at: datetime) -> dict[str, Decimal]:
        """What does not count because of its currency; sorted by it."""
        sums: dict[str, Decimal] = {}
        for it in self._window(at):
            if it.currency != self.rules.revenue.currency:
                sums[it.currency] = sums.get(it.currency, Decimal(0)) + it.amount
        return dict(sorted(sums.items()))

    def people(self, need: Certified, at: datetime) -> int:
        """How many people have what is needed then."""
        fits = (email for email, it in self.held if counts(it, at) and need.covers(it.product, it.level, it.program))
        return len(set(fits))

    def meets(self, tier: Tier, at: datetime) -> bool:
        """Whether the tier's own needs are met then."""
        if tier.types and not set(tier.types) & set(self.types):
            return False
        if tier.revenue and self.revenue(at) < tier.revenue:
            return False
        return all(self.people(need, at) >= need.people for need in tier.certified)

    def fails(self, tier: Tier, now: datetime) -> datetime | None:
        """When the tier's needs, which are met now, no longer are if nothing changes. What ends can only grow less."""
        ends = self.ends(now)
        at = bisect_left(ends, True, key=lambda hour: not self.meets(tier, hour))
        return ends[at] if at < len(ends) else None

    def ends(self, now: datetime) -> list[datetime]:
        """The hours to come at which a certification or a day's sales stop counting."""
        return sorted(hour for hour in self._ends if hour > now)

    def begins(self, now: datetime) -> list[datetime]:
        """The hours to come at which one of them starts to count."""
        hours = {it.start for _, it in self.held} | {midnight(it.day) for it in self.sold}
        return sorted(hour for hour in hours if hour > now)

    @cached_property
    def _ends(self) -> frozenset[datetime]:
        months = self.rules.revenue.months
        lapsing = {it.end for _, it in self.held if it.end is not None}
        return frozenset(lapsing | {midnight(add_months(it.day, months)) for it in self.sold})

    def _window(self, at: datetime) -> list[Sold]:
        day, months = at.astimezone(UTC).date(), self.rules.revenue.months
        return [it for it in self.sold if it.day <= day < add_months(it.day, months)]


def counts(held: Held, at: datetime) -> bool:
    """Whether a certification is in force then."""
    return held.start <= at and (held.end is None or at < held.end)


def midnight(day: date) -> datetime:
    """Where a day begins, UTC."""
    return datetime.combine(day, time.min, UTC)


def ranked(standing: Standing, can: Capability, now: datetime, *, active: bool) -> Standing:
    """The tier now. It rises at once; it falls when a tier's needs have not been met for as long as its grace lasts."""
    if not active:
        return standing.model_copy(update={"tier": None, "since": None, "foreseen": {}, "unmet": {}})
    tiers, had = can.rules.tiers, rank(can.rules, standing.tier)
    foreseen: dict[str, datetime] = {}
    unmet: dict[str, datetime] = {}
    kept, fell = 0, None
    for number, tier in enumerate(tiers, 1):
        if kept == number - 1 and can.meets(tier, now) and (number <= had or not unmet):
            kept, fails = number, can.fails(tier, now)
            foreseen |= {tier.tier: fails} if fails is not None else {}
        elif number <= had and kept == number - 1:
            since = _unmet(standing, tier, now)
            fell = since + timedelta(days=tier.grace_days)
            if now < fell:
                kept, unmet[tier.tier] = number, since
    name = tiers[kept - 1].tier if kept else None
    since_day = standing.since
    if name != standing.tier or since_day is None:
        since_day = (fell if kept < had and fell is not None else now).astimezone(UTC).date()
    update = {"tier": name, "since": since_day if name else None, "foreseen": foreseen, "unmet": unmet}
    return standing.model_copy(update=update)


def _unmet(standing: Standing, tier: Tier, now: datetime) -> datetime:
    """Since when the needs are not met: as was foreseen, however late it is looked at."""
    if tier.tier in standing.unmet:
        return standing.unmet[tier.tier]
    foreseen = standing.foreseen.get(tier.tier)
    return foreseen if foreseen is not None and foreseen <= now else now


def rank(rules: TierRules, tier: str | None) -> int:
    """0 for none, then 1 for the lowest tier."""
    return next((number for number, each in enumerate(rules.tiers, 1) if each.tier == tier), 0)


def falls_at(standing: Standing, rules: TierRules) -> datetime | None:
    """When the partner will have a lower tier than now, if nothing changes; None: never."""
    upto: Sequence[Tier] = rules.tiers[: rank(rules, standing.tier)]
    fails = [(standing.unmet.get(each.tier) or standing.foreseen.get(each.tier), each.grace_days) for each in upto]
    return min((at + timedelta(days=grace) for at, grace in fails if at is not None), default=None)
