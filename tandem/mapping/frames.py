"""The accounts of a list in columns, each built only when it is asked for; it never decides which rows are accounts."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from mappings.converters import Choice, Text
from mappings.table import EntityMap
from schemas.entities import Account

TYPED = "\x00"  # before a cell that was no text, as JSON
TEXTS = pa.string()


@dataclass
class Frame(Mapping[str, Account]):
    """Id to account. `cells` has a text column for each mapped field that the list has: stripped, null if blank."""

    table: EntityMap
    ids: Any  # texts
    cells: Any  # a table, named by canonical field

    def __getitem__(self, account_id: str) -> Account:
        """The account of this id, built anew each time."""
        return self.account(self.row(account_id))

    def __contains__(self, account_id: object) -> bool:
        """Whether there is such an account; it is not built."""
        return account_id in self.known or account_id in self.rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, account_id: str) -> int:
        """The row of an id."""
        found = self.known.get(account_id)
        return self.rows[account_id] if found is None else found

    @cached_property
    def known(self) -> dict[str, int]:
        """Rows of ids that are asked for again and again; the others take 150 MB a million."""
        return {}

    @cached_property
    def rows(self) -> dict[str, int]:
        """Id to the row that it stands in, in the order of the list."""
        return {account_id: row for row, account_id in enumerate(self.ids.to_pylist())}

    def id(self, row: int) -> str:
        """The id in a row."""
        return str(self.ids[row].as_py())

    def account(self, row: int) -> Account:
        """The account in a row."""
        fields = self.table.fields
        cells = {fields[name].vendor: cell(self.cells[name][row].as_py()) for name in self.cells.column_names}
        account = self.table.to_canonical(cells)
        assert isinstance(account, Account)  # noqa: S101 - the table is the one of accounts
        return account

    def of(self, name: str, ids: Iterable[str]) -> list[Any]:
        """The canonical values of one field of these accounts."""
        return self.column(name, pa.array([self.row(account_id) for account_id in ids], pa.int64()))

    def column(self, name: str, rows: Any) -> list[Any]:
        """The canonical values of one field in these rows; each different cell is read once."""
        each = self.table.fields[name]
        if name not in self.cells.column_names:
            return [each.converter.when_blank] * len(rows)
        taken = self.cells[name].take(rows)
        return values(each.converter, taken)


def values(converter: Any, texts: Any) -> list[Any]:
    """What cells mean, canonically."""
    found: list[Any] = texts.to_numpy(zero_copy_only=False).tolist()
    if type(converter) is Text and not typed(texts):
        return found
    known: dict[str | None, Any] = {None: converter.when_blank}
    for text in found:
        if text not in known:
            known[text] = converter.to_canonical(cell(text))
    return [known[text] for text in found]


def typed(texts: Any) -> bool:
    """Whether a cell was no text."""
    return bool(pc.any(pc.starts_with(texts, TYPED)).as_py())


def stored(value: object) -> str | None:
    """A cell as the frame holds it."""
    if isinstance(value, str):
        return value.strip() or None
    return None if value is None else TYPED + json.dumps(value, default=str, ensure_ascii=False)


def cell(text: str | None) -> object:
    """The inverse of `stored`, but for blanks around a text."""
    return json.loads(text[1:]) if text and text.startswith(TYPED) else text


def takes_all(converter: object) -> bool:
    """Whether every text means something to it."""
    return type(converter) is Text or (isinstance(converter, Choice) and converter.default is not None)
