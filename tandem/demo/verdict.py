"""Compares what was decided with what stands in the CRM, and with the truth; it judges and never mends."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mappings.table import EntityMap
from schemas.entities import Overlap, OverlapStatus, Relation
from tandem.demo.emulators import Portal
from tandem.demo.stage import CRM, MARKETING, Systems
from tandem.demo.watch import Tally

MAX_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Quality:
    """How right the active overlaps are, against the known true pairs; both from 0 to 1."""

    precision: float
    recall: float


def in_salesforce(systems: Systems, tally: Tally, tables: Mapping[str, EntityMap]) -> list[str]:
    """How our Salesforce differs from what was decided."""
    decided, table = tally.overlaps_of(CRM), tables["overlap"]
    accounts = {row["Id"]: row.get("Partner_Count__c") for row in systems.org.rows("Account")}
    return [
        *differences({each.key: each for each in decided}, systems.org.rows(table.object), table),
        *rollup_differences(decided, accounts),
    ]


def in_hubspot(systems: Systems, tally: Tally, tables: Mapping[str, EntityMap]) -> list[str]:
    """How our HubSpot differs from what was decided."""
    decided, table = tally.overlaps_of(MARKETING), tables["overlap"]
    companies = {row["id"]: row["properties"].get("tandem_partner_count") for row in systems.ours.rows("companies")}
    return [
        *differences({each.key: each for each in decided}, _flat(systems.ours, table), table),
        *rollup_differences(decided, companies),
    ]


def at_the_partner(systems: Systems, tally: Tally, tables: Mapping[str, EntityMap]) -> list[str]:
    """How the partner's HubSpot differs from the overlaps of our Salesforce, seen from its side."""
    table = tables["overlap"]
    wanted = {(each.partner_account, each.account) for each in tally.active_of(CRM)}
    rows = [table.to_fields(row) for row in _flat(systems.partners, table)]
    found = Counter(str(row["partner_account"]) for row in rows if row["status"] == OverlapStatus.ACTIVE)
    accounts = {account for _, account in wanted}
    faults = [f"overlap of {account} is not in the partner's CRM" for account in sorted(accounts - found.keys())]
    faults += [f"overlap of {account} is in the partner's CRM but ended" for account in sorted(found.keys() - accounts)]
    return faults + [f"overlap of {account} is there {count} times" for account, count in found.items() if count > 1]


def _flat(portal: Portal, table: EntityMap) -> list[dict[str, Any]]:
    """A portal's records as rows of the mapping; associations are not in them."""
    blank = {name: None for name in table.vendor_fields if not name.startswith("association:")}
    return [{**blank, **row["properties"]} for row in portal.rows(table.object) if not row["archived"]]


def differences(wanted: Mapping[str, Overlap], dumped: Iterable[Mapping[str, Any]], table: EntityMap) -> list[str]:
    """What is decided and not in the CRM, what is there and not decided, and what differs; empty if they agree."""
    rows = [row for row in dumped if not row.get("IsDeleted")]
    found = {str(row[str(table.external_id)]): row for row in rows}
    faults = [f"overlap {key} is decided but not in the CRM" for key in wanted.keys() - found.keys()]
    faults += [f"record {key} is in the CRM but was not decided" for key in found.keys() - wanted.keys()]
    if len(found) != len(rows):
        faults.append(f"{len(rows) - len(found)} overlaps stand in the CRM more than once")
    for key in wanted.keys() & found.keys():
        shown = wanted[key].model_dump(mode="json", exclude={"key", "partner_accounts"})
        fields = {name: value for name, value in shown.items() if table.fields[name].vendor in found[key]}
        differing = table.differing(fields, found[key])
        if differing:
            faults.append(f"overlap {key} differs in {', '.join(differing)}")
    return faults


def holds(overlap: Overlap) -> bool:
    """Whether the two are one company now; units of one family count nowhere."""
    return overlap.status is OverlapStatus.ACTIVE and overlap.relation is Relation.SAME


def rollup_differences(decided: Iterable[Overlap], counts: Mapping[str, Any]) -> list[str]:
    """Accounts (by id, with the number of partners that they say) whose number is not that of their active overlaps."""
    partners = Counter(overlap.account for overlap in decided if holds(overlap))
    return [
        f"account {account} says {said} partners, {partners[account]} are decided"
        for account, said in counts.items()
        if int(said or 0) != partners[account]
    ]


def quality(active: Iterable[Overlap], ours: Mapping[str, str], theirs: Mapping[str, str], companies: Path) -> Quality:
    """Precision and recall against `gold_pairs.csv`; contested pairs and those of one family are left out of both.

    `ours` and `theirs` are the ids in the CRMs to those in the lists.
    """
    gold, contested = _pairs(companies / "gold_pairs.csv"), _pairs(companies / "contested_pairs.csv")
    known = {(ours.get(each.account, ""), theirs.get(each.partner_account, "")) for each in active if holds(each)}
    found = known - contested
    right = len(found & gold)
    return Quality(right / len(found) if found else 0.0, right / len(gold))


def _pairs(path: Path) -> set[tuple[str, str]]:
    with path.open(newline="", encoding="utf-8") as source:
        return {(row["a_id"], row["b_id"]) for row in csv.DictReader(source)}
