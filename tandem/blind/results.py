"""What each side gets of a join: its own rows that matched, and nothing of any other row."""

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from connectors.errors import BadInput
from tandem.blind.join import Found
from tandem.blind.tokenfile import Tokened
from tandem.mapping.writing import Layout, Record
from tandem.settings import ConfigError

RESULT: Layout = {
    "pair": "integer",
    "row": "text",
    "confidence": "number",
    "band": "text",
    "rank": "integer",
    "reasons": "texts",
    "doubts": "texts",
    "population": "text",
}
IDS = ("row", "id")


def of_side(found: Iterable[Found], mine: Tokened, other: Tokened, *, ours: bool) -> Iterator[Record]:
    """A record for each pair. `pair` is the same number on both sides, so that they can speak of it; `population` is
    what the account is to the other side, where that side shares it."""
    for number, each in enumerate(found, 1):
        at, there = (each.ours, each.theirs) if ours else (each.theirs, each.ours)
        yield {
            "pair": number,
            "row": mine.refs[at],
            "confidence": each.verdict.confidence,
            "band": each.verdict.band,
            "rank": each.rank,
            "reasons": each.verdict.reasons,
            "doubts": each.verdict.doubts,
            "population": other.populations[there] if other.populations else None,
        }


def write_ids(path: Path, ids: Mapping[str, str]) -> None:
    """Which row is which id: a file for its owner only, which nobody else needs. Raises `ConfigError`."""
    try:
        path.unlink(missing_ok=True)
        raw = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(raw, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(IDS)
            writer.writerows(ids.items())
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}. Remedy: choose another file") from error


def read_ids(path: Path) -> dict[str, str]:
    """The inverse of `write_ids`. Raises `ConfigError`, `BadInput`."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Remedy: correct the path") from error
    if not rows or tuple(rows[0]) != IDS or any(len(row) != len(IDS) for row in rows):
        raise BadInput(
            f"{path} is not what `tandem blind tokens` wrote beside its tokens.", "name that file: --ids FILE"
        )
    return {row[0]: row[1] for row in rows[1:]}


def opened(result: Path, ids: Mapping[str, str]) -> list[dict[str, str]]:
    """A side's result with its own ids before its rows. Raises `ConfigError`, `BadInput`."""
    try:
        with result.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise ConfigError(f"{result} cannot be read: {error.strerror}. Remedy: correct the path") from error
    strange = next((row for row in rows if row.get("row") not in ids), None)
    if strange is not None:
        reason = f"{result} has the row {strange.get('row')!r}, which the ids do not have."
        raise BadInput(
            reason, "take the ids that were written with the tokens of this very join, and your side's result"
        )
    return [{"id": ids[row["row"]], **row} for row in rows]
