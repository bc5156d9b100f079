"""What a connection's waiting writes come to, record by record, against what stands there now; it writes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from connectors.base import Sink
from connectors.combining import combined
from mappings.errors import RowError
from mappings.table import EntityMap
from schemas.messages import MatchBy, Write, WriteAction, identity, record_ref


class Effect(StrEnum):
    """What a write would do to its record."""

    CREATE = "create"
    UPDATE = "update"
    ARCHIVE = "archive"
    NOTHING = "nothing"
    OVERTAKEN = "overtaken"
    REFUSED = "refused"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldChange(_Strict):
    """One field of one record: what stands there and what would."""

    field: str
    before: JsonValue
    after: JsonValue


class RecordChange(_Strict):
    """What would happen to one record, and why."""

    record: str = Field(description="connection/entity/key")
    entity: str
    key: str
    effect: Effect
    fields: tuple[FieldChange, ...] = ()
    reasons: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    writes: tuple[str, ...] = Field(description="Ids of the waiting writes that it comes from.")
    note: str = ""

    @property
    def digest(self) -> str:
        """The same for the same effect, whatever the reasons are worded like."""
        return identity(self.record, self.effect, *(each.model_dump_json() for each in self.fields), *self.writes)


class Plan(_Strict):
    """All that a connection would be told. `ends` are the positions up to which its writes were read."""

    connection: str
    made_at: AwareDatetime
    ends: Mapping[str, int] = Field(description="`topic[partition]` to the offset after the last write of the plan.")
    records: tuple[RecordChange, ...]
    whole: bool = Field(default=True, description="Whether it holds every record; only such a plan can be applied.")

    def of(self, record: str) -> "Plan":
        """Only the record that is asked for, by its name or its key."""
        found = tuple(each for each in self.records if record in {each.record, each.key})
        return self.model_copy(update={"records": found, "whole": False})

    def since(self, earlier: "Plan") -> tuple[RecordChange, ...]:
        """The records that would be treated otherwise than the earlier plan says, as they stand in this one."""
        was = {each.record: each.digest for each in earlier.records}
        return tuple(each for each in self.records if was.get(each.record) != each.digest)


def changes(
    connection: str, tables: Mapping[str, EntityMap], sink: Sink, writes: Iterable[Write]
) -> Iterator[RecordChange]:
    """One change per record that the writes touch, in the order in which the records first come.

    Asks the sink what stands there, `batch_size` records of one entity at a time. Raises the errors of
    `connectors.errors`.
    """
    waiting: dict[str, list[Write]] = {}
    for write in writes:
        waiting.setdefault(write.record, []).append(write)
    by_entity: dict[str, list[list[Write]]] = {}
    for group in waiting.values():
        by_entity.setdefault(group[0].entity, []).append(group)
    for entity, groups in by_entity.items():
        rest = iter(groups)
        while chunk := list(islice(rest, sink.batch_size)):
            yield from _looked_at(connection, tables[entity], sink, chunk)


def _looked_at(
    connection: str, table: EntityMap, sink: Sink, groups: Sequence[Sequence[Write]]
) -> Iterator[RecordChange]:
    whole = [combined(group) for group in groups]
    refused = {write.id: _refusal(table, write) for write in whole}
    sendable = [write for write in whole if refused[write.id] is None]
    stands = dict(zip((write.id for write in sendable), sink.look(table, sendable), strict=True))
    for group, write in zip(groups, whole, strict=True):
        effect, fields, note = _effect(table, write, stands.get(write.id), refused[write.id])
        yield RecordChange(
            record=record_ref(connection, write.entity, write.key),
            entity=write.entity,
            key=write.key,
            effect=effect,
            fields=tuple(fields),
            reasons=tuple(dict.fromkeys(reason for each in group for reason in each.reasons)),
            causes=tuple(dict.fromkeys(cause for each in group for cause in each.causes)),
            writes=tuple(each.id for each in group),
            note=note,
        )


def _refusal(table: EntityMap, write: Write) -> RowError | None:
    try:
        table.to_vendor(write.fields)
    except RowError as error:
        return error
    return None


def _effect(
    table: EntityMap, write: Write, stands: Mapping[str, JsonValue] | None, refused: RowError | None
) -> tuple[Effect, list[FieldChange], str]:
    if refused is not None:
        return Effect.REFUSED, [], str(refused)
    if write.action is WriteAction.ARCHIVE:
        return (Effect.NOTHING, [], "it is gone already") if stands is None else (Effect.ARCHIVE, [], "")
    after = {name: table.held(name, value) for name, value in write.fields.items()}
    if stands is None and write.match_by is MatchBy.ID:
        return Effect.REFUSED, [], "there is no record of that id"
    if stands is None:
        return Effect.CREATE, [FieldChange(field=n, before=None, after=v) for n, v in sorted(after.items())], ""
    expected = write.expected or {}
    other = [n for n, value in expected.items() if n in after and stands.get(n) not in (value, after[n])]
    if other:
        return Effect.OVERTAKEN, [], f"{', '.join(sorted(other))} has changed since it was decided"
    fields = [
        FieldChange(field=name, before=stands.get(name), after=value)
        for name, value in sorted(after.items())
        if stands.get(name) != value
    ]
    return (Effect.UPDATE if fields else Effect.NOTHING), fields, ""
