"""Brings new partners' people onto their learning paths, and tells how far a new partner has come; each command once."""

from datetime import date, datetime, timedelta

from pydantic import JsonValue

from mappings.learning import LearningPath, Milestone
from schemas.learning import Learner, PathEnrollment
from schemas.messages import MatchBy, MilestoneState, Write, WriteFinished, WriteStatus, identity
from schemas.partners import Partner, PartnerUser
from streams.agenda import Mark
from streams.enablement import people
from streams.enablement.book import Book
from streams.enablement.noticing import Due, say
from streams.enablement.ranking import midnight
from streams.enablement.state import LearnerRow, Onboarding, Sent, connection_of

THERE = frozenset({WriteStatus.APPLIED.value, WriteStatus.UNCHANGED.value})


def finish(book: Book, event: WriteFinished) -> None:
    """What became of a command."""
    name = f"sent/{event.connection}|{event.entity}|{event.key}"
    row = book.get(name, Sent)
    if row is not None and row.write == event.write_id:
        book.put(name, row.model_copy(update={"status": event.status.value, "reason": event.reason}))
        book.touch_partner(row.partner)


def advance(
    book: Book, key: str, partner: Partner, staff: list[str], certified: int
) -> tuple[tuple[MilestoneState, ...], list[str]]:
    """The milestones of a new partner and what went wrong; what has to be sent next is sent. Empty where it is not new.

    `partner` is united from its records and active; `staff` are its people, `certified` so many hold a certification.
    """
    row, agreed = book.get(f"onboarding/{key}", Onboarding), partner.agreed_on
    if agreed is None or agreed > book.today:
        return (), []
    if row is None and book.today - agreed > timedelta(days=book.setup.learning.onboarding.within_days):
        return (), []
    row = row or Onboarding()
    after, states = _milestones(book, key, agreed, row, (len(staff), certified))
    book.put(f"onboarding/{key}", after)
    wrong = [word for email in staff for word in _learn(book, key, partner, email, agreed)]
    return states, wrong


def hours(book: Book, partner: Partner) -> list[datetime]:
    """When onboarding has to be looked at again."""
    if partner.agreed_on is None:
        return []
    due = [partner.agreed_on + timedelta(days=each.days + 1) for each in book.setup.learning.onboarding.milestones]
    return [midnight(day) for day in (partner.agreed_on, *due)]


def _milestones(
    book: Book, key: str, agreed: date, row: Onboarding, have: tuple[int, int]
) -> tuple[Onboarding, tuple[MilestoneState, ...]]:
    states: list[MilestoneState] = []
    done, late = dict(row.done), set(row.late)
    for each in book.setup.learning.onboarding.milestones:
        missing, due = _missing(book, each, *have), agreed + timedelta(days=each.days)
        if not missing:
            done.setdefault(each.name, book.today)
        behind = each.name not in done and book.today > due
        if behind and f"{each.name} {due}" not in late:
            late.add(f"{each.name} {due}")
            words = f"Onboarding is late: {each.name} was due on {due} and needs {', '.join(missing)}."
            say(book, Due(key, "milestone", each.name, midnight(due), due, words), due, "late")
        shown = () if each.name in done else missing
        states.append(
            MilestoneState(name=each.name, due_on=due, done_on=done.get(each.name), late=behind, missing=shown)
        )
    return Onboarding(done=done, late=tuple(sorted(late))), tuple(states)


def _missing(book: Book, milestone: Milestone, users: int, certified: int) -> tuple[str, ...]:
    """What it still needs; certified people only where anybody can be certified."""
    found = []
    if users < milestone.users:
        found.append(f"{milestone.users - users} more people that are known")
    if book.setup.learning.programs and certified < milestone.certified:
        found.append(f"{milestone.certified - certified} more people with a certification")
    return tuple(found)


def _learn(book: Book, key: str, partner: Partner, email: str, agreed: date) -> list[str]:
    known = [user for _, user in people.users(book, email) if user.active]
    if not known:
        return []  # a learner whom no CRM or PRM names has found the way alone
    wrong = []
    for path in book.setup.learning.onboarding.paths:
        if _meant(path, partner, known[0]) and not _on(book, path, email):
            wrong += _enrol(book, key, partner, known[0], email, path, agreed)
    return wrong


def _meant(path: LearningPath, partner: Partner, user: PartnerUser) -> bool:
    role, types = (user.role or "").casefold(), {each.casefold() for each in partner.types}
    fits = not path.types or bool(types & {each.casefold() for each in path.types})
    return fits and (not path.roles or role in {each.casefold() for each in path.roles})


def _on(book: Book, path: LearningPath, email: str) -> bool:
    """Whether the learning system shows that somebody is on a path, or once was."""
    shown = path.shown_by or (path.path, path.path.removeprefix("course:"))
    marks = (f"on/{path.connection}|{who}|{item}" for who in people.names(book, email) for item in shown)
    return any(book.get(mark, Mark) is not None for mark in marks)


def _enrol(
    book: Book, key: str, partner: Partner, user: PartnerUser, email: str, path: LearningPath, agreed: date
) -> list[str]:
    """First the user, then the path: the system is to know whom it puts there."""
    name, takes = path.connection, book.setup.connected.takers
    if name not in takes("path_enrollment"):
        return [f"{name} takes nobody onto {path.path}: enrol {email} there by hand"]
    if not _learner(book, name, email):
        if name not in takes("learner"):
            return [f"{name} makes no users: add {email} there by hand"]
        fields = Learner(
            email=email, first_name=user.first_name, last_name=user.last_name, organisation=partner.name,
            language=user.language,
        )  # fmt: skip
        return _send(book, key, name, "learner", email, fields.model_dump(mode="json", exclude_none=True))
    enrolment = PathEnrollment(email=email, path=path.path, enrolled_at=midnight(agreed))
    return _send(book, key, name, "path_enrollment", f"{email}|{path.path}", enrolment.model_dump(mode="json"))


def _learner(book: Book, connection: str, email: str) -> bool:
    rows = [book.get(f"learner/{ref}", LearnerRow) for ref in book.refs(f"learners/{email}")
            if connection_of(ref) == connection]  # fmt: skip
    sent = book.get(f"sent/{connection}|learner|{email}", Sent)
    return any(row is not None and row.alive for row in rows) or (sent is not None and sent.status in THERE)


def _send(book: Book, partner: str, connection: str, entity: str, key: str, fields: dict[str, JsonValue]) -> list[str]:
    """Send a command unless it was; what was refused waits in the dead letters."""
    name = f"sent/{connection}|{entity}|{key}"
    before = book.get(name, Sent)
    if before is not None:
        refused = before.status is not None and before.status not in THERE
        return [f"{connection} refused {key}: {before.reason or before.status}"] if refused else []
    write = Write(
        id=identity("enablement", connection, entity, key),
        connection=connection,
        entity=entity,
        match_by=MatchBy.EXTERNAL_ID,
        key=key,
        fields=book.setup.taken(connection, entity, fields),
        reasons=("Onboarding of a new partner.",),
        causes=(book.cause,),
        decided_at=book.at,
    )
    book.put(name, Sent(write=write.id, partner=partner))
    book.write(write)
    return []
