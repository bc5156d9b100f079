"""What partners answer in a PRM: to the offer that stands, or too late; it moves no lead."""

from typing import NamedTuple

from schemas.partners import PartnerLeadStatus
from streams.leads.book import Book
from streams.leads.state import PartnerLeadRow, PartnerRow, Route, connection_of

S = PartnerLeadStatus
TAKEN = frozenset({S.ACCEPTED, S.WORKING, S.CONVERTED, S.WON})
NO_ANSWER = frozenset({S.OFFERED, S.WITHDRAWN})  # what we write there ourselves


class Answer(NamedTuple):
    """What the partner says, and why."""

    status: PartnerLeadStatus
    reason: str | None


def answer(book: Book, route: Route) -> Answer | None:
    """The last answer of the partner that has the lead, given since it was offered."""
    rows = [row for row in _rows(book, route.lead) if row.version > route.seen.get(row.ref, -1)]
    rows = [
        row for row in rows if row.record.status not in NO_ANSWER and _whose(book, row, route.partner) == route.partner
    ]
    newest = max(rows, key=lambda row: (row.version, row.ref), default=None)
    return None if newest is None else Answer(newest.record.status, newest.record.reason)


def too_late(book: Book, route: Route) -> list[tuple[str, PartnerRow]]:
    """Who took a lead that somebody else has by now, and was not told so yet, with what tells that answer from others."""
    found = []
    for row in _rows(book, route.lead):
        key, which = _whose(book, row, None), f"{row.ref}@{row.version}"
        partner = book.partner(key) if key is not None and key != route.partner and row.record.status in TAKEN else None
        if partner is not None and which not in route.late:
            found.append((which, partner))
    return found


def out_of_step(book: Book, route: Route, shown: PartnerLeadStatus) -> list[str]:
    """Records that do not show what they should: the partner said what moves nothing, or an older write of ours came last.

    Each version of a record is named once, also where it is only what stood there before our last write.
    """
    found = []
    for row in _rows(book, route.lead):
        whose = _whose(book, row, route.partner)
        right = row.record.status is shown and (shown is S.WITHDRAWN or whose == route.partner)
        if not right and f"{row.ref}@{row.version}" not in route.late:
            found.append(f"{row.ref}@{row.version}")
    return found


def versions(book: Book, lead: str) -> dict[str, int]:
    """What of the PRMs' records was read so far: an answer comes later."""
    return {ref: row.version for ref in book.refs(f"partner_leads/{lead}") if (row := book.partner_lead(ref))}


def _rows(book: Book, lead: str) -> list[PartnerLeadRow]:
    rows = (book.partner_lead(ref) for ref in book.refs(f"partner_leads/{lead}"))
    return [row for row in rows if row is not None and row.alive]


def _whose(book: Book, row: PartnerLeadRow, otherwise: str | None) -> str | None:
    """The partner that a record names; one that names none is of the partner that it was made for."""
    if not row.record.partner:
        return otherwise
    partner = book.known_as(row.record.partner, connection_of(row.ref))
    return partner.key if partner is not None else None
