"""Deals that the cloud vendor brings: an opportunity of AWS's own becomes a deal in the first CRM, once; nothing is sent back.

The deal is asked for under a key made from the opportunity's id, so that asking twice makes one deal. When it appears with
that key, the opportunity is its own; the co-sell part writes the deal's id there where AWS takes it. Its company is looked
for by web domain and name; where none is known, one is asked for together with the deal.
"""

from datetime import timedelta

from pydantic import JsonValue

from schemas.entities import Account, DealStage
from schemas.marketplace import Cosell, CosellStage
from schemas.messages import MatchBy, Parent, Write, identity
from streams.matching.features import registered_domain
from streams.matching.names import name_words
from streams.offers.book import Book
from streams.offers.parts import DealCard
from streams.offers.state import CosellRow, Link, Referral, id_of

PREFIX = "tandem-ace-"
REFERRAL = "aws_referral"
OVER = (CosellStage.LAUNCHED, CosellStage.CLOSED_LOST)
USUAL = timedelta(days=90)  # until a deal is to be closed, where the vendor does not say: CRMs ask for a day


def linked_back(book: Book, link: Link, card: DealCard) -> Link:
    """A deal that bears the key of an opportunity is that opportunity's."""
    key, system = card.deal.tandem_key or "", book.setup.partner_central
    if system is None or not key.startswith(PREFIX) or link.cosell is not None:
        return link
    ref = f"{system}/cosell/{key.removeprefix(PREFIX)}"
    if book.cosell(ref) is None or book.owner(ref) not in {None, link.deal}:
        return link
    book.own(ref, link.deal)
    return link.model_copy(update={"cosell": ref})


def index_company(book: Book, ref: str, before: Account | None, after: Account | None) -> None:
    """Keep a company of the first CRM under its web domains and its name."""
    if not book.setup.deals or not ref.startswith(f"{book.setup.deals[0]}/"):
        return
    for account, there in ((before, False), (after, True)):
        for name in () if account is None else _names(account.name, (account.website, *account.domains)):
            book.index(name, ref, there)


def _names(name: str, hosts: tuple[str | None, ...]) -> list[str]:
    domains = [f"domain/{domain}" for host in hosts if host and (domain := registered_domain(host))]
    words = " ".join(name_words(name))
    return list(dict.fromkeys([*domains, *([f"company_name/{words}"] if words else [])]))


def note(book: Book, row: CosellRow) -> None:
    """Remember an opportunity of the vendor's own that no deal has; one that is over is none any more."""
    if (
        row.record.origin == REFERRAL
        and row.record.stage not in OVER
        and book.get(f"referral/{row.ref}", Referral) is None
    ):
        book.mark(f"arriving/{row.ref}")


def bring(book: Book) -> None:
    """Ask for the deals of the opportunities that have none, once everything was read."""
    if not book.ready or not book.setup.deals:
        return
    for ref in book.below("arriving/"):
        book.mark(f"arriving/{ref}", there=False)
        row = book.cosell(ref)
        if row is None or book.owner(ref) is not None or _has_deal(book, row):
            continue
        key = f"{PREFIX}{row.record_id}"
        book.put(f"referral/{ref}", Referral(key=key))
        _ask(book, row, key)


def _has_deal(book: Book, row: CosellRow) -> bool:
    named = book.refs(f"deal_id/{row.record.deal}") if row.record.deal else ()
    keyed = book.refs(f"same/{PREFIX}{row.record_id}")
    told = book.refs(f"tells/{row.record_id}")
    return any(card is not None and card.alive for card in map(book.deal, (*named, *keyed, *told)))


def _ask(book: Book, row: CosellRow, key: str) -> None:
    cosell, crm = row.record, book.setup.deals[0]
    stage = book.setup.rules.cosell.deal_stages.get(cosell.stage, DealStage.QUALIFICATION)
    known = _company(book, cosell)
    fields: dict[str, JsonValue] = {
        "name": (cosell.title or f"AWS referral {row.record_id}")[:120],
        "stage": stage.value,
        "close_date": (cosell.close_date or book.today + USUAL).isoformat(),
    }
    if known is not None:
        fields["account"] = id_of(known)
    reasons = (f"AWS brings the deal: opportunity {row.record_id}.", _about(known, cosell))
    write = Write(
        id=identity("referral", row.ref, key),
        connection=crm,
        entity="deal",
        match_by=MatchBy.EXTERNAL_ID,
        key=key,
        fields=fields,
        expected=dict.fromkeys(fields),
        parent=None if known is not None else _parent(cosell),
        reasons=reasons,
        causes=(book.cause,),
        decided_at=book.at,
    )
    book.write(write)


def _company(book: Book, cosell: Cosell) -> str | None:
    """A company of the first CRM by the web domain, else by the name; of several the first."""
    for name in _names(cosell.company or "", (cosell.website,)):
        found = book.refs(name)
        if found:
            return found[0]
    return None


def _about(known: str | None, cosell: Cosell) -> str:
    if known is not None:
        return f"Its company {cosell.company or cosell.website} is known."
    return f"Its company {cosell.company or 'without a name'} is not known yet and is made with it."


def _parent(cosell: Cosell) -> Parent | None:
    if not cosell.company:
        return None
    fields: dict[str, JsonValue] = {"name": cosell.company}
    for name in ("website", "country", "city", "postal_code", "street"):
        value = getattr(cosell, name)
        if value:
            fields[name] = value
    key = PREFIX + identity(_names(cosell.company, (cosell.website,))[0])
    return Parent(field="account", entity="account", key=key, fields=fields)
