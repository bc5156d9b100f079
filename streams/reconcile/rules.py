"""What a deployment says to reconciliation: its connections, tables, ownership and bounds; it decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mappings.ownership import Ownership
from mappings.table import EntityMap

# Parents first: what points to a record is looked at after it.
ENTITIES = ("account", "contact", "lead", "deal")
# Fields that hold the id of another record of the same system, and the entity of that record.
REFERENCES: Mapping[str, Mapping[str, str]] = {"contact": {"account": "account"}, "deal": {"account": "account"}}
KEY_FIELD = "tandem_key"


@dataclass(frozen=True, slots=True)
class Rules:
    """The bounds of reconciliation, in seconds and counts; `compose` fills them in from `[reconcile]`."""

    window_s: float = 300.0
    clock_skew_s: float = 120.0
    max_deleted_share: float = 0.05
    max_deleted: int = 20
    max_hops: int = 20  # answers of automations to our writes that are passed on: a sure one counts five
    chunk: int = 500  # records that one decision looks at when very many wait


@dataclass(frozen=True)
class Setup:
    """One deployment. `tables`: connection to entity to map, in the order that breaks ties; `ownership` is resolved."""

    tables: Mapping[str, Mapping[str, EntityMap]]
    ownership: Mapping[str, Ownership]
    rules: Rules = field(default_factory=Rules)

    @cached_property
    def connections(self) -> tuple[str, ...]:
        """The connections that are kept in step, the first wins a tie."""
        return tuple(self.tables)

    @cached_property
    def rank(self) -> Mapping[str, int]:
        """The place of each connection in that order."""
        return {name: nth for nth, name in enumerate(self.tables)}

    def table(self, connection: str, entity: str) -> EntityMap | None:
        """The map of an entity that is read from the connection and has rules; None where it is not kept in step.

        What is one only by `when` (a contact in an early stage is a lead) is kept in step as what it always is.
        """
        found = self.tables.get(connection, {}).get(entity)
        kept = found is not None and found.reads and not found.when
        return found if kept and entity in self.ownership else None

    def readers(self, entity: str) -> list[str]:
        """The connections in which the entity is kept in step."""
        return [name for name in self.tables if self.table(name, entity) is not None]

    def writable(self, connection: str, entity: str, name: str) -> bool:
        """Whether a field can be written there."""
        table = self.table(connection, entity)
        return table is not None and table.writes and name in table.writable

    def fields(self, entity: str) -> tuple[str, ...]:
        """The fields that are kept in step, in the order of the table."""
        return tuple(self.ownership[entity].fields)
