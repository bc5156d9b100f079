"""A client is who the settings say, speaks once, and is made when it is needed."""

import pytest
from pydantic import ValidationError

from connectors.aws.calls import Calls
from connectors.aws.session import endpoint
from connectors.aws.settings import Access, Role
from tests.unit.connectors.aws.wire import Failed, unhurried, wire

ROLE = "arn:aws:iam::123456789012:role/tandem"
ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIAOFTHEROLE0000000</AccessKeyId><SecretAccessKey>key</SecretAccessKey><SessionToken>token-of-role</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


def listed(_):
    return {"EntitySummaryList": []}


def test_static_keys_sign_a_call_and_it_says_who_calls():
    with wire(ListEntities=listed) as aws:
        aws.calls()("marketplace-catalog", "ListEntities", Catalog="AWSMarketplace", EntityType="Offer")
    assert "Credential=AKIAIOSFODNN7EXAMPLE/" in aws.headers[0]["Authorization"]
    assert "us-east-1/aws-marketplace/aws4_request" in aws.headers[0]["Authorization"]
    assert "tandem" in aws.headers[0]["User-Agent"]


def test_a_call_that_fails_is_made_once():
    def refuse(_):
        raise Failed("ThrottlingException", status=429)

    with wire(ListEntities=refuse) as aws:
        with pytest.raises(Exception, match="ThrottlingException"):
            aws.calls()("marketplace-catalog", "ListEntities", Catalog="AWSMarketplace", EntityType="Offer")
        assert len(aws.asked) == 1


def test_a_role_is_assumed_once_for_all_clients_with_its_external_id(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFTHEMACHINE0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    found = {"ResponseMetadata": {}, "agreementViewSummaries": []}
    with wire(ListEntities=listed, SearchAgreements=lambda _: found, AssumeRole=lambda _: ASSUMED) as aws:
        role = Role(method="role", role_arn=ROLE, external_id="shared-secret")
        calls = Calls(Access(base_url=aws.base_url, auth=role), unhurried())
        for _ in range(2):
            calls("marketplace-catalog", "ListEntities", Catalog="AWSMarketplace", EntityType="Offer")
        calls("marketplace-agreement", "SearchAgreements", catalog="AWSMarketplace")
    assert [name for name, _ in aws.asked] == ["AssumeRole", "ListEntities", "ListEntities", "SearchAgreements"]
    asked = aws.of("AssumeRole")[0]
    assert (asked["RoleArn"], asked["ExternalId"], asked["RoleSessionName"]) == (ROLE, "shared-secret", "tandem")
    assert "Credential=ASIAOFTHEROLE0000000/" in aws.headers[-1]["Authorization"]


def test_queues_and_sign_in_may_have_an_address_of_their_own():
    both = Access(base_url="http://127.0.0.1:1", queue_base_url="http://127.0.0.1:2")
    assert [endpoint(name, both) for name in ("marketplace-catalog", "sqs", "sts")] == [
        "http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:2",
    ]  # fmt: skip
    assert endpoint("sqs", Access(base_url="http://127.0.0.1:1")) == "http://127.0.0.1:1"
    assert endpoint("sqs", Access()) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "http://example.com"},
        {"auth": {"method": "keys", "access_key_id": "a"}},
        {"auth": {"method": "role", "role_arn": "tandem"}},
        {"region": "Virginia"},
        {"rate_share": 0},
        {"queue": "x"},
    ],
)
def test_a_setting_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError):
        Access.model_validate(wrong)


def test_no_secret_is_shown_by_the_settings():
    keys = {
        "method": "keys",
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "secret_access_key": "hush",
        "session_token": "hush",
    }
    shown = repr(Access.model_validate({"auth": keys}))
    assert "hush" not in shown
    assert "AKIA" not in shown
