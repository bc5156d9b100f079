"""What a list is to everybody who reads one: its columns, its rows, and what is odd about them; it opens no file."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from connectors.partner_list.settings import Format

REMARKED = 5  # rows that a remark names; all of them are counted


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row by itself; `column` is where, if it can be told."""

    code: str
    reason: str
    remedy: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with column to cell. `number` is as a spreadsheet counts: the header of a plain CSV is row 1.

    `shifted`: a cell may stand under another column's name. `swallowed`: it may hold other rows in itself. `surplus`
    are the cells behind the last column.
    """

    number: int
    cells: Mapping[str, object]
    fault: Fault | None = None
    shifted: bool = False
    swallowed: bool = False
    surplus: tuple[str, ...] = ()


@dataclass(slots=True)
class Remark:
    """Something odd that costs no row: the `count` rows with it, the first of them by number, what, and what to do."""

    reason: str
    remedy: str
    rows: list[int] = field(default_factory=list)
    count: int = 0

    def note(self, row: int) -> None:
        """One more row is like this."""
        self.count += 1
        if len(self.rows) < REMARKED:
            self.rows.append(row)

    def __str__(self) -> str:
        where = ", ".join(f"{row:,}" for row in self.rows) + (" ..." if self.count > len(self.rows) else "")
        rows = f" ({self.count:,} row{'s' * (self.count != 1)}: {where})" if self.count else ""
        return f"{self.reason}{rows} Remedy: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Text:
    """How a CSV is written. The first row of accounts begins behind `data_line` physical lines of the file."""

    encoding: str
    delimiter: str
    data_line: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list that can be read once. `rows` yields the cells of the wanted columns at least; `empty`: not a byte in it.

    `how` says in sentences how it is read and what of that is a guess. `remarks` are whole when the rows were read.
    Raises `BadInput` where the file ends within a row or is broken as a whole.
    """

    format: Format
    columns: tuple[str, ...]
    rows: Callable[[Collection[str]], Iterator[Row]]
    empty: bool = False
    how: tuple[str, ...] = ()
    remarks: list[Remark] = field(default_factory=list)
    text: Text | None = None
