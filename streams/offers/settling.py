"""Brings one deal's link up to date: what it has, how far it has come, what to send, show and tell; in this order."""

from datetime import date, timedelta
from typing import NamedTuple

from streams.offers import creating, following, matching, sharing, showing, telling
from streams.offers.book import Book
from streams.offers.chain import Chain, chain
from streams.offers.creating import Progress
from streams.offers.linking import adopt, join
from streams.offers.observing import Observed, observed
from streams.offers.parts import CosellNext, DealCard
from streams.offers.referrals import linked_back
from streams.offers.state import Link
from streams.offers.twins import leading


class Stand(NamedTuple):
    """A link with its chain as read, and its state."""

    link: Link
    chain: Chain
    seen: Observed


def settle(book: Book, ref: str) -> None:
    """Look at one deal: a twin is left to the one that leads."""
    card = book.deal(ref)
    if card is None:
        return
    leader = leading(book, ref)
    leads = leader.first == ref
    matching.observe_deal(book, card if leads else card.model_copy(update={"alive": False}))
    if not leads:
        link = telling.over(book, book.link(ref), "The same deal leads in another CRM.")
        book.keep_link(_woken(book, link, None))
        return
    _advance(book, card, leader.twins)


def _advance(book: Book, card: DealCard, twins: tuple[str, ...]) -> None:
    stand = _stand(book, linked_back(book, book.link(card.ref), card), card)
    made = creating.advance(book, stand.link, card, stand.seen, stand.chain)
    if made.link.key != stand.link.key or made.link.sent != stand.link.sent:
        stand = _stand(book, made.link, card)
    followed = following.advance(book, made.link, card, stand.seen, stand.chain)
    link = followed.link
    link, shared = sharing.advance(book, link, card, stand.seen, stand.chain) if card.alive else (link, None)
    problems = [*made.problems, *followed.problems, *(shared.problems if shared else ())]
    step = _next(book, card, stand, made, followed)
    link, rest = _at_rest(link, shared)
    next_step = " ".join(each for each in (step, rest) if each) or None
    stand = Stand(link, stand.chain, stand.seen)
    told = telling.Told(twins, tuple(dict.fromkeys(problems)), next_step)
    unshared = shared is not None and bool(shared.commands) and not book.ready
    _publish(book, card, stand, told, waits=made.waits or unshared)


def _at_rest(link: Link, shared: CosellNext | None) -> tuple[Link, str | None]:
    """What comes next of the opportunity; what is over within seconds is not worth a write to every CRM."""
    said = shared.next_step if shared is not None else None
    if shared is not None and shared.moving and link.rest is not None:
        return link, link.rest or None
    return link.model_copy(update={"rest": said or ""}), said


def _stand(book: Book, link: Link, card: DealCard) -> Stand:
    link = adopt(book, link) if card.alive else link
    found = chain(book, link, card)
    joined = join(book, link, found.agreements)
    if joined != link:
        link, found = joined, chain(book, joined, card)
    book.keep_link(link)
    return Stand(link, found, observed(found, book.day))


def _next(book: Book, card: DealCard, stand: Stand, made: Progress, followed: Progress) -> str | None:
    if made.problems or followed.problems:
        return "Correct what is wrong; then it goes on by itself."
    if not card.alive:
        return "The deal was deleted in its CRM; its offer is left as it is." if stand.link.offer else None
    return made.next_step or followed.next_step or following.next_step(book, card, stand.seen, stand.chain)


def _publish(book: Book, card: DealCard, stand: Stand, told: telling.Told, *, waits: bool) -> None:
    link, seen = stand.link, stand.seen
    link = link.model_copy(update={"state": seen.state, "why": seen.reason})
    book.offers |= dict.fromkeys(link.offers)
    shown = showing.on_deal(book, link, stand.chain, seen, told.problems, told.next_step)
    reasons = tuple(each for each in (seen.reason, told.next_step) if each)
    causes = tuple(dict.fromkeys(each for each in (book.cause, seen.cause) if each))
    for ref in (card.ref, *told.twins):
        there = book.deal(ref)
        if there is not None and there.alive:
            showing.tell_deal(book, ref, shown, reasons, causes)
    link = telling.tell(book, link, card, stand.chain, seen, told)
    book.keep_link(_woken(book, link, _wake(book, stand, waits=waits)))


def _wake(book: Book, stand: Stand, *, waits: bool) -> date | None:
    """The next day on which to look again; today, where it waits for everything to have been read."""
    ahead = [day for day in following.days(book, stand.seen, stand.chain) if day > book.day]
    if waits:
        ahead.append(book.day + timedelta(days=1) if book.ready else book.day)
    return min(ahead, default=None)


def _woken(book: Book, link: Link, day: date | None) -> Link:
    wake = day.isoformat() if day is not None else None
    if link.wake == wake:
        return link
    if link.wake is not None:
        book.mark(f"agenda/{link.wake}|{link.deal}", there=False)
    if wake is not None:
        book.mark(f"agenda/{wake}|{link.deal}")
    return link.model_copy(update={"wake": wake})


def due(book: Book) -> None:
    """Note the deals whose day has come."""
    for name in book.below("agenda/"):
        day, _, deal = name.partition("|")
        if day > book.day.isoformat():
            return
        book.touch(deal)
