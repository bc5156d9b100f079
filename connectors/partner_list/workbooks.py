"""Excel and OpenDocument workbooks as lists: the sheet that looks like accounts; it never runs a formula.

A cell whose formula failed, as `#N/A`, comes as an empty one: the library tells no more.
"""

import datetime
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.errors import BadInput
from connectors.partner_list.layout import LOOKED_AT, Layout, find, hits, is_tail, without_tail
from connectors.partner_list.rows import Fault, Remark, Row, Sheet
from mappings.columns import simplify
from mappings.errors import nearest

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

LARGEST = 4 << 30  # bytes unpacked: a million rows of accounts are half of that, and a bomb is more
Grid = list[str]


@dataclass(slots=True)
class _Found:
    sheet: "CalamineSheet"
    layout: Layout
    names: int


@dataclass(frozen=True, slots=True)
class _Raw:
    number: int
    cells: list[object]
    after_blank: bool


def read(path: Path, name: str, wanted: str | None, known: Collection[str] | None) -> Sheet:
    """The list of a workbook; `wanted` names its sheet. Raises `BadInput`."""
    import python_calamine as calamine  # noqa: PLC0415  most lists are text

    _refuse_bombs(path, name)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        names = [wanted] if wanted is not None else _visible(book)
        found = [_look(book, _existing(book, each, name), known) for each in names]
    except calamine.PasswordError as error:
        raise BadInput(f"{name} has a password.", "save it without one") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise BadInput(f"{name} is no whole workbook: {error}", "open it, save it anew, or save it as CSV") from error
    full = [each for each in found if each.layout.columns]
    if not full:
        return Sheet("excel", (), lambda _: iter(()), empty=True)
    best = max(full, key=lambda each: (each.names, each.sheet.total_height))
    remarks = list(best.layout.remarks)
    how = _how(best, book.sheet_names, wanted)
    return Sheet("excel", best.layout.columns, lambda _: _rows(best, remarks), False, how, remarks)


def _refuse_bombs(path: Path, name: str) -> None:
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(each.file_size for each in packed.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise BadInput(f"{name} is no whole workbook: {error}", "open it, save it anew, or save it as CSV") from error
    if size > LARGEST:
        raise BadInput(f"{name} unpacks to {size / 1e9:,.1f} GB.", "save the sheet of the accounts as CSV UTF-8")


def _visible(book: "CalamineWorkbook") -> list[str]:
    shown = [each.name for each in book.sheets_metadata if str(each.visible).endswith("Visible")]
    return [each for each in book.sheet_names if each in shown] or list(book.sheet_names)


def _existing(book: "CalamineWorkbook", wanted: str, name: str) -> str:
    same = [each for each in book.sheet_names if each == wanted or simplify(each) == simplify(wanted)]
    if not same:
        raise BadInput(f"{name} has no sheet {wanted!r}.", nearest(wanted, book.sheet_names))
    return same[0]


def _look(book: "CalamineWorkbook", sheet_name: str, known: Collection[str] | None) -> _Found:
    sheet = book.get_sheet_by_name(sheet_name)
    head = [[_text(cell) for cell in row] for row in islice(sheet.iter_rows(), LOOKED_AT)]
    layout = find(head, known)
    return _Found(sheet, layout, hits(layout.columns, known or ()))


def _how(best: _Found, names: list[str], wanted: str | None) -> tuple[str, ...]:
    others = [each for each in names if each != best.sheet.name]
    chosen = "as asked" if wanted is not None else "its columns look most like accounts" if others else "the only one"
    how = [f"sheet {best.sheet.name!r}: {chosen}" + (f"; others are {', '.join(map(repr, others))}" if others else "")]
    if best.layout.names_at:
        how.append(f"column names in row {best.layout.names_at + 1}; what stands above is left out")
    return tuple(how)


def _rows(found: _Found, remarks: list[Remark]) -> Iterator[Row]:
    columns = found.layout.columns
    width = len(columns)

    def tail(raw: _Raw) -> bool:
        return is_tail([_text(cell) for cell in raw.cells], width, raw.after_blank)

    def left_out(held: list[_Raw]) -> None:
        first = next(text for cell in held[0].cells if (text := _text(cell)))
        reason = f"rows at the end look like totals or remarks and are left out, as {first[:40]!r}."
        remark = Remark(reason, "delete them from the list, or give them the cells of an account")
        for raw in held:
            remark.note(raw.number)
        remarks.append(remark)

    for raw in without_tail(_records(found), tail, left_out):
        beyond = [text for cell in raw.cells[width:] if (text := _text(cell))]
        cells = {column: _cell(value) for column, value in zip(columns, raw.cells, strict=False)}
        fault = None
        if beyond:
            reason = f"cells stand beyond the last column: {beyond[0][:40]!r}."
            fault = Fault("TOO_MANY_COLUMNS", reason, "give the column a name, or delete them")
        yield Row(raw.number, cells, fault, surplus=tuple(beyond))


def _records(found: _Found) -> Iterator[_Raw]:
    blank = False
    for number, row in enumerate(found.sheet.iter_rows(), 1):
        if number <= found.layout.skip:
            continue
        if any(cell != "" for cell in row):
            yield _Raw(number, list(row), blank)
        blank = all(cell == "" for cell in row)


def _cell(value: object) -> object:
    """A number that is whole is one: a workbook keeps the id 10115 as 10115.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return str(value)
    return None if value == "" else value


def _text(value: object) -> str:
    cell = _cell(value)
    return "" if cell is None else str(cell).strip()
