"""Reads pairs of accounts of which it is known whether they are one company; it never compares them.

Three kinds, told apart by what they hold:
- a folder with ours.csv, partner.csv, gold_pairs.csv and, if there are any, contested_pairs.csv (left out of every score);
- one list (CSV or JSON Lines) with a column "True Id": rows with the same one are one company;
- what `tandem overlaps export` writes: columns our_*, partner_* and verdict (same, different or related).
A folder may hold labelled.toml: [column] names a field's column, [always] a value that holds for every row, and
invented = true says that a generator has drawn the lists.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from mappings.columns import simplify
from mappings.errors import ColumnError, RowError
from mappings.loader import load
from mappings.table import ID, EntityMap
from schemas.entities import Account
from tandem.settings import ConfigError
from tandem.training.cells import Cells, cells

Pair = tuple[str, str]
TRUE_ID, VERDICT = "true id", "verdict"
OURS, THEIRS = "our_", "partner_"
VERDICTS = ("same", "different", "related")


@dataclass(frozen=True)
class Labelled:
    """Accounts by id and what is known of their pairs, our id first.

    `judged` are the only pairs of which anything is known; None: every pair that is not in `same` is two companies. Of one
    list (`theirs is ours`) a pair is in the order of the ids, and `entities` says which company a row is. `invented`: drawn
    by a generator, so that it counts less than what people hold.
    """

    name: str
    ours: Mapping[str, Account]
    theirs: Mapping[str, Account]
    same: frozenset[Pair]
    left_out: frozenset[Pair] = frozenset()
    judged: frozenset[Pair] | None = None
    entities: Mapping[str, str] = field(default_factory=dict)
    invented: bool = False

    @property
    def one_list(self) -> bool:
        """Whether duplicates inside one list are asked for."""
        return self.theirs is self.ours


@dataclass(frozen=True)
class How:
    """How a list is read: field to column where the name does not say it, and values that hold for every row."""

    columns: Mapping[str, str]
    name: str = ""
    always: Mapping[str, str] = field(default_factory=dict)
    invented: bool = False


def read(path: Path, columns: Mapping[str, str]) -> Labelled:
    """`columns` is field to column, for those whose name does not say it. Raises `ConfigError`."""
    table = load("partner_list")["account"]
    how = How(columns)
    if path.is_dir():
        how = _how(path / "labelled.toml", columns)
        files = {file.stem: file for file in sorted(path.iterdir()) if file.suffix in {".csv", ".jsonl"}}
        if "gold_pairs" in files:
            return _lists(path, files, table, how)
        lists = [file for stem, file in files.items() if stem not in {"ours", "partner"}]
        if len(lists) != 1:
            raise ConfigError(
                f"{path} holds no labelled pairs. Remedy: put ours.csv, partner.csv and gold_pairs.csv into it, "
                "or one list with a column 'True Id'"
            )
        path = lists[0]
    rows = list(cells(path))
    known = {simplify(column) for column in rows[0].values}
    if simplify(VERDICT) in known:
        return _rulings(path, rows, table)
    if simplify(TRUE_ID) in known:
        return _one_list(path, rows, table, how)
    raise ConfigError(f"{path} has neither a column 'True Id' nor a column 'verdict'. Remedy: add one of them")


def _how(path: Path, columns: Mapping[str, str]) -> How:
    if not path.exists():
        return How(columns)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}. Remedy: mend it, or remove it") from error
    always = table.get("always", {})
    for name in always:
        if name not in ("country", "city", "postal_code", "phone", "website"):
            raise ConfigError(
                f"{path}: [always] {name}. Remedy: only country, city, postal_code, phone and website can stand there"
            )
    return How({**table.get("column", {}), **columns}, path.parent.name, always, bool(table.get("invented", False)))


def _lists(folder: Path, files: Mapping[str, Path], table: EntityMap, how: How) -> Labelled:
    for needed in ("ours", "partner"):
        if needed not in files:
            raise ConfigError(f"{folder} has gold_pairs but no {needed}.csv. Remedy: put that list beside it")
    ours = accounts(list(cells(files["ours"])), table, how)
    theirs = accounts(list(cells(files["partner"])), table, how)
    gold = frozenset(_pairs(files["gold_pairs"], ours, theirs))
    contested = frozenset(_pairs(files["contested_pairs"], ours, theirs)) if "contested_pairs" in files else frozenset()
    return Labelled(folder.name, ours, theirs, gold - contested, contested, invented=how.invented)


def _one_list(path: Path, rows: Sequence[Cells], table: EntityMap, how: How) -> Labelled:
    found = accounts(rows, table, how)
    column = _column(rows[0], TRUE_ID)
    entities = {key: row.values[column].strip() for key, row in zip(found, rows, strict=True)}
    members: dict[str, list[str]] = {}
    for key, entity in entities.items():
        if entity:
            members.setdefault(entity, []).append(key)
    same = frozenset(pair for keys in members.values() for pair in combinations(sorted(keys), 2))
    return Labelled(how.name or path.stem, found, found, same, entities=entities, invented=how.invented)


def _rulings(path: Path, rows: Sequence[Cells], table: EntityMap) -> Labelled:
    column = _column(rows[0], VERDICT)
    ours = accounts(_side(rows, OURS), table, How({}), repeated=True)
    theirs = accounts(_side(rows, THEIRS), table, How({}), repeated=True)
    verdicts: dict[Pair, str] = {}
    for row in rows:
        verdict = row.values[column].strip().lower()
        if verdict not in VERDICTS:
            raise ConfigError(f"{row.where}: verdict {verdict!r}. Remedy: write one of {', '.join(VERDICTS)}")
        pair = (row.values[f"{OURS}id"].strip(), row.values[f"{THEIRS}id"].strip())
        if verdicts.setdefault(pair, verdict) != verdict:
            raise ConfigError(
                f"{row.where}: an earlier row says {verdicts[pair]!r} of this pair. Remedy: keep one of them"
            )
    same = frozenset(pair for pair, verdict in verdicts.items() if verdict == "same")
    return Labelled(path.stem, ours, theirs, same, judged=frozenset(verdicts))


def accounts(rows: Sequence[Cells], table: EntityMap, how: How, repeated: bool = False) -> dict[str, Account]:
    """Accounts by id, in the order of the rows. `repeated`: one id may come several times. Raises `ConfigError`."""
    known = {field: column for field, column in how.columns.items() if column in rows[0].values}
    try:
        columns = table.match_columns(tuple(rows[0].values), known)
    except ColumnError as error:
        raise ConfigError(f"{rows[0].where}: {error.reason} Remedy: {error.remedy}") from error
    for lacking in (*columns.lacking, *([ID] if ID not in columns.used else [])):
        raise ConfigError(f"{rows[0].where}: no column for {lacking!r}. Remedy: name it, --column {lacking}=COLUMN")
    found: dict[str, Account] = {}
    for row in rows:
        key = row.values[columns.used[ID]].strip()
        if not key or (key in found and not repeated):
            raise ConfigError(f"{row.where}: the id {key!r} is empty or not the first. Remedy: give each row its own")
        try:
            account = table.to_canonical({vendor: row.values.get(column) for vendor, column in columns.rows.items()})
        except RowError as error:
            raise ConfigError(f"{row.where}: {error.field}: {error.reason} Remedy: {error.remedy}") from error
        assert isinstance(account, Account)  # noqa: S101 - the table is the one of accounts
        always = {name: value for name, value in how.always.items() if getattr(account, name) is None}
        found[key] = account.model_copy(update=always)
    return found


def _side(rows: Iterable[Cells], prefix: str) -> list[Cells]:
    sides = []
    for row in rows:
        values = {name.removeprefix(prefix): cell for name, cell in row.values.items() if name.startswith(prefix)}
        if ID not in values:
            raise ConfigError(f"{row.where}: no column '{prefix}id'. Remedy: export the rulings with their ids")
        sides.append(Cells(row.where, values))
    return sides


def _pairs(path: Path, ours: Mapping[str, Account], theirs: Mapping[str, Account]) -> Iterator[Pair]:
    for row in cells(path):
        one, other = (cell.strip() for cell in list(row.values.values())[:2])
        for key, side, name in ((one, ours, "ours"), (other, theirs, "partner")):
            if key not in side:
                raise ConfigError(
                    f"{row.where}: {key!r} is not in {name}. Remedy: our id comes first, the partner's second"
                )
        yield one, other


def _column(row: Cells, wanted: str) -> str:
    return next(column for column in row.values if simplify(column) == simplify(wanted))
