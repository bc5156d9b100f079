"""Runs the emulator inside a test: a background thread, a clock in the test's hand, the portal within reach."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

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


class Emulator:
    """A running emulator. `portal` is its state: `portal.store`, `portal.clock.advance(60)`, `portal.faults.arm([...])`."""

    def __init__(self, base_url: str, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        self.base_url, self._listener, self._loop = base_url, listener, loop

    @property
    def portal(self) -> Portal:
        """The portal in service; another one after a reset."""
        return self._listener.app[SERVER].portal

    @property
    def token(self) -> str:
        """The private-app token."""
        return self.portal.settings.app.token

    def call(self, function: Callable[[], T]) -> T:
        """Runs a function between two requests, so that it never meets one half done."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

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


@contextmanager
def emulator(settings: PortalSettings | None = None) -> Iterator[Emulator]:
    """A running emulator, stopped at the end. Without settings: `standing_still()`."""
    portal = build(settings or standing_still())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="hubspot-emulator", daemon=True)
    thread.start()
    listener = Listener(portal)
    try:
        base_url = asyncio.run_coroutine_threadsafe(listener.start("127.0.0.1", 0), loop).result()
        yield Emulator(base_url, listener, loop)
    finally:
        asyncio.run_coroutine_threadsafe(listener.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
