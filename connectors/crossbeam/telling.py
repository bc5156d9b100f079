"""Tells overlaps as accounts of partners, and signals, each as it changes; it never asks Crossbeam."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Change, Event, Progress, Unreadable
from connectors.crossbeam.held import Held, Shelf, version_after
from connectors.crossbeam.rows import OURS, THEIRS, account_row, digest, moment, signal_row
from mappings.table import EntityMap
from schemas.messages import ChangeKind

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Telling:
    """One pass. `now` is the clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def overlap(self, partner: str, table: EntityMap, shelf: Shelf, key: str, item: Any) -> Iterator[Event]:
        """What an overlap changes of an account of the partner (uuid); an account goes with the last overlap that shows it."""
        ours, theirs = _text(item, OURS), _text(item, THEIRS)
        if not ours or not theirs:
            yield _unreadable(table, item, "MALFORMED", OURS, f"an overlap has no {OURS} or no {THEIRS}.")
            return
        before, gone = shelf.account(theirs), bool(item.get("is_deleted"))
        seen_by = set(before.ours if before else ()) - {ours} | (set() if gone else {ours})
        row = None if gone else account_row(table, item)
        now = self._now()
        held = Held(
            party=f"partner:{key}",
            partner=partner,
            version=version_after(before, now),
            digest=digest(row) if row is not None else before.digest if before else "",
            ours=tuple(sorted(seen_by)),
        )
        kind = _kind(before, held)
        if kind is None:
            yield from _kept(shelf, theirs, before, held)
            return
        slot, cursor = shelf.hold(theirs, held)
        yield Change(
            entity=table.entity,
            record_id=theirs,
            kind=kind,
            version=held.version,
            row=None if kind is ChangeKind.DELETED else row,
            occurred_at=now,
            cursor=cursor,
            slot=slot,
            party=held.party,
        )

    def gone(self, table: EntityMap, shelf: Shelf, id_: str, before: Held) -> Change:
        """The account of a partner that nobody maps any more."""
        now = self._now()
        held = before.model_copy(update={"version": version_after(before, now), "ours": ()})
        slot, cursor = shelf.hold(id_, held)
        return Change(
            entity=table.entity,
            record_id=id_,
            kind=ChangeKind.DELETED,
            version=held.version,
            row=None,
            occurred_at=now,
            cursor=cursor,
            slot=slot,
            party=held.party,
        )

    def signal(self, table: EntityMap, shelf: Shelf, key: str, item: Any) -> Iterator[Event]:
        """A signal, once; it never changes (developers.crossbeam.com, Understanding Signals)."""
        id_ = _text(item, "event_id")
        if not id_:
            yield _unreadable(table, item, "MALFORMED", "event_id", "a signal has no event_id.")
            return
        if shelf.seen(id_):
            return
        slot, cursor = shelf.see(id_, self._now())
        try:
            at = moment(item.get("triggered_at"))
        except ValueError as error:
            yield _unreadable(table, item, "INVALID_TIME", "triggered_at", f"triggered_at is no time: {error}.")
            yield Progress(table.entity, cursor, slot)
            return
        yield Change(
            entity=table.entity,
            record_id=id_,
            kind=ChangeKind.UPSERTED,
            version=(at - _EPOCH) // timedelta(milliseconds=1),
            row=signal_row(table, item, key),
            occurred_at=at,
            cursor=cursor,
            slot=slot,
        )


def _kind(before: Held | None, now: Held) -> ChangeKind | None:
    """What happened to the account; None where nothing did that anybody can see."""
    if not now.ours:
        return ChangeKind.DELETED if before is not None and before.ours else None
    if before is not None and not before.ours:
        return ChangeKind.RESTORED
    return None if before is not None and before.digest == now.digest else ChangeKind.UPSERTED


def _kept(shelf: Shelf, id_: str, before: Held | None, now: Held) -> Iterator[Event]:
    """The account stays as it is, and may be seen by other records of ours."""
    if before is None or before.ours == now.ours:
        return
    slot, cursor = shelf.hold(id_, before.model_copy(update={"ours": now.ours}))
    yield Progress(shelf.entity, cursor, slot)


def living_first(items: tuple[Any, ...]) -> list[Any]:
    """Their order means nothing; an account that is still seen by one record is not gone in between."""
    return sorted(items, key=lambda item: bool(isinstance(item, Mapping) and item.get("is_deleted")))


def _text(item: Any, name: str) -> str:
    return str(item.get(name) or "") if isinstance(item, Mapping) else ""


def _unreadable(table: EntityMap, item: Any, code: str, field: str, reason: str) -> Unreadable:
    id_ = _text(item, table.id_field or "")
    remedy = "tell Crossbeam's support; a signal does not come again, an overlap with its next change"
    return Unreadable(f"{table.object} {id_}".strip(), code, reason, remedy, field, json.dumps(item, sort_keys=True))
