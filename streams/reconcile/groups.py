"""Groups of records that are one thing: how they come together and fall apart; it never says which should."""

from collections.abc import Sequence

from schemas.messages import LinkRule, identity
from streams.reconcile.book import Book
from streams.reconcile.rules import KEY_FIELD
from streams.reconcile.state import FIRM, Group, Known, entity_of, group_name


def found(book: Book, known: Known) -> Group:
    """The group of a record, made if it has none."""
    group = book.group_of(known)
    return group if group is not None else alone(book, known, _free_key(book, [known]))


def alone(book: Book, known: Known, key: str) -> Group:
    """A group of one under this key; the record must be in none."""
    book.was_linked(known.ref, None)
    book.keep(known.model_copy(update={"group": key}))
    book.touched[known.entity, key] = None
    return book.keep_group(Group(entity=known.entity, key=key, members={known.connection: known.ref}))


def joinable(book: Book, one: Known, other: Known) -> bool:
    """Whether no connection would have two records of one thing, and no person has ruled against it."""
    ours, theirs = _refs(book, one), _refs(book, other)
    if set(ours) & set(theirs):
        return False
    return not any(_apart(book, mine, ref) for mine in ours.values() for ref in theirs.values())


def _apart(book: Book, one: str, other: str) -> bool:
    first, second = book.record(one), book.record(other)
    return bool((first and other in first.apart) or (second and one in second.apart))


def join(
    book: Book, one: Known, other: Known, rule: LinkRule, confidence: float = 1.0, reasons: Sequence[str] = ()
) -> Group:
    """The two records and all that is linked with them become one thing. They must be `joinable`."""
    groups = [group for each in (one, other) if (group := book.group_of(each)) is not None]
    records = [record for ref in {**_refs(book, one), **_refs(book, other)}.values() if (record := book.living(ref))]
    for record in records:
        book.was_linked(record.ref, book.group_of(record))
    # The larger stays, so that as few records as possible get another key.
    base = min(groups, key=lambda group: (-len(group.members), group.key), default=None)
    key = base.key if base is not None else _free_key(book, records)
    creating = {name: sent for group in groups for name, sent in group.creating.items()}
    gone = {name: by for group in groups for name, by in group.gone.items()}
    members = {record.connection: record.ref for record in records}
    firm = {ref for group in groups for ref in group.firm} | ({one.ref, other.ref} if rule in FIRM else set())
    for group in groups:
        book.touched[group.entity, group.key] = None
        if group.key != key:
            drop(book, group, f"its records now stand for {key}.")
    grown = Group(
        entity=one.entity,
        key=key,
        members=members,
        firm=tuple(sorted(firm)),
        rule=rule,
        confidence=confidence,
        reasons=tuple(reasons),
        creating={name: sent for name, sent in creating.items() if name not in members},
        gone={name: by for name, by in gone.items() if name not in members},
        open=base.open if base is not None else (),
    )
    for record in records:
        book.keep(record.model_copy(update={"group": key}))
    book.touched[grown.entity, key] = None
    return book.keep_group(grown)


def leave(book: Book, known: Known, gone: str | None = None) -> Group | None:
    """A record leaves its group, which lives on while it has others; `gone` says who deleted it, if it was deleted.

    What leaves alive still carries the key in its system for a while, so the others go on under a new one: else a record
    that is then made for them would be written over the one that left.
    """
    group = book.group_of(known)
    if group is None or group.members.get(known.connection) != known.ref:
        return None
    for ref in group.members.values():
        book.was_linked(ref, group)
    book.touched[group.entity, group.key] = None
    members = {name: ref for name, ref in group.members.items() if ref != known.ref}
    if not members or gone is None:
        drop(book, group, "its records no longer stand for one thing." if members else "none of its records is left.")
    if not members:
        return None
    marks = {**group.gone, **({known.connection: gone} if gone else {})}
    # What was deleted may come back to its place; what has left is no more linked than any other.
    firm = group.firm if gone is not None else tuple(ref for ref in group.firm if ref != known.ref)
    left = group.model_copy(update={"members": members, "firm": firm, "gone": marks})
    return book.keep_group(left) if gone is not None else _renamed(book, left)


def _renamed(book: Book, group: Group) -> Group:
    key = identity("renamed", group.key, book.cause)
    for ref in group.members.values():
        known = book.record(ref)
        if known is not None:
            book.keep(known.model_copy(update={"group": key}))
    book.touched[group.entity, key] = None
    return book.keep_group(group.model_copy(update={"key": key, "open": (), "creating": {}}))


def drop(book: Book, group: Group, why: str) -> None:
    """A group ends."""
    for conflict_id in group.open:
        book.close(conflict_id, why)
    book.put(group.name, None)


def _refs(book: Book, known: Known) -> dict[str, str]:
    group = book.group_of(known)
    return {known.connection: known.ref} if group is None else dict(group.members)


def _free_key(book: Book, records: Sequence[Known]) -> str:
    """A key that one of them has already and that is not another group's, or else a new one."""
    entity = entity_of(records[0].ref)
    for record in records:
        key = record.values.get(KEY_FIELD)
        if isinstance(key, str) and book.get(group_name(entity, key), Group) is None:
            return key
    # With the cause: a record that stood for one thing before may have to stand for another one.
    return identity("thing", entity, book.cause, *sorted(record.ref for record in records))
