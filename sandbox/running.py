"""Runs an emulator as a process: its socket, one ready line, a clean stop on SIGTERM; it knows no platform."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web


class Listening:
    """A listening server. `start` returns the base URL; port 0 takes a free one.

    `longest`: bytes of a request line or a header until the parser refuses it with a 400; None: its own bound.
    """

    def __init__(self, app: web.Application, longest: int | None = None) -> None:
        self.app = app
        limits: dict[str, Any] = {} if longest is None else {"max_line_size": longest, "max_field_size": longest}
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, **limits)

    async def start(self, host: str, port: int) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    def ready(self) -> dict[str, Any]:
        """What the ready line says besides the base URL."""
        return {}


def parser(name: str, description: str, epilog: str) -> argparse.ArgumentParser:
    """A command line with `--host` and `--port`, for the options of the platform."""
    made = argparse.ArgumentParser(
        prog=f"python -m sandbox.{name}",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    made.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one (default)")
    return made


def run(
    name: str,
    options: argparse.Namespace,
    prepare: Callable[[], Callable[[], Listening]],
    *refusals: type[Exception],
) -> int:
    """0 after a stop by signal, 2 for a file or option that cannot be used: what `prepare` raises of `refusals`.

    `prepare` reads what the options name and returns what makes the server, which is made inside the event loop.
    """
    try:
        make = prepare()
    except refusals as refused:
        print(f"sandbox.{name}: {refused}", file=sys.stderr)
        return 2
    asyncio.run(_serve(make, options.host, options.port))
    return 0


async def _serve(make: Callable[[], Listening], host: str, port: int) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stopped.set)
    listener = make()
    base_url = await listener.start(host, port)
    print(orjson.dumps({"ready": True, "base_url": base_url, **listener.ready()}).decode(), flush=True)
    await stopped.wait()
    await listener.stop()
