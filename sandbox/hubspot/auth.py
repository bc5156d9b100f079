"""Private-app tokens and OAuth tokens with their scopes and lives; it knows no HTTP."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import times
from .errors import HubSpotError, missing_scopes
from .limits import Kind

TOKEN_LIFE = timedelta(seconds=1800)
JOURNAL_SCOPES = tuple(f"developer.webhooks_journal.{one}" for one in (
    "read", "subscriptions.read", "subscriptions.write", "snapshots.read", "snapshots.write",
))  # fmt: skip
CRM_SCOPES = (
    "oauth", "crm.objects.owners.read",
    *(f"crm.{area}.{kind}.{right}" for area in ("objects", "schemas")
      for kind in ("contacts", "companies", "deals", "leads", "custom") for right in ("read", "write")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class App:
    """One app of the portal. `token` is its private-app token, `refresh_token` that of its OAuth installation."""

    app_id: int = 18221010
    token: str = "pat-na1-sandbox"  # noqa: S105 - made-up secrets of a made-up portal
    client_id: str = "tandem-sandbox"
    client_secret: str = "sandbox-secret"  # noqa: S105
    refresh_token: str = "na1-sandbox-refresh"  # noqa: S105
    scopes: tuple[str, ...] = CRM_SCOPES


@dataclass(frozen=True, slots=True)
class Session:
    """Behind one token. `expires` is None for a private-app token, which lives until it is rotated."""

    kind: Kind
    scopes: frozenset[str]
    expires: datetime | None


class OAuthError(Exception):
    """A refusal of the token endpoint, whose body has its own shape."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Auth:
    """Issues and checks tokens."""

    def __init__(self, app: App, portal_id: int, clock: times.Clock, seed: int) -> None:
        self._app, self._portal_id, self._clock = app, portal_id, clock
        self._random = random.Random(f"{seed}:tokens")
        self._sessions = {app.token: Session("private", frozenset(app.scopes), None)}

    def token(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The token endpoint's answer for refresh_token and client_credentials; raises OAuthError."""
        if form.get("client_id") != self._app.client_id:
            raise OAuthError("BAD_CLIENT_ID", "missing or unknown client id")
        if form.get("client_secret") != self._app.client_secret:
            raise OAuthError("BAD_CLIENT_SECRET", "missing or invalid client secret")
        grant = form.get("grant_type")
        if grant == "refresh_token":
            return self._refreshed(form.get("refresh_token"))
        if grant == "client_credentials":
            return self._client(form.get("scope", "").split())
        raise OAuthError("BAD_GRANT_TYPE", "missing or unknown grant type")

    def check(self, authorization: str | None) -> Session:
        """The session of a request; raises 401 with the category that tells unknown from expired."""
        scheme, _, token = (authorization or "").partition(" ")
        session = self._sessions.get(token.strip())
        if scheme.lower() != "bearer" or session is None:
            words = "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"  # noqa: E501
            raise HubSpotError(401, words, "INVALID_AUTHENTICATION")
        if session.expires is not None and session.expires <= self._clock():
            ago = int((self._clock() - session.expires).total_seconds())
            words = f"The OAuth token used to make this call expired {ago} second(s) ago."
            context = {"expire time": [times.iso(session.expires)]}
            raise HubSpotError(401, words, "EXPIRED_AUTHENTICATION", context=context)
        return session

    def expire_all(self) -> int:
        """Ends the life of every OAuth token; a private-app token has none. Returns how many ended."""
        living = [token for token, one in self._sessions.items() if one.expires is not None]
        for token in living:
            self.expire(f"Bearer {token}")
        return len(living)

    def expire(self, authorization: str | None) -> None:
        token = (authorization or "").partition(" ")[2].strip()
        session = self._sessions.get(token)
        if session is not None and session.expires is not None:
            self._sessions[token] = Session(session.kind, session.scopes, self._clock())

    def _refreshed(self, refresh_token: str | None) -> dict[str, Any]:
        if refresh_token != self._app.refresh_token:
            raise OAuthError("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        body = self._issue("oauth", self._app.scopes)
        return {**body, "refresh_token": refresh_token, "hub_id": self._portal_id, "scopes": list(self._app.scopes)}

    def _client(self, scopes: Sequence[str]) -> dict[str, Any]:
        unknown = [one for one in scopes if one not in JOURNAL_SCOPES and one not in self._app.scopes]
        if unknown or not scopes:
            raise OAuthError("BAD_SCOPE", f"unknown or missing scopes: {' '.join(unknown)}".strip())
        # Such a token acts for no user: of the scopes asked for, only those of the journal are usable.
        return {
            **self._issue("client", [one for one in scopes if one in JOURNAL_SCOPES]),
            "token_use": "client_credentials",
        }

    def _issue(self, kind: Kind, scopes: Sequence[str]) -> dict[str, Any]:
        token = f"C{self._random.getrandbits(256):064x}"
        self._sessions[token] = Session(kind, frozenset(scopes), times.to_milli(self._clock()) + TOKEN_LIFE)
        return {"token_type": "bearer", "access_token": token, "expires_in": int(TOKEN_LIFE.total_seconds())}


def require(session: Session, *scopes: str) -> None:
    """403 unless the token has one of the scopes."""
    if not session.scopes & set(scopes):
        raise missing_scopes(scopes)
