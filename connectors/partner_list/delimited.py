"""CSV as people export it: encoding, separator and header found, each row checked; it never says what a column means."""

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from connectors.errors import BadInput
from connectors.partner_list import encodings
from connectors.partner_list.layout import LOOKED_AT, Layout, find, hits, is_tail, without_tail
from connectors.partner_list.lines import REPLACED, BadByte, Lines
from connectors.partner_list.rows import Fault, Remark, Row, Sheet, Text
from connectors.partner_list.settings import Settings

DELIMITERS = (",", ";", "\t", "|")
AGAIN = "ask for the list again, or wait until it is written; nothing was removed"
LONGEST = 100_000  # characters: a file of one endless line is no list, and a part of it says as much
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SEP = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)  # Excel's own line before the header


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written. `skip` are the physical lines before the first record, as Excel's `sep=;`."""

    encoding: str
    delimiter: str
    skip: int
    how: tuple[str, ...]


@dataclass(slots=True)
class _Raw:
    """One record and where it stood."""

    number: int
    cells: list[str]
    bad: list[BadByte]
    odd: bool
    span: int
    complete: bool
    after_blank: bool


class _Records:
    """The records of a CSV that have anything in them. Raises `BadInput` where the file ends within one."""

    def __init__(self, path: Path, name: str, form: Form) -> None:
        self.lines = Lines(path, name, form.encoding, form.skip)
        self._name = name
        self._reader = csv.reader(self.lines, delimiter=form.delimiter)

    def __iter__(self) -> Iterator[_Raw]:
        number, lines, blank = 0, self.lines, False
        while True:
            number, before = number + 1, self._reader.line_num
            lines.bad, lines.odd = [], False
            cells = self._next(number, before)
            if cells is None:
                return
            if any(map(str.strip, cells)):
                span = self._reader.line_num - before
                yield _Raw(number, cells, lines.bad, lines.odd, span, lines.complete, blank)
                blank = False
            else:
                blank = True

    def _next(self, number: int, before: int) -> list[str] | None:
        try:
            cells = next(self._reader, None)
        except csv.Error as error:
            reason = f"{self._name} row {number} (line {before + 1}) is no CSV: {error}."
            raise BadInput(reason, "mend the row, or set `delimiter`; nothing was removed") from error
        # A record that needed a line after the last one is within a quote that never closed.
        if cells is not None and self.lines.ended:
            reason = f"{self._name} ends within a quoted cell of row {number}, which begins on line {before + 1}."
            raise BadInput(reason, AGAIN)
        return cells


def form_of(path: Path, name: str, settings: Settings, known: Collection[str] | None) -> Form:
    """How a CSV is written, as the settings say or as it looks. Raises `BadInput`."""
    how = []
    encoding = settings.encoding
    if encoding == encodings.GUESSED:
        guess = encodings.guess(path)
        encoding = guess.encoding
        how.append(f"encoding {encoding.removesuffix('-sig')}: {guess.why}")
    head = [line[:LONGEST] for line in islice(Lines(path, name, encoding), 2 * LOOKED_AT)]
    stated = _SEP.fullmatch(head[0]) if head else None
    delimiter = settings.delimiter or (stated[1] if stated else _delimiter(head, known))
    if settings.delimiter is None:
        why = f"by its line {head[0].strip()!r}" if stated else "it splits the rows alike"
        how.append(f"separator {NAMES.get(delimiter, repr(delimiter))}: {why}")
    return Form(encoding, delimiter, 1 if stated else 0, tuple(how))


def read(path: Path, name: str, settings: Settings, known: Collection[str] | None) -> Sheet:
    """The list of a CSV; `known` as in `layout.find`. Raises `BadInput`."""
    form = form_of(path, name, settings, known)
    layout = find(_head(path, name, form), known)
    records = _Records(path, name, form)
    remarks = list(layout.remarks)
    rest, above = iter(records), _above(layout)
    for raw in rest:
        if raw.bad:
            reason = f"{name}: the column names do not decode: {_place(raw.bad[0])}."
            raise BadInput(reason, "set `encoding` to the list's own")
        if raw.number >= layout.skip:
            break
    text = Text(form.encoding, form.delimiter, form.skip + records.lines.count)
    how = form.how + above
    return Sheet("csv", layout.columns, lambda _: _rows(rest, name, layout, remarks), False, how, remarks, text)


def _head(path: Path, name: str, form: Form) -> list[list[str]]:
    """The first records, blank ones too. A fault in them is told when they are read for good."""
    found: list[list[str]] = []
    reader = csv.reader(Lines(path, name, form.encoding, form.skip), delimiter=form.delimiter)
    try:
        found.extend(islice(reader, LOOKED_AT))
    except csv.Error:
        return found
    return found


def _above(layout: Layout) -> tuple[str, ...]:
    return (f"column names in row {layout.names_at + 1}; what stands above is left out",) if layout.names_at else ()


def _delimiter(head: list[str], known: Collection[str] | None) -> str:
    """The one under which a row has the most known names of columns, most rows are equally wide, and they are widest."""

    def fitness(delimiter: str) -> tuple[int, float, int]:
        rows: list[list[str]] = []
        try:
            rows.extend(csv.reader(head, delimiter=delimiter))
        except csv.Error:
            rows = rows[:-1]
        widths = Counter(len(row) for row in rows if any(map(str.strip, row)))
        usual, count = max(widths.items(), key=lambda each: (each[1], each[0]), default=(1, 0))
        names = max((hits(row, known) for row in rows), default=0) if known else 0
        alike = count / widths.total() if usual > 1 else 0.0
        return names, alike, len(rows[0]) if rows and not alike else usual

    return max(DELIMITERS, key=fitness)


def _rows(records: Iterator[_Raw], name: str, layout: Layout, remarks: list[Remark]) -> Iterator[Row]:
    columns = layout.columns
    width = len(columns)
    notes = _Notes(remarks)

    def tail(raw: _Raw) -> bool:
        return is_tail(raw.cells, width, raw.after_blank)

    for raw in without_tail(records, tail, notes.left_out):
        record = raw.cells
        while len(record) > width and not record[-1].strip():
            record.pop()
        if len(record) < width and not raw.complete:
            reason = f"{name} ends in the middle of row {raw.number}: {len(record)} of {width} columns."
            raise BadInput(reason, AGAIN)
        cells: dict[str, object] = dict(zip(columns, record, strict=False))
        misfit = _misfit(len(record), width)
        if raw.odd:
            notes.look(raw, columns)
        fault = misfit or undecoded(raw.bad, cells)
        swallowed, surplus = misfit is not None and raw.span > 1, tuple(record[width:])
        yield Row(raw.number, cells, fault, misfit is not None, swallowed, surplus)


class _Notes:
    """Remarks on rows, each kind once."""

    def __init__(self, remarks: list[Remark]) -> None:
        self._remarks = remarks
        self._found: dict[str, Remark] = {}

    def look(self, raw: _Raw, columns: tuple[str, ...]) -> None:
        """Note cells that were read with a wrong encoding before, or lost characters in an export."""
        for column, cell in zip(columns, raw.cells, strict=False):
            if REPLACED in cell and not raw.bad:
                reason = f"the column {column!r} holds the sign for a lost character, as in {cell[:40]!r}."
                self._note(
                    f"lost {column}", reason, "export the list anew: the file itself no longer has it", raw.number
                )
            elif meant := encodings.garbled(cell):
                reason = f"the column {column!r} looks read with a wrong encoding: {cell[:40]!r} may be {meant[:40]!r}."
                remedy = "set `encoding` to utf-8 if it is set to another; else export the list anew as UTF-8"
                self._note(f"garbled {column}", reason, remedy, raw.number)

    def left_out(self, held: list[_Raw]) -> None:
        """Note the rows at the end that are totals or remarks."""
        first = next(cell.strip() for cell in held[0].cells if cell.strip())
        reason = f"rows at the end look like totals or remarks and are left out, as {first[:40]!r}."
        for raw in held:
            self._note("tail", reason, "delete them from the list, or give them the cells of an account", raw.number)

    def _note(self, kind: str, reason: str, remedy: str, row: int) -> None:
        if kind not in self._found:
            self._found[kind] = Remark(reason, remedy)
            self._remarks.append(self._found[kind])
        self._found[kind].note(row)


def _misfit(found: int, width: int) -> Fault | None:
    if found == width:
        return None
    many = "many" if found > width else "few"
    remedy = "quote the cells that hold the delimiter or a quote, and write empty cells too"
    return Fault(f"TOO_{many.upper()}_COLUMNS", f"too {many} columns: {found} of {width}.", remedy)


def undecoded(bad: list[BadByte], cells: dict[str, object]) -> Fault | None:
    """The fault of a row with bytes that are none of the encoding's."""
    if not bad:
        return None
    column = next((name for name, cell in cells.items() if isinstance(cell, str) and REPLACED in cell), None)
    remedy = "set `encoding` to the list's own (often cp1252), or mend the row"
    return Fault("UNDECODABLE", f"{_place(bad[0])}.", remedy, column)


def _place(bad: BadByte) -> str:
    return f"line {bad.line}: byte 0x{bad.byte:02x} at position {bad.position} is no {bad.encoding}"
