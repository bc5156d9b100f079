"""Compares two lists: reads, finds, writes, tells; the options that it is asked with are read elsewhere."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from mappings.loader import load
from streams.matching.model import model, use
from tandem.mapping import records, show
from tandem.mapping.crew import crew, peak_gb
from tandem.mapping.duplicates import further
from tandem.mapping.explain import explain
from tandem.mapping.files import Source
from tandem.mapping.known import KnownPairs, read_pairs
from tandem.mapping.lists import AccountList, read
from tandem.mapping.paged import Paged
from tandem.mapping.pairs import Found, Pair, find
from tandem.mapping.telling import Known, Result, figures, tell
from tandem.mapping.writing import Target, target, write
from tandem.settings import ConfigError
from tandem.training.loading import load_model


@dataclass(frozen=True, slots=True)
class Given:
    """One list as the command line names it; a column option reads `FIELD=COLUMN`."""

    path: Path
    columns: list[str] | None
    encoding: str
    delimiter: str | None
    sheet: str | None

    def source(self, side: str) -> Source:
        """The file and how to read it. Raises `ConfigError`."""
        return Source(self.path, side, _named(self.columns, side), self.encoding, self.delimiter, self.sheet)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    ours: Given
    partner: Given
    out: str | None
    rejected: str | None
    min_confidence: float | None
    as_json: bool
    explain: tuple[str, str] | None
    gold: Path | None
    ignore: Path | None
    page: Paged | None = None
    model: Path | None = None

    @property
    def least(self) -> float:
        """The least confidence that is shown; what a deployment shows, if nothing else is said."""
        return model().shown if self.min_confidence is None else self.min_confidence


def run(asked: Asked) -> None:
    """Do it; raises `ConfigError` and `BadInput` before anything is written."""
    started = time.perf_counter()
    use(load_model(asked.model))
    sources = asked.ours.source("ours"), asked.partner.source("partner")
    gold, ignore = asked.gold, asked.ignore
    output = _output(sources, asked.out, asked.rejected, asked.as_json, [path for path in (gold, ignore) if path])
    _check(sources, output, asked.explain, gold, ignore)
    if asked.page:
        _check_page(asked.page, sources, output, asked.explain)
    lists = _read(sources, output)
    if asked.explain is not None:
        _explain(lists, asked.explain, asked.least, asked.as_json)
        return
    known = _known(lists, gold, ignore)
    found = _find(lists, asked.least)
    _write(lists, found.pairs, output)
    if asked.page:
        asked.page.write(found.pairs, lists)
    twice = _twice(lists)
    seconds = time.perf_counter() - started
    cost = _cost(lists, found, seconds)
    _tell(Result(lists, found.pairs, known, seconds, twice, more={"work": cost}), output, asked.page)
    if not output.as_json:
        output.console.print(
            f"{cost['rows_per_s']:,} rows a second; {found.candidates:,} pairs share a key, {found.scored:,} were compared; "
            f"{found.hot:,} keys are too common to bring anybody together; at most {cost['peak_gb']} GB"
        )


def _cost(lists: tuple[AccountList, AccountList], found: Found, seconds: float) -> dict[str, float]:
    rows = round(sum(each.rows for each in lists) / seconds)
    pairs = {"candidates": found.candidates, "scored": found.scored, "hot_keys": found.hot}
    return {"rows_per_s": rows, **pairs, "workers": found.workers, "peak_gb": peak_gb(found.workers)}


def _check_page(
    page: Paged, sources: tuple[Source, Source], output: "_Output", explained: tuple[str, str] | None
) -> None:
    if explained:
        raise ConfigError("--explain prints one pair and writes nothing. Remedy: drop --report")
    page.check([*(source.path for source in sources), *_paths(output.out), *_paths(output.rejected)])


def _twice(lists: tuple[AccountList, AccountList]) -> tuple[int, int] | None:
    ours, theirs = (further(each.accounts) for each in lists)
    return None if ours is None or theirs is None else (ours, theirs)


@dataclass(frozen=True, slots=True)
class _Output:
    out: Target | None
    rejected: Target | None
    as_json: bool

    @property
    def console(self) -> Console:
        """Where the tables go: not among the CSV."""
        return show.console(stderr=self.out is not None and self.out.path is None)


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
        ours, theirs = (read(source, table, _told(bar, f"reading {source.name}")) for source in sources)
    show.columns(errors, (ours, theirs), table)
    for each in (ours, theirs):
        show.refused(errors, each, output.rejected is not None)
    errors.print()
    return ours, theirs


def _told(bar: Progress, what: str, total: int | None = None) -> Callable[[int], None]:
    task = bar.add_task(what, total=total)
    return lambda rows: bar.advance(task, rows)


def _explain(lists: tuple[AccountList, AccountList], pair: tuple[str, str], least: float, as_json: bool) -> None:
    found = explain(*lists, pair, least)
    if as_json:
        typer.echo(json.dumps(found.as_json, ensure_ascii=False))
    else:
        show.explanation(show.console(stderr=False), found, *lists)


def _known(lists: tuple[AccountList, AccountList], gold: Path | None, ignore: Path | None) -> Known | None:
    if gold is None:
        return None
    return Known(read_pairs(gold, *lists), read_pairs(ignore, *lists) if ignore else KnownPairs(frozenset()))


def _find(lists: tuple[AccountList, AccountList], least: float) -> Found:
    ours, theirs = lists
    both = len(ours.accounts) + len(theirs.accounts)
    with show.progress(show.console(stderr=True)) as bar, crew(both) as workers:
        stages = _told(bar, "preparing", both), _told(bar, "comparing", len(ours.accounts))
        return find(ours, theirs, least, workers, stages)


def _write(lists: tuple[AccountList, AccountList], pairs: list[Pair], output: _Output) -> None:
    if output.rejected:
        write(output.rejected, records.REJECTED, records.rejected(row for each in lists for row in each.refused))
    if output.out:
        write(output.out, records.OVERLAPS, records.overlaps(pairs, *lists))


def _tell(result: Result, output: _Output, page: Paged | None) -> None:
    if output.as_json:
        written = {
            "out": str(output.out.path) if output.out else None,
            "report": str(page.path) if page else None,
            "seconds": round(result.seconds, 2),
        }
        typer.echo(json.dumps({**figures(result), **written}, ensure_ascii=False))
        return
    to = output.console
    tell(to, result)
    if page:
        to.print(show.plain(f"a page for the partner is written to {page.path}: read it before you send it"))
    if output.out is None:
        to.print("no list was written: --out overlaps.csv writes all overlaps")
    elif output.out.path:
        to.print(show.plain(f"{len(result.pairs):,} rows are written to {output.out.path}"))
