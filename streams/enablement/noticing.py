"""Gives notice ahead of a day, each once; it decides nothing else."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from schemas import topics
from schemas.messages import NoticeGiven, identity
from streams.enablement import roster
from streams.enablement.book import Book, mail
from streams.enablement.state import Told

KEPT = 24  # so many notices of one thing are remembered by their day


class Due(NamedTuple):
    """What will happen when (None: nothing is ahead), and whom it concerns beside the partner and its manager."""

    partner: str
    about: str
    subject: str
    at: datetime | None
    day: date | None
    words: str
    to: tuple[str, ...] = ()


def notice(book: Book, told: Told, due: Due, days: tuple[int, ...]) -> Told:
    """Say it where one of the days ahead has come that was not said since it was last safe."""
    now = book.now
    if due.at is None or due.day is None or due.at <= now:
        return told.model_copy(update={"ahead": None})
    come = [each for each in days if due.at - timedelta(days=each) <= now]
    if not come:
        return told.model_copy(update={"ahead": None})
    nearest, name = min(come), f"{due.day.isoformat()}:{min(come)}"
    fresh = (told.ahead is None or nearest < told.ahead) and name not in told.ever
    if fresh:
        say(book, due, due.day, str(nearest))
    ever = (*told.ever, name)[-KEPT:] if fresh else told.ever
    return Told(ahead=nearest if told.ahead is None else min(nearest, told.ahead), ever=ever)


def say(book: Book, due: Due, day: date, which: str) -> None:
    """Give the notice; the same one has the same id."""
    found = [record for _, record in roster.records(book, due.partner)]
    partner = [next((it for each in found if (it := mail(each.email))), None)]
    manager = [next((it for each in found if (it := mail(each.owner_email))), None)]
    told = NoticeGiven(
        id=identity("notice", due.partner, due.about, due.subject, day.isoformat(), which),
        partner=due.partner,
        about=due.about,
        subject=due.subject,
        due_on=day,
        to=tuple(dict.fromkeys(it for it in (*due.to, *partner, *manager) if it is not None)),
        words=due.words,
        reasons=(due.words,),
        causes=(book.cause,),
        decided_at=book.at,
    )
    book.say(topics.NOTICES, due.partner, told)
