"""Reads the cells of a list as columns of texts: at once where it is clean, row by row where it is not."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.csv  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

from connectors.partner_list.sheets import Fault, Row, Sheet, Text, is_tail
from tandem.mapping.frames import TEXTS, stored

Advance = Callable[[int], None]
BLOCK = 1 << 23  # bytes of a CSV at once
ROWS = 1 << 16  # rows that are read one by one and then put into columns
TAIL = 64  # last rows among which the reader looks for totals and remarks
# What the careful reader has an opinion on: separators that Python strips as blanks, a lost character, and letters that
# were UTF-8 and read as another encoding (encodings.garbled), by their bytes.
_ODD = re.compile(rb"[\x00\x1c-\x1f]|\xef\xbf\xbd|\xc3[\x82-\x85](?:\xc2|\xe2|\xc5|\xc6|\xcb)|\xc3\xa2(?:\xe2|\xc2)")


@dataclass(frozen=True, slots=True)
class Misfit:
    """A row that is none by itself. `surplus`: cells behind the last column."""

    number: int
    fault: Fault
    cells: Mapping[str, object]
    surplus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cells:
    """`table` has a text for each cell, null where it is blank; `numbers` the row numbers as the reader counts them."""

    table: Any
    numbers: Any
    misfits: Sequence[Misfit] = ()


def cells(path: Path, found: Sheet, advance: Advance) -> Cells:
    """All cells of a list; `advance` is told how many rows were read. Raises `BadInput` as the reader does."""
    clean = None
    if len(set(found.columns)) == len(found.columns):
        if found.text is not None:
            clean = _csv(path, found.columns, found.text, advance)
        elif found.format == "parquet":
            clean = _parquet(path, found.columns)
    return _row_by_row(found, advance) if clean is None else clean


def _csv(path: Path, columns: tuple[str, ...], text: Text, advance: Advance) -> Cells | None:
    plain = text.data_line == 1 and text.encoding in {"utf-8", "utf-8-sig"} and text.delimiter.isascii()
    if not plain or len(columns) < 2 or _odd(path):
        return None
    read = pa.csv.ReadOptions(skip_rows=text.data_line, column_names=list(columns), block_size=BLOCK)
    parse = pa.csv.ParseOptions(delimiter=text.delimiter, newlines_in_values=True, ignore_empty_lines=False)
    convert = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(columns, TEXTS), strings_can_be_null=False, null_values=[]
    )
    parts, done = [], 0
    try:
        with pa.csv.open_csv(path, read, parse, convert) as batches:
            for batch in batches:
                parts.append(_stripped(pa.Table.from_batches([batch])))
                advance(batch.num_rows)
                done += batch.num_rows
    except pa.ArrowInvalid:  # a row of another width or a byte that is no UTF-8: the careful reader says where
        advance(-done)
        return None
    return _counted(pa.concat_tables(parts), columns, 2) if parts else None


def _odd(path: Path) -> bool:
    quotes = returns = ends = 0
    last = b""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        while chunk := file.read(BLOCK):
            quotes += chunk.count(b'"')
            returns += chunk.count(b"\r")
            ends += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            last = chunk[-1:]
        # An odd quote is one within a cell, or one that never closes, of which pyarrow says nothing.
        return quotes % 2 > 0 or returns != ends or _ODD.search(data) is not None


def _parquet(path: Path, columns: tuple[str, ...]) -> Cells | None:
    table = pa.parquet.read_table(path, columns=list(columns))
    for kind in table.schema.types:
        inner = kind.value_type if pa.types.is_dictionary(kind) else kind
        if not (pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_integer(inner)):
            return None
    texts = table.cast(pa.schema([(name, TEXTS) for name in columns]))
    if any(pc.any(pc.match_substring_regex(column, r"[\x00\x1c-\x1f]")).as_py() for column in texts.columns):
        return None
    return Cells(_stripped(texts), pa.array(range(1, len(texts) + 1)))


def _stripped(table: Any) -> Any:
    columns = [pc.utf8_trim_whitespace(column) for column in table.columns]
    columns = [pc.if_else(pc.equal(column, ""), pa.scalar(None, TEXTS), column) for column in columns]
    return pa.table(columns, table.column_names)


def _counted(table: Any, columns: tuple[str, ...], first: int) -> Cells | None:
    """Without blank rows; None if the last ones may be no accounts."""
    blank = pc.is_null(table.column(0))
    for column in table.columns[1:]:
        blank = pc.and_(blank, pc.is_null(column))
    numbers = pa.array(range(first, first + len(table)))
    last = table.slice(max(0, len(table) - TAIL)).to_pylist()
    if any(is_tail([row[name] or "" for name in columns], len(columns), after_blank=True) for row in last):
        return None
    if pc.any(blank).as_py():
        table, numbers = table.filter(pc.invert(blank)), numbers.filter(pc.invert(blank.combine_chunks()))
    return Cells(table, numbers)


def _row_by_row(found: Sheet, advance: Advance) -> Cells:
    parts: list[Any] = []
    numbers: list[int] = []
    misfits: list[Misfit] = []
    block: list[Row] = []

    def flush() -> None:
        data = [pa.array([stored(row.cells.get(name)) for row in block], TEXTS) for name in found.columns]
        parts.append(pa.table(data, list(found.columns)))
        numbers.extend(row.number for row in block)
        block.clear()

    for count, row in enumerate(found.rows(found.columns), 1):
        if row.fault:
            misfits.append(Misfit(row.number, row.fault, row.cells, row.surplus))
        else:
            block.append(row)
        if count % ROWS == 0:
            flush()
            advance(ROWS)
    flush()
    return Cells(pa.concat_tables(parts), pa.array(numbers, pa.int64()), misfits)
