"""The rows as one decision sees and changes them, and what it has said so far; it knows no row and decides nothing."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel

from schemas.messages import Message
from schemas.topics import Topic
from streams.decision import Decision, Emission, KeyState

Row = TypeVar("Row", bound=BaseModel)
Kind = TypeVar("Kind", bound=BaseModel)


@dataclass(slots=True)
class Pages(Generic[Row]):
    """One decision in the making. `cause` is the id of the event, `at` when it happened."""

    state: KeyState[Row]
    cause: str
    at: datetime
    _rows: dict[str, Row | None] = field(default_factory=dict)
    _read: dict[str, Row | None] = field(default_factory=dict)
    _said: list[Emission] = field(default_factory=list)

    def get(self, name: str, kind: type[Kind]) -> Kind | None:
        """A row as it is now; its name says its kind."""
        row: BaseModel | None
        if name in self._rows:
            row = self._rows[name]
        elif name in self._read:
            row = self._read[name]
        else:
            row = self._read[name] = self.state.get(name)
        assert row is None or isinstance(row, kind)  # noqa: S101  the name says the kind
        return row

    def put(self, name: str, row: Row | None) -> None:
        """Replace a row, or delete it."""
        self._rows[name] = row

    def scan(self, prefix: str, limit: int) -> list[str]:
        """The names of the first rows with that prefix, this decision's own changes included."""
        fresh = {name: row for name, row in self._rows.items() if name.startswith(prefix)}
        names = {*self.state.scan(prefix, limit + len(fresh)), *fresh}
        return sorted(name for name in names if name not in fresh or fresh[name] is not None)[:limit]

    def say(self, topic: Topic, key: str, message: Message, event_id: str = "") -> None:
        """Publish a message."""
        self._said.append(Emission(topic, key, message, event_id))

    def decision(self) -> Decision:
        """Everything together: the rows that changed, and what was said, in order."""
        rows = {name: row for name, row in self._rows.items() if name not in self._read or self._read[name] != row}
        return Decision(rows, self._said)
