"""Puts a site on a socket, and takes it off; it decides nothing that a request does."""

from __future__ import annotations

from aiohttp import web

from .http import build_app
from .site import Site
from .wire import SERVER


class Listener:
    """A listening server. `start` returns the base URL; port 0 takes a free one."""

    def __init__(self, site: Site, verbose: bool = False) -> None:
        self.app = build_app(site, verbose)
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1)

    async def start(self, host: str, port: int) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        base_url = f"http://{host}:{self._runner.addresses[0][1]}"
        self.app[SERVER].base_url = base_url
        return base_url

    async def stop(self) -> None:
        await self._runner.cleanup()
