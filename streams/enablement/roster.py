"""Which records stand for one partner, and what its key is; it says nothing of the partner.

Records with the same explicit key are one partner, and those with different ones never are. A record without a key belongs
to the partner with a key that it resembles most: it has one of its domains, or the same name but for legal form and spelling.
Records without a key that resemble each other are one partner, under the key that was once made for one of them: from the
name of the first record, and it stays whatever the partner is called later. Who enters that key into a record joins it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.entities import Account
from schemas.messages import identity
from schemas.partners import Partner
from streams import companies
from streams.companies import CompanyRow
from streams.enablement.book import Book, claim
from streams.enablement.reading import explicit
from streams.enablement.state import PartnerRow, connection_of, id_of
from streams.matching.features import Features
from streams.matching.text import plain

HOPS = 20  # so often a record may have been merged into the next one


class Near(NamedTuple):
    """A record that resembles another one, the surest first: a shared domain beats a name."""

    doubt: float
    ref: str


def resolve(book: Book, connection: str, partner: str) -> str | None:
    """The key of the partner that a system names by its key or by an id of its own; None where there is none."""
    if book.refs(f"records/{partner}"):
        return partner
    return home(book, f"{connection}/partner/{partner}")


def home(book: Book, ref: str) -> str | None:
    """The partner that a record stands for, or the one that it was merged into."""
    for _ in range(HOPS):
        row = book.get(f"partner/{ref}", PartnerRow)
        if row is None or row.merged_into is None:
            break
        ref = row.merged_into
    return book.points(f"home/{ref}")


def of_domain(book: Book, domain: str) -> str | None:
    """The one partner that has a domain; None where several have it, or none."""
    keys = {book.points(f"home/{ref}") for ref in book.refs(f"domain/{domain}")} - {None}
    return keys.pop() if len(keys) == 1 else None


def place(book: Book, ref: str) -> None:
    """Find out anew for whom a record and everything that resembles it stands."""
    row = book.get(f"partner/{ref}", PartnerRow)
    if row is None:
        return
    concerned = dict.fromkeys([ref, *_with(book, ref)])
    for near in _near(book, ref) if row.alive else ():
        concerned |= dict.fromkeys([near.ref, *_with(book, near.ref)])
    groups = dict.fromkeys(_group(book, each) for each in sorted(concerned) if _there(book, each))
    if row.merged_into is not None:
        _settle(book, ref, None)
    for members in groups:
        key = _key(book, members)
        for member in members:
            _settle(book, member, key)
    if row.merged_into is not None:
        _told(book, ref)
    book.touch_partner(home(book, ref))


def _with(book: Book, ref: str) -> tuple[str, ...]:
    key = book.points(f"home/{ref}")
    return () if key is None else book.refs(f"records/{key}")


def _there(book: Book, ref: str) -> bool:
    row = book.get(f"partner/{ref}", PartnerRow)
    return row is not None and row.alive


def _row(book: Book, ref: str) -> PartnerRow:
    return book.get(f"partner/{ref}", PartnerRow) or PartnerRow(version=0, alive=False)


def _near(book: Book, ref: str) -> list[Near]:
    """The records of the same company, each once. Nothing that it reads changes while records are looked at."""
    if ref not in book.near:
        book.near[ref] = list(_found(book, ref))
    return [Near(*each) for each in book.near[ref]]


def _found(book: Book, ref: str) -> list[Near]:
    row = _row(book, ref)
    if row.record is None:
        return []
    found = {other: 0.0 for domain in row.domains for other in book.refs(f"domain/{domain}")}
    it, mine = row.record, _words(book, ref)
    company = Account(name=it.name, website=it.website, domains=it.domains, country=it.country)
    for each in companies.same(book, ("partner",), company):
        if each.ref not in found and _words(book, each.ref) == mine:
            found[each.ref] = 1 - each.match.confidence
    return sorted(Near(doubt, other) for other, doubt in found.items() if other != ref)


def _words(book: Book, ref: str) -> tuple[str, ...]:
    row = book.get(f"company/partner/{ref}", CompanyRow)
    return () if row is None else Features.loads(row.features).words


def _group(book: Book, ref: str) -> tuple[str, ...]:
    """The records that need a key together; sorted. Who has an explicit key, or resembles one that has, needs none."""
    if _named(book, ref) is not None:
        return (ref,)
    seen, todo = {ref}, [ref]
    while todo:
        for near in _near(book, todo.pop()):
            if near.ref not in seen and _named(book, near.ref) is None:
                seen.add(near.ref)
                todo.append(near.ref)
    return tuple(sorted(seen))


def _named(book: Book, ref: str) -> str | None:
    """The explicit key of a record, or of the one with a key that it resembles most."""
    own = explicit(_row(book, ref))
    if own is not None:
        return own
    keyed = [(near.doubt, key) for near in _near(book, ref) if (key := explicit(_row(book, near.ref))) is not None]
    return min(keyed)[1] if keyed else None


def _key(book: Book, members: tuple[str, ...]) -> str:
    named = _named(book, members[0])
    if named is not None:
        return named
    made = [key for ref in members if (key := book.points(f"anchored/{ref}")) is not None]
    if made:
        return min(made)
    left = [key for ref in members if (key := book.points(f"home/{ref}")) is not None and _free(book, key)]
    key = min(left) if left else _made(book, members)
    before = book.points(f"anchor/{key}")
    if before is not None:
        book.point(f"anchored/{before}", None)
    book.point(f"anchor/{key}", members[0])
    book.point(f"anchored/{members[0]}", key)
    return key


def _free(book: Book, key: str) -> bool:
    """Whether the record that a key was made for no longer stands under it."""
    anchor = book.points(f"anchor/{key}")
    if anchor is None:
        return False
    row = _row(book, anchor)
    return not row.alive or explicit(row) not in (None, key)


def _made(book: Book, members: tuple[str, ...]) -> str:
    """A key from the name of the first record, with a few signs more where another partner has it."""
    first = ordered(book, members)[0]
    record = _row(book, first).record
    slug = plain(record.name if record is not None else "").replace(" ", "-") or "partner"
    taken = any(_there(book, ref) for ref in book.refs(f"records/{slug}")) or book.refs(f"keyed/{slug}")
    return f"{slug}-{identity('partner', members[0])[:4]}" if taken else slug


def ordered(book: Book, refs: Iterable[str]) -> list[str]:
    """Records by whose word counts more: those that are there and active, CRMs before PRMs, then by name."""

    def rank(ref: str) -> tuple[bool, bool, int, str]:
        row = _row(book, ref)
        idle = row.record is None or row.record.status.value == "inactive"
        return (not row.alive, idle, book.setup.order(connection_of(ref)), ref)

    return sorted(refs, key=rank)


def records(book: Book, key: str) -> list[tuple[str, Partner]]:
    """The records of a partner that are there, by whose word counts more."""
    rows = ((ref, _row(book, ref)) for ref in ordered(book, book.refs(f"records/{key}")))
    return [(ref, row.record) for ref, row in rows if row.alive and row.record is not None]


def _settle(book: Book, ref: str, key: str | None) -> None:
    before = book.points(f"home/{ref}")
    if before == key:
        return
    book.point(f"home/{ref}", key)
    for each, there in ((before, False), (key, True)):
        if each is not None:
            empty = not book.refs(f"records/{each}")
            book.index(f"records/{each}", ref, there=there)
            if empty or not book.refs(f"records/{each}"):
                _named_so(book, each)
            book.touch_partner(each)
    _told(book, ref)


def _named_so(book: Book, key: str) -> None:
    """There is a partner of that key now, or no longer: whoever names it is with it, or not."""
    for connection in book.setup.looking:
        book.touch_claimed(claim(connection, key))


def _told(book: Book, ref: str) -> None:
    """Whoever is with a record may be with another partner now."""
    book.touch_partner(home(book, ref))
    for each in (ref, *book.refs(f"into/{ref}")):
        book.touch_claimed(claim(connection_of(each), id_of(each)))
    for domain in _row(book, ref).domains:
        book.touch_at(domain)
