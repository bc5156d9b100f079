"""What one partner's overlap says for an account, in points and codes; it looks at no clock, only at the overlap's own dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from mappings.icp import Icp
from schemas.entities import Overlap, OverlapBand, OverlapStatus, Population, Relation
from streams.ecosystem.codes import Code

STANDS: Mapping[Population, Code] = {
    Population.CUSTOMER: Code.THEIR_CUSTOMER,
    Population.OPEN_OPPORTUNITY: Code.THEIR_OPEN_DEAL,
    Population.PROSPECT: Code.THEIR_PROSPECT,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much speaks for an account: 0 to 100, and why."""

    score: int
    codes: tuple[Code, ...]


def evidence(overlap: Overlap, icp: Icp, since: datetime, tier: float | None = None) -> Evidence:
    """Of one partner alone, as a share of the most points that are possible.

    Recent is what came to be within `recent_days` before the overlap last changed: so the same overlap has the same
    evidence whenever one looks, and it ages with the overlap's next change. `since`: when it came to stand so. `tier`: 0
    for the lowest of the partner's tiers to 1 for the highest, None where it is not at hand: then it counts neither way.
    """
    rules = icp.evidence
    worth = _worth(icp)
    sure = overlap.band is OverlapBand.LINKED
    recent = overlap.last_changed - since <= timedelta(days=rules.recent_days)
    points: float = worth[overlap.partner_population]
    points += rules.sure * sure + rules.recent * recent + rules.owner * bool(overlap.partner_owner_name)
    points += rules.tier * (tier or 0)
    most = max(worth.values()) + rules.sure + rules.recent + rules.owner + (0 if tier is None else rules.tier)
    related = overlap.relation is Relation.RELATED
    share = points / most * (rules.related / 100 if related else 1)
    codes = {
        STANDS[overlap.partner_population]: True,
        Code.SURE_MATCH: sure,
        Code.TO_CONFIRM: overlap.band is OverlapBand.TO_CONFIRM,
        Code.RECENT: recent,
        Code.OWNER_KNOWN: bool(overlap.partner_owner_name),
        Code.PARTNER_TIER: bool(tier),
        Code.RELATED_COMPANY: related,
    }
    return Evidence(int(share * 100 + 0.5), tuple(code for code, holds in codes.items() if holds))


def _worth(icp: Icp) -> Mapping[Population, int]:
    rules = icp.evidence
    return {
        Population.CUSTOMER: rules.customer,
        Population.OPEN_OPPORTUNITY: rules.open_deal,
        Population.PROSPECT: rules.prospect,
    }


class Standing(NamedTuple):
    """Since when an account stands so with the partner, and where it stood before, if anywhere."""

    since: datetime
    before: Population | None


def standing(now: Overlap, before: Overlap | None) -> Standing:
    """Of an overlap, as it was decided last and as it is now.

    What ended and came back begins anew. An overlap of a version that did not tell stands so since it was first seen.
    """
    if before is None or before.status is OverlapStatus.ENDED:
        return Standing(now.last_changed, None)
    if before.partner_population is now.partner_population:
        return Standing(before.partner_population_since or before.first_seen, before.partner_population_before)
    return Standing(now.last_changed, before.partner_population)
