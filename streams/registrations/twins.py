"""Which records are one registration: those of one partner, in several systems, that name one deal; one of them leads."""

from schemas.partners import RegistrationStatus as S
from streams.registrations.book import Book
from streams.registrations.converting import named_deal
from streams.registrations.parts import PartnerCard, Reading
from streams.registrations.state import Points

MOST = 20  # so many systems have nobody


def grouped(book: Book, reading: Reading, partner: PartnerCard | None) -> str | None:
    """Keep in the index which registration a record belongs to; returns its group, none where it stands alone."""
    group = None
    if partner is not None and reading.alive and reading.record.deal:
        deal = named_deal(book, reading) or book.points(f"made/{reading.record.deal}") or reading.record.deal
        group = f"{partner.key}|{deal}"
    before = book.get(f"group/{reading.ref}", Points)
    if before is not None and before.ref != group:
        book.mark(f"twin/{before.ref}|{reading.ref}", there=False)
        book.touch(*book.below(f"twin/{before.ref}|", MOST))
    if group is not None and (before is None or before.ref != group):
        book.mark(f"twin/{group}|{reading.ref}")
        book.touch(*book.below(f"twin/{group}|", MOST))
    book.point(f"group/{reading.ref}", group)
    return group


def together(book: Book, reading: Reading, group: str | None) -> tuple[Reading, ...]:
    """The records of one registration, the one that leads first. Two of one system are two registrations."""
    if group is None:
        return (reading,)
    found = [book.reading(ref) for ref in book.below(f"twin/{group}|", MOST)]
    alive = sorted((each for each in found if each is not None and each.alive), key=lambda it: _rank(book, it))
    members: dict[str, Reading] = {}
    for each in alive:
        members.setdefault(each.connection, each)
    mine = tuple(members.values())
    return mine if any(each.ref == reading.ref for each in mine) else (reading,)


def _rank(book: Book, reading: Reading) -> tuple[object, ...]:
    """What was approved leads, then what was decided first, so that the one that leads does not change."""
    case = book.case(reading.ref)
    known = case.status is not None and not case.folded
    return (case.status is not S.APPROVED, not known, case.submitted_at or reading.first_at, reading.ref)
