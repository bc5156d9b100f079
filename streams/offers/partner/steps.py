"""The single steps of an opportunity once it is there: solution, offer, edits, submission; each says what it would send."""

from typing import TypeGuard

from schemas.entities import DealStage
from schemas.marketplace import Cosell, CosellStage, OfferState, ReviewStatus
from streams.offers.partner.desired import Desired
from streams.offers.partner.merge import Edits, empty, equipped, same, writable
from streams.offers.partner.view import Fields, View, moving, refused, stuck, words
from streams.offers.partner.vocabulary import OVER
from streams.offers.parts import CosellNext, Problem, Sent

NOTHING = CosellNext(wanted=True)
NO_OFFER = frozenset({None, OfferState.DRAFT, OfferState.CREATING, OfferState.CREATE_FAILED, OfferState.PARTNER_ACTION})
GONE = frozenset({OfferState.EXPIRED, OfferState.CANCELLED})
CORRECT = "Correct the deal; it is sent again once it has changed."


def solution(view: View, seen: Cosell) -> CosellNext:
    """The usual solution, where none is associated: which one is right is left to whoever associated another."""
    name = view.rules.solution
    if not name or seen.solutions or seen.stage in OVER:
        return NOTHING
    last, fields = view.last("cosell_solution"), Fields(solution=name)
    if _asked(last, fields):
        remedy = "Associate a solution in Partner Central, or correct [cosell] solution in offers.toml."
        return _settled(view, last, f"the solution {name}", remedy)
    return view.command("cosell_solution", fields, f"The solution {name} is associated with the opportunity.")


def belonging(view: View) -> Fields | None:
    """The one offer or offer set that belongs there; none while there is none that a buyer can still accept or has."""
    wanted = view.wanted
    if wanted.state in NO_OFFER or view.deal.stage is DealStage.LOST:
        return None
    if wanted.offer_set_arn is None and wanted.offer_arn is None:
        return None
    return {"offer": None if wanted.offer_set_arn else wanted.offer_arn, "offer_set": wanted.offer_set_arn}


def unassociated(view: View, seen: Cosell) -> Fields | None:
    """The offer that has to be associated yet.

    An offer that has expired or was cancelled is not associated any more, and not taken off either: it tells people at
    AWS what was offered, and taking it off would undo what they may rely on. A newer one replaces it.
    """
    fields = belonging(view)
    if fields is None or view.wanted.state in GONE:
        return None
    there = (fields["offer"] in seen.offers) or (fields["offer_set"] in seen.offer_sets)
    return None if there else fields


def offer(view: View, seen: Cosell) -> CosellNext:
    """The private offer: associated, or put in the place of another, once; whoever takes it off again is not overruled."""
    fields = unassociated(view, seen)
    if fields is None:
        return NOTHING
    last = view.last("cosell_offer")
    if _asked(last, fields):
        return _settled(view, last, "the private offer", "Associate it in Partner Central.")
    what = "The private offer is associated with the opportunity."
    if seen.offers or seen.offer_sets:
        what = "The private offer takes the place of the one that is associated with the opportunity."
    there = {"offer": next(iter(seen.offers), None), "offer_set": next(iter(seen.offer_sets), None)}
    return view.command("cosell_offer", fields, what, dict(there))


def _asked(last: Sent | None, fields: Fields) -> TypeGuard[Sent]:
    """Whether the same was asked for; what was overtaken was not done, and a newer read is there by now."""
    return last is not None and last.fields == fields and last.status != "overtaken"


def _settled(view: View, last: Sent, what: str, remedy: str) -> CosellNext:
    """The same association was asked for before: it is never asked for twice."""
    if last.status == "rejected":
        return stuck(refused(what, last, remedy))
    if view.recent(last):
        return moving(f"Tandem waits to read back that AWS has associated {what}.")
    return words(f"Somebody has taken {what} off the opportunity again. Tandem leaves it so. {remedy}")


def editing(view: View, seen: Cosell, want: Desired, found: Edits) -> CosellNext:
    """One update of everything that can be written now."""
    told = tuple(_told(view, seen, want))
    if not found.now:
        return stuck(*told) if told else NOTHING
    last = view.last("cosell")
    if last is not None and last.status == "rejected" and last.fields == found.now:
        return stuck(*told, refused("the changes", last, CORRECT))
    names = ", ".join(name.replace("_", " ") for name in found.now)
    sent = view.command("cosell", found.now, f"The deal has changed: {names}.", found.expected)
    return sent.model_copy(update={"problems": told})


def _told(view: View, seen: Cosell, want: Desired) -> list[Problem]:
    """What a seller has to correct, as far as it could be written now."""
    if seen.stage in OVER:
        return []
    stands = seen.model_dump(mode="json")
    draft = view.review is ReviewStatus.PENDING_SUBMISSION
    found = [problem for name, problem in want.missing.items() if draft and empty(stands[name])]
    for name, (problem, value) in want.wrong.items():
        if draft or (writable(view.review, name) and not same(name, value, stands[name])):
            found.append(problem)
    if view.deal.stage is DealStage.LOST and view.wanted.agreement_active:
        reason = "the deal is lost, but the buyer's agreement holds; the opportunity is not closed."
        found.append(Problem(field="stage", reason=reason, remedy="Correct the stage, or end the agreement."))
    return found


def visible(seen: Cosell, last: Sent) -> bool:
    """Whether an update can be seen in what was read."""
    stands = seen.model_dump(mode="json")
    return all(same(name, value, stands[name]) for name, value in last.fields.items())


def submission(view: View, seen: Cosell, want: Desired, found: Edits) -> CosellNext:
    """For review: once it is complete, and again once a correction has been written after it came back."""
    if view.review is ReviewStatus.ACTION_REQUIRED:
        return _again(view, seen)
    if view.review is not ReviewStatus.PENDING_SUBMISSION:
        return NOTHING
    if CosellStage.CLOSED_LOST in (seen.stage, want.fields.get("stage")):
        return words("The deal is lost before AWS has reviewed it: it is not submitted.")
    if not view.rules.submit:
        return words("Submit the opportunity in Partner Central.")
    return _incomplete(view, seen, want, found) or _first(view)


def _incomplete(view: View, seen: Cosell, want: Desired, found: Edits) -> CosellNext | None:
    """Why AWS would not review it yet; the other steps say what they do about it."""
    if _told(view, seen, want):
        return words("Correct the deal; then it is submitted to AWS.")
    if found.now or (view.rules.solution and not seen.solutions):
        return NOTHING
    if not equipped(seen):
        reason, remedy = "no solution is associated, and AWS reviews none without.", "Associate one in Partner Central."
        return stuck(Problem(field="cosell", reason=reason, remedy=remedy))
    if seen.stage is CosellStage.PROSPECT:
        reason, remedy = "AWS reviews no opportunity at the stage prospect.", "Qualify it."
        return stuck(Problem(field="stage", reason=reason, remedy=remedy))
    return None


def _first(view: View) -> CosellNext:
    last = view.last("cosell_submission")
    if last is None or (last.status == "rejected" and not view.same_read(last)):
        return _submit(view)
    if last.status == "rejected":
        return stuck(refused("the submission", last, CORRECT))
    return words("Submitted. Tandem waits to read back that AWS has taken it.")


def _again(view: View, seen: Cosell) -> CosellNext:
    comments = seen.review_comments or "it gave no comment"
    reason, remedy = f"AWS asks for a correction: {comments}", "Correct the deal; it is then submitted again by itself."
    returned = stuck(Problem(field="cosell", reason=reason, remedy=remedy))
    if not view.rules.submit:
        return returned.model_copy(update={"next_step": "Correct it, and submit it again in Partner Central."})
    update, last = view.last("cosell"), view.last("cosell_submission")
    corrected = (
        update is not None
        and update.status == "applied"
        and (update.seen or "").startswith(ReviewStatus.ACTION_REQUIRED)
        and (last is None or last.at < update.at)
    )
    if corrected and view.deal.stage is not DealStage.LOST:
        return _submit(view)
    if last is not None and last.status == "rejected":
        return stuck(*returned.problems, refused("the submission", last, CORRECT))
    return returned.model_copy(update={"next_step": "Correct what AWS asks for; the deal is then submitted again."})


def _submit(view: View) -> CosellNext:
    fields: Fields = {"involvement": view.rules.involvement, "visibility": view.rules.visibility}
    return view.command("cosell_submission", fields, "The opportunity is submitted to AWS for review.")
