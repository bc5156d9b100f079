"""Runs the emulator inside a test: a background thread, a clock in the test's hand, the account within reach."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from .account import Account, AccountSettings
from .acts import Acts
from .http.wire import SERVER
from .server import Listener

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
T = TypeVar("T")


def standing_still(**changes: Any) -> AccountSettings:
    """Settings whose clock stands at 2026-11-22T10:00:00Z and, as no minute would ever pass, without a limit."""
    return replace(AccountSettings(clock=lambda: START, per_minute=None), **changes)


class Emulator:
    """A running emulator. `account` is its state: `account.clock.advance(60)`, `account.faults.arm([...])`."""

    def __init__(self, base_url: str, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        self.base_url, self._listener, self._loop = base_url, listener, loop

    @property
    def account(self) -> Account:
        """The account in service; another one after a reset."""
        return self._listener.app[SERVER].account

    def call(self, function: Callable[[], T]) -> T:
        """Runs a function between two requests, so that it never meets one half done."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def act(self, name: str, *arguments: Any, **named: Any) -> Any:
        """What people do by hand; see `acts`."""
        return self.call(lambda: getattr(Acts(self.account), name)(*arguments, **named))

    def advance(self, seconds: float) -> None:
        self.call(lambda: self.account.clock.advance(seconds))

    def reset(self) -> None:
        """An empty account with the same settings."""
        server = self._listener.app[SERVER]
        self.call(lambda: setattr(server, "account", Account(server.account.settings)))


@contextmanager
def emulator(settings: AccountSettings | None = None) -> Iterator[Emulator]:
    """A running emulator, stopped at the end. Without settings: `standing_still()`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="partnerstack-emulator", daemon=True)
    thread.start()
    listener = Listener(Account(settings or standing_still()))
    try:
        base_url = asyncio.run_coroutine_threadsafe(listener.start("127.0.0.1", 0), loop).result()
        yield Emulator(base_url, listener, loop)
    finally:
        asyncio.run_coroutine_threadsafe(listener.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
