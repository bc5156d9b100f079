"""Submission, AWS's review with its locks, and AWS's own side of a deal."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.testing import Emulator, emulator, standing_still
from tests.contract.sandbox.aws.conftest import PLAIN, Partner
from tests.contract.sandbox.aws.test_partner_central_opportunities import faults, told


def test_a_submission_is_a_task_that_ends_later(aws: Emulator, ace: Partner) -> None:
    number = ace.create()
    ace.solve(number)
    started = ace.start(number)
    assert started["TaskStatus"] == "IN_PROGRESS"
    assert ace.task(started["TaskId"])["TaskStatus"] == "IN_PROGRESS"
    assert ace.review(number) == "Pending Submission"
    aws.advance(1)
    done = ace.task(started["TaskId"])
    assert (done["TaskStatus"], done["OpportunityId"]) == ("COMPLETE", number)
    assert ace.review(number) == "Submitted"
    listed = ace.api.list_engagement_from_opportunity_tasks(**PLAIN, EngagementIdentifier=[done["EngagementId"]])
    assert [one["TaskId"] for one in listed["TaskSummaries"]] == [started["TaskId"]]


def test_a_submission_is_told_with_its_engagement_and_its_invitation(aws: Emulator, ace: Partner) -> None:
    ace.submitted()
    assert told(aws)[2:] == [
        "Opportunity Updated", "Engagement Created", "Engagement Invitation Created",
        "Engagement Resource Snapshot Created",
    ]  # fmt: skip


def test_a_submission_with_the_same_token_is_the_same_task(aws: Emulator, ace: Partner) -> None:
    number = ace.create()
    ace.solve(number)
    first = ace.start(number)
    aws.advance(1)
    again = ace.start(number)
    assert (again["TaskId"], again["TaskStatus"]) == (first["TaskId"], "COMPLETE")
    with pytest.raises(ace.api.exceptions.ConflictException):
        ace.start(ace.create(ClientToken="token-2"))


def test_a_second_submission_fails_as_a_conflict(aws: Emulator, ace: Partner) -> None:
    number = ace.submitted()
    task = ace.start(number, "submit-2")["TaskId"]
    aws.advance(1)
    assert ace.task(task)["ReasonCode"] == "OpportunityConflict"


@pytest.mark.parametrize(
    ("changes", "solved", "words"),
    [
        ({}, False, "Solutions"),
        ({"LifeCycle.Stage": "Prospect"}, True, "LifeCycle.Stage: Prospect cannot be submitted"),
    ],
)
def test_what_is_not_ready_fails_with_its_reason(
    aws: Emulator, ace: Partner, changes: dict[str, str], solved: bool, words: str
) -> None:
    number = ace.create(**changes)
    if solved:
        ace.solve(number)
    task = ace.start(number)["TaskId"]
    aws.advance(1)
    failed = ace.task(task)
    assert (failed["TaskStatus"], failed["ReasonCode"]) == ("FAILED", "OpportunityValidationFailed")
    assert words in failed["Message"]
    assert ace.review(number) == "Pending Submission"


def test_a_described_solution_does_for_an_associated_one(aws: Emulator, ace: Partner) -> None:
    number = ace.create(**{"Project.OtherSolutionDescription": "Our line monitor"})
    ace.start(number)
    aws.advance(1)
    assert ace.review(number) == "Submitted"


def locked(ace: Partner, number: str) -> dict[str, str]:
    with pytest.raises(ClientError) as raised:
        ace.update(number, **{"LifeCycle.NextSteps": "Hurry"})
    return faults(raised)


def test_nothing_can_be_edited_while_aws_reviews_or_after_it_rejected(ace: Partner) -> None:
    number, read_only = ace.submitted(), {"LifeCycle.ReviewStatus": "INVALID_RESOURCE_STATE"}
    assert locked(ace, number) == read_only
    ace.act("review", opportunity=number)
    assert ace.review(number) == "In review"
    assert locked(ace, number) == read_only
    ace.act("reject", opportunity=number, reason="No AWS usage", comments="Not now.")
    life = ace.get(number)["LifeCycle"]
    reviewed = (life["ReviewStatus"], life["ReviewStatusReason"], life["ReviewComments"])
    assert reviewed == ("Rejected", "No AWS usage", "Not now.")
    assert locked(ace, number) == read_only


def test_an_approval_is_told_and_opens_the_opportunity_but_for_a_few_fields(aws: Emulator, ace: Partner) -> None:
    number = ace.submitted()
    aws.events()
    ace.act("approve", opportunity=number)
    assert told(aws) == [
        "Engagement Invitation Accepted", "Engagement Member Added", "Opportunity Updated",
        "Engagement Resource Snapshot Created",
    ]  # fmt: skip
    ace.update(number, **{"LifeCycle.Stage": "Committed", "SoftwareRevenue": {"DeliveryModel": "Contract"}})
    assert ace.get(number)["LifeCycle"]["Stage"] == "Committed"
    with pytest.raises(ClientError) as raised:
        ace.update(number, **{"Project.Title": "Renamed", "PartnerOpportunityIdentifier": "006B"})
    expected = {"Project.Title": "ACTION_NOT_PERMITTED", "PartnerOpportunityIdentifier": "ACTION_NOT_PERMITTED"}
    assert faults(raised) == expected


def test_what_aws_sends_back_can_be_corrected_in_few_fields_and_is_reviewed_again(ace: Partner) -> None:
    number = ace.submitted()
    ace.act("require_action", opportunity=number, comments="Which plant?")
    with pytest.raises(ClientError) as raised:
        ace.update(number, **{"LifeCycle.NextSteps": "Hurry"})
    assert faults(raised) == {"LifeCycle.NextSteps": "ACTION_NOT_PERMITTED"}
    assert ace.get(number)["LifeCycle"]["ReviewComments"] == "Which plant?"
    ace.update(number, **{"Project.CustomerBusinessProblem": "The robots of the plant in Ohio stand still."})
    life = ace.get(number)["LifeCycle"]
    assert (life["ReviewStatus"], "ReviewComments" in life) == ("Submitted", False)


def test_a_review_cannot_end_before_it_began(ace: Partner) -> None:
    with pytest.raises(Exception, match="is Pending Submission; it has to be Submitted"):
        ace.act("approve", opportunity=ace.create())


def test_committed_and_launched_need_a_solution(ace: Partner) -> None:
    number = ace.create()
    with pytest.raises(ClientError) as raised:
        ace.update(number, **{"LifeCycle.Stage": "Committed"})
    assert faults(raised) == {"LifeCycle.Stage": "ACTION_NOT_PERMITTED"}


def test_in_the_catalog_sandbox_the_partner_plays_the_approval(aws: Emulator, ace: Partner) -> None:
    number = ace.submitted(Catalog="Sandbox")
    aws.events()
    ace.update(number, "Sandbox", **{"LifeCycle.ReviewStatus": "Approved"})
    assert ace.get(number, "Sandbox")["LifeCycle"]["ReviewStatus"] == "Approved"
    assert told(aws)[:2] == ["Engagement Invitation Accepted", "Engagement Member Added"]


def test_reviews_end_by_themselves_where_the_settings_say_so() -> None:
    with emulator(standing_still(review_starts_after=5, review_ends_after=7)) as aws:
        ace = Partner(aws)
        number = ace.submitted()
        aws.advance(5)
        assert ace.review(number) == "In review"
        aws.advance(7)
        assert ace.review(number) == "Approved"


def test_aws_has_a_view_of_its_own_from_the_submission_on(aws: Emulator, ace: Partner) -> None:
    number = ace.create()
    with pytest.raises(ace.api.exceptions.ResourceNotFoundException):
        ace.api.get_aws_opportunity_summary(**PLAIN, RelatedOpportunityIdentifier=number)
    ace.solve(number)
    ace.start(number)
    aws.advance(1)
    ace.act("approve", opportunity=number)
    aws.events()
    ace.act("aws_update", opportunity=number, Stage="Technical Validation", NextSteps="Meet the architect")
    summary = ace.api.get_aws_opportunity_summary(**PLAIN, RelatedOpportunityIdentifier=number)
    assert (summary["InvolvementType"], summary["Visibility"]) == ("Co-Sell", "Full")
    assert summary["LifeCycle"]["Stage"] == "Technical Validation"
    assert summary["LifeCycle"]["NextSteps"] == "Meet the architect"
    updated, snapshot = aws.events()
    assert updated["detail-type"] == "Opportunity Updated"
    assert snapshot["detail"]["resourceSnapshot"]["resourceId"] == number
    assert snapshot["detail"]["resourceSnapshot"]["createdBy"] == "AWS"


def test_submitting_alone_locks_as_well(ace: Partner) -> None:
    number = ace.create()
    ace.solve(number)
    ace.api.submit_opportunity(**PLAIN, Identifier=number, InvolvementType="For Visibility Only")
    assert ace.review(number) == "Submitted"
    with pytest.raises(ClientError) as raised:
        ace.api.submit_opportunity(**PLAIN, Identifier=number, InvolvementType="Co-Sell")
    assert faults(raised) == {"LifeCycle.ReviewStatus": "INVALID_RESOURCE_STATE"}
