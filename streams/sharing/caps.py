"""How much a partner may put against our accounts: counts what comes onto its list, and holds back what is too much.

Whoever may ask about any company learns our list by asking. What counts is what the partner does, never what we hold.
"""

from datetime import UTC, date, timedelta
from typing import NamedTuple

from mappings.sharing import Caps
from schemas.messages import AccountListed
from streams.sharing.state import Listed, Standing

AGAIN = 10  # held accounts are told of at 1, 10, 100 and so on


class Taken(NamedTuple):
    """What an account that came onto the list leads to; `why`: it is held back, told in words."""

    standing: Standing
    row: Listed
    why: str | None = None


def limit(caps: Caps, standing: Standing) -> int:
    """So many accounts may come, or become other companies, on this day."""
    share = int(caps.changed_share * standing.at_start)
    return max(caps.least, min(caps.adds_per_day, share))


def taken(caps: Caps, standing: Standing, row: Listed | None, event: AccountListed) -> Taken:
    """An account came onto the list, or became another company. One that is held back stays so until it is released."""
    day = event.seen_at.astimezone(UTC).date()
    now = _rolled(standing, day)
    now = now.model_copy(update={"size": now.size + (row is None), "adds": now.adds + 1})
    if row is not None and is_held(now, row):
        return Taken(now, row.model_copy(update={"at": event.at}))
    why = _above(caps, now)
    if why is None:
        return Taken(now, Listed(at=event.at))
    return Taken(now.model_copy(update={"held": now.held + 1}), Listed(at=event.at, held=now.epoch), why)


def gone(standing: Standing, row: Listed, event: AccountListed) -> Standing:
    """An account left the list. Whatever takes its place counts as new."""
    now = _rolled(standing, event.seen_at.astimezone(UTC).date())
    return now.model_copy(update={"size": now.size - 1, "held": now.held - is_held(now, row)})


def is_held(standing: Standing, row: Listed) -> bool:
    """Whether an account is held back now."""
    return row.held is not None and row.held == standing.epoch


def released(standing: Standing) -> Standing:
    """Everything that is held back is let through."""
    return standing.model_copy(update={"epoch": standing.epoch + 1, "held": 0, "told": 1})


def worth_telling(standing: Standing) -> Standing | None:
    """The standing once it was told how many are held back; none where that was told already, or nearly."""
    if standing.held < standing.told:
        return None
    return standing.model_copy(update={"told": standing.told * AGAIN})


def _rolled(standing: Standing, day: date) -> Standing:
    """The standing on that day; a day that is over does not come back."""
    if standing.day is not None and day <= standing.day:
        return standing
    update = {"day": day, "first_day": standing.first_day or day, "at_start": standing.size, "adds": 0}
    return standing.model_copy(update=update)


def _above(caps: Caps, standing: Standing) -> str | None:
    if standing.size > caps.largest_list:
        return f"its list has more than {caps.largest_list} accounts"
    settled = standing.first_day is not None and standing.day is not None
    if not settled or standing.day < standing.first_day + timedelta(days=caps.first_days):  # type: ignore[operator]
        return None
    most = limit(caps, standing)
    return f"more than {most} accounts came or changed on {standing.day}" if standing.adds > most else None
