"""What people rule: these are the same, these are not, this mass deletion is meant; it asks nobody back."""

from schemas.messages import ConflictFound, ConflictKind, LinkRule, Ruling, RulingGiven, identity
from streams.reconcile.book import Book
from streams.reconcile.deletions import settle_doubles
from streams.reconcile.groups import alone, join, joinable, leave
from streams.reconcile.state import Known, entity_of


def rule(book: Book, event: RulingGiven) -> list[str]:
    """Carry out a ruling on links; returns the records that have to be looked at."""
    records = [known for ref in event.refs if (known := book.living(ref)) is not None]
    if len(records) < max(2, len(event.refs)) or len({known.entity for known in records}) > 1:
        _void(book, event)
        return []
    for known in records:
        settle_doubles(book, known.ref, f"{event.by} has ruled.")
    pairs = [(records[0], other) for other in records[1:]]
    for one, other in pairs:
        if event.ruling is Ruling.LINK:
            _link(book, one.ref, other.ref, event.by)
        else:
            _unlink(book, one.ref, other.ref, event)
    return [known.ref for known in records]


def _now(book: Book, ref: str) -> Known:
    known = book.living(ref)
    assert known is not None  # noqa: S101  it was looked up before
    return known


def _link(book: Book, one: str, other: str, by: str) -> None:
    for ref, against in ((one, other), (other, one)):
        known = _now(book, ref)
        book.keep(known.model_copy(update={"apart": tuple(each for each in known.apart if each != against)}))
    first, second = _now(book, one), _now(book, other)
    if first.group is not None and first.group == second.group:
        _mark(book, one, other)
        return
    if not joinable(book, first, second):
        # What stands in the way is the link of one of the two to a third record: the person says that it is wrong.
        for known in (second, first):
            if not joinable(book, _now(book, one), _now(book, other)):
                leave(book, known)
                book.keep(_now(book, known.ref).model_copy(update={"group": None}))
    if joinable(book, _now(book, one), _now(book, other)):
        join(book, _now(book, one), _now(book, other), LinkRule.EXPLICIT, 1.0, (f"{by} has ruled so",))
        _mark(book, one, other)


def _mark(book: Book, *refs: str) -> None:
    for ref in refs:
        book.keep(_now(book, ref).model_copy(update={"ruled": True}))


def _unlink(book: Book, one: str, other: str, event: RulingGiven) -> None:
    first, second = _now(book, one), _now(book, other)
    group = book.group_of(second)
    together = group is not None and first.group == second.group
    mates = sorted(ref for ref in group.members.values() if ref != other) if group is not None and together else [one]
    for mate in mates:
        known = book.record(mate)
        if known is not None:
            book.keep(known.model_copy(update={"apart": tuple(sorted({*known.apart, other})), "ruled": False}))
    second = _now(book, other)
    update = {"apart": tuple(sorted({*second.apart, *mates})), "ruled": False}
    book.keep(second.model_copy(update=update))
    if together:
        leave(book, _now(book, other))
        # A key of its own: the one that it carries still says that it is the same.
        book.keep(_now(book, other).model_copy(update={"group": None}))
        alone(book, _now(book, other), identity("ruled", event.id, other))


def _void(book: Book, event: RulingGiven) -> None:
    """A ruling that cannot be carried out is said to be so."""
    book.show(
        ConflictFound(
            id=identity("ruling", event.id),
            kind=ConflictKind.CROSSWALK,
            entity=entity_of(event.refs[0]) if event.refs and event.refs[0].count("/") > 1 else "",
            refs=event.refs,
            open=False,
            reason=f"the ruling of {event.by} names {', '.join(event.refs) or 'nothing'}: two records of one kind that "
            "are there, written as connection/entity/id, are needed; nothing was changed.",
            causes=(book.cause,),
            found_at=book.at,
        )
    )
