"""A runner in miniature, and one batch of writes; it fakes nothing of a connector."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import JsonValue

from connectors.base import Change, Event, Outcome, Sink, Unreadable
from connectors.errors import NeedsConfirmation, RetryLater
from schemas.messages import ChangeKind, Write
from tests.contract.connectors.worlds.base import SinkWorld, SourceWorld

PATIENCE = 20


@dataclass
class Reader:
    """A runner in miniature: publishes each event and saves its cursor in one step, and can be killed after any."""

    world: SourceWorld
    cursors: dict[str, str] = field(default_factory=dict)
    told: list[Change] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source = self.world.restart()
        self.tables = {self.world.table.entity: self.world.table}

    def poll(self, stop_after: int | None = None) -> int:
        """Events until caught up; with `stop_after`, the process dies after so many and starts anew."""
        events = self._events()
        count = 0
        if stop_after != 0:
            for event in events:
                self._commit(event)
                count += 1
                if count == stop_after:
                    break
        if stop_after is not None:
            self.source = self.world.restart()
        return count

    def _events(self) -> Iterator[Event]:
        try:
            yield from self.source.changes(self.tables, dict(self.cursors))
        except NeedsConfirmation as question:
            yield from self.world.confirm(question).changes(self.tables, dict(self.cursors))

    def _commit(self, event: Event) -> None:
        if isinstance(event, Unreadable):
            self.unreadable.append(event)
            return
        if isinstance(event, Change):
            self.told.append(event)
        if event.cursor is None:
            self.cursors.pop(event.place, None)
        else:
            self.cursors[event.place] = event.cursor

    def view(self) -> Mapping[str, str]:
        """What a reader of the changes holds: the last version of each record, as long as it is not deleted."""
        last: dict[str, Change] = {}
        for change in self.told:
            known = last.get(change.record_id)
            if known is None or change.version > known.version:
                last[change.record_id] = change
        name = getattr(self.world, "named", "name")
        return {
            record_id: str(self.world.table.to_fields(change.row)[name])
            for record_id, change in last.items()
            if change.kind in {ChangeKind.UPSERTED, ChangeKind.RESTORED} and change.row is not None
        }


def writes(world: SinkWorld, values: Mapping[str, Mapping[str, JsonValue]]) -> list[Write]:
    """One write for each key."""
    return [
        Write(
            id=f"write-{number}",
            connection="our-crm",
            entity=world.table.entity,
            match_by=world.match_by,
            key=key,
            fields=dict(fields),
            decided_at=datetime(2026, 11, 22, tzinfo=UTC),
        )
        for number, (key, fields) in enumerate(values.items())
    ]


def send(world: SinkWorld, values: Mapping[str, Mapping[str, JsonValue]]) -> Sequence[Outcome]:
    """The outcomes of one batch, by a fresh sink."""
    return push(world, writes(world, values))


def push(world: SinkWorld, batch: Sequence[Write], sink: Sink | None = None) -> Sequence[Outcome]:
    """The outcomes of one batch; as the runner does, it comes again when the sink says later."""
    sink = sink or world.restart()
    for _ in range(PATIENCE):
        try:
            return sink.write(world.tables, batch)
        except RetryLater as later:
            world.wait(int(later.after or 1))
    raise AssertionError(f"not done after {PATIENCE} tries")
