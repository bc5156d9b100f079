"""What a decision is: a pure function from keyed state and one event to new state and messages; it never does I/O."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

from schemas.messages import Message
from schemas.topics import Topic

RowView = TypeVar("RowView", covariant=True)


class KeyState(Protocol[RowView]):
    """The rows of one key, as they are before the event. A key may have very many rows: prefer `get` to `scan`."""

    def get(self, name: str) -> RowView | None:
        """The row of that name."""

    def scan(self, prefix: str, limit: int) -> Mapping[str, RowView]:
        """The first `limit` rows whose names start with the prefix, by name, in order of name."""


class Emission(NamedTuple):
    """A message to publish: a fact, a write, or the input of the next decision. An empty id is filled in by the lane."""

    topic: Topic
    key: str
    message: Message
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from one event: rows to set (None deletes) and messages to publish, in order."""

    rows: Mapping[str, Any]
    emissions: Sequence[Emission] = ()


NOTHING = Decision({})


class RowFormat(Protocol):
    """How a row is stored: a `pydantic.TypeAdapter`, or something faster."""

    def dump_json(self, row: Any, /) -> bytes:
        """A row as bytes."""

    def validate_json(self, stored: bytes, /) -> Any:
        """The row of these bytes."""


@dataclass(frozen=True, slots=True)
class Step:
    """One decision and where it stands: its name names its consumer group and its changelog.

    `decide` is pure, total and deterministic; `row` reads and writes one row of its state.
    """

    name: str
    topic: Topic
    row: RowFormat
    decide: Callable[[KeyState[Any], Any], Decision]
