"""Turns what a group has to be into commands, and remembers what was sent; it never chooses a value.

A write says what it takes the record to be, in every field that it sets and in every field with a send whose end is not
known. So it is refused, with nothing written, where any of them has changed unseen; the change comes as an event and is
decided then. Expected is always what was last *seen*. What is still on its way goes along once more, so that a write is
not refused because the one before it was applied; where that one had another value, it is, and made again once seen.
"""

from collections.abc import Sequence

from schemas import topics
from schemas.messages import MatchBy, Parent, Write, WriteAction, identity
from streams.reconcile.book import Book
from streams.reconcile.desired import Wish, plan
from streams.reconcile.state import Group, Known, Send, Sent

OPEN = 64  # so many sends of one field without a known end are remembered


def settle(book: Book, group: Group) -> None:
    """Bring the records of a group to what they have to be, and show what cannot be settled."""
    made = plan(book, group)
    for ref, wishes in made.wishes.items():
        known = book.living(ref)
        if known is not None:
            _write(book, known, wishes, made.along.get(ref, ()))
    for conflict in made.conflicts:
        book.show(conflict)
    now = tuple(conflict.id for conflict in made.conflicts)
    for conflict_id in group.open:
        if conflict_id not in now:
            book.close(conflict_id, "it no longer is so.")
    current = book.group(group.entity, group.key)
    if current is not None and current.open != now:
        book.keep_group(current.model_copy(update={"open": now}))


def _write(book: Book, known: Known, wishes: Sequence[Wish], along: Sequence[Wish]) -> None:
    seq, sends = known.seq + 1, dict(known.sends)
    for wish in (*wishes, *along):
        before = sends.get(wish.name) or Send(last=None)
        tries = before.tries if before.last == wish.value else 0
        opened = _with(before.open, Sent(seq, wish.held, wish.at, wish.hops))
        sends[wish.name] = Send(last=wish.value, open=opened, flight=True, tries=tries, passed=before.passed)
    watched = [wish.name for wish in wishes] + [name for name, send in known.sends.items() if send.open]
    expected = {name: known.values.get(name) for name in dict.fromkeys(watched)}
    hops = max(wish.hops for wish in wishes)
    book.keep(known.model_copy(update={"seq": seq, "sends": sends, "sent_hops": hops}))
    write = Write(
        id=identity("write", known.ref, str(seq), book.cause),
        connection=known.connection,
        entity=known.entity,
        match_by=MatchBy.ID,
        key=known.record_id,
        fields={wish.name: wish.value for wish in (*along, *wishes)},
        expected=expected,
        reasons=tuple(dict.fromkeys(wish.why for wish in wishes)),
        causes=(book.cause,),
        decided_at=book.at,
    )
    say(book, write)


def _with(sent: tuple[Sent, ...], more: Sent) -> tuple[Sent, ...]:
    """One send more; of many of one value in a row the first and the last are enough."""
    again = len(sent) > 1 and all(each.held == more.held for each in sent[-2:])
    return ((*sent[:-1], more) if again else (*sent, more))[-OPEN:]


def archive(book: Book, known: Known, reason: str) -> None:
    """Ask for a record to be archived."""
    seq = known.seq + 1
    book.keep(known.model_copy(update={"seq": seq}))
    write = Write(
        id=identity("archive", known.ref, str(seq), book.cause),
        connection=known.connection,
        entity=known.entity,
        match_by=MatchBy.ID,
        key=known.record_id,
        fields={},
        action=WriteAction.ARCHIVE,
        reasons=(reason,),
        causes=(book.cause,),
        decided_at=book.at,
    )
    say(book, write)


def create(
    book: Book, group: Group, connection: str, wishes: Sequence[Wish], parent: Parent | None, reason: str
) -> None:
    """Ask for a record to be made under the group's key; where one stands there already, it must be empty or equal."""
    fields = {wish.name: wish.value for wish in wishes}
    write = Write(
        id=identity("create", group.key, connection, book.cause, repr(sorted(fields.items()))),
        connection=connection,
        entity=group.entity,
        match_by=MatchBy.EXTERNAL_ID,
        key=group.key,
        fields=fields,
        expected=dict.fromkeys(fields),
        parent=parent,
        reasons=(reason,),
        causes=(book.cause,),
        decided_at=book.at,
    )
    say(book, write)


def say(book: Book, write: Write) -> None:
    """Publish a write, ordered with those to the same record."""
    book.say(topics.writes(write.connection), write.record, write, write.id)
