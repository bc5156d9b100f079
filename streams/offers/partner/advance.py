"""What Partner Central has to be told of a deal next: at most one command at a time; it never sends, waits or reads."""

from datetime import datetime

from schemas.entities import DealStage
from schemas.marketplace import Cosell, CosellStage, ReviewStatus
from schemas.messages import MatchBy
from streams.offers.partner import steps
from streams.offers.partner.desired import desired
from streams.offers.partner.merge import Edits, edits
from streams.offers.partner.view import OPPORTUNITY_ID, Fields, View, moving, refused, stuck, words
from streams.offers.partner.vocabulary import LOCKED, OVER
from streams.offers.parts import Command, CosellNext, CosellWanted, Problem, Setup

LATE = (
    CosellStage.COMMITTED,
    CosellStage.LAUNCHED,
)  # AWS takes them only once a solution is associated, which comes after


def advance(wanted: CosellWanted, setup: Setup, at: datetime) -> CosellNext:
    """What to send now, what is in the way, and what happens next; nothing where the deal is not to be shared.

    It looks only at what is, never at what has happened: asked twice it says the same, and a command is not said again
    while one is on its way, nor after it until the opportunity has been read back.
    """
    if setup.partner_central is None:
        return CosellNext()
    view = View.of(wanted, setup, setup.partner_central, at)
    if not _shared(view):
        return CosellNext()
    if view.flying:
        return moving("Tandem is writing to AWS Partner Central.")
    if view.opportunity is None:
        return _create(view)
    if wanted.seen is None:
        return moving(f"Tandem waits to read the opportunity {view.opportunity} from AWS.")
    return _follow(view, wanted.seen)


def _shared(view: View) -> bool:
    """A deal that has an opportunity is followed to its end, also where its stage is no longer one of the rules."""
    deal, card = view.deal, view.wanted.card
    begun = view.opportunity is not None or bool(view.wanted.cosell_ref) or bool((deal.cosell_ref or "").strip())
    return card.alive and (begun or view.flying or deal.cosell is True or deal.stage in view.rules.when)


def _create(view: View) -> CosellNext:
    told = (view.deal.cosell_ref or "").strip()
    if told and not OPPORTUNITY_ID.fullmatch(told):
        reason, remedy = f"{told!r} is no opportunity of Partner Central.", 'Enter its id, as "O1234567".'
        return stuck(Problem(field="cosell_ref", reason=reason, remedy=remedy))
    if view.deal.stage is DealStage.LOST:
        return words("The deal is lost; AWS takes no opportunity that is lost already.")
    want = desired(view)
    fields: Fields = {name: value for name, value in want.fields.items() if value is not None}
    if fields.get("stage") in LATE:
        fields["stage"] = CosellStage.BUSINESS_VALIDATION.value
    if "close_date" not in fields and "close_date" not in want.missing and not want.problems:
        fields["close_date"] = view.at.date().isoformat()  # a deal that was won on a day before today
    if want.problems:
        return stuck(*want.problems).model_copy(update={"next_step": "Correct the deal; then it is shared with AWS."})
    key = view.wanted.card.record_id
    last = view.wanted.sent.get(f"{view.connection}/cosell/{key}")
    if last is not None and last.status == "rejected" and last.fields == fields:
        return stuck(refused("the opportunity", last, steps.CORRECT))
    if last is not None and last.status in {"applied", "overtaken"}:
        return moving("Tandem waits to read from AWS which opportunity the deal has become.")
    why = "The deal is shared with AWS: an opportunity is made in Partner Central."
    made = Command(
        connection=view.connection,
        entity="cosell",
        match_by=MatchBy.EXTERNAL_ID,
        key=key,
        fields=fields,
        expected=dict.fromkeys(fields),  # one that names the deal already is read first, never written over
        reasons=(why,),
    )
    return CosellNext(commands=(made,), next_step=why, wanted=True, moving=True)


def _follow(view: View, seen: Cosell) -> CosellNext:
    want = desired(view)
    found = edits(view, seen, want)
    if view.review in LOCKED:
        return _locked(view, seen, found)
    if waiting := _unread(view, seen):
        return waiting
    said = [
        steps.solution(view, seen),
        steps.offer(view, seen),
        steps.editing(view, seen, want, found),
        steps.submission(view, seen, want, found),
    ]
    problems = tuple(dict.fromkeys(problem for each in said for problem in each.problems))
    sending = next((each for each in said if each.commands), None)
    if sending is not None:
        return sending.model_copy(update={"problems": problems})
    told = " ".join(each.next_step for each in said if each.next_step)
    return CosellNext(problems=problems, next_step=told or _rest(seen, found), wanted=True)


def _locked(view: View, seen: Cosell, found: Edits) -> CosellNext:
    if view.review is ReviewStatus.REJECTED:
        reason = f"AWS has rejected the opportunity: {seen.review_comments or 'it gave no comment'}"
        remedy = "It can no longer be changed. Ask AWS, or make another one and enter its id in cosell_ref."
        return stuck(Problem(field="cosell", reason=reason, remedy=remedy))
    waiting = len(found.later) + (steps.unassociated(view, seen) is not None)
    return words(
        f"{_changes(waiting)} until AWS has finished its review." if waiting else "AWS reviews the opportunity."
    )


def _unread(view: View, seen: Cosell) -> CosellNext | None:
    """Whether the last update has not been read back: then what was read is old, and nothing is decided on it."""
    for entity in ("cosell", "cosell_submission", "cosell_offer", "cosell_solution"):
        last = view.last(entity)
        if last is None or not view.same_read(last):
            continue
        if last.status == "overtaken" and (last.seen is not None or view.recent(last)):
            return moving("AWS has changed the opportunity in the meantime. Tandem waits to read it again.")
        whole = entity in {"cosell", "cosell_submission"}
        if last.status == "applied" and whole and view.recent(last) and not steps.visible(seen, last):
            return moving("Tandem waits to read back what it has written to AWS.")
    return None


def _rest(seen: Cosell, found: Edits) -> str | None:
    if found.later:
        return f"{_changes(len(found.later))} until AWS has approved the opportunity."
    if seen.stage in OVER:
        return f"The opportunity is {seen.stage.value.replace('_', ' ')}; AWS takes no further change of it."
    return None


def _changes(count: int) -> str:
    return "1 change waits" if count == 1 else f"{count} changes wait"
