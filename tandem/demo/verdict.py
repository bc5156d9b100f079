"""Compares what was decided with what stands in the CRM, and with the truth; it judges and never mends."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mappings.table import EntityMap
from schemas.entities import Overlap, OverlapStatus

MAX_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Quality:
    """How right the active overlaps are, against the known true pairs; both from 0 to 1."""

    precision: float
    recall: float


def differences(decided: Iterable[Overlap], dumped: Iterable[Mapping[str, Any]], table: EntityMap) -> list[str]:
    """What is decided and not in the CRM, what is there and not decided, and what differs; empty if they agree."""
    wanted = {overlap.key: overlap for overlap in decided}
    rows = [row for row in dumped if not row.get("IsDeleted")]
    found = {str(row[str(table.external_id)]): row for row in rows}
    faults = [f"overlap {key} is decided but not in the CRM" for key in wanted.keys() - found.keys()]
    faults += [f"record {key} is in the CRM but was not decided" for key in found.keys() - wanted.keys()]
    if len(found) != len(rows):
        faults.append(f"{len(rows) - len(found)} overlaps stand in the CRM more than once")
    for key in wanted.keys() & found.keys():
        fields = wanted[key].model_dump(mode="json", exclude={"key"})
        differing = table.differing(fields, found[key])
        if differing:
            faults.append(f"overlap {key} differs in {', '.join(differing)}")
    return faults


def rollup_differences(decided: Iterable[Overlap], accounts: Iterable[Mapping[str, Any]], field: str) -> list[str]:
    """Accounts whose number of partners is not that of their active overlaps."""
    partners: dict[str, int] = {}
    for overlap in decided:
        if overlap.status is OverlapStatus.ACTIVE:
            partners[overlap.account] = partners.get(overlap.account, 0) + 1
    return [
        f"account {row['Id']} says {row.get(field)} partners, {partners.get(row['Id'], 0)} are decided"
        for row in accounts
        if int(row.get(field) or 0) != partners.get(row["Id"], 0)
    ]


def quality(active: Iterable[Overlap], source_ids: Mapping[str, str], companies: Path) -> Quality:
    """Precision and recall against `gold_pairs.csv`; contested pairs are left out of both. `source_ids`: CRM id to list id."""
    gold, contested = _pairs(companies / "gold_pairs.csv"), _pairs(companies / "contested_pairs.csv")
    found = {(source_ids.get(overlap.account, ""), overlap.partner_account) for overlap in active} - contested
    right = len(found & gold)
    return Quality(right / len(found) if found else 0.0, right / len(gold))


def _pairs(path: Path) -> set[tuple[str, str]]:
    with path.open(newline="", encoding="utf-8") as source:
        return {(row["a_id"], row["b_id"]) for row in csv.DictReader(source)}
