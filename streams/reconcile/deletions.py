"""What becomes of the counterparts of a record that is gone: by policy, and never very many at once unasked."""

from collections.abc import Sequence

from mappings.ownership import OnGone
from schemas.messages import Changed, ChangeKind, ConflictFound, ConflictKind, LinkRule, identity, record_ref
from streams.reconcile import writes
from streams.reconcile.book import Book
from streams.reconcile.groups import join, joinable, leave
from streams.reconcile.state import Group, Held, Known, Refs, Tally

MINUTE_S = 60
HOUR = 60  # minutes


def count(book: Book, connection: str, entity: str, more: int) -> None:
    """So many records more (or fewer) are there."""
    name = f"tally/{connection}/{entity}"
    tally = book.get(name, Tally) or Tally()
    book.put(name, tally.model_copy(update={"alive": tally.alive + more}))


def gone(book: Book, known: Known, event: Changed) -> None:
    """A record was deleted, or merged into another one: its counterparts are treated by the policy."""
    count(book, known.connection, known.entity, -1)
    settle_doubles(book, known.ref, "one of them is gone.")
    if not event.own:
        _tally(book, known)
    group = leave(book, known, "us" if event.own else "them")
    if group is None or event.own:
        return  # our own deletion follows one that was decided
    rules = book.setup.ownership[known.entity]
    merged = event.kind is ChangeKind.MERGED and event.merged_into is not None
    if merged and _inherited(book, known, group, str(event.merged_into), rules.on_merge):
        return
    policy = rules.on_merge if merged else rules.on_delete
    if policy is OnGone.IGNORE:
        _unmark(book, known)
    if policy is OnGone.ARCHIVE:
        _archive(book, known, group, "merged into another" if merged else "deleted")


def _unmark(book: Book, known: Known) -> None:
    group = book.group_of(known)
    if group is not None:
        kept = {name: by for name, by in group.gone.items() if name != known.connection}
        book.keep_group(group.model_copy(update={"gone": kept}))


def _inherited(book: Book, loser: Known, group: Group, winner_id: str, policy: OnGone) -> bool:
    """Whether the record that was kept takes over the counterparts; where it has its own, people are told of both."""
    winner_ref = record_ref(loser.connection, loser.entity, winner_id)
    winner, refs = book.living(winner_ref), tuple(sorted(group.members.values()))
    if winner is None:
        if book.record(winner_ref) is None:
            book.put(f"heir/{winner_ref}", Refs(refs=refs))
            return True
        return False
    if inherit(book, winner, refs):
        return True
    if policy is OnGone.UNLINK:
        _show_double(book, loser, winner, refs)
    return False


def inherit(book: Book, winner: Known, refs: Sequence[str]) -> bool:
    """Link what a merged record was linked with to the record that was kept, if it has no such counterparts."""
    heirs = [known for ref in refs if (known := book.living(ref)) is not None]
    if not heirs or not joinable(book, winner, heirs[0]):
        return False
    join(book, winner, heirs[0], LinkRule.EXPLICIT, 1.0, (f"its counterpart was merged into {winner.record_id}",))
    return True


def heirs_of(book: Book, known: Known) -> None:
    """A record that is seen for the first time takes over what merged records have left to it."""
    name = f"heir/{known.ref}"
    left = book.get(name, Refs)
    if left is not None:
        inherit(book, known, left.refs)
        book.put(name, None)


def _show_double(book: Book, loser: Known, winner: Known, refs: Sequence[str]) -> None:
    group = book.group_of(winner)
    others = sorted(group.members.values()) if group is not None else [winner.ref]
    concerned = tuple(sorted({*refs, *others}))
    for ref in concerned:
        row = book.get(f"double/{ref}", Refs) or Refs()
        book.put(f"double/{ref}", Refs(refs=tuple(sorted({*row.refs, refs[0]}))))
    book.show(
        ConflictFound(
            id=identity("double", refs[0]),
            kind=ConflictKind.CROSSWALK,
            entity=winner.entity,
            key=winner.group,
            refs=concerned,
            open=True,
            reason=f"{loser.record_id} was merged into {winner.record_id} in {winner.connection}; each of them has its "
            f"own counterpart, so that two records now stand for one.",
            remedy=f"merge {', '.join(refs)} into the counterpart of {winner.ref}; or "
            f"`tandem rule unlink {winner.ref} {refs[0]}`",
            causes=(book.cause,),
            found_at=book.at,
        )
    )


def settle_doubles(book: Book, ref: str, why: str) -> None:
    """The contest over two counterparts is over."""
    row = book.get(f"double/{ref}", Refs)
    for subject in row.refs if row is not None else ():
        book.close(identity("double", subject), why)
    if row is not None:
        book.put(f"double/{ref}", None)


def _tally(book: Book, known: Known) -> None:
    name, minute = f"tally/{known.connection}/{known.entity}", int(book.at.timestamp()) // MINUTE_S
    tally = book.get(name, Tally) or Tally()
    latest = max((minute, *tally.deleted))
    deleted = {each: n for each, n in tally.deleted.items() if each > latest - HOUR}
    if minute > latest - HOUR:
        deleted[minute] = deleted.get(minute, 0) + 1
    book.put(name, tally.model_copy(update={"deleted": dict(sorted(deleted.items()))}))


def _archive(book: Book, known: Known, group: Group, what: str) -> None:
    name, rules = f"tally/{known.connection}/{known.entity}", book.setup.rules
    tally = book.get(name, Tally) or Tally()
    lately = sum(tally.deleted.values())
    limit = max(rules.max_deleted, rules.max_deleted_share * (tally.alive + lately))
    refs = tuple(sorted(group.members.values()))
    if not tally.stopped and lately <= limit:
        _archive_all(book, refs, f"{known.record_id} was {what} in {known.connection}")
        return
    book.put(f"held/{known.ref}", Held(refs=refs, group=group.key, cause=book.cause, at=book.at))
    if not tally.stopped:
        book.put(name, tally.model_copy(update={"stopped": True}))
        _ask(book, known, lately, tally.alive + lately)


def _archive_all(book: Book, refs: Sequence[str], reason: str) -> None:
    for ref in refs:
        counterpart = book.living(ref)
        table = book.setup.table(counterpart.connection, counterpart.entity) if counterpart is not None else None
        if counterpart is not None and table is not None and table.writes:
            writes.archive(book, counterpart, reason)


def _ask(book: Book, known: Known, lately: int, of: int) -> None:
    book.show(
        ConflictFound(
            id=identity("mass", known.connection, known.entity),
            kind=ConflictKind.MASS_DELETION,
            entity=known.entity,
            refs=(known.ref,),
            open=True,
            reason=f"{lately} of {of} {known.entity} records of {known.connection} were deleted within an hour; "
            "from here on their counterparts are not archived until a person has confirmed it.",
            remedy=f"`tandem rule confirm-deletions {known.connection}` if they are meant, "
            f"`tandem rule discard-deletions {known.connection}` if the counterparts are to stay",
            causes=(book.cause,),
            found_at=book.at,
        )
    )


def restored(book: Book, known: Known) -> None:
    """A record is there again: what waited for its deletion is dropped, and what followed it may be undone."""
    book.put(f"held/{known.ref}", None)
    group = book.group_of(known)
    if group is not None:
        kept = {name: by for name, by in group.gone.items() if by != "us" and name != known.connection}
        book.keep_group(group.model_copy(update={"gone": kept}))


def release(book: Book, connection: str, confirmed: bool) -> bool:
    """Do what is held of a connection, or drop it; False where so many wait that this must be called again."""
    limit = book.setup.rules.chunk
    names = book.scan(f"held/{connection}/", limit)
    for name in names:
        held = book.get(name, Held)
        if held is not None and confirmed:
            there = [known for ref in held.refs if (known := book.living(ref)) is not None]
            still = [known.ref for known in there if known.group == held.group]
            _archive_all(book, still, "its counterpart was deleted, and a person has confirmed that")
        book.put(name, None)
    if len(names) == limit:
        return False
    for entity in book.setup.ownership:
        tally = book.get(f"tally/{connection}/{entity}", Tally)
        if tally is not None and tally.stopped:
            book.put(f"tally/{connection}/{entity}", Tally(alive=tally.alive))
            book.close(identity("mass", connection, entity), "confirmed." if confirmed else "discarded.")
    return True
