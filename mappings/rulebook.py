"""Reads a table of rules, shipped and changed by a deployment, and says where it is wrong; it decides nothing."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from mappings.errors import MappingError, nearest
from mappings.loader import PACKAGE
from mappings.spots import Files, Spot, Step, find

Raw = dict[str, Any]
Merge = Callable[[Raw, Raw], Raw]
Book = TypeVar("Book", bound=BaseModel)
COMMENTS = "the comments of the shipped table say what belongs there"


class Rule(BaseModel):
    """A table of a rules file: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Source:
    """What was read, and the files that it comes from, the last one first, to say where something is wrong.

    `title`: the key that entries of lists are called by in errors, as `[rules.dach.when]`; none: `[rules] when`.
    """

    raw: Raw
    files: Files
    title: str | None = None

    def checked(self, model: type[Book], remedies: Mapping[str, str] | None = None) -> "Rulebook[Book]":
        """The rules. `remedies`: what to do about a key that is missing. Raises `MappingError`."""
        try:
            return Rulebook(model.model_validate(self.raw), self)
        except ValidationError as error:
            raise self._told(error, model, remedies or {}) from error

    def error(self, reason: str, remedy: str, spot: Spot) -> MappingError:
        """The error over a place, as `("tiers", 1, "revenue")`: the second table of `[[tiers]]`."""
        file, line = find(self.files, spot)
        table, key = self._label(spot)
        return MappingError(reason, remedy, file=file, line=line, table=table, key=key)

    def _label(self, spot: Spot) -> tuple[str, str]:
        """The table and the key as they are written above."""
        names = [str(step) for step in spot if isinstance(step, str)]
        at = next((number for number, step in enumerate(spot) if isinstance(step, int)), None)
        if at is None:
            whole = len(spot) < 2 or isinstance(_at(self.raw, spot), dict)
            return (".".join(names), "") if whole else (".".join(names[:-1]), names[-1])
        if self.title is None:
            return ".".join(names[:at]), ".".join(names[at:])
        entry = _at(self.raw, spot[: at + 1])
        called = entry.get(self.title) if isinstance(entry, dict) else None
        name = str(called or int(spot[at]) + 1)
        return ".".join([*names[:at], name, *names[at:-1]]), names[-1] if names[at:] else ""

    def _told(self, error: ValidationError, model: type[BaseModel], remedies: Mapping[str, str]) -> MappingError:
        found = error.errors(include_url=False)
        # A key that is misspelt is missing, too; the misspelling says more.
        first: Any = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
        spot = _spot(self.raw, first["loc"], missing=first["type"] == "missing")
        key = str(spot[-1]) if spot else ""
        if first["type"] == "extra_forbidden":
            what = "table" if len(spot) == 1 and isinstance(_at(self.raw, spot), dict) else "key"
            return self.error(f"no {what} is called {key!r}.", nearest(key, _known(model, spot[:-1])), spot)
        if first["type"] == "missing":
            return self.error(f"{key!r} is missing.", remedies.get(key, f"add {key!r}; {COMMENTS}"), spot)
        if first["type"] in {"enum", "literal_error"}:
            words = re.findall(r"'([^']*)'", first["ctx"]["expected"])
            return self.error(f"{first['msg']}, not {first['input']!r}.", _near(first["input"], words), spot)
        return self.error(f"{first['msg'].removeprefix('Value error, ')}.", f"correct the value; {COMMENTS}", spot)


@dataclass(frozen=True, slots=True)
class Rulebook(Generic[Book]):
    """Rules that could be read, and where they come from."""

    rules: Book
    source: Source

    def refuse(self, reason: str, remedy: str, *spot: Step) -> NoReturn:
        """Raise a `MappingError` over a place, as `("tiers", 1, "revenue")`: the second table of `[[tiers]]`."""
        raise self.source.error(reason, remedy, spot)


def merged(base: Raw, own: Raw) -> Raw:
    """Tables merged key by key; anything else is replaced as a whole."""
    found = dict(base)
    for key, value in own.items():
        before = base.get(key)
        found[key] = merged(before, value) if isinstance(value, dict) and isinstance(before, dict) else value
    return found


def source(
    file: str,
    overrides: Path | None,
    merge: Merge = merged,
    number: Callable[[str], Any] = float,
    title: str | None = None,
) -> Source:
    """The shipped table as changed by `<overrides>/<file>`, not checked yet. Raises `MappingError` for what is no TOML.

    `number`: what a number with a fraction becomes.
    """
    return changed_by(file, None if overrides is None else overrides / file, merge, number, title)


def changed_by(
    file: str,
    own: Path | None,
    merge: Merge = merged,
    number: Callable[[str], Any] = float,
    title: str | None = None,
) -> Source:
    """The shipped table as changed by a file of any name; it is as shipped where that file is not there."""
    shipped, text = f"{PACKAGE}/{file}", resources.files(PACKAGE).joinpath(file).read_text("utf-8")
    found = Source(_parsed(shipped, text, number), ((shipped, text),), title)
    if own is None or not own.is_file():
        return found
    text = own.read_text("utf-8")
    return Source(merge(found.raw, _parsed(str(own), text, number)), ((str(own), text), *found.files), title)


def read(file: str, model: type[Book], overrides: Path | None) -> Rulebook[Book]:
    """The shipped rules as changed by `<overrides>/<file>`: tables are merged key by key, a list is replaced as a whole.

    Raises `MappingError` with the file, the line, the key and the remedy.
    """
    return source(file, overrides).checked(model)


def _parsed(file: str, text: str, number: Callable[[str], Any]) -> Raw:
    try:
        return tomllib.loads(text, parse_float=number)
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"line (\d+)", str(error))
        line = int(told[1]) if told else None
        raise MappingError(f"this is no TOML: {error}.", "correct the line", file=file, line=line) from error


def _near(value: object, words: list[str]) -> str:
    return f"{nearest(str(value), words)}; {COMMENTS}"


def _at(raw: Any, spot: Spot) -> Any:
    """What stands at a place; None where nothing does."""
    for step in spot:
        held = (
            isinstance(step, int) and step < len(raw)
            if isinstance(raw, list)
            else isinstance(raw, dict) and step in raw
        )
        if not held:
            return None
        raw = raw[step]
    return raw


def _spot(raw: Any, loc: Spot, missing: bool) -> Spot:
    """The place that an error is about: without what pydantic adds to it, and without the number of a plain value."""
    spot: Spot = ()
    for step in loc:
        below = _at(raw, (*spot, step))
        if below is None or (isinstance(step, int) and not isinstance(below, dict)):
            break
        spot = (*spot, step)
    return (*spot, loc[-1]) if missing else spot


def _known(model: type[BaseModel], spot: Spot) -> list[str]:
    """The keys of the table at a place."""
    for step in spot:
        fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
        model = _table_in(fields[step]) or model if step in fields else model
    return [field.alias or name for name, field in model.model_fields.items()]


def _table_in(annotation: Any) -> type[BaseModel] | None:
    """The table that a field's type speaks of, in a list, a mapping or by itself."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_table_in(each) for each in getattr(annotation, "__args__", ()))
    return next((each for each in inner if each is not None), None)
