"""What people rule of registrations; a ruling that comes twice counts once, and one that may not be is answered in words."""

from collections.abc import Callable, Mapping

from schemas.messages import Ruling, RulingGiven
from schemas.partners import RegistrationStatus as S
from streams.registrations import approving
from streams.registrations.book import Book
from streams.registrations.conflicts import cleared
from streams.registrations.protecting import extend
from streams.registrations.settling import reassign
from streams.registrations.standing import in_the_way, move
from streams.registrations.state import Case
from streams.registrations.transitions import OPEN, named


def rule(book: Book, event: RulingGiven) -> None:
    """Follow a ruling; one about something that is not known is passed over."""
    follow = RULINGS.get(event.ruling)
    if follow is None or book.points(f"ruling/{event.id}") is not None:
        return
    book.point(f"ruling/{event.id}", event.by)
    for ref in event.refs:
        case = book.case(ref)
        case = book.case(case.folded) if case.folded is not None else case
        if case.status is not None:
            book.put(f"case/{case.ref}", follow(book, case, event))
            book.touch(case.ref)


def _words(event: RulingGiven, what: str) -> str:
    return f"{event.by} {what}: {event.note}" if event.note else f"{event.by} {what}."


def _noted(case: Case, note: str) -> Case:
    return case.model_copy(update={"note": note})


def _approve(book: Book, case: Case, event: RulingGiven) -> Case:
    if case.status is not S.IN_REVIEW or not case.approvals:
        return _noted(case, f"{event.by} cannot approve it: it is {named(case.status)}, and nobody is asked.")
    last = case.approvals[-1]
    if not approving.may_decide(case, event.by):
        allowed = ", ".join(last.approvers)
        return _noted(case, f"{event.by} is no approver of level {last.level}: that is {allowed}.")
    refused = in_the_way(book, case)
    if refused is not None:
        return _noted(case, refused)
    for found in case.inputs.found if case.inputs is not None else ():
        if not found.sure:
            book.mark(cleared(case.ref, found.ref))
    return approving.given(book, case, event.by)


def _reject(book: Book, case: Case, event: RulingGiven) -> Case:
    if not _allowed(book, case, event):
        return _noted(case, f"{event.by} is no approver, and cannot reject it.")
    return move(book, case, S.REJECTED, _words(event, "has rejected it"), _public(event, "It was rejected"))


def _return(book: Book, case: Case, event: RulingGiven) -> Case:
    if not _allowed(book, case, event):
        return _noted(case, f"{event.by} is no approver, and cannot return it.")
    if case.status not in OPEN:
        return _noted(case, f"{event.by} cannot return it: it is {named(case.status)}.")
    words = _public(event, "It was returned")
    moved = move(book, case, S.RETURNED, _words(event, "has returned it"), words)
    if moved.status is not S.RETURNED:
        return moved
    reading = book.reading(case.ref)
    digest = reading.digest if reading is not None else None
    return moved.model_copy(update={"missing": words, "returned_digest": digest, "approvals": (), "course": None})


def _allowed(book: Book, case: Case, event: RulingGiven) -> bool:
    if case.status is S.IN_REVIEW and case.approvals:
        return approving.may_decide(case, event.by)
    return approving.may_overrule(book, case, event.by)


def _public(event: RulingGiven, what: str) -> tuple[str, ...]:
    """Without the name of who has ruled: the partner reads it."""
    return (event.note or f"{what} by our partner team.",)


def _extend(book: Book, case: Case, event: RulingGiven) -> Case:
    return extend(book, case, event.until, event.by)


def _withdraw(book: Book, case: Case, event: RulingGiven) -> Case:
    return move(book, case, S.WITHDRAWN, _words(event, "has withdrawn it"), _public(event, "It was withdrawn"))


def _reassign(book: Book, case: Case, event: RulingGiven) -> Case:
    return reassign(book, case, event.partner, _words(event, "has reassigned it"))


RULINGS: Mapping[Ruling, Callable[[Book, Case, RulingGiven], Case]] = {
    Ruling.APPROVE_REGISTRATION: _approve,
    Ruling.REJECT_REGISTRATION: _reject,
    Ruling.RETURN_REGISTRATION: _return,
    Ruling.EXTEND_REGISTRATION: _extend,
    Ruling.WITHDRAW_REGISTRATION: _withdraw,
    Ruling.REASSIGN_REGISTRATION: _reassign,
}
