"""White space: accounts that a partner has and we lack, and that fit our profile; it shows no row that the partner does not.

A row is shown only where the partner shows us all accounts of its population; of other populations we are told how many
fit, unless they are few or hidden. An account of which we hold a related company stays white space, and says so.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mappings.icp import Band, Icp
from mappings.sharing import Level
from schemas.entities import Account, Population
from streams.ecosystem.fit import Fit, fit
from streams.sharing.gate import Gate

WORTH: tuple[Band, ...] = ("A", "B")  # the bands that are worth an introduction
STANDS = {
    Population.CUSTOMER: "it is the partner's customer",
    Population.OPEN_OPPORTUNITY: "the partner has an open deal there",
    Population.PROSPECT: "the partner knows it",
}
RANK = {Population.CUSTOMER: 0, Population.OPEN_OPPORTUNITY: 1, Population.PROSPECT: 2}


class Ours(NamedTuple):
    """What we hold of the partner's accounts: ids of the same companies, and of related ones with how they are related."""

    same: Collection[str]
    kin: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Prospect:
    """One of the partner's accounts that we lack."""

    id: str
    account: Account
    fit: Fit
    kin: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it stands where it stands, the partner's part first."""
        related = (f"we have a related company: {self.kin}",) if self.kin else ()
        return (STANDS[self.account.population], *related, *self.fit.reasons)


@dataclass(frozen=True, slots=True)
class White:
    """What may be seen of it. `counts`: population and band to a number; None: too few to be told, or hidden."""

    rows: tuple[Prospect, ...]
    counts: Mapping[tuple[Population, Band], int | None]
    levels: Mapping[Population, Level] = field(default_factory=dict)

    @property
    def told(self) -> int:
        """The sum of the counts that may be seen, so that nothing can be subtracted from it."""
        return sum(number for number in self.counts.values() if number is not None)

    @property
    def complete(self) -> bool:
        """Whether every count may be seen."""
        return None not in self.counts.values()


def white(theirs: Iterable[tuple[str, Account]], ours: Ours, icp: Icp, gate: Gate) -> White:
    """The partner's accounts that we lack, in the bands that are worth an introduction, the best first.

    The gate is of the partner, and tells what it shows us; one that is closed shows nothing.
    """
    levels = {each: gate.received(each.value) if gate.open else Level.HIDDEN for each in Population}
    numbers: Counter[tuple[Population, Band]] = Counter()
    rows: list[Prospect] = []
    for record_id, account in theirs:
        if record_id in ours.same or levels[account.population] is Level.HIDDEN:
            continue
        found = fit(account, icp)
        if found.band not in WORTH:
            continue
        numbers[account.population, found.band] += 1
        if levels[account.population] is Level.ALL:
            rows.append(Prospect(record_id, account, found, ours.kin.get(record_id, "")))
    counts = {(each, band): _shown(numbers[each, band], levels[each], gate) for each in Population for band in WORTH}
    return White(tuple(sorted(rows, key=_order)), counts, levels)


def _shown(number: int, level: Level, gate: Gate) -> int | None:
    if level is Level.HIDDEN:
        return None
    return number if level is Level.ALL else gate.shown(number)


def _order(it: Prospect) -> tuple[int, float, int, str]:
    """The best fit first, then what is known better, then the partner's customers before its prospects."""
    return (-it.fit.score, -it.fit.known, RANK[it.account.population], it.id)
