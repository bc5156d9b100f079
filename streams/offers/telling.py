"""Publishes how a chain stands whenever anything of it has changed, with what happened in words; it decides nothing."""

from typing import NamedTuple

from schemas import topics
from schemas.messages import OfferLinkDecided, identity
from streams.offers.book import Book
from streams.offers.chain import Chain, creation_name
from streams.offers.observing import Observed
from streams.offers.parts import DealCard, Problem
from streams.offers.showing import accept_by, span, worth
from streams.offers.state import Link
from streams.offers.transitions import told

FRAME = {"id", "previous", "step", "reasons", "causes", "decided_at"}  # what does not make a chain another one
WORDS = {
    "offer": "Another offer belongs to the deal.",
    "change_set": "The marketplace has taken the change up.",
    "agreements": "A further agreement follows in the chain.",
    "approval": "A person has to approve the offer, or has ruled.",
    "problem": "Something has to be corrected, or was.",
    "accept_by": "The last day to accept is another one.",
    "ends_on": "The agreement's last day is another one.",
    "amount": "The amount is another one.",
    "cosell": "The co-sell opportunity of the deal is another one.",
    "cosell_status": "Where the co-sell opportunity stands is not known any more.",
    "cosell_stage": "How far the co-sell opportunity has come is not known any more.",
    "twins": "The deal stands in other CRMs than before.",
    "offer_set": "The offer is sold in another offer set.",
    "licenses": "The licences are others.",
    "deal_name": "The deal is called something else.",
    "next_step": "What happens next has changed.",
}


class Told(NamedTuple):
    """What is said of a link beside its chain."""

    twins: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    next_step: str | None = None


def tell(book: Book, link: Link, card: DealCard, chain: Chain, seen: Observed, said: Told) -> Link:
    """The link with what was told of it; nothing is told where nothing has changed, or there never was anything."""
    fact, before = _fact(book, link, card, chain, seen, said), link.fact
    if before is None and _bare(fact):
        return link
    if before is not None and fact.model_dump(exclude=FRAME) == before.model_dump(exclude=FRAME):
        return link
    return publish(book, link, fact, seen)


def _fact(book: Book, link: Link, card: DealCard, chain: Chain, seen: Observed, said: Told) -> OfferLinkDecided:
    name = creation_name(book, link.key or "")
    amount, currency = worth(link, chain, name) if seen.state is not None else (None, None)
    cosell, offer_set = book.cosell(link.cosell), book.offer_set(link.offer) if link.offer else None
    return OfferLinkDecided(
        id="",
        deal=link.deal,
        deal_name=card.deal.name,
        twins=said.twins,
        state=seen.state,
        step="",
        cosell=link.cosell,
        cosell_status=cosell.record.review if cosell else None,
        cosell_stage=cosell.record.stage if cosell else None,
        change_set=link.change_set,
        offer=link.offer,
        offer_set=offer_set.ref if offer_set else None,
        agreements=tuple(row.ref for row in chain.agreements),
        licenses=tuple(dict.fromkeys(each for row in chain.agreements for each in row.record.licenses)),
        amount=amount,
        currency=currency,
        accept_by=accept_by(link, chain, name) if seen.state is not None else None,
        ends_on=span(chain.current)[1],
        next_step=said.next_step,
        problem="\n".join(map(str, said.problems)) or None,
        approval=link.approval.status if link.approval is not None else None,
        decided_at=book.at,
    )


def over(book: Book, link: Link, why: str) -> Link:
    """The deal no longer leads, or is gone: its chain is empty, and says why."""
    if link.fact is None:
        return link
    fact = OfferLinkDecided(id="", deal=link.deal, state=None, step="", decided_at=book.at)
    if fact.model_dump(exclude=FRAME | {"deal_name"}) == link.fact.model_dump(exclude=FRAME | {"deal_name"}):
        return link
    return publish(book, link, fact.model_copy(update={"deal_name": link.fact.deal_name}), Observed(None, why))


def publish(book: Book, link: Link, fact: OfferLinkDecided, seen: Observed) -> Link:
    """Say it, with what has happened since it was last said."""
    before = link.fact
    previous = before.state if before is not None else None
    step = told(previous, fact.state) if previous != fact.state else _difference(before, fact)
    causes = tuple(dict.fromkeys(each for each in (book.cause, seen.cause) if each))
    fresh = link.because if before is None or before.offer != fact.offer else ()
    ruled = (link.approval.words,) if link.approval is not None and link.approval.words else ()
    reasons = tuple(each for each in (seen.reason, *fresh, *ruled) if each)
    frame = {"previous": previous, "step": step, "reasons": reasons, "causes": causes}
    whole = fact.model_copy(update=frame)
    whole = whole.model_copy(update={"id": identity(whole.model_dump_json(exclude={"id"}))})
    book.say(topics.OFFER_LINKS, link.deal, whole, whole.id)
    return link.model_copy(update={"fact": whole})


def _difference(before: OfferLinkDecided | None, fact: OfferLinkDecided) -> str:
    old = before or OfferLinkDecided(id="", deal=fact.deal, state=None, step="", decided_at=fact.decided_at)
    changed = [name for name in WORDS if getattr(old, name) != getattr(fact, name)]
    if changed and changed[0] == "problem":
        return f"To be corrected: {fact.problem}" if fact.problem else "What was wrong has been corrected."
    if changed and changed[0] == "approval":
        said = {"waiting": "The offer waits for approval.", "given": "A person has approved the offer."}
        return said.get(
            fact.approval or "", "A person has refused the offer." if fact.approval else "No approval needed."
        )
    if changed == ["next_step"]:
        return fact.next_step or "Nothing is left to do."
    if changed and changed[0] in {"cosell_status", "cosell_stage"} and getattr(fact, changed[0]) is not None:
        return f"The co-sell opportunity is {getattr(fact, changed[0]).value.replace('_', ' ')}."
    if changed and changed[0] == "cosell" and old.cosell is None:
        return "The deal has a co-sell opportunity."
    return WORDS[changed[0]] if changed else "The chain has changed."


def _bare(fact: OfferLinkDecided) -> bool:
    """Whether there is nothing to tell of a deal that was never told of."""
    return not any((fact.state, fact.cosell, fact.problem, fact.next_step, fact.approval, fact.offer, fact.change_set))
