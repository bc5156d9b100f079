"""What an event of the journal or a webhook means for the records that it touches; it never trusts an event's values."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import Event
from connectors.hubspot.objects import MERGED_IDS, Fields
from connectors.hubspot.records import Records
from connectors.hubspot.window import Record, Window, millis
from mappings.table import EntityMap
from schemas.messages import ChangeKind

GONE = frozenset({"DELETE", "GDPR_DELETE"})
ASSOCIATIONS = frozenset({"ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"})
RESTORED, UPDATED = "RESTORE", "UPDATE"
ACTIONS = frozenset({"CREATE", UPDATED, "MERGE", RESTORED}) | GONE | ASSOCIATIONS


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened, when, and to which records: (object type id, record id)."""

    action: str
    ms: int
    touched: tuple[tuple[str, str], ...]
    changed: frozenset[str] = frozenset()
    own: bool = False
    absorbed: tuple[str, ...] = ()

    @classmethod
    def of_journal(cls, event: Mapping[str, Any]) -> "Happening":
        """An event as the journal writes it; the ends of an association and the winner of a merge are touched too."""
        type_id = str(event["objectTypeId"])
        touched = [(type_id, str(event["objectId"]))]
        touched += [
            (str(event[f"{end}ObjectTypeId"]), str(event[f"{end}ObjectId"]))
            for end in ("from", "to")
            if event.get(f"{end}ObjectTypeId") and event.get(f"{end}ObjectId") is not None
        ]
        touched += [
            (type_id, str(event[name])) for name in ("newObjectId", "primaryObjectId") if event.get(name) is not None
        ]
        changed = frozenset(event.get("propertyChanges") or ())
        absorbed = tuple(str(id_) for id_ in event.get("mergedObjectIds") or ())
        return cls(
            str(event["action"]),
            millis(str(event["occurredAt"])),
            tuple(dict.fromkeys(touched)),
            changed,
            absorbed=absorbed,
        )


def tell(
    records: Records, tables: Mapping[str, EntityMap], windows: Mapping[str, Window], happenings: Sequence[Happening]
) -> Iterator[Event]:
    """The changes of the records that were touched, each read once and told as it is now, in the order of events."""
    for table in tables.values():
        touched = _touched(records, table, happenings)
        found = records.read(table, touched) if touched else {}
        window = windows[table.entity]
        for id_, events in touched.items():
            if id_ in found:
                yield from _living(window, found[id_], events)
        # Afterwards: a merge comes with the deletion of those it absorbed, and they are told as merged.
        for id_, events in touched.items():
            gone = [each for each in events if each.action in GONE]
            if id_ not in found and gone:
                absorbed = [loser for each in events for loser in each.absorbed]
                yield from window.gone(id_, gone[-1].ms, own=gone[-1].own, absorbed=absorbed)


def _living(window: Window, record: Record, events: Sequence[Happening]) -> Iterator[Event]:
    # A restoration and an association may leave the record's own stamp as it was.
    beside = [each.ms for each in events if each.action in ASSOCIATIONS or each.action == RESTORED]
    kind = ChangeKind.RESTORED if any(each.action == RESTORED for each in events) else ChangeKind.UPSERTED
    own = record.own or (bool(events) and all(each.own for each in events))
    yield from window.tell(record._replace(own=own), None, kind, max(beside, default=0))


def _touched(records: Records, table: EntityMap, happenings: Sequence[Happening]) -> dict[str, list[Happening]]:
    """The records of one table that the events are about, by the time of their last event."""
    type_id, fields = records.objects.type_id(table.object), Fields.of_table(table)
    others = {records.objects.type_id(other) for other in fields.associated}
    properties = {*fields.properties, MERGED_IDS}
    found: dict[str, list[Happening]] = defaultdict(list)
    for each in sorted(happenings, key=lambda one: one.ms):
        if each.action not in ACTIONS or not _concerns(each, properties, others):
            continue
        for kind, id_ in each.touched:
            if kind == type_id:
                # Last in the order of the last event.
                found[id_] = [*found.pop(id_, []), each]
    return dict(found)


def _concerns(happening: Happening, properties: set[str], others: set[str]) -> bool:
    if happening.action in ASSOCIATIONS:
        return any(kind in others for kind, _ in happening.touched)
    return happening.action != UPDATED or not happening.changed or bool(happening.changed & properties)
