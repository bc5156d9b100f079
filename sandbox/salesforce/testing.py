"""Runs the emulator inside a test: a background thread, a clock in the test's hand, the store within reach."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from sandbox.threaded import Threaded, threaded

from .http.wire import SERVER
from .org import Org, Settings
from .seeding import build
from .server import Listener

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
T = TypeVar("T")


class Emulator(Threaded[Listener]):
    """A running emulator. `org` is its state: `org.store`, `org.clock.advance(60)`, `org.faults.arm([...])`."""

    @property
    def pubsub_address(self) -> str:
        """`host:port` of the Pub/Sub API, without TLS."""
        return self._listener.pubsub_address

    @property
    def org(self) -> Org:
        """The org in service; another one after a reset."""
        return self._listener.app[SERVER].org

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


def emulator(settings: Settings | None = None) -> AbstractContextManager[Emulator]:
    """A running emulator, stopped at the end. Without settings its clock stands at 2026-11-22T10:00:00Z."""
    return threaded("salesforce", Listener(build(settings or Settings(clock=lambda: START))), Emulator)
