"""Which webhooks are believed."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from connectors.hubspot.signature import decoded, refusal, sign

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
URI = "https://tandem.acme.com/hubspot"


def millis(moment):
    return str(int(moment.timestamp() * 1000))


def judged(body=b"[]", uri=URI, signed_uri=None, at=NOW, secret="hush", signature=None, timestamp=None):
    timestamp = millis(at) if timestamp is None else timestamp
    signature = sign("hush", "POST", signed_uri or uri, body, timestamp) if signature is None else signature
    return refusal(secret, "POST", uri, body, signature, timestamp, NOW)


def test_a_signature_is_the_hmac_over_method_address_raw_body_and_timestamp():
    expected = hmac.new(b"hush", b"POST" + URI.encode() + b'[{"a": 1}]' + b"123", hashlib.sha256).digest()
    assert sign("hush", "POST", URI, b'[{"a": 1}]', "123") == base64.b64encode(expected).decode()


def test_a_signed_request_of_now_is_believed():
    assert judged() is None


def test_the_body_counts_byte_by_byte():
    assert judged(b'{"name":"Zo\xc3\xab"}') is None
    good = sign("hush", "POST", URI, b'{"a":1}', millis(NOW))
    assert "another one" in judged(b'{"a": 1}', signature=good)


def test_a_body_that_is_no_text_is_judged_too():
    assert judged(b"\xff\xfe") is None


@pytest.mark.parametrize(("seconds", "believed"), [(-301, False), (-299, True), (299, True), (301, False)])
def test_a_timestamp_may_be_five_minutes_off_either_way(seconds, believed):
    assert (judged(at=NOW + timedelta(seconds=seconds)) is None) is believed


def test_a_timestamp_of_the_future_is_told_from_an_old_one():
    assert "ahead" in judged(at=NOW + timedelta(hours=1))
    assert "old" in judged(at=NOW - timedelta(hours=1))


@pytest.mark.parametrize("timestamp", ["soon", "", "-5", "1e3", "9" * 40, "１２３"])
def test_a_timestamp_that_is_no_number_of_milliseconds_is_turned_away(timestamp):
    assert judged(signature="x", timestamp=timestamp) is not None


@pytest.mark.parametrize("missing", ["signature", "timestamp"])
def test_a_request_without_its_headers_is_turned_away(missing):
    given = {"signature": "x", "timestamp": millis(NOW), missing: ""}
    assert "no v3 signature" in judged(**given)
    assert refusal("hush", "POST", URI, b"", None, None, NOW) is not None


def test_another_secret_is_turned_away():
    assert "another one" in judged(secret="other")


def test_a_signature_beyond_ascii_is_turned_away_and_no_error():
    assert "another one" in judged(signature="ü")


def test_the_twelve_escapes_are_decoded_in_either_case_and_no_other():
    assert decoded("https://a/b%3Ac%2fd%3F%40%21%24%27%28%29%2A%2C%3B%20%25%3D") == "https://a/b:c/d?@!$'()*,;%20%25%3D"


def test_an_escaped_address_is_signed_as_it_reads():
    assert judged(uri="https://a.example/x?u=https%3A%2F%2Fb", signed_uri="https://a.example/x?u=https://b") is None
