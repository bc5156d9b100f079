"""A source to which records are sent; it asks its world to send them when it is asked itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from connectors.base import Budget, Event, Source
from mappings.table import EntityMap


class Sender(Protocol):
    """A world whose records are sent."""

    def send(self) -> bool:
        """Send what waits, and see it arrive; whether there was anything."""
        ...


@dataclass
class Sent:
    """A source at which records arrive when it is asked."""

    world: Sender
    source: Source

    def changes(self, tables: Mapping[str, EntityMap], cursors: Mapping[str, str]) -> Iterator[Event]:
        yield from self.source.changes(tables, cursors)  # it answers what was committed
        if self.world.send():
            yield from self.source.changes(tables, cursors)

    def budget(self) -> Budget | None:
        return self.source.budget()

    def close(self) -> None:
        self.source.close()
