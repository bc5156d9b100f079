"""Which column of a list serves which field, whatever its case, blanks and punctuation; it never reads a row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mappings.errors import ColumnError, nearest


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one list. `used` is canonical field (or `id`) to column; `rows` is vendor field to column.

    `missing` are the fields without a column, `lacking` those of them that a record cannot do without.
    """

    used: Mapping[str, str]
    rows: Mapping[str, str]
    unused: tuple[str, ...]
    missing: tuple[str, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One field that a list may serve: its canonical name, the vendor's name and other spellings of it."""

    name: str
    vendor: str
    aliases: tuple[str, ...] = ()
    required: bool = False

    @property
    def spellings(self) -> tuple[str, ...]:
        """All spellings, simplified, the table's own first."""
        return tuple(dict.fromkeys(simplify(each) for each in (self.vendor, *self.aliases)))


def simplify(name: str) -> str:
    """A column name without case, blanks and punctuation: `Postal-Code ` is `postalcode`."""
    return "".join(character for character in name.casefold() if character.isalnum())


def match(wanted: Iterable[Wanted], columns: Sequence[str], named: Mapping[str, str]) -> Columns:
    """Columns that are named come first; the others are found by spelling. Raises `ColumnError`."""
    fields = tuple(wanted)
    used = _named({field.name for field in fields}, columns, named)
    taken = set(used.values())
    for field in fields:
        column = None if field.name in used else _find(field, [each for each in columns if each not in taken])
        if column is not None:
            used[field.name] = column
            taken.add(column)
    return Columns(
        used=used,
        rows={field.vendor: used[field.name] for field in fields if field.name in used},
        unused=tuple(column for column in columns if column not in taken),
        missing=tuple(field.name for field in fields if field.name not in used),
        lacking=tuple(field.name for field in fields if field.required and field.name not in used),
    )


def _named(known: set[str], columns: Sequence[str], named: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, column in named.items():
        if name not in known:
            raise ColumnError(f"no field is called {name!r}.", nearest(name, known), key=name)
        same = [each for each in columns if each == column]
        same = same or [each for each in columns if simplify(each) == simplify(column)]
        if not same:
            raise ColumnError(f"the list has no column {column!r}.", nearest(column, columns), key=name)
        found[name] = _only(same, name)
    return found


def _find(field: Wanted, columns: Sequence[str]) -> str | None:
    for spelling in field.spellings:
        same = [column for column in columns if simplify(column) == spelling]
        if same:
            return _only(same, field.name)
    return None


def _only(same: Sequence[str], name: str) -> str:
    if len(same) > 1:
        raise ColumnError(
            f"the columns {', '.join(map(repr, same))} could all be {name!r}.",
            f"name the right one as the column of {name!r}, or give the columns of the list different names",
            key=name,
        )
    return same[0]
