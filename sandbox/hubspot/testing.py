"""Runs the emulator inside a test: a background thread, a clock in the test's hand, the portal within reach."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sandbox.threaded import Threaded, threaded

from .auth import JOURNAL_SCOPES
from .http.wire import SERVER
from .portal import Portal, PortalSettings
from .seeding import build
from .server import Listener

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
T = TypeVar("T")


def standing_still(**changes: Any) -> PortalSettings:
    """Settings whose clock stands at 2026-11-22T10:00:00Z and, as no window would ever pass, without limits."""
    free = PortalSettings(
        clock=lambda: START, private_burst=None, oauth_burst=None, daily_limit=None, search_per_second=None,
        journal_per_second=None,
    )  # fmt: skip
    return replace(free, **changes)


class Emulator(Threaded[Listener]):
    """A running emulator. `portal` is its state: `portal.store`, `portal.clock.advance(60)`, `portal.faults.arm([...])`."""

    @property
    def portal(self) -> Portal:
        """The portal in service; another one after a reset."""
        return self._listener.app[SERVER].portal

    @property
    def token(self) -> str:
        """The private-app token."""
        return self.portal.settings.app.token

    def journal_token(self) -> str:
        """A fresh client-credentials token with every scope of the journal."""
        return self._grant({"grant_type": "client_credentials", "scope": " ".join(JOURNAL_SCOPES)})

    def oauth_token(self) -> str:
        """A fresh access token of the OAuth installation, good for half an hour."""
        return self._grant({"grant_type": "refresh_token", "refresh_token": self.portal.settings.app.refresh_token})

    def _grant(self, form: dict[str, str]) -> str:
        app = self.portal.settings.app
        full = {"client_id": app.client_id, "client_secret": app.client_secret, **form}
        return str(self.call(lambda: self.portal.auth.token(full))["access_token"])


def emulator(settings: PortalSettings | None = None) -> AbstractContextManager[Emulator]:
    """A running emulator, stopped at the end. Without settings: `standing_still()`."""
    return threaded("hubspot", Listener(build(settings or standing_still())), Emulator)
