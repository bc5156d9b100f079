"""What `tandem blind` tells a person or, with --json, a program; it only draws."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.table import Table

from tandem.blind.compare import Line
from tandem.blind.join import Found
from tandem.blind.tokenfile import Tokened
from tandem.mapping.show import console


def tokens(made: Tokened, refused: int, out: Path, ids: Path, as_json: bool) -> None:
    """What was made of a list, by type, and what was left out."""
    header = made.header
    counts = {kind: len(rows) for kind, (rows, _) in made.types.items()}
    if as_json:
        key = {"id": header.key.id, "version": header.key.version}
        sizes = {"rows": header.rows, "refused": refused, "tokens": counts, "left_out": dict(header.crowded)}
        typer.echo(json.dumps({"out": str(out), "ids": str(ids), "key": key, **sizes}))
        return
    table = Table("type", "tokens", "left out: too many rows have it", box=None, pad_edge=False)
    for kind in sorted({*counts, *header.crowded}):
        table.add_row(kind, f"{counts.get(kind, 0):,}", f"{header.crowded.get(kind, 0):,}")
    to = console(stderr=False)
    to.print(table)
    to.print(
        f"\n{header.rows:,} rows are in {out}, made with the key {header.key}; this number is no secret from the hub."
    )
    to.print(f"{ids} says which row is which of your ids: keep it, and give it to nobody.")


def joined(found: Sequence[Found], ours: Tokened, theirs: Tokened, as_json: bool) -> None:
    """The overlaps in figures, and by what they were found."""
    bands = Counter(each.verdict.band for each in found if each.rank == 1)
    overlaps, ties = sum(bands.values()), sum(each.rank > 1 for each in found)
    why = Counter(reason for each in found if each.rank == 1 for reason in each.verdict.reasons)
    figures = {"rows_ours": ours.header.rows, "rows_partner": theirs.header.rows, "overlaps": overlaps}
    if as_json:
        more = {"linked": bands["linked"], "to_confirm": bands["to_confirm"], "ties": ties, "reasons": dict(why)}
        typer.echo(json.dumps({**figures, **more}))
        return
    table = Table("agreement", "overlaps", box=None, pad_edge=False)
    for reason, count in why.most_common():
        table.add_row(reason, f"{count:,}")
    to = console(stderr=False)
    to.print(table)
    to.print(
        f"\n{overlaps:,} of our {ours.header.rows:,} rows are among the partner's {theirs.header.rows:,}: "
        f"{bands['linked']:,} linked, {bands['to_confirm']:,} to be confirmed ({ties:,} further rows of the partner tie)"
    )


def compared(lines: Sequence[Line]) -> None:
    """The ways side by side."""
    table = Table("band", "way", "found", "of the clear ones", box=None, pad_edge=False)
    known = any(line.recall is not None for line in lines)
    for title in ("precision", "recall", "F1") if known else ():
        table.add_column(title, justify="right")
    for line in lines:
        figures = (line.precision, line.recall, line.f1) if known else ()
        shares = [f"{figure:.4f}" for figure in figures if figure is not None]
        table.add_row(line.band, line.way, f"{line.found:,}", f"{line.of_clear:.1%}", *shares)
    console(stderr=False).print(table)
