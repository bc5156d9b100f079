"""Takes in what is told of deals, offers and links, and says what follows for each offer; it weighs nothing itself."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from mappings.offers import Match
from schemas import topics
from schemas.messages import MatchStatus, OfferMatched, identity
from streams.book import Pages
from streams.offers.matching import blocks
from streams.offers.matching.desk import Desk
from streams.offers.matching.facts import deal_row, offer_row
from streams.offers.matching.judge import Verdict, judge
from streams.offers.matching.pairs import around, named_by, namers, refit
from streams.offers.matching.rows import Day, Held, Never, OfferRow, Taken, Todo
from streams.offers.parts import DealCard, OfferCard


def observe_deal(book: Pages[Any], card: DealCard) -> None:
    """A deal as it is now; one that is not alive is forgotten."""
    desk = Desk(book)
    was, now = desk.deal(card.ref), deal_row(card) if card.alive else None
    if was == now:
        return
    named = namers(desk, was) if was is not None else []
    stirred = blocks.move(book, was, now)
    book.put(f"match/deal/{card.ref}", now)
    desk.note(weigh={card.ref, *stirred}, look={*named, *desk.links(card.ref)})


def observe_offer(book: Pages[Any], card: OfferCard) -> None:
    """An offer that Tandem did not make, as it is now; one that is not alive is forgotten."""
    desk = Desk(book)
    was, now = desk.offer(card.ref), offer_row(card) if card.alive else None
    if was == now:
        return
    looked = {ref for deal in named_by(desk, was) for ref in around(desk, deal.ref)} if was is not None else set()
    stirred = blocks.move(book, was, now)
    book.put(f"match/offer/{card.ref}", now)
    _agenda(desk, was, now)
    desk.note(weigh={card.ref, *stirred}, look={card.ref, *looked})


def taken(book: Pages[Any], offer_ref: str, deal_ref: str, why: str = "") -> None:
    """The offer belongs to the deal; `why` where it is not for what matching knows of the two."""
    desk, link = Desk(book), Taken(deal=deal_ref, why=why)
    was = desk.link(offer_ref)
    if was != link:
        desk.put_link(offer_ref, link)
        _relinked(desk, offer_ref, {deal_ref} if was is None else {deal_ref, was.deal})


def freed(book: Pages[Any], offer_ref: str, deal_ref: str) -> None:
    """The offer does not belong to the deal any more."""
    desk = Desk(book)
    was = desk.link(offer_ref)
    if was is not None and was.deal == deal_ref:
        desk.put_link(offer_ref, None)
        _relinked(desk, offer_ref, {deal_ref})


def forbid(book: Pages[Any], offer_ref: str, deal_ref: str) -> None:
    """A person has unlinked the two: they are never linked or proposed again unless they are told to be `taken`."""
    freed(book, offer_ref, deal_ref)
    desk = Desk(book)
    never = tuple(sorted({*desk.never(offer_ref), deal_ref}))
    if never != desk.never(offer_ref):
        looked = around(desk, deal_ref)
        book.put(f"match/never/{offer_ref}", Never(deals=never))
        desk.note(weigh={offer_ref}, look={offer_ref, *looked})


def settle(book: Pages[Any], rules: Match, today: date | None = None) -> Mapping[str, str]:
    """Publish what has come to be held of offers, and return the links that have become certain: offer to deal.

    `today`, in UTC, says which offers have run out; it never goes back; none: the day of the event. The links take
    effect with `taken`, which may make others certain: settle again until nothing new is returned. Wait until all deals
    and offers have been read once: a link that is taken holds, and among half of them the wrong deal may look certain.
    """
    desk = Desk(book)
    today = _today(desk, today or book.at.date())
    todo = desk.todo()
    looks = set(todo.look)
    for ref in todo.weigh:
        looks |= refit(desk, ref)
    if todo != Todo():
        book.put("match/todo", None)
    new: dict[str, str] = {}
    for ref in sorted(looks):
        link = _look(desk, rules, today, ref)
        if link is not None:
            new[ref] = link
    return new


def _relinked(desk: Desk, offer_ref: str, deals: set[str]) -> None:
    looked = {offer_ref, *(ref for deal in deals for ref in around(desk, deal))}
    desk.note(weigh={offer_ref, *deals}, look=looked)


def _look(desk: Desk, rules: Match, today: date, ref: str) -> str | None:
    """Judge an offer and say what is new of it; returns the deal of a link that is certain now and was not."""
    offer, held = desk.offer(ref), desk.held(ref)
    if offer is None or (offer.public and desk.link(ref) is None):
        if held is not None:
            why = "the offer is gone" if offer is None else "the offer is for everybody"
            name = ref.split("/", 2)[2] if offer is None else offer.name
            _say(desk, ref, name, Verdict(MatchStatus.UNLINKED, reasons=(why,)))
            desk.book.put(f"match/held/{ref}", None)
        return None
    verdict = judge(desk, rules, today, offer)
    content = _say(desk, ref, offer.name, verdict)
    desk.book.put(f"match/held/{ref}", Held(status=verdict.status, deal=verdict.deal, content=content))
    known = held is not None and held.status is MatchStatus.LINKED and held.deal == verdict.deal
    fresh = verdict.status is MatchStatus.LINKED and desk.link(ref) is None and not known
    return verdict.deal if fresh else None


def _say(desk: Desk, ref: str, name: str, verdict: Verdict) -> str:
    """Publish it unless it has been said; returns the hash of the content."""
    book, held = desk.book, desk.held(ref)
    message = OfferMatched(
        id="",
        offer=ref,
        offer_name=name,
        status=verdict.status,
        deal=verdict.deal,
        confidence=verdict.confidence,
        reasons=verdict.reasons,
        candidates=verdict.candidates,
        causes=(book.cause,),
        decided_at=book.at,
    )
    content = identity(message.model_dump_json(exclude={"id", "causes", "decided_at"}))
    if held is None or held.content != content:
        told = message.model_copy(update={"id": identity(content, book.cause)})
        book.say(topics.OFFER_MATCHES, ref, told)
    return content


def _agenda(desk: Desk, was: OfferRow | None, now: OfferRow | None) -> None:
    """Keep the offers by their last day, so that the day after finds them."""
    before, after = (row.terms.accept_by if row is not None else None for row in (was, now))
    ref = was.ref if was is not None else now.ref if now is not None else ""
    if before == after:
        return
    for day, kept in ((before, False), (after, True)):
        if day is not None:
            others = [each for each in desk.ending(day.isoformat()) if each != ref]
            offers = tuple(sorted([*others, ref] if kept else others))
            desk.book.put(f"match/day/{day}", Day(day=day, offers=offers) if offers else None)


def _today(desk: Desk, day: date) -> date:
    """The last day that was seen; offers that have run out since the one before are looked at again."""
    last = desk.book.get("match/today", Day)
    if last is not None and last.day >= day:
        return last.day
    desk.book.put("match/today", Day(day=day))
    # Before the first day nothing has been judged yet.
    for ordinal in range(day.toordinal() if last is None else last.day.toordinal(), day.toordinal()):
        offers = desk.ending(date.fromordinal(ordinal).isoformat())
        rows = [row for ref in offers if (row := desk.offer(ref)) is not None]
        deals = {deal for ref in offers for deal in desk.fits(ref)}
        deals |= {deal.ref for row in rows for deal in named_by(desk, row)}
        desk.note(look={*offers, *(each for deal in deals for each in around(desk, deal))})
    return day
