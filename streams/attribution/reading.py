"""Remembers deals and partners as they were last read, and which deals a change of them concerns; it decides nothing."""

from collections.abc import Iterable
from datetime import date

from schemas.entities import Deal
from schemas.messages import DealChanged, PartnerDecided, record_ref
from streams.attribution.book import Book
from streams.attribution.state import CLOSED, DealRow, PartnerRow, Points
from streams.attribution.touching import renamed


def read_deal(book: Book, event: DealChanged) -> None:
    """A deal was changed; of one record the newest version counts, in whatever order they come."""
    before = book.deal(event.ref)
    if event.connection not in book.setup.connected.crms or (before is not None and event.version < before.version):
        return
    after = _row(event, before)
    if after == before:
        return
    touched = {event.ref, *_companions(book, before)}
    _index(book, before, after)
    book.put(f"deal/{event.ref}", after)
    for ref in sorted(touched | set(_companions(book, after))):
        book.look(ref)


def _row(event: DealChanged, before: DealRow | None) -> DealRow:
    deal = event.record
    if deal is None:
        into = event.merged_into
        return DealRow(
            ref=event.ref,
            version=event.version,
            name=event.record_id if before is None else before.name,
            alive=False,
            merged_into=None if into is None else record_ref(event.connection, "deal", into),
        )
    return DealRow(
        ref=event.ref,
        version=event.version,
        name=deal.name,
        account=None if deal.account is None else record_ref(event.connection, "account", deal.account),
        amount=deal.amount,
        currency=deal.currency,
        created_at=deal.created_at,
        closed_on=_closed_on(deal, event),
        tandem_key=deal.tandem_key,
    )


def _closed_on(deal: Deal, event: DealChanged) -> date | None:
    """Of a closed deal without a day: the day of its last change, the latest on which it can have closed."""
    if deal.stage not in CLOSED:
        return None
    return deal.close_date or event.occurred_at.date()


def _companions(book: Book, row: DealRow | None) -> list[str]:
    """The deals that are looked at together with one: its twins, and the one that it was merged into."""
    if row is None:
        return []
    return [*book.same(row.tandem_key), *([] if row.merged_into is None else [row.merged_into])]


def _index(book: Book, before: DealRow | None, after: DealRow) -> None:
    old, new = set(_names(before)), set(_names(after))
    for name in sorted(old ^ new):
        book.mark(name, name in new)
    was, now = None if before is None else before.account, after.account
    if was != now:
        for account, step in ((was, -1), (now, 1)):
            if account is not None:
                book.count(account, deals=step)


def _names(row: DealRow | None) -> Iterable[str]:
    if row is None:
        return
    if row.tandem_key:
        yield f"same/{row.tandem_key}|{row.ref}"
    if row.account is not None:
        yield f"on_account/{row.account}|{row.ref}"
    if row.merged_into is not None:
        yield f"merged/{row.merged_into}|{row.ref}"


def read_partner(book: Book, event: PartnerDecided) -> None:
    """A partner is known by this key and name, and stands in these records."""
    before = book.get(f"partner/{event.partner}", PartnerRow)
    after = PartnerRow(name=event.name, refs=event.refs)
    if after == before:
        return
    book.put(f"partner/{event.partner}", after)
    old, new = set(before.refs if before is not None else ()), set(event.refs)
    for ref in sorted(old - new):
        spot = book.get(f"partner_ref/{ref}", Points)
        if spot is not None and spot.to == event.partner:
            book.put(f"partner_ref/{ref}", None)
    for ref in sorted(new):
        if book.get(f"partner_ref/{ref}", Points) != Points(to=event.partner):
            book.put(f"partner_ref/{ref}", Points(to=event.partner))
    renamed(book, {event.partner, *old, *new})
