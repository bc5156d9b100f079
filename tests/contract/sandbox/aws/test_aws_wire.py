"""boto3's requests reach the service they mean, in its own types, and its answers and errors come back as boto3's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from sandbox.aws.core import ServiceError
from sandbox.aws.settings import FULL
from sandbox.aws.testing import START, Emulator, emulator
from tests.contract.sandbox.aws.conftest import opportunity

UNCHECKED = Config(parameter_validation=False, retries={"total_max_attempts": 1, "mode": "standard"})


class Probe:
    """A service that notes what it is asked and answers what it is told."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answer: dict[str, Any] | ServiceError = {}

    def handle(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((operation, request))
        if isinstance(self.answer, ServiceError):
            raise self.answer
        return self.answer

    def tick(self) -> None:
        return None


def probe(aws: Emulator, name: str) -> Probe:
    made = Probe(name)
    aws.world.services[name] = made
    return made


def test_a_catalog_request_with_its_members_in_the_query_arrives(aws: Emulator) -> None:
    catalog = probe(aws, "marketplace-catalog")
    catalog.answer = {"EntityIdentifier": "offer-1@3", "DetailsDocument": {"State": "Released", "Terms": [{"N": 1}]}}
    found = aws.client("marketplace-catalog").describe_entity(Catalog="AWSMarketplace", EntityId="offer-1")
    assert catalog.asked == [("DescribeEntity", {"Catalog": "AWSMarketplace", "EntityId": "offer-1"})]
    assert found["DetailsDocument"] == {"State": "Released", "Terms": [{"N": 1}]}


def test_both_marketplace_services_share_a_signing_name_and_are_told_apart(aws: Emulator) -> None:
    catalog, agreement = probe(aws, "marketplace-catalog"), probe(aws, "marketplace-agreement")
    aws.client("marketplace-catalog").list_entities(Catalog="AWSMarketplace", EntityType="Offer")
    aws.client("marketplace-agreement").describe_agreement(agreementId="agmt-1")
    assert [one[0] for one in catalog.asked] == ["ListEntities"]
    assert [one[0] for one in agreement.asked] == ["DescribeAgreement"]


def test_times_reach_a_service_as_times_and_boto3_as_times(aws: Emulator) -> None:
    central = probe(aws, "partnercentral-selling")
    when = datetime(2026, 11, 20, 8, 30, 0, 123000, tzinfo=UTC)
    central.answer = {"Id": "O1", "LastModifiedDate": when}
    changed = aws.client("partnercentral-selling").update_opportunity(
        Catalog="AWS", Identifier="O1", LastModifiedDate=when
    )
    assert central.asked[0][1]["LastModifiedDate"] == when
    assert changed["LastModifiedDate"] == when
    agreement = probe(aws, "marketplace-agreement")
    agreement.answer = {"agreementId": "agmt-1", "acceptanceTime": START}
    assert aws.client("marketplace-agreement").describe_agreement(agreementId="agmt-1")["acceptanceTime"] == START


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("marketplace-catalog", "ResourceInUseException", 423),
        ("marketplace-catalog", "ServiceQuotaExceededException", 402),
        ("marketplace-catalog", "ThrottlingException", 429),
        ("marketplace-catalog", "ValidationException", 422),
        ("marketplace-catalog", "InternalServiceException", 500),
        ("marketplace-agreement", "ResourceNotFoundException", 404),
        ("marketplace-agreement", "ConflictException", 409),
        ("partnercentral-selling", "ConflictException", 400),
        ("partnercentral-selling", "ThrottlingException", 400),
        ("partnercentral-selling", "InternalServerException", 500),
    ],
)
def test_an_error_is_raised_as_the_clients_own_exception(aws: Emulator, service: str, code: str, status: int) -> None:
    probe(aws, service).answer = ServiceError(code, "as it is said")
    calls = {
        "marketplace-catalog": lambda api: api.describe_change_set(Catalog="AWSMarketplace", ChangeSetId="cs-1"),
        "marketplace-agreement": lambda api: api.describe_agreement(agreementId="agmt-1"),
        "partnercentral-selling": lambda api: api.get_opportunity(Catalog="AWS", Identifier="O1"),
    }
    api = aws.client(service)
    with pytest.raises(getattr(api.exceptions, code)) as raised:
        calls[service](api)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert raised.value.response["Error"]["Message"] == "as it is said"


def test_further_members_of_an_error_come_along(aws: Emulator) -> None:
    listed = [{"FieldName": "Project.Title", "Message": "is required", "Code": "REQUIRED_FIELD_MISSING"}]
    probe(aws, "partnercentral-selling").answer = ServiceError(
        "ValidationException", "no", Reason="BUSINESS_VALIDATION_FAILED", ErrorList=listed
    )
    with pytest.raises(ClientError) as raised:
        aws.client("partnercentral-selling").get_opportunity(Catalog="AWS", Identifier="O1")
    assert raised.value.response["Reason"] == "BUSINESS_VALIDATION_FAILED"
    assert raised.value.response["ErrorList"] == listed


def refused(aws: Emulator, service: str, call: str, **members: Any) -> dict[str, Any]:
    """The error of a request that boto3 did not check before it sent it."""
    api = aws.client(service, config=UNCHECKED)
    with pytest.raises(ClientError) as raised:
        getattr(api, call)(**members)
    return dict(raised.value.response)


def test_a_request_without_a_required_member_is_refused_and_names_it(aws: Emulator) -> None:
    error = refused(aws, "partnercentral-selling", "get_opportunity", Catalog="AWS")
    assert (error["Error"]["Code"], error["Reason"]) == ("ValidationException", "REQUEST_VALIDATION_FAILED")
    listed = [{"FieldName": "Identifier", "Code": "REQUIRED_FIELD_MISSING", "Message": "is required"}]
    assert error["ErrorList"] == listed
    error = refused(aws, "marketplace-catalog", "describe_entity", Catalog="AWSMarketplace")
    assert error["ValidationExceptionFieldList"][0]["Field"] == "EntityId"


def test_a_member_of_another_type_is_not_understood(aws: Emulator) -> None:
    error = refused(aws, "partnercentral-selling", "list_opportunities", Catalog="AWS", MaxResults="ten")
    assert error["Error"]["Code"] == "SerializationException"
    assert "MaxResults is str, not a whole number" in error["Error"]["Message"]


def test_a_value_outside_its_list_or_its_pattern_is_refused_with_the_member_it_is_in(aws: Emulator) -> None:
    body = opportunity(**{
        "Project.DeliveryModels": ["Magic"], "OpportunityType": "New", "PartnerOpportunityIdentifier": "x" * 65,
    })  # fmt: skip
    error = refused(aws, "partnercentral-selling", "create_opportunity", **body)
    found = {one["FieldName"]: one["Code"] for one in error["ErrorList"]}
    assert found == {
        "OpportunityType": "INVALID_ENUM_VALUE",
        "Project.DeliveryModels[0]": "INVALID_ENUM_VALUE",
        "PartnerOpportunityIdentifier": "INVALID_STRING_FORMAT",
    }


def test_the_catalogs_wrong_patterns_refuse_nothing(aws: Emulator) -> None:
    catalog = probe(aws, "marketplace-catalog")
    catalog.answer = {"ChangeSetId": "cs-1"}
    change = {
        "ChangeType": "UpdateTargeting", "ChangeName": "TargetingOfMine",
        "Entity": {"Type": "Offer@1.0", "Identifier": "$MyCreateOfferChange.Entity.Identifier"},
        "DetailsDocument": {"PositiveTargeting": {"BuyerAccounts": ["111122223333"]}},
    }  # fmt: skip
    aws.client("marketplace-catalog").start_change_set(Catalog="AWSMarketplace", ChangeSet=[change])
    assert catalog.asked[0][1]["ChangeSet"] == [change]


def test_an_answer_that_its_shape_does_not_have_is_the_emulators_mistake_and_names_the_member(aws: Emulator) -> None:
    probe(aws, "partnercentral-selling").answer = {"Id": "O1", "Colour": "red"}
    error = refused(aws, "partnercentral-selling", "update_opportunity", Catalog="AWS", Identifier="O1",
                    LastModifiedDate=START)  # fmt: skip
    assert error["Error"]["Code"] == "InternalFailure"
    assert "'Colour'" in error["Error"]["Message"]
    assert "'LastModifiedDate'" in error["Error"]["Message"]


def sent(aws: Emulator, target: str, body: bytes) -> requests.Response:
    """A signed request whose body nobody checked."""
    asked = AWSRequest("POST", aws.base_url, headers={"X-Amz-Target": target}, data=body)
    SigV4Auth(Credentials(FULL.access, FULL.secret), "partnercentral-selling", "us-east-1").add_auth(asked)
    return requests.post(aws.base_url, data=body, headers=dict(asked.headers), timeout=10)


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b'{"Catalog": "AWS", "Identifier": "O1", "Colour": "red"}', "ValidationException", "Colour is not a member"),
        (b'{"Catalog": "AWS", "Identifier": 1}', "SerializationException", "Identifier is int, not a text"),
        (b'{"Catalog": ', "SerializationException", "The body is not JSON"),
        (b"[]", "SerializationException", "The body is not a JSON object"),
    ],
)
def test_what_boto3_would_never_send_is_refused_too(aws: Emulator, body: bytes, code: str, words: str) -> None:
    answer = sent(aws, "AWSPartnerCentralSelling.GetOpportunity", body)
    told = answer.json()
    assert (answer.status_code, told["__type"], answer.headers["x-amzn-ErrorType"]) == (400, code, code)
    assert words in told.get("Message", told.get("message", ""))


def test_a_target_that_does_not_exist_is_no_operation(aws: Emulator) -> None:
    answer = sent(aws, "AWSPartnerCentralSelling.Dance", b"{}")
    assert (answer.status_code, answer.json()["__type"]) == (404, "UnknownOperationException")


def test_a_process_has_one_emulated_aws_at_a_time(aws: Emulator) -> None:
    with pytest.raises(RuntimeError, match="already runs an emulated AWS"), emulator():
        pass


def test_an_operation_that_nobody_emulates_says_so(aws: Emulator) -> None:
    error = refused(aws, "partnercentral-selling", "get_selling_system_settings", Catalog="AWS")
    assert error["Error"]["Code"] == "UnknownOperationException"
