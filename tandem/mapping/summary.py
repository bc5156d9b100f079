"""What the overlaps of two lists come to: plays, introductions, counts of both sides; it compares nothing itself."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from schemas.entities import Population
from tandem.mapping.lists import AccountList
from tandem.mapping.pairs import Pair

C, O, P = Population.CUSTOMER, Population.OPEN_OPPORTUNITY, Population.PROSPECT  # noqa: E741 - a matrix is read by letters


@dataclass(frozen=True, slots=True)
class Play:
    """What to do with the accounts of a cell; `{ours}` and `{theirs}` stand for the names of the sides."""

    name: str
    what: str


CROSS_SELL = Play("cross-sell", "Both serve these: an integration or a joint offer sells more to each.")
INTRODUCTION = Play("warm introduction", "{theirs} knows these already and can open the door for {ours}.")
GIVE = Play("give", "{ours} serves these and can open the door for {theirs}.")
JOINT = Play("joint pursuit", "Neither serves these yet: agree on who goes first, or go together.")
PLAYS: Mapping[tuple[Population, Population], Play] = {
    (C, C): CROSS_SELL, (C, O): GIVE, (C, P): GIVE,
    (O, C): INTRODUCTION, (O, O): JOINT, (O, P): JOINT,
    (P, C): INTRODUCTION, (P, O): INTRODUCTION, (P, P): JOINT,
}  # fmt: skip
"""By our population and the partner's."""

OWNER = ("owner_name", "owner_email")
STRENGTH = {C: 1.0, O: 0.9}  # a customer's word weighs more than a hopeful seller's; not more than 0.1 of sureness


@dataclass(frozen=True, slots=True)
class Sides:
    """How many accounts of each side are how many companies. An account that ties with the best one counts, too."""

    ours: int
    theirs: int
    companies: int

    @property
    def our_duplicates(self) -> int:
        """Accounts of ours beyond one for each company."""
        return self.ours - self.companies

    @property
    def their_duplicates(self) -> int:
        """Accounts of the partner beyond one for each company."""
        return self.theirs - self.companies

    def told(self, ours: str = "ours", theirs: str = "theirs") -> str:
        """Why the two sides see different counts, in a sentence."""
        said = f"{self.ours:,} of {ours} are {self.theirs:,} of {theirs}"
        if self.ours == self.theirs == self.companies:
            return f"{said}: each account has one counterpart"
        extra = [
            (count, f"{count:,} of {side}")
            for side, count in ((ours, self.our_duplicates), (theirs, self.their_duplicates))
            if count
        ]
        one = "company" if self.companies == 1 else "companies"
        further = "is a further record" if [count for count, _ in extra] == [1] else "are further records"
        whose = " and ".join(words for _, words in extra)
        return f"{said}, {self.companies:,} {one} in all: {whose} {further} of a company that is there already"


def sides(pairs: Iterable[Pair]) -> Sides:
    """Count accounts that stand for one company, directly or through an account of the other side, as one."""
    leader: dict[tuple[bool, str], tuple[bool, str]] = {}

    def found(node: tuple[bool, str]) -> tuple[bool, str]:
        leader.setdefault(node, node)
        while leader[node] != node:
            leader[node] = leader[leader[node]]  # halves the way, so that a million pairs stay linear
            node = leader[node]
        return node

    for pair in overlaps(pairs):
        mine, other = found((True, pair.ours)), found((False, pair.theirs))
        leader[other] = mine
    ours = sum(is_ours for is_ours, _ in leader)
    return Sides(ours, len(leader) - ours, sum(node == above for node, above in leader.items()))


def overlaps(pairs: Iterable[Pair]) -> Iterable[Pair]:
    """The pairs that are one company: not those that are only of one family."""
    return (pair for pair in pairs if pair.match.relation == "same")


def best(pairs: Iterable[Pair]) -> list[Pair]:
    """One overlap for each account of ours."""
    return [pair for pair in overlaps(pairs) if pair.rank == 1]


def related(pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs that are two units of one family."""
    return [pair for pair in pairs if pair.match.relation == "related"]


def bands(pairs: Iterable[Pair]) -> Mapping[str, int]:
    """How many overlaps are linked, and how many wait to be confirmed; rank 1 of each account of ours."""
    counts = Counter(pair.match.band for pair in best(pairs))
    return {"linked": counts["linked"], "to_confirm": counts["to_confirm"], "not_shown": counts["not_shown"]}


def introductions(pairs: Iterable[Pair], ours: AccountList, theirs: AccountList, count: int) -> list[Pair]:
    """Our prospects that the partner serves or is about to, the surest and strongest first.

    Among equals one whose owner at the partner is known goes first: there is somebody to ask.
    """
    found = [(strength, pair) for pair in best(pairs) if (strength := _strength(pair, ours, theirs))]
    ids = [pair.theirs for _, pair in found]
    known = [bool(name or mail) for name, mail in zip(*(theirs.accounts.of(each, ids) for each in OWNER), strict=True)]
    chosen = nsmallest(
        count, zip(found, known, strict=True), key=lambda each: (-each[0][0], not each[1], each[0][1].ours)
    )
    return [pair for (_, pair), _ in chosen]


def _strength(pair: Pair, ours: AccountList, theirs: AccountList) -> float:
    if ours.population(pair.ours) is not P:
        return 0.0
    return round(STRENGTH.get(theirs.population(pair.theirs), 0.0) * pair.match.confidence, 2)


def histogram(pairs: Sequence[Pair], edges: Sequence[float]) -> list[Counter[str]]:
    """How many overlaps of each band lie from one edge up to the next; the last bin holds its upper edge."""
    bins: list[Counter[str]] = [Counter() for _ in edges[1:]]
    for pair in pairs:
        confidence = pair.match.confidence
        index = sum(confidence >= edge for edge in edges[1:-1])
        if confidence >= edges[0]:
            bins[index][pair.match.band] += 1
    return bins
