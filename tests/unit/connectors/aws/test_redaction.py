"""No signature, token or key gets out, wherever it stands."""

import json
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.aws.errors import Failure, Refused
from connectors.aws.redaction import HIDDEN, cleaned, is_signed, redact
from tests.unit.connectors.aws.wire import Failed, wire

SECRET = st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789+/%-_.", min_size=8, max_size=40)
SIGNED = (
    "https://bucket.s3.amazonaws.com/offer-1/eula?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261122T100000Z"
    "&X-Amz-Credential=ASIAIOSFODNN7EXAMPLE%2F20261122&X-Amz-Security-Token={0}&X-Amz-Signature={0}&X-Amz-Expires=300"
)
SHAPES = [
    SIGNED,
    SIGNED.replace("X-Amz", "x-amz"),
    SIGNED.replace("=", "%3D").replace("&", "%26"),
    "https://d1.cloudfront.net/a?Expires=1&Signature={0}&Key-Pair-Id={0}&Policy={0}",
    "https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature={0}",
    "the header X-Amz-Security-Token: {0} is wrong",
    "SecretAccessKey={0}",
    'body {{"registrationToken": "{0}", "status": "PROVISIONED"}}',
]


@settings(max_examples=50)
@given(st.sampled_from(SHAPES), SECRET)
def test_a_secret_is_hidden_in_every_shape_that_it_comes_in(shape, secret):
    text = shape.format(f"QQ{secret}")
    for told in (
        text,
        json.dumps({"a": text}),
        json.dumps({"b": json.dumps({"a": text})}),
        text.replace("&", "\\u0026"),
    ):
        assert f"QQ{secret}" not in redact(told)
        assert HIDDEN in redact(told)
        assert redact(redact(told)) == redact(told)


@pytest.mark.parametrize(
    "text",
    [
        "https://aws.amazon.com/marketplace/management/offers/offer-abc?region=us-east-1",
        "arn:aws:aws-marketplace:us-east-1:691709974417:AWSMarketplace/Offer/offer-abc",
        "The signature of the contract is due on 2026-12-01; policy: none",
        "",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text):
    assert redact(text) == text
    assert not is_signed(text)


def test_a_row_is_clean_at_any_depth():
    row = {"Name": "Acme", "Documents": [{"Url": SIGNED.format("QQsecret")}], "Price": 5}
    assert "QQsecret" not in repr(cleaned(row))
    assert (cleaned(row)["Name"], cleaned(row)["Price"]) == ("Acme", 5)


def test_words_of_aws_are_shown_without_the_secrets_in_them():
    failure = Failure("marketplace-catalog", "DescribeEntity", "ValidationException", SIGNED.format("QQsecret"))
    assert "QQsecret" not in failure.reason


def test_an_exception_shows_no_secret_of_the_request_or_the_answer_and_neither_does_a_log(caplog):
    def refuse(_):
        raise Failed("ValidationException", f"see {SIGNED.format('QQsecret')}", 422)

    url = SIGNED.format("QQsecret")
    change = {"ChangeType": "X", "Entity": {"Type": "Offer@1.0"}, "DetailsDocument": {"Url": url}}
    for wrong in ({}, {"ClientRequestToken": 5, "ChangeSetName": url}):
        with caplog.at_level(logging.INFO), wire(StartChangeSet=refuse) as aws, pytest.raises(Refused) as refused:
            aws.calls()("marketplace-catalog", "StartChangeSet", Catalog="AWSMarketplace", ChangeSet=[change], **wrong)
        assert "QQsecret" not in str(refused.value)
        assert refused.value.__cause__ is None
        assert refused.value.__context__ is None
    assert "QQsecret" not in caplog.text
