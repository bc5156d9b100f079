"""What enablement is given: the connections that have a part in it and the published rules; no logic."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from mappings.learning import LearningRules
from mappings.tiers import TierRules
from schemas.messages import identity
from streams.connected import Connected


@dataclass(frozen=True, slots=True)
class Setup:
    """One deployment's connections, tiers, and what learning is worth.

    `writable`: connection and entity to the fields that its mapping table takes; where it says nothing, all of them.
    """

    connected: Connected
    rules: TierRules
    learning: LearningRules
    writable: Mapping[tuple[str, str], Collection[str]] = field(default_factory=dict)

    @property
    def looking(self) -> tuple[str, ...]:
        """The connections that have to be looked at once before anything is decided."""
        connected = self.connected
        return (*connected.crms, *connected.prms, *connected.learning)

    @property
    def version(self) -> str:
        """The same rules have the same version."""
        return identity("rules", self.rules.model_dump_json(), self.learning.model_dump_json())

    def order(self, connection: str) -> int:
        """Where a connection stands among those that tell of partners: CRMs before PRMs, in the order of the settings."""
        known = (*self.connected.crms, *self.connected.prms)
        return known.index(connection) if connection in known else len(known)

    def taken(self, connection: str, entity: str, fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Of these values, those that the connection has a field for: a write with another one would be refused."""
        known = self.writable.get((connection, entity))
        return {name: value for name, value in fields.items() if known is None or name in known}
