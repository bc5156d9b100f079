"""Runs the emulator inside a test: a background thread, a clock in the test's hand, the site within reach."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from .faults import SiteFault
from .seeding import build
from .server import Listener
from .settings import SiteSettings
from .site import Site
from .wire import SERVER

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
T = TypeVar("T")


def standing_still(**changes: Any) -> SiteSettings:
    """Settings whose clock stands at 2026-11-22T10:00:00Z."""
    return replace(SiteSettings(clock=lambda: START), **changes)


class Emulator:
    """A running emulator. Code that reaches into `site` while requests run goes through `call`."""

    def __init__(self, base_url: str, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        self.base_url, self._listener, self._loop = base_url, listener, loop

    @property
    def site(self) -> Site:
        """The site in service; another one after a reset."""
        return self._listener.app[SERVER].site

    @property
    def token(self) -> str:
        return self.site.settings.token

    def call(self, function: Callable[[], T]) -> T:
        """Runs a function between two requests, so that it never meets one half done."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def advance(self, seconds: float) -> None:
        self.site.shift += timedelta(seconds=seconds)

    def arm(self, *rules: SiteFault) -> None:
        self.call(lambda: self.site.faults.arm(rules))

    def replace(self, make: Callable[[SiteSettings], Site], **changes: Any) -> None:
        """Another site at the same address."""
        self._listener.app[SERVER].site = make(replace(self.site.settings, **changes))

    def allow(self, **changes: Sequence[str]) -> None:
        """Other `functions`, `capabilities` or whatever else the settings say, for the site as it is."""
        self.site.settings = replace(self.site.settings, **changes)  # type: ignore[arg-type]


@contextmanager
def emulator(settings: SiteSettings | None = None) -> Iterator[Emulator]:
    """A running emulator, stopped at the end. Without settings: `standing_still()`."""
    site = build(settings or standing_still())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="moodle-emulator", daemon=True)
    thread.start()
    listener = Listener(site)
    try:
        base_url = asyncio.run_coroutine_threadsafe(listener.start("127.0.0.1", 0), loop).result()
        yield Emulator(base_url, listener, loop)
    finally:
        asyncio.run_coroutine_threadsafe(listener.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
