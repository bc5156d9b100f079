"""Which offer and which opportunity a deal has: made by us, matched, ruled by a person or made by the marketplace.

An offer belongs to at most one deal. What is sure goes before what was matched: an offer of our own change set, and what a
person rules. It sends nothing.
"""

from collections.abc import Iterable

from schemas.marketplace import ChangeSetStatus
from streams.offers import matching
from streams.offers.book import Book
from streams.offers.chain import made_offer, of_offer, owners
from streams.offers.creating import token
from streams.offers.parts import DealCard, OfferCard
from streams.offers.state import AgreementRow, ChangeSetRow, Link, Order, Points
from streams.offers.terms import ask_of

PREFIX = "tandem/"  # what the names of our change sets begin with


def take(book: Book, link: Link, offer: str, because: tuple[str, ...], *, ruled: bool | None = False) -> Link:
    """The offer belongs to the deal; the one that it had is free again. `ruled`: None where matching found it."""
    if link.offer is not None and link.offer != offer:
        _free(book, link.offer, link.deal)
    _hold(book, offer, link.deal, "" if ruled is None else " ".join(because))
    card = book.deal(link.deal)
    apart = tuple(ref for ref in link.apart if ref != offer)
    update: dict[str, object] = {
        "offer": offer,
        "because": because,
        "ruled": bool(ruled),
        "apart": apart,
        "order": _waiting(link, offer),
    }
    if card is not None and link.key is None:  # of an attempt of ours it is kept since it was sent
        update["accept_by"] = card.deal.accept_by
    return link.model_copy(update=update)


def _waiting(link: Link, offer: str) -> Order | None:
    """What was ordered of an offer while it was being made."""
    order = link.order
    return order.model_copy(update={"offer": offer}) if order is not None and not order.offer else None


def move(book: Book, old: str, new: str) -> None:
    """A deal was merged into another one of its CRM: what it has goes there, unless that has something of its own."""
    link = book.link(old)
    if not link.busy or book.link(new).busy:
        return
    for offer in (*link.offers, *link.past):
        matching.freed(book, offer, old)
        matching.taken(book, offer, new, "The deal that it was made for was merged into this one.")
        book.offers[offer] = None
    for ref in (*link.offers, *link.past, link.cosell, link.change_set):
        if ref is not None:
            book.own(ref, new)
    for name in link.sent:
        book.put(f"sent/{name}", Points(ref=new))
    book.keep_link(link.model_copy(update={"deal": new, "fact": None, "wake": None}))
    book.keep_link(Link(deal=old, fact=link.fact, wake=link.wake))
    book.touch(new)


def drop(book: Book, link: Link, offer: str) -> Link:
    """A person says that the offer is not the deal's."""
    matching.forbid(book, offer, link.deal)
    if book.owner(offer) == link.deal:
        book.own(offer, None)
    book.offers[offer] = None
    update: dict[str, object] = {"apart": tuple(sorted({*link.apart, offer})), "order": None}
    update["past"] = tuple(ref for ref in link.past if ref != offer)
    update["renewals"] = tuple(ref for ref in link.renewals if ref != offer)
    if offer == link.offer:
        row = book.change_set(link.change_set)
        ours = row is not None and made_offer(row) == offer
        card = book.deal(link.deal)
        heeded = ask_of(card.deal) if ours and card is not None else None
        update |= {"offer": None, "ruled": False, "key": None, "digest": None, "change_set": None, "ask": heeded}
    return link.model_copy(update=update)


def _lose(book: Book, deal: str, offer: str) -> None:
    link = book.link(deal)
    update: dict[str, object] = {"offer": None, "ruled": False, "order": None} if link.offer == offer else {}
    update["past"] = tuple(ref for ref in link.past if ref != offer)
    update["renewals"] = tuple(ref for ref in link.renewals if ref != offer)
    book.keep_link(link.model_copy(update=update))
    matching.freed(book, offer, deal)
    book.touch(deal)


def _free(book: Book, offer: str, deal: str) -> None:
    book.own(offer, None)
    matching.freed(book, offer, deal)
    book.offers[offer] = None


def adopt(book: Book, link: Link) -> Link:
    """Take over what is surely the deal's: change sets that bear the name of an attempt, and the offers they have made."""
    link = _known(book, link)
    row = book.change_set(link.change_set)
    if row is None or row.record.status is not ChangeSetStatus.SUCCEEDED:
        return link
    offer = made_offer(row)
    why = f"Tandem made the offer by change set {row.record_id}."
    if (
        offer is not None and offer == link.offer and not link.ruled and link.because != (why,)
    ):  # it was matched before this was known
        matching.taken(book, offer, link.deal, why)
        return link.model_copy(update={"because": (why,)})
    if offer is None or offer == link.offer or offer in (*link.past, *link.apart):
        return link
    if link.offer is None or not link.ruled:
        return take(book, link, offer, (why,))
    _hold(book, offer, link.deal, why)
    return link.model_copy(update={"past": (*link.past, offer)})


def _hold(book: Book, offer: str, deal: str, why: str) -> None:
    """An offer is the deal's, and no other one's from now on."""
    before = book.owner(offer)
    if before is not None and before != deal:
        _lose(book, before, offer)
    book.own(offer, deal)
    matching.taken(book, offer, deal, why)
    book.offers[offer] = None


def _known(book: Book, link: Link) -> Link:
    """The change set of the attempt; and attempts that the marketplace knows and this state, being lost, does not."""
    while link.offer is None:
        key = link.key or token(link.deal, link.attempt + 1)
        named = book.get(f"named/{key}", Points)
        if named is None or (named.ref == link.change_set and link.key is not None):
            return link
        if book.owner(named.ref) not in {None, link.deal}:  # it went to another deal, as this one was merged into that
            return link
        book.own(named.ref, link.deal)
        attempt = link.attempt if link.key else link.attempt + 1
        link = link.model_copy(update={"key": key, "attempt": attempt, "change_set": named.ref})
    return link


def named(book: Book, row: ChangeSetRow) -> str | None:
    """Remember a change set of ours by its key; returns the deal of the attempt, where it is known."""
    name = row.record.name or ""
    if not name.startswith(PREFIX):
        return None
    key = name.removeprefix(PREFIX)
    book.put(f"named/{key}", Points(ref=row.ref))
    spot = book.get(f"sent/{book.setup.marketplace}/offer/{key}", Points)
    return None if spot is None else spot.ref


def join(book: Book, link: Link, agreements: Iterable[AgreementRow]) -> Link:
    """Offers by which the marketplace itself renews an agreement belong to the deal of that agreement."""
    for row in agreements:
        for offer in book.below(f"renewing/{row.ref}|"):
            if offer in (*link.offers, *link.past, *link.apart):
                continue
            before = book.owner(offer)
            if before is not None and book.link(before).ruled:
                continue
            _hold(book, offer, link.deal, f"The marketplace made it to renew agreement {row.record_id}.")
            link = link.model_copy(update={"renewals": (*link.renewals, offer)})
    return link


def share(book: Book, link: Link, card: DealCard) -> Link:
    """The opportunity of the deal: as the deal says, as we made it, or as Partner Central names the deal."""
    system = book.setup.partner_central
    if system is None:
        return link
    made = link.sent.get(f"{system}/cosell/{card.record_id}")
    told = (card.deal.cosell_ref or "").strip()
    found = [told] if told else []
    found += [made.target] if made is not None and made.target else []
    refs = [f"{system}/cosell/{each}" for each in found] + list(book.refs(f"says/{card.record_id}"))
    if link.cosell is not None and not told:
        refs = [link.cosell, *refs]
    for ref in refs:
        if book.owner(ref) in {None, link.deal} and (book.cosell(ref) is not None or ref != f"{system}/cosell/{told}"):
            if ref != link.cosell:
                if link.cosell is not None:
                    book.own(link.cosell, None)
                book.own(ref, link.deal)
                base = link.base if link.cosell is None else {}
                return link.model_copy(update={"cosell": ref, "base": base})
            return link
    return link


def touch_chain(book: Book, card: OfferCard) -> None:
    """Look again at every deal that an offer's agreements pass through."""
    for row in of_offer(book, card.ref):
        for deal in owners(book, row):
            book.touch(deal)
    book.touch(book.owner(card.ref))
