"""Looks at each deal that something has changed for: what counts, who brought it, and what each model gives to whom."""

from schemas.messages import AttributionDecided, Share
from streams.attribution.book import Book
from streams.attribution.counting import Counted, counted, names, twins
from streams.attribution.models import MODELS, shares
from streams.attribution.state import Credit, DealRow, Touch
from streams.attribution.telling import forget, publish, show

LOOKS = 250  # deals that one event looks at, more than one account's; the others are looked at with the next events
BACKLOG = 20000  # of those, so many are noted


def settle(book: Book) -> None:
    """Look at the deals that were touched, and at those that were left by events before; each once."""
    left = book.below("todo/", LOOKS)
    queue = dict.fromkeys([*left, *book.touched])
    done: set[str] = set()
    while queue and len(done) < LOOKS:
        ref = next(iter(queue))
        del queue[ref]
        done.add(ref)
        queue |= {each: None for each in _look(book, ref) if each not in done}
    for ref in left:
        if ref in done:
            book.mark(f"todo/{ref}", there=False)
    for ref in list(queue)[:BACKLOG]:
        if ref not in left:
            book.mark(f"todo/{ref}", there=True)


def _look(book: Book, ref: str) -> list[str]:
    """Settle one deal; returns the one to look at in its stead, where that counts and this does not."""
    row = book.deal(ref)
    group = twins(book, ref)
    if row is None or not row.alive:
        _leave(book, ref, "The deal is gone.")
        forget(book, ref)
        return [] if row is None or row.merged_into is None else [row.merged_into]
    if group.first != ref:
        _leave(book, ref, f"The deal is {group.first} in another CRM, and counts there.")
        return [group.first]
    others = [each for each in map(book.deal, group.others) if each is not None]
    _settle(book, row, others)
    return []


def _settle(book: Book, row: DealRow, others: list[DealRow]) -> None:
    found = counted(book, row, others)
    before = book.get(f"credit/{row.ref}", Credit)
    if before is None and not found.touches:
        return
    fact = _fact(book, row, others, found)
    partners = tuple(sorted({each.partner for each in found.touches}))
    _remember(book, row.ref, before, Credit(fact=publish(book, before, fact), partners=partners))
    for each in (row, *others):
        show(book, each, fact, found.touches)


def _leave(book: Book, ref: str, why: str) -> None:
    """The deal does not count: nobody has a part in it any more."""
    before = book.get(f"credit/{ref}", Credit)
    if before is None:
        return
    fact = AttributionDecided(id="", deal=ref, deal_name=before.fact.deal_name, reasons=(why,), decided_at=book.at)
    _remember(book, ref, before, Credit(fact=publish(book, before, fact)))


def _remember(book: Book, ref: str, before: Credit | None, after: Credit) -> None:
    """Keep what was said, and by which partners' certifications the deal is found."""
    if after == before:
        return
    old, new = set(before.partners if before is not None else ()), set(after.partners)
    for partner in sorted(old ^ new):
        book.mark(f"has/{partner}|{ref}", partner in new)
    book.put(f"credit/{ref}", after)


def _fact(book: Book, row: DealRow, others: list[DealRow], found: Counted) -> AttributionDecided:
    worth = next((each for each in (row, *others) if each.amount is not None), row)
    return AttributionDecided(
        id="",
        deal=row.ref,
        deal_name=row.name,
        account=row.account,
        amount=worth.amount,
        currency=worth.currency if worth.amount is not None else None,
        sourced_by=None if found.source is None else found.source.partner,
        influenced_by=tuple(sorted({each.partner for each in found.touches})),
        models=_models(book, worth, found.touches),
        touches=tuple(each.name for each in found.touches),
        reasons=_reasons(row, others, found),
        decided_at=book.at,
    )


def _models(book: Book, worth: DealRow, touches: tuple[Touch, ...]) -> dict[str, tuple[Share, ...]]:
    """Each model's shares; none while the deal has no amount, or nobody has a part in it."""
    if worth.amount is None or not touches:
        return {}
    called = names(touches)
    made_by, weights = [each.partner for each in touches], book.setup.rules.position
    return {
        model: tuple(
            Share(partner=partner, name=called[partner], amount=amount, weight=weight)
            for partner, amount, weight in shares(model, made_by, weights, worth.amount, worth.currency)
        )
        for model in MODELS
    }


def _reasons(row: DealRow, others: list[DealRow], found: Counted) -> tuple[str, ...]:
    if not found.touches:
        return ("No partner has a part in it.", *found.limits)
    partners = len({each.partner for each in found.touches})
    said = [f"Touches that count: {len(found.touches)}, of partners: {partners}."]
    if found.source is None:
        said.insert(0, "No partner brought it.")
    else:
        source = found.source
        said.insert(0, f"{names(found.touches)[source.partner]} brought it on {source.at:%Y-%m-%d}: {source.words}")
    if row.closed_on is not None:
        said.append(f"It was closed on {row.closed_on}; what came later does not count.")
    if row.created_at is None:
        said.append("Nobody says since when there is the deal: only a touch about the deal itself can have brought it.")
    said += [f"{each.ref} is the same deal, and does not count again." for each in others]
    return (*said, *found.limits)
