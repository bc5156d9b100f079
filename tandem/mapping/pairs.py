"""The overlaps of two lists, and how good they are against known pairs; it never reads or writes a file."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from heapq import nsmallest

from schemas.entities import Population
from streams.matching import weights
from streams.matching.bulk.comparing import Work
from streams.matching.score import Match
from tandem.mapping.crew import Crew
from tandem.mapping.engine import Engine
from tandem.mapping.lists import AccountList
from tandem.mapping.sheets import Advance

STRENGTH = {Population.CUSTOMER: 3, Population.OPEN_OPPORTUNITY: 2, Population.PROSPECT: 1}


@dataclass(frozen=True, slots=True)
class Pair:
    """One of our accounts and one of the partner's, by id. `rank` 1 is the overlap that the streams would write,
    further ranks are records of the partner that tie with it; 0 is one of the same family."""

    ours: str
    theirs: str
    rank: int
    match: Match


@dataclass(frozen=True, slots=True)
class Found:
    """The pairs, and what it took: `candidates` share a match key, `scored` of them could matter and were compared;
    `hot` keys brought nobody together, because too many accounts have them."""

    pairs: list[Pair]
    candidates: int
    scored: int
    hot: int
    workers: int = 1


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
    ours: AccountList,
    theirs: AccountList,
    least: float,
    crew: Crew,
    advance: tuple[Advance, Advance] = (lambda _: None, lambda _: None),
) -> Found:
    """The pairs from the confidence `least` on, in order of our id and rank; at the model's `shown` those of
    `batch.match`. `advance` is told of rows of both lists that were prepared, and of ours that were compared."""
    engine = Engine(ours.accounts, theirs.accounts, crew, advance)
    work = Work()
    hot = engine.pair().hot
    found: list[Pair] = []
    for our_row, matches in engine.matches(least, work):
        our_id = ours.accounts.id(our_row)
        named = {theirs.accounts.id(row): match for row, match in matches.items()}
        ours.accounts.known[our_id] = our_row
        theirs.accounts.known.update(zip(named, matches, strict=True))
        found += ranked(our_id, named, least)
    found.sort(key=lambda pair: pair.ours)
    return Found(found, work.candidates, work.scored, hot, crew.workers)


def ranked(our_id: str, found: Mapping[str, Match], least: float) -> list[Pair]:
    """The best match and those that tie with it, in the order of the streams: confidence, then the partner's id.

    Behind them, with rank 0, what is only of one family.
    """
    same = {their_id: match for their_id, match in found.items() if match.relation == "same"}
    best = max((match.confidence for match in same.values()), default=0.0)
    floor = max(least, best - weights.TIE)
    kept = [their_id for their_id in same if same[their_id].confidence >= floor]
    kept.sort(key=lambda their_id: (-same[their_id].confidence, their_id))
    kin = sorted(their_id for their_id in found if their_id not in same)
    pairs = [Pair(our_id, their_id, rank, found[their_id]) for rank, their_id in enumerate(kept, 1)]
    return [*pairs, *(Pair(our_id, their_id, 0, found[their_id]) for their_id in kin)]


def by_population(pairs: Iterable[Pair], ours: AccountList, theirs: AccountList) -> dict[str, dict[str, int]]:
    """Our population to the partner's to the number of overlaps; ties are not counted."""
    counts = Counter((ours.population(pair.ours), theirs.population(pair.theirs)) for pair in pairs if pair.rank == 1)
    return {mine.value: {other.value: counts[mine, other] for other in Population} for mine in Population}


def strongest(pairs: Iterable[Pair], ours: AccountList, theirs: AccountList, count: int) -> list[Pair]:
    """The overlaps to look at first: the partner's population, then ours, then the confidence."""

    def weakness(pair: Pair) -> tuple[int, int, float, str]:
        mine, other = ours.population(pair.ours), theirs.population(pair.theirs)
        return -STRENGTH[other], -STRENGTH[mine], -pair.match.confidence, pair.ours

    return nsmallest(count, (pair for pair in pairs if pair.rank == 1), key=weakness)


def quality(pairs: Iterable[Pair], known: Collection[tuple[str, str]], ignored: Collection[tuple[str, str]]) -> Quality:
    """All overlaps, ties too, against the known ones; an ignored pair counts neither way."""
    found = {(pair.ours, pair.theirs) for pair in pairs if pair.rank} - set(ignored)
    right = set(known) - set(ignored)
    return Quality(len(found), len(right), len(found & right))
