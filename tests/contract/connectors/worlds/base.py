"""What a contract test needs of a system: a hand in it, as a user has, and a fresh connector to it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import JsonValue

from connectors.base import Sink, Source
from connectors.errors import NeedsConfirmation
from mappings.table import EntityMap
from schemas.messages import MatchBy, Parent


class SourceWorld(Protocol):
    """A system whose records a source reads; its records are known by name and website.

    A world whose canonical field of the name is called otherwise says so in `named`; one in which nobody can `edit` or
    `delete` a record says so in `lacks`.
    """

    table: EntityMap

    def restart(self) -> Source:
        """A fresh source, as after a restart of the process."""

    def confirm(self, question: NeedsConfirmation) -> Source:
        """A fresh source, started as the question's remedy says."""

    def create(self, name: str) -> str:
        """A new record; its id."""

    def edit(self, record_id: str, name: str) -> None:
        """A user gives a record another name."""

    def delete(self, record_id: str) -> None:
        """A user deletes a record."""

    def wait(self, seconds: int) -> None:
        """Time passes, in the system and for us."""

    def state(self) -> Mapping[str, str]:
        """The living records: id to name."""

    def reset(self) -> None:
        """Back to a system without records."""


class SinkWorld(Protocol):
    """A system that a sink writes to. `creates`: a write to a key that is not there makes a record.

    `tables` are all that the connection may write; where one of them can be a parent, `parent` is one of its records.
    A world whose system removes nothing, whoever asks, says so by `archives = False`; one that cannot do what another
    clause asks for names the clause in `exempt`, and why.
    """

    tables: Mapping[str, EntityMap]
    table: EntityMap
    match_by: MatchBy
    creates: bool
    good: Mapping[str, JsonValue]
    changed: Mapping[str, JsonValue]
    bad: Mapping[str, JsonValue]
    nullable: str
    parent: Parent | None

    def restart(self) -> Sink:
        """A fresh sink."""

    def keys(self, count: int) -> Sequence[str]:
        """Keys of so many records that can be written."""

    def read(self, key: str) -> Mapping[str, JsonValue] | None:
        """What the system holds: canonical values, or None."""

    def effects(self, key: str) -> int:
        """How many times the record's values were changed since it was there, by us."""

    def edit(self, key: str, fields: Mapping[str, JsonValue]) -> None:
        """A user changes the record."""

    def remove(self, key: str) -> None:
        """A user deletes the record."""

    def parents(self) -> int:
        """How many records the system has of the parent's kind and key."""

    def break_after(self, call: int) -> None:
        """The connection breaks after this call of the next ones was done, without an answer; once."""

    def wait(self, seconds: int) -> None:
        """Time passes."""
