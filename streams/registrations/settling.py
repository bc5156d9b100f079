"""Brings one registration up to date: whose it is, where it stands, its deal and fee, what is shown and told; in this order."""

from collections.abc import Sequence
from datetime import UTC, datetime

from schemas.partners import PartnerStatus
from schemas.partners import RegistrationStatus as S
from streams import agenda, companies
from streams.matching.features import features
from streams.matching.score import score
from streams.registrations import approving, conflicts, converting, hearing, protecting, telling, twins
from streams.registrations.book import Book
from streams.registrations.conflicts import Asked
from streams.registrations.judging import judge
from streams.registrations.parts import Inputs, PartnerCard, Reading, Verdict
from streams.registrations.placing import listen, placed
from streams.registrations.standing import in_the_way, move
from streams.registrations.state import Case
from streams.registrations.transitions import OPEN


def settle(book: Book, ref: str) -> None:
    """Look at one registration: a twin is left to the one that leads."""
    reading = book.reading(ref)
    if reading is None:
        return
    if _too_early(book, ref):
        return
    case = book.case(ref)
    partner = _partner(book, case, reading)
    readings = twins.together(book, reading, twins.grouped(book, reading, partner))
    if readings[0].ref != ref:
        _fold(book, case, reading, readings[0].ref)
        book.touch(readings[0].ref)
        return
    _advance(book, case.model_copy(update={"folded": None}), readings, partner)


def order(book: Book, ref: str) -> str:
    """Sorts registrations by their time of submission, as text."""
    reading = book.reading(ref)
    if reading is None:
        return f"|{ref}"
    at = book.case(ref).submitted_at or reading.record.submitted_at or reading.first_at
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}|{ref}"


def _too_early(book: Book, ref: str) -> bool:
    """Before everything has been read, and as long as an earlier one has not been looked at since, it waits in a line."""
    queued = book.points(f"queued/{ref}")
    if queued is not None:
        book.mark(f"unready/{queued}", there=False)
        book.point(f"queued/{ref}", None)
    mine, line = order(book, ref), book.below("unready/", 1)
    if book.ready and not (line and line[0] < mine):
        return False
    book.mark(f"unready/{mine}")
    book.point(f"queued/{ref}", mine)
    return True


def _advance(book: Book, case: Case, readings: Sequence[Reading], partner: PartnerCard | None) -> None:
    reading, before = readings[0], case
    case = _told(book, case, readings, partner)
    case = _looked(book, case, reading, partner)
    case = _company(book, case, reading, partner)
    case = _heeded(book, case, readings, partner)
    case = _begun(book, case, reading)
    case = _partnership(book, case, partner)
    if not reading.alive and case.status in {*OPEN, S.RETURNED, S.APPROVED, S.EXPIRED, S.DRAFT}:
        case = move(book, case, S.WITHDRAWN, "It was deleted in its system.")
    case = _judged(book, case, reading, partner)
    case = converting.follow(book, case)
    active = protecting.active_at(case, reading, book.deal(case.deal))
    case = protecting.advance(book, case, reading, active)
    if partner is not None:
        case = converting.convert(book, case, reading, partner)
    case = converting.settle_fee(book, case, partner)
    converting.show(book, case, before.deal, partner)
    case = placed(book, case, before)
    case = telling.tell(book, case, readings, partner)
    book.put(f"case/{case.ref}", case)
    agenda.plan(book, case.ref, protecting.wake(book, case, reading, active))
    listen(book, case, reading)


def _partner(book: Book, case: Case, reading: Reading) -> PartnerCard | None:
    """Whose it is: once approved or ruled, the partner stays; before that, it is as the record says now."""
    if case.fixed and case.partner is not None:
        return book.partner(case.partner)
    return book.known_partner(reading.connection, reading.record.partner)


def _told(book: Book, case: Case, readings: Sequence[Reading], partner: PartnerCard | None) -> Case:
    """What its records say, before anything follows from it."""
    reading = readings[0]
    update: dict[str, object] = {"twins": tuple(sorted(each.ref for each in readings[1:]))}
    if not case.fixed:
        update["partner"] = partner.key if partner is not None else None
    if case.status in {None, S.DRAFT}:
        update["submitted_at"] = _submitted(readings)
    elif case.status in OPEN and case.previous is None and case.submitted_at is not None:
        # It was never decided: an earlier version that came late still says when it was submitted.
        update["submitted_at"] = min(case.submitted_at, _submitted(readings))
    return converting.tied(book, case.model_copy(update=update), reading)


def _submitted(readings: Sequence[Reading]) -> datetime:
    return min(each.record.submitted_at or each.first_at for each in readings)


def _looked(book: Book, case: Case, reading: Reading, partner: PartnerCard | None) -> Case:
    """The verdict of the rules on what is known now; of what was decided already it stays as it was."""
    if case.status not in {None, S.DRAFT, *OPEN, S.RETURNED}:
        return case
    return _anew(book, case, reading, partner)


def _anew(book: Book, case: Case, reading: Reading, partner: PartnerCard | None) -> Case:
    """The company that it is of now, and the verdict on that."""
    if case.submitted_at is None:
        return case
    claim = conflicts.claim(reading, partner)
    if partner is None:
        return case.model_copy(update={"claim": claim, "verdict": None, "inputs": None})
    found, account = conflicts.find(book, Asked(case.ref, partner.key, case.submitted_at, claim, case.deal))
    inputs = Inputs(
        ref=case.ref,
        registration=reading.record,
        partner=partner,
        today=book.today,
        submitted_at=case.submitted_at,
        found=found,
    )
    update = {"inputs": inputs, "verdict": judge(inputs, book.rules), "account": account, "claim": claim}
    return case.model_copy(update=update)


def _company(book: Book, case: Case, reading: Reading, partner: PartnerCard | None) -> Case:
    """Another company was entered after approval: what was approved was another one, so it is judged again."""
    if not case.protected or case.claim is None or not reading.alive:
        return case
    claim = conflicts.claim(reading, partner)
    if claim == case.claim:
        return case
    same = score(features(case.claim), features(claim))
    moved = case.model_copy(update={"claim": claim})
    surely = same is not None and same.confidence >= book.rules.company.same_at
    if surely and in_the_way(book, moved) is None:
        return moved
    why = f"The company was changed after approval, from {case.claim.name!r} to {claim.name!r}."
    again = move(book, case, S.SUBMITTED, why)
    anew = {
        "claim": claim, "approvals": (), "course": None, "approved_at": None, "approved_by": None, "protected_until": None,
        "fixed": False,
    }  # fmt: skip
    return _looked(book, again.model_copy(update=anew), reading, partner)


def _heeded(book: Book, case: Case, readings: Sequence[Reading], partner: PartnerCard | None) -> Case:
    """What was set by hand; before it is known whose it is, nothing can be approved, and all of it waits."""
    waits = any(each.hand is not None and each.hand.status is S.APPROVED for each in readings)
    if partner is None and waits:
        return case
    before = case.status
    if waits and not case.protected:
        case = _anew(book, case, readings[0], partner)  # it may be of another company than when it was decided
    case = hearing.heed(book, case, readings)
    if case.status is not before and case.status in OPEN:
        return _looked(book, case, readings[0], partner)
    return case


def _partnership(book: Book, case: Case, partner: PartnerCard | None) -> Case:
    """What becomes of it when its partner is no longer active."""
    rules = book.rules.inactive
    live = case.status in {*OPEN, S.RETURNED, S.APPROVED}
    if partner is None or partner.status is not PartnerStatus.INACTIVE or not live or rules.outcome == "keep":
        return case
    if rules.outcome == "reassign":
        return reassign(book, case, rules.reassign_to, f"{partner.name} is no longer an active partner.")
    return move(book, case, S.EXPIRED, f"{partner.name} is no longer an active partner.")


def reassign(book: Book, case: Case, key: str | None, why: str) -> Case:
    """The registration as another partner's; its protection and its margin stay as they are."""
    partner = book.partner(key)
    refused = None
    if partner is None:
        refused = f"It cannot be given to {key!r}: no partner has that key."
    elif partner.status is not PartnerStatus.ACTIVE:
        refused = f"It cannot be given to {partner.name}: it is {partner.status.value}."
    elif case.protected:
        refused = in_the_way(book, case, partner.key)
    if partner is None or refused is not None:
        return case.model_copy(update={"note": refused})
    words = f"{why} It is now {partner.name}'s."
    update = {"partner": partner.key, "fixed": True, "reasons": (words,), "words": (words,), "note": None}
    book.touch(case.ref)
    return case.model_copy(update=update)


def _begun(book: Book, case: Case, reading: Reading) -> Case:
    if case.status not in {None, S.DRAFT} or reading.record.status is S.DRAFT or not reading.alive:
        return case
    return move(book, case, S.SUBMITTED, "The partner has submitted it.")


def _judged(book: Book, case: Case, reading: Reading, partner: PartnerCard | None) -> Case:
    """Where the rules and the approvers bring it, as long as nothing has been decided for good."""
    if case.status is S.RETURNED:
        return _completed(book, case, reading, partner)
    if case.status not in OPEN:
        return case
    if partner is None:
        why = f"No partner is known as {reading.record.partner!r} yet."
        return _back(book, case, why, why)
    if partner.status is not PartnerStatus.ACTIVE and book.rules.inactive.outcome != "keep":
        why = f"{partner.name} is {partner.status.value}: only an active partner's registration is approved."
        return _back(book, case, why, why)
    return _follow(book, case, reading, case.verdict)


def _completed(book: Book, case: Case, reading: Reading, partner: PartnerCard | None) -> Case:
    if case.returned_digest == reading.digest or partner is None:
        return case
    case = case.model_copy(update={"returned_digest": reading.digest})
    if case.verdict is not None and case.verdict.outcome == "return":
        missing = case.verdict.missing
        return case.model_copy(update={"missing": missing, "reasons": missing, "words": missing})
    again = _looked(book, hearing.completed(book, case, reading), reading, partner)
    return _follow(book, again, reading, again.verdict) if again.status in OPEN else again


def _follow(book: Book, case: Case, reading: Reading, verdict: Verdict | None) -> Case:
    if verdict is None:
        return case
    told = {
        "rule": verdict.rule or verdict.approval,
        "conflict_with": verdict.conflict_with,
        "conflict_words": verdict.conflict_words,
    }
    case = case.model_copy(update=told)
    match verdict.outcome:
        case "return":
            case = move(book, case, S.RETURNED, verdict.reasons[0], verdict.words)
            update = {"missing": verdict.missing, "returned_digest": reading.digest, "reasons": verdict.reasons}
            return case.model_copy(update=update)
        case "reject":
            case = move(book, case, S.REJECTED, verdict.reasons[0], verdict.words)
            return case.model_copy(update={"reasons": verdict.reasons})
        case "wait":
            return _back(book, case, *verdict.reasons, words=verdict.words)
        case "review":
            case = approving.advance(book, case, reading, verdict)
            held = case.status is S.IN_REVIEW
            return case.model_copy(update={"reasons": verdict.reasons, "words": verdict.words}) if held else case
        case "approve":
            return approving.approved_by_rule(book, case, verdict)


def _back(book: Book, case: Case, *reasons: str, words: tuple[str, ...] = ()) -> Case:
    """It waits: what was asked of approvers so far is void, and is asked anew when its turn comes."""
    note = case.note
    case = move(book, case, S.SUBMITTED, reasons[0])
    update = {"reasons": reasons, "words": words or reasons, "approvals": (), "course": None, "note": note}
    return case.model_copy(update=update)


def _fold(book: Book, case: Case, reading: Reading, leader: str) -> None:
    """It is another record of a registration that stands elsewhere: its own history ends here."""
    if case.folded == leader:
        return
    if case.place is not None:
        companies.drop(book, case.place, case.ref)
        book.touch(*conflicts.neighbours(book, (case.claim,)))
    agenda.plan(book, case.ref, None)
    if case.deal is not None and book.points(f"deal_reg/{case.deal}") == case.ref:
        book.point(f"deal_reg/{case.deal}", None)
    folded = Case(ref=case.ref, folded=leader, submitted_at=case.submitted_at, fact=case.fact)
    book.put(f"case/{case.ref}", telling.over(book, folded, leader))
    listen(book, folded, reading)
