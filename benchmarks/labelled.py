"""The labelled lists of data/companies as plain rows, for benchmarks that need no more; it never scores anything."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Pair = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """One company, as matching reads an account."""

    name: str
    website: str | None
    country: str | None
    city: str | None
    postal_code: str | None
    domains: tuple[str, ...] = ()
    street: str | None = None
    phone: str | None = None
    registration_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lists:
    """The labelled lists: accounts by id, pairs of our id and the partner's."""

    ours: dict[str, Row]
    theirs: dict[str, Row]
    gold: set[Pair]
    contested: set[Pair]


def read(folder: Path) -> Lists:
    """The four CSV files of a folder."""
    return Lists(
        ours=_accounts(folder / "ours.csv"),
        theirs=_accounts(folder / "partner.csv"),
        gold=_pairs(folder / "gold_pairs.csv"),
        contested=_pairs(folder / "contested_pairs.csv"),
    )


def _accounts(path: Path) -> dict[str, Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return {
            r["id"]: Row(r["name"], r["website"] or None, r["country"], r["city"], r["zipcode"])
            for r in csv.DictReader(file)
        }


def _pairs(path: Path) -> set[Pair]:
    with path.open(encoding="utf-8", newline="") as file:
        return {(r["a_id"], r["b_id"]) for r in csv.DictReader(file)}
