"""Gathers what was read of one link: its offer, the agreements that are its own, and the attempt at work; decides nothing.

A buyer who amends, renews or replaces an agreement makes a new one; all of them name the first of their chain. A chain may
pass through several deals: an expansion that replaces the agreement of an older deal is a deal and an offer of its own. So
an agreement belongs to the deal of its offer, and one whose offer belongs to no deal to that of the agreement before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from schemas.marketplace import AgreementStatus
from streams.offers.book import Book, sibling
from streams.offers.parts import DealCard, OfferCard, Sent
from streams.offers.state import AgreementRow, AuthorizationRow, ChangeSetRow, Link, connection_of, id_of

EVER = datetime(1, 1, 1, tzinfo=UTC)
REVISIONS = (AgreementStatus.ROLLED_BACK, AgreementStatus.SUPERSEDED)  # only where another revision took its place


@dataclass(frozen=True, slots=True)
class Chain:
    """What was read of one link. `agreements` are its own, oldest first."""

    offer: OfferCard | None = None
    linked: bool = False  # whether an offer belongs to it, read or not
    agreements: tuple[AgreementRow, ...] = ()
    replaced: bool = False  # the chain of agreements goes on in another deal
    made: bool = False  # whether an attempt of ours is not over
    change_set: ChangeSetRow | None = None
    creation: Sent | None = None
    authorization: AuthorizationRow | None = None
    cancelled: date | None = None  # the last day that we have asked for to cancel it

    @property
    def current(self) -> AgreementRow | None:
        """The agreement that counts: the newest that holds, else the newest that was not undone, else the newest."""
        firm = [each for each in self.agreements if each.record.status not in REVISIONS]
        holding = [each for each in self.agreements if each.active]
        return next(iter([*reversed(holding), *reversed(firm), *reversed(self.agreements)]), None)


def chain(book: Book, link: Link, card: DealCard) -> Chain:
    """What is known of a link now."""
    agreements, replaced = _agreements(book, link, card)
    order = link.order
    cancelled = order.until if order and order.kind == "cancel" and order.tries and order.offer == link.offer else None
    return Chain(
        offer=book.offer(link.offer),
        linked=link.offer is not None,
        agreements=agreements,
        replaced=replaced,
        made=link.key is not None,
        change_set=book.change_set(link.change_set),
        creation=link.sent.get(creation_name(book, link.key)) if link.key else None,
        authorization=authorization(book, card),
        cancelled=cancelled,
    )


def creation_name(book: Book, key: str) -> str:
    """The name of the command that makes the offer of an attempt."""
    return f"{book.setup.marketplace}/offer/{key}"


def authorization(book: Book, card: DealCard) -> AuthorizationRow | None:
    """The resale authorisation that a deal names, where it was read."""
    ref = authorization_ref(book, card)
    return None if ref is None else book.get(f"authorization/{ref}", AuthorizationRow)


def authorization_ref(book: Book, card: DealCard) -> str | None:
    """The record's name of the authorisation that a deal names."""
    given = card.deal.resale_authorization
    return None if not given or not book.setup.marketplace else f"{book.setup.marketplace}/resale_authorization/{given}"


def of_offer(book: Book, offer: str) -> list[AgreementRow]:
    """The agreements of an offer, oldest first."""
    return _sorted(book.agreement(ref) for ref in book.below(f"of_offer/{offer}|"))


def first_of(row: AgreementRow) -> str:
    """The record's name of the first agreement of the chain that an agreement belongs to."""
    return sibling(row.ref, "agreement", row.record.initial_agreement or id_of(row.ref))


def offer_of(row: AgreementRow) -> str | None:
    """The record's name of the offer that was accepted."""
    return sibling(row.ref, "offer", row.record.offer) if row.record.offer else None


def owners(book: Book, row: AgreementRow) -> list[str]:
    """The deals that the chain of an agreement passes through, in its order."""
    return list(dict.fromkeys(deal for _, deal in _passed(book, first_of(row)) if deal is not None))


def _passed(book: Book, first: str) -> list[tuple[AgreementRow, str | None]]:
    """A chain, and to which deal each of its agreements belongs."""
    found: list[tuple[AgreementRow, str | None]] = []
    deal: str | None = None
    for row in _sorted(book.agreement(ref) for ref in book.below(f"chain/{first}|")):
        deal = book.owner(offer_of(row)) or deal
        found.append((row, deal))
    return found


def _agreements(book: Book, link: Link, card: DealCard) -> tuple[tuple[AgreementRow, ...], bool]:
    roots = [row for offer in link.offers for row in of_offer(book, offer) if _for_deal(book, row, card)]
    own: dict[str, AgreementRow] = {}
    replaced = False
    for first in dict.fromkeys(map(first_of, roots)):
        passed = _passed(book, first)
        mine = [nth for nth, (_, deal) in enumerate(passed) if deal == link.deal]
        own |= {passed[nth][0].ref: passed[nth][0] for nth in mine if _for_deal(book, passed[nth][0], card)}
        replaced |= bool(mine) and mine[-1] < len(passed) - 1
    return tuple(_sorted(own.values())), replaced


def _for_deal(book: Book, row: AgreementRow, card: DealCard) -> bool:
    """An offer for several buyers has agreements of each; those of others are not the deal's."""
    offer = book.offer(offer_of(row))
    one = offer is None or len(offer.offer.buyer_accounts) == 1 or not card.deal.buyer_account
    return one or row.record.buyer_account in {None, card.deal.buyer_account}


def _sorted(rows: Iterable[AgreementRow | None]) -> list[AgreementRow]:
    there = [row for row in rows if row is not None]
    return sorted(there, key=lambda row: (row.record.accepted_at or row.record.starts_at or EVER, row.ref))


def made_offer(row: ChangeSetRow) -> str | None:
    """The record's name of the offer that a change set has made."""
    ids = [each for each in row.record.entities if each.startswith("offer-")]
    return f"{connection_of(row.ref)}/offer/{ids[0]}" if ids else None
