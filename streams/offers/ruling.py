"""What people rule of offers and invitations; a ruling that comes twice counts once."""

from collections.abc import Callable, Mapping

from schemas.messages import Ruling, RulingGiven
from streams.offers import cosell
from streams.offers.book import Book
from streams.offers.following import cancelling
from streams.offers.linking import drop, take
from streams.offers.parts import Command, InvitationCard, Sent
from streams.offers.state import Answer, Approval, Link, Order, Points
from streams.offers.twins import leading


def rule(book: Book, event: RulingGiven) -> None:
    """Follow a ruling; one about something that is not known is passed over."""
    name = f"ruling/{event.id}"
    if book.get(name, Points) is not None:
        return
    book.put(name, Points(ref=event.by))
    if event.ruling in {Ruling.ACCEPT_INVITATION, Ruling.REJECT_INVITATION}:
        for ref in event.refs:
            _answer(book, ref, event)
        return
    deals = [ref for ref in event.refs if book.deal(ref) is not None]
    follow = RULINGS.get(event.ruling)
    if follow is None or not deals:
        return
    deal = leading(book, deals[0]).first
    book.keep_link(follow(book, book.link(deal), event))
    book.touch(deal)


def _words(event: RulingGiven, what: str) -> str:
    return f"{event.by} {what}: {event.note}" if event.note else f"{event.by} {what}."


def _approve(book: Book, link: Link, event: RulingGiven) -> Link:
    return _approval(link, Approval(digest="", status="given", words=_words(event, "has approved the offer")))


def _refuse(book: Book, link: Link, event: RulingGiven) -> Link:
    return _approval(link, Approval(digest="", status="refused", words=_words(event, "has refused the offer")))


def _approval(link: Link, ruled: Approval) -> Link:
    """What is ruled holds for the request that waits, and for no other; what was refused can be approved after all."""
    held = link.approval
    if held is None or held.status == "given":
        return link
    return link.model_copy(update={"approval": ruled.model_copy(update={"digest": held.digest})})


def _extend(book: Book, link: Link, event: RulingGiven) -> Link:
    if link.offer is None or event.until is None:
        return link
    words = _words(event, f"has extended the offer to {event.until}")
    return link.model_copy(update={"order": Order(kind="extend", offer=link.offer, until=event.until, words=words)})


def _cancel(book: Book, link: Link, event: RulingGiven) -> Link:
    if link.offer is None and link.key is None:
        return link
    order = cancelling(book, link.offer or "", _words(event, "has cancelled the offer"))
    return link.model_copy(update={"order": order})


def _offer(book: Book, event: RulingGiven) -> str | None:
    return next((ref for ref in event.refs if "/offer/" in ref and book.offer(ref) is not None), None)


def _link(book: Book, link: Link, event: RulingGiven) -> Link:
    offer = _offer(book, event)
    if offer is None:
        return link
    return take(book, link, offer, (_words(event, "has linked the two"),), ruled=True)


def _unlink(book: Book, link: Link, event: RulingGiven) -> Link:
    offer = _offer(book, event)
    return link if offer is None else drop(book, link, offer)


RULINGS: Mapping[Ruling, Callable[[Book, Link, RulingGiven], Link]] = {
    Ruling.APPROVE_OFFER: _approve,
    Ruling.REFUSE_OFFER: _refuse,
    Ruling.EXTEND_OFFER: _extend,
    Ruling.CANCEL_OFFER: _cancel,
    Ruling.LINK: _link,
    Ruling.UNLINK: _unlink,
}


def _answer(book: Book, ref: str, event: RulingGiven) -> None:
    answer = book.get(f"answer/{ref}", Answer) or Answer()
    ruled = "accepted" if event.ruling is Ruling.ACCEPT_INVITATION else "rejected"
    book.put(f"answer/{ref}", answer.model_copy(update={"ruled": ruled}))
    invite(book, ref)


def invite(book: Book, ref: str) -> None:
    """Answer an invitation, as far as a rule or a person says how."""
    card = book.get(f"invitation/{ref}", InvitationCard)
    if card is None:
        return
    answer = book.get(f"answer/{ref}", Answer) or Answer()
    found = cosell.invited(card.invitation, ref, book.setup, answer.ruled, answer.sent)
    for command in found.commands:
        answer = _sent(book, ref, answer, command)


def _sent(book: Book, ref: str, answer: Answer, command: Command) -> Answer:
    before: Sent | None = answer.sent.get(command.name)
    if before is not None and before.status == "sent" and before.fields == command.fields:
        return answer
    link = book.send(Link(deal=ref, seq=answer.seq), command)
    answer = answer.model_copy(update={"sent": {**answer.sent, **link.sent}, "seq": link.seq})
    book.put(f"answer/{ref}", answer)
    return answer
