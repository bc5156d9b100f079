"""Records touches and takes them back as what proves them changes, and finds the deals that this concerns.

A touch that was taken back is kept with the moment of that: a deal that was closed before keeps what stood on its last day.
"""

from collections.abc import Iterable, Sequence

from schemas import topics
from schemas.messages import TouchKind, TouchRecorded, identity
from streams.attribution.book import TWINS, Book
from streams.attribution.state import Points, Proof, Touch, stamp

DEALS = 200  # of one account, the first by name, are looked at for the touches of the account
TRAINED = 5000  # deals of one partner that a certification of its people is looked at for
NAMED = 2000  # touches of one partner that are told anew when it is called something else


def prove(book: Book, ref: str, drafts: Sequence[Touch], version: int | None = None) -> None:
    """A record or fact proves just these touches now; those that it proved before and no longer does are taken back.

    What a fact no longer says is over from now on. What a newer version of a record no longer says was never so: an older
    version may not be read at all, and must not leave anything behind where it is.
    """
    before = book.get(f"proof/{ref}", Proof) or Proof()
    wanted = {draft.name for draft in drafts}
    for name in before.touches:
        touch = book.touch(name)
        if name not in wanted and touch is not None:
            until = book.at if version is None else touch.at
            _keep(book, touch, touch.model_copy(update={"until": until}))
    for draft in drafts:
        _stand(book, draft)
    after = Proof(version=version, touches=tuple(sorted(wanted)))
    if after != before:
        book.put(f"proof/{ref}", after if after != Proof() else None)


def _stand(book: Book, draft: Touch) -> None:
    before = book.touch(draft.name)
    # What tells no moment of its own is dated by the first word of it, whatever is told later.
    first = draft.at if draft.dated or before is None else min(draft.at, before.at)
    _keep(book, before, draft.model_copy(update={"at": first}))


def _keep(book: Book, before: Touch | None, touch: Touch) -> None:
    """Remember a touch, tell it, and look at the deals that it concerns; nothing where nothing has changed."""
    partner, partner_name = book.partner(touch.named, touch.home, touch.given)
    after = touch.model_copy(update={"partner": partner, "partner_name": partner_name})
    if after == before:
        return
    _index(book, before, after)
    book.put(f"touch/{after.name}", after)
    _tell(book, after)
    for each in (before, after):
        if each is not None:
            look_at(book, each)


def _index(book: Book, before: Touch | None, after: Touch) -> None:
    old, new = set(_names(before)), set(_names(after))
    for name in sorted(old ^ new):
        book.mark(name, name in new)
    was, now = _on_accounts(before), _on_accounts(after)
    for account in sorted(was ^ now):
        book.count(account, touches=1 if account in now else -1)
    if after.kind is TouchKind.TRAINING:
        _last_trained(book, after)


def _names(touch: Touch | None) -> Iterable[str]:
    """The rows by which a touch is found."""
    if touch is None:
        return
    yield f"named/{touch.named}|{touch.name}"
    if touch.home is not None:
        yield f"named/{touch.home}/partner/{touch.named}|{touch.name}"
    if touch.kind is TouchKind.TRAINING:
        yield f"trained/{touch.partner}|{stamp(touch.at)[:10]}|{touch.name}"
    elif touch.deal is not None:
        yield f"at_deal/{touch.deal}|{touch.when}"
    for account in sorted(_on_accounts(touch)):
        yield f"at_account/{account}|{touch.when}"


def _on_accounts(touch: Touch | None) -> set[str]:
    """The accounts whose deals a touch may count for: none where it is about one deal."""
    return set() if touch is None or touch.deal is not None else set(touch.accounts)


def _last_trained(book: Book, touch: Touch) -> None:
    spot, day = book.get(f"last_trained/{touch.partner}", Points), stamp(touch.at)[:10]
    if spot is None or spot.to < day:
        book.put(f"last_trained/{touch.partner}", Points(to=day))


def _tell(book: Book, touch: Touch) -> None:
    fact = TouchRecorded(
        id="",
        touch=touch.name,
        kind=touch.kind,
        partner=touch.partner,
        partner_name=touch.partner_name,
        account=next(iter(touch.accounts), None),
        deal=touch.deal,
        at=touch.at,
        ref=touch.ref,
        standing=touch.until is None,
        words=touch.words,
        reasons=(touch.words,) if touch.until is None else (f"It is taken back: {touch.ref} no longer proves it.",),
        causes=(book.cause,),
        decided_at=book.at,
    )
    whole = fact.model_copy(update={"id": identity(fact.model_dump_json(exclude={"id"}))})
    book.say(topics.TOUCHES, touch.name, whole, whole.id)


def look_at(book: Book, touch: Touch) -> None:
    """Look at the deals that a touch may count for."""
    if touch.kind is TouchKind.TRAINING:
        for deal in book.below(f"has/{touch.partner}|", TRAINED):
            book.look(deal)
    elif touch.deal is not None:
        for deal in (living(book, touch.deal), *book.same(touch.deal)):
            book.look(deal)
    else:
        for account in touch.accounts:
            for deal in book.below(f"on_account/{account}|", DEALS):
                book.look(deal)


def living(book: Book, ref: str) -> str:
    """The deal, or the one that it was merged into, and so on."""
    for _ in range(TWINS):
        row = book.deal(ref)
        if row is None or row.merged_into is None:
            break
        ref = row.merged_into
    return ref


def renamed(book: Book, names: Iterable[str]) -> None:
    """Partners are called something else, or are known only now: their touches are told by what they are called now."""
    for named in sorted(set(names)):
        for name in book.below(f"named/{named}|", NAMED):
            touch = book.touch(name)
            if touch is not None:
                _keep(book, touch, touch)
