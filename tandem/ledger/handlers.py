"""What each message does to the tables: one function for each type, in one table; it never asks the database anything.

The rows are the same in whatever order partitions are read: what two messages of different topics say lands in different
rows, and messages about one thing share a key, so a partition keeps their order.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemas import topics
from schemas.codec import Poison
from schemas.messages import (
    CHANGED,
    Changed,
    ConflictFound,
    ConnectionReported,
    DeadLetter,
    DeadLetterResolved,
    LinkDecided,
    Message,
    OverlapDecided,
    Write,
    WriteFinished,
    record_ref,
)
from tandem.ledger import tables
from tandem.ledger.actions import Action, Step, Verb
from tandem.ledger.naming import name_of
from tandem.ledger.offer_handlers import FORGET_OFFERS, OFFER_HANDLERS
from tandem.ledger.partner_handlers import FORGET_PARTNERS, PARTNER_HANDLERS
from tandem.ledger.registration_handlers import FORGET_REGISTRATIONS, REGISTRATION_HANDLERS
from tandem.ledger.rows import Place, causes, decision
from tandem.ledger.sharing_handlers import SHARING_HANDLERS
from tandem.ledger.types import JsonText

OPEN = "open"
LARGEST = 2**63 - 1  # of both databases' integers

ADD_CHANGE = Action(Verb.ADD, tables.Change)
PUT_RECORD = Action(Verb.PUT, tables.Record)
PUT_LINK = Action(Verb.PUT, tables.Link)
PUT_OVERLAP = Action(Verb.PUT, tables.Overlap)
ADD_WRITE = Action(Verb.ADD, tables.Write)
ADD_OUTCOME = Action(Verb.ADD, tables.Outcome)
PUT_CONFLICT = Action(Verb.PUT, tables.Conflict)
ADD_CONFLICT_RECORD = Action(Verb.ADD, tables.ConflictRecord)
PUT_DEAD_LETTER = Action(Verb.PUT, tables.DeadLetter)
RESOLVE_DEAD_LETTER = Action(Verb.RESOLVE, tables.DeadLetter)
PUT_CONNECTION = Action(Verb.PUT, tables.Connection)

# What a tombstone in a compacted topic takes back: the current row of its key. What was decided stays in `decision`.
FORGET: Mapping[str, Callable[[str], Step]] = {
    topics.LINKS.name: lambda key: (Action(Verb.DROP, tables.Link), {"ref": key}),
    topics.OVERLAPS.name: lambda key: (Action(Verb.DROP, tables.Overlap), {"key": key}),
    topics.CONFLICTS.name: lambda key: (Action(Verb.DROP, tables.Conflict), {"id": key}),
    topics.CONNECTIONS.name: lambda key: (
        Action(Verb.DROP, tables.Connection),
        dict(zip(("connection", "role"), key.split("/", 1), strict=True)),
    ),
    **FORGET_OFFERS,
    **FORGET_PARTNERS,
    **FORGET_REGISTRATIONS,
}


def _changed(it: Changed, place: Place) -> Iterator[Step]:
    if abs(it.version) > LARGEST:
        raise Poison("INVALID_VALUE", f"version {it.version} is larger than any database can count", "version")
    fields = None if it.record is None else JsonText(it.record.model_dump_json(exclude_none=True))
    yield (
        ADD_CHANGE,
        {
            **place.columns,
            "id": it.id,
            "ref": it.ref,
            "connection": it.connection,
            "kind": it.kind.value,
            "version": it.version,
            "occurred_at": it.occurred_at,
            "told_at": place.told_at,
            "actor": it.actor,
            "own": it.own,
            "origin": it.origin,
            "transaction": it.transaction,
            "merged_into": it.merged_into,
            "absorbed": it.absorbed,
            "fields": fields,
        },
    )
    yield (
        PUT_RECORD,
        {
            **place.columns,
            "ref": it.ref,
            "connection": it.connection,
            "entity": it.ENTITY,
            "record_id": it.record_id,
            "party": it.party,
            "name": name_of(it.record),
            "kind": it.kind.value,
            "version": it.version,
            "occurred_at": it.occurred_at,
            "change_id": it.id,
        },
    )


def _link(it: LinkDecided, place: Place) -> Iterator[Step]:
    yield from decision(it, "link", it.ref, it.reasons, place)
    yield (
        PUT_LINK,
        {
            **place.columns,
            "ref": it.ref,
            "entity": it.entity,
            "key": it.key,
            "members": it.members,
            "rule": it.rule,
            "confidence": it.confidence,
            "decision_id": it.id,
            "decided_at": it.decided_at,
        },
    )


def _overlap(it: OverlapDecided, place: Place) -> Iterator[Step]:
    overlap = it.overlap
    yield from decision(it, "overlap", overlap.key, overlap.reasons, place)
    yield (
        PUT_OVERLAP,
        {
            **place.columns,
            "key": overlap.key,
            "our_ref": record_ref(it.connection, "account", overlap.account),
            "partner": overlap.partner,
            "partner_account": overlap.partner_account,
            "status": overlap.status.value,
            "confidence": overlap.confidence,
            "main_reason": overlap.main_reason,
            "content": JsonText(overlap.model_dump_json()),
            "decision_id": it.id,
            "decided_at": it.decided_at,
        },
    )


def _write(it: Write, place: Place) -> Iterator[Step]:
    row = it.model_dump(mode="json", exclude={"decided_at"})
    yield ADD_WRITE, {**place.columns, **row, "decided_at": it.decided_at}
    yield from causes("write", it.id, it.causes, place)


def _finished(it: WriteFinished, place: Place) -> Iterator[Step]:
    yield ADD_OUTCOME, {**place.columns, **it.model_dump(), "status": it.status.value, "id": place.event_id}


def _conflict(it: ConflictFound, place: Place) -> Iterator[Step]:
    yield PUT_CONFLICT, {**place.columns, **it.model_dump(), "kind": it.kind.value}
    for ref in it.refs:
        yield ADD_CONFLICT_RECORD, {**place.columns, "conflict_id": it.id, "ref": ref}
    yield from causes("conflict", it.id, it.causes, place)


def _parked(it: DeadLetter, place: Place) -> Iterator[Step]:
    fresh = {"first_parked_at": it.parked_at, "times": 1, "status": OPEN}
    unresolved = {"resolved_by": None, "resolved_at": None, "note": None}
    row = {**place.columns, **it.model_dump(), **fresh, **unresolved, "event_id": _parked_event(it.payload)}
    yield PUT_DEAD_LETTER, row


def _parked_event(payload: str | None) -> str | None:
    """The id of the message that was parked, where it was one."""
    try:
        found = json.loads(payload or "")
    except ValueError:
        return None
    name = found.get("id") if isinstance(found, dict) else None
    return name if isinstance(name, str) else None


def _resolved(it: DeadLetterResolved, place: Place) -> Iterator[Step]:
    told = {"status": it.how.value, "resolved_by": it.by, "resolved_at": it.at, "note": it.note}
    yield RESOLVE_DEAD_LETTER, {**place.columns, "which": it.id, **told}


def _reported(it: ConnectionReported, place: Place) -> Iterator[Step]:
    for name in ("used", "quota", "reserve"):
        if abs(getattr(it, name) or 0) > LARGEST:
            raise Poison("INVALID_VALUE", f"{name} is larger than any database can count", name)
    yield PUT_CONNECTION, {**place.columns, **it.model_dump(), "state": it.state.value}


HANDLERS: Mapping[type[Message], Callable[[Any, Place], Iterator[Step]]] = {
    **dict.fromkeys(CHANGED.values(), _changed),
    LinkDecided: _link,
    OverlapDecided: _overlap,
    Write: _write,
    WriteFinished: _finished,
    ConflictFound: _conflict,
    DeadLetter: _parked,
    DeadLetterResolved: _resolved,
    ConnectionReported: _reported,
    **OFFER_HANDLERS,
    **PARTNER_HANDLERS,
    **REGISTRATION_HANDLERS,
    **SHARING_HANDLERS,
}
