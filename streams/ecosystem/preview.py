"""What a new profile would change before it is used; it changes nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mappings.icp import Band, Icp
from schemas.entities import Account
from streams.ecosystem.fit import Fit, fit


class Moved(NamedTuple):
    """An account that another band holds under the new profile."""

    id: str
    name: str
    before: Fit
    after: Fit


@dataclass(frozen=True, slots=True)
class Preview:
    """How accounts move between bands (before, after), and which move farthest."""

    accounts: int
    moves: Mapping[tuple[Band, Band], int]
    farthest: tuple[Moved, ...]

    @property
    def moved(self) -> int:
        """How many change their band."""
        return sum(number for (before, after), number in self.moves.items() if before != after)


def preview(accounts: Iterable[tuple[str, Account]], now: Icp, new: Icp, most: int) -> Preview:
    """All accounts under both profiles. `most`: so many of those that change their band are named."""
    moves: Counter[tuple[Band, Band]] = Counter()
    moved: list[Moved] = []
    for record_id, account in accounts:
        before, after = fit(account, now), fit(account, new)
        moves[before.band, after.band] += 1
        if before.band != after.band:
            moved.append(Moved(record_id, account.name, before, after))
    moved.sort(key=lambda it: (-abs(it.after.score - it.before.score), it.id))
    return Preview(moves.total(), dict(sorted(moves.items())), tuple(moved[:most]))
