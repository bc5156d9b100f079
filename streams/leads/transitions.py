"""Which state of a lead may follow which, and the guard; it decides nothing."""

from collections.abc import Mapping

from schemas.messages import RouteState

S = RouteState
SETTING_OUT = frozenset({S.WAITING, S.OFFERED, S.ACCEPTED, S.DIRECT, S.CLOSED, S.CONVERTED})
WITH_PARTNER = frozenset({S.OFFERED, S.ACCEPTED, S.WORKING, S.CONVERTED, S.WON, S.LOST, S.DIRECT, S.WAITING, S.CLOSED})
OVER = frozenset({S.CONVERTED, S.WON, S.LOST})
ALLOWED: Mapping[RouteState | None, frozenset[RouteState]] = {
    None: SETTING_OUT | {S.WORKING, S.WON, S.LOST},  # what a partner found itself comes in as it stands
    S.WAITING: SETTING_OUT,
    S.OFFERED: WITH_PARTNER,
    S.ACCEPTED: WITH_PARTNER,
    S.WORKING: WITH_PARTNER,
    S.CONVERTED: OVER | {S.OFFERED, S.DIRECT, S.CLOSED},
    S.WON: OVER | {S.OFFERED, S.DIRECT, S.CLOSED},
    S.LOST: WITH_PARTNER,
    S.DIRECT: SETTING_OUT | OVER,
    S.CLOSED: SETTING_OUT,
}


class NotAllowed(Exception):
    """A lead cannot go from one state to the other."""


def guard(before: RouteState | None, after: RouteState | None) -> None:
    """Raise `NotAllowed` unless the one may follow the other; a state may always stay."""
    if before != after and (after is None or after not in ALLOWED[before]):
        raise NotAllowed(f"a lead does not go from {before or 'nowhere'} to {after or 'nowhere'}")
