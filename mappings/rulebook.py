"""Reads a table of rules that has lists of tables, shipped and changed by a deployment; it knows no rule and decides nothing."""

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from mappings.errors import MappingError, nearest
from mappings.loader import PACKAGE

Raw = dict[str, Any]
Step = str | int
Book = TypeVar("Book", bound=BaseModel)


class Rule(BaseModel):
    """A table of a rules file: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Rulebook(Generic[Book]):
    """What was read, and the files that it comes from, the last one first, to say where something is wrong."""

    rules: Book
    files: tuple[tuple[str, str], ...]

    def refuse(self, reason: str, remedy: str, *spot: Step) -> NoReturn:
        """Raise a `MappingError` over a place, as `("tiers", 1, "revenue")`: the second table of `[[tiers]]`."""
        raise _error(self.files, reason, remedy, spot)


def read(file: str, model: type[Book], overrides: Path | None) -> Rulebook[Book]:
    """The shipped rules as changed by `<overrides>/<file>`: tables are merged key by key, a list is replaced as a whole.

    Raises `MappingError` with the file, the line, the key and the remedy.
    """
    shipped, text = f"{PACKAGE}/{file}", resources.files(PACKAGE).joinpath(file).read_text("utf-8")
    merged = _parsed(shipped, text)
    files: tuple[tuple[str, str], ...] = ((shipped, text),)
    own = None if overrides is None else overrides / file
    if own is not None and own.is_file():
        text = own.read_text("utf-8")
        merged, files = _merged(merged, _parsed(str(own), text)), ((str(own), text), *files)
    try:
        return Rulebook(model.model_validate(merged), files)
    except ValidationError as error:
        raise _told(error, model, files) from error


def _parsed(file: str, text: str) -> Raw:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"this is no TOML: {error}.", "correct the line", file=file) from error


def _merged(base: Raw, own: Raw) -> Raw:
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        merged[key] = _merged(before, value) if isinstance(value, dict) and isinstance(before, dict) else value
    return merged


def _told(error: ValidationError, model: type[BaseModel], files: tuple[tuple[str, str], ...]) -> MappingError:
    found = error.errors(include_url=False)
    # A key that is misspelt is missing, too; the misspelling says more.
    first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
    spot = tuple(first["loc"])
    if first["type"] == "extra_forbidden":
        remedy = nearest(str(spot[-1]), tuple(_model(model, spot[:-1]).model_fields))
        return _error(files, f"no key is called {spot[-1]!r}.", remedy, spot)
    remedy = "correct the value; the comments of the shipped table say what belongs there"
    return _error(files, f"{first['msg']}.", remedy, spot)


def _model(model: type[BaseModel], spot: tuple[Step, ...]) -> type[BaseModel]:
    """The model of the table at a place."""
    for step in spot:
        annotation: Any = model.model_fields[step].annotation if isinstance(step, str) else model
        while not isinstance(annotation, type) or get_args(annotation):
            annotation = get_args(annotation)[0]
        model = annotation
    return model


def _error(files: tuple[tuple[str, str], ...], reason: str, remedy: str, spot: tuple[Step, ...]) -> MappingError:
    number = next((at for at, step in enumerate(spot) if isinstance(step, int)), None)
    if number is None:
        table, index, key = spot[:-1], None, str(spot[-1]) if spot else ""
    else:
        table, index = spot[:number], int(spot[number])
        key = str(spot[number + 1]) if len(spot) > number + 1 else ""
    name = ".".join(map(str, table))
    file, line = _find(files, name, index, key)
    if line is None and number:
        return _error(files, reason, remedy, spot[:number])  # a list of plain values
    return MappingError(reason, remedy, file=file, line=line, table=name, key=key)


def _find(files: tuple[tuple[str, str], ...], table: str, index: int | None, key: str) -> tuple[str, int | None]:
    """The file and line of a key, or of its table; the last file that has it counts."""
    for wanted in (key, ""):
        for file, text in files:
            line = _line(text, table, index, wanted)
            if line is not None:
                return file, line
    return (files[0][0] if files else ""), None


def _line(text: str, table: str, index: int | None, key: str) -> int | None:
    inside, count = not table, -1
    head, _, last = table.rpartition(".")
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*(\[+)\s*([^\]]+?)\s*\]", line)
        if header:
            same = header[2].replace('"', "") == table
            count += same
            inside = same and index in (None, count)
            above = header[2] == head
        else:
            above = not head and count < 0
        if inside and (bool(header) if not key else re.match(rf'\s*"?{re.escape(key)}"?\s*=', line)):
            return number
        if index is not None and above and re.match(rf"\s*{re.escape(last)}\s*=", line):
            return number  # written as a list in one line
    return None
