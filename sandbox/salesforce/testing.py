"""Runs the emulator inside a test: a background thread, a clock in the test's hand, the store within reach."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from .http.wire import SERVER
from .org import Org, Settings
from .seeding import build
from .server import Listener

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
T = TypeVar("T")


class Emulator:
    """A running emulator. `org` is its state: `org.store`, `org.clock.advance(60)`, `org.faults.arm([...])`."""

    def __init__(self, base_url: str, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        self.base_url, self._listener, self._loop = base_url, listener, loop

    @property
    def pubsub_address(self) -> str:
        """`host:port` of the Pub/Sub API, without TLS."""
        return self._listener.pubsub_address

    @property
    def org(self) -> Org:
        """The org in service; another one after a reset."""
        return self._listener.app[SERVER].org

    def call(self, function: Callable[[], T]) -> T:
        """Runs a function between two requests, so that it never meets one half done."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def token(self) -> str:
        """A fresh access token of the integration user."""
        app = self.org.settings.app
        form = {
            "grant_type": "client_credentials",
            "client_id": app.client_id,
            "client_secret": app.client_secret,
        }
        return str(self.call(lambda: self.org.auth.token(form, None, self.base_url))["access_token"])

    def session(self) -> requests.Session:
        """A requests session whose every https call to a Salesforce host arrives here, for clients that force https."""
        session = requests.Session()
        session.mount("https://", ToEmulator(self.base_url))
        return session


class ToEmulator(HTTPAdapter):
    """Sends a request to the emulator instead of the host of its URL; path, query, headers and body stay."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base = urlsplit(base_url)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        asked = urlsplit(str(request.url))
        request.url = urlunsplit((self._base.scheme, self._base.netloc, asked.path, asked.query, ""))
        return super().send(request, *args, **kwargs)


@contextmanager
def emulator(settings: Settings | None = None) -> Iterator[Emulator]:
    """A running emulator, stopped at the end. Without settings its clock stands at 2026-11-22T10:00:00Z."""
    org = build(settings or Settings(clock=lambda: START))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="salesforce-emulator", daemon=True)
    thread.start()
    listener = Listener(org)
    try:
        base_url = asyncio.run_coroutine_threadsafe(listener.start("127.0.0.1", 0), loop).result()
        yield Emulator(base_url, listener, loop)
    finally:
        asyncio.run_coroutine_threadsafe(listener.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
