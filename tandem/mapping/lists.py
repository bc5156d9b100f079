"""Reads one list of accounts: columns found, rows that cannot be used set aside; it never compares two accounts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from connectors.errors import BadInput
from connectors.partner_list.sheets import Fault, Remark, Sheet, spellings
from mappings.columns import Columns
from mappings.converters import Choice, Text
from mappings.errors import ColumnError, RowError, UnconvertibleError, nearest
from mappings.table import ID, EntityMap
from schemas.entities import Population
from tandem.mapping.files import Source, in_words_of, opened
from tandem.mapping.frames import TEXTS, Frame, cell, takes_all, typed
from tandem.mapping.sheets import Advance, Cells, cells

TEXT = Text()
POPULATION = "population"
SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be used. `surplus` are the cells behind the last column."""

    file: str
    row: int
    fault: Fault
    cells: Mapping[str, object]
    surplus: tuple[str, ...] = ()


@dataclass
class AccountList:
    """One list, read. `samples` are the first different cells of each used column; `unknown` counts population values
    that mean nothing here and so count as the mapping's default; `how` and `remarks` are the reader's."""

    source: Source
    columns: Columns
    accounts: Frame
    rows: int = 0
    refused: list[Refused] = field(default_factory=list)
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    how: tuple[str, ...] = ()
    remarks: list[Remark] = field(default_factory=list)

    @property
    def numbered(self) -> bool:
        """Whether row numbers stand for ids, because the list has none."""
        return ID not in self.columns.used

    def population(self, account_id: str) -> Population:
        """Where an account stands with its holder."""
        return self.populations[self.accounts.row(account_id)]

    @cached_property
    def populations(self) -> list[Population]:
        """Where each account stands with its holder, by row."""
        known = {each.value: each for each in Population}
        found = self.accounts.column(POPULATION, pa.array(range(len(self.accounts))))
        return [known[value] for value in found]


def read(source: Source, table: EntityMap, advance: Advance = lambda _: None) -> AccountList:
    """The list of a file; `advance` is told of rows that were read. Raises `BadInput`, `ConfigError`."""
    found = opened(source, spellings(table, source.columns))
    columns = _columns(source, table, found)
    with in_words_of(source):
        checked = _Checked(source, table, columns, cells(source.path, found, advance))
    refused = sorted(checked.refused(), key=lambda each: each.row)
    accounts = checked.accounts
    rows = len(accounts) + len(refused)
    if not rows:
        raise BadInput(f"{source.name} has column names but no rows.", "put the accounts below them")
    if not len(accounts):
        first = refused[0]
        reason = f"none of the {rows:,} rows of {source.name} can be used; row {first.row}: {first.fault.reason}"
        raise BadInput(reason, first.fault.remedy)
    unknown, samples = checked.unknown(), checked.samples()
    return AccountList(source, columns, accounts, rows, refused, samples, unknown, found.how, found.remarks)


def _columns(source: Source, table: EntityMap, found: Sheet) -> Columns:
    option = f"--{source.side}-column"
    try:
        columns = table.match_columns(found.columns, source.columns)
    except ColumnError as error:
        raise BadInput(f"{source.name}: {error.reason}", f"{error.remedy} ({option} FIELD=COLUMN)") from error
    lacking = [name for name in columns.lacking if name != ID]
    if lacking:
        listed = ", ".join(map(repr, found.columns))
        raise BadInput(
            f"{source.name} has no column for {lacking[0]!r}; its columns are {listed}.",
            f"name it: {option} {lacking[0]}=COLUMN ({nearest(lacking[0], found.columns)})",
        )
    return columns


@dataclass
class _Checked:
    """Sorts the rows of a list into accounts and refused ones: all at once, and what looks wrong one by one."""

    source: Source
    table: EntityMap
    columns: Columns
    read: Cells

    @cached_property
    def ids(self) -> Any:
        """The id of each row, null where it has none that is a text or a number."""
        if ID not in self.columns.used:
            return pa.chunked_array([self.read.numbers.cast(TEXTS)])
        ids = self.read.table[self.columns.used[ID]]
        if not typed(ids):
            return ids
        return pa.chunked_array([pa.array([_canonical(text) for text in ids.to_pylist()], TEXTS)])

    @cached_property
    def unusable(self) -> Any:
        """Which rows have no id, lack what they need, or hold what their column cannot mean."""
        found = pc.is_null(self.ids)
        for name in self.table.required:
            found = pc.or_(found, pc.is_null(self.read.table[self.columns.used[name]]))
        for name, column in self.columns.used.items():
            if name != ID and (bad := self.senseless(name, self.read.table[column])):
                found = pc.or_(found, pc.is_in(self.read.table[column], value_set=pa.array(bad, TEXTS)))
        return found

    def senseless(self, name: str, texts: Any) -> list[str]:
        """The different cells of a column that its converter refuses."""
        converter, bad = self.table.fields[name].converter, []
        if takes_all(converter) and not typed(texts):
            return []
        for text in pc.unique(texts).drop_null().to_pylist():
            try:
                converter.to_canonical(cell(text))
            except UnconvertibleError:
                bad.append(text)
        return bad

    @cached_property
    def first(self) -> Any:
        """Which rows are accounts: usable, and the first of their id."""
        rows = pa.array(range(len(self.read.table)))
        usable = pa.table({"row": rows, "id": self.ids}).filter(pc.invert(self.unusable))
        if pc.count_distinct(usable["id"]).as_py() == len(usable):
            return usable["row"]
        return usable.group_by("id", use_threads=False).aggregate([("row", "min")])["row_min"].sort()

    @cached_property
    def accounts(self) -> Frame:
        """The accounts."""
        mapped = {name: self.read.table[column] for name, column in self.columns.used.items() if name != ID}
        whole = pa.table({**mapped, "": self.ids})
        if len(self.first) < len(whole):
            whole = whole.take(self.first)
        whole = whole.combine_chunks()
        return Frame(self.table, whole[""], whole.drop([""]))

    def refused(self) -> Iterator[Refused]:
        """The other rows, each with what is wrong with it."""
        for misfit in self.read.misfits:
            fault = self.in_words_of_options(misfit.fault)
            yield Refused(self.source.name, misfit.number, fault, misfit.cells, misfit.surplus)
        if len(self.first) == len(self.read.table):
            return
        taken = set(self.first.to_pylist())
        rows = [row for row in range(len(self.read.table)) if row not in taken]
        earlier = self.accounts.rows
        places = self.first.to_pylist()
        for row, held in zip(rows, self.read.table.take(pa.array(rows)).to_pylist(), strict=True):
            account_id = self.ids[row].as_py()
            before = account_id in earlier and places[earlier[account_id]] < row
            whole = {column: "" if text is None else cell(text) for column, text in held.items()}
            yield Refused(
                self.source.name, self.read.numbers[row].as_py(), self.fault(whole, account_id, before), whole
            )

    def fault(self, cells: Mapping[str, object], account_id: str | None, before: bool) -> Fault:
        """What is wrong with a row, `before` which another had its id."""
        used = self.columns.used
        for name in self.table.required:
            if cells[used[name]] == "":
                return Fault(
                    "REQUIRED_FIELD_MISSING", f"{used[name]!r} is empty.", f"fill in {used[name]!r}", used[name]
                )
        if account_id is None:
            return Fault("NO_ID", "the row has no id.", f"fill in {used[ID]!r}", used[ID])
        if before:
            remedy = f"give each row its own {used[ID]!r}, or remove the row"
            return Fault("DUPLICATE_ID", f"an earlier row has the id {account_id!r}; that one counts.", remedy)
        try:
            self.table.to_canonical({vendor: cells[column] for vendor, column in self.columns.rows.items()})
        except RowError as error:
            column = used.get(error.field, error.field)
            return Fault("UNCONVERTIBLE", f"{column!r}: {error.reason}", error.remedy, column)
        raise AssertionError(f"{account_id!r} was refused for nothing")

    def in_words_of_options(self, fault: Fault) -> Fault:
        """The reader speaks of settings; here they are options."""
        if fault.code != "UNDECODABLE":
            return fault
        remedy = f"name the list's own encoding (often --{self.source.side}-encoding cp1252), or mend the row"
        return Fault(fault.code, fault.reason, remedy, fault.column)

    def samples(self) -> dict[str, tuple[str, ...]]:
        """The first different cells of each used column."""
        return {column: seen for column in self.columns.used.values() if (seen := _some(self.read.table[column]))}

    def unknown(self) -> Counter[str]:
        """Populations of accounts that the mapping has no word for, with how many accounts have them."""
        choice = self.table.fields[POPULATION].converter
        if POPULATION not in self.accounts.cells.column_names or not isinstance(choice, Choice):
            return Counter()
        known = {spelling.strip().casefold() for spelling in choice.values}
        counts = pc.value_counts(self.accounts.cells[POPULATION]).to_pylist()
        spelled = ((str(cell(each["values"])), each["counts"]) for each in counts if each["values"] is not None)
        return Counter({text: count for text, count in spelled if text.strip().casefold() not in known})


def _some(texts: Any) -> tuple[str, ...]:
    seen: Sequence[str] = (
        pc.unique(texts.slice(0, 1000)).drop_null().to_pylist() or pc.unique(texts).drop_null().to_pylist()
    )
    return tuple(str(cell(text)) for text in seen[:SAMPLES])


def _canonical(text: str | None) -> str | None:
    try:
        return None if text is None else str(TEXT.to_canonical(cell(text)))
    except UnconvertibleError:
        return None
