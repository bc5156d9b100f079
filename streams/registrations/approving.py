"""Takes a registration through its levels of approval: who is asked, until when, who is asked then; it rules nothing."""

from datetime import timedelta

from mappings.engagement_checks import ANYBODY
from schemas.messages import identity
from schemas.messages.partners import Approval
from schemas.partners import RegistrationStatus as S
from streams.registrations.book import Book
from streams.registrations.judging import people
from streams.registrations.notices import give
from streams.registrations.parts import LevelPlan, Reading, Verdict
from streams.registrations.standing import approve, move
from streams.registrations.state import Case


def advance(book: Book, case: Case, reading: Reading, verdict: Verdict) -> Case:
    """In review, with the level that has to decide now; approved, where all levels have."""
    case = move(book, case, S.IN_REVIEW, verdict.reasons[0], verdict.words)
    levels = [plan.model_dump_json() for plan in verdict.levels]
    course = identity(verdict.approval or "", verdict.conflict_with or "", *levels)
    if case.course != course:
        case = case.model_copy(update={"course": course, "approvals": (_asked(book, verdict.levels[0], 1),)})
    done = len(case.approvals)
    if case.approvals[-1].by is None:
        return _on_time(book, case, reading, verdict.levels[done - 1])
    if done < len(verdict.levels):
        return case.model_copy(update={"approvals": (*case.approvals, _asked(book, verdict.levels[done], done + 1))})
    by = ", ".join(each.by for each in case.approvals if each.by)
    return approve(book, case, by, f"Approved by {by}.")


def approved_by_rule(book: Book, case: Case, verdict: Verdict) -> Case:
    """Approved without anybody's word."""
    why = f"Approved by rule {verdict.approval!r}. {' '.join(verdict.reasons)}"
    return approve(book, case, f"rule {verdict.approval!r}", why)


def may_decide(case: Case, by: str) -> bool:
    """Whether a person is an approver of the level that has to decide now."""
    return bool(case.approvals) and _is_among(by, case.approvals[-1].approvers)


def may_overrule(book: Book, case: Case, by: str) -> bool:
    """Whether a person is an approver at any level for such a registration: they may reject it or send it back."""
    asked = (name for rule in book.rules.approval for level in rule.levels for name in level.approvers)
    everyone = people(dict.fromkeys(asked), book.rules, book.partner(case.partner))
    return _is_among(by, (*everyone, *(each for level in case.approvals for each in level.approvers)))


def given(book: Book, case: Case, by: str) -> Case:
    """The level that has to decide now has approved."""
    last = case.approvals[-1].model_copy(update={"by": by, "decided_at": book.now})
    return case.model_copy(update={"approvals": (*case.approvals[:-1], last), "note": None})


def _asked(book: Book, plan: LevelPlan, level: int) -> Approval:
    """Where a level has nobody, those are asked at once to whom it would escalate."""
    nobody = not plan.approvers
    return Approval(
        level=level,
        approvers=plan.escalate_to if nobody else plan.approvers,
        asked_at=book.now,
        due_at=book.now + timedelta(hours=plan.hours),
        escalated=nobody,
    )


def _on_time(book: Book, case: Case, reading: Reading, plan: LevelPlan) -> Case:
    last = case.approvals[-1]
    if last.escalated or book.now < last.due_at:
        return case
    late = last.model_copy(
        update={
            "escalated": True,
            "approvers": tuple(dict.fromkeys((*last.approvers, *plan.escalate_to))),
            "due_at": book.now + timedelta(hours=plan.hours),
        }
    )
    words = f"Nobody has decided over the registration of {reading.record.company} in {plan.hours} hours; now you may."
    give(book, case, reading, f"level {last.level}", late.due_at.date(), words, _addresses(plan.escalate_to))
    return case.model_copy(update={"approvals": (*case.approvals[:-1], late)})


def _is_among(by: str, approvers: tuple[str, ...]) -> bool:
    wanted = by.strip().casefold()
    return any(each == ANYBODY or each.casefold() == wanted for each in approvers)


def _addresses(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in names if each != ANYBODY)
