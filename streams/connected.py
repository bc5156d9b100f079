"""Which of our systems have a part in the decisions about partners, and what each of them takes; it decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Connected:
    """Our connections by what they are. `takes` is entity to the connections that it can be written to, in order."""

    crms: tuple[str, ...] = ()
    prms: tuple[str, ...] = ()
    learning: tuple[str, ...] = ()
    takes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def takers(self, entity: str) -> tuple[str, ...]:
        """The connections that take writes of an entity."""
        return self.takes.get(entity, ())
