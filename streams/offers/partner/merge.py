"""What of the desired differs from what AWS holds and is ours to change: a three-way merge; it decides no order of steps."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pydantic import JsonValue

from schemas.marketplace import Cosell, CosellStage, ReviewStatus
from streams.offers.partner.desired import Desired
from streams.offers.partner.view import Fields, View
from streams.offers.partner.vocabulary import (
    FIXED_WHEN_APPROVED,
    GENERAL,
    LOCKED,
    OPEN_WHEN_RETURNED,
    ORDER,
    OVER,
    OWNED,
)

AMOUNTS = frozenset({"software_amount", "monthly_spend"})
ENDING = frozenset({"stage", "lost_reason"})  # all that is said of a deal that is lost


@dataclass(frozen=True, slots=True)
class Edits:
    """What can be written now, from which values, and what has to wait until the review is over."""

    now: Fields
    expected: Fields
    later: tuple[str, ...]


def edits(view: View, seen: Cosell, want: Desired) -> Edits:
    """The fields that the deal has changed since they were written, or that nobody has filled in.

    Let ours be what the deal wants now, base what we wrote last and theirs what was read. Ours = theirs, or ours = base:
    nothing to do (theirs is kept). Theirs = base: ours is written. All three differ: ours is written over what was read
    where the deal owns the field, else theirs is kept. A field without a base is written where the deal owns it or it
    is empty.
    """
    if seen.stage in OVER:
        return Edits({}, {}, ())
    stands: Fields = seen.model_dump(mode="json")
    ours = _ours(view, seen, want)
    candidates = {name: value for name, value in ours.items() if _differs(view, stands, name, value)}
    now = {name: value for name, value in candidates.items() if writable(view.review, name)}
    later = tuple(sorted(name for name in candidates if name not in now and writable(ReviewStatus.APPROVED, name)))
    return Edits(now, {name: stands[name] for name in now}, later)


def writable(review: ReviewStatus, name: str) -> bool:
    """Whether AWS takes a change of the field where the opportunity stands with its reviewers."""
    if review in LOCKED:
        return False
    if review is ReviewStatus.ACTION_REQUIRED:
        return name in OPEN_WHEN_RETURNED
    return review is ReviewStatus.PENDING_SUBMISSION or name not in FIXED_WHEN_APPROVED


def _ours(view: View, seen: Cosell, want: Desired) -> Fields:
    ours = {name: value for name, value in want.fields.items() if name != "stage"}
    stage = next_stage(view, seen, want.fields.get("stage"))
    if want.fields.get("stage") == CosellStage.CLOSED_LOST:
        ours = {name: value for name, value in ours.items() if name in ENDING}
        if stage is None:
            return {}
    if stage is not None:
        ours["stage"] = stage.value
    return ours


def _differs(view: View, stands: Fields, name: str, ours: JsonValue) -> bool:
    theirs, base = stands[name], view.wanted.base
    if same(name, ours, theirs) or (name in base and same(name, ours, base[name])):
        return False
    untouched = name in base and same(name, base[name], theirs)
    if empty(ours):
        return untouched
    if name in GENERAL:
        return view.review is ReviewStatus.PENDING_SUBMISSION and name not in base and empty(theirs)
    return untouched or name in OWNED or (name not in base and empty(theirs))


def next_stage(view: View, seen: Cosell, goal: JsonValue) -> CosellStage | None:
    """The stage to be written into an opportunity that is not over; none where it stays as it is.

    Launched waits for the approval, committed and launched for a solution or an offer. It goes back only where nobody
    but us has moved it, and never from launched or closed.
    """
    wish = None if goal is None else CosellStage(str(goal))
    if wish is None:
        return None
    if wish is CosellStage.CLOSED_LOST:
        return None if view.wanted.agreement_active else wish
    reach = wish
    if reach is CosellStage.LAUNCHED and view.review is not ReviewStatus.APPROVED:
        reach = CosellStage.COMMITTED
    if ORDER.index(reach) >= ORDER.index(CosellStage.COMMITTED) and not equipped(seen):
        reach = CosellStage.BUSINESS_VALIDATION
    ahead = ORDER.index(reach) - ORDER.index(seen.stage)
    ours = view.wanted.base.get("stage") == seen.stage
    return reach if ahead > 0 or (ahead < 0 and ours and reach is wish) else None


def equipped(seen: Cosell) -> bool:
    """Whether a solution or an offer is associated, without which AWS takes no commitment."""
    return bool(seen.solutions or seen.offers or seen.offer_sets)


def same(name: str, one: JsonValue, other: JsonValue) -> bool:
    """Whether two values say the same: amounts as numbers, lists in any order, empty as empty."""
    if empty(one) or empty(other):
        return empty(one) and empty(other)
    if name in AMOUNTS:
        try:
            return Decimal(str(one)) == Decimal(str(other))
        except InvalidOperation:
            return False
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    return one == other


def empty(value: JsonValue) -> bool:
    """Whether a value says nothing."""
    return value is None or value in ("", [])
