"""Finds what has become of the records that a write points to; it never writes.

A write that points to a deleted record is refused whole, and with it what it was about, such as "this overlap
has ended". Salesforce itself empties the lookups of a deleted record (deleteConstraint SetNull) and moves those
of a merged one to the winner; a write that comes later is brought to the same end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.salesforce import soql
from connectors.salesforce.client import Client, Row
from mappings.table import EntityMap

MASTER = "MasterRecordId"


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
        for name, parent in lookups.items():
            ids = sorted({str(row[name]) for row in rows if row.get(name)})
            known = {each["name"] for each in client.describe(parent)["fields"]}
            fields = ["Id", "IsDeleted", *([MASTER] if MASTER in known else [])]
            for query in soql.lookups(parent, fields, "Id", ids):
                found = client.query(query, deleted=True).rows
                gone |= {row["Id"]: row.get(MASTER) for row in found if row["IsDeleted"]}
        return cls(frozenset(lookups), gone)

    def concern(self, values: Mapping[str, Any]) -> bool:
        """Whether the values point to a deleted record."""
        return any(values[name] in self.gone for name in self.lookups & values.keys())

    def replaced(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with each deleted record replaced by its winner, or by null."""
        return {
            name: self.gone[value] if name in self.lookups and value in self.gone else value
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
