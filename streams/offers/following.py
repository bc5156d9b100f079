"""Follows an offer that stands: its last day moved on, cancelled, and the days on which somebody has to be reminded.

The deal asks by a change: a later last day that is entered moves the offer's, `cancel` ends it while it can still be
accepted. What stands there unchanged asks for nothing more, so a person who moves the day in the marketplace is not
overruled. An offer is cancelled by moving its last day to yesterday: marketplaces have no other way.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from schemas.entities import DealStage, OfferRequest
from schemas.marketplace import ChangeSetStatus
from schemas.marketplace import OfferState as S
from schemas.messages import MatchBy
from streams.offers.book import Book
from streams.offers.chain import Chain
from streams.offers.creating import FAULTS, Progress
from streams.offers.observing import Observed
from streams.offers.parts import Command, DealCard, OfferCard, Problem, Sent
from streams.offers.state import AgreementRow, ChangeSetRow, Link, Order, id_of
from streams.offers.wording import worded

SENDABLE = {"extend": frozenset({S.RELEASED, S.EXPIRED}), "cancel": frozenset({S.RELEASED})}


def advance(book: Book, link: Link, card: DealCard, seen: Observed, chain: Chain) -> Progress:
    """Send what is ordered of the offer, once it can be done, and say what became of it."""
    link = _heed(book, link, card, seen, chain)
    order, offer = link.order, chain.offer
    if order is None or offer is None or order.offer != offer.ref:
        return Progress(link)
    if order.tries == 0:
        return Progress(_start(book, link, order, offer, seen))
    return _followed(book, link, order, card, offer)


def _heed(book: Book, link: Link, card: DealCard, seen: Observed, chain: Chain) -> Link:
    """Make an order of what has changed in the deal."""
    offer, deal, order = chain.offer, card.deal, link.order
    if offer is None or seen.state is not S.RELEASED or not card.alive:
        return link
    if deal.offer_request is OfferRequest.CANCEL:
        if order is None or order.offer != offer.ref or order.kind != "cancel":
            words = "The deal asks to cancel the offer."
            order = cancelling(book, offer.ref, words, by_deal=True)
        return link.model_copy(update={"order": order, "accept_by": deal.accept_by})
    if deal.accept_by == link.accept_by:
        return link
    last, by = offer.offer.accept_by, deal.accept_by
    if by is not None and last is not None and by > last:
        words = f"The deal's last day to accept was moved to {by}."
        order = Order(kind="extend", offer=offer.ref, until=by, words=words, by_deal=True)
    return link.model_copy(update={"order": order, "accept_by": deal.accept_by})


def cancelling(book: Book, offer: str, words: str, *, by_deal: bool = False) -> Order:
    """The order that an offer can no longer be accepted."""
    yesterday = min(book.today, book.day) - timedelta(days=1)
    return Order(kind="cancel", offer=offer, until=yesterday, words=words, by_deal=by_deal)


def _start(book: Book, link: Link, order: Order, offer: OfferCard, seen: Observed) -> Link:
    """Send an order; one that has become pointless is dropped, one that comes too early waits."""
    last = offer.offer.accept_by
    if seen.state in {S.DRAFT, S.CREATING}:
        return link
    pointless = order.kind == "extend" and (order.until < book.today or (last is not None and order.until <= last))
    if pointless or seen.state not in SENDABLE[order.kind]:
        return link.model_copy(update={"order": None})
    return _send(book, link, order)


def _send(book: Book, link: Link, order: Order) -> Link:
    command = Command(
        connection=book.setup.marketplace or "",
        entity="offer",
        match_by=MatchBy.ID,
        key=id_of(order.offer),
        fields={"accept_by": order.until.isoformat()},
        reasons=(order.words,),
    )
    link = book.send(link, command)
    return link.model_copy(update={"order": order.model_copy(update={"tries": order.tries + 1})})


def _followed(book: Book, link: Link, order: Order, card: DealCard, offer: OfferCard) -> Progress:
    sent = link.sent.get(f"{book.setup.marketplace}/offer/{id_of(order.offer)}")
    last = offer.offer.accept_by
    reached = last is not None and (last <= order.until if order.kind == "cancel" else last >= order.until)
    if sent is None or reached:
        return Progress(link)
    row = book.change_set(f"{book.setup.marketplace}/change_set/{sent.target}") if sent.target else None
    failed = row is not None and row.record.status in {ChangeSetStatus.FAILED, ChangeSetStatus.CANCELLED}
    if sent.status != "rejected" and not failed:
        what = "cancelled" if order.kind == "cancel" else f"extended to {order.until}"
        return Progress(link, (), f"The offer is being {what}.")
    if order.by_deal and order.kind == "cancel" and card.deal.offer_request is not OfferRequest.CANCEL:
        return Progress(link.model_copy(update={"order": None}))
    if row is not None and row.record.failure == "server_fault" and order.tries < FAULTS:
        return Progress(_send(book, link, order))
    return Progress(link, _why(order, sent, row))


def _why(order: Order, sent: Sent, row: ChangeSetRow | None) -> tuple[Problem, ...]:
    what = "The offer could not be cancelled" if order.kind == "cancel" else "The last day could not be moved"
    lines = row.record.errors if row is not None else () if sent.reason is None else (sent.reason,)
    return tuple(each.model_copy(update={"reason": f"{what}. {each.reason}"}) for each in worded(lines))


STEPS: Mapping[S, str] = {
    S.CREATING: "The marketplace makes the offer; that takes some minutes.",
    S.CREATE_FAILED: "The offer could not be made: correct the deal and ask again.",
    S.PARTNER_ACTION: "The reseller has to make the offer of the authorisation.",
    S.DRAFT: "Somebody has to release the offer in the marketplace.",
    S.EXPIRED: "Move the last day to accept, or have a new offer made.",
}


def next_step(book: Book, card: DealCard, seen: Observed, chain: Chain) -> str | None:
    """What happens next, and who has to do it. It changes on the days of `days`, so that it is told once for each."""
    if seen.state is S.RELEASED and chain.offer is not None:
        return _accepting(book, card, chain.offer)
    if seen.state is S.ACCEPTED and chain.current is not None:
        return _ending(book, card, chain.current)
    return STEPS.get(seen.state) if seen.state is not None else None


def _accepting(book: Book, card: DealCard, offer: OfferCard) -> str:
    last = offer.offer.accept_by
    until = f" until {last}" if last else ""
    if card.deal.stage is DealStage.LOST:
        return f"The deal is lost, and the buyer can still accept the offer{until}: cancel it."
    near = _near(last, book.setup.rules.follow.expiring_days, book.day)
    soon = f" Less than {near + 1} days are left: remind them, or move the last day." if near is not None else ""
    return f"The buyer has to accept the offer{until}.{soon}"


def _ending(book: Book, card: DealCard, row: AgreementRow) -> str | None:
    renewal = row.record.renewal_offer
    ends = row.record.ends_at.date() if row.record.ends_at is not None else None
    if card.deal.offer_request is OfferRequest.CANCEL:
        return "The buyer has accepted the offer, so it cannot be cancelled; the agreement is ended in the marketplace."
    if ends is not None and ends < book.day:
        return f"The agreement was to end on {ends}; the marketplace has not said yet what became of it."
    near = _near(ends, book.setup.rules.follow.ending_days, book.day)
    if near is None:
        return None
    what = {"renew": "It renews by itself.", "replace": "Another offer follows it."}.get(row.record.at_end or "")
    offered = f" The marketplace has made offer {renewal} to renew it." if renewal else ""
    return f"The agreement ends on {ends}, in less than {near + 1} days. {what or 'Talk to the buyer.'}{offered}"


def _near(day: date | None, ahead: tuple[int, ...], today: date) -> int | None:
    """The smallest of the spans before a day that it lies in already."""
    left = None if day is None else (day - today).days
    return None if left is None else min((span for span in ahead if left <= span), default=None)


def days(book: Book, seen: Observed, chain: Chain) -> Iterator[date]:
    """The days on which something about the link changes by itself."""
    rules, row = book.setup.rules.follow, chain.current
    if seen.state is S.RELEASED and chain.offer is not None and chain.offer.offer.accept_by is not None:
        yield from _before(chain.offer.offer.accept_by, rules.expiring_days)
    if seen.state is S.ACCEPTED and row is not None and row.record.ends_at is not None:
        yield from _before(row.record.ends_at.date(), rules.ending_days)


def _before(day: date, ahead: tuple[int, ...]) -> Iterator[date]:
    for span in (*ahead, -1):
        moved = day.toordinal() - span
        if 1 <= moved <= date.max.toordinal():
            yield date.fromordinal(moved)
