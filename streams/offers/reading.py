"""Takes in what sources have read: the newest version of each record and how to find it; nothing follows from it here.

An event is a hint that carries what was read. One that is older than what is known of its record is ignored, and one that
comes again changes nothing.
"""

from collections.abc import Callable, Mapping

from schemas.entities import Account, Deal
from schemas.marketplace import Agreement, ChangeSet, Cosell, CosellInvitation, Offer, OfferSet, ResaleAuthorization
from schemas.messages import Changed
from streams.offers import matching
from streams.offers.book import Book, sibling
from streams.offers.chain import first_of, of_offer, offer_of, owners
from streams.offers.linking import move, named
from streams.offers.parts import DealCard, InvitationCard, OfferCard
from streams.offers.referrals import PREFIX, index_company
from streams.offers.state import (
    AgreementRow,
    AuthorizationRow,
    ChangeSetRow,
    Company,
    CosellRow,
    OfferSetRow,
    Points,
)
from streams.offers.twins import leading


def take_in(book: Book, event: Changed) -> None:
    """Remember what was read, and note which deals and offers have to be looked at."""
    reader = READERS.get(event.ENTITY)
    if reader is not None and event.connection in book.setup.connections:
        reader(book, event)


def _account(book: Book, event: Changed) -> None:
    known = book.get(f"company/{event.ref}", Company)
    if known is not None and event.version < known.version:
        return
    if isinstance(event.record, Account):
        row = Company(ref=event.ref, version=event.version, account=event.record)
    elif known is not None:
        row = known.model_copy(update={"version": event.version, "alive": False})
    else:
        return
    book.put(f"company/{event.ref}", row)
    account = row.account if row.alive else None
    index_company(book, event.ref, known.account if known is not None else None, account)
    for ref in book.below(f"child/{event.ref}|"):
        card = book.deal(ref)
        if card is not None and card.company != account:
            book.put(f"deal/{ref}", card.model_copy(update={"company": account}))
            book.touch(ref)


def _deal(book: Book, event: Changed) -> None:
    if event.connection not in book.setup.deals:
        return
    known = book.deal(event.ref)
    if known is not None and event.version < known.version:
        return
    if isinstance(event.record, Deal):
        account = event.record.account
        company = book.get(f"company/{event.connection}/account/{account}", Company) if account else None
        known_company = company.account if company is not None and company.alive else None
        card = DealCard(ref=event.ref, version=event.version, deal=event.record, company=known_company, change=event.id)
    elif known is not None:
        card = known.model_copy(update={"version": event.version, "change": event.id, "alive": False})
    else:
        return
    if known is not None:
        _around(book, known)
    _reindex(book, known, card)
    book.put(f"deal/{card.ref}", card)
    if event.merged_into:
        move(book, card.ref, sibling(card.ref, "deal", event.merged_into))
    _around(book, card)


def _around(book: Book, card: DealCard) -> None:
    """Look at a deal, and at all that are the same."""
    book.touch(card.ref)
    if card.deal.tandem_key:
        for ref in book.refs(f"same/{card.deal.tandem_key}"):
            book.touch(ref)
        book.touch(leading(book, card.ref).first)


def _reindex(book: Book, before: DealCard | None, card: DealCard) -> None:
    for each, there in ((before, False), (card, True)):
        if each is None:
            continue
        deal, system = each.deal, book.setup.marketplace
        if deal.tandem_key:
            book.index(f"same/{deal.tandem_key}", card.ref, there)
        if deal.account:
            book.mark(f"child/{card.connection}/account/{deal.account}|{card.ref}", there)
        if deal.resale_authorization:
            book.mark(f"authorized/{system}/resale_authorization/{deal.resale_authorization}|{card.ref}", there)
        if deal.replaces_agreement:
            book.mark(f"replacing/{system}/agreement/{deal.replaces_agreement}|{card.ref}", there)
        if deal.cosell_ref:
            book.index(f"tells/{deal.cosell_ref.strip()}", card.ref, there)
    book.index(f"deal_id/{card.record_id}", card.ref, there=True)


def _offer(book: Book, event: Changed) -> None:
    known = book.offer(event.ref)
    if known is not None and event.version < known.version:
        return
    if isinstance(event.record, Offer):
        card = OfferCard(
            ref=event.ref,
            version=event.version,
            offer=event.record,
            shortened=_shortened(book, known, event.record),
            change=event.id,
        )
        if event.record.offer_set:
            book.put(f"in_set/{event.ref}", Points(ref=sibling(event.ref, "offer_set", event.record.offer_set)))
        if event.record.by_marketplace and event.record.renews_agreement:
            agreement = sibling(event.ref, "agreement", event.record.renews_agreement)
            book.mark(f"renewing/{agreement}|{event.ref}")
            _touch_owners(book, book.agreement(agreement))
    elif known is not None:
        card = known.model_copy(update={"version": event.version, "alive": False, "change": event.id})
    else:
        return
    _keep_offer(book, card)


def _shortened(book: Book, known: OfferCard | None, offer: Offer) -> bool:
    """Whether the last day was moved from a day to come to one that is over: somebody has cancelled the offer."""
    last, before = offer.accept_by, known.offer.accept_by if known is not None else None
    if known is None or last is None or last >= book.day:
        return False
    if before == last:
        return known.shortened
    return before is not None and before >= book.day


def _keep_offer(book: Book, card: OfferCard) -> None:
    """Remember an offer with what its newest agreement says; matching learns of it."""
    private = bool(card.offer.buyer_accounts) or book.owner(card.ref) is not None
    rows = of_offer(book, card.ref) if private else []  # an offer for everybody may have very many
    if rows:
        newest = rows[-1].record
        card = card.model_copy(update={"buyer_account": newest.buyer_account, "agreement_status": newest.status})
    if book.offer(card.ref) != card:
        book.put(f"offer/{card.ref}", card)
    matching.observe_offer(book, card)
    book.offers[card.ref] = None
    book.touch(book.owner(card.ref))


def _touch_owners(book: Book, row: AgreementRow | None) -> None:
    for deal in owners(book, row) if row is not None else ():
        book.touch(deal)


def _agreement(book: Book, event: Changed) -> None:
    known = book.agreement(event.ref)
    if not isinstance(event.record, Agreement) or (known is not None and event.version < known.version):
        return
    row = AgreementRow(ref=event.ref, version=event.version, change=event.id, record=event.record)
    book.keep("agreement", row)
    book.mark(f"chain/{first_of(row)}|{row.ref}")
    offer = offer_of(row)
    if offer is not None:
        book.mark(f"of_offer/{offer}|{row.ref}")
        card = book.offer(offer)
        book.touch(book.owner(offer))
        if card is not None:
            _keep_offer(book, card)
    _touch_owners(book, row)
    for deal in book.below(f"replacing/{row.ref}|"):
        book.touch(deal)


def _offer_set(book: Book, event: Changed) -> None:
    known = book.get(f"offer_set/{event.ref}", OfferSetRow)
    if not isinstance(event.record, OfferSet) or (known is not None and event.version < known.version):
        return
    book.keep("offer_set", OfferSetRow(ref=event.ref, version=event.version, change=event.id, record=event.record))
    old = set(known.record.offers) if known is not None else set()
    for each in sorted(old | set(event.record.offers)):
        ref = sibling(event.ref, "offer", each)
        book.put(f"in_set/{ref}", Points(ref=event.ref) if each in event.record.offers else None)
        book.touch(book.owner(ref))


def _authorization(book: Book, event: Changed) -> None:
    known = book.get(f"authorization/{event.ref}", AuthorizationRow)
    if not isinstance(event.record, ResaleAuthorization) or (known is not None and event.version < known.version):
        return
    row = AuthorizationRow(ref=event.ref, version=event.version, change=event.id, record=event.record)
    book.keep("authorization", row)
    for deal in book.below(f"authorized/{event.ref}|"):
        book.touch(deal)


def _change_set(book: Book, event: Changed) -> None:
    known = book.change_set(event.ref)
    if not isinstance(event.record, ChangeSet) or (known is not None and event.version < known.version):
        return
    row = ChangeSetRow(ref=event.ref, version=event.version, change=event.id, record=event.record)
    book.keep("change_set", row)
    book.touch(named(book, row))
    book.touch(book.owner(event.ref))


def _cosell(book: Book, event: Changed) -> None:
    known = book.cosell(event.ref)
    if not isinstance(event.record, Cosell) or (known is not None and event.version < known.version):
        return
    book.keep("cosell", CosellRow(ref=event.ref, version=event.version, change=event.id, record=event.record))
    if known is not None and known.record.deal:
        book.index(f"says/{known.record.deal}", event.ref, there=False)
    book.touch(book.owner(event.ref))
    keyed = book.refs(f"same/{PREFIX}{event.record_id}")
    for deal in (*book.refs(f"tells/{event.record_id}"), *keyed):
        book.touch(deal)
    if event.record.deal:
        book.index(f"says/{event.record.deal}", event.ref, there=True)
        for deal in book.refs(f"deal_id/{event.record.deal}"):
            book.touch(deal)


def _invitation(book: Book, event: Changed) -> None:
    known = book.get(f"invitation/{event.ref}", InvitationCard)
    if not isinstance(event.record, CosellInvitation) or (known is not None and event.version < known.version):
        return
    card = InvitationCard(ref=event.ref, version=event.version, invitation=event.record, change=event.id)
    book.put(f"invitation/{event.ref}", card)


READERS: Mapping[str, Callable[[Book, Changed], None]] = {
    "account": _account,
    "deal": _deal,
    "offer": _offer,
    "agreement": _agreement,
    "offer_set": _offer_set,
    "resale_authorization": _authorization,
    "change_set": _change_set,
    "cosell": _cosell,
    "cosell_invitation": _invitation,
}
