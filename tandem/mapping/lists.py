"""Reads one list of accounts: columns found, rows that cannot be used set aside; it never compares two accounts."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from connectors.errors import BadInput
from connectors.partner_list.sheets import Fault, Row, Sheet
from mappings.columns import Columns
from mappings.converters import Choice, Text, is_blank
from mappings.errors import ColumnError, RowError, UnconvertibleError, nearest
from mappings.table import ID, EntityMap
from schemas.entities import Account
from streams.matching.features import Features, features
from tandem.mapping.files import Source, in_words_of, opened, surplus

TEXT = Text()
POPULATION = "population"
TOO_MANY = "TOO_MANY_COLUMNS"


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be used. `surplus` are the cells behind the last column."""

    file: str
    row: int
    fault: Fault
    cells: Mapping[str, object]
    surplus: tuple[str, ...] = ()


@dataclass(slots=True)
class AccountList:
    """One list, read. `samples` is a cell of each used column; `unknown` counts population values that mean nothing
    here and so count as the mapping's default."""

    source: Source
    columns: Columns
    rows: int = 0
    accounts: dict[str, Account] = field(default_factory=dict)
    features: dict[str, Features] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    samples: dict[str, str] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def numbered(self) -> bool:
        """Whether row numbers stand for ids, because the list has none."""
        return ID not in self.columns.used


def read(source: Source, table: EntityMap, each: Callable[[Iterable[Row]], Iterable[Row]] = iter) -> AccountList:
    """The list of a file; `each` passes the rows on and may count them. Raises `BadInput`, `ConfigError`."""
    found = opened(source)
    reading = _Reading(table, AccountList(source, _columns(source, table, found)))
    whole = reading.whole
    with in_words_of(source):
        for row in each(found.rows(found.columns)):
            reading.take(row)
        wide = {refused.row for refused in whole.refused if refused.fault.code == TOO_MANY}
        beyond = surplus(source, found.columns, wide)
    whole.refused = [replace(refused, surplus=beyond.get(refused.row, ())) for refused in whole.refused]
    if not whole.rows:
        raise BadInput(f"{source.name} has column names but no rows.", "put the accounts below them")
    if not whole.accounts:
        first = whole.refused[0]
        reason = f"none of the {whole.rows:,} rows of {source.name} can be used; row {first.row}: {first.fault.reason}"
        raise BadInput(reason, first.fault.remedy)
    return whole


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
class _Reading:
    table: EntityMap
    whole: AccountList

    def take(self, row: Row) -> None:
        whole = self.whole
        whole.rows += 1
        for column in whole.columns.used.values():
            if column not in whole.samples and not is_blank(row.cells.get(column)):
                whole.samples[column] = str(row.cells[column])
        found = self.account(row)
        if isinstance(found, Fault):
            whole.refused.append(Refused(whole.source.name, row.number, found, row.cells))
        else:
            account_id, account = found
            whole.accounts[account_id], whole.features[account_id] = account, features(account)
            self.note_population(row)

    def account(self, row: Row) -> tuple[str, Account] | Fault:
        used = self.whole.columns.used
        fault, account_id = row.fault or self.lacks(row), self.id(row)
        if fault is not None:
            return self.in_words_of_options(fault)
        if account_id is None:
            return Fault("NO_ID", "the row has no id.", f"fill in {used[ID]!r}", used[ID])
        if account_id in self.whole.accounts:
            remedy = f"give each row its own {used[ID]!r}, or remove the row"
            return Fault("DUPLICATE_ID", f"an earlier row has the id {account_id!r}; that one counts.", remedy)
        cells = {vendor: row.cells.get(column) for vendor, column in self.whole.columns.rows.items()}
        try:
            account = self.table.to_canonical(cells)
        except RowError as error:
            column = used.get(error.field, error.field)
            return Fault("UNCONVERTIBLE", f"{column!r}: {error.reason}", error.remedy, column)
        assert isinstance(account, Account)  # noqa: S101 - the table is the one of accounts
        return account_id, account

    def id(self, row: Row) -> str | None:
        if self.whole.numbered:
            return str(row.number)
        value = row.cells.get(self.whole.columns.used[ID])
        try:
            return None if is_blank(value) else str(TEXT.to_canonical(value))
        except UnconvertibleError:
            return None

    def lacks(self, row: Row) -> Fault | None:
        for name in self.table.required:
            column = self.whole.columns.used[name]
            if is_blank(row.cells.get(column)):
                return Fault("REQUIRED_FIELD_MISSING", f"{column!r} is empty.", f"fill in {column!r}", column)
        return None

    def in_words_of_options(self, fault: Fault) -> Fault:
        if fault.code != "UNDECODABLE":
            return fault
        remedy = f"name the list's own encoding (often --{self.whole.source.side}-encoding cp1252), or mend the row"
        return replace(fault, remedy=remedy)

    def note_population(self, row: Row) -> None:
        column = self.whole.columns.used.get(POPULATION)
        spelling = "" if column is None or is_blank(row.cells.get(column)) else str(row.cells[column]).strip()
        if spelling and self.known_populations and spelling.casefold() not in self.known_populations:
            self.whole.unknown[spelling] += 1

    @cached_property
    def known_populations(self) -> frozenset[str]:
        choice = self.table.fields[POPULATION].converter
        spellings = choice.values if isinstance(choice, Choice) else ()
        return frozenset(spelling.strip().casefold() for spelling in spellings)
