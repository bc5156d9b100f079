"""`tandem map`: two lists in, overlaps out; it needs no broker, changes no list, and decides nothing by itself."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from mappings.loader import load
from streams.matching import weights
from tandem.errors import told
from tandem.mapping import records, show
from tandem.mapping.explain import explain
from tandem.mapping.files import Source
from tandem.mapping.known import KnownPairs, read_pairs
from tandem.mapping.lists import AccountList, read
from tandem.mapping.pairs import Pair, Quality, by_population, find, quality, strongest
from tandem.mapping.writing import Target, target, write
from tandem.settings import ConfigError

T = TypeVar("T")
TOP = 10
UTF8 = "utf-8-sig"

Ours = Annotated[
    Path, typer.Argument(metavar="OURS", help="Our accounts: CSV, JSON Lines or Parquet.", show_default=False)
]
Theirs = Annotated[Path, typer.Argument(metavar="PARTNER", help="The partner's accounts.", show_default=False)]
Out = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Write the overlaps here: .csv, .tsv, .jsonl or .parquet by the name, - for CSV on stdout. In a CSV an "
        "apostrophe goes before a cell that a spreadsheet would take for a formula.",
    ),
]
OurColumns = Annotated[
    list[str] | None,
    typer.Option("--ours-column", metavar="FIELD=COLUMN", help="A column of ours, as name=Company. Repeatable."),
]
TheirColumns = Annotated[
    list[str] | None,
    typer.Option("--partner-column", metavar="FIELD=COLUMN", help='One of the partner\'s, as id="Account ID".'),
]
Rejected = Annotated[
    str | None, typer.Option(metavar="FILE", help="Write the rows that cannot be used here, each with its remedy.")
]
Least = Annotated[float, typer.Option("--min-confidence", min=0, max=1, help="Leave less sure pairs out.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout instead of tables.")]
Explain = Annotated[
    tuple[str, str] | None,
    typer.Option(metavar="OUR_ID PARTNER_ID", help="Say why these two are an overlap or not, and nothing else."),
]
Gold = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Known pairs, our id and the partner's: adds precision, recall and F1."),
]
Ignore = Annotated[Path | None, typer.Option(metavar="FILE", help="Pairs that shall count neither way.")]
Encoding = Annotated[str, typer.Option(metavar="NAME", help="As Python names it, often cp1252.")]
Delimiter = Annotated[str | None, typer.Option(metavar="CHAR", help="Of a CSV.", show_default="guessed")]


def map_lists(  # noqa: PLR0913, PLR0917 - each is an option
    ours: Ours,
    partner: Theirs,
    out: Out = None,
    ours_column: OurColumns = None,
    partner_column: TheirColumns = None,
    rejected: Rejected = None,
    min_confidence: Least = weights.OVERLAP,
    as_json: AsJson = False,
    explain: Explain = None,
    gold: Gold = None,
    ignore: Ignore = None,
    ours_encoding: Encoding = UTF8,
    partner_encoding: Encoding = UTF8,
    ours_delimiter: Delimiter = None,
    partner_delimiter: Delimiter = None,
) -> None:
    """Compare two lists of accounts, with no broker: who is in both, how sure that is, and why.

    Columns are guessed from their names, and shown. It is the matcher of the streams: the same two lists give the same
    overlaps there.
    """
    with told("tandem map"):
        started = time.perf_counter()
        sources = (
            Source(ours, "ours", _named(ours_column, "ours"), ours_encoding, ours_delimiter),
            Source(partner, "partner", _named(partner_column, "partner"), partner_encoding, partner_delimiter),
        )
        output = _output(sources, out, rejected, as_json, [path for path in (gold, ignore) if path])
        _check(sources, output, explain, gold, ignore)
        lists = _read(sources, output)
        if explain is not None:
            _explain(lists, explain, min_confidence, as_json)
            return
        known = _known(lists, gold, ignore)
        pairs = _find(lists, min_confidence)
        _write(lists, pairs, output)
        _tell(_Result(lists, pairs, known, time.perf_counter() - started), output)


@dataclass(frozen=True, slots=True)
class _Output:
    out: Target | None
    rejected: Target | None
    as_json: bool

    @property
    def console(self) -> Console:
        """Where the tables go: not among the CSV."""
        return show.console(stderr=self.out is not None and self.out.path is None)


@dataclass(frozen=True, slots=True)
class _Known:
    gold: KnownPairs
    ignored: KnownPairs


@dataclass(frozen=True, slots=True)
class _Result:
    lists: tuple[AccountList, AccountList]
    pairs: list[Pair]
    known: _Known | None
    seconds: float

    @property
    def quality(self) -> Quality | None:
        return quality(self.pairs, self.known.gold.pairs, self.known.ignored.pairs) if self.known else None


def _named(options: list[str] | None, side: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for option in options or []:
        field, equals, column = (part.strip() for part in option.partition("="))
        if not (field and equals and column):
            raise ConfigError(f"--{side}-column {option!r} is no pair. Remedy: write FIELD=COLUMN, as name=Company")
        if field in found:
            raise ConfigError(f"--{side}-column names {field!r} twice. Remedy: keep one of them")
        found[field] = column
    return found


def _output(
    sources: tuple[Source, Source], out: str | None, rejected: str | None, as_json: bool, read_too: list[Path]
) -> _Output:
    taken = [*(source.path for source in sources), *read_too]
    where = None if out is None else target(out, "--out", taken)
    beside = None if rejected is None else target(rejected, "--rejected", [*taken, *_paths(where)])
    if [where and where.path is None, beside and beside.path is None, as_json].count(True) > 1:
        raise ConfigError("only one can go to stdout: --out -, --rejected - or --json. Remedy: give the others a file")
    return _Output(where, beside, as_json)


def _paths(where: Target | None) -> list[Path]:
    return [where.path] if where and where.path else []


def _check(
    sources: tuple[Source, Source],
    output: _Output,
    explained: tuple[str, str] | None,
    gold: Path | None,
    ignore: Path | None,
) -> None:
    first, second = (source.path for source in sources)
    if first.exists() and second.exists() and first.samefile(second):
        raise ConfigError(f"{first} is given twice. Remedy: name our list first and the partner's second")
    if ignore and not gold:
        raise ConfigError("--ignore is for measuring. Remedy: give --gold too")
    if explained and (output.out or output.rejected or gold):
        raise ConfigError("--explain prints one pair and writes nothing. Remedy: drop --out, --rejected and --gold")


def _read(sources: tuple[Source, Source], output: _Output) -> tuple[AccountList, AccountList]:
    table, errors = load("partner_list")["account"], show.console(stderr=True)
    with show.progress(errors) as bar:
        ours, theirs = (read(source, table, _counted(bar.track, f"reading {source.name}")) for source in sources)
    show.columns(errors, (ours, theirs))
    for each in (ours, theirs):
        show.refused(errors, each, output.rejected is not None)
    errors.print()
    return ours, theirs


def _counted(
    track: Callable[..., Iterable[T]], what: str, total: int | None = None
) -> Callable[[Iterable[T]], Iterable[T]]:
    return lambda items: track(items, description=what, total=total)


def _explain(lists: tuple[AccountList, AccountList], pair: tuple[str, str], least: float, as_json: bool) -> None:
    found = explain(*lists, pair, least)
    if as_json:
        typer.echo(json.dumps(found.as_json, ensure_ascii=False))
    else:
        show.explanation(show.console(stderr=False), found, *lists)


def _known(lists: tuple[AccountList, AccountList], gold: Path | None, ignore: Path | None) -> _Known | None:
    if gold is None:
        return None
    return _Known(read_pairs(gold, *lists), read_pairs(ignore, *lists) if ignore else KnownPairs(frozenset()))


def _find(lists: tuple[AccountList, AccountList], least: float) -> list[Pair]:
    ours, theirs = (each.features for each in lists)
    with show.progress(show.console(stderr=True)) as bar:
        return list(find(ours, theirs, least, _counted(bar.track, "comparing", len(ours))))


def _write(lists: tuple[AccountList, AccountList], pairs: list[Pair], output: _Output) -> None:
    if output.rejected:
        write(output.rejected, records.REJECTED, records.rejected(row for each in lists for row in each.refused))
    if output.out:
        write(output.out, records.OVERLAPS, records.overlaps(pairs, *lists))


def _tell(result: _Result, output: _Output) -> None:
    overlaps = sum(pair.rank == 1 for pair in result.pairs)
    counts = by_population(result.pairs, *result.lists)
    if output.as_json:
        typer.echo(json.dumps(_figures(result, overlaps, counts, output), ensure_ascii=False))
        return
    ours, theirs = result.lists
    to = output.console
    show.top(to, strongest(result.pairs, ours, theirs, TOP), ours, theirs)
    to.print()
    show.matrix(to, counts)
    ties = len(result.pairs) - overlaps
    to.print(
        f"\n{overlaps:,} of our {len(ours.accounts):,} accounts are among the partner's {len(theirs.accounts):,}"
        f" ({ties:,} further records of the partner tie); {result.seconds:.1f} s"
    )
    if result.quality and result.known:
        show.quality(to, result.quality, result.known.gold)
    if output.out is None:
        to.print("nothing was written: --out overlaps.csv writes them all")
    elif output.out.path:
        to.print(show.plain(f"{len(result.pairs):,} rows are written to {output.out.path}"))


def _figures(result: _Result, overlaps: int, counts: dict[str, dict[str, int]], output: _Output) -> dict[str, object]:
    ours, theirs = result.lists
    figures: dict[str, object] = {
        "rows_ours": ours.rows,
        "rows_partner": theirs.rows,
        "rejected": {"ours": len(ours.refused), "partner": len(theirs.refused)},
        "overlaps": overlaps,
        "ties": len(result.pairs) - overlaps,
        "by_population": counts,
        "columns": {"ours": dict(ours.columns.used), "partner": dict(theirs.columns.used)},
        "out": str(output.out.path) if output.out else None,
        "seconds": round(result.seconds, 2),
    }
    if found := result.quality:
        shares = {"precision": round(found.precision, 4), "recall": round(found.recall, 4), "f1": round(found.f1, 4)}
        figures["quality"] = {"found": found.found, "known": found.known, "correct": found.correct, **shares}
    return figures
