"""What the client makes of what an org answers; each of simple-salesforce's measured faults has its sentence."""

import logging
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.errors import BadCredentials, BadInput, PauseConnection, RetryLater
from connectors.salesforce import Settings
from connectors.salesforce.client import Client, Mismatch
from connectors.salesforce.settings import JwtBearer

LIMITS = "/services/data/v59.0/limits/"
QUERY = "/services/data/v59.0/query/"
TOKEN = "/services/oauth2/token"


def usage(used, total=1000):
    return {"Sforce-Limit-Info": f"api-usage={used}/{total}; per-app-api-usage=17/250(appName=tandem)"}


def test_it_signs_in_with_client_credentials_at_the_given_address_and_stays_there(org, client, answer):
    org.on("GET", LIMITS, answer({}))
    client.limits()
    sign_in = org.calls("token")[0]
    assert sign_in.body == {"grant_type": "client_credentials"}
    assert sign_in.headers["Authorization"] == "Basic a2V5Omh1c2gtaHVzaA=="
    assert org.calls("limits")[0].headers["Authorization"] == "Bearer token-1"


def test_it_signs_in_with_a_jwt_that_the_apps_certificate_verifies(org, settings, tmp_path, answer):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    auth = JwtBearer(
        method="jwt_bearer", client_id="app", username="tandem@acme.com", private_key_file=tmp_path / "key.pem"
    )
    now = datetime.now(UTC)
    org.on("GET", LIMITS, answer({}))
    Client(settings.model_copy(update={"auth": auth}), lambda: now).limits()
    sent = org.calls("token")[0].body
    claims = jwt.decode(sent["assertion"], key.public_key(), ["RS256"], audience="https://login.salesforce.com")
    assert sent["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert (claims["iss"], claims["sub"]) == ("app", "tandem@acme.com")
    assert claims["exp"] == int((now + timedelta(seconds=180)).timestamp())


@pytest.mark.parametrize("content", [None, "no key at all"])
def test_a_key_that_cannot_be_used_is_named(settings, clock, tmp_path, content):
    path = tmp_path / "key.pem"
    if content:
        path.write_text(content)
    auth = JwtBearer(method="jwt_bearer", client_id="app", username="tandem@acme.com", private_key_file=path)
    with pytest.raises(BadInput, match=r"key\.pem"):
        Client(settings.model_copy(update={"auth": auth}), clock).limits()


def test_an_expired_token_is_renewed_once_and_the_call_repeated_with_its_headers(org, client, answer, refusal):
    path = "/services/data/v59.0/composite/sobjects"
    org.on("PATCH", path, refusal("INVALID_SESSION_ID", status=401), answer([{"success": True, "id": "1"}]))
    assert client.rest("PATCH", "composite/sobjects", {"records": []}, {"Sforce-Auto-Assign": "FALSE"})
    first, second = org.calls("composite")
    assert (first.headers["Authorization"], second.headers["Authorization"]) == ("Bearer token-1", "Bearer token-2")
    assert second.headers["Sforce-Auto-Assign"] == "FALSE"
    assert second.headers["Sforce-Call-Options"] == "client=tandem"
    assert second.body == {"records": []}


def test_a_token_that_is_refused_again_is_bad_credentials_and_no_endless_loop(org, client, refusal):
    org.on("GET", LIMITS, refusal("INVALID_SESSION_ID", "Session expired or invalid", 401))
    with pytest.raises(BadCredentials, match="even with a new token"):
        client.limits()
    assert (len(org.calls("limits")), len(org.calls("token"))) == (2, 2)


def test_a_refused_identity_call_renews_the_token_though_its_status_is_403(org, client, answer):
    org.on("GET", "/services/oauth2/userinfo", answer("Bad_OAuth_Token", 403), answer({"user_id": "005A"}))
    assert client.user() == "005A"


def test_a_refused_sign_in_says_what_oauth_said_and_hides_the_secret(org, client, answer, caplog):
    caplog.set_level(logging.DEBUG)
    org.on("POST", TOKEN, answer({"error": "invalid_client", "error_description": "invalid client credentials"}, 400))
    with pytest.raises(BadCredentials, match="invalid_client: invalid client credentials") as raised:
        client.limits()
    assert "hush" not in str(raised.value) + caplog.text


def test_no_token_gets_into_a_log(org, client, answer, caplog):
    caplog.set_level(logging.DEBUG)
    org.on("GET", LIMITS, answer({}))
    client.limits()
    assert "token-1" not in caplog.text
    assert "hush" not in caplog.text


def test_a_sign_in_at_a_busy_org_is_tried_later(org, client, answer):
    org.on("POST", TOKEN, answer("<html>maintenance</html>", 503, {"Retry-After": "30"}))
    with pytest.raises(RetryLater) as raised:
        client.limits()
    assert raised.value.after == 30


@pytest.mark.parametrize("status", [406, 420, 429, 500, 502, 503, 504])
def test_a_busy_org_is_asked_again_when_it_says(org, client, answer, status):
    org.on("GET", LIMITS, answer("busy", status, {"Retry-After": "7"}))
    with pytest.raises(RetryLater) as raised:
        client.limits()
    assert raised.value.after == 7


def test_too_many_requests_is_a_short_wait_whatever_the_code_says(org, client, refusal):
    org.on("GET", LIMITS, refusal("REQUEST_LIMIT_EXCEEDED", "Too many requests", 429, Retry_After="3"))
    with pytest.raises(RetryLater) as raised:
        client.limits()
    assert raised.value.after == 3


def test_a_retry_date_is_counted_from_the_orgs_own_clock(org, client, answer):
    headers = {"Retry-After": "Fri, 31 Jul 2099 22:21:00 GMT", "Date": "Fri, 31 Jul 2099 22:20:00 GMT"}
    org.on("GET", LIMITS, answer("busy", 503, headers))
    with pytest.raises(RetryLater) as raised:
        client.limits()
    assert raised.value.after == 60


@pytest.mark.parametrize("word", ["soon", ""])
def test_a_retry_word_that_says_no_time_leaves_the_wait_to_us(org, client, answer, word):
    org.on("GET", LIMITS, answer("busy", 503, {"Retry-After": word}))
    with pytest.raises(RetryLater) as raised:
        client.limits()
    assert raised.value.after is None


def test_a_locked_out_org_pauses_the_connection(org, client, refusal):
    org.on("GET", LIMITS, refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403))
    with pytest.raises(PauseConnection, match="TotalRequests Limit exceeded") as raised:
        client.limits()
    assert raised.value.after == 900


@pytest.mark.parametrize("fault", ["reset", "silence"])
def test_a_lost_or_silent_connection_is_tried_later(org, settings, clock, answer, fault):
    org.on("GET", LIMITS, answer(fault=fault))
    with pytest.raises(RetryLater, match="no answer from 127"):
        Client(settings.model_copy(update={"timeout_s": 0.2}), clock).limits()


def test_an_answer_that_is_no_json_is_tried_later(org, client, answer):
    org.on("GET", LIMITS, answer("<html>login</html>"))
    with pytest.raises(RetryLater, match="no JSON"):
        client.limits()


def test_a_refusal_that_nobody_has_classified_stops_instead_of_looping(org, client, refusal):
    org.on("GET", QUERY, refusal("MALFORMED_QUERY", "unexpected token: FROMM"))
    with pytest.raises(Mismatch, match="unexpected token: FROMM"):
        client.query("SELECT Id FROMM Account")


def test_usage_is_read_from_good_and_bad_answers(org, client, answer, refusal):
    bad = refusal("INVALID_FIELD", Sforce_Limit_Info="api-usage=45/1000")
    org.on("GET", LIMITS, answer({}, headers=usage(18)), bad)
    client.limits()
    assert client.usage == (18, 1000)
    with pytest.raises(Mismatch):
        client.limits()
    assert client.usage == (45, 1000)


def test_an_answer_that_says_nothing_of_usage_leaves_it_known(org, client, answer):
    org.on("GET", LIMITS, answer({}, headers=usage(18)))
    client.limits()
    client.user()
    assert client.usage == (18, 1000)


def test_the_reserve_is_never_touched_and_the_first_call_after_the_pause_looks_again(org, client, answer):
    org.on("GET", LIMITS, answer({}, headers=usage(900)), answer({}, headers=usage(100)))
    client.limits()
    with pytest.raises(PauseConnection, match=r"900 of its 1000 API calls in 24 hours; the last 10% are left"):
        client.limits()
    client.limits()
    assert len(org.calls("limits")) == 2


def test_the_user_is_asked_once(org, client):
    assert [client.user(), client.user()] == ["005000000000001AAA"] * 2
    assert len(org.calls("userinfo")) == 1


@pytest.mark.parametrize("given", ["005000000000009AAA", "005000000000009"])
def test_a_user_given_by_id_is_not_asked_for(org, settings, clock, given):
    assert Client(settings.model_copy(update={"integration_user": given}), clock).user() == given
    assert org.requests == []


def test_a_user_given_by_name_is_looked_up_with_its_quotes_escaped(org, settings, clock):
    org.on_query([{"Id": "005B"}], path="query")
    assert Client(settings.model_copy(update={"integration_user": "o'hara@acme.com"}), clock).user() == "005B"
    assert org.calls("query")[0].query["q"] == r"SELECT Id FROM User WHERE Username = 'o\'hara@acme.com'"


def test_a_user_that_does_not_exist_is_named(org, settings, clock):
    org.on_query([], path="query")
    with pytest.raises(BadInput, match="nobody@acme"):
        Client(settings.model_copy(update={"integration_user": "nobody@acme.com"}), clock).user()


def test_an_address_that_is_no_salesforce_is_named(org, client, answer):
    org.on("GET", "/services/data/", answer("<html>hello</html>"))
    with pytest.raises(BadInput, match="base_url"):
        client.versions()


def test_tls_that_cannot_be_trusted_is_no_reason_to_retry(org, clock):
    auth = {"method": "client_credentials", "client_id": "key", "client_secret": "hush"}
    settings = Settings(base_url=org.url.replace("http://", "https://"), auth=auth, timeout_s=2)
    with pytest.raises(BadInput, match="TLS"):
        Client(settings, clock).limits()
