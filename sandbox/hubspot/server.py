"""Puts a portal on a socket, and takes it off; it decides nothing that a request does."""

from __future__ import annotations

from aiohttp import web

from .http.app import build_app
from .http.wire import SERVER
from .portal import Portal

# Longer than the platform allows, so that the 414 is ours and not the parser's 400.
_PARSER_LIMIT = 128 * 1024


class Listener:
    """A listening server. `start` returns the base URL; port 0 takes a free one."""

    def __init__(self, portal: Portal, verbose: bool = False) -> None:
        self.app = build_app(portal, verbose)
        self._runner = web.AppRunner(
            self.app, access_log=None, shutdown_timeout=0.1, max_line_size=_PARSER_LIMIT, max_field_size=_PARSER_LIMIT
        )

    async def start(self, host: str, port: int) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        address = self._runner.addresses[0]
        base_url = f"http://{host}:{address[1]}"
        self.app[SERVER].base_url = base_url
        return base_url

    async def stop(self) -> None:
        await self._runner.cleanup()
