"""Tokens: who gets one, in which words it is refused, and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.salesforce.auth import JWT_GRANT, ConnectedApp
from sandbox.salesforce.testing import START, Emulator, emulator

from .conftest import Api, settings

APP = ConnectedApp()


def ask(running: Emulator, **form: str) -> requests.Response:
    return requests.post(f"{running.base_url}/services/oauth2/token", data=form, timeout=10)


def test_client_credentials_give_a_bearer_token_for_the_run_as_user(salesforce: Emulator) -> None:
    given = ask(
        salesforce, grant_type="client_credentials", client_id=APP.client_id, client_secret=APP.client_secret
    ).json()
    assert given["token_type"] == "Bearer"
    assert given["instance_url"] == salesforce.base_url
    who = requests.get(
        f"{salesforce.base_url}/services/oauth2/userinfo",
        headers={"Authorization": f"Bearer {given['access_token']}"},
        timeout=10,
    ).json()
    assert who["preferred_username"] == APP.run_as
    assert given["id"].endswith(who["user_id"])


@pytest.mark.parametrize(
    ("form", "error", "description"),
    [
        ({"client_id": "who", "client_secret": "x"}, "invalid_client_id", "client identifier invalid"),
        ({"client_id": APP.client_id, "client_secret": "x"}, "invalid_client", "invalid client credentials"),
        ({"grant_type": "password"}, "unsupported_grant_type", "grant type not supported"),
    ],
)
def test_a_wrong_request_is_refused_with_a_dict_and_not_with_a_list(
    salesforce: Emulator, form: dict[str, str], error: str, description: str
) -> None:
    refused = ask(salesforce, **{"grant_type": "client_credentials", **form})
    assert refused.status_code == 400
    assert refused.json() == {"error": error, "error_description": description}


def test_a_missing_run_as_user_is_refused() -> None:
    with emulator(settings()) as running:
        running.call(lambda: running.org.store.put(*_deactivated(running)))
        refused = ask(
            running, grant_type="client_credentials", client_id=APP.client_id, client_secret=APP.client_secret
        )
        assert refused.json()["error_description"] == "no client credentials user enabled"


def _deactivated(running: Emulator) -> Any:
    org = running.org
    row = org.store.get("User", org.integration_id)
    assert row is not None
    return "User", {**row, "IsActive": False}, org.store.writes(org.integration_id)[0]


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    """(private PEM, public PEM)."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return secret.decode(), public.decode()


def claims(**changes: Any) -> dict[str, Any]:
    expires = int(START.timestamp()) + 180
    return {"iss": APP.client_id, "sub": APP.run_as, "aud": "https://login.salesforce.com", "exp": expires, **changes}


def test_a_jwt_signed_with_the_registered_key_gives_a_token(keys: tuple[str, str]) -> None:
    with emulator(settings(app=ConnectedApp(jwt_key=keys[1]))) as running:
        given = ask(running, grant_type=JWT_GRANT, assertion=jwt.encode(claims(), keys[0], "RS256"))
        assert given.status_code == 200, given.text
        assert given.json()["access_token"].startswith("00D")


@pytest.mark.parametrize(
    ("spoil", "description"),
    [
        (lambda given: {**given, "aud": "https://elsewhere.example"}, "audience is invalid"),
        (lambda given: {**given, "exp": int(START.timestamp()) - 1}, "expired assertion"),
        (lambda given: {**given, "sub": "nobody@example.com"}, "user hasn't approved this consumer"),
        (lambda given: {**given, "iss": "who"}, "client identifier invalid"),
    ],
)
def test_a_jwt_with_a_wrong_claim_is_refused(
    keys: tuple[str, str], spoil: Callable[[dict[str, Any]], dict[str, Any]], description: str
) -> None:
    with emulator(settings(app=ConnectedApp(jwt_key=keys[1]))) as running:
        refused = ask(running, grant_type=JWT_GRANT, assertion=jwt.encode(spoil(claims()), keys[0], "RS256"))
        assert refused.status_code == 400
        assert refused.json()["error_description"] == description


def test_a_jwt_signed_with_another_key_is_refused(keys: tuple[str, str]) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with emulator(settings(app=ConnectedApp(jwt_key=keys[1]))) as running:
        refused = ask(running, grant_type=JWT_GRANT, assertion=jwt.encode(claims(), stranger, "RS256"))
        assert refused.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}


def test_a_wrong_token_is_refused_with_the_words_that_clients_wait_for(api: Api) -> None:
    refused = api("GET", "limits", headers={"Authorization": "Bearer wrong"})
    assert refused.status_code == 401
    assert refused.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_a_token_ends_after_its_time() -> None:
    with emulator(settings(app=ConnectedApp(token_ttl=60))) as running:
        api = Api(running)
        running.org.clock.advance(59)
        assert api("GET", "limits").status_code == 200
        running.org.clock.advance(1)
        assert api.refusal("GET", "limits")[:2] == (401, "INVALID_SESSION_ID")


def test_a_token_ends_after_its_number_of_calls() -> None:
    with emulator(settings(app=ConnectedApp(token_calls=2))) as running:
        api = Api(running)
        assert [api("GET", "limits").status_code for _ in range(3)] == [200, 200, 401]
