"""AWS invites us into deals of its own: accepted they are opportunities, else rejected or expired."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.testing import Emulator
from tests.contract.sandbox.aws.conftest import PLAIN, Partner
from tests.contract.sandbox.aws.test_partner_central_opportunities import faults, told


def invite(ace: Partner) -> str:
    account = {"AwsAccountId": "111122223333"}
    return str(ace.act("invite", title="Globex analytics", company="Globex", account=account)["invitation"])


def accept(ace: Partner, invitation: str, token: str = "accept-1") -> dict[str, Any]:
    start = ace.api.start_engagement_by_accepting_invitation_task
    return dict(start(**PLAIN, ClientToken=token, Identifier=invitation))


def status(ace: Partner, invitation: str) -> str:
    return str(ace.api.get_engagement_invitation(**PLAIN, Identifier=invitation)["Status"])


def test_an_invitation_is_told_with_ids_only_and_read_with_its_project(aws: Emulator, ace: Partner) -> None:
    number = invite(ace)
    (event,) = aws.events()
    assert event["detail-type"] == "Engagement Invitation Created"
    detail = event["detail"]["engagementInvitation"]
    assert (detail["id"], detail["participantType"], detail["senderAccountId"]) == (number, "Receiver", "AWS")
    assert event["resources"] == [detail["arn"]]
    found = ace.api.get_engagement_invitation(**PLAIN, Identifier=number)
    payload = found["Payload"]["OpportunityInvitation"]
    assert (found["Status"], payload["Project"]["Title"]) == ("PENDING", "Globex analytics")
    assert payload["Customer"]["CompanyName"] == "Globex"
    assert "111122223333" not in str(found)


def test_ours_and_theirs_are_listed_apart(ace: Partner) -> None:
    number = invite(ace)
    ace.submitted()
    listed = ace.api.list_engagement_invitations
    received = listed(**PLAIN, ParticipantType="RECEIVER")["EngagementInvitationSummaries"]
    sent = listed(**PLAIN, ParticipantType="SENDER")["EngagementInvitationSummaries"]
    assert [one["Id"] for one in received] == [number]
    assert [(one["SenderAwsAccountId"], one["Status"]) for one in sent] == [(ace.aws.world.account, "PENDING")]
    assert listed(**PLAIN, ParticipantType="RECEIVER", Status=["ACCEPTED"])["EngagementInvitationSummaries"] == []


def test_an_accepted_invitation_becomes_an_opportunity_of_aws_origin(aws: Emulator, ace: Partner) -> None:
    number = invite(ace)
    aws.events()
    task = accept(ace, number)
    assert (task["TaskStatus"], task["EngagementInvitationId"]) == ("IN_PROGRESS", number)
    aws.advance(1)
    listed = ace.api.list_engagement_by_accepting_invitation_tasks(**PLAIN, EngagementInvitationIdentifier=[number])
    (done,) = listed["TaskSummaries"]
    assert done["TaskStatus"] == "COMPLETE"
    found = ace.get(done["OpportunityId"])
    assert found["Project"]["Title"] == "Globex analytics"
    assert found["Customer"]["Account"]["AwsAccountId"] == "111122223333"
    summary = ace.api.get_aws_opportunity_summary(**PLAIN, RelatedOpportunityIdentifier=done["OpportunityId"])
    assert summary["Origin"] == "AWS Referral"
    assert status(ace, number) == "ACCEPTED"
    assert told(aws) == [
        "Engagement Invitation Accepted", "Engagement Member Added", "Opportunity Created", "Opportunity Updated",
        "Engagement Resource Snapshot Created",
    ]  # fmt: skip


def test_accepting_twice_with_one_token_makes_one_opportunity(aws: Emulator, ace: Partner) -> None:
    number = invite(ace)
    first = accept(ace, number)
    aws.advance(1)
    assert accept(ace, number)["TaskId"] == first["TaskId"]
    assert len(ace.api.list_opportunities(**PLAIN)["OpportunitySummaries"]) == 1
    with pytest.raises(ClientError) as raised:
        accept(ace, number, "accept-2")
    assert faults(raised) == {"Identifier": "INVALID_RESOURCE_STATE"}


def test_two_acceptances_at_once_make_one_opportunity(aws: Emulator, ace: Partner) -> None:
    number = invite(ace)
    accept(ace, number)
    accept(ace, number, "accept-2")
    aws.advance(1)
    listed = ace.api.list_engagement_by_accepting_invitation_tasks(**PLAIN)["TaskSummaries"]
    found = sorted((one["TaskStatus"], one.get("ReasonCode")) for one in listed)
    assert found == [("COMPLETE", None), ("FAILED", "InvitationValidationFailed")]
    assert len(ace.api.list_opportunities(**PLAIN)["OpportunitySummaries"]) == 1


def test_a_rejected_invitation_keeps_its_reason_and_cannot_be_accepted(aws: Emulator, ace: Partner) -> None:
    number = invite(ace)
    ace.api.reject_engagement_invitation(**PLAIN, Identifier=number, RejectionReason="Customer problem unclear")
    assert status(ace, number) == "REJECTED"
    found = ace.api.get_engagement_invitation(**PLAIN, Identifier=number)
    assert found["RejectionReason"] == "Customer problem unclear"
    with pytest.raises(ClientError) as raised:
        accept(ace, number)
    assert faults(raised) == {"Identifier": "INVALID_RESOURCE_STATE"}
    assert told(aws) == ["Engagement Invitation Created", "Engagement Invitation Rejected"]


def test_an_invitation_that_nobody_answers_expires_after_fifteen_days(aws: Emulator, ace: Partner) -> None:
    number = invite(ace)
    aws.advance(15 * 86400 - 1)
    assert status(ace, number) == "PENDING"
    aws.advance(1)
    assert status(ace, number) == "EXPIRED"
    assert told(aws)[-1] == "Engagement Invitation Expired"


def test_an_invitation_is_found_by_its_arn_and_unknown_ones_are_not(ace: Partner) -> None:
    number = invite(ace)
    arn = ace.api.get_engagement_invitation(**PLAIN, Identifier=number)["Arn"]
    assert ace.api.get_engagement_invitation(**PLAIN, Identifier=arn)["Id"] == number
    with pytest.raises(ace.api.exceptions.ResourceNotFoundException):
        ace.api.get_engagement_invitation(**PLAIN, Identifier="engi-0000000000000")
