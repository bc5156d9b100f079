"""Says ahead of a day what ends or is late: each notice once; it decides nothing."""

from datetime import date

from schemas import topics
from schemas.messages import NoticeGiven, identity
from streams.registrations.book import Book
from streams.registrations.parts import Reading
from streams.registrations.state import Case


def give(
    book: Book, case: Case, reading: Reading, kind: str, due_on: date, words: str, to: tuple[str, ...] = ()
) -> None:
    """Tell the partner and its manager, or those who are named."""
    partner = book.partner(case.partner)
    if partner is None:
        return
    usual = (reading.record.user_email or partner.email, partner.owner_email)
    name = identity("registrations", case.ref, kind, due_on.isoformat(), str(case.since))
    notice = NoticeGiven(
        id=name,
        partner=partner.key,
        about="registration",
        subject=f"{reading.record.company}: {case.ref}",
        due_on=due_on,
        to=to or tuple(dict.fromkeys(each for each in usual if each)),
        words=words,
        reasons=case.reasons,
        causes=(book.cause,),
        decided_at=book.at,
    )
    book.say(topics.NOTICES, partner.key, notice, name)
