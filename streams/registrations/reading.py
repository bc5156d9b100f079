"""Takes in what sources and other decisions say: the newest of each and how to find it; nothing follows from it here.

An event is a hint that carries what was read. One that is older than what is known of its record is ignored, but for the
time at which the registration was first seen, and one that comes again changes nothing.
"""

from schemas.entities import Account, Deal
from schemas.messages import Changed, OfferLinkDecided, PartnerDecided, identity, record_ref
from schemas.partners import Registration, RegistrationStatus
from streams import companies
from streams.registrations.book import Book
from streams.registrations.conflicts import neighbours
from streams.registrations.parts import AccountCard, DealCard, Hand, OfferCard, PartnerCard, Reading
from streams.registrations.state import ACCOUNT_KIND, connection_of, id_of

# What its system or Tandem says of a registration; everything else is the partner's own.
NOT_CONTENT = {"status", "stage", "deal", "submitted_at", "active_at", "lost_reason"}
JUDGED_HERE = frozenset({RegistrationStatus.SUBMITTED, RegistrationStatus.IN_REVIEW, RegistrationStatus.DRAFT})


def registration(book: Book, event: Changed) -> None:
    """A record of a registration was read."""
    known = book.reading(event.ref)
    if known is not None and event.version < known.version:
        _seen_before(book, known, event)
        return
    if isinstance(event.record, Registration):
        row = _read(known, event, event.record)
    elif known is not None:
        row = known.model_copy(update={"version": event.version, "alive": False, "at": event.occurred_at})
    else:
        return
    if known is not None and known.record.deal != row.record.deal:
        book.mark(f"names_deal/{known.record.deal}|{row.ref}", there=False)
    if row.record.deal:
        book.mark(f"names_deal/{row.record.deal}|{row.ref}")
    book.put(f"reading/{row.ref}", row)
    if known is not None and row.expect and row.expect != known.expect:
        # It shows one of our answers, but not the last one, which may have been there before: then somebody set this.
        book.shows(row.ref, None)
    book.touch(row.ref)


def _seen_before(book: Book, known: Reading, event: Changed) -> None:
    drafted = isinstance(event.record, Registration) and event.record.status is RegistrationStatus.DRAFT
    if event.record is not None and not drafted and event.occurred_at < known.first_at:
        book.put(f"reading/{known.ref}", known.model_copy(update={"first_at": event.occurred_at}))
        book.touch(known.ref)


def _read(known: Reading | None, event: Changed, record: Registration) -> Reading:
    digest = identity(record.model_dump_json(exclude=NOT_CONTENT))
    at, same = event.occurred_at, known is not None and known.digest == digest
    drafted = known is None or known.record.status is RegistrationStatus.DRAFT
    heard = known.heard if known is not None else None
    expect = known.expect if known is not None else ()
    hand = known.hand if known is not None else None
    said = record.status
    if said in expect:
        expect = expect[expect.index(said) + 1 :]
    elif said is not heard and not event.own and not (heard is None and said in JUDGED_HERE):
        hand = Hand(status=said, at=at, by=event.actor or f"somebody in {event.connection}", change=event.id)
    return Reading(
        ref=event.ref,
        version=event.version,
        record=record,
        change=event.id,
        at=at,
        first_at=at if drafted or known is None else known.first_at,
        content_at=known.content_at if same and known is not None else at,
        digest=digest,
        heard=said,
        expect=expect,
        hand=hand,
    )


def account(book: Book, event: Changed) -> None:
    """An account of ours was read."""
    known = book.account(event.ref)
    if event.connection not in book.setup.connected.crms or (known is not None and event.version < known.version):
        return
    if isinstance(event.record, Account):
        card = AccountCard(ref=event.ref, version=event.version, account=event.record)
        moved = companies.put(book, ACCOUNT_KIND, event.ref, card.account)
    elif known is not None:
        card = known.model_copy(update={"version": event.version, "alive": False})
        companies.drop(book, ACCOUNT_KIND, event.ref)
        moved = known.alive
    else:
        return
    book.put(f"account/{event.ref}", card)
    if known is None or moved or _standing(known) != _standing(card):
        _look(book, None if known is None else known.account, card.account)


def _standing(card: AccountCard) -> tuple[object, ...]:
    return (card.alive, card.account.named, card.account.population)


def deal(book: Book, event: Changed) -> None:
    """A deal of ours was read."""
    known = book.get(f"deal/{event.ref}", DealCard)
    if event.connection not in book.setup.connected.crms or (known is not None and event.version < known.version):
        return
    active = known.active_at if known is not None else None
    if not event.own and (active is None or event.occurred_at > active):
        active = event.occurred_at
    card = _deal_card(known, event, active)
    if card is None:
        return
    if known is not None:
        _index_deal(book, known, there=False)
    _index_deal(book, card, there=card.alive)
    book.put(f"deal/{card.ref}", card)
    _touch_deal(book, card)
    for each in (known, card):
        if each is not None and each.deal.account:
            above = book.account(record_ref(connection_of(each.ref), "account", each.deal.account))
            _look(book, None if above is None else above.account)


def _deal_card(known: DealCard | None, event: Changed, active: object) -> DealCard | None:
    if isinstance(event.record, Deal):
        seen = known.seen_at if known is not None else event.occurred_at
        return DealCard.model_validate(
            {
                "ref": event.ref, "version": event.version, "deal": event.record, "change": event.id,
                "seen_at": min(seen, event.occurred_at), "active_at": active,
            }
        )  # fmt: skip
    if known is None:
        return None
    into = record_ref(event.connection, "deal", event.merged_into) if event.merged_into else None
    update = {"version": event.version, "change": event.id, "alive": False, "merged_into": into}
    return known.model_copy(update=update)


def _index_deal(book: Book, card: DealCard, *, there: bool) -> None:
    if card.deal.account:
        above = record_ref(connection_of(card.ref), "account", card.deal.account)
        book.mark(f"deal_of/{above}|{card.ref}", there)
    if card.deal.tandem_key:
        book.mark(f"deal_key/{card.deal.tandem_key}|{card.ref}", there)


def _touch_deal(book: Book, card: DealCard) -> None:
    """Look at the registrations that a deal is tied to, was made for, or is named by."""
    names = (f"deal_reg/{card.ref}", f"made/{card.ref}", f"made/{card.deal.tandem_key}")
    book.touch(*(ref for name in names if (ref := book.points(name)) is not None))
    for text in (card.ref, id_of(card.ref), card.deal.tandem_key):
        if text:
            book.touch(*book.below(f"names_deal/{text}|"))


def offer(book: Book, event: OfferLinkDecided) -> None:
    """How far the private offer of a deal has come."""
    for ref in (event.deal, *event.twins):
        if book.offer(ref) == OfferCard(deal=ref, state=event.state):
            continue
        book.put(f"offer/{ref}", OfferCard(deal=ref, state=event.state))
        card = book.deal(ref)
        if card is not None and card.deal.account:
            above = book.account(record_ref(connection_of(card.ref), "account", card.deal.account))
            _look(book, None if above is None else above.account)


def partner(book: Book, event: PartnerDecided) -> None:
    """Who a partner is, as enablement says."""
    known = book.partner(event.partner)
    card = PartnerCard(
        key=event.partner,
        name=event.name,
        status=event.status,
        refs=event.refs,
        domains=event.domains,
        tier=event.tier,
        email=event.email,
        owner_email=event.owner_email,
    )
    if card == known:
        return
    gone = set(known.refs) - set(card.refs) if known is not None else set()
    for ref in sorted(gone):
        if book.points(f"partner_ref/{ref}") == card.key:
            book.point(f"partner_ref/{ref}", None)
    for ref in card.refs:
        book.point(f"partner_ref/{ref}", card.key)
    book.put(f"partner/{card.key}", card)
    for name in (card.key, *sorted({*gone, *card.refs})):
        book.touch(*book.below(f"says/{name}|"))


def _look(book: Book, *accounts: Account | None) -> None:
    """Look at the registrations that are not decided yet and may be of one of these companies."""
    if book.ready:
        book.touch(*neighbours(book, accounts))
