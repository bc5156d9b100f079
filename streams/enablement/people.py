"""Brings one person up to date: whose they are and what they are certified for; it says certifications, and notices of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from mappings.learning import Program
from schemas import topics
from schemas.messages import CertificationDecided, CertificationStatus, identity
from schemas.partners import PartnerUser
from streams import agenda
from streams.enablement import roster, wording
from streams.enablement.book import Book, sha1
from streams.enablement.noticing import Due, notice
from streams.enablement.spans import Judged, Span, both, judge, spans
from streams.enablement.state import (
    END,
    MARK,
    CertRow,
    DoneRow,
    Held,
    ItemRow,
    LearnerRow,
    Person,
    Proof,
    UserRow,
    connection_of,
)
from streams.matching.features import registered_domain

COUNTS = frozenset({CertificationStatus.IN_FORCE, CertificationStatus.LAPSING})


class Earned(NamedTuple):
    """What somebody has of a program: when it holds, when it would if nothing had been taken back, and the proofs."""

    program: Program
    live: list[Span]
    ever: list[Span]
    evidence: tuple[str, ...]


def settle(book: Book, email: str) -> None:
    """Look at one person."""
    before = book.get(f"person/{email}", Person) or Person()
    held = _held(book, email)
    partner = whose(book, email, learns=bool(held))
    earned = [each for program in book.setup.learning.programs if (each := _earned(program, held)).ever]
    after = Person(
        partner=partner,
        held=tuple(_row(each.program, span) for each in earned for span in each.live if _ahead(span, book.now)),
        programs=tuple(sorted({*before.programs, *(each.program.program for each in earned)})),
    )
    for each in earned:
        _tell(book, email, partner, each)
    for gone in set(after.programs) - {each.program.program for each in earned}:
        _withdraw(book, email, gone, partner)
    agenda.plan(book, f"person/{email}", _next(book, earned))
    _keep(book, email, before, after)


def _keep(book: Book, email: str, before: Person, after: Person) -> None:
    if before.partner != after.partner:
        for key, there in ((before.partner, False), (after.partner, True)):
            if key is not None:
                book.put(f"staff/{key}|{email}", MARK if there else None)
    book.put(f"person/{email}", None if after == Person() else after)
    if before != after:
        book.touch_partner(before.partner)
    book.touch_partner(after.partner)


def whose(book: Book, email: str, *, learns: bool) -> str | None:
    """The partner that CRMs and PRMs say somebody works at; where none knows them, the one with the address's domain.

    Somebody whom they know, and hold for gone, is nobody's; so is a learner who is gone from every learning system.
    `learns`: something proves that they have learned what counts.
    """
    known = users(book, email)
    if known:
        keys = (roster.resolve(book, connection_of(ref), user.partner) for ref, user in known if user.active)
        return next((key for key in keys if key is not None), None)
    learners = [book.get(f"learner/{ref}", LearnerRow) for ref in book.refs(f"learners/{email}")]
    if not (any(row is not None and row.alive for row in learners) if learners else learns):
        return None
    domain = registered_domain(email.rpartition("@")[2])
    return roster.of_domain(book, domain) if domain else None


def users(book: Book, email: str) -> list[tuple[str, PartnerUser]]:
    """What CRMs and PRMs say of a person, CRMs first."""
    rows = [(ref, book.get(f"user/{ref}", UserRow)) for ref in book.refs(f"users/{email}")]
    there = [(ref, row.record) for ref, row in rows if row is not None and row.record is not None]
    return sorted(there, key=lambda it: (book.setup.order(connection_of(it[0])), it[0]))


def names(book: Book, email: str) -> tuple[str, ...]:
    """Under what learning systems know a person: the address, its SHA-1, and the user in each of them."""
    return (email, f"sha1:{sha1(email)}", *book.refs(f"learners/{email}"))


def _held(book: Book, email: str) -> dict[str, dict[str, Proof]]:
    """What proves each item of learning.toml, by the record that does."""
    found: dict[str, dict[str, Proof]] = {}
    for who in names(book, email):
        done = book.get(f"done/{who}", DoneRow)
        for name, it in done.items.items() if done is not None else ():
            for item in book.setup.learning.meant(it.connection, it.item, it.name, it.kind):
                row = book.get(f"proof/{who}{END}{name}", ItemRow)
                if row is not None:
                    found.setdefault(item, {}).update(row.proofs)
    return found


def _earned(program: Program, held: dict[str, dict[str, Proof]]) -> Earned:
    live: list[Span] | None = None
    ever: list[Span] | None = None
    evidence: set[str] = set()
    for need in program.each:
        proofs = {spot: proof for item in need for spot, proof in held.get(item, {}).items()}
        holding = spans(proofs.values(), program.valid_months)
        told = spans(proofs.values(), program.valid_months, withdrawn=True)
        live = holding if live is None else both(live, holding)
        ever = told if ever is None else both(ever, told)
        evidence |= {spot.partition(END)[0] for spot in proofs}
    return Earned(program, live or [], ever or [], tuple(sorted(evidence)))


def _row(program: Program, span: Span) -> Held:
    return Held(program=program.program, product=program.product, level=program.level, start=span.start, end=span.end)


def _ahead(span: Span, now: datetime) -> bool:
    return span.end is None or span.end > now


def _days(book: Book) -> tuple[int, ...]:
    return book.setup.rules.notice.certification_days


def _tell(book: Book, email: str, partner: str | None, earned: Earned) -> None:
    ahead = timedelta(days=max(_days(book), default=0))
    judged = judge(earned.live, earned.ever, book.now, ahead)
    if judged is None:
        return
    program = earned.program
    fact = CertificationDecided(
        id=identity("certification", email, program.program, book.cause),
        partner=partner,
        email=email,
        program=program.program,
        name=program.name,
        product=program.product,
        level=program.level,
        issued_on=judged.span.start.date(),
        expires_on=judged.span.last_day,
        status=judged.status,
        evidence=earned.evidence,
        reasons=wording.certification(judged, program),
        causes=(book.cause,),
        decided_at=book.at,
    )
    _say(book, fact)
    _warn(book, fact, judged)


def _say(book: Book, fact: CertificationDecided) -> None:
    name = f"cert/{fact.email}|{fact.program}"
    before = book.get(name, CertRow)
    if before is not None and _content(before.fact) == _content(fact):
        return
    book.put(name, CertRow(fact=fact) if before is None else before.model_copy(update={"fact": fact}))
    book.say(topics.CERTIFICATIONS, f"{fact.email}/{fact.program}", fact)


def _content(fact: CertificationDecided) -> CertificationDecided:
    return fact.model_copy(update={"id": "", "causes": (), "decided_at": None})


def _warn(book: Book, fact: CertificationDecided, judged: Judged) -> None:
    """Notice ahead of the day; only of what counts, and only to a partner."""
    row = book.get(f"cert/{fact.email}|{fact.program}", CertRow)
    if row is None or fact.partner is None:
        return
    holding = judged.status in COUNTS
    last = judged.span.last_day
    due = Due(
        partner=fact.partner,
        about="certification",
        subject=f"{fact.email}: {fact.program}",
        at=judged.span.end if holding else None,
        day=last,
        words=wording.lapsing(fact),
        to=(fact.email,),
    )
    told = notice(book, row.told, due, _days(book))
    book.put(f"cert/{fact.email}|{fact.program}", row.model_copy(update={"told": told}))


def _withdraw(book: Book, email: str, program: str, partner: str | None) -> None:
    """Nothing proves it any more, or the rules know the program no longer."""
    row = book.get(f"cert/{email}|{program}", CertRow)
    if row is None:
        return
    known = any(each.program == program for each in book.setup.learning.programs)
    why = "nothing proves it any more" if known else "learning.toml has no such program any more"
    update = {
        "id": identity("certification", email, program, book.cause),
        "partner": partner,
        "status": CertificationStatus.REVOKED,
        "reasons": (f"It does not count: {why}.",),
        "causes": (book.cause,),
        "decided_at": book.at,
    }
    _say(book, row.fact.model_copy(update=update))


def _next(book: Book, earned: Iterable[Earned]) -> datetime | None:
    """When something of it changes by itself."""
    hours = [hour for each in earned for span in each.live for hour in _hours(span, _days(book))]
    return min((hour for hour in hours if hour > book.now), default=None)


def _hours(span: Span, days: tuple[int, ...]) -> list[datetime]:
    if span.end is None:
        return [span.start]
    return [span.start, span.end, *(span.end - timedelta(days=each) for each in days)]
