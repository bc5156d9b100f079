"""Lists as rows: CSV, workbooks, JSON lines and Parquet, each read in one stream; it never says what a column means."""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import assert_never

from connectors.errors import BadInput
from connectors.partner_list import delimited, encodings, workbooks
from connectors.partner_list.delimited import AGAIN, DELIMITERS
from connectors.partner_list.layout import is_tail
from connectors.partner_list.lines import Lines
from connectors.partner_list.rows import Fault, Remark, Row, Sheet, Text
from connectors.partner_list.settings import Format, Settings
from mappings.columns import simplify
from mappings.converters import Choice
from mappings.table import EntityMap

__all__ = [
    "DELIMITERS", "ENDINGS", "Fault", "Remark", "Row", "Sheet", "Text", "format_of", "is_tail", "sheet", "spellings",
]  # fmt: skip

ENDINGS: Mapping[str, Format] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".parquet": "parquet", ".pq": "parquet",
    ".xlsx": "excel", ".xlsm": "excel", ".xls": "excel", ".xlsb": "excel", ".ods": "excel",
}  # fmt: skip
BATCH = 1024


def sheet(path: Path, name: str, settings: Settings, known: Collection[str] | None = None) -> Sheet:
    """The list of a file. `known`, of `spellings`, lets it find the column names below a title, and the right sheet of
    a workbook; without it the first row that is not blank has the names. Raises `BadInput`."""
    kind = settings.format or format_of(name)
    if path.stat().st_size == 0:
        return Sheet(kind, (), lambda _: iter(()), empty=True)
    if kind == "csv":
        return delimited.read(path, name, settings, known)
    if kind == "excel":
        return workbooks.read(path, name, settings.sheet, known)
    if kind == "jsonl":
        return _jsonl(path, name, settings)
    if kind == "parquet":
        return _parquet(path, name)
    assert_never(kind)


def spellings(table: EntityMap, named: Mapping[str, str]) -> frozenset[str]:
    """The names of columns that mean something for a table, simplified. Words that also stand in cells say nothing."""
    fields = table.fields.values()
    names = {name for each in fields for name in (each.vendor, *each.aliases)}
    names |= {table.id_field or "", *table.id_aliases}
    cells = {simplify(word) for each in fields if isinstance(each.converter, Choice) for word in each.converter.values}
    return (frozenset(map(simplify, names)) - cells - {""}) | {simplify(column) for column in named.values()}


def format_of(name: str) -> Format:
    """The format that a file's name tells. Raises `BadInput`."""
    ending = Path(name).suffix.lower()
    if ending not in ENDINGS:
        remedy = "set `format` to csv, excel, jsonl or parquet"
        raise BadInput(f"the name {name!r} does not say how the list is written.", remedy)
    return ENDINGS[ending]


def _jsonl(path: Path, name: str, settings: Settings) -> Sheet:
    columns: dict[str, None] = {}
    encoding = settings.encoding
    how: tuple[str, ...] = ()
    if encoding == encodings.GUESSED:
        guess = encodings.guess(path)
        encoding, how = guess.encoding, (f"encoding {guess.encoding.removesuffix('-sig')}: {guess.why}",)
    for line in Lines(path, name, encoding):
        value = _json(line)
        columns |= dict.fromkeys(value if isinstance(value, dict) else ())
    return Sheet("jsonl", tuple(columns), lambda _: _jsonl_rows(Lines(path, name, encoding), name), False, how)


def _jsonl_rows(lines: Lines, name: str) -> Iterator[Row]:
    for line in lines:
        if not line.strip():
            continue
        value = _json(line)
        if isinstance(value, dict):
            yield Row(lines.count, value, delimited.undecoded(lines.bad, value))
        elif not lines.complete:
            raise BadInput(f"{name} ends in the middle of row {lines.count}.", AGAIN)
        else:
            fault = Fault("NOT_JSON", "the line is no JSON object.", "write one JSON object on each line")
            fault = delimited.undecoded(lines.bad, {}) or fault
            yield Row(lines.count, {"line": line.strip()}, fault, shifted=True, swallowed=True)
        lines.bad.clear()


def _json(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _parquet(path: Path, name: str) -> Sheet:
    import pyarrow  # type: ignore[import-untyped]  # noqa: PLC0415  a third of a second, for one of four formats
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
