"""Tells the story of one record, thing, write, overlap or partner from the ledger: what happened, and why; it changes nothing.

The story of a deal with a private offer, and of anything in its chain, is that of the whole chain in one order; so is that of
a deal and of the registrations and leads that it came from.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from tandem.ledger.answers import Candidate, Event, Trace
from tandem.ledger.chains import chained, offer_decisions, ruled, said_of_match, written_to
from tandem.ledger.partnering import KINDS, partner_called, partner_events, subjects_of, together
from tandem.ledger.queries import Unknown
from tandem.ledger.tables import Base

T = Base.metadata.tables
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a trace is of: records, overlaps, single writes, and whatever else something is decided of (`others`)."""

    title: str
    refs: Sequence[str] = ()
    key: str | None = None
    members: Sequence[str] = ()
    overlaps: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)


def trace(asked: Connection, name: str, limit: int = 500) -> Trace | list[Candidate]:
    """Of a record (`connection/entity/id`, or its id alone), a Tandem key, a write, an overlap or a partner's key.

    Several candidates where records of several systems have that id; `Unknown` where nothing has.
    """
    subject = _subject(asked, name)
    if isinstance(subject, list):
        return subject
    events = sorted(_events(asked, subject), key=lambda it: (it.at, _ORDER.index(it.kind), it.offset, it.id))
    shown = events[-limit:]
    return Trace(name, subject.title, subject.key, list(subject.members), shown, len(shown) < len(events))


_ORDER = (
    "change", "ruling", "link", "overlap", "match", "offer", *KINDS, "conflict", "write", "dead letter", "outcome",
)  # fmt: skip


def _subject(asked: Connection, name: str) -> Subject | list[Candidate]:
    record, link = T["record"].c, T["link"].c
    if asked.execute(select(record.ref).where(record.ref == name)).first():
        return _of_record(asked, name)
    members = list(asked.scalars(select(link.ref).where(link.key == name).order_by(link.ref)))
    if members:
        return Subject(
            f"{name}, which stands in {len(members)} systems", members, name, members, _overlaps(asked, members)
        )
    other = _of_another(asked, name)
    if other is not None:
        return other
    refs = asked.execute(select(record.ref, record.name).where(record.record_id == name).order_by(record.ref)).all()
    if len(refs) == 1:
        return _of_record(asked, refs[0].ref)
    if refs:
        return [Candidate(row.ref, row.name or "") for row in refs]
    raise Unknown(
        f"the ledger knows no record, Tandem key, write, overlap or partner {name!r}. Remedy: name a record as "
        "connection/entity/id; `tandem status` says whether the ledger is up to date."
    )


def _of_another(asked: Connection, name: str) -> Subject | None:
    """What is no record and no thing of several: a write, an overlap, a partner by its key."""
    write, overlap = T["write"].c, T["overlap"].c
    found = asked.execute(select(write.id, write.connection, write.entity, write.key).where(write.id == name)).first()
    if found:
        return Subject(f"write {found.id} to {found.connection}/{found.entity}/{found.key}", writes={name})
    if asked.execute(select(overlap.key).where(overlap.key == name)).first():
        return Subject(f"overlap {name}", overlaps={name})
    partner = partner_called(asked, name)
    if partner is None:
        return None
    return Subject(partner.title, partner.refs, others=subjects_of(asked, partner.refs) | {name})


def _of_record(asked: Connection, ref: str) -> Subject:
    record, link = T["record"].c, T["link"].c
    row = asked.execute(select(T["record"]).where(record.ref == ref)).one()
    linked = asked.execute(select(link.key, link.members).where(link.ref == ref)).first()
    key, members = (linked.key, linked.members) if linked else (None, [])
    refs, title = together(asked, chained(asked, ref)), f"{ref} {row.name or ''}".strip()
    if len(refs) > 1:
        title += f", in one chain with {', '.join(each for each in refs if each != ref)}"
    return Subject(title, refs, key, members, _overlaps(asked, [ref]), others=subjects_of(asked, refs))


def _overlaps(asked: Connection, refs: Sequence[str]) -> set[str]:
    overlap, record = T["overlap"].c, T["record"].c
    partner = and_(overlap.partner_account == record.record_id, record.party == "partner:" + overlap.partner)
    theirs = select(overlap.key).join(T["record"], partner).where(record.ref.in_(refs), record.entity == "account")
    ours = select(overlap.key).where(overlap.our_ref.in_(refs))
    return {*asked.scalars(ours), *asked.scalars(theirs)}


def _events(asked: Connection, subject: Subject) -> Iterator[Event]:
    written = subject.writes | _writes(asked, subject)
    yield from _changes(asked, subject.refs)
    yield from ruled(asked, subject.refs)
    yield from _decisions(asked, [*subject.refs, *subject.overlaps, *subject.others])
    yield from _write_events(asked, written)
    yield from _outcomes(asked, written)
    yield from _conflicts(asked, subject.refs)
    yield from _letters(asked, subject.refs, written)


def _writes(asked: Connection, subject: Subject) -> set[str]:
    """Writes to the records, of the overlaps, and those that the records' changes caused elsewhere."""
    write, outcome, cause, change = T["write"].c, T["outcome"].c, T["cause"].c, T["change"].c
    found = set(asked.scalars(select(write.id).where(write.key.in_([*subject.overlaps, subject.key or ""]))))
    for named, reached in written_to(subject.refs):
        found |= {
            *asked.scalars(select(write.id).where(named)),
            *asked.scalars(select(outcome.write_id).where(reached)),
        }
    ours = select(change.id).where(change.ref.in_(subject.refs))
    rulings = select(T["ruling_record"].c.ruling_id).where(T["ruling_record"].c.ref.in_(subject.refs))
    caused = or_(cause.cause_id.in_(ours), cause.cause_id.in_(rulings))
    found |= set(asked.scalars(select(cause.effect_id).where(caused, cause.kind == "write")))
    return found


def _changes(asked: Connection, refs: Sequence[str]) -> Iterator[Event]:
    table = T["change"]
    rows = asked.execute(select(table).where(table.c.ref.in_(refs)).order_by(table.c.version, table.c.at_offset))
    last: dict[str, Values] = {}
    for row in rows:
        after: Values = row.fields or {}
        fields = _difference(last.get(row.ref, {}), after) if row.fields is not None else {}
        last[row.ref] = after
        said = _said_of_change(row)
        yield Event(row.occurred_at, "change", row.id, row.ref, said, fields, own=row.own, offset=row.at_offset)


def _said_of_change(row: Any) -> str:
    by = f" by {row.actor}" if row.actor else ""
    into = f" into {row.merged_into}" if row.merged_into else ""
    return f"{row.kind}{into}{by}{' (Tandem itself)' if row.own else ''}"


def _difference(before: Values, after: Values) -> dict[str, tuple[Any, Any]]:
    names = [*after, *(name for name in before if name not in after)]
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1] and not (not pair[0] and not pair[1])}


def _decisions(asked: Connection, subjects: Sequence[str]) -> Iterator[Event]:
    table = T["decision"]
    wanted = select(table).where(table.c.subject.in_(subjects)).order_by(table.c.position_id, table.c.at_offset)
    rows = asked.execute(wanted).all()
    yield from offer_decisions(row for row in rows if row.kind == "offer")
    yield from partner_events(row for row in rows if row.kind in KINDS)
    for row in rows:
        if row.kind in _SAID:
            said = _SAID[row.kind](row.content)
            at, reasons, causes = row.decided_at, row.reasons, row.causes
            yield Event(at, row.kind, row.id, row.subject, said, {}, reasons, causes, offset=row.at_offset)


def _said_of_link(it: Values) -> str:
    if it.get("key") is None:
        return "stands for nothing any more"
    rule = f", by {it['rule']}" if it.get("rule") else ""
    return f"is {it['key']}, with {len(it['members'])} records{rule} (confidence {it['confidence']:.2f})"


def _said_of_overlap(it: Values) -> str:
    return f"{it['status']} overlap with {it['partner_name']}: {it['partner_account_name']} (confidence {it['confidence']:.2f})"


_SAID: Mapping[str, Callable[[Values], str]] = {
    "link": _said_of_link,
    "overlap": _said_of_overlap,
    "match": said_of_match,
}


def _write_events(asked: Connection, written: set[str]) -> Iterator[Event]:
    table = T["write"]
    rows = asked.execute(select(table).where(table.c.id.in_(written))).all()
    known = _known_before(asked, {f"{row.connection}/{row.entity}/{row.key}" for row in rows if row.match_by == "id"})
    for row in rows:
        ref = f"{row.connection}/{row.entity}/{row.key}"
        stood = next((fields for at, fields in known.get(ref, ()) if at <= row.decided_at), {})
        before = stood | (row.expected or {})
        fields = {name: (before.get(name), value) for name, value in row.fields.items()}
        said = "archive it" if row.action == "archive" else "set its fields"
        reasons, causes = row.reasons, row.causes
        yield Event(row.decided_at, "write", row.id, ref, said, fields, reasons, causes, offset=row.at_offset)


def _known_before(asked: Connection, refs: Iterable[str]) -> dict[str, list[tuple[Any, Values]]]:
    """Of each record when it had which values, the newest first."""
    change = T["change"].c
    found: dict[str, list[tuple[Any, Values]]] = {}
    asked_for = select(change.ref, change.occurred_at, change.fields).where(change.ref.in_(refs), ~change.own)
    for row in asked.execute(asked_for.order_by(change.version.desc())):
        found.setdefault(row.ref, []).append((row.occurred_at, row.fields or {}))
    return found


def _outcomes(asked: Connection, written: set[str]) -> Iterator[Event]:
    table = T["outcome"]
    for row in asked.execute(select(table).where(table.c.write_id.in_(written))):
        words = ": ".join(filter(None, (row.code, row.reason)))
        reached = f", record {row.target_id}" if row.target_id else ""
        said = f"{row.status}{reached}{f' ({words})' if words else ''}"
        ref = f"{row.connection}/{row.entity}/{row.key}"
        yield Event(row.finished_at, "outcome", row.id, ref, said, causes=[row.write_id], offset=row.at_offset)


def _conflicts(asked: Connection, refs: Sequence[str]) -> Iterator[Event]:
    table, of = T["conflict"], T["conflict_record"].c
    concerned = select(of.conflict_id).where(of.ref.in_(refs))
    for row in asked.execute(select(table).where(table.c.id.in_(concerned))):
        fields = {row.field: (row.lost, row.kept)} if row.field else {}
        state = "open" if row.open else "settled"
        reasons = [row.reason, *filter(None, (row.remedy,))]
        yield Event(
            row.found_at, "conflict", row.id, ", ".join(row.refs), f"{state}, {row.kind}", fields, reasons, row.causes
        )


def _letters(asked: Connection, refs: Sequence[str], written: set[str]) -> Iterator[Event]:
    table, change = T["dead_letter"], T["change"].c
    ours = select(change.id).where(change.ref.in_(refs))
    rows_of = [
        and_(table.c.stage == f"source:{connection}", table.c.subject.endswith(f" {record_id}", autoescape=True))
        for connection, _, record_id in (ref.split("/", 2) for ref in refs)
    ]
    wanted = or_(table.c.event_id.in_(written), table.c.event_id.in_(ours), *rows_of)
    for row in asked.execute(select(table).where(wanted)):
        said = f"{row.status}, {row.code} at {row.stage}"
        yield Event(row.parked_at, "dead letter", row.id, row.subject, said, reasons=[row.reason, row.remedy])
