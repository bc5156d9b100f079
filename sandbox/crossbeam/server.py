"""Puts an organization on a socket, and takes it off; it decides nothing that a request does."""

from __future__ import annotations

from aiohttp import web

from .http import build_app
from .network import Network


class Listener:
    """A listening server. `start` returns the base URL; port 0 takes a free one."""

    def __init__(self, network: Network) -> None:
        self.app = build_app(network)
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1)

    async def start(self, host: str, port: int) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()
