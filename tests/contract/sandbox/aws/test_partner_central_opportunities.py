"""Opportunities of Partner Central: made once per token, changed as a whole, refused where AWS refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.testing import START, Emulator, emulator, standing_still
from tests.contract.sandbox.aws.conftest import PLAIN, Partner, opportunity


def faults(raised: pytest.ExceptionInfo[ClientError]) -> dict[str, str]:
    """Member to code, of a ValidationException."""
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    return {one["FieldName"]: one["Code"] for one in raised.value.response["ErrorList"]}


def told(aws: Emulator) -> list[str]:
    return [one["detail-type"] for one in aws.events()]


def test_a_new_opportunity_waits_for_its_submission_and_is_told_by_its_id_only(aws: Emulator, ace: Partner) -> None:
    made = ace.api.create_opportunity(**opportunity())
    found = ace.get(made["Id"])
    assert found["LifeCycle"]["ReviewStatus"] == "Pending Submission"
    assert found["PartnerOpportunityIdentifier"] == made["PartnerOpportunityIdentifier"] == "006A"
    assert found["LastModifiedDate"] == made["LastModifiedDate"] == START
    assert found["RelatedEntityIdentifiers"] == {}
    (event,) = aws.events()
    assert event["detail"] == {"schemaVersion": "1", "catalog": "AWS", "opportunity": {"identifier": made["Id"]}}


def test_the_same_token_with_the_same_body_is_the_same_opportunity(aws: Emulator, ace: Partner) -> None:
    assert ace.create() == ace.create()
    assert told(aws) == ["Opportunity Created"]
    assert ace.create(ClientToken="token-2") != ace.create()


def test_the_same_token_with_another_body_is_a_conflict(ace: Partner) -> None:
    ace.create()
    with pytest.raises(ace.api.exceptions.ConflictException, match="Conflicting client token"):
        ace.create(**{"Project.Title": "Another title"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Project.Title": None}, {"Project.Title": "REQUIRED_FIELD_MISSING"}),
        ({"Customer.Account.WebsiteUrl": None}, {"Customer.Account.WebsiteUrl": "REQUIRED_FIELD_MISSING"}),
        ({"Project.CustomerUseCase": "Robots"}, {"Project.CustomerUseCase": "INVALID_ENUM_VALUE"}),
        (
            {"Customer.Account.Address.StateOrRegion": "District of Columbia"},
            {"Customer.Account.Address.StateOrRegion": "INVALID_ENUM_VALUE"},
        ),
        ({"LifeCycle.TargetCloseDate": "2026-11-21"}, {"LifeCycle.TargetCloseDate": "INVALID_VALUE"}),
        ({"LifeCycle.Stage": "Closed Lost"}, {"LifeCycle.ClosedLostReason": "REQUIRED_FIELD_MISSING"}),
        ({"LifeCycle.ReviewStatus": "Approved"}, {"LifeCycle.ReviewStatus": "ACTION_NOT_PERMITTED"}),
        ({"Origin": "AWS Referral"}, {"Origin": "ACTION_NOT_PERMITTED"}),
        ({"NationalSecurity": "Yes"}, {"NationalSecurity": "INVALID_VALUE"}),
        ({"Project.OtherCompetitorNames": "Globex"}, {"Project.OtherCompetitorNames": "INVALID_VALUE"}),
        ({"Catalog": "Moon"}, {"Catalog": "INVALID_ENUM_VALUE"}),
        (
            {"Project.CustomerBusinessProblem": "Too short"},
            {"Project.CustomerBusinessProblem": "INVALID_STRING_FORMAT"},
        ),
    ],
)
def test_a_body_that_aws_would_refuse_is_refused_with_the_member_and_the_code(
    aws: Emulator, ace: Partner, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as raised:
        ace.create(**changes)
    assert faults(raised) == expected
    assert told(aws) == []


def test_a_customer_abroad_needs_no_state(ace: Partner) -> None:
    address = {"CountryCode": "DE", "City": "Ulm"}
    assert ace.get(ace.create(**{"Customer.Account.Address": address}))["Customer"]["Account"]["Address"] == address


def test_without_a_contract_duration_every_spend_is_stored_as_aws_own(ace: Partner) -> None:
    spend = [{"Amount": "5", "CurrencyCode": "USD", "Frequency": "Monthly", "TargetCompany": "Acme"}]
    number = ace.create(**{"Project.ExpectedCustomerSpend": spend})
    assert ace.get(number)["Project"]["ExpectedCustomerSpend"] == [{**spend[0], "TargetCompany": "AWS"}]
    with pytest.raises(ClientError) as raised:
        ace.update(number, **{
            "Project.ExpectedCustomerSpend": spend, "Project.ExpectedContractDuration": {"Term": "Months", "Value": "12"},
        })  # fmt: skip
    assert faults(raised) == {"Project.ExpectedCustomerSpend[0].TargetCompany": "INVALID_VALUE"}


def test_completeness_can_wait_for_the_submission() -> None:
    with emulator(standing_still(complete_at="submission")) as aws:
        ace = Partner(aws)
        number = ace.api.create_opportunity(**PLAIN, ClientToken="token-1")["Id"]
        task = ace.start(number)["TaskId"]
        aws.advance(1)
        failed = ace.task(task)
        assert (failed["TaskStatus"], failed["ReasonCode"]) == ("FAILED", "OpportunityValidationFailed")
        assert "Project.Title: is required" in failed["Message"]


def test_a_new_opportunity_may_be_unreadable_for_a_moment() -> None:
    with emulator(standing_still(created_visible_after=3.0)) as aws:
        ace = Partner(aws)
        number = ace.create()
        with pytest.raises(ace.api.exceptions.ResourceNotFoundException):
            ace.get(number)
        assert ace.api.list_opportunities(**PLAIN)["OpportunitySummaries"] == []
        aws.advance(3)
        assert ace.get(number)["Id"] == number


def test_catalogs_know_nothing_of_each_other(ace: Partner) -> None:
    number = ace.create(Catalog="Sandbox")
    with pytest.raises(ace.api.exceptions.ResourceNotFoundException):
        ace.get(number)
    assert ace.get(number, "Sandbox")["Catalog"] == "Sandbox"


def test_an_update_moves_the_stamp_and_echoes_as_an_event(aws: Emulator, ace: Partner) -> None:
    number = ace.create()
    before = ace.get(number)["LastModifiedDate"]
    changed = ace.update(number, **{"LifeCycle.NextSteps": "Call again"})
    assert changed["LastModifiedDate"] == before + timedelta(milliseconds=1)
    assert ace.get(number)["LifeCycle"]["NextSteps"] == "Call again"
    assert told(aws) == ["Opportunity Created", "Opportunity Updated"]


def test_an_update_on_an_old_stamp_is_a_conflict_and_changes_nothing(ace: Partner) -> None:
    number = ace.create()
    stale = ace.whole(number)
    ace.update(number, **{"LifeCycle.NextSteps": "Call again"})
    stale["LifeCycle"]["NextSteps"] = "Write again"
    with pytest.raises(ace.api.exceptions.ConflictException):
        ace.api.update_opportunity(**stale)
    assert ace.get(number)["LifeCycle"]["NextSteps"] == "Call again"


def test_what_an_update_leaves_out_is_gone(ace: Partner) -> None:
    number = ace.create(NationalSecurity="No")
    body = ace.whole(number)
    del body["NationalSecurity"], body["PartnerOpportunityIdentifier"]
    body["LifeCycle"] = {"TargetCloseDate": "2027-03-31"}
    ace.api.update_opportunity(**body)
    found = ace.get(number)
    assert "NationalSecurity" not in found
    assert "PartnerOpportunityIdentifier" not in found
    kept = {"Stage": "Qualified", "TargetCloseDate": "2027-03-31", "ReviewStatus": "Pending Submission"}
    assert found["LifeCycle"] == kept


def test_a_required_member_cannot_be_left_out(ace: Partner) -> None:
    number = ace.create()
    body = ace.whole(number)
    del body["Project"]
    with pytest.raises(ClientError) as raised:
        ace.api.update_opportunity(**body)
    assert faults(raised)["Project.Title"] == "REQUIRED_FIELD_MISSING"


def test_a_partner_cannot_set_the_review_of_the_catalog_aws(ace: Partner) -> None:
    number = ace.create()
    with pytest.raises(ClientError) as raised:
        ace.update(number, **{"LifeCycle.ReviewStatus": "Approved"})
    assert faults(raised) == {"LifeCycle.ReviewStatus": "ACTION_NOT_PERMITTED"}


def test_related_entities_are_no_member_of_an_update(ace: Partner) -> None:
    number = ace.create()
    body = ace.whole(number)
    body["RelatedEntityIdentifiers"] = {"Solutions": ["S-0000001"]}
    with pytest.raises(Exception, match="RelatedEntityIdentifiers"):
        ace.api.update_opportunity(**body)


def test_somebody_else_edits_in_partner_centrals_own_pages(aws: Emulator, ace: Partner) -> None:
    number = ace.create()
    mine = ace.whole(number)
    ace.act("edit", opportunity=number, changes={"LifeCycle.NextSteps": "Theirs", "Project.AdditionalComments": "Hi"})
    with pytest.raises(ace.api.exceptions.ConflictException):
        ace.api.update_opportunity(**mine)
    ace.act("edit", opportunity=number, changes={"Project.AdditionalComments": None})
    found = ace.get(number)
    assert found["LifeCycle"]["NextSteps"] == "Theirs"
    assert "AdditionalComments" not in found["Project"]


def listed(ace: Partner, **asked: Any) -> list[str]:
    pages = ace.api.get_paginator("list_opportunities").paginate(**PLAIN, **asked)
    return [one["Id"] for page in pages for one in page["OpportunitySummaries"]]


def test_lists_are_filtered_sorted_and_paged(aws: Emulator, ace: Partner) -> None:
    numbers = []
    for index in range(5):
        aws.advance(10)
        name = {"Customer.Account.CompanyName": f"Company {index % 2}", "ClientToken": f"t{index}"}
        numbers.append(ace.create(**name, **{"LifeCycle.TargetCloseDate": f"2027-0{index + 1}-01"}))
    assert listed(ace, PaginationConfig={"PageSize": 2}) == numbers[::-1]
    assert listed(ace, Sort={"SortBy": "CreatedDate", "SortOrder": "ASCENDING"}) == numbers
    assert listed(ace, Identifier=[numbers[3]]) == [numbers[3]]
    assert listed(ace, CustomerCompanyName=["Company 1"]) == [numbers[3], numbers[1]]
    assert listed(ace, LifeCycleStage=["Committed"]) == []
    assert len(listed(ace, LifeCycleReviewStatus=["Pending Submission"])) == 5
    assert listed(ace, TargetCloseDate={"AfterTargetCloseDate": "2027-04-01"}) == [numbers[4]]
    assert listed(ace, TargetCloseDate={"BeforeTargetCloseDate": "2027-02-01"}) == [numbers[0]]
    assert listed(ace, CreatedDate={"BeforeCreatedDate": START + timedelta(seconds=20)}) == [numbers[0]]


def test_what_has_changed_since_a_moment_is_found_and_that_moment_itself_is_not(aws: Emulator, ace: Partner) -> None:
    first = ace.create()
    aws.advance(10)
    second = ace.create(ClientToken="token-2")
    assert listed(ace, LastModifiedDate={"AfterLastModifiedDate": START}) == [second]
    aws.advance(10)
    ace.update(first, **{"LifeCycle.NextSteps": "Now"})
    assert listed(ace, LastModifiedDate={"AfterLastModifiedDate": START + timedelta(seconds=10)}) == [first]


def test_a_page_token_of_something_else_is_refused(ace: Partner) -> None:
    with pytest.raises(ClientError) as raised:
        ace.api.list_opportunities(**PLAIN, NextToken="tomorrow")
    assert faults(raised) == {"NextToken": "INVALID_VALUE"}


def test_an_opportunity_is_assigned(aws: Emulator, ace: Partner) -> None:
    number = ace.create()
    who = {"Email": "pat@tandem.example", "FirstName": "Pat", "LastName": "Doe", "BusinessTitle": "Partner manager"}
    ace.api.assign_opportunity(**PLAIN, Identifier=number, Assignee=who)
    assert told(aws) == ["Opportunity Created", "Opportunity Updated"]
