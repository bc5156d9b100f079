"""What the page says: figures and rows that may leave; it knows nothing of HTML."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from pydantic import JsonValue

from mappings.sharing import STANDARD, Level
from schemas.entities import Population
from streams.matching.model import model
from streams.sharing.gate import Counts, Gate, Met
from tandem.mapping import summary
from tandem.mapping.lists import AccountList
from tandem.mapping.pairs import Pair
from tandem.mapping.summary import PLAYS, Play, Sides

ROWS = 500  # a page of more is no page to read; --out has them all
INTRODUCTIONS = 10
REASONS = 3
BINS = 20  # from 0 to 1; those that are shown begin at the least confidence that is
SHARED_POPULATIONS = {each.value: each for each in Population}


class Names(NamedTuple):
    """What the two sides are called on the page."""

    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Line:
    """One overlap as both may see it; what is not shared is empty."""

    our_name: str
    their_name: str
    our_population: str
    their_population: str
    our_owner: str
    their_owner: str
    website: str
    confidence: float | None
    band: str
    reasons: tuple[str, ...]
    play: str
    kin: str


@dataclass(frozen=True, slots=True)
class Bin:
    """Overlaps whose confidence lies from `low` up to `high`."""

    low: float
    high: float
    linked: int
    to_confirm: int


@dataclass(frozen=True, slots=True)
class Contents:
    """All that the page says. `more` overlaps have no line of their own."""

    names: Names
    on: date
    sides: Sides
    bands: Mapping[str, int]
    counts: Counts
    plays: tuple[tuple[Play, int | None], ...]
    bins: tuple[Bin, ...]
    ask: tuple[Line, ...]
    give: tuple[Line, ...]
    lines: tuple[Line, ...]
    more: int
    related: tuple[Line, ...]
    fields: tuple[str, ...]
    linked_from: float
    shown_from: float
    rows: bool


def contents(
    names: Names, pairs: Sequence[Pair], lists: tuple[AccountList, AccountList], gate: Gate, rows: bool, on: date
) -> Contents:
    """Put the page together from what may leave."""
    sure = [pair for pair in summary.overlaps(pairs) if pair.match.band != "not_shown"]
    seen = _Seen(gate, *lists, frozenset(pair.ours for pair in sure))
    open_pairs = [pair for pair in sure if seen.may(pair)]
    best = summary.best(open_pairs)
    counts = gate.counts(seen.met(pair) for pair in summary.best(sure))
    lines = sorted(best, key=lambda pair: (-pair.match.confidence, pair.ours)) if rows else []
    ask = summary.introductions(best, *lists, INTRODUCTIONS) if rows else []
    give = _given(best, *lists) if rows else []
    families = [pair for pair in summary.related(pairs) if seen.may(pair)] if rows else []
    numbers = model()
    return Contents(
        names=names,
        on=on,
        sides=summary.sides(open_pairs),
        bands=summary.bands(open_pairs),
        counts=counts,
        plays=_plays(counts),
        bins=_bins(best),
        ask=tuple(seen.lines(ask)),
        give=tuple(seen.lines(give)),
        lines=tuple(seen.lines(lines[:ROWS])),
        more=len(best) - len(lines[:ROWS]),
        related=tuple(seen.lines(families[:ROWS])),
        fields=tuple(sorted(gate.terms.fields)),
        linked_from=numbers.linked,
        shown_from=numbers.shown,
        rows=rows,
    )


@dataclass(slots=True)
class _Seen:
    """The one place in which an account of ours becomes something on the page. `held` are those that both hold."""

    gate: Gate
    ours: AccountList
    theirs: AccountList
    held: frozenset[str]

    def row(self, our_id: str) -> dict[str, JsonValue] | None:
        """An account of ours as the gate lets it out; one that is only of a family with one of theirs is not held."""
        return self.gate.row(self.ours.accounts[our_id], our_id, meets=our_id in self.held)

    def population(self, our_id: str) -> str:
        """The population of an account of ours; only one of the deployment's own needs the whole account to tell."""
        if set(self.gate.terms.levels) <= set(STANDARD):
            return self.ours.population(our_id).value
        return self.gate.population(self.ours.accounts[our_id])

    def may(self, pair: Pair) -> bool:
        """Whether the account of ours may stand on the page: asked of every pair, so no account is built for it."""
        level = self.gate.level(self.population(pair.ours))
        return level is Level.ALL or (level is Level.OVERLAPS and pair.ours in self.held)

    def met(self, pair: Pair) -> Met:
        """The pair as the counts take it."""
        return Met(pair.ours, self.population(pair.ours), pair.theirs, self.theirs.population(pair.theirs).value)

    def lines(self, pairs: Iterable[Pair]) -> Iterable[Line]:
        """What may be said of pairs."""
        for pair in pairs:
            mine = self.row(pair.ours)
            if mine is not None:
                yield self._line(pair, mine)

    def _line(self, pair: Pair, mine: Mapping[str, JsonValue]) -> Line:
        other, match, fields = self.theirs.accounts[pair.theirs], pair.match, self.gate.terms.fields
        population = SHARED_POPULATIONS.get(str(mine.get("population")))
        reasons = self.gate.tellable(match.reasons)[:REASONS]
        return Line(
            our_name=str(mine.get("name") or ""),
            their_name=other.name,
            our_population=_words(population) if population else "",
            their_population=_words(other.population),
            our_owner=str(mine.get("owner_name") or mine.get("owner_email") or ""),
            their_owner=other.owner_name or other.owner_email or "",
            website=str(mine.get("website") or other.website or ""),
            confidence=match.confidence if "confidence" in fields else None,
            band=match.band,
            reasons=reasons,
            play=PLAYS[population, other.population].name if population else "",
            kin=match.kin if reasons or "reasons" in fields else "",
        )


def _given(best: Sequence[Pair], ours: AccountList, theirs: AccountList) -> list[Pair]:
    """Their prospects that we serve, the surest first."""
    found = [
        pair
        for pair in best
        if ours.population(pair.ours) is Population.CUSTOMER
        and theirs.population(pair.theirs) is not Population.CUSTOMER
    ]
    return sorted(found, key=lambda pair: (-round(pair.match.confidence, 2), pair.ours))[:INTRODUCTIONS]


def _plays(counts: Counts) -> tuple[tuple[Play, int | None], ...]:
    """How many accounts each play is for; None where a count of it is not shown. Own populations have no play."""
    totals: dict[Play, int | None] = {}
    for (mine, other), play in PLAYS.items():
        if (mine.value, other.value) in counts.cells:
            cell, before = counts.cells[mine.value, other.value], totals.get(play, 0)
            totals[play] = None if cell is None or before is None else before + cell
    return tuple(totals.items())


def _bins(best: Sequence[Pair]) -> tuple[Bin, ...]:
    first = int(BINS * model().shown)
    edges = [step / BINS for step in range(first, BINS + 1)]
    counted = summary.histogram(best, edges)
    return tuple(
        Bin(edge, edges[index + 1], counts["linked"], counts["to_confirm"])
        for index, (edge, counts) in enumerate(zip(edges, counted, strict=False))
    )


def _words(population: Population) -> str:
    return population.value.replace("_", " ")
