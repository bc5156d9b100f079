"""When an offer is made for a deal, and when not: asked, checked, approved, sent once; it never talks to a marketplace.

An attempt has a key, made from the deal and the attempt's number, that the marketplace takes as its idempotency token and
that names the change set. So a write that comes twice, or an outcome that is lost, never makes a second offer: a change set
of that name is ours, whoever saw it first. The number grows only where the attempt is known to have come to nothing (its
change set failed) or where its offer is over and the deal asks anew. A request that was refused before it became a change
set is sent again under the same key once the deal was corrected.
"""

from typing import NamedTuple

from schemas.entities import DealStage, OfferRequest
from schemas.marketplace import ChangeSetStatus
from schemas.marketplace import OfferState as S
from schemas.messages import MatchBy, identity
from streams.offers.book import Book
from streams.offers.chain import Chain, authorization, creation_name
from streams.offers.checking import problems
from streams.offers.observing import Observed
from streams.offers.parts import Command, DealCard, Problem
from streams.offers.state import AgreementRow, Approval, Link, Points, id_of
from streams.offers.terms import Request, ask_of, request
from streams.offers.transitions import AGAIN, OPEN
from streams.offers.wording import worded

FAULTS = 3  # attempts that fail by the marketplace's own fault are made again so many times


class Progress(NamedTuple):
    """The link after a step, what is in the way, what happens next, and whether to look again on another day."""

    link: Link
    problems: tuple[Problem, ...] = ()
    next_step: str | None = None
    waits: bool = False


def token(deal: str, attempt: int) -> str:
    """The key of an attempt: 32 characters, the same in every process."""
    return identity("offer", deal, str(attempt))


def asked(book: Book, card: DealCard) -> str | None:
    """Who asks for an offer, in words; None where nobody does."""
    rules = book.setup.rules.create
    if book.setup.marketplace is None or not card.alive or card.deal.stage is DealStage.LOST:
        return None
    if card.deal.offer_request is OfferRequest.CREATE:
        return "The deal asks for an offer."
    if card.deal.offer_request is None and card.deal.stage in rules.when:
        return f"An offer is made for every deal that is in {card.deal.stage.value.replace('_', ' ')}."
    return None


def advance(book: Book, link: Link, card: DealCard, seen: Observed, chain: Chain) -> Progress:
    """Make the offer, if it is asked for and nothing is in the way."""
    why, ask = asked(book, card), ask_of(card.deal)
    if seen.state not in OPEN:  # it is heeded: what stands in the deal now asks for nothing more
        return Progress(link.model_copy(update={"ask": ask}) if why else link)
    if why is None:
        return Progress(_unasked(link, seen))
    held = _held(link, card, seen, chain, ask)
    if held is not None:
        return held
    if not book.ready:
        return Progress(link, (), "An offer is made as soon as the marketplace has been read.", waits=True)
    return _checked(book, link, card, seen, chain, why)


def _held(link: Link, card: DealCard, seen: Observed, chain: Chain, ask: str) -> Progress | None:
    """Why what is asked asks for nothing that is not there or was not tried already."""
    if link.offer is not None and chain.offer is None and seen.state is None:
        return Progress(link, (), f"Offer {id_of(link.offer)} has not been read from the marketplace yet.")
    if seen.state in AGAIN and (link.ask == ask or card.deal.offer_request is not OfferRequest.CREATE):
        return Progress(link, (), "To have a new offer made, correct the deal and ask for one once more.")
    if seen.state is not S.CREATE_FAILED and link.ask == ask:
        return Progress(link)
    return None


def _unasked(link: Link, seen: Observed) -> Link:
    """Nobody asks any more: asking once more is a new ask, and what was approved is not asked for."""
    update: dict[str, object] = {"approval": None}
    if seen.state in AGAIN:
        update["ask"] = None
    if seen.state is S.CREATE_FAILED:
        update["digest"] = None
    return link.model_copy(update=update)


def _checked(book: Book, link: Link, card: DealCard, seen: Observed, chain: Chain, why: str) -> Progress:
    rules, replaces = book.setup.rules.create, replaced(book, card)
    found = [*_named(link, card), *problems(card, rules, book.today, replaces, authorization(book, card))]
    if found:
        return Progress(link.model_copy(update={"approval": None}), tuple(found), waits=True)
    asks = request(card, rules, book.today, replaces)
    faulty = _faulty(chain) and link.faults < FAULTS
    if seen.state is S.CREATE_FAILED and link.digest == asks.digest and not faulty:
        return Progress(link, failures(chain))
    link, said = _approved(book, link, asks)
    if said is not None:
        return Progress(link, (), said, waits=True)
    return Progress(_begin(book, link, card, asks, chain, why))


def _named(link: Link, card: DealCard) -> list[Problem]:
    """A deal that names an offer which somebody made has one already: a second one is not made beside it."""
    given = card.deal.offer_ref
    if not given or any(id_of(ref) in given for ref in (*link.past, *link.apart, *link.offers)):
        return []
    reason = f"The deal names {given!r}, an offer that is not linked to it."
    return [Problem(field="offer_ref", reason=reason, remedy="Link that offer to the deal, or clear the field.")]


def _approved(book: Book, link: Link, asks: Request) -> tuple[Link, str | None]:
    """The link with its approval, and what is waited for; an approval holds only for the request that was approved."""
    above = book.setup.rules.create.approve_above
    limit = above.get(asks.currency)
    if not above or (limit is not None and asks.amount <= limit):
        return link.model_copy(update={"approval": None}), None
    held = link.approval
    if held is None or held.digest != asks.digest:
        held = Approval(digest=asks.digest, status="waiting")
    link = link.model_copy(update={"approval": held})
    if held.status == "given":
        return link, None
    if held.status == "refused":
        return link, f"{held.words} Change the deal to ask again."
    return link, f"An offer of {asks.fields['amount']} {asks.currency} waits for a person to approve it."


def _begin(book: Book, link: Link, card: DealCard, asks: Request, chain: Chain, why: str) -> Link:
    """Send the request: under a new key where the last one came to its end, else under the same."""
    row, over = chain.change_set, link.key is None or link.offer is not None
    if row is not None and row.record.status in {ChangeSetStatus.FAILED, ChangeSetStatus.CANCELLED}:
        over = True
    faults = link.faults + 1 if _faulty(chain) and link.digest == asks.digest else 0
    if over:
        link = _again(book, link)
        named = book.get(f"named/{link.key}", Points)
        if named is not None:  # the marketplace knows of this attempt, and this state was lost: it is not made again
            book.touch(link.deal)
            return link.model_copy(update={"change_set": named.ref})
    key = link.key or token(link.deal, link.attempt)
    update = {"key": key, "digest": asks.digest, "ask": ask_of(card.deal), "accept_by": card.deal.accept_by}
    link = link.model_copy(update={**update, "faults": faults})
    approved = [link.approval.words] if link.approval and link.approval.words else []
    command = Command(
        connection=book.setup.marketplace or "",
        entity="offer",
        match_by=MatchBy.EXTERNAL_ID,
        key=key,
        fields=asks.fields,
        reasons=(why, *approved, *([f"Attempt {link.attempt}."] if link.attempt > 1 else [])),
    )
    return book.send(link, command)


def _again(book: Book, link: Link) -> Link:
    """A new attempt; the offer of the last one stays the deal's, as one that it had before."""
    past = (*link.past, *(ref for ref in link.offers if ref not in link.past))
    before = book.offer(link.offer)
    if before is not None and link.state is S.CANCELLED:
        book.put(f"offer/{before.ref}", before.model_copy(update={"shortened": True}))  # the order is forgotten
    old = creation_name(book, link.key) if link.key else ""
    return link.model_copy(
        update={
            "attempt": link.attempt + 1,
            "key": token(link.deal, link.attempt + 1),
            "change_set": None,
            "offer": None,
            "ruled": False,
            "past": past,
            "renewals": (),
            "order": None,
            "sent": {name: sent for name, sent in link.sent.items() if name != old},
        }
    )


def _faulty(chain: Chain) -> bool:
    row = chain.change_set
    return row is not None and row.record.status is ChangeSetStatus.FAILED and row.record.failure == "server_fault"


def failures(chain: Chain) -> tuple[Problem, ...]:
    """Why the last attempt failed, in words that a seller understands."""
    row, sent = chain.change_set, chain.creation
    if row is not None and row.record.status is ChangeSetStatus.CANCELLED:
        reason = "Somebody cancelled the change before the marketplace began it."
        return (Problem(field="offer_request", reason=reason, remedy="Clear the request and ask once more."),)
    if row is not None:
        return worded(row.record.errors)
    return worded(() if sent is None or sent.reason is None else (sent.reason,))


def replaced(book: Book, card: DealCard) -> AgreementRow | None:
    """The agreement that the deal's offer is to replace, where it is known."""
    given = card.deal.replaces_agreement
    return book.agreement(f"{book.setup.marketplace}/agreement/{given}") if given else None
