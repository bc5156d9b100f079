"""Puts an emulated AWS on a socket with moto's server beside it, and takes both off; it decides nothing that a request does."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from sandbox.running import Listening

from .messaging import Messaging, Places, prepare
from .platform import Platform
from .settings import FULL, NARROW
from .wire.app import build_app
from .wire.state import SERVER

_PARSER_LIMIT = 64 * 1024


class Listener(Listening):
    """A listening server. `start` returns the base URL, which answers for every service; port 0 takes a free one."""

    def __init__(self, platform: Platform, verbose: bool = False) -> None:
        settings = platform.settings
        self.messaging = Messaging(settings.account, settings.region)
        super().__init__(build_app(platform, self.messaging, verbose), _PARSER_LIMIT)
        self._ticker: asyncio.Task[None] | None = None  # None before the start, and where time does not pass by itself

    @property
    def places(self) -> Places:
        """Queue, dead-letter queue and topic; after `start`."""
        places = self.app[SERVER].places
        assert places is not None
        return places

    async def start(self, host: str, port: int) -> str:
        server = self.app[SERVER]
        server.base_url = await super().start(host, port)
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
        await super().stop()
        await asyncio.to_thread(self.messaging.stop)

    def ready(self) -> dict[str, Any]:
        server, places = self.app[SERVER], self.places
        settings = server.platform.settings
        return {
            "sqs_endpoint": server.base_url, "moto_url": self.messaging.url,
            "marketplace_queue": places.marketplace_url, "partner_central_queue": places.partner_central_url,
            "dead_queues": places.dead_urls, "topic_arn": places.topic_arn,
            "account": settings.account, "region": settings.region,
            "access_key": FULL.access, "secret_key": FULL.secret,
            "narrow_access_key": NARROW.access, "narrow_secret_key": NARROW.secret,
        }  # fmt: skip

    async def _tick(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self.app[SERVER].platform.tick()
