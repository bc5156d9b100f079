"""Reads the cells of a small labelled file as text; it never knows what a column means."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tandem.settings import ConfigError


@dataclass(frozen=True, slots=True)
class Cells:
    """One row, and what messages call it."""

    where: str
    values: Mapping[str, str]


def cells(path: Path) -> Iterator[Cells]:
    """The rows of a CSV or JSON Lines file in UTF-8, at least one. Raises `ConfigError`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = (_lines if path.suffix == ".jsonl" else _table)(path, file)
            first = next(rows, None)
            if first is None:
                raise ConfigError(f"{path} has no rows. Remedy: put the labelled pairs below the column names")
            yield from chain((first,), rows)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}. Remedy: name a CSV or JSON Lines file in UTF-8") from error


def _table(path: Path, file: Iterable[str]) -> Iterator[Cells]:
    reader = csv.DictReader(file, restkey="", restval="")
    for number, row in enumerate(reader, 2):
        if "" in row:
            raise ConfigError(f"{path}, row {number}: more cells than columns. Remedy: quote cells that hold a comma")
        yield Cells(f"{path}, row {number}", row)


def _lines(path: Path, file: Iterable[str]) -> Iterator[Cells]:
    for number, line in enumerate(file, 1):
        try:
            values = json.loads(line)
        except json.JSONDecodeError as error:
            raise ConfigError(f"{path}, line {number}: {error}. Remedy: write one JSON object on each line") from error
        if not isinstance(values, dict):
            raise ConfigError(f"{path}, line {number} is no JSON object. Remedy: write one on each line")
        yield Cells(f"{path}, line {number}", {k: _text(v) for k, v in values.items()})


def _text(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
