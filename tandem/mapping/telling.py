"""What the command says when it is done, in tables or as JSON; it only gathers figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console

from tandem.mapping import show, summary
from tandem.mapping.known import KnownPairs
from tandem.mapping.lists import AccountList
from tandem.mapping.pairs import Pair, Quality, by_population, quality, strongest
from tandem.mapping.records import introduced

TOP = 10


@dataclass(frozen=True, slots=True)
class Known:
    """Pairs that are right, and pairs that count neither way."""

    gold: KnownPairs
    ignored: KnownPairs


@dataclass(frozen=True, slots=True)
class Result:
    """What was found. `twice` are the duplicates within each list, where they were looked for."""

    lists: tuple[AccountList, AccountList]
    pairs: list[Pair]
    known: Known | None
    seconds: float
    twice: tuple[int, int] | None = None
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def overlaps(self) -> int:
        """How many of our accounts the partner has."""
        return sum(pair.rank == 1 for pair in self.pairs)

    @property
    def ties(self) -> int:
        """How many further records of the partner are as good."""
        return sum(pair.rank > 1 for pair in self.pairs)

    @property
    def quality(self) -> Quality | None:
        """Against the known pairs, if there are any."""
        if self.known is None:
            return None
        return quality(self.pairs, self.known.gold.pairs, self.known.ignored.pairs)


def tell(to: Console, result: Result) -> None:
    """The first overlaps, the introductions, the matrix and the counts."""
    ours, theirs = result.lists
    show.top(to, strongest(result.pairs, ours, theirs, TOP), ours, theirs)
    show.introductions(to, summary.introductions(result.pairs, ours, theirs, TOP), ours, theirs)
    families = summary.related(result.pairs)
    show.families(to, families, ours, theirs)
    to.print()
    show.matrix(to, by_population(result.pairs, ours, theirs))
    to.print(
        f"\n{result.overlaps:,} of our {len(ours.accounts):,} accounts are among the partner's {len(theirs.accounts):,}"
        f" ({result.ties:,} further records of the partner tie); {result.seconds:.1f} s"
    )
    if result.overlaps:
        show.counts(to, summary.sides(result.pairs), summary.bands(result.pairs), len(families), result.twice)
    if result.quality and result.known:
        show.quality(to, result.quality, result.known.gold)


def figures(result: Result) -> dict[str, object]:
    """The same as JSON values."""
    ours, theirs = result.lists
    sides = summary.sides(result.pairs)
    found: dict[str, object] = {
        "rows_ours": ours.rows,
        "rows_partner": theirs.rows,
        "rejected": {"ours": len(ours.refused), "partner": len(theirs.refused)},
        "overlaps": result.overlaps,
        "ties": result.ties,
        "bands": summary.bands(result.pairs),
        "related": len(summary.related(result.pairs)),
        "sides": {"ours": sides.ours, "partner": sides.theirs, "companies": sides.companies, "told": sides.told()},
        "by_population": by_population(result.pairs, ours, theirs),
        "introductions": list(introduced(summary.introductions(result.pairs, ours, theirs, TOP), ours, theirs)),
        "columns": {"ours": dict(ours.columns.used), "partner": dict(theirs.columns.used)},
        "read": {"ours": _read(ours), "partner": _read(theirs)},
        **result.more,
    }
    if result.twice:
        found["duplicates"] = dict(zip(("ours", "partner"), result.twice, strict=True))
    if quality_ := result.quality:
        shares = {name: round(getattr(quality_, name), 4) for name in ("precision", "recall", "f1")}
        found["quality"] = {"found": quality_.found, "known": quality_.known, "correct": quality_.correct, **shares}
    return found


def _read(each: AccountList) -> Mapping[str, Sequence[str]]:
    return {"how": list(each.how), "remarks": [str(remark) for remark in each.remarks]}
