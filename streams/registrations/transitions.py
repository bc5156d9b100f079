"""Which status of a registration may follow which: one table, and one guard; a move that it does not know is not made."""

from collections.abc import Mapping

from schemas.partners import RegistrationStatus as S

State = S | None
OPEN = frozenset({S.SUBMITTED, S.IN_REVIEW})  # somebody or something still has to decide
CLOSED = frozenset({S.REJECTED, S.RECLAIMED, S.WITHDRAWN, S.LOST, S.CONVERTED})
AGAIN = frozenset({S.RETURNED, S.REJECTED, S.EXPIRED, S.RECLAIMED, S.WITHDRAWN, S.LOST, S.DRAFT})  # may be resubmitted

# None: nothing was decided yet; a registration is taken up in whatever status its system says that it has.
MOVES: Mapping[State, frozenset[S]] = {
    None: frozenset({*S}),
    S.DRAFT: frozenset({S.SUBMITTED, S.WITHDRAWN, S.LOST}),
    S.SUBMITTED: frozenset({S.DRAFT, S.IN_REVIEW, S.RETURNED, S.APPROVED, S.REJECTED, S.EXPIRED, S.WITHDRAWN, S.LOST}),
    S.IN_REVIEW: frozenset({S.DRAFT, S.SUBMITTED, S.RETURNED, S.APPROVED, S.REJECTED, S.EXPIRED, S.WITHDRAWN, S.LOST}),
    S.RETURNED: frozenset({S.DRAFT, S.SUBMITTED, S.APPROVED, S.REJECTED, S.EXPIRED, S.WITHDRAWN, S.LOST}),
    S.APPROVED: frozenset({S.SUBMITTED, S.REJECTED, S.EXPIRED, S.RECLAIMED, S.WITHDRAWN, S.CONVERTED, S.LOST}),
    S.REJECTED: frozenset({S.SUBMITTED, S.APPROVED, S.WITHDRAWN}),
    S.EXPIRED: frozenset({S.SUBMITTED, S.APPROVED, S.RECLAIMED, S.REJECTED, S.WITHDRAWN, S.CONVERTED, S.LOST}),
    S.RECLAIMED: frozenset({S.SUBMITTED, S.APPROVED, S.WITHDRAWN}),
    S.WITHDRAWN: frozenset({S.SUBMITTED, S.APPROVED}),
    S.CONVERTED: frozenset({S.APPROVED, S.EXPIRED, S.LOST}),  # the deal is no longer won
    S.LOST: frozenset({S.SUBMITTED, S.APPROVED, S.EXPIRED, S.CONVERTED, S.WITHDRAWN}),
}


def may(before: State, now: S) -> bool:
    """Whether that status may follow."""
    return now in MOVES[before]


def named(status: State) -> str:
    """In words."""
    return "new" if status is None else status.value.replace("_", " ")
