"""Writes rows as CSV, JSON Lines or Parquet, whole or not at all; it never asks what the rows mean."""

import csv
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from tandem.settings import ConfigError

FORMATS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
STDOUT = "-"
Kind = Literal["text", "integer", "number", "texts"]
Layout = Mapping[str, Kind]
Record = Mapping[str, object]

# What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"); a plain number is harmless.
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Target:
    """A file to write, or stdout if there is no path."""

    path: Path | None
    format: str


def target(text: str, option: str, taken: Sequence[Path]) -> Target:
    """Where to write, told from the name. `taken` are files that must not be lost. Raises `ConfigError`."""
    if text == STDOUT:
        return Target(None, "csv")
    path = Path(text)
    if path.suffix.lower() not in FORMATS:
        fault, remedy = "its name does not say how to write it", f"let it end with one of {', '.join(FORMATS)}"
    elif path.exists() and not path.is_file():
        fault, remedy = "it is there and no file", "choose another name, or - for stdout"
    elif not path.absolute().parent.is_dir():
        fault, remedy = f"there is no folder {str(path.parent)!r}", "create it, or choose another"
    elif any(path.absolute() == each.absolute() or _same(path, each) for each in taken):
        fault, remedy = "it is read or written by this command already", "choose another name"
    else:
        return Target(path.resolve(), FORMATS[path.suffix.lower()])
    raise ConfigError(f"{option} {text}: {fault}. Remedy: {remedy}")


def write(where: Target, layout: Layout, rows: Iterable[Record]) -> None:
    """Write the rows; a file of that name is replaced when all is written. Raises `ConfigError`."""
    if where.path is None:
        _csv(sys.stdout, layout, rows, ",")
        return
    try:
        with renamed(where.path) as beside:
            if where.format == "parquet":
                _parquet(beside, layout, rows)
                return
            with beside.open("w", encoding="utf-8", newline="") as file:
                if where.format == "jsonl":
                    _jsonl(file, layout, rows)
                else:
                    _csv(file, layout, rows, "\t" if where.path.suffix.lower() == ".tsv" else ",")
    except OSError as error:
        raise ConfigError(f"{where.path} cannot be written: {error.strerror}. Remedy: choose another file") from error


def safe(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula: with an apostrophe before = + - @, unless it is a number."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


@contextmanager
def renamed(path: Path) -> Iterator[Path]:
    """A file beside, which takes the name when the block ends well, and goes if it does not."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _csv(file: TextIO, layout: Layout, rows: Iterable[Record], delimiter: str) -> None:
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerow(layout)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in layout])


def _cell(value: object) -> object:
    if isinstance(value, (list, tuple)):
        value = "; ".join(map(str, value))
    return safe(value) if isinstance(value, str) else value


def _jsonl(file: TextIO, layout: Layout, rows: Iterable[Record]) -> None:
    for row in rows:
        file.write(json.dumps({name: row.get(name) for name in layout}, ensure_ascii=False) + "\n")


def _parquet(path: Path, layout: Layout, rows: Iterable[Record]) -> None:
    import pyarrow  # type: ignore[import-untyped]  # noqa: PLC0415  a third of a second, for one of three formats
    import pyarrow.parquet  # type: ignore[import-untyped]  # noqa: PLC0415

    types = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "texts": pyarrow.list_(pyarrow.string()),
    }
    schema = pyarrow.schema([(name, types[kind]) for name, kind in layout.items()])
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([dict(row) for row in rows], schema), path)


def _same(path: Path, other: Path) -> bool:
    return path.exists() and other.exists() and path.samefile(other)
