"""What fit and partner evidence come to for an account: separate figures, never one; it looks at no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mappings.icp import Icp
from schemas.entities import Overlap, OverlapStatus, Population, Relation
from streams.ecosystem.codes import Code
from streams.ecosystem.evidence import STANDS, Evidence
from streams.ecosystem.fit import Fit

HALF = 0.5  # from so much known on, a fit that does not qualify is a verdict and not a gap
RANK = {Population.PROSPECT: 1, Population.OPEN_OPPORTUNITY: 2, Population.CUSTOMER: 3}
EVIDENCE = frozenset({*STANDS.values(), Code.SURE_MATCH, Code.TO_CONFIRM, Code.RECENT, Code.OWNER_KNOWN,
                      Code.PARTNER_TIER, Code.RELATED_COMPANY})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and why."""

    points: int
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Qualification:
    """All that is said of an account. `momentum`: -100 to 100, the others 0 to 100."""

    fit: Fit
    evidence: int
    readiness: int
    momentum: int
    qualified: bool
    codes: tuple[Code, ...]


def qualified(
    fit: Fit, overlaps: Sequence[Overlap], icp: Icp, ours: Population, our_owner: str | None = None
) -> Qualification:
    """Whether an account is qualified by partners. `overlaps`: all of it, the ended ones too, each with its evidence."""
    active = [it for it in overlaps if it.status is OverlapStatus.ACTIVE]
    strength, ready, moved = together(active, icp), _readiness(active, icp, ours, our_owner), _momentum(overlaps, icp)
    fits, enough = fit.band in icp.qualified.bands, bool(active) and strength.score >= icp.qualified.evidence
    gap = Code.FIT_UNKNOWN if fit.known < HALF else Code.OUTSIDE_ICP
    doubts = [] if enough else [Code.WEAK_EVIDENCE if active else Code.NO_PARTNER]
    codes = (Code.FITS_ICP if fits else gap, *doubts, *strength.codes, *ready.codes, *moved.codes)
    return Qualification(fit, strength.score, ready.points, moved.points, fits and enough, codes)


def together(active: Sequence[Overlap], icp: Icp) -> Evidence:
    """The strongest partner's evidence; each further partner adds a part of what is missing to 100."""
    best = min(active, key=lambda it: (-(it.partner_evidence or 0), it.partner), default=None)
    if best is None:
        return Evidence(0, ())
    score, rules = best.partner_evidence or 0, icp.evidence
    share = (min(len(active), rules.partners) - 1) / (rules.partners - 1) * rules.several / 100
    codes = tuple(Code(each) for each in best.evidence_codes if each in EVIDENCE)
    more = (Code.SEVERAL_PARTNERS,) if len(active) > 1 else ()
    return Evidence(int(score + (100 - score) * share + 0.5), (*codes, *more))


def _readiness(active: Sequence[Overlap], icp: Icp, ours: Population, owner: str | None) -> Figure:
    rules, same = icp.readiness, [it for it in active if it.relation is Relation.SAME]
    deal, asked = ours is Population.OPEN_OPPORTUNITY, any(it.partner_owner_name for it in same)
    points = rules.open_deal * deal + rules.our_owner * bool(owner) + rules.their_owner * asked
    said = {
        Code.OUR_CUSTOMER: ours is Population.CUSTOMER,
        Code.OUR_OPEN_DEAL: deal,
        Code.OUR_OWNER_KNOWN: bool(owner),
    }
    return Figure(min(points, 100), tuple(code for code, holds in said.items() if holds))


def _momentum(overlaps: Sequence[Overlap], icp: Icp) -> Figure:
    latest = max((it.last_changed for it in overlaps), default=None)
    if latest is None:
        return Figure(0)
    moves = list(_moves(overlaps, latest - timedelta(days=icp.momentum.days)))
    rules = icp.momentum
    worth: Mapping[Code, int] = {
        Code.NEW_OVERLAP: rules.new,
        Code.ROSE: rules.risen,
        Code.FELL: rules.fallen,
        Code.ENDED: rules.ended,
    }
    total = sum(worth[each] for each in moves)
    return Figure(max(-100, min(100, total)), tuple(code for code in worth if code in moves))


def _moves(overlaps: Iterable[Overlap], begin: datetime) -> Iterable[Code]:
    """What happened to each overlap since then; one that was found and rose since then has risen."""
    for it in overlaps:
        if it.status is OverlapStatus.ENDED:
            if it.ended_on is not None and it.ended_on >= begin:
                yield Code.ENDED
            continue
        since, was = it.partner_population_since or it.first_seen, it.partner_population_before
        if since < begin:
            continue
        if was is None:
            yield Code.NEW_OVERLAP
        else:
            yield Code.ROSE if RANK[it.partner_population] > RANK[was] else Code.FELL
