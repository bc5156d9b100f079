"""Which state of a private offer may follow which; a read is believed even where the table knows no such move."""

from collections.abc import Mapping
from enum import StrEnum

from schemas.marketplace import OfferState as S

State = S | None
# From each state those that follow it directly, as marketplaces let offers go. None: the deal has no offer.
MOVES: Mapping[State, frozenset[State]] = {
    None: frozenset({*S}),  # an offer that somebody made is linked in whatever state it is
    S.DRAFT: frozenset({S.RELEASED, S.CANCELLED, None}),
    S.CREATING: frozenset({S.DRAFT, S.RELEASED, S.CREATE_FAILED, None}),
    S.CREATE_FAILED: frozenset({S.CREATING, S.DRAFT, S.RELEASED, None}),
    S.PARTNER_ACTION: frozenset({S.CREATING, S.DRAFT, S.RELEASED, None}),
    S.RELEASED: frozenset({S.ACCEPTED, S.EXPIRED, S.CANCELLED, None}),
    S.EXPIRED: frozenset({S.RELEASED, S.CREATING, S.CANCELLED, None}),  # its last day can be moved again
    S.CANCELLED: frozenset({S.RELEASED, S.CREATING, None}),
    S.ACCEPTED: frozenset({S.ENDED, S.RENEWED, S.REPLACED, S.TERMINATED, None}),
    S.RENEWED: frozenset({S.ACCEPTED, None}),
    S.REPLACED: frozenset({S.ACCEPTED, None}),
    S.ENDED: frozenset({S.CREATING, None}),
    S.TERMINATED: frozenset({S.CREATING, None}),
}
AGAIN = frozenset({S.EXPIRED, S.CANCELLED, S.ENDED, S.TERMINATED})  # over: a new attempt may begin
OPEN: frozenset[State] = frozenset({None, S.PARTNER_ACTION, S.CREATE_FAILED, *AGAIN})  # an offer may be made

STEPS: Mapping[State, str] = {
    None: "The deal has no private offer any more.",
    S.DRAFT: "The offer is a draft that the buyer cannot see yet.",
    S.CREATING: "The marketplace has been asked to make the offer.",
    S.CREATE_FAILED: "The marketplace could not make the offer.",
    S.PARTNER_ACTION: "A reseller is authorised and has to make the offer.",
    S.RELEASED: "The offer is released: the buyer can accept it.",
    S.ACCEPTED: "The buyer has accepted the offer: the agreement holds.",
    S.EXPIRED: "The last day to accept the offer is over.",
    S.CANCELLED: "The offer was cancelled: it can no longer be accepted.",
    S.ENDED: "The agreement has come to its end.",
    S.RENEWED: "The agreement was renewed; the one that follows it is not known yet.",
    S.REPLACED: "The agreement was replaced by another one.",
    S.TERMINATED: "The agreement was ended before its time.",
}


class Move(StrEnum):
    """How a state follows another one."""

    NONE = "none"
    STEP = "step"
    LEAP = "leap"  # there is a way, whose steps in between were not seen
    CORRECTION = "correction"  # there is no way: what was known before was wrong, or was undone by hand


def move(before: State, now: State) -> Move:
    """How `now` follows `before`; the guard never refuses what was read, it names it."""
    if before == now:
        return Move.NONE
    if now in MOVES[before]:
        return Move.STEP
    return Move.LEAP if now in _ahead(before) else Move.CORRECTION


def _ahead(start: State) -> set[State]:
    """What can come of an offer without a new one being made and without it being lost."""
    found: set[State] = set()
    rest: list[State] = [start]
    while rest:
        state = rest.pop()
        onward = MOVES[state] - {None} - ({S.CREATING} if state in AGAIN else set())
        rest += onward - found
        found |= onward
    return found


def told(before: State, now: State) -> str:
    """What has happened, in words."""
    how = move(before, now)
    if how is Move.LEAP:
        return f"{STEPS[now]} Steps in between were not seen."
    if how is Move.CORRECTION:
        return f"Correction: {STEPS[now]} It had been taken to be {_name(before)}."
    return STEPS[now]


def _name(state: State) -> str:
    return "without an offer" if state is None else state.value.replace("_", " ")
