"""Opens the files of the command line with the connector's readers; it never knows what a column means."""

import csv
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from connectors.errors import BadInput
from connectors.partner_list.lines import Lines
from connectors.partner_list.settings import Settings
from connectors.partner_list.sheets import DELIMITERS, ENDINGS, Sheet, sheet
from tandem.settings import ConfigError


@dataclass(frozen=True, slots=True)
class Source:
    """A file and how to read it. `side` is how its options begin: `ours` or `partner`, or nothing if it has none."""

    path: Path
    side: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8-sig"
    delimiter: str | None = None

    @property
    def name(self) -> str:
        """What the file is called in messages: the path as it was given."""
        return str(self.path)

    @property
    def settings(self) -> Settings:
        """As the reader takes them. Raises `ConfigError`."""
        try:
            return Settings(path=self.name, encoding=self.encoding, delimiter=self.delimiter)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise ConfigError(f"--{self.side}-{first['loc'][0]}: {first['msg']}") from error


def opened(source: Source) -> Sheet:
    """The file as rows. Raises `BadInput`, `ConfigError`."""
    path = source.path
    if not path.exists():
        near = get_close_matches(path.name, _names_beside(path), n=1)
        remedy = f"did you mean {str(path.with_name(near[0]))!r}?" if near else "correct the path"
        raise ConfigError(f"{path} is not there. Remedy: {remedy}")
    if not path.is_file():
        raise ConfigError(f"{path} is no file. Remedy: name the file of the list")
    if path.suffix.lower() not in ENDINGS:
        remedy = f"let the name end with one of {', '.join(ENDINGS)}; save a workbook as CSV UTF-8 first"
        raise ConfigError(f"the name {str(path)!r} does not say how the list is written. Remedy: {remedy}")
    try:
        with in_words_of(source):
            found = sheet(path, source.name, source.settings)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Remedy: let it be read") from error
    if found.empty or not found.columns:
        raise ConfigError(f"{path} is empty. Remedy: write column names, and a row for each account below them")
    return found


@contextmanager
def in_words_of(source: Source) -> Iterator[None]:
    """The reader speaks of the settings of a connection; here they are options."""
    try:
        yield
    except BadInput as error:
        remedy = "mend the file or get it anew"
        if source.side:
            remedy += f"; --{source.side}-encoding and --{source.side}-delimiter say how it is written"
        raise BadInput(error.reason, remedy) from error


def surplus(source: Source, columns: tuple[str, ...], numbers: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Row number to the cells behind the last column, of these rows of a CSV: the reader has no name for them."""
    if not numbers:
        return {}
    records = csv.reader(Lines(source.path, source.name, source.encoding), delimiter=_delimiter(source, columns))
    return {number: tuple(record[len(columns) :]) for number, record in enumerate(records, 1) if number in numbers}


def _delimiter(source: Source, columns: tuple[str, ...]) -> str:
    """The one under which the column names are those that were found."""
    for delimiter in DELIMITERS if source.delimiter is None else (source.delimiter,):
        records = csv.reader(Lines(source.path, source.name, source.encoding), delimiter=delimiter)
        header = next((record for record in records if any(map(str.strip, record))), [])
        if tuple(cell.strip() for cell in header) == columns:
            return delimiter
    raise BadInput(f"{source.name} changed while it was read.", "run the command again")


def _names_beside(path: Path) -> list[str]:
    return [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
