"""Finds what may stand against a registration: other registrations, deals, offers, accounts; it judges none of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from mappings.engagement import Against
from schemas.entities import Account, Population
from schemas.marketplace import OfferState
from streams import companies
from streams.agenda import Mark
from streams.companies import Same
from streams.matching.features import registered_domain
from streams.registrations.book import Book
from streams.registrations.parts import AccountCard, DealCard, Found, PartnerCard, Reading
from streams.registrations.quality import mail_host
from streams.registrations.state import ACCOUNT_KIND, HELD_KIND, OPEN_KIND, connection_of

MOST = 20  # so many conflicts are remembered with a verdict; one is enough
DEALS = 100  # so many deals of one account are looked at
IN_FLIGHT = frozenset({OfferState.DRAFT, OfferState.CREATING, OfferState.PARTNER_ACTION, OfferState.RELEASED})


class Asked(NamedTuple):
    """Whose registration of which company stands against others, and since when."""

    ref: str
    partner: str | None
    submitted_at: datetime
    claim: Account
    tied: str | None


def claim(reading: Reading, partner: PartnerCard | None) -> Account:
    """The customer as an account: what the matcher compares. A contact's mail host is its domain, unless it is the partner's."""
    record = reading.record
    host = mail_host(record.contact_email)
    foreign = partner is None or (registered_domain(host) or host) in partner.domains
    return Account(
        name=record.company,
        website=record.website,
        domains=() if foreign or not host else (host,),
        country=record.country,
        city=record.city,
        postal_code=record.postal_code,
        phone=record.contact_phone,
    )


def find(book: Book, asked: Asked) -> tuple[tuple[Found, ...], str | None]:
    """What may stand against it, the surest first, and our account that the customer is."""
    found = list(_registrations(book, asked))
    accounts = _accounts(book, asked.claim)
    for same, card in accounts:
        found += _of_account(book, asked, same, card)
    ours = next((same.ref for same, card in accounts if same.match.confidence >= book.rules.company.same_at), None)
    ordered = sorted(found, key=lambda it: (it.against is not Against.REGISTRATION, -it.confidence, it.ref))
    return tuple(ordered[:MOST]), ours


def holders(book: Book, asked: Asked) -> tuple[Found, ...]:
    """Registrations of other partners that are protected for the same company: while there is one, nothing is approved."""
    found = _others(book, asked, (HELD_KIND,), book.rules.company.same_at)
    return tuple(each for each in found if each.against is Against.REGISTRATION)


def neighbours(book: Book, claims: tuple[Account | None, ...]) -> Iterator[str]:
    """Registrations that wait to be decided and may be of one of these companies."""
    for each in claims:
        if each is not None:
            yield from (same.ref for same in companies.same(book, (OPEN_KIND,), each, book.rules.company.unsure_at))


def cleared(a: str, b: str) -> str:
    """The row that says that a person holds the two for different companies."""
    first, second = sorted((a, b))
    return f"cleared/{first}|{second}"


def _registrations(book: Book, asked: Asked) -> Iterator[Found]:
    for each in _others(book, asked, (OPEN_KIND, HELD_KIND), book.rules.company.unsure_at):
        if each.sure or book.get(cleared(asked.ref, each.ref), Mark) is None:
            yield each


def _others(book: Book, asked: Asked, kinds: tuple[str, ...], at_least: float) -> Iterator[Found]:
    for same in companies.same(book, kinds, asked.claim, at_least):
        other = book.case(same.ref)
        if same.ref == asked.ref or other.submitted_at is None:
            continue
        earlier = (other.submitted_at, other.ref) < (asked.submitted_at, asked.ref)
        if not (earlier or other.protected):
            continue
        own = asked.partner is not None and other.partner == asked.partner
        plain = _found(book, Against.OWN_REGISTRATION if own else Against.REGISTRATION, same)
        update = {"held": other.protected, "earlier": earlier, "until": other.protected_until}
        yield plain.model_copy(update=update)


def _accounts(book: Book, company: Account) -> list[tuple[Same, AccountCard]]:
    found = []
    for same in companies.same(book, (ACCOUNT_KIND,), company, book.rules.company.unsure_at):
        card = book.account(same.ref)
        if card is not None and card.alive:
            found.append((same, card))
    order = {name: nth for nth, name in enumerate(book.setup.connected.crms)}
    sure = book.rules.company.same_at
    # Sure matches in the first CRM come first: deals are made there.
    return sorted(
        found, key=lambda it: (it[0].match.confidence < sure, order.get(connection_of(it[0].ref), len(order)))
    )


def _of_account(book: Book, asked: Asked, same: Same, card: AccountCard) -> Iterator[Found]:
    if card.account.named:
        yield _found(book, Against.NAMED_ACCOUNT, same)
    if card.account.population is Population.CUSTOMER:
        yield _found(book, Against.CUSTOMER, same)
    for ref in book.below(f"deal_of/{same.ref}|", DEALS):
        deal = book.deal(ref)
        if deal is not None and deal.ref == ref and deal.open and not _concerns_registration(book, asked, deal):
            yield from _of_deal(book, asked, deal, same)


def _of_deal(book: Book, asked: Asked, card: DealCard, same: Same) -> Iterator[Found]:
    partner = book.known_partner(connection_of(card.ref), card.deal.partner)
    if asked.partner is not None and partner is not None and partner.key == asked.partner:
        return
    opened = card.deal.created_at or card.seen_at
    update = {
        "ref": card.ref,
        "name": card.deal.name,
        "stage": card.deal.stage,
        "age_days": max(0, (book.now - opened).days),
    }
    found = _found(book, Against.PARTNER_DEAL if card.deal.partner else Against.DEAL, same).model_copy(update=update)
    yield found
    offer = book.offer(card.ref)
    if offer is not None and offer.state in IN_FLIGHT:
        yield found.model_copy(update={"against": Against.OFFER})


def _concerns_registration(book: Book, asked: Asked, card: DealCard) -> bool:
    """A deal that is tied to a registration, or was made for one, stands for it: what counts is the registration."""
    key = card.deal.tandem_key
    return (
        card.ref == asked.tied
        or book.points(f"deal_reg/{card.ref}") is not None
        or book.points(f"made/{card.ref}") is not None
        or (key is not None and book.points(f"made/{key}") is not None)
    )


def _found(book: Book, against: Against, same: Same) -> Found:
    return Found(
        against=against,
        ref=same.ref,
        name=same.name,
        confidence=same.match.confidence,
        sure=same.match.confidence >= book.rules.company.same_at,
        because="; ".join(same.match.reasons[:2]),
    )
