"""The overlaps of two lists, and how good they are against known pairs; it never reads or writes a file."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from schemas.entities import Population
from streams.matching import weights
from streams.matching.batch import candidates
from streams.matching.features import Features
from streams.matching.score import Match, score
from tandem.mapping.lists import AccountList

Candidates = Iterable[tuple[str, set[str]]]
Accounts = Mapping[str, Features]
STRENGTH = {Population.CUSTOMER: 3, Population.OPEN_OPPORTUNITY: 2, Population.PROSPECT: 1}


@dataclass(frozen=True, slots=True)
class Pair:
    """One of our accounts and one of the partner's, by id. `rank` 1 is the overlap that the streams would write,
    further ranks are records of the partner that tie with it."""

    ours: str
    theirs: str
    rank: int
    match: Match


@dataclass(frozen=True, slots=True)
class Quality:
    """How the found pairs compare with the known ones; shares are 0 to 1."""

    found: int
    known: int
    correct: int

    @property
    def precision(self) -> float:
        """The share of the found pairs that are known."""
        return self.correct / max(1, self.found)

    @property
    def recall(self) -> float:
        """The share of the known pairs that are found."""
        return self.correct / max(1, self.known)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.correct / max(1, self.found + self.known)


def find(
    ours: Accounts, theirs: Accounts, least: float = weights.OVERLAP, each: Callable[[Candidates], Candidates] = iter
) -> Iterator[Pair]:
    """The pairs from the confidence `least` on, in order of our id and rank; at its default those of `batch.match`."""
    for our_id, their_ids in each(candidates(ours, theirs)):
        yield from ranked(our_id, matches(ours[our_id], their_ids, theirs), least)


def matches(mine: Features, their_ids: Iterable[str], theirs: Accounts) -> dict[str, Match]:
    """The matches of one of our accounts with some of the partner's."""
    return {their_id: found for their_id in their_ids if (found := score(mine, theirs[their_id]))}


def ranked(our_id: str, found: Mapping[str, Match], least: float) -> list[Pair]:
    """The best match and those that tie with it, in the order of the streams: confidence, then the partner's id."""
    best = max((match.confidence for match in found.values()), default=0.0)
    floor = max(least, best - weights.TIE)
    kept = [their_id for their_id in found if found[their_id].confidence >= floor]
    kept.sort(key=lambda their_id: (-found[their_id].confidence, their_id))
    return [Pair(our_id, their_id, rank, found[their_id]) for rank, their_id in enumerate(kept, 1)]


def by_population(pairs: Iterable[Pair], ours: AccountList, theirs: AccountList) -> dict[str, dict[str, int]]:
    """Our population to the partner's to the number of overlaps; ties are not counted."""
    counts = Counter(
        (ours.accounts[pair.ours].population, theirs.accounts[pair.theirs].population)
        for pair in pairs
        if pair.rank == 1
    )
    return {mine.value: {other.value: counts[mine, other] for other in Population} for mine in Population}


def strongest(pairs: Iterable[Pair], ours: AccountList, theirs: AccountList, count: int) -> list[Pair]:
    """The overlaps to look at first: the partner's population, then ours, then the confidence."""

    def weakness(pair: Pair) -> tuple[int, int, float, str]:
        mine, other = ours.accounts[pair.ours].population, theirs.accounts[pair.theirs].population
        return -STRENGTH[other], -STRENGTH[mine], -pair.match.confidence, pair.ours

    return sorted((pair for pair in pairs if pair.rank == 1), key=weakness)[:count]


def quality(pairs: Iterable[Pair], known: Collection[tuple[str, str]], ignored: Collection[tuple[str, str]]) -> Quality:
    """All pairs, ties too, against the known ones; an ignored pair counts neither way."""
    found = {(pair.ours, pair.theirs) for pair in pairs} - set(ignored)
    right = set(known) - set(ignored)
    return Quality(len(found), len(right), len(found & right))
