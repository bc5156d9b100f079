"""Runs the emulator inside a test: a background thread, a clock in the test's hand, the organization within reach."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from .acts import Acts
from .http import SERVER, deliver
from .network import Network, NetworkSettings
from .server import Listener

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
T = TypeVar("T")


def standing_still(**changes: Any) -> NetworkSettings:
    """Settings whose clock stands at 2026-11-22T10:00:00Z."""
    return replace(NetworkSettings(clock=lambda: START), **changes)


class Emulator:
    """A running emulator. `network` is its state: `network.clock.advance(60)`, `network.faults.arm([...])`."""

    def __init__(self, base_url: str, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        self.base_url, self._listener, self._loop = base_url, listener, loop

    @property
    def network(self) -> Network:
        """The organization in service; another one after a reset."""
        return self._listener.app[SERVER].network

    def call(self, function: Callable[[], T]) -> T:
        """Runs a function between two requests, so that it never meets one half done."""

        async def run() -> T:
            return function()

        return self._run(run())

    def act(self, name: str, *args: Any, **members: Any) -> Any:
        """What happens there; see `acts.py`."""
        return self.call(lambda: getattr(Acts(self.network), name)(*args, **members))

    def deliver(self, **options: Any) -> dict[str, Any]:
        """Send the webhooks that wait; returns when all are answered."""
        return self._run(deliver(self.network, options))

    def reset(self) -> None:
        """An organization without partners."""
        self.call(lambda: setattr(self._listener.app[SERVER], "network", Network(self.network.settings)))

    def _run(self, running: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(running, self._loop).result()


@contextmanager
def emulator(settings: NetworkSettings | None = None) -> Iterator[Emulator]:
    """A running emulator, stopped at the end. Without settings: `standing_still()`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="crossbeam-emulator", daemon=True)
    thread.start()
    listener = Listener(Network(settings or standing_still()))
    try:
        base_url = asyncio.run_coroutine_threadsafe(listener.start("127.0.0.1", 0), loop).result()
        yield Emulator(base_url, listener, loop)
    finally:
        asyncio.run_coroutine_threadsafe(listener.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
