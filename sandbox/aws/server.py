"""Puts an emulated AWS on a socket with moto's server beside it, and takes both off; it decides nothing that a request does."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web

from .messaging import Messaging, Places, prepare
from .platform import Platform
from .wire.app import build_app
from .wire.state import SERVER

_PARSER_LIMIT = 64 * 1024


class Listener:
    """A listening server. `start` returns the base URL, which answers for every service; port 0 takes a free one."""

    def __init__(self, platform: Platform, verbose: bool = False) -> None:
        settings = platform.settings
        self.messaging = Messaging(settings.account, settings.region)
        self.app = build_app(platform, self.messaging, verbose)
        self._ticker: asyncio.Task[None] | None = None  # None before the start, and where time does not pass by itself
        self._runner = web.AppRunner(
            self.app, access_log=None, shutdown_timeout=0.1, max_line_size=_PARSER_LIMIT, max_field_size=_PARSER_LIMIT
        )

    @property
    def places(self) -> Places:
        """Queue, dead-letter queue and topic; after `start`."""
        places = self.app[SERVER].places
        assert places is not None
        return places

    async def start(self, host: str, port: int) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        server = self.app[SERVER]
        server.base_url = f"http://{host}:{self._runner.addresses[0][1]}"
        settings = server.platform.settings
        server.places = await asyncio.to_thread(
            prepare, self.messaging.url, settings.account, settings.region, server.base_url
        )
        server.platform.bus.deliver = self.messaging.deliver
        if settings.ticks_every is not None:
            self._ticker = asyncio.create_task(self._tick(settings.ticks_every))
        return server.base_url

    async def stop(self) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticker
        await self._runner.cleanup()
        await asyncio.to_thread(self.messaging.stop)

    async def _tick(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self.app[SERVER].platform.tick()
