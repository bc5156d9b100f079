"""Says where a registration stands: the fact, and what its records are told; an unchanged one is never said again."""

from collections.abc import Sequence

from pydantic import JsonValue

from schemas import topics
from schemas.messages import RegistrationDecided, identity
from schemas.partners import RegistrationStatus as S
from streams.registrations.book import Book
from streams.registrations.fees import plain
from streams.registrations.parts import PartnerCard, Reading
from streams.registrations.state import Case, Told, connection_of, id_of

FRAME = {"id", "previous", "causes", "decided_at", "inputs", "rules_version"}
CORRECTING = "Our partner team has to correct something first."  # what it is may be none of the partner's business
LONGEST = 255  # of a line of text in most CRMs


def tell(book: Book, case: Case, readings: Sequence[Reading], partner: PartnerCard | None) -> Case:
    """The case with what was said of it. Nothing is said of a draft."""
    if case.status is None or (case.status is S.DRAFT and case.fact is None):
        return case
    reading = readings[0]
    public = _next(case, reading, partner)
    ours = " ".join(each for each in (case.problem or public, case.note) if each) or None
    case = case.model_copy(update={"next_step": ours, "shown_step": CORRECTING if case.problem else public})
    for each in readings:
        if each.alive and each.connection in book.setup.connected.takers("registration_outcome"):
            _write(book, case, each)
    return _publish(book, case, _fact(book, case, reading, partner))


def over(book: Book, case: Case, leader: str) -> Case:
    """It is the same registration as another one, which stands for both from now on."""
    if case.fact is None:
        return case
    why = f"It is the same registration as {leader}, which stands for both."
    update = {
        "status": S.WITHDRAWN, "reasons": (why,), "conflict_with": leader, "protected_until": None, "approvals": (),
        "next_step": None, "deal": None, "decided_at": book.at, "missing": (),
    }  # fmt: skip
    return _publish(book, case, case.fact.model_copy(update=update))


def _publish(book: Book, case: Case, fact: RegistrationDecided) -> Case:
    before = case.fact
    if before is not None and before.model_dump(exclude=FRAME) == fact.model_dump(exclude=FRAME):
        return case
    previous = before.status if before is not None else None
    causes = tuple(dict.fromkeys((book.cause, *(() if case.status is None else _causes(book, case)))))
    whole = fact.model_copy(update={"previous": previous, "causes": causes})
    whole = whole.model_copy(update={"id": identity(whole.model_dump_json(exclude={"id"}))})
    book.say(topics.REGISTRATIONS, case.ref, whole, whole.id)
    return case.model_copy(update={"fact": whole})


def _causes(book: Book, case: Case) -> tuple[str, ...]:
    found = (book.reading(ref) for ref in (case.ref, *case.twins))
    return tuple(each.change for each in found if each is not None)


def _fact(book: Book, case: Case, reading: Reading, partner: PartnerCard | None) -> RegistrationDecided:
    name = partner.name if partner is not None else reading.record.partner
    return RegistrationDecided(
        id="",
        registration=case.ref,
        twins=case.twins,
        name=f"{reading.record.company}, by {name}",
        status=case.status or S.SUBMITTED,
        partner=partner.key if partner is not None else reading.record.partner,
        partner_name=name,
        account=case.account,
        deal=case.deal,
        submitted_at=case.submitted_at,
        approved_at=case.approved_at,
        approved_by=case.approved_by,
        protected_until=case.protected_until,
        missing=case.missing if case.status is S.RETURNED else (),
        conflict_with=case.conflict_with,
        rule=case.rule,
        approvals=case.approvals,
        margin_percent=case.margin,
        inputs=reading.record,
        rules_version=book.version,
        next_step=case.next_step,
        reasons=tuple(dict.fromkeys((*case.reasons, *(() if case.note is None else (case.note,))))),
        decided_at=book.at,
    )


def _next(case: Case, reading: Reading, partner: PartnerCard | None) -> str | None:
    """What has to be done next, and by whom, in words that the partner may read."""
    who = partner.name if partner is not None else "The partner"
    match case.status:
        case S.RETURNED:
            return f"{who}: complete what is missing; then it is looked at again."
        case S.IN_REVIEW if case.approvals:
            last = case.approvals[-1]
            return f"Level {last.level} of approval decides until {last.due_at:%Y-%m-%d %H:%M} UTC."
        case S.SUBMITTED:
            return case.words[0] if case.words else None
        case S.APPROVED:
            return f"{who}: bring it to a close until {case.protected_until}."
        case S.EXPIRED if case.protected_until is not None:
            return f"{who}: ask for an extension, or the company goes back into the pool."
        case _:
            return None


def _write(book: Book, case: Case, reading: Reading) -> None:
    name = f"registration_outcome/{reading.ref}"
    fields = _outcome(book, case, reading)
    if book.get(f"told/{name}", Told) is None:
        book.put(f"told/{name}", Told(fields=_untold(fields, reading)))
    before = book.get(f"told/{name}", Told) or Told()
    status = case.status
    if status is not None and before.fields.get("status") != status.value:
        book.expect(reading.ref, status)
    book.send(reading.ref, "registration_outcome", fields, case.words)


def _untold(fields: dict[str, JsonValue], reading: Reading) -> dict[str, JsonValue]:
    """What a record says that was never told anything: its own status, its own deal, and nothing else."""
    empty: dict[str, JsonValue] = {name: [] if isinstance(value, list) else None for name, value in fields.items()}
    return {**empty, "status": reading.record.status.value, "deal": reading.record.deal}


def _outcome(book: Book, case: Case, reading: Reading) -> dict[str, JsonValue]:
    return {
        "status": case.status.value if case.status is not None else None,
        "reasons": list(case.words),
        "missing": list(case.missing) if case.status is S.RETURNED else [],
        "conflict_with": case.conflict_words,
        "approved_at": case.approved_at.isoformat() if case.approved_at is not None else None,
        "approved_by": case.approved_by,
        "protected_until": case.protected_until.isoformat() if case.protected_until is not None else None,
        "deal": _deal(book, case, reading),
        "margin": plain(case.margin) if case.margin is not None else None,
        "next_step": case.shown_step[:LONGEST] if case.shown_step else None,
    }


def _deal(book: Book, case: Case, reading: Reading) -> str | None:
    """The deal's id in the same CRM; elsewhere its key. One that somebody entered is left as it is."""
    if reading.record.deal or case.deal is None:
        return reading.record.deal
    card = book.deal(case.deal)
    if connection_of(case.deal) == reading.connection or card is None or not card.deal.tandem_key:
        return id_of(case.deal)
    return card.deal.tandem_key
