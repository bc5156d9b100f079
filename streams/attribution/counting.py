"""Which touches count for a deal, and which of them brought it; it divides nothing and tells nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from schemas.messages import TouchKind
from streams.attribution.book import TWINS, Book
from streams.attribution.state import DealRow, Points, Touch, stamp
from streams.attribution.touching import DEALS

TOUCHES = 500  # of one account or one deal, the earliest, are looked at for a deal
TRAINERS = 100  # partners whose certifications are looked at for a deal, the first by key
MONTHS = 60  # of a deal's life, the first, in which certifications are looked for
A_MONTH = 200  # certifications of one partner in one month
DAY = timedelta(days=1)


class Twins(NamedTuple):
    """The deal that counts, and its twins in further CRMs, which do not count again."""

    first: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """The touches that count for a deal, the earliest first, who brought it, and what was left out, in words."""

    touches: tuple[Touch, ...] = ()
    source: Touch | None = None
    limits: tuple[str, ...] = ()


def names(touches: Iterable[Touch]) -> dict[str, str]:
    """What each partner is called; of several names the earliest that is more than its key."""
    found: dict[str, str] = {}
    for each in touches:
        if found.get(each.partner, each.partner) == each.partner:
            found[each.partner] = each.partner_name
    return found


def twins(book: Book, ref: str) -> Twins:
    """Who counts where one deal stands in several CRMs: the one in the CRM that is named first.

    Of a CRM that has two of them, each counts: they are two deals there.
    """
    row = book.deal(ref)
    if row is None or not row.alive or not row.tandem_key:
        return Twins(ref)
    order = book.setup.connected.crms
    rows = [each for each in map(book.deal, book.same(row.tandem_key)) if each is not None and each.alive]
    rows.sort(key=lambda each: (order.index(each.connection), each.ref))
    first = rows[0] if rows else row
    if ref != first.ref and row.connection == first.connection:
        return Twins(ref)
    return Twins(first.ref, tuple(each.ref for each in rows if each.connection != first.connection))


def counted(book: Book, deal: DealRow, others: Iterable[DealRow]) -> Counted:
    """The touches of the deal itself, of its account, and the certifications of the partners that have any of these."""
    group: tuple[DealRow, ...] = (deal, *others)
    limits: list[str] = []
    about = dict(_about(book, group, limits))
    found = about | {touch.name: touch for touch in _around(book, group, limits) if _within(book, deal, touch)}
    kinds = book.setup.rules.touches.counts
    standing = [each for each in found.values() if each.kind in kinds and _stood(deal, each)]
    standing = list(_once(standing))
    if TouchKind.TRAINING in kinds:
        standing += _training(book, deal, sorted({each.partner for each in standing}))
    standing.sort(key=lambda each: (each.at, each.name))
    return Counted(tuple(standing), _source(book, deal, standing, set(about)), tuple(limits))


def _about(book: Book, group: tuple[DealRow, ...], limits: list[str]) -> Iterator[tuple[str, Touch]]:
    """Touches about the deal itself, under any of its names."""
    for name in _names(book, group):
        rows = book.below(f"at_deal/{name}|", TOUCHES + 1)
        if len(rows) > TOUCHES:
            limits.append(f"More than {TOUCHES} touches are about the deal; the earliest {TOUCHES} are looked at.")
        for touch in _touches(book, rows[:TOUCHES]):
            yield touch.name, touch


def _names(book: Book, group: tuple[DealRow, ...]) -> list[str]:
    """What a deal is or was called: its records, those that were merged into them, and its Tandem key."""
    names = dict.fromkeys(each.ref for each in group)
    queue = list(names)
    while queue and len(names) <= TWINS:
        absorbed = [each for each in book.below(f"merged/{queue.pop()}|", TWINS) if each not in names]
        names |= dict.fromkeys(absorbed)
        queue += absorbed
    return [*names, *dict.fromkeys(each.tandem_key for each in group if each.tandem_key)]


def _around(book: Book, group: tuple[DealRow, ...], limits: list[str]) -> Iterator[Touch]:
    """Touches of the accounts that it belongs to."""
    for account, deals in sorted((each.account, each.ref) for each in group if each.account is not None):
        tally = book.tally(account)
        if tally.deals > DEALS and deals not in book.below(f"on_account/{account}|", DEALS):
            limits.append(
                f"{account} has {tally.deals} deals; its touches count for the first {DEALS} of them, by name, and this is "
                "none of those."
            )
            continue
        if tally.touches > TOUCHES:
            limits.append(f"{account} has {tally.touches} touches; the earliest {TOUCHES} are looked at.")
        yield from _touches(book, book.below(f"at_account/{account}|", TOUCHES))


def _touches(book: Book, rows: list[str]) -> Iterator[Touch]:
    for row in rows:
        touch = book.touch(row.rpartition("|")[2])
        if touch is not None:
            yield touch


def _within(book: Book, deal: DealRow, touch: Touch) -> bool:
    """Whether a touch of the account is no further back than the rules look; no telling where nobody knows since when."""
    if deal.created_at is None:
        return True
    return touch.at >= deal.created_at - timedelta(days=book.setup.rules.touches.look_back_days)


def _stood(deal: DealRow, touch: Touch) -> bool:
    """Whether it holds; of a closed deal, whether it had happened and held on its last day."""
    if deal.closed_on is None:
        return touch.until is None
    return _day(touch.at) <= deal.closed_on and (touch.until is None or _day(touch.until) > deal.closed_on)


def _day(at: datetime) -> date:
    return date.fromisoformat(stamp(at)[:10])


def _once(touches: Iterable[Touch]) -> Iterator[Touch]:
    """One touch of those that are one thing seen from several accounts: the earliest."""
    seen: set[str] = set()
    for touch in sorted(touches, key=lambda each: (each.at, each.name)):
        if touch.same not in seen:
            seen.add(touch.same)
            yield touch


def _training(book: Book, deal: DealRow, partners: list[str]) -> Iterator[Touch]:
    """Certifications that were earned between the day on which the deal was opened and its last day."""
    if deal.created_at is None:
        return
    start = _day(deal.created_at)
    for partner in partners[:TRAINERS]:
        earned = (each for each in _earned(book, partner, start, deal.closed_on) if _stood(deal, each))
        for _, touch in zip(range(book.setup.rules.training.most), earned, strict=False):
            yield touch


def _earned(book: Book, partner: str, start: date, end: date | None) -> Iterator[Touch]:
    last = book.get(f"last_trained/{partner}", Points)
    if last is None:
        return
    until = date.fromisoformat(last.to)
    month, final = start.replace(day=1), until if end is None else min(end, until)
    for _ in range(MONTHS):
        if month > final:
            return
        rows = book.below(f"trained/{partner}|{month.isoformat()[:7]}", A_MONTH)
        yield from (each for each in _touches(book, rows) if _day(each.at) >= start)
        month = (month + 31 * DAY).replace(day=1)


def _source(book: Book, deal: DealRow, standing: list[Touch], about: set[str]) -> Touch | None:
    """The touch that brought the deal: one about the deal itself before one of its account, then the earliest.

    Where nobody knows since when there is the deal, only a touch about it can have brought it.
    """
    kinds = book.setup.rules.touches.sources
    fitting = [each for each in standing if each.kind in kinds]
    if deal.created_at is None:
        fitting = [each for each in fitting if each.name in about]
    else:
        fitting = [each for each in fitting if each.at <= deal.created_at]
    return min(fitting, key=lambda each: (each.name not in about, each.at, each.name), default=None)
