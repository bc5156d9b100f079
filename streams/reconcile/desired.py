"""What the fields of a group have to be, by the ownership: which value stays, who has to be written; it writes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from mappings.ownership import FieldRule, Policy
from schemas.messages import ConflictFound, ConflictKind, identity
from streams.reconcile.book import Book
from streams.reconcile.rules import KEY_FIELD
from streams.reconcile.state import Group, Known, clock
from streams.reconcile.values import No, held, localised, on_its_way, shows


@dataclass(frozen=True, slots=True)
class Wish:
    """One field of one record is to have a value."""

    name: str
    value: JsonValue
    held: JsonValue
    at: int
    hops: int
    why: str


@dataclass(slots=True)
class Plan:
    """What is to be written to which record of a group, and what is shown of it as open."""

    wishes: dict[str, list[Wish]] = field(default_factory=dict)
    along: dict[str, list[Wish]] = field(default_factory=dict)  # what is on its way already, and still wanted
    conflicts: list[ConflictFound] = field(default_factory=list)


def members(book: Book, group: Group) -> list[Known]:
    """The records of a group, in the order of the connections."""
    order = sorted(group.members.items(), key=lambda item: book.setup.rank[item[0]])
    return [known for _, ref in order if (known := book.living(ref)) is not None]


def holding(book: Book, records: Sequence[Known], name: str) -> list[Known]:
    """Those whose system has the field."""
    tables = ((known, book.setup.table(known.connection, known.entity)) for known in records)
    return [known for known, table in tables if table is not None and name in table.fields]


def latest(records: Sequence[Known], name: str, filled: bool = False) -> Known | None:
    """The record with the latest edit of a field; of equal ones the first. `filled`: only of those with a value."""
    said = [each for each in records if each.values.get(name) is not None or (name in each.at and not filled)]
    return max(said, key=lambda each: each.at.get(name, 0), default=None)


def winner(rule: FieldRule, records: Sequence[Known], name: str) -> Known | None:
    """The record whose value stays, as its people left it; None where nobody is known to have said anything."""
    records = [each.meant(name) for each in records]
    if rule.policy is Policy.OWNER:
        owner = next((each for each in records if each.connection == rule.owner), None)
        if owner is not None:
            return latest([owner], name)
    return latest(records, name)


def source(rule: FieldRule, records: Sequence[Known], name: str, target: Known) -> Known | None:
    """The record whose value the target has to take; its own, where a late write of ours has undone that."""
    if rule.policy is Policy.MANUAL:
        return None
    if rule.policy is Policy.FILL_BLANK:
        others = [each for each in records if each is not target]
        return latest(others, name, filled=True) if target.values.get(name) is None else None
    found = winner(rule, records, name)
    return None if found is target else found


def plan(book: Book, group: Group) -> Plan:
    """Everything that a group needs."""
    made, records = Plan(), members(book, group)
    for name, rule in book.setup.ownership[group.entity].fields.items():
        taking = holding(book, records, name)
        if rule.policy is Policy.MANUAL:
            made.conflicts += _differing(book, group, name, taking)
        for target in taking:
            chosen = source(rule, taking, name, target)
            if chosen is not None:
                _plan_field(book, group, made, name, rule, chosen, target)
    if len(group.members) > 1 or group.creating or any(known.values.get(KEY_FIELD) for known in records):
        for target in records:
            if book.setup.writable(target.connection, group.entity, KEY_FIELD):
                why = "the key of what stands in several systems"
                _wish(
                    book,
                    group,
                    made,
                    target,
                    Wish(KEY_FIELD, group.key, group.key, 0, target.hops.get(KEY_FIELD, 0), why),
                )
    return made


def _plan_field(book: Book, group: Group, made: Plan, name: str, rule: FieldRule, chosen: Known, target: Known) -> None:
    table = book.setup.table(target.connection, group.entity)
    value = localised(book, chosen, target.connection, name)
    if table is None or isinstance(value, No) or not book.setup.writable(target.connection, group.entity, name):
        return
    if target.values.get(name) == value or (value is None and name in table.required):
        return
    stands = held(table, name, value)
    if isinstance(stands, No):
        made.conflicts.append(_unholdable(book, group, name, value, stands, chosen, target))
        return
    at, there = chosen.at.get(name, 0), target.at.get(name, 0)
    # An answer to an answer: the write goes on with the chain, unless somebody has edited since.
    hops = chosen.hops.get(name, 0) if at > there else max(chosen.hops.get(name, 0), target.hops.get(name, 0))
    _wish(book, group, made, target, Wish(name, value, stands, at, hops, because(rule, name, chosen)))


def _wish(book: Book, group: Group, made: Plan, target: Known, wish: Wish) -> None:
    table = book.setup.table(target.connection, group.entity)
    send = target.sends.get(wish.name)
    if table is None:
        return
    if on_its_way(send, wish.value):
        made.along.setdefault(target.ref, []).append(wish)
        return
    refused = send is not None and send.settled and send.tries > 0 and send.last == wish.value
    if shows(target, table, wish.name, wish.value):
        if refused and target.values.get(wish.name) != wish.held:
            reason = f"{target.connection} does not keep {wish.value!r} in {wish.name}: it was sent several times"
            made.conflicts.append(_automation(book, group, target, wish, reason))
        return
    if wish.hops > book.setup.rules.max_hops:
        reason = f"automations answer each other in {wish.name}, again and again: nothing more is passed on"
        made.conflicts.append(_automation(book, group, target, wish, reason))
        return
    made.wishes.setdefault(target.ref, []).append(wish)


def because(rule: FieldRule, name: str, chosen: Known) -> str:
    """Why a value stays, in words."""
    when = f", edited there at {clock(chosen.at[name])}" if name in chosen.at else ""
    words = {
        Policy.OWNER: f"{chosen.connection} is the system of record of {name}",
        Policy.FILL_BLANK: f"{name} was empty, filled from {chosen.connection}",
    }
    said = words.get(rule.policy) if rule.policy is not Policy.OWNER or rule.owner == chosen.connection else None
    return (said or f"the latest {name} is that of {chosen.connection}") + when


def _differing(book: Book, group: Group, name: str, records: Sequence[Known]) -> Iterator[ConflictFound]:
    """The systems differ in a field that none may overwrite."""
    first = records[0] if records else None
    for other in records[1:]:
        table = book.setup.table(other.connection, group.entity)
        mine = book.setup.table(records[0].connection, group.entity)
        assert first is not None and table is not None and mine is not None  # noqa: S101, PT018  they hold the field
        value, back = localised(book, first, other.connection, name), localised(book, other, first.connection, name)
        if isinstance(value, No) or isinstance(back, No):
            continue
        if not shows(other, table, name, value) and not shows(first, mine, name, back):
            yield ConflictFound(
                id=identity("manual", group.key, name, other.ref),
                kind=ConflictKind.MANUAL,
                entity=group.entity,
                key=group.key,
                refs=tuple(sorted((first.ref, other.ref))),
                field=name,
                open=True,
                reason=f"{name} is {value!r} in {first.connection} and {other.values.get(name)!r} in {other.connection}.",
                remedy=f"make {name} equal in both systems; no system may overwrite it",
                causes=(book.cause,),
                found_at=book.at,
            )


def _unholdable(
    book: Book, group: Group, name: str, value: JsonValue, no: No, chosen: Known, target: Known
) -> ConflictFound:
    return ConflictFound(
        id=identity("unholdable", group.key, name, target.ref),
        kind=ConflictKind.FIELD,
        entity=group.entity,
        key=group.key,
        refs=tuple(sorted((chosen.ref, target.ref))),
        field=name,
        kept=target.values.get(name),
        lost=value,
        open=True,
        reason=f"{target.connection} cannot hold {value!r} of {chosen.connection} in {name}: {no.reason}",
        remedy=no.remedy,
        causes=(book.cause,),
        found_at=book.at,
    )


def _automation(book: Book, group: Group, target: Known, wish: Wish, reason: str) -> ConflictFound:
    return ConflictFound(
        id=identity("automation", group.key, wish.name, target.ref),
        kind=ConflictKind.AUTOMATION,
        entity=group.entity,
        key=group.key,
        refs=tuple(sorted(group.members.values())),
        field=wish.name,
        kept=target.values.get(wish.name),
        lost=wish.value,
        open=True,
        reason=f"{reason}.",
        remedy=f"see which automation of {target.connection} changes {wish.name}; then edit the field once",
        causes=(book.cause,),
        found_at=book.at,
    )
