"""OAuth 2 tokens by client credentials or by a signed JWT, and the sessions behind them; it knows no HTTP."""

from __future__ import annotations

import base64
import binascii
import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from .errors import OAuthError, invalid_session
from .times import Clock

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LOGIN_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """What an admin sets up. `run_as` is a Username; `jwt_key` the PEM of a public key or certificate.

    A token is good for `token_ttl` seconds and for `token_calls` calls; None means without end.
    """

    client_id: str = "tandem-sandbox"
    client_secret: str = "sandbox-secret"  # noqa: S105 - a made-up secret of a made-up org
    run_as: str = "integration@tandem.example"
    jwt_key: str | None = None
    audiences: tuple[str, ...] = ()
    token_ttl: float | None = None
    token_calls: int | None = None


@dataclass(slots=True)
class Session:
    user_id: str
    issued_at: datetime
    calls: int = 0


class Auth:
    """Issues and checks tokens. `find_user(username)` gives the id of an active user, or None."""

    def __init__(
        self, app: ConnectedApp, org_id: str, find_user: Callable[[str], str | None], clock: Clock, rng: random.Random
    ) -> None:
        self._app, self._org_id, self._find_user = app, org_id, find_user
        self._clock, self._random = clock, rng
        self._sessions: dict[str, Session] = {}

    def token(self, form: Mapping[str, str], authorization: str | None, base_url: str) -> dict[str, Any]:
        """The token endpoint's answer; raises OAuthError."""
        grant = form.get("grant_type")
        if grant == "client_credentials":
            user_id = self._by_secret(form, authorization)
        elif grant == JWT_GRANT:
            user_id = self._by_jwt(form.get("assertion", ""), base_url)
        else:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        return self._issue(user_id, base_url)

    def check(self, authorization: str | None) -> Session:
        """The session of a request; counts the call. Raises INVALID_SESSION_ID (401)."""
        scheme, _, token = (authorization or "").partition(" ")
        session = self._sessions.get(token.strip())
        if scheme.lower() not in ("bearer", "oauth") or session is None:
            raise invalid_session()
        age = (self._clock() - session.issued_at).total_seconds()
        expired = self._app.token_ttl is not None and age >= self._app.token_ttl
        if expired or session.calls == self._app.token_calls:
            del self._sessions[token.strip()]
            raise invalid_session()
        session.calls += 1
        return session

    def alive(self, token: str) -> bool:
        """Whether a token that a stream was opened with is still good; counts no call."""
        session = self._sessions.get(token)
        if session is None:
            return False
        age = (self._clock() - session.issued_at).total_seconds()
        return self._app.token_ttl is None or age < self._app.token_ttl

    def expire_all(self) -> int:
        """Revokes every token; returns how many there were."""
        count = len(self._sessions)
        self._sessions.clear()
        return count

    def expire(self, authorization: str | None) -> None:
        self._sessions.pop((authorization or "").partition(" ")[2].strip(), None)

    def _by_secret(self, form: Mapping[str, str], authorization: str | None) -> str:
        client_id, secret = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        if client_id != self._app.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if secret != self._app.client_secret:
            raise OAuthError("invalid_client", "invalid client credentials")
        user_id = self._find_user(self._app.run_as)
        if user_id is None:
            raise OAuthError("invalid_grant", "no client credentials user enabled")
        return user_id

    def _by_jwt(self, assertion: str, base_url: str) -> str:
        claims = self._claims(assertion)
        if claims.get("iss") != self._app.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if claims.get("aud") not in (*LOGIN_AUDIENCES, *self._app.audiences, base_url):
            raise OAuthError("invalid_grant", "audience is invalid")
        try:
            expires = float(claims.get("exp", ""))  # simple-salesforce sends it as text, and is served
        except (TypeError, ValueError):
            raise OAuthError("invalid_grant", "invalid assertion") from None
        if expires <= self._clock().timestamp():
            raise OAuthError("invalid_grant", "expired assertion")
        user_id = self._find_user(str(claims.get("sub", "")))
        if user_id is None:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")
        return user_id

    def _claims(self, assertion: str) -> dict[str, Any]:
        """The claims of a JWT whose RS256 signature the registered key confirms."""
        if self._app.jwt_key is None:
            raise OAuthError("invalid_client", "no certificate is registered for this app")
        unchecked = {"verify_exp": False, "verify_aud": False, "verify_sub": False, "verify_iat": False}
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion, _public_key(self._app.jwt_key), algorithms=["RS256"], options=unchecked  # type: ignore[arg-type]
            )  # fmt: skip
        except jwt.InvalidTokenError:
            raise OAuthError("invalid_grant", "invalid assertion") from None
        return claims

    def _issue(self, user_id: str, base_url: str) -> dict[str, Any]:
        now = self._clock()
        token = f"{self._org_id[:15]}!{self._random.getrandbits(384):096x}"
        self._sessions[token] = Session(user_id, now)
        issued = str(int(now.timestamp() * 1000))
        identity = f"{base_url}/id/{self._org_id}/{user_id}"
        digest = hashlib.sha256((identity + issued).encode()).digest()
        return {
            "access_token": token,
            "signature": base64.b64encode(digest).decode(),
            "scope": "api",
            "instance_url": base_url,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued,
        }


def _basic(authorization: str | None) -> tuple[str, str] | None:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client", "invalid client credentials") from None
    return client_id, secret


def _public_key(pem: str) -> Any:
    raw = pem.encode()
    return load_pem_x509_certificate(raw).public_key() if b"CERTIFICATE" in raw else load_pem_public_key(raw)
