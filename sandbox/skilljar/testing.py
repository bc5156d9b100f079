"""Runs the emulator inside a test: a background thread, a clock in the test's hand, the organization within reach."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from .academy import Academy
from .faults import AcademyFault
from .seeding import build
from .server import Listener
from .settings import AcademySettings
from .wire import SERVER

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
T = TypeVar("T")


def standing_still(**changes: Any) -> AcademySettings:
    """Settings whose clock stands at 2026-11-22T10:00:00Z and, as no minute would ever pass, without limits."""
    return replace(AcademySettings(clock=lambda: START, per_minute=None, per_hour=None), **changes)


class Emulator:
    """A running emulator. Code that reaches into `academy` while requests run goes through `call`."""

    def __init__(self, base_url: str, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        self.base_url, self._listener, self._loop = base_url, listener, loop

    @property
    def academy(self) -> Academy:
        """The organization in service; another one after a reset."""
        return self._listener.app[SERVER].academy

    def call(self, function: Callable[[], T]) -> T:
        """Runs a function between two requests, so that it never meets one half done."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def advance(self, seconds: float) -> None:
        self.academy.shift += timedelta(seconds=seconds)

    def arm(self, *rules: AcademyFault) -> None:
        self.call(lambda: self.academy.faults.arm(rules))

    def replace(self, make: Callable[[AcademySettings], Academy], **changes: Any) -> None:
        """Another organization at the same address."""
        self._listener.app[SERVER].academy = make(replace(self.academy.settings, **changes))

    def allow(self, **changes: Any) -> None:
        """Other `scopes` or whatever else the settings say, for the organization as it is."""
        self.academy.settings = replace(self.academy.settings, **changes)


@contextmanager
def emulator(settings: AcademySettings | None = None) -> Iterator[Emulator]:
    """A running emulator, stopped at the end. Without settings: `standing_still()`."""
    academy = build(settings or standing_still())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="skilljar-emulator", daemon=True)
    thread.start()
    listener = Listener(academy)
    try:
        base_url = asyncio.run_coroutine_threadsafe(listener.start("127.0.0.1", 0), loop).result()
        yield Emulator(base_url, listener, loop)
    finally:
        asyncio.run_coroutine_threadsafe(listener.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
