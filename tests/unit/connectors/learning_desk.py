"""What a test does with a learning system that is emulated: read it pass by pass and write to it, by our own clock."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from connectors.base import Change, Event, Outcome, Sink, Source, Unreadable
from mappings.table import EntityMap
from schemas.messages import MatchBy, Write

Running = TypeVar("Running")


@dataclass
class LearningDesk(ABC, Generic[Running]):
    """An emulator and connectors to it. `more` are settings that last for the test."""

    running: Running
    now: datetime
    tables: Mapping[str, EntityMap]
    cursors: dict[str, str] = field(default_factory=dict)
    sources: list[Any] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    @abstractmethod
    def source(self) -> Source: ...

    @abstractmethod
    def sink(self, **more: Any) -> Sink: ...

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.running.advance(seconds)

    def restart(self, **more: Any) -> None:
        self.more |= more
        self.sources.append(self.source())

    def close(self) -> None:
        for source in self.sources:
            source.close()

    def events(self) -> Iterator[Event]:
        """One pass, whose cursors are saved as it goes."""
        if not self.sources:
            self.restart()
        reads = {entity: table for entity, table in self.tables.items() if table.reads}
        for event in self.sources[-1].changes(reads, dict(self.cursors)):
            if not isinstance(event, Unreadable):
                if event.cursor is None:
                    self.cursors.pop(event.place, None)
                else:
                    self.cursors[event.place] = event.cursor
            yield event

    def poll(self) -> list[Change]:
        return [event for event in self.events() if isinstance(event, Change)]

    def told(self) -> dict[tuple[str, str], Mapping[str, object] | None]:
        """What one pass tells: (entity, record id) to row."""
        return {(each.entity, each.record_id): each.row for each in self.poll()}

    def write(self, entity: str, wanted: Mapping[str, Mapping[str, Any]], **more: Any) -> Sequence[Outcome]:
        """`of` among `more` is of the writes, the rest of the settings."""
        batch = writes(entity, wanted, **more.pop("of", {}))
        tables = {entity: table for entity, table in self.tables.items() if table.writes}
        return list(self.sink(**more).write(tables, batch))


def writes(entity: str, wanted: Mapping[str, Mapping[str, Any]], **more: Any) -> list[Write]:
    """One write for each key."""
    decided_at = datetime.fromisoformat("2026-11-22T10:00:00+00:00")
    told = {"connection": "ours", "entity": entity, "match_by": MatchBy.EXTERNAL_ID, "decided_at": decided_at, **more}
    return [
        Write(**{"id": f"w{number}", "key": key, "fields": dict(fields), **told})
        for number, (key, fields) in enumerate(wanted.items())
    ]
