"""What happened to a record or an association, and who wants to know; it changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .store import Actor

Action = Literal[
    "CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE", "ASSOCIATION_ADDED", "ASSOCIATION_REMOVED", "GDPR_DELETE"
]


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of one association type between two records."""

    from_type: str
    from_id: str
    to_type: str
    to_id: str
    type_id: int
    category: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """`primary` and `others` are the ids before the merge; `new_id` the id that the result has."""

    primary: str
    others: tuple[str, ...]
    new_id: str
    moved: int


@dataclass(frozen=True, slots=True)
class Change:
    """One event. `changed` are the new texts of the properties that changed, "" for a cleared one."""

    action: Action
    type_id: str
    record_id: str
    actor: Actor
    at: datetime
    changed: Mapping[str, str] = field(default_factory=dict)
    link: Link | None = None
    merged: Merged | None = None


class Feed:
    """Tells every listener of a change, in the order of their coming."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Change], None]] = []

    def listen(self, listener: Callable[[Change], None]) -> None:
        self._listeners.append(listener)

    def tell(self, change: Change) -> None:
        for one in self._listeners:
            one(change)
