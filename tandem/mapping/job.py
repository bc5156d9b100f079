"""Compares two lists: reads, finds, writes, tells; the options that it is asked with are read elsewhere."""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console

from mappings.loader import load
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for; a column option reads `FIELD=COLUMN`."""

    ours: Path
    partner: Path
    out: str | None
    ours_column: list[str] | None
    partner_column: list[str] | None
    rejected: str | None
    min_confidence: float
    as_json: bool
    explain: tuple[str, str] | None
    gold: Path | None
    ignore: Path | None
    ours_encoding: str
    partner_encoding: str
    ours_delimiter: str | None
    partner_delimiter: str | None


def run(asked: Asked) -> None:
    """Do it; raises `ConfigError` and `BadInput` before anything is written."""
    started = time.perf_counter()
    ours, partner = _named(asked.ours_column, "ours"), _named(asked.partner_column, "partner")
    sources = (
        Source(asked.ours, "ours", ours, asked.ours_encoding, asked.ours_delimiter),
        Source(asked.partner, "partner", partner, asked.partner_encoding, asked.partner_delimiter),
    )
    gold, ignore = asked.gold, asked.ignore
    output = _output(sources, asked.out, asked.rejected, asked.as_json, [path for path in (gold, ignore) if path])
    _check(sources, output, asked.explain, gold, ignore)
    lists = _read(sources, output)
    if asked.explain is not None:
        _explain(lists, asked.explain, asked.min_confidence, asked.as_json)
        return
    known = _known(lists, gold, ignore)
    pairs = _find(lists, asked.min_confidence)
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
