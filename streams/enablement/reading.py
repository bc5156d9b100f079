"""Takes in what CRMs and PRMs say of partners and their people, and who has leads; older versions are ignored."""

from schemas.entities import Account
from schemas.messages import (
    ChangeKind,
    LeadRouted,
    PartnerChanged,
    PartnerUserChanged,
    RouteState,
    record_ref,
)
from schemas.partners import Partner
from streams import companies
from streams.enablement.book import Book, claim, mail
from streams.enablement.state import END, MARK, Count, PartnerRow, Routed, UserRow, connection_of
from streams.matching.features import registered_domain

OPEN = frozenset({RouteState.OFFERED, RouteState.ACCEPTED, RouteState.WORKING})


def take_partner(book: Book, event: PartnerChanged) -> None:
    """A partner's record: how it can be found again, and that it has to be looked at."""
    before = book.get(f"partner/{event.ref}", PartnerRow)
    if before is None or event.version >= before.version:
        into = event.merged_into if event.kind is ChangeKind.MERGED else None
        row = PartnerRow(
            version=event.version,
            alive=event.record is not None,
            record=event.record or (before.record if before is not None else None),
            merged_into=None if into is None else record_ref(event.connection, "partner", into),
            domains=() if event.record is None else domains(event.record),
        )
        _keep(book, event.ref, before, row)
    for gone in event.absorbed:
        _absorb(book, record_ref(event.connection, "partner", gone), event)


def _absorb(book: Book, ref: str, event: PartnerChanged) -> None:
    before = book.get(f"partner/{ref}", PartnerRow)
    if before is None or (before.merged_into != event.ref and event.version >= before.version):
        record = None if before is None else before.record
        row = PartnerRow(version=event.version, alive=False, record=record, merged_into=event.ref)
        _keep(book, ref, before, row)


def _keep(book: Book, ref: str, before: PartnerRow | None, row: PartnerRow) -> None:
    if before == row:
        return
    was = before or PartnerRow(version=row.version, alive=False)
    book.put(f"partner/{ref}", row)
    book.records[ref] = None
    book.move("domain/", ref, was.domains, row.domains)
    book.move("keyed/", ref, _key(was), _key(row))
    book.move("into/", ref, _texts(was.merged_into), _texts(row.merged_into))
    for domain in sorted(set(was.domains) ^ set(row.domains)):
        book.touch_at(domain)
    if row.alive and row.record is not None:
        it = row.record
        company = Account(name=it.name, website=it.website, domains=it.domains, country=it.country)
        companies.put(book, "partner", ref, company)
    else:
        companies.drop(book, "partner", ref)


def _key(row: PartnerRow) -> tuple[str, ...]:
    return _texts(explicit(row))


def _texts(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text,)


def explicit(row: PartnerRow) -> str | None:
    """The key that somebody has given to a record that is there."""
    key = (row.record.key or "").strip() if row.alive and row.record is not None else ""
    return key or None


def domains(partner: Partner) -> tuple[str, ...]:
    """A partner's registered domains; hosts that many share are none."""
    hosts = (partner.website or "", *partner.domains)
    return tuple(sorted({found for host in hosts if host and (found := registered_domain(host))}))


def take_user(book: Book, event: PartnerUserChanged) -> None:
    """A person at a partner."""
    before = book.get(f"user/{event.ref}", UserRow)
    if before is not None and event.version < before.version:
        return
    row = UserRow(version=event.version, alive=event.record is not None, record=event.record)
    book.put(f"user/{event.ref}", row)
    emails = [None if it is None or it.record is None else mail(it.record.email) for it in (before, row)]
    was, now = emails
    book.move("users/", event.ref, _texts(was), _texts(now))
    old = None if before is None or before.record is None else claim(event.connection, before.record.partner)
    for email in dict.fromkeys(emails):
        if email is not None:
            _claims(book, email, old)
            book.touch_person(email)


def _claims(book: Book, email: str, before: str | None) -> None:
    """Somebody can be found by each partner that a record names for them."""
    now = {of for ref in book.refs(f"users/{email}") if (of := _claim(ref, book.get(f"user/{ref}", UserRow)))}
    for of in sorted(now):
        book.put(f"claimed/{of}{END}{email}", MARK)
    if before is not None and before not in now:
        book.put(f"claimed/{before}{END}{email}", None)


def _claim(ref: str, row: UserRow | None) -> str | None:
    return None if row is None or row.record is None else claim(connection_of(ref), row.record.partner)


def take_lead(book: Book, event: LeadRouted) -> None:
    """Who has a lead that is open. The last word counts: `decided_at` is of what caused it, and can go back."""
    before = book.get(f"routed/{event.lead}", Routed)
    was = None if before is None else before.partner
    partner = event.partner if event.state in OPEN else None
    book.put(f"routed/{event.lead}", Routed(partner=partner))
    if was != partner:
        _count(book, was, -1)
        _count(book, partner, 1)


def _count(book: Book, partner: str | None, by: int) -> None:
    if partner is None:
        return
    row = book.get(f"open/{partner}", Count) or Count(number=0)
    book.put(f"open/{partner}", Count(number=row.number + by) if row.number + by else None)
    book.touch_partner(partner)
