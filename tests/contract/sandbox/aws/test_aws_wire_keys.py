"""Who may do what: known keys, signatures, permissions by IAM action, for our services and for moto's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from sandbox.aws.settings import FULL, NARROW, Key
from sandbox.aws.testing import Emulator
from tests.contract.sandbox.aws.conftest import Door

NOBODY = Key("nobody", "nobody's secret", "nobody")
CALLS: dict[str, Any] = {
    "sts": lambda api: api.get_caller_identity(),
    "sqs": lambda api: api.list_queues(),
    "events": lambda api: api.list_rules(),
    "partnercentral-selling": lambda api: api.list_solutions(Catalog="AWS"),
    "marketplace-catalog": lambda api: api.list_entities(Catalog="AWSMarketplace", EntityType="Offer"),
    "marketplace-agreement": lambda api: api.search_agreements(
        catalog="AWSMarketplace",
        filters=[
            {"name": "PartyType", "values": ["Proposer"]}, {"name": "AgreementType", "values": ["PurchaseAgreement"]},
        ],
    ),
}  # fmt: skip


def code_of(aws: Emulator, service: str, key: Key) -> str:
    """The error of a call with a key; "" where it is answered."""
    try:
        CALLS[service](aws.client(service, key))
    except ClientError as refused:
        status = refused.response["ResponseMetadata"]["HTTPStatusCode"]
        return str(refused.response["Error"]["Code"]) if status == 403 else f"status {status}"
    return ""


def test_the_known_key_is_answered_by_every_service_at_one_address(aws: Emulator) -> None:
    assert [code_of(aws, service, FULL) for service in CALLS] == [""] * len(CALLS)


def test_an_unknown_key_is_recognised_by_nobody(aws: Emulator) -> None:
    found = {service: code_of(aws, service, NOBODY) for service in CALLS}
    assert {found["sts"], found["sqs"]} == {"InvalidClientTokenId"}
    assert {one for name, one in found.items() if name not in ("sts", "sqs")} == {"UnrecognizedClientException"}


def test_a_wrong_secret_makes_a_wrong_signature(aws: Emulator) -> None:
    wrong = replace(FULL, secret="another secret")
    assert code_of(aws, "partnercentral-selling", wrong) == "InvalidSignatureException"
    assert code_of(aws, "marketplace-catalog", wrong) == "InvalidSignatureException"
    assert code_of(aws, "sts", wrong) == "SignatureDoesNotMatch"


def test_who_calls_is_told_with_the_sellers_account(aws: Emulator) -> None:
    assert aws.client("sts").get_caller_identity()["Account"] == aws.world.account


def test_a_key_without_permissions_may_only_ask_who_it_is(aws: Emulator) -> None:
    found = {service: code_of(aws, service, NARROW) for service in CALLS}
    assert found.pop("sts") == ""
    assert set(found.values()) == {"AccessDeniedException"}


def test_permissions_are_set_by_iam_action_at_the_door(aws: Emulator, door: Door) -> None:
    asked = {"key": NARROW.access, "allowed": ["partnercentral:List*", "sqs:*"], "denied": ["sqs:Delete*"]}
    assert door("PUT", "permissions", asked).status_code == 200
    assert code_of(aws, "partnercentral-selling", NARROW) == ""
    assert code_of(aws, "marketplace-catalog", NARROW) == "AccessDeniedException"
    with pytest.raises(ClientError, match="not authorized to perform: sqs:DeleteMessage with an explicit deny"):
        aws.client("sqs", NARROW).delete_message(QueueUrl=aws.places.marketplace_url, ReceiptHandle="x")
    assert door("PUT", "permissions", {"key": "nobody"}).status_code == 400


def test_a_request_that_nobody_signed_is_refused(aws: Emulator) -> None:
    answer = requests.get(f"{aws.base_url}/DescribeEntity?catalog=AWSMarketplace&entityId=offer-1", timeout=10)
    assert (answer.status_code, answer.json()["__type"]) == (403, "MissingAuthenticationTokenException")
