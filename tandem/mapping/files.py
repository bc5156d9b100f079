"""Opens the files of the command line with the connector's readers; it never knows what a column means."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from connectors.errors import BadInput
from connectors.partner_list.encodings import GUESSED
from connectors.partner_list.settings import Settings
from connectors.partner_list.sheets import ENDINGS, Sheet, sheet
from tandem.settings import ConfigError

_SETTING = re.compile(r"`(encoding|delimiter|sheet)`")


@dataclass(frozen=True, slots=True)
class Source:
    """A file and how to read it. `side` is how its options begin: `ours` or `partner`, or nothing if it has none."""

    path: Path
    side: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = GUESSED
    delimiter: str | None = None
    sheet: str | None = None

    @property
    def name(self) -> str:
        """What the file is called in messages: the path as it was given."""
        return str(self.path)

    @property
    def settings(self) -> Settings:
        """As the reader takes them. Raises `ConfigError`."""
        try:
            return Settings(path=self.name, encoding=self.encoding, delimiter=self.delimiter, sheet=self.sheet)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise ConfigError(f"--{self.side}-{first['loc'][0]}: {first['msg']}") from error


def opened(source: Source, known: Collection[str] | None = None) -> Sheet:
    """The file as rows; `known` as the reader takes it. Raises `BadInput`, `ConfigError`."""
    path = source.path
    if not path.exists():
        near = get_close_matches(path.name, _names_beside(path), n=1)
        remedy = f"did you mean {str(path.with_name(near[0]))!r}?" if near else "correct the path"
        raise ConfigError(f"{path} is not there. Remedy: {remedy}")
    if not path.is_file():
        raise ConfigError(f"{path} is no file. Remedy: name the file of the list")
    if path.suffix.lower() not in ENDINGS:
        remedy = f"let the name end with one of {', '.join(ENDINGS)}"
        raise ConfigError(f"the name {str(path)!r} does not say how the list is written. Remedy: {remedy}")
    try:
        with in_words_of(source):
            found = sheet(path, source.name, source.settings, known)
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
        raise BadInput(error.reason, in_options(error.remedy, source.side)) from error


def in_options(text: str, side: str) -> str:
    """A remedy of the reader, with the command's options for the settings that it names; nothing is removed here."""
    text = text.replace("; nothing was removed", "").replace("set `format` to", "let its name say that it is")
    return _SETTING.sub(rf"--{side}-\1", text) if side else _SETTING.sub(r"the \1", text)


def _names_beside(path: Path) -> list[str]:
    return [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
