"""What a caller has to live with: quotas, faults before and after the work, and answers that are lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from sandbox.aws.core import Clock, ServiceError
from sandbox.aws.testing import START, Emulator, emulator, standing_still
from sandbox.aws.wire.faults import AwsFault
from sandbox.aws.wire.limits import Limits
from tests.contract.sandbox.aws.conftest import ACE, Door, Partner, opportunity

THREE_TRIES = Config(retries={"total_max_attempts": 3, "mode": "standard"})


def refusal(call: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(ClientError) as raised:
        call()
    response = raised.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_partner_central_takes_one_write_and_ten_reads_a_second() -> None:
    with emulator(standing_still(limits=True)) as aws:
        ace = Partner(aws)
        number = ace.create()
        assert refusal(lambda: ace.create(ClientToken="token-2")) == ("ThrottlingException", 400)
        for _ in range(10):
            ace.get(number)
        assert refusal(lambda: ace.get(number)) == ("ThrottlingException", 400)
        aws.advance(1)
        assert ace.create(ClientToken="token-2") != number


def test_the_catalog_says_429_and_each_operation_has_its_own_quota() -> None:
    with emulator(standing_still(limits=True)) as aws:
        catalog = aws.client("marketplace-catalog")
        for _ in range(10):
            catalog.list_entities(Catalog="AWSMarketplace", EntityType="Offer")
        over = refusal(lambda: catalog.list_entities(Catalog="AWSMarketplace", EntityType="Offer"))
        assert over == ("ThrottlingException", 429)
        assert "ChangeSetSummaryList" in catalog.list_change_sets(Catalog="AWSMarketplace")


def test_ten_thousand_writes_are_a_day_and_the_day_slides() -> None:
    clock = Clock(lambda: START)
    limits = Limits(clock, enabled=True)
    for _ in range(10_000):
        clock.advance(2)
        limits.spend(ACE, "UpdateOpportunity")
    clock.advance(2)
    with pytest.raises(ServiceError, match="10000 in 24 hours"):
        limits.spend(ACE, "CreateOpportunity")
    limits.spend(ACE, "GetOpportunity")
    clock.advance(86400 - 20_000)
    limits.spend(ACE, "CreateOpportunity")


def test_an_answer_that_is_lost_has_done_its_work(aws: Emulator, ace: Partner) -> None:
    aws.platform.faults.arm([AwsFault(kind="reset_after", path="CreateOpportunity", nth=(1,))])
    with pytest.raises(ConnectionClosedError):
        ace.create()
    (found,) = ace.api.list_opportunities(Catalog="AWS")["OpportunitySummaries"]
    assert ace.create() == found["Id"]


def test_boto3_asks_again_with_the_same_token_and_nothing_is_made_twice(aws: Emulator, door: Door) -> None:
    aws.platform.faults.arm([AwsFault(kind="reset_after", path="CreateOpportunity", nth=(1,))])
    aws.client(ACE, config=THREE_TRIES).create_opportunity(**opportunity())
    assert door("GET", "calls").json()["by_operation"][f"{ACE}/CreateOpportunity"] == 2
    assert len(door("GET", "dump?kind=opportunity").json()) == 1


def test_a_connection_that_breaks_before_the_work_has_done_nothing(aws: Emulator, ace: Partner, door: Door) -> None:
    aws.platform.faults.arm([AwsFault(kind="reset_before", nth=(1,))])
    with pytest.raises(ConnectionClosedError):
        ace.create()
    assert door("GET", "dump?kind=opportunity").json() == []


@pytest.mark.parametrize(
    ("kind", "code", "status", "made"),
    [
        ("throttled", "ThrottlingException", 400, 0),
        ("server_error", "InternalServerException", 500, 0),
        ("unavailable", "ServiceUnavailableException", 503, 0),
        ("timeout_after", "RequestTimeoutException", 504, 1),
    ],
)
def test_a_fault_of_a_plan_meets_the_calls_that_it_names(
    aws: Emulator, ace: Partner, door: Door, kind: str, code: str, status: int, made: int
) -> None:
    plan = [{"kind": kind, "path": f"{ACE}/Create", "nth": [1]}]
    assert door("PUT", "faults", plan).status_code == 200
    assert ace.api.list_opportunities(Catalog="AWS")["OpportunitySummaries"] == []
    assert refusal(ace.create) == (code, status)
    assert len(door("GET", "dump?kind=opportunity").json()) == made
    assert door("GET", "faults").json()[0]["fired"] == 1


def test_a_refusal_can_be_any_error_of_the_service(aws: Emulator, ace: Partner) -> None:
    aws.platform.faults.arm(
        [AwsFault(kind="refuse", code="ServiceQuotaExceededException", message="No more.", nth=(1,))]
    )
    with pytest.raises(ace.api.exceptions.ServiceQuotaExceededException, match=r"No more\."):
        ace.create()


def test_moto_behind_it_fails_as_well(aws: Emulator) -> None:
    aws.platform.faults.arm([AwsFault(kind="reset_before", path="sqs/ReceiveMessage", nth=(1,))])
    sqs = aws.client("sqs")
    with pytest.raises(ConnectionClosedError):
        sqs.receive_message(QueueUrl=aws.places.marketplace_url)
    assert "Messages" not in sqs.receive_message(QueueUrl=aws.places.marketplace_url)


def test_a_fault_that_does_not_exist_is_refused_with_its_place(door: Door) -> None:
    answer = door("PUT", "faults", [{"kind": "earthquake"}])
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("fault 1, kind:")
