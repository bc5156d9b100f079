"""What CRMs are told: the fields on the deal and its twins, and each private offer as a record; only what has changed.

Nothing that a person has to keep secret is among it: no terms of an offer but its worth and its days.
"""

from datetime import UTC, date
from decimal import Decimal

from pydantic import JsonValue

from schemas.marketplace import DealOffer, OfferState, PrivateOffer
from schemas.messages import MatchBy, Write, identity
from streams.offers.book import Book, sibling
from streams.offers.chain import Chain, chain, creation_name, of_offer
from streams.offers.observing import Observed, observed
from streams.offers.parts import DealCard, OfferCard, Problem
from streams.offers.state import AgreementRow, AuthorizationRow, Link, Told, connection_of, id_of
from streams.offers.twins import leading

MARKETPLACE = "aws"
FOREVER = 9000  # agreements without an end are given one in this year or later
Fields = dict[str, JsonValue]


def worth(link: Link, chain: Chain, name: str) -> tuple[Decimal | None, str | None]:
    """What the agreement, else the offer, else the request is worth."""
    row, offer = chain.current, chain.offer
    if row is not None and row.record.amount is not None:
        return row.record.amount, row.record.currency
    if offer is not None and offer.offer.amount is not None:
        return offer.offer.amount, offer.offer.currency
    sent = link.sent.get(name)
    asked = sent.fields if sent is not None else {}
    amount, currency = asked.get("amount"), asked.get("currency")
    return (Decimal(str(amount)) if amount else None), (str(currency) if currency else None)


def accept_by(link: Link, chain: Chain, name: str) -> date | None:
    """The last day to accept, of the offer or of the request."""
    if chain.offer is not None:
        return chain.offer.offer.accept_by
    sent = link.sent.get(name)
    day = None if sent is None else sent.fields.get("accept_by")
    return date.fromisoformat(str(day)) if day else None


def span(row: AgreementRow | None) -> tuple[date | None, date | None]:
    """The first and the last day of an agreement; no last one where it never ends."""
    if row is None:
        return None, None
    starts, ends = row.record.starts_at, row.record.ends_at
    last = ends.date() if ends is not None and ends.year < FOREVER else None
    return (starts.date() if starts is not None else None), last


def on_deal(
    book: Book, link: Link, chain: Chain, seen: Observed, problems: tuple[Problem, ...], next_step: str | None
) -> DealOffer:
    """The fields of the deal as they are to be now."""
    name = creation_name(book, link.key or "")
    live = seen.state is not None
    amount, currency = worth(link, chain, name) if live else (None, None)
    row, rules = chain.current, book.setup.rules.follow
    starts, ends = span(row)
    cosell = book.cosell(link.cosell)
    shared = id_of(link.cosell) if link.cosell else None
    offer = id_of(link.offer) if link.offer else None
    return DealOffer(
        offer_state=seen.state,
        offer_id=offer,
        offer_url=rules.offer_url.replace("{id}", offer) if offer else None,
        offer_amount=amount,
        offer_currency=currency,
        offer_accept_by=accept_by(link, chain, name) if live else None,
        agreement_id=row.record_id if row is not None else None,
        agreement_starts_on=starts,
        agreement_ends_on=ends,
        cosell_id=shared,
        cosell_status=cosell.record.review if cosell else None,
        cosell_stage=cosell.record.stage if cosell else None,
        cosell_url=rules.cosell_url.replace("{id}", shared) if shared else None,
        offer_next_step=next_step,
        offer_problem="\n".join(map(str, problems)) or None,
    )


def tell_deal(book: Book, ref: str, shown: DealOffer, reasons: tuple[str, ...], causes: tuple[str, ...]) -> None:
    """Write to a deal what differs from what it was told last."""
    connection, record_id = connection_of(ref), id_of(ref)
    fields: Fields = shown.model_dump(mode="json", exclude={"offer_changed_at"})
    stamp = _stamp(book, "offer_changed_at")
    _tell(book, f"told/{ref}", (connection, "deal_offer", MatchBy.ID, record_id), fields, stamp, reasons, causes)


def tell_offer(book: Book, ref: str) -> None:
    """Write a private offer, as a record of its own, to the CRMs that hold such."""
    card = book.offer(ref)
    deal = book.owner(ref)
    if card is None or not book.setup.offer_records or (deal is None and not card.offer.buyer_accounts):
        return
    leader = None if deal is None else leading(book, deal)
    refs = [] if leader is None else [leader.first, *leader.twins]
    for connection in book.setup.offer_records:
        there = next((each for each in refs if connection_of(each) == connection), None)
        made = _record(book, card, None if there is None else book.deal(there), book.link(deal) if deal else None)
        fields: Fields = made.model_dump(mode="json", exclude={"key", "last_changed"})
        key = (connection, "private_offer", MatchBy.EXTERNAL_ID, made.key)
        why = made.reasons or ("It stands in the marketplace, and no deal is linked to it.",)
        stamp = _stamp(book, "last_changed")
        _tell(book, f"told/{connection}/private_offer/{made.key}", key, fields, stamp, why, (book.cause,))


def _record(book: Book, card: OfferCard, deal: DealCard | None, link: Link | None) -> PrivateOffer:
    offer, whole = card.offer, _whole(book, card, link)
    state = observed(whole, book.day).state or OfferState.DRAFT
    row = whole.current
    starts, ends = span(row)
    why = link.because if link is not None and link.offer == card.ref else ()
    return PrivateOffer(
        key=f"{MARKETPLACE}/{card.record_id}",
        deal=deal.record_id if deal is not None and deal.alive else None,
        account=deal.deal.account if deal is not None and deal.alive else None,
        marketplace=MARKETPLACE,
        offer_id=card.record_id,
        name=offer.name,
        state=state,
        url=book.setup.rules.follow.offer_url.replace("{id}", card.record_id),
        product_name=offer.product_name,
        buyer_account=next(iter(offer.buyer_accounts), None),
        reseller_name=_reseller(book, card),
        amount=offer.amount if row is None or row.record.amount is None else row.record.amount,
        currency=offer.currency if row is None or row.record.amount is None else row.record.currency,
        accept_by=offer.accept_by,
        released_on=offer.released_at,
        accepted_on=row.record.accepted_at if row is not None else None,
        starts_on=starts or offer.starts_on,
        ends_on=ends or offer.ends_on,
        agreement_id=row.record_id if row is not None else None,
        reasons=why,
        main_reason=next(iter(why), None),
    )


def _whole(book: Book, card: OfferCard, link: Link | None) -> Chain:
    """The chain of the deal whose offer it is now, else the offer and its own agreements."""
    leader = book.deal(link.deal) if link is not None else None
    if link is not None and leader is not None and link.offer == card.ref:
        return chain(book, link, leader)
    return Chain(offer=card, agreements=tuple(of_offer(book, card.ref)))


def _reseller(book: Book, card: OfferCard) -> str | None:
    given = card.offer.resale_authorization
    ref = sibling(card.ref, "resale_authorization", given) if given else None
    row = book.get(f"authorization/{ref}", AuthorizationRow) if ref else None
    return row.record.reseller_name if row is not None else None


def _stamp(book: Book, name: str) -> Fields:
    return {name: book.now.astimezone(UTC).isoformat()}


def _tell(
    book: Book,
    name: str,
    record: tuple[str, str, MatchBy, str],
    fields: Fields,
    stamp: Fields,
    reasons: tuple[str, ...],
    causes: tuple[str, ...],
) -> None:
    """Write the fields that differ from what was told last, and when that was; a record that is new is told no nulls."""
    before = (book.get(name, Told) or Told()).fields
    changed = {field: value for field, value in fields.items() if value != before.get(field)}
    if not changed:
        return
    book.put(name, Told(fields={field: value for field, value in fields.items() if value is not None}))
    connection, entity, match_by, key = record
    write = Write(
        id=identity("shown", name, book.cause, repr(sorted(changed.items()))),
        connection=connection,
        entity=entity,
        match_by=match_by,
        key=key,
        fields={**changed, **stamp},
        reasons=reasons,
        causes=causes,
        decided_at=book.at,
    )
    book.write(write)
