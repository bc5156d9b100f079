"""An opportunity is submitted once, and the task's end is the write's; invitations are answered once."""

from datetime import timedelta

import pytest

from connectors.base import Applied, Overtaken, Rejected, Retry
from connectors.errors import RetryLater
from tests.unit.connectors.aws_partner_central.opportunities import TABLES
from tests.unit.connectors.aws_partner_central.partner import SUBMISSION
from tests.unit.connectors.aws_partner_central.shelf import write


def ready(partner) -> str:
    """An opportunity with a solution."""
    (made,) = partner.send(partner.deal())
    partner.send(partner.write("cosell_solution", made.target_id, fields={"solution": "S-0000001"}))
    return made.target_id


def submission(partner, id_: str, **more):
    return partner.write("cosell_submission", id_, fields=SUBMISSION, **more)


def tasks(partner) -> list:
    return list(partner.service().book.tasks.values())


def review(partner, id_: str) -> str:
    return partner.living()[id_].review


@pytest.mark.parametrize("restarts", [False, True])
def test_a_submission_waits_for_its_task_and_tells_the_tasks_id(partner, restarts):
    id_, sink = ready(partner), partner.sink()
    (first,) = partner.send(submission(partner, id_), sink=sink)
    assert isinstance(first, Retry)
    assert first.after == 2
    partner.wait(2)
    (second,) = partner.send(submission(partner, id_), sink=None if restarts else sink)
    assert (second.target_id, len(tasks(partner))) == (tasks(partner)[0].id, 1)
    assert review(partner, id_) == "Submitted"


@pytest.mark.parametrize("kind", ["reset_after", "reset_before"])
def test_a_lost_answer_submits_nothing_twice(partner, kind):
    id_ = ready(partner)
    partner.faulty(kind, "StartEngagementFromOpportunityTask")
    with pytest.raises(RetryLater):
        partner.send(submission(partner, id_))
    assert isinstance(partner.send(submission(partner, id_))[0], Retry)
    assert len(tasks(partner)) == 1


def test_a_long_task_is_looked_at_ever_more_seldom(shelf):
    sink, waits = shelf.sink(), []
    for seconds in (0, 2, 2, 16, 1000):
        shelf.now += timedelta(seconds=seconds)
        (outcome,) = shelf.send(write("cosell_submission", fields=SUBMISSION), sink=sink)
        waits.append(outcome.after)
    assert (waits, len(shelf.tasks)) == ([2, 2, 4, 20, 60], 1)


def test_what_aws_cannot_take_is_refused_with_its_reason(partner):
    (made,) = partner.send(partner.deal(stage="prospect"))
    sink = partner.sink()
    partner.send(submission(partner, made.target_id), sink=sink)
    partner.wait(2)
    (outcome,) = partner.send(submission(partner, made.target_id), sink=sink)
    assert isinstance(outcome, Rejected)
    assert outcome.code == tasks(partner)[0].results["ReasonCode"]
    assert review(partner, made.target_id) == "Pending Submission"


def test_one_that_was_refused_is_submitted_again_once_it_is_corrected(partner):
    (made,) = partner.send(partner.deal(stage="prospect"))
    id_, sink = made.target_id, partner.sink()
    for _ in range(2):
        partner.send(submission(partner, id_), sink=sink)
        partner.wait(2)
    partner.send(partner.write("cosell", id_, fields={"stage": "qualified"}))
    partner.send(partner.write("cosell_solution", id_, fields={"solution": "S-0000001"}))
    partner.send(submission(partner, id_, id="w-2"), sink=sink)
    partner.wait(2)
    (outcome,) = partner.send(submission(partner, id_, id="w-2"), sink=sink)
    assert isinstance(outcome, Applied)
    assert (review(partner, id_), len(tasks(partner))) == ("Submitted", 2)


def test_what_is_submitted_already_is_left_alone(partner):
    id_ = partner.submitted()
    (outcome,) = partner.send(submission(partner, id_, id="w-9"))
    assert (outcome.changed, len(tasks(partner))) == (False, 1)
    assert partner.sink().look(TABLES["cosell_submission"], [submission(partner, id_)]) == [SUBMISSION]


def test_edits_wait_while_aws_reviews_and_go_through_after(partner):
    id_ = partner.submitted()
    edit = partner.write("cosell", id_, fields={"next_steps": "Call Ada"})
    assert partner.send(edit) == [Overtaken("locked: submitted")]
    partner.act("require_action", opportunity=id_, comments="Which line?")
    assert partner.send(edit) == [Overtaken("locked: action required: next_steps")]
    partner.send(partner.write("cosell", id_, fields={"problem": "Robots of line 4 stand still when it changes."}))
    assert review(partner, id_) == "Submitted"
    partner.act("approve", opportunity=id_)
    assert partner.send(edit) == [Applied(id_)]


def invited(partner) -> str:
    return partner.act("invite", title="Robots for line 4", company="Acme Robotics", catalog="Sandbox")["invitation"]


def answer(partner, id_: str, status: str, **more):
    return partner.write("cosell_invitation", id_, fields={"status": status}, **more)


@pytest.mark.parametrize("restarts", [False, True])
def test_an_accepted_invitation_becomes_one_opportunity_whose_id_is_told(partner, restarts):
    id_, sink = invited(partner), partner.sink()
    assert isinstance(partner.send(answer(partner, id_, "accepted"), sink=sink)[0], Retry)
    partner.wait(2)
    (outcome,) = partner.send(answer(partner, id_, "accepted"), sink=None if restarts else sink)
    assert (outcome.target_id, outcome.changed) == (next(iter(partner.living())), not restarts)
    assert partner.send(answer(partner, id_, "accepted")) == [Applied(outcome.target_id, changed=False)]


def test_a_lost_answer_accepts_nothing_twice(partner):
    id_ = invited(partner)
    partner.faulty("reset_after", "StartEngagementByAcceptingInvitationTask")
    with pytest.raises(RetryLater):
        partner.send(answer(partner, id_, "accepted"))
    partner.wait(2)
    assert isinstance(partner.send(answer(partner, id_, "accepted"))[0], Applied)
    assert (len(tasks(partner)), len(partner.living())) == (1, 1)


def test_a_rejected_invitation_is_rejected_once(partner):
    id_ = invited(partner)
    partner.faulty("reset_after", "RejectEngagementInvitation")
    with pytest.raises(RetryLater):
        partner.send(answer(partner, id_, "rejected"))
    assert partner.send(answer(partner, id_, "rejected")) == [Applied(id_, changed=False)]
    assert isinstance(partner.send(answer(partner, id_, "accepted"))[0], Overtaken)


def test_an_invitation_that_has_run_out_is_told_so(partner):
    id_ = invited(partner)
    partner.wait(16 * 86_400)
    assert partner.send(answer(partner, id_, "accepted")) == [Overtaken("status is 'expired'")]


def test_an_answer_that_is_none_or_to_nothing_is_refused(partner):
    assert partner.send(answer(partner, invited(partner), "pending"))[0].field == "status"
    assert partner.send(answer(partner, "engi-0000000000000", "accepted"))[0].code == "ResourceNotFoundException"
