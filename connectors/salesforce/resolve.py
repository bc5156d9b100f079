"""Finds what has become of the records that a write is for or points to; it never writes.

A write that points to a deleted record is refused whole, and with it what it was about, such as "this overlap
has ended". Salesforce itself empties the lookups of a deleted record (deleteConstraint SetNull) and moves those
of a merged one to the winner; a write that comes later is brought to the same end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.salesforce import soql
from connectors.salesforce.client import Client, Row
from mappings.table import EntityMap

MASTER = "MasterRecordId"
ID_LENGTH = 15
# A winner may have lost a later merge; so many steps are followed.
STEPS = 5


def winners(client: Client, entity: str, ids: Iterable[str]) -> dict[str, str | None]:
    """For each deleted record, by the first 15 characters of its id, the living one that it was merged into, or None.

    Ids that are living, or unknown to the org, are absent.
    """
    known = {each["name"] for each in client.describe(entity)["fields"]}
    fields = ["Id", "IsDeleted", *([MASTER] if MASTER in known else [])]
    state: dict[str, Row] = {}
    asked = {id_ for id_ in ids if id_}
    first = {id_[:ID_LENGTH] for id_ in asked}
    for _ in range(STEPS):
        for query in soql.lookups(entity, fields, "Id", sorted(asked)):
            state |= {row["Id"][:ID_LENGTH]: row for row in client.query(query, deleted=True).rows}
        masters = {str(row[MASTER]) for row in state.values() if row["IsDeleted"] and row.get(MASTER)}
        asked = {id_ for id_ in masters if id_[:ID_LENGTH] not in state}
        if not asked:
            break
    return {id_: _end(state, id_) for id_ in sorted(first) if id_ in state and state[id_]["IsDeleted"]}


def _end(state: Mapping[str, Row], id_: str) -> str | None:
    for _ in range(STEPS):
        row = state.get(id_)
        if row is None:
            return None
        if not row["IsDeleted"]:
            return str(row["Id"])
        id_ = str(row.get(MASTER) or "")[:ID_LENGTH]
    return None


@dataclass(frozen=True, slots=True)
class Parents:
    """Lookup fields of one object, and for each deleted record its merge winner, or None."""

    lookups: frozenset[str]
    gone: Mapping[str, str | None]

    @classmethod
    def look_up(cls, client: Client, table: EntityMap, rows: Sequence[Mapping[str, Any]]) -> "Parents":
        """Ask for the deleted ones among the records that the rows point to."""
        gone: dict[str, str | None] = {}
        lookups = _lookups(client.describe(table.object), rows)
        for parent in sorted(set(lookups.values())):
            ids = {str(row[name]) for name in lookups if lookups[name] == parent for row in rows if row.get(name)}
            gone |= winners(client, parent, ids) if ids else {}
        return cls(frozenset(lookups), gone)

    def concern(self, values: Mapping[str, Any]) -> bool:
        """Whether the values point to a deleted record."""
        return any(str(values[name])[:ID_LENGTH] in self.gone for name in self.lookups & values.keys())

    def replaced(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with each deleted record replaced by its winner, or by null."""
        return {
            name: self.gone[str(value)[:ID_LENGTH]]
            if name in self.lookups and str(value)[:ID_LENGTH] in self.gone
            else value
            for name, value in values.items()
        }


def _lookups(described: Row, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Written lookup fields with one possible parent object, to that object."""
    written = {name for row in rows for name in row}
    return {
        each["name"]: each["referenceTo"][0]
        for each in described["fields"]
        if each["type"] == "reference" and each["name"] in written and len(each["referenceTo"]) == 1
    }
