"""Locks, returns, refusals, and changes by two at once: what is kept, what waits, and what a seller reads."""

from datetime import timedelta

import pytest

from schemas.entities import DealStage
from schemas.marketplace import OfferState
from tests.unit.streams.offers.cosell_world import Hub, setup


def submitted():
    hub = Hub()
    hub.settle()
    return hub


def approved():
    hub = submitted()
    hub.review("approved")
    hub.settle()
    hub.aws.writes.clear()
    return hub


@pytest.mark.parametrize("status", ["submitted", "in_review"])
def test_changes_wait_while_aws_reviews_and_are_sent_as_one_update_after(status):
    hub = submitted()
    hub.review(status)
    hub.edit(next_step="Call them", close_date="2027-02-28")
    hub.offer(OfferState.RELEASED)
    hub.aws.writes.clear()
    hub.settle()
    assert hub.aws.writes == []
    assert hub.said.next_step == "3 changes wait until AWS has finished its review."
    hub.review("approved")
    hub.settle()
    assert [write.entity for write in hub.aws.writes] == ["cosell_offer", "cosell"]
    assert hub.aws.writes[1].fields == {"next_steps": "Call them", "close_date": "2027-02-28"}


def test_one_change_waits_in_the_singular():
    hub = submitted()
    hub.edit(next_step="Call them")
    assert hub.decide().next_step == "1 change waits until AWS has finished its review."


def test_a_returned_opportunity_shows_the_comment_and_is_submitted_again_after_the_correction():
    hub = submitted()
    hub.review("action_required", "Describe the problem.")
    hub.settle()
    assert [problem.reason for problem in hub.said.problems] == ["AWS asks for a correction: Describe the problem."]
    assert len(hub.aws.writes) == 3
    hub.edit(problem="Robots stop, and nobody learns of it for an hour.", next_step="Wait")
    hub.settle()
    assert [write.entity for write in hub.aws.writes[3:]] == ["cosell", "cosell_submission"]
    assert set(hub.aws.writes[3].fields) == {"problem"}
    assert hub.said.next_step == "1 change waits until AWS has finished its review."


def test_a_second_return_asks_for_a_second_correction():
    hub = submitted()
    for number in range(2):
        hub.review("action_required", "Still not clear.")
        before = len(hub.aws.writes)
        hub.settle()
        assert len(hub.aws.writes) == before
        hub.edit(problem=f"Correction number {number}, in more words than before.")
        hub.settle()
        assert hub.aws.opportunity["review"] == "submitted"


def test_a_lost_deal_is_not_submitted_again():
    hub = submitted()
    hub.review("action_required", "Say more.")
    hub.edit(problem="Robots stop, and nobody learns of it for an hour.")
    hub.turn()
    hub.edit(stage=DealStage.LOST)
    hub.settle()
    assert hub.aws.opportunity["review"] == "action_required"


def test_where_people_submit_a_correction_is_left_to_them():
    hub = submitted()
    hub.setup = setup(submit=False)
    hub.review("action_required", "Say more.")
    hub.edit(problem="Robots stop, and nobody learns of it for an hour.")
    hub.settle()
    assert hub.aws.opportunity["review"] == "action_required"
    assert hub.said.next_step == "Correct it, and submit it again in Partner Central."


def test_a_rejected_opportunity_says_why_and_takes_nothing():
    hub = submitted()
    hub.review("rejected", "Duplicate of O7.")
    hub.edit(next_step="Call them")
    hub.settle()
    assert len(hub.aws.writes) == 3
    assert hub.said.problems[0].reason == "AWS has rejected the opportunity: Duplicate of O7."


def test_what_aws_has_changed_is_kept_where_the_deal_has_not():
    hub = approved()
    hub.aws.touch(next_steps="Ours now", close_date="2027-05-05", city="Leipzig")
    hub.edit(close_date="2027-03-03")
    hub.settle()
    assert [write.fields for write in hub.aws.writes] == [{"close_date": "2027-03-03"}]
    assert hub.aws.writes[0].expected == {"close_date": "2027-05-05"}
    assert (hub.aws.opportunity["next_steps"], hub.aws.opportunity["city"]) == ("Ours now", "Leipzig")


def test_what_both_have_changed_stays_as_aws_has_it_where_the_deal_does_not_own_it():
    hub = approved()
    hub.aws.touch(city="Leipzig")
    hub.company = hub.company.model_copy(update={"city": "Dresden"})
    hub.settle()
    assert hub.aws.writes == []


def test_a_company_that_has_moved_is_told_where_aws_has_not_touched_it():
    hub = approved()
    hub.company = hub.company.model_copy(update={"city": "Dresden"})
    hub.settle()
    assert hub.aws.opportunity["city"] == "Dresden"


def test_a_next_step_that_is_cleared_is_cleared():
    hub = approved()
    hub.edit(next_step=None)
    hub.settle()
    assert hub.aws.writes[0].fields == {"next_steps": None}


def test_amounts_are_compared_as_numbers():
    hub = approved()
    hub.aws.touch(software_amount="12500")
    hub.base["software_amount"] = "1"
    hub.settle()
    assert hub.aws.writes == []


def test_a_change_that_came_too_late_is_decided_anew_once_the_opportunity_is_read_again():
    hub = approved()
    hub.edit(next_step="Call them")
    hub.decide()
    hub.aws.touch(next_steps="AWS calls them")
    hub.perform()
    hub.learn()
    for _ in range(50):
        assert hub.decide().commands == ()
    assert "Tandem waits to read it again" in hub.said.next_step
    hub.read()
    hub.settle()
    assert hub.aws.opportunity["next_steps"] == "Call them"
    assert len(hub.aws.writes) == 2


def test_what_was_locked_by_hand_in_the_meantime_is_sent_again_after_the_review():
    hub = approved()
    hub.edit(next_step="Call them")
    hub.decide()
    hub.aws.judge("in_review")
    hub.perform()
    hub.learn()
    hub.settle()
    hub.review("approved")
    hub.settle()
    assert hub.aws.opportunity["next_steps"] == "Call them"


def test_an_offer_that_could_not_be_associated_during_the_review_is_associated_after_it():
    hub = approved()
    hub.offer(OfferState.RELEASED)
    hub.decide()
    hub.aws.judge("in_review")
    hub.perform()
    hub.learn()
    hub.settle()
    hub.review("approved")
    hub.settle()
    assert len(hub.aws.associated) == 1


def test_an_offer_that_somebody_associated_in_the_meantime_is_looked_at_before_ours_takes_its_place():
    hub = approved()
    hub.offer(OfferState.RELEASED)
    hub.decide()
    hub.aws.touch(offers=["somebody's"])
    hub.perform()
    hub.learn()
    assert hub.decide().commands == ()
    hub.settle()
    assert hub.aws.writes[-1].expected == {"offer": "somebody's", "offer_set": None}
    assert hub.aws.associated == hub.aws.opportunity["offers"]


def test_nothing_is_decided_on_an_old_read():
    hub = approved()
    hub.edit(next_step="Call them")
    hub.decide()
    hub.perform()
    hub.learn()
    hub.edit(next_step="Call them twice")
    assert hub.decide().next_step == "Tandem waits to read back what it has written to AWS."
    hub.at += timedelta(minutes=16)
    assert len(hub.decide().commands) == 1


def test_a_refused_change_is_said_in_aws_words_and_not_sent_again_until_the_deal_changes():
    hub = approved()
    hub.edit(next_step="refuse this")
    hub.settle()
    assert len(hub.aws.writes) == 1
    assert "it does not please us" in hub.said.problems[0].reason
    hub.edit(next_step="take this")
    hub.settle()
    assert len(hub.aws.writes) == 2
    assert hub.said.problems == ()


def test_a_draft_whose_changes_are_refused_is_not_submitted():
    hub = Hub(setup(submit=False))
    hub.settle()
    hub.setup = setup()
    hub.edit(next_step="refuse this")
    hub.settle()
    assert [write.entity for write in hub.aws.writes] == ["cosell", "cosell_solution", "cosell"]


def test_a_refused_submission_is_tried_again_once_the_opportunity_has_changed():
    hub = Hub()
    hub.turn()
    hub.turn()
    said = hub.decide()
    name = said.commands[0].name
    hub.flying = None
    hub.sent[name] = hub.sent[name].model_copy(update={"status": "rejected", "reason": "the website is unknown"})
    assert hub.decide().commands == ()
    assert "the website is unknown" in hub.said.problems[0].reason
    hub.edit(next_step="Corrected")
    hub.settle()
    assert hub.aws.opportunity["review"] == "submitted"
