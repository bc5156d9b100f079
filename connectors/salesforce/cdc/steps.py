"""Small pure steps of a session: what a queried record is told as, what is ready to tell, how high versions went."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.base import Change
from connectors.salesforce.cdc.cursors import WALK, StreamCursor, WalkState
from connectors.salesforce.cdc.events import ChangeEvent
from connectors.salesforce.soql import epoch_ms, parsed
from connectors.salesforce.window import FLOOR, SEEN, Record, Seen


def ready(inbox: Sequence[ChangeEvent], whole: bool) -> Sequence[ChangeEvent]:
    """All, or all but the last transaction; that one alone is told in pieces, or nothing would be."""
    if whole or not inbox:
        return list(inbox)
    last = inbox[-1].transaction
    complete = [event for event in inbox if event.transaction != last]
    return complete or list(inbox)


def queried(entity: str, record: Record) -> Change:
    """What a queried record is told as: its version is the natural one, its cursor empty."""
    return Change(
        entity=entity,
        record_id=record.id,
        kind=record.kind,
        version=record.natural,
        row=record.row,
        occurred_at=record.at,
        cursor="",
        actor=record.actor,
        own=record.own,
        merged_into=record.merged_into,
        absorbed=record.absorbed,
    )


def absorbed(records: Sequence[Record]) -> dict[str, tuple[str, ...]]:
    """Winner to losers."""
    found: dict[str, tuple[str, ...]] = {}
    for each in records:
        if each.merged_into is not None:
            found[each.merged_into] = (*found.get(each.merged_into, ()), each.id)
    return found


def with_winners(records: Sequence[Record]) -> list[Record]:
    """The records; one that is the winner of a merge among them knows its losers."""
    losers = absorbed(records)
    return [each._replace(absorbed=losers.get(each.id, ())) if each.row is not None else each for each in records]


def seen_as(change: Change, polled: Change) -> Change:
    """The slot of a polled record holds its version as the difference to the stamp."""
    if not change.slot.startswith(SEEN) or change.cursor is None:
        return change
    seen = Seen.parse(change.cursor)
    return replace(change, cursor=seen._replace(edit=seen.edit + change.version - polled.version).text())


def highest(stream: StreamCursor | None, cursors: Mapping[str, str]) -> int:
    """At least the highest version that was told before this start."""
    found = 0 if stream is None else stream.bound
    for key, text in cursors.items():
        slot = key.partition("/")[2]
        if slot == WALK:
            found = max(found, WalkState.parse(text).bound)
        elif slot.startswith(SEEN):
            seen = Seen.parse(text)
            found = max(found, epoch_ms(seen.at) + seen.edit)
        elif slot == FLOOR:
            found = max(found, epoch_ms(parsed(text.split()[0])))
    return found
