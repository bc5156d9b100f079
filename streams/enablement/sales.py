"""Takes in what partners have sold, by day and currency; each sale is booked once, whoever tells of it; it adds nothing up."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from mappings.tiers import Sales
from schemas.entities import DealStage
from schemas.messages import DealChanged, TransactionChanged
from streams.enablement.book import Book, claim
from streams.enablement.roster import resolve
from streams.enablement.state import END, Booking, Ledger, SaleRow, connection_of

KEPT = timedelta(days=38 * 31)  # longer than the longest window that tiers.toml may ask for


def take_transaction(book: Book, event: TransactionChanged) -> None:
    """What a PRM credits to a partner; it does not count where a won deal with a partner is the same sale."""
    it, worth = event.record, None
    if it is not None and Sales.TRANSACTIONS in book.setup.rules.revenue.sources:
        of = claim(event.connection, it.partner)
        worth = Booking(claim=of, day=_day(it.at), currency=it.currency.upper(), amount=it.amount)
    names = (it.external_id,) if it is not None and it.external_id else ()
    before = _keep(book, event, worth, names)
    if before is not None:
        book.move("billed/", event.ref, before.names, names)
        _rebook(book, event.ref)


def take_deal(book: Book, event: DealChanged) -> None:
    """A won deal with a partner; of several with one key, as in two CRMs, only the first counts."""
    it, worth = event.record, None
    won = it is not None and it.stage is DealStage.WON and Sales.DEALS in book.setup.rules.revenue.sources
    if won and it is not None and it.partner and it.amount is not None and it.currency:
        day = it.close_date or _day(event.occurred_at)
        worth = Booking(
            claim=claim(event.connection, it.partner), day=day, currency=it.currency.upper(), amount=it.amount
        )
    names: tuple[str, ...] = ()
    if worth is not None and it is not None:
        names = tuple(sorted({event.record_id, event.ref, it.tandem_key or event.ref}))
    before = _keep(book, event, worth, names)
    if before is not None:
        book.move("selling/", event.ref, before.names, names)
        for name in sorted({*before.names, *names}):
            for ref in (*book.refs(f"selling/{name}"), *book.refs(f"billed/{name}")):
                _rebook(book, ref)
        _rebook(book, event.ref)


def _keep(
    book: Book, event: TransactionChanged | DealChanged, worth: Booking | None, names: Iterable[str]
) -> SaleRow | None:
    """The row as it was before; None where there is nothing new. What never counted leaves no row behind."""
    before = book.get(f"sale/{event.ref}", SaleRow)
    if before is not None and event.version < before.version:
        return None
    was = before or SaleRow(version=event.version)
    row = SaleRow(version=event.version, worth=worth, booked=was.booked, names=tuple(names))
    book.put(f"sale/{event.ref}", row)
    return was


def _rebook(book: Book, ref: str) -> None:
    row = book.get(f"sale/{ref}", SaleRow)
    if row is None:
        return
    wanted = row.worth if row.worth is not None and _counts(book, ref, row) else None
    if wanted == row.booked:
        return
    book.put(f"sale/{ref}", row.model_copy(update={"booked": wanted}))
    if row.booked is not None:
        _add(book, row.booked, -row.booked.amount)
    if wanted is not None:
        _add(book, wanted, wanted.amount)


def _counts(book: Book, ref: str, row: SaleRow) -> bool:
    if ref.split("/", 2)[1] == "transaction":
        return not any(book.refs(f"selling/{name}") for name in row.names)
    same = {twin for name in row.names for twin in book.refs(f"selling/{name}") if _twins(book, ref, twin)}
    return min({*same, ref}, key=lambda each: (book.setup.order(connection_of(each)), each)) == ref


def _twins(book: Book, ref: str, other: str) -> bool:
    """Deals are one by a key that both have; equal ids of two CRMs mean nothing."""
    mine, its = book.get(f"sale/{ref}", SaleRow), book.get(f"sale/{other}", SaleRow)
    shared = set(mine.names if mine else ()) & set(its.names if its else ())
    return bool(shared - {ref.split("/", 2)[2]})


def _add(book: Book, booking: Booking, amount: Decimal) -> None:
    oldest = (book.today - KEPT).isoformat()
    row = book.get(f"ledger/{booking.claim}", Ledger) or Ledger(days={})
    days = {day: sums for day, sums in row.days.items() if day >= oldest}
    day = booking.day.isoformat()
    if day >= oldest:
        sums = dict(days.get(day, {}))
        sums[booking.currency] = sums.get(booking.currency, Decimal(0)) + amount
        days[day] = {currency: total for currency, total in sums.items() if total}
        if not days[day]:
            del days[day]
    book.put(f"ledger/{booking.claim}", Ledger(days=days) if days else None)
    connection, _, partner = booking.claim.partition(END)
    book.touch_partner(resolve(book, connection, partner))


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
