"""Lists as rows: CSV, JSON lines and Parquet read in one stream each; it never says what a column means."""

import csv
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from connectors.errors import BadInput
from connectors.partner_list.lines import REPLACED, BadByte, Lines
from connectors.partner_list.settings import Format, Settings

ENDINGS: Mapping[str, Format] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
DELIMITERS = (",", ";", "\t", "|")
BATCH = 1024
AGAIN = "ask for the list again, or wait until it is written; nothing was removed"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row by itself; `column` is where, if it can be told."""

    code: str
    reason: str
    remedy: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with column to cell. `number` is as a spreadsheet counts: the header of a CSV is row 1.

    `shifted`: a cell may stand under another column's name. `swallowed`: it may hold other rows in itself.
    """

    number: int
    cells: Mapping[str, object]
    fault: Fault | None = None
    shifted: bool = False
    swallowed: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list that can be read once. `rows` yields the cells of the wanted columns at least; `empty`: not a byte in it.

    Raises `BadInput` where the file ends within a row or is broken as a whole.
    """

    format: Format
    columns: tuple[str, ...]
    rows: Callable[[Collection[str]], Iterator[Row]]
    empty: bool = False


def sheet(path: Path, name: str, settings: Settings) -> Sheet:
    """The list of a file. Raises `BadInput`."""
    kind = settings.format or format_of(name)
    if path.stat().st_size == 0:
        return Sheet(kind, (), lambda _: iter(()), empty=True)
    if kind == "csv":
        return _csv(path, name, settings)
    if kind == "jsonl":
        return _jsonl(path, name, settings)
    if kind == "parquet":
        return _parquet(path, name)
    assert_never(kind)


def format_of(name: str) -> Format:
    """The format that a file's name tells. Raises `BadInput`."""
    ending = Path(name).suffix.lower()
    if ending not in ENDINGS:
        remedy = "set `format` to csv, jsonl or parquet; save a workbook as CSV UTF-8 first"
        raise BadInput(f"the name {name!r} does not say how the list is written.", remedy)
    return ENDINGS[ending]


class _Records:
    """The records of a CSV, each with where it stood. Raises `BadInput` where the file ends within one."""

    def __init__(self, path: Path, name: str, settings: Settings, delimiter: str) -> None:
        self.lines = Lines(path, name, settings.encoding)
        self.count, self.span = 0, 0
        self._name = name
        self._reader = csv.reader(self.lines, delimiter=delimiter)

    def next(self) -> list[str] | None:
        """The next record that has anything in it; None at the end."""
        while (record := self._next()) is not None:
            if any(map(str.strip, record)):
                return record
        return None

    def _next(self) -> list[str] | None:
        before = self._reader.line_num
        self.count += 1
        self.lines.bad.clear()
        try:
            record = next(self._reader, None)
        except csv.Error as error:
            reason = f"{self._name} row {self.count} (line {before + 1}) is no CSV: {error}."
            raise BadInput(reason, "mend the row, or set `delimiter`; nothing was removed") from error
        # A record that needed a line after the last one is within a quote that never closed.
        if record is not None and self.lines.ended:
            reason = f"{self._name} ends within a quoted cell of row {self.count}, which begins on line {before + 1}."
            raise BadInput(reason, AGAIN)
        self.span = self._reader.line_num - before
        return record


def _csv(path: Path, name: str, settings: Settings) -> Sheet:
    records = _Records(path, name, settings, settings.delimiter or _delimiter(path, name, settings))
    columns = tuple(cell.strip() for cell in records.next() or [])
    if records.lines.bad:
        reason = f"{name}: the column names do not decode: {_place(records.lines.bad[0])}."
        raise BadInput(reason, "set `encoding` to the list's own")
    return Sheet("csv", columns, lambda _: _csv_rows(records, name, columns))


def _delimiter(path: Path, name: str, settings: Settings) -> str:
    first = next((line for line in Lines(path, name, settings.encoding) if line.strip()), "")
    # A file of one endless line is no list: a part of it says as much.
    header = first[:10_000].splitlines()[:1]
    return max(DELIMITERS, key=lambda each: len(next(csv.reader(header, delimiter=each), [])))


def _csv_rows(records: _Records, name: str, columns: tuple[str, ...]) -> Iterator[Row]:
    width = len(columns)
    while (record := records.next()) is not None:
        while len(record) > width and not record[-1].strip():
            record.pop()
        if len(record) < width and not records.lines.complete:
            reason = f"{name} ends in the middle of row {records.count}: {len(record)} of {width} columns."
            raise BadInput(reason, AGAIN)
        cells: dict[str, object] = dict(zip(columns, record, strict=False))
        misfit = _misfit(len(record), width)
        fault = misfit or _undecoded(records.lines.bad, cells)
        yield Row(records.count, cells, fault, shifted=misfit is not None, swallowed=bool(misfit) and records.span > 1)


def _misfit(found: int, width: int) -> Fault | None:
    if found == width:
        return None
    many = "many" if found > width else "few"
    remedy = "quote the cells that hold the delimiter or a quote, and write empty cells too"
    return Fault(f"TOO_{many.upper()}_COLUMNS", f"too {many} columns: {found} of {width}.", remedy)


def _undecoded(bad: list[BadByte], cells: Mapping[str, object]) -> Fault | None:
    if not bad:
        return None
    column = next((name for name, cell in cells.items() if isinstance(cell, str) and REPLACED in cell), None)
    remedy = "set `encoding` to the list's own (often cp1252), or mend the row"
    return Fault("UNDECODABLE", f"{_place(bad[0])}.", remedy, column)


def _place(bad: BadByte) -> str:
    return f"line {bad.line}: byte 0x{bad.byte:02x} at position {bad.position} is no {bad.encoding}"


def _jsonl(path: Path, name: str, settings: Settings) -> Sheet:
    columns: dict[str, None] = {}
    for line in Lines(path, name, settings.encoding):
        value = _json(line)
        columns |= dict.fromkeys(value if isinstance(value, dict) else ())
    return Sheet("jsonl", tuple(columns), lambda _: _jsonl_rows(Lines(path, name, settings.encoding), name))


def _jsonl_rows(lines: Lines, name: str) -> Iterator[Row]:
    for line in lines:
        if not line.strip():
            continue
        value = _json(line)
        if isinstance(value, dict):
            yield Row(lines.count, value, _undecoded(lines.bad, value))
        elif not lines.complete:
            raise BadInput(f"{name} ends in the middle of row {lines.count}.", AGAIN)
        else:
            fault = Fault("NOT_JSON", "the line is no JSON object.", "write one JSON object on each line")
            fault = _undecoded(lines.bad, {}) or fault
            yield Row(lines.count, {"line": line.strip()}, fault, shifted=True, swallowed=True)
        lines.bad.clear()


def _json(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _parquet(path: Path, name: str) -> Sheet:
    import pyarrow  # type: ignore[import-untyped]  # noqa: PLC0415  a third of a second, for one of three formats
    import pyarrow.parquet  # type: ignore[import-untyped]  # noqa: PLC0415

    def broken(error: Exception) -> BadInput:
        return BadInput(f"{name} is no whole Parquet file: {error}", AGAIN)

    def rows(wanted: Collection[str]) -> Iterator[Row]:
        number = 0
        try:
            with pyarrow.parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(BATCH, columns=sorted(wanted)):
                    for cells in batch.to_pylist():
                        number += 1
                        yield Row(number, {column: _known(cell) for column, cell in cells.items()})
        except (pyarrow.ArrowException, OSError) as error:
            raise broken(error) from error

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            return Sheet("parquet", tuple(file.schema_arrow.names), rows)
    except (pyarrow.ArrowException, OSError) as error:
        raise broken(error) from error


def _known(cell: object) -> object:
    # A NaN is how data frames write a missing number.
    return None if isinstance(cell, float) and cell != cell else cell  # noqa: PLR0124
