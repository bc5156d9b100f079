"""Two small lists that share Acme Robotics, written as files; it never asserts."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from tandem.cli import app

OURS = (
    ("id", "name", "website", "country", "status", "owner"),
    ("o1", "Acme Robotics GmbH", "https://acme.com", "Germany", "Customer", "Dana Reyes"),
    ("o2", "Globex Corporation", "", "US", "Prospect", ""),
    ("o3", "Initech", "initech.com", "US", "Open opportunity", ""),
)
THEIRS = (
    ("Account ID", "Account Name", "Website", "Country", "Type", "Account Owner"),
    ("p1", "ACME Robotics", "www.acme.com", "DE", "Open Opp", "Pat Lee"),
    ("p2", "Globex Corp.", "globex.com", "United States", "Customer", ""),
    ("p3", "Umbrella Holdings", "umbrella.com", "UK", "Prospect", ""),
)


def write(path: Path, rows: Sequence[Sequence[str]], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def lists(folder: Path, ours: Sequence[Sequence[str]] = OURS, theirs: Sequence[Sequence[str]] = THEIRS) -> list[str]:
    return [str(write(folder / "ours.csv", ours)), str(write(folder / "partner.csv", theirs))]


def tandem_map(*arguments: object, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["map", *map(str, arguments)])
    assert result.exit_code == code, (result.exit_code, result.stdout, result.stderr, result.exception)
    return result


def figures(*arguments: object) -> dict[str, Any]:
    found = json.loads(tandem_map(*arguments, "--json").stdout)
    assert isinstance(found, dict)
    return found


def records(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
