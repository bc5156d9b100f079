"""Runs an emulator inside a test, in a background thread with an event loop of its own; it knows no platform."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from .running import Listening

L = TypeVar("L", bound=Listening)
E = TypeVar("E")
T = TypeVar("T")


class Threaded(Generic[L]):
    """A running emulator. Code that reaches into its state while requests run goes through `call`."""

    def __init__(self, base_url: str, listener: L, loop: asyncio.AbstractEventLoop) -> None:
        self.base_url, self._listener, self._loop = base_url, listener, loop

    def call(self, function: Callable[[], T]) -> T:
        """Runs a function between two requests, so that it never meets one half done."""

        async def run() -> T:
            return function()

        return self._run(run())

    def _run(self, running: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(running, self._loop).result()


@contextmanager
def threaded(name: str, listener: L, emulator: Callable[[str, L, asyncio.AbstractEventLoop], E]) -> Iterator[E]:
    """A started server as its emulator, stopped at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=f"{name}-emulator", daemon=True)
    thread.start()
    try:
        base_url = asyncio.run_coroutine_threadsafe(listener.start("127.0.0.1", 0), loop).result()
        yield emulator(base_url, listener, loop)
    finally:
        asyncio.run_coroutine_threadsafe(listener.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
