"""A change event with its header decoded; it never holds values, because a change is told with the whole record."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from connectors.salesforce.cdc.schemas import EventSchema
from connectors.salesforce.pubsub import pubsub_api_pb2 as pb
from connectors.salesforce.soql import of_epoch_ms

GAP, OVERFLOW = "GAP_", "GAP_OVERFLOW"


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """What one event says. `kind` is the vendor's changeType, `at` epoch ms of the commit, `changed` field names.

    `changed` counts for an update only: every field whose value is in the event, was set to null, or came as a
    difference of a long text.
    """

    replay: bytes
    object: str
    ids: tuple[str, ...]
    kind: str
    transaction: str
    sequence: int
    at: int
    user: str
    origin: str
    changed: frozenset[str] = frozenset()

    @property
    def gap(self) -> bool:
        """Whether the platform could not say what changed, only that something did."""
        return self.kind.startswith(GAP)

    @property
    def action(self) -> str:
        """The kind without the gap: CREATE, UPDATE, DELETE, UNDELETE, OVERFLOW, SNAPSHOT."""
        return self.kind.removeprefix(GAP)

    @property
    def unnamed(self) -> bool:
        """Whether it stands for records that it does not name: an overflow (`000000000000000AAA`), or `001*`."""
        return self.kind == OVERFLOW or any("*" in one or not one.strip("0A") for one in self.ids)

    @property
    def occurred_at(self) -> datetime:
        """When it was committed."""
        return of_epoch_ms(self.at)


def decoded(event: pb.ConsumerEvent, schema: EventSchema) -> ChangeEvent:
    """The event by the schema that it names. Raises ValueError where it cannot be read by it."""
    try:
        header = schema.read(event.event.payload)["ChangeEventHeader"]
        changed = {*header["changedFields"], *header["nulledFields"], *header["diffFields"]}
        return ChangeEvent(
            replay=event.replay_id,
            object=str(header["entityName"]),
            ids=tuple(header["recordIds"]),
            kind=str(header["changeType"]),
            transaction=str(header["transactionKey"]),
            sequence=int(header["sequenceNumber"]),
            at=int(header["commitTimestamp"]),
            user=str(header["commitUser"]),
            origin=str(header["changeOrigin"] or ""),
            changed=schema.named(changed),
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def transactions(events: Iterable[ChangeEvent]) -> Iterator[Sequence[ChangeEvent]]:
    """The events in groups of what was committed at once, in the order of the stream."""
    for _, together in groupby(events, key=lambda one: one.transaction):
        yield list(together)
