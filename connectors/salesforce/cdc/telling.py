"""Makes changes of events: which records to read, once for many events, and what each is told as; it never numbers them.

A change event says what changed, a change carries the whole mapped record. The record is read, for all events of a fetch
at once, because the shipped mappings name fields of parents (`Owner.Name`) that no event carries, and because a row
from a query is exact whatever the event left out: unchanged fields, long texts sent as differences, formulas. An update
of fields that are not mapped is not read at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from connectors.base import Change
from connectors.salesforce.cdc.events import ChangeEvent, transactions
from connectors.salesforce.rows import same_id
from connectors.salesforce.shape import Shape
from connectors.salesforce.window import Record
from schemas.messages import ChangeKind

Records = Mapping[str, Record]
Read = Callable[[Shape, Sequence[str]], Records]


class Wish(NamedTuple):
    """One record that one event is about, to be told for one entity."""

    event: ChangeEvent
    shape: Shape
    id: str

    @property
    def key(self) -> tuple[str, str]:
        """The record among all entities."""
        return self.shape.table.entity, self.id

    @property
    def gone(self) -> bool:
        """Whether the event tells the record's end."""
        return self.event.action == "DELETE"


class Told(NamedTuple):
    """A transaction with its changes: their cursors are empty, their versions the natural ones (epoch ms)."""

    events: Sequence[ChangeEvent]
    changes: Sequence[Change]


class Teller:
    """`shapes` by object, `read` answers records by id, deleted ones too; `user` is Tandem's own."""

    def __init__(self, shapes: Mapping[str, Sequence[Shape]], read: Read, user: str) -> None:
        self._shapes, self._read, self._user = shapes, read, user

    def tell(self, events: Sequence[ChangeEvent]) -> Iterator[Told]:
        """The transactions of a fetch, in order. Everything is read before the first one comes out."""
        wishes = [wish for event in events for wish in self._wishes(event)]
        kept = _last_of_each(wishes)
        known = self._known(kept)
        for together in transactions(events):
            ours = [wish for wish in kept if wish.event.transaction == together[0].transaction]
            yield Told(together, self._changes(ours, known))

    def _wishes(self, event: ChangeEvent) -> Iterator[Wish]:
        if event.unnamed:
            return
        for shape in self._shapes.get(event.object, ()):
            if event.kind != "UPDATE" or shape.touched_by(event.changed):
                yield from (Wish(event, shape, each) for each in event.ids)

    def _known(self, wishes: Iterable[Wish]) -> dict[tuple[str, str], Record]:
        """The records of the wishes, and the winners of those that were merged."""
        known: dict[tuple[str, str], Record] = {}
        wanted = [wish for wish in wishes if not wish.gone or wish.event.gap or wish.shape.merges]
        self._fill(known, wanted)
        winners = [Wish(wish.event, wish.shape, winner) for wish, winner in _merged(wanted, known)]
        self._fill(known, [wish for wish in winners if wish.key not in known])
        return known

    def _fill(self, known: dict[tuple[str, str], Record], wishes: Sequence[Wish]) -> None:
        ids: dict[str, tuple[Shape, dict[str, None]]] = {}
        for wish in wishes:
            ids.setdefault(wish.shape.table.entity, (wish.shape, {}))[1][wish.id] = None
        for entity, (shape, wanted) in ids.items():
            known |= {(entity, id_): record for id_, record in self._read(shape, list(wanted)).items()}

    def _changes(self, wishes: Sequence[Wish], known: Mapping[tuple[str, str], Record]) -> list[Change]:
        """What a transaction tells; the winner of a merge comes after its losers."""
        absorbed: dict[tuple[str, str], list[Wish]] = {}
        for wish, winner in _merged(wishes, known):
            absorbed.setdefault((wish.shape.table.entity, winner), []).append(wish)
        told = [self._change(wish, known.get(wish.key)) for wish in wishes if wish.gone or wish.key not in absorbed]
        for (_, winner), losers in absorbed.items():
            own = [wish for wish in wishes if wish.key == (losers[0].shape.table.entity, winner)]
            chief = (own or losers)[-1]._replace(id=winner)
            change = self._change(chief._replace(event=replace(chief.event, kind="UPDATE")), known.get(chief.key))
            told.append(change and replace(change, absorbed=tuple(wish.id for wish in losers)))
        return [change for change in told if change is not None]

    def _change(self, wish: Wish, record: Record | None) -> Change | None:
        """None where the record has gone on to an end that an event of its own tells."""
        event, row = wish.event, None if record is None else record.row
        if wish.gone and not (event.gap and row is not None):
            return self._made(wish, ChangeKind.DELETED, record, None)
        if row is None:
            return self._made(wish, ChangeKind.DELETED, record, None) if event.gap else None
        return self._made(wish, ChangeKind.RESTORED if event.action == "UNDELETE" else ChangeKind.UPSERTED, record, row)

    def _made(self, wish: Wish, kind: ChangeKind, record: Record | None, row: Mapping[str, Any] | None) -> Change:
        event = wish.event
        merged_into = None if record is None or row is not None else record.merged_into
        stamped = 0 if record is None or row is None else record.natural
        return Change(
            entity=wish.shape.table.entity,
            record_id=wish.id,
            kind=kind if merged_into is None else ChangeKind.MERGED,
            version=max(event.at, stamped),
            row=row,
            occurred_at=event.occurred_at,
            cursor="",
            actor=event.user,
            own=same_id(event.user, self._user),
            origin=event.origin or None,
            transaction=event.transaction,
            merged_into=merged_into,
        )


def _last_of_each(wishes: Sequence[Wish]) -> list[Wish]:
    """Without those that a later one of the same hand makes needless: both would tell the same row.

    Edits of two users, or of a user and Tandem itself, are told each: who changed something counts.
    """
    kept: list[Wish] = []
    later: dict[tuple[str, str], Wish] = {}
    for wish in reversed(wishes):
        after = later.get(wish.key)
        if after is None or wish.gone or wish.event.action == "UNDELETE" or not _covers(after, wish):
            kept.append(wish)
        later[wish.key] = wish
    return kept[::-1]


def _covers(later: Wish, wish: Wish) -> bool:
    hands = [(each.event.user, each.event.origin) for each in (later, wish)]
    return later.gone or hands[0] == hands[1]


def _merged(wishes: Iterable[Wish], known: Mapping[tuple[str, str], Record]) -> Iterator[tuple[Wish, str]]:
    """The wishes that are losers of a merge, with the winner's id."""
    for wish in wishes:
        record = known.get(wish.key)
        if wish.gone and record is not None and record.merged_into is not None:
            yield wish, record.merged_into
