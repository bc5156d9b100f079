"""Reads the list of one side, as `tandem map` reads it; it never writes anything but what it tells on stderr."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mappings.loader import load
from tandem.blind.options import GUESSED
from tandem.mapping import show
from tandem.mapping.engine import ROWS, Held, held
from tandem.mapping.files import Source
from tandem.mapping.lists import AccountList, read
from tandem.settings import ConfigError


@dataclass(frozen=True, slots=True)
class ListAsked:
    """A list and how to read it, as the options say. `side` is how those options begin."""

    path: Path
    side: str = "list"
    columns: Sequence[str] = field(default_factory=tuple)
    encoding: str = GUESSED
    delimiter: str | None = None
    sheet: str | None = None


def read_list(asked: ListAsked) -> AccountList:
    """The list, with what was understood of it and what could not be used told on stderr. Raises as `lists.read`."""
    to, table = show.console(stderr=True), load("partner_list")["account"]
    source = Source(asked.path, asked.side, _named(asked), asked.encoding, asked.delimiter, asked.sheet)
    with show.progress(to) as bar:
        task = bar.add_task(f"reading {source.name}", total=None)
        found = read(source, table, lambda rows: bar.advance(task, rows))
    show.columns(to, (found,), table)
    show.refused(to, found, False)
    return found


def accounts_of(listed: AccountList) -> Iterator[tuple[str, Held]]:
    """The accounts by id, as matching reads them, in the order of the list."""
    frame = listed.accounts
    for low in range(0, len(frame), ROWS):
        yield from zip(frame.ids[low : low + ROWS].to_pylist(), held(frame, low, low + ROWS), strict=True)


def _named(asked: ListAsked) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for option in asked.columns:
        name, equals, column = (part.strip() for part in option.partition("="))
        if not (name and equals and column):
            raise ConfigError(
                f"--{asked.side}-column {option!r} is no pair. Remedy: write FIELD=COLUMN, as name=Company"
            )
        found[name] = column
    return found
